"""CAP messages are valid and say what the alert says, whatever its names hold; hostile ones are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from foreshock.clock import NS_PER_S, StepClock
from foreshock.config import settings_from
from foreshock.deliver.cap import NAMESPACE, SITES_TOLD, CapSettings, cap_bytes, cap_time
from foreshock.deliver.cap_reader import MOST_BYTES, checked_cap, read_cap
from foreshock.deliver.issue import Chain, Draft, issue
from foreshock.deliver.lines import line, read_lines
from foreshock.deliver.quakeml import quakeml_bytes
from foreshock.deliver.words import code, plain
from foreshock.errors import ConfigError, FormatError
from foreshock.types.alert import CERTAINTIES, SEVERITIES, URGENCIES, Alert, Area, SiteForecast
from foreshock.types.authority import Rehearsal

CAP = CapSettings(sender="eew@example.org", sender_name="Example EEW", languages=("en", "zh-CN"))
Alerts = Callable[..., list[Alert]]


def test_a_message_says_what_the_alert_says(alerts: Alerts) -> None:
    first, second = alerts(2, by=None)
    read = read_cap(cap_bytes(second, CAP))
    assert (read.identifier, read.sender, read.message_type) == (second.message_id, "eew@example.org", "Update")
    assert (read.status, read.scope, read.language) == ("Test", "Public", "en")
    assert read.sent_ns == second.issued_at_ns - second.issued_at_ns % NS_PER_S
    assert read.references == (("eew@example.org", first.message_id, first.issued_at_ns),)
    assert (read.severity, read.urgency, read.certainty) == ("Severe", "Immediate", "Likely")
    assert read.expires_ns == second.expires_at_ns
    assert read.circles == ((15.9, -96.0, 150.0),)
    told = dict(read.parameters)
    assert (told["epicentre"], told["depthKm"], told["magnitudeQ50"]) == ("15.9000,-96.0000", "22.6", "7.40")
    assert (told["eventId"], told["version"], told["sitesLeftOut"]) == ("ev/1", "2", "0")
    assert '"name":"Oaxaca de Juárez"' in told["site"]
    assert read.headline == "TEST. Earthquake of about magnitude 7.4 at 15.90°N 96.00°W: shaking is expected"


def test_a_cancellation_withdraws_in_every_language(alerts: Alerts) -> None:
    root = checked_cap(cap_bytes(alerts(3, cancel=True)[-1], CAP))
    said = [found.text for found in root.iter(f"{{{NAMESPACE}}}headline")]
    assert said == [
        "TEST. Withdrawn: the alert of an earthquake at 15.90°N 96.00°W",
        "【测试】撤销：15.90°N 96.00°W地震预警",
    ]
    assert {found.text for found in root.iter(f"{{{NAMESPACE}}}responseType")} == {"AllClear"}
    assert root.find(f"{{{NAMESPACE}}}info/{{{NAMESPACE}}}instruction") is None
    assert len(root.findtext(f"{{{NAMESPACE}}}references").split()) == 2


def test_an_exercise_says_so_where_people_look_first(alerts: Alerts, exercise: object) -> None:
    read = read_cap(cap_bytes(alerts(1, by=exercise)[0], CAP))
    assert read.status == "Exercise"
    assert read.headline.startswith("EXERCISE. ")


def test_times_have_an_offset_and_neither_fraction_nor_z() -> None:
    assert cap_time(1_592_926_144_999_999_999) == "2020-06-23T15:29:04-00:00"
    assert cap_time(-1) == "1969-12-31T23:59:59-00:00"


anything = st.text(st.characters(codec=None), max_size=40)
degrees = st.floats(-90, 90)


@given(
    names=st.lists(anything, max_size=3), event_id=anything, latitude=degrees, longitude=st.floats(-180, 360),
    radius_km=st.floats(1e-6, 20_000), depth_km=st.floats(-9, 800),
    q=st.lists(st.floats(-5, 10), min_size=3, max_size=3),
    words=st.tuples(st.sampled_from(SEVERITIES), st.sampled_from(URGENCIES), st.sampled_from(CERTAINTIES)),
)  # fmt: skip
def test_whatever_an_alert_holds_its_messages_are_valid_and_one_line(
    names: list[str], event_id: str, latitude: float, longitude: float, radius_km: float, depth_km: float,
    q: list[float], words: tuple[str, str, str],
) -> None:  # fmt: skip
    sites = tuple(SiteForecast(name, name, latitude, longitude, *sorted(q)) for name in names)
    area = Area(
        "".join(names), ((latitude, longitude, radius_km),), (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)),)
    )
    draft = Draft(
        0, latitude, longitude, depth_km, *sorted(q), sites, area=area, reasons=tuple(names), lineage=tuple(names),
        severity=words[0], urgency=words[1], certainty=words[2],
    )  # fmt: skip
    alert, _ = issue(draft, Chain("".join(names), event_id), authority=Rehearsal(StepClock(10**18)))
    read = read_cap(cap_bytes(alert, replace_sender("".join(names))))
    assert read.identifier == alert.message_id
    [(north, east, _)] = read.circles
    assert north == pytest.approx(latitude, abs=6e-5)
    assert (east - longitude + 180) % 360 - 180 == pytest.approx(0, abs=6e-5)
    [told] = read_lines((line(alert) + "\n").splitlines())
    assert told["message_id"] == alert.message_id
    assert len(told["sites"]) == len(names)


def replace_sender(name: str) -> CapSettings:
    return CapSettings(
        sender="a@b", sender_name=name, contact=name, web="https://example.org/a?b=c", instruction={"en": name}
    )


def test_a_site_name_is_text_and_never_markup(alerts: Alerts) -> None:
    name = '</value><x/>&amp;<![CDATA[]]>"\\\x00\x1b[2J\ud800\u202e<!DOCTYPE'
    [alert] = alerts(1, sites=(SiteForecast(name, name, 0.0, 0.0, 1.0, 2.0, 3.0),))
    root = checked_cap(cap_bytes(alert, CAP))
    assert not [element for element in root.iter() if not element.tag.startswith(f"{{{NAMESPACE}}}")]
    assert plain(name) == '</value><x/>&amp;<![CDATA[]]>"\\ [2J <!DOCTYPE'


@given(anything)
def test_plain_text_can_be_seen_and_stays_as_it_is(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert once.isprintable()
    etree.Element("a").text = once  # lxml refuses what XML cannot hold


def test_an_id_is_fit_for_a_topic_and_a_file() -> None:
    assert code("ev/1 é,<&>") == "ev_1______"
    assert len(code("x" * 500)) == 128


def test_only_the_most_shaken_sites_are_named(alerts: Alerts) -> None:
    sites = tuple(SiteForecast(f"s{k}", "x" * 200, 0.0, 0.0, 1.0, 1.0 + k / 1000, 9.0) for k in range(1500))
    [alert] = alerts(1, sites=sites)
    content = cap_bytes(alert, CAP)
    told = [value for name, value in read_cap(content).parameters if name == "site"]
    assert len(told) == SITES_TOLD
    assert '"id":"s1499"' in told[0]
    assert dict(read_cap(content).parameters)["sitesLeftOut"] == str(1500 - SITES_TOLD)
    assert len(content) < 100_000


@pytest.mark.parametrize("sender", ["", "a b", "a,b", "a<b", "a&b", "a\u202eb", "x" * 300])
def test_a_sender_is_one_word(sender: str) -> None:
    with pytest.raises(ConfigError, match="sender"):
        settings_from(CapSettings, {"sender": sender}, where="[cap]")


@pytest.mark.parametrize(
    "web", ["[", "example.org", "javascript:alert(1)", "https://a b", "https://é.org", "https://a/%zz"]
)
def test_a_web_address_is_one(web: str) -> None:
    with pytest.raises(ConfigError, match="web"):
        settings_from(CapSettings, {"sender": "a", "web": web}, where="[cap]")


# -- reading back ------------------------------------------------------------------------------------------------------


def bomb(entities: str, body: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE alert [{entities}]><alert xmlns="{NAMESPACE}">{body}</alert>'.encode()


LAUGHS = "".join(f'<!ENTITY l{k} "{f"&l{k - 1};" * 10}">' for k in range(1, 10))
HOSTILE: dict[str, tuple[bytes, str]] = {
    "a billion laughs": (bomb('<!ENTITY l0 "lol">' + LAUGHS, "<identifier>&l9;</identifier>"), "document type"),
    "a quadratic blow-up": (bomb(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 50_000), "document type"),
    "a file of the reader": (bomb('<!ENTITY f SYSTEM "file:///etc/passwd">', "<identifier>&f;</identifier>"), "type"),
    "a parameter entity": (bomb('<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;', ""), "document type"),
    "an entity without a type": (f'<alert xmlns="{NAMESPACE}">&lol;</alert>'.encode(), "well-formed"),
    "hidden in UTF-16": (bomb('<!ENTITY a "b">', "&a;").decode().encode("utf-16"), "UTF-8"),
    "hidden in UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>', "well-formed"),
    "too large": (b"<a>" + b" " * MOST_BYTES + b"</a>", "bytes"),
    "too deep": (b"<a>" * 20_000 + b"</a>" * 20_000, "well-formed|not valid"),
    "cut short": (b"<alert", "well-formed"),
    "nothing": (b"", "well-formed"),
    "another format": (b"<quakeml/>", "not valid"),
    "CAP 1.1": (b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1"/>', "not valid"),
    "bytes": (bytes(range(256)), "UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_message_is_refused(name: str) -> None:
    content, why = HOSTILE[name]
    with pytest.raises(FormatError, match=why):
        read_cap(content)


WRONG = {
    "a time with Z": ("-00:00</sent>", "Z</sent>"),
    "a time with a fraction": ("-00:00</sent>", ".5-00:00</sent>"),
    "an unknown status": (">Test<", ">Real<"),
    "an illegal urgency": (">Immediate<", ">Immediata<"),
    "elements out of order": ("<scope>Public</scope>", "<note>x</note><scope>Public</scope>"),
    "an identifier with a space": ("<identifier>fs-", "<identifier>fs -"),
    "references without a time": (",2020", ",x2020"),
    "a circle without a radius": (" 150.000<", "<"),
    "an hour of 24": ("T15:29", "T24:00"),
    "a latitude of 95": ("<circle>15.9", "<circle>95.9"),
    "a number without end": ("<circle>15.9", f"<circle>{'9' * 400}"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_message_that_breaks_the_standard_is_refused(name: str, alerts: Alerts) -> None:
    before, after = WRONG[name]
    text = cap_bytes(alerts(2)[1], CAP).decode()
    assert before in text
    with pytest.raises(FormatError):
        read_cap(text.replace(before, after).encode())


def test_a_message_of_somebody_else_is_read() -> None:
    foreign = f"""<?xml version="1.0" encoding="UTF-8"?>
    <alert xmlns="{NAMESPACE}"><identifier>KSTO1055887203</identifier><sender>KSTO@NWS.NOAA.GOV</sender>
    <sent>2003-06-17T14:57:00-07:00</sent><status>Actual</status><msgType>Ack</msgType><scope>Private</scope>
    <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><x/></Signature></alert>"""
    read = read_cap(foreign.encode())
    assert (read.status, read.message_type, read.sent_ns) == ("Actual", "Ack", 1_055_887_020 * NS_PER_S)
    assert (read.language, read.expires_ns, read.circles) == ("en-US", None, ())


# -- QuakeML -----------------------------------------------------------------------------------------------------------


def test_quakeml_is_valid_and_says_what_the_alert_says(alerts: Alerts) -> None:
    import io

    import obspy
    from obspy.io.quakeml.core import _validate

    for alert in alerts(3, cancel=True):
        content = quakeml_bytes(alert, agency="Example")
        assert content == quakeml_bytes(alert, agency="Example")
        assert _validate(io.BytesIO(content))
        [event] = obspy.read_events(io.BytesIO(content))
        assert event.preferred_origin().depth == pytest.approx(22_600)
        assert event.preferred_origin().time.ns == alert.origin_time_ns
        assert event.preferred_magnitude().mag == 7.4
        assert event.preferred_magnitude().mag_errors.lower_uncertainty == pytest.approx(0.3)
        assert f"message id: {alert.message_id}" in [comment.text for comment in event.comments]
        assert event.event_type == ("not existing" if alert.message_type == "cancel" else "earthquake")


@pytest.mark.parametrize("event_id", ["", "x", "a b/c?<&>", "地震", "\x00\ud800", "e" * 200])
def test_quakeml_takes_any_event_id(event_id: str, alerts: Alerts) -> None:
    import io

    from obspy.io.quakeml.core import _validate

    alert = replace(alerts(1)[0], event_id=event_id, reasons=(event_id,))
    assert _validate(io.BytesIO(quakeml_bytes(alert, agency=event_id)))
