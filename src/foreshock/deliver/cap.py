"""CAP 1.2: an alert as the message that authorities and broadcasters exchange. Knows no reading back and no sending.

Common Alerting Protocol version 1.2, OASIS Standard, 1 July 2010, sections 3.2 and 3.4.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Literal

from lxml import etree
from pydantic import Field, field_validator

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.config import Settings
from foreshock.deliver.cap_words import WORDS, Words
from foreshock.deliver.lines import one_line
from foreshock.deliver.words import plain
from foreshock.types.alert import Alert, Area, SiteForecast

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SITES_TOLD = 100
"""Sites that a CAP message names; more would not be read, and messages have to stay small."""
_WEB = re.compile(r"https?://[\w.\-]+(:\d{1,5})?(/[\w.~/+\-]*)?(\?[\w.~/+=&\-]*)?", re.ASCII)
_SENDER = re.compile(r"[^\s,<&]{1,200}")


class CapSettings(Settings):
    """Who speaks, in which languages, and what people are told to do."""

    sender: str
    """Unique name of the sender, as a domain or an address; without spaces, commas, `<` and `&`."""
    sender_name: str = ""
    """Name of the sender for people."""
    languages: tuple[Literal["en", "zh-CN"], ...] = Field(("en",), min_length=1)
    scope: Literal["Public"] = "Public"
    instruction: dict[str, str] = Field(default_factory=dict)
    """What to do, by language, in place of our own words."""
    web: str = ""
    """Where more can be read."""
    contact: str = ""

    @field_validator("web")
    @classmethod
    def _web_is_an_address(cls, value: str) -> str:
        if value and not _WEB.fullmatch(value):
            raise ValueError("it is an address such as https://example.org/eew")
        return value

    @field_validator("sender")
    @classmethod
    def _sender_is_a_name(cls, value: str) -> str:
        if not _SENDER.fullmatch(value) or plain(value) != value:
            raise ValueError("it has no spaces, commas, < and &")
        return value


def cap_bytes(alert: Alert, settings: CapSettings) -> bytes:
    """Write an alert as a CAP 1.2 message, valid against the schema; the same alert, the same bytes."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _put(root, "identifier", alert.message_id)
    _put(root, "sender", settings.sender)
    _put(root, "sent", cap_time(alert.issued_at_ns))
    _put(root, "status", alert.status.capitalize())
    _put(root, "msgType", alert.message_type.capitalize())
    _put(root, "scope", settings.scope)
    if alert.status != "actual":
        _put(root, "note", WORDS[settings.languages[0]].notes[alert.status])
    if alert.references:
        _put(root, "references", _references(alert, settings))
    _put(root, "incidents", f'"{plain(alert.event_id)}"')
    for language in settings.languages:
        root.append(_info(alert, settings, language))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def cap_time(time_ns: int) -> str:
    """Write a time as CAP wants it: whole seconds, rounded down, and the offset of UTC, which is never `Z`.

    >>> cap_time(1592926144_900000000)
    '2020-06-23T15:29:04-00:00'
    """
    return iso_utc(time_ns - time_ns % NS_PER_S)[:19] + "-00:00"


def _references(alert: Alert, settings: CapSettings) -> str:
    return " ".join(
        f"{settings.sender},{reference.message_id},{cap_time(reference.issued_at_ns)}" for reference in alert.references
    )


def _info(alert: Alert, settings: CapSettings, language: str) -> Any:
    words = WORDS[language]
    info = etree.Element(f"{{{NAMESPACE}}}info")
    _put(info, "language", language)
    _put(info, "category", "Geo")
    _put(info, "event", words.event)
    _put(info, "responseType", "AllClear" if alert.message_type == "cancel" else "Shelter")
    for name in ("urgency", "severity", "certainty"):
        _put(info, name, getattr(alert, name).capitalize())
    _put(info, "effective", cap_time(alert.issued_at_ns))
    arrivals = [site.s_arrival_ns for site in alert.sites if site.s_arrival_ns is not None]
    if arrivals:
        _put(info, "onset", cap_time(min(arrivals)))
    if alert.expires_at_ns is not None:
        _put(info, "expires", cap_time(alert.expires_at_ns))
    _put_text(info, "senderName", settings.sender_name)
    _put(info, "headline", headline(alert, words))
    _put(info, "description", _description(alert, words))
    if alert.message_type != "cancel":
        _put_text(info, "instruction", settings.instruction.get(language, words.instruction), longest=4000)
    _put_text(info, "web", settings.web)
    _put_text(info, "contact", settings.contact)
    for name, value in _parameters(alert):
        _put_pair(info, name, value)
    if alert.area is not None:
        info.append(_area(alert.area))
    return info


def headline(alert: Alert, words: Words) -> str:
    """Give the line that is read first; it begins with what the message is unless that is an actual alert."""
    form = words.withdrawn if alert.message_type == "cancel" else words.headline
    said = form.format(magnitude=f"{alert.magnitude_q50:.1f}", place=_place(alert))
    return f"{words.prefixes[alert.status]}{said}"[:160]


def _description(alert: Alert, words: Words) -> str:
    said = words.description.format(
        low=f"{alert.magnitude_q05:.1f}",
        high=f"{alert.magnitude_q95:.1f}",
        depth=f"{alert.depth_km:.0f}",
        place=_place(alert),
        time=cap_time(alert.origin_time_ns)[:19].replace("T", " "),
        confidence=words.confidences[alert.confidence],
        version=alert.version,
    )
    return f"{words.prefixes[alert.status]}{said}"


def _place(alert: Alert) -> str:
    east = (alert.longitude + 180) % 360 - 180
    return (
        f"{abs(alert.latitude):.2f}°{'N' if alert.latitude >= 0 else 'S'} {abs(east):.2f}°{'E' if east >= 0 else 'W'}"
    )


def _parameters(alert: Alert) -> list[tuple[str, str]]:
    told = [
        ("eventId", plain(alert.event_id)),
        ("version", str(alert.version)),
        ("confidence", alert.confidence),
        ("originTime", iso_utc(alert.origin_time_ns)),
        ("issuedAt", iso_utc(alert.issued_at_ns)),
        ("epicentre", f"{_decimal(alert.latitude, 4)},{_decimal(alert.longitude, 4)}"),
        ("depthKm", _decimal(alert.depth_km, 1)),
        ("magnitudeQ05", _decimal(alert.magnitude_q05, 2)),
        ("magnitudeQ50", _decimal(alert.magnitude_q50, 2)),
        ("magnitudeQ95", _decimal(alert.magnitude_q95, 2)),
        ("intensityScale", alert.intensity_scale),
    ]
    told += [("site", _site(site)) for site in alert.sites[:SITES_TOLD]]
    left_out = alert.sites_left_out + len(alert.sites[SITES_TOLD:])
    return [*told, ("sitesLeftOut", str(left_out))] if alert.sites else told


def _site(site: SiteForecast) -> str:
    return one_line(
        {
            "id": plain(site.site_id),
            "name": plain(site.name),
            "intensity": [round(q, 1) for q in (site.intensity_q05, site.intensity_q50, site.intensity_q95)],
            "s": None if site.s_arrival_ns is None else iso_utc(site.s_arrival_ns),
            "threshold": site.threshold,
            "at": None if site.threshold_time_ns is None else iso_utc(site.threshold_time_ns),
        }
    )


def _area(area: Area) -> Any:
    element = etree.Element(f"{{{NAMESPACE}}}area")
    _put(element, "areaDesc", plain(area.description) or "—")
    for ring in area.rings:
        _put(element, "polygon", " ".join(_pair(latitude, longitude) for latitude, longitude in ring))
    for latitude, longitude, radius_km in area.circles:
        _put(element, "circle", f"{_pair(latitude, longitude)} {_decimal(radius_km, 3)}")
    return element


def _pair(latitude: float, longitude: float) -> str:
    east = longitude - 360 if longitude > 180 else longitude
    return f"{_decimal(latitude, 4)},{_decimal(east, 4)}"


def _decimal(value: float, places: int) -> str:
    """A number without exponent and without a sign before nothing."""
    text = f"{Decimal(repr(float(value))):.{places}f}"
    return text if float(text) else text.lstrip("-")


def _put(parent: Any, tag: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}").text = text


def _put_text(parent: Any, tag: str, text: str, *, longest: int = 200) -> None:
    """Put a text that may be missing and may come from anywhere."""
    if shown := plain(text, longest=longest):
        _put(parent, tag, shown)


def _put_pair(parent: Any, name: str, value: str) -> None:
    pair = etree.SubElement(parent, f"{{{NAMESPACE}}}parameter")
    _put(pair, "valueName", name)
    _put(pair, "value", value)
