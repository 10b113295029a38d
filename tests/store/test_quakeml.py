"""QuakeML out and in: it validates, ObsPy loses nothing of it, and a hostile file is one sentence."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import obspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from obspy.io.quakeml.core import _validate

from foreshock.errors import FormatError, InputError, NotFoundError
from foreshock.store import quakeml_stream
from foreshock.store.quakeml import write_quakeml
from foreshock.store.quakeml_reader import Reading, read_quakeml
from foreshock.store.quakeml_words import OURS, resource_id, text_of
from foreshock.types.event import Event
from foreshock.types.solution import Mechanism, Solution, Uncertainty

Maker = Callable[..., Solution]


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    """ObsPy's packaged schema, parsed once."""
    from obspy.io.quakeml import core

    return etree.RelaxNG(etree.parse(str(Path(core.__file__).parent / "data" / "QuakeML-1.2.rng")))


def test_a_catalogue_validates_by_obspys_schema_and_comes_back(tmp_path: Path, quake: Maker) -> None:
    made = [quake(i) for i in range(20)]
    path = tmp_path / "catalog.xml"
    write_quakeml(path, iter(made), agency="Foreshock")
    assert _validate(str(path))
    assert read_quakeml(path) == Reading(tuple(made), ())


def test_any_solution_survives_and_validates(
    tmp_path: Path, any_solution: st.SearchStrategy[Solution], schema: etree.RelaxNG
) -> None:
    path = tmp_path / "any.xml"

    @settings(max_examples=120)
    @given(any_solution)
    def survives(solution: Solution) -> None:
        write_quakeml(path, [solution])
        assert read_quakeml(path) == Reading((solution,), ())
        assert schema.validate(etree.parse(str(path))), schema.error_log

    survives()


def test_obspy_reads_and_writes_it_and_nothing_is_lost(tmp_path: Path, quake: Maker) -> None:
    made = [quake(i) for i in range(3)]
    path = tmp_path / "ours.xml"
    write_quakeml(path, made)
    theirs = io.BytesIO()
    obspy.read_events(str(path)).write(theirs, format="QUAKEML", nsmap={"foreshock": OURS})
    again = tmp_path / "theirs.xml"
    again.write_bytes(theirs.getvalue())
    back = read_quakeml(again)
    assert back.left_out == ()
    for one, other in zip(made, back.solutions, strict=True):
        _assert_alike(other, one)


def _assert_alike(one: object, other: object) -> None:
    """Equal but for the last digit of a number that ObsPy had in metres."""
    if isinstance(one, float) and isinstance(other, float):
        assert math.isclose(one, other, rel_tol=1e-15, abs_tol=0), (one, other)
    elif isinstance(one, tuple) and isinstance(other, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            _assert_alike(a, b)
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__:
            _assert_alike(getattr(one, name), getattr(other, name))
    else:
        assert one == other


def test_obspy_sees_every_part(tmp_path: Path, quake: Maker) -> None:
    made = quake(4)
    write_quakeml(tmp_path / "a.xml", [made])
    (event,) = obspy.read_events(str(tmp_path / "a.xml"))
    origin, size, plane = event.preferred_origin(), event.preferred_magnitude(), event.preferred_focal_mechanism()
    assert abs(origin.time.ns - made.event.time_ns) <= 500
    assert origin.depth == pytest.approx(made.event.depth_km * 1000)
    assert origin.depth_errors.uncertainty == 2500.0
    ellipse = origin.origin_uncertainty
    assert (ellipse.min_horizontal_uncertainty, ellipse.max_horizontal_uncertainty) == (700.0, 1200.0)
    assert ellipse.azimuth_max_horizontal_uncertainty == 41.0
    assert ellipse.preferred_description == "uncertainty ellipse"
    assert (origin.quality.azimuthal_gap, origin.quality.standard_error) == (97.5, 0.08)
    assert (origin.quality.used_phase_count, origin.quality.used_station_count) == (12, 6)
    first, ours = origin.arrivals[0], made.arrivals[0]
    assert (first.time_residual, first.time_weight, first.azimuth) == (ours.residual_s, ours.weight, ours.azimuth_deg)
    assert first.distance == pytest.approx(ours.distance_km / 111.195, rel=1e-4)
    pick = first.pick_id.get_referred_object()
    assert pick.waveform_id.get_seed_string() == "XX.S00.00."
    assert (pick.polarity, pick.time_errors.uncertainty, pick.phase_hint) == ("positive", ours.pick.sigma_s, "P")
    assert float(pick.extra["probability"]["value"]) == ours.pick.probability
    assert (size.mag, size.magnitude_type, size.station_count) == (made.event.magnitude, "ML", 2)
    assert [part.weight for part in size.station_magnitude_contributions] == [1.0, 1.0, 0.0]
    assert [swing.generic_amplitude for swing in event.amplitudes] == pytest.approx([7e-4, 3.5e-4, 7e-4 / 3])
    assert {(swing.unit, swing.type, swing.waveform_id.channel_code) for swing in event.amplitudes} == {
        ("m", "WA", "HHN")
    }
    assert plane.nodal_planes.nodal_plane_1.strike == 10
    assert plane.nodal_planes.nodal_plane_1.strike_errors.uncertainty == 20
    assert plane.station_polarity_count == 9
    assert event.comments[0].text == "one station without metadata"


@settings(max_examples=80)
@given(st.floats(0, 359), st.floats(5, 89.5), st.floats(-179, 179))
def test_the_other_plane_is_that_of_obspy(strike: float, dip: float, rake: float) -> None:
    from obspy.imaging.beachball import aux_plane

    ours, theirs = Mechanism(strike, dip, rake, 0.0, 0, 0.0).other_plane, aux_plane(strike, dip, rake)
    assert abs(ours[1] - theirs[1]) < 1e-4
    if 1e-2 < ours[1] < 90 - 1e-2:
        for a, b in ((ours[0], theirs[0]), (ours[2], theirs[2])):
            assert abs((a - b + 180) % 360 - 180) < 1e-3


@given(st.text(st.characters(codec="utf-8")), st.sampled_from(["event", "model", "method"]))
def test_any_text_is_a_resource_id_and_comes_back(text: str, kind: str) -> None:
    assert text_of(resource_id(text, kind), kind) == text


def test_files_of_other_people_are_read(tmp_path: Path) -> None:
    from obspy.io.quakeml import tests

    folder = Path(tests.__file__).parent / "data"
    iris = read_quakeml(folder / "iris_events.xml")
    assert [round(item.event.latitude, 2) for item in iris.solutions] == [
        round(item.preferred_origin().latitude, 2) for item in obspy.read_events(str(folder / "iris_events.xml"))
    ]
    assert iris.solutions[0].event.magnitude_type
    usgs = read_quakeml(folder / "usgs_event.xml").solutions[0]
    assert usgs.event.event_id.startswith("quakeml:")
    assert usgs.magnitudes[0].value == usgs.event.magnitude
    write_quakeml(tmp_path / "again.xml", [usgs, *iris.solutions])
    again = read_quakeml(tmp_path / "again.xml").solutions
    assert repr(again) == repr((usgs, *iris.solutions))  # NaN is not equal to itself
    assert _validate(str(tmp_path / "again.xml"))


def test_an_ellipse_of_another_level_becomes_one_of_68_percent(tmp_path: Path) -> None:
    sure = Uncertainty(2.0, 1.0, 30.0, 0.1, 90.0, 0.1, "A")
    path = tmp_path / "a.xml"
    write_quakeml(path, [Solution(Event("e", 0, 1.0, 2.0), uncertainty=sure)])
    path.write_text(path.read_text().replace("68.0<", "90.0<"))
    (found,) = read_quakeml(path).solutions
    rng = np.random.default_rng(5)
    radii = np.hypot(*rng.normal(size=(2, 200_000)))
    expected = np.quantile(radii, 0.68) / np.quantile(radii, 0.90)
    assert found.uncertainty.major_km == pytest.approx(2.0 * expected, rel=0.01)


# -- bad input ---------------------------------------------------------------------------------------------------------

HEAD = (
    '<q:quakeml xmlns="http://quakeml.org/xmlns/bed/1.2" xmlns:q="http://quakeml.org/xmlns/quakeml/1.2">'
    '<eventParameters publicID="smi:local/x">'
)
TAIL = "</eventParameters></q:quakeml>"
ORIGIN = (
    '<origin publicID="smi:l/o"><time><value>2020-01-01T00:00:00Z</value></time>'
    "<latitude><value>1</value></latitude><longitude><value>2</value></longitude>{}</origin>"
)
PICK = (
    '<pick publicID="smi:l/p"><time><value>2020-01-01T00:00:0{}Z</value></time>'
    '<waveformID networkCode="XX" stationCode="A"/></pick>'
)


def _event(name: str = "smi:x.y/1", inside: str = "", *, origin: str = "") -> str:
    return f'<event publicID="{name}">{ORIGIN.format(origin)}{inside}</event>'


def _hostile(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    secret = folder / "secret.txt"
    secret.write_text("password")
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    yield "bomb", f'<!DOCTYPE q [<!ENTITY l0 "ha">{laughs}]><q>&l9;</q>'.encode(), "document type"
    yield "thief", f'<!DOCTYPE q [<!ENTITY x SYSTEM "file://{secret}">]>{HEAD}&x;{TAIL}'.encode(), "document type"
    yield "far", f'<!DOCTYPE q SYSTEM "http://127.0.0.1:9/x.dtd">{HEAD}{TAIL}'.encode(), "document type"
    yield "empty", b"", "not well-formed"
    yield "noise", bytes(random.Random(1).randbytes(5000)), "not well-formed"
    yield "text", b"event_id,time\n1,2\n", "not well-formed"
    yield "other", b"<html/>", "its root is 'html'"
    yield "cut", (HEAD + _event() + _event("smi:x.y/2"))[:-40].encode(), "not well-formed"
    yield "deep", (HEAD + "<a>" * 100_000).encode(), "not well-formed"
    yield "bare", HEAD.split("<eventP")[0].encode() + b"</q:quakeml>", "no eventParameters"
    yield (
        "foreign",
        (HEAD + TAIL).replace("bed/1.2", "dwarf").replace("xmlns/dwarf", "dwarf").encode(),
        "its events are of",
    )
    yield "utf-16", (HEAD + TAIL).encode("utf-16-le")[:200], "not well-formed"
    yield "endless", (HEAD + "<event>" + "<x/>" * 20_000).encode(), "more than 10000 parts"


def test_a_hostile_file_is_refused_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert quakeml_stream.MOST_PARTS == 1_000_000
    monkeypatch.setattr(quakeml_stream, "MOST_PARTS", 10_000)
    for name, content, sentence in _hostile(tmp_path):
        path = tmp_path / f"{name}.xml"
        path.write_bytes(content)
        with pytest.raises(FormatError, match=sentence) as caught:
            read_quakeml(path)
        assert name in str(caught.value)
        assert "password" not in str(caught.value)


def test_a_huge_file_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as handle:
        handle.truncate(2**40)  # a hole: it takes no room
    with pytest.raises(FormatError, match="huge.xml: it has 1099511627776 bytes"):
        read_quakeml(path)


@pytest.mark.parametrize("name", ["nothing.xml", ".", "a\x00b"])
def test_what_is_no_file_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no such file|cannot be read"):
        read_quakeml(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_event("smi:x.y/2", "<type>not existing</type>"), "never was"),
        ('<event publicID="smi:x.y/2"/>', "no origin"),
        (_event("smi:x.y/2").replace("<value>1<", "<value>91<"), "latitude is 91"),
        (_event("smi:x.y/2").replace("<value>1<", "<value>nan<"), "latitude is not there"),
        (_event("smi:x.y/2").replace("2020-01-01", "2020-13-01"), "not an ISO-8601 time"),
        (_event("smi:x.y/2", origin="<depth><value>1e9</value></depth>"), "depth is 1000000"),
        (_event("smi:x.y/2", origin="<depth><value>deep</value></depth>"), "cannot be read"),
        (_event("smi:x.y/2").replace("2020-01-01", "9999-01-01"), "at most 64 bits"),
        (_event(), "given twice"),
        (_event().replace("<value>1<", "<value>3<"), "another earthquake has its id"),
    ],
)
def test_an_event_that_is_none_is_left_out_and_told(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(HEAD + _event() + content + TAIL)
    found = read_quakeml(tmp_path / "a.xml")
    assert [item.event.event_id for item in found.solutions] == ["smi:x.y/1"]
    ((_, why),) = found.left_out
    assert reason in why


def test_a_part_that_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    arrivals = '<arrival publicID="smi:l/a{0}"><pickID>smi:l/{1}</pickID><phase>P</phase></arrival>'
    inside = PICK.format(1) + PICK.format(2) + '<magnitude publicID="smi:l/m"><mag><value>77</value></mag></magnitude>'
    content = _event(inside=inside, origin=arrivals.format(1, "p") + arrivals.format(2, "lost"))
    (tmp_path / "a.xml").write_text(HEAD + content + TAIL)
    found = read_quakeml(tmp_path / "a.xml")
    (solution,) = found.solutions
    (arrival,) = solution.arrivals
    assert (arrival.pick.trace_id, arrival.pick.time[-9:]) == ("XX.A.", "1.000000Z")
    assert math.isnan(arrival.residual_s)
    assert solution.magnitudes == ()
    reasons = " | ".join(why for _, why in found.left_out)
    assert "given twice" in reasons
    assert "its pick is not there" in reasons
    assert "magnitude is 'M' 77.0" in reasons


def test_two_solutions_of_one_id_are_no_file(tmp_path: Path, quake: Maker) -> None:
    path = tmp_path / "a.xml"
    write_quakeml(path, [quake(1)])
    before = path.read_bytes()
    with pytest.raises(InputError, match="two different solutions have it"):
        write_quakeml(path, [quake(1), replace(quake(1), model="other")])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
