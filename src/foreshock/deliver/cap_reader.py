"""CAP 1.2 read back and checked: messages from anywhere, all hostile. Knows no alert; what it reads is a record.

No document type, no entity, no network, UTF-8 only, a limit of bytes; then the schema that lies beside this file.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any

from lxml import etree

from foreshock.clock import utc_ns
from foreshock.deliver.cap import NAMESPACE
from foreshock.errors import FormatError, InputError
from foreshock.geo import check_place

MOST_BYTES = 4 << 20
_WHAT = "CAP message"


@dataclass(frozen=True, slots=True)
class CapMessage:
    """What a CAP message says: its envelope, and its first info block.

    `references` are (sender, identifier, sent in UTC nanoseconds); `circles` are (latitude, longitude, radius in km).
    """

    identifier: str
    sender: str
    sent_ns: int
    status: str
    message_type: str
    scope: str
    references: tuple[tuple[str, str, int], ...]
    language: str
    headline: str
    severity: str
    urgency: str
    certainty: str
    expires_ns: int | None
    parameters: tuple[tuple[str, str], ...]
    polygons: tuple[tuple[tuple[float, float], ...], ...]
    circles: tuple[tuple[float, float, float], ...]


def read_cap(content: bytes) -> CapMessage:
    """Read one CAP 1.2 message.

    Raises:
        FormatError: it is too large, no UTF-8, declares a document type, is no XML, or breaks the schema.
    """
    root = checked_cap(content)
    info = root.find(_tag("info"))
    if info is None:
        info = etree.Element(_tag("info"))
    return CapMessage(
        _text(root, "identifier"),
        _text(root, "sender"),
        _time(_text(root, "sent")),
        _text(root, "status"),
        _text(root, "msgType"),
        _text(root, "scope"),
        references=_references(_text(root, "references")),
        language=_text(info, "language") or "en-US",
        headline=_text(info, "headline"),
        severity=_text(info, "severity"),
        urgency=_text(info, "urgency"),
        certainty=_text(info, "certainty"),
        expires_ns=_time(_text(info, "expires")) if _text(info, "expires") else None,
        parameters=tuple((_text(pair, "valueName"), _text(pair, "value")) for pair in info.iterfind(_tag("parameter"))),
        polygons=tuple(_ring(found.text or "") for found in info.iterfind(f"{_tag('area')}/{_tag('polygon')}")),
        circles=tuple(_circle(found.text or "") for found in info.iterfind(f"{_tag('area')}/{_tag('circle')}")),
    )


def checked_cap(content: bytes) -> Any:
    """Parse a CAP message without trusting it, and hold it against the schema; gives lxml's root element.

    Raises:
        FormatError: see `read_cap`.
    """
    if len(content) > MOST_BYTES:
        raise FormatError(_WHAT, f"it has {len(content)} bytes, of which at most {MOST_BYTES} are read", "refuse it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(_WHAT, "it is no UTF-8", "have it sent as UTF-8") from error
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FormatError(_WHAT, "it declares a document type (entities)", "refuse it; CAP needs none")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
        _schema().assertValid(root)
    except etree.XMLSyntaxError as error:
        raise FormatError(_WHAT, f"it is not well-formed XML ({error.msg})", "have it sent again") from error
    except etree.DocumentInvalid as error:
        raise FormatError(_WHAT, f"it is not valid ({str(error)[:300]})", "have its sender mend it") from error
    return root


@functools.cache
def _schema() -> Any:
    with resources.files("foreshock.deliver").joinpath("cap-1.2.xsd").open("rb") as handle:
        return etree.XMLSchema(etree.parse(handle, etree.XMLParser(no_network=True)))


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _text(parent: Any, name: str) -> str:
    return (parent.findtext(_tag(name)) or "").strip()


def _time(text: str) -> int:
    try:
        return utc_ns(text)
    except InputError as error:  # an hour of 24 and a year of 0 are valid by the schema
        raise FormatError(_WHAT, f"its time {text!r} cannot be read", "have its sender mend it") from error


def _on_earth(latitude: float, longitude: float) -> None:
    try:
        check_place(latitude, longitude, whose="area")
    except InputError as error:
        raise FormatError(_WHAT, str(error)[:200], "have its sender mend it") from error


def _references(text: str) -> tuple[tuple[str, str, int], ...]:
    triples = (item.split(",") for item in text.split())
    return tuple((sender, identifier, _time(sent)) for sender, identifier, sent in triples)


def _ring(text: str) -> tuple[tuple[float, float], ...]:
    pairs = (pair.split(",") for pair in text.split())
    ring = tuple((float(latitude), float(longitude)) for latitude, longitude in pairs)
    for latitude, longitude in ring:
        _on_earth(latitude, longitude)
    return ring


def _circle(text: str) -> tuple[float, float, float]:
    pair, radius = text.split()
    latitude, longitude = (float(part) for part in pair.split(","))
    _on_earth(latitude, longitude)
    return latitude, longitude, float(radius)
