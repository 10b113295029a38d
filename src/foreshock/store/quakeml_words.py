"""QuakeML's words: resource ids from any text and back, units, powers of ten without rounding. Knows no XML tree.

QuakeML 1.2 (Schorlemmer et al., Annals of Geophysics 54(1), 2011, doi:10.4401/ag-4874; "QuakeML Basic Event
Description, version 1.2") has metres where we have kilometres and resource ids where we have text. What it has no
word for stands in elements of our own namespace, which the schema allows and ObsPy keeps as ``extra``.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

BED = "http://quakeml.org/xmlns/bed/1.2"
ROOT = "http://quakeml.org/xmlns/quakeml/1.2"
OURS = "urn:foreshock:quakeml:1"
KM_OF_DEGREE = 6371.0088 * math.pi / 180
"""One degree of a great circle on a sphere with the Earth's mean radius R1 (IUGG), in km."""
ELLIPSE_PERCENT = 68.0
LONGEST_WORD = 32
"""The schema's limit for types of magnitudes and amplitudes."""
_HOME = "smi:local/"
_RESOURCE = re.compile(
    r"(smi|quakeml):[A-Za-z0-9][A-Za-z0-9\-.*()_~']{2,}/[A-Za-z0-9\-.*()_~'][\w\-.*()+?~'=,;#/&]*", re.ASCII
)
_PLAIN = re.compile(r"[A-Za-z0-9._\-]")
_UNITS = {"m": "m", "s": "s", "m/s": "m/s", "m/s2": "m/(s*s)", "m s": "m*s", "": "dimensionless"}
_SHIFTED = {"mm": ("m", -3)}


def resource_id(text: str, kind: str) -> str:
    """A QuakeML resource id that holds a text; one that is such an id already stays what it is.

    >>> resource_id("smi:nz.org/ev/1", "event"), resource_id("地 1", "event")
    ('smi:nz.org/ev/1', 'smi:local/event/~e5~9c~b0~201')
    """
    if _RESOURCE.fullmatch(text) and not text.startswith(f"{_HOME}{kind}/"):
        return text
    letters = (chr(byte) if _PLAIN.fullmatch(chr(byte)) else f"~{byte:02x}" for byte in text.encode("utf-8"))
    return f"{_HOME}{kind}/{''.join(letters)}"


def text_of(resource: str, kind: str) -> str:
    """The text that `resource_id` put into a resource id; anybody else's id is its own text.

    >>> text_of("smi:local/event/~e5~9c~b0~201", "event")
    '地 1'
    """
    start = f"{_HOME}{kind}/"
    if not resource.startswith(start):
        return resource
    try:
        told = re.sub(r"~([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), resource.removeprefix(start))
        text = told.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return resource
    return text if resource_id(text, kind) == resource else resource


def shifted(value: float, places: int) -> str:
    """A number times a power of ten as text, exactly: no digit is rounded on the way.

    >>> shifted(0.1 + 0.2, 3), unshifted("300.00000000000004", 3) == 0.1 + 0.2
    ('300.00000000000004', True)
    """
    moved = Decimal(repr(value)).scaleb(places)
    return format(moved, "f") if -9 < moved.adjusted() < 16 else str(moved)


def unshifted(text: str, places: int) -> float:
    """The number that `shifted` told."""
    return float(Decimal(text).scaleb(-places))


def in_quakeml(value: float, unit: str) -> tuple[str, str]:
    """An amplitude's value and unit in QuakeML's words; a unit it has not is ``other``."""
    if unit in _SHIFTED:
        told, places = _SHIFTED[unit]
        return shifted(value, places), told
    return repr(value), _UNITS.get(unit, "other")


def from_quakeml(text: str, told: str, ours: str | None) -> tuple[float, str]:
    """An amplitude's value and unit from QuakeML's words, and from our own where they stand beside them."""
    if ours in _SHIFTED and told == _SHIFTED[ours][0]:
        return unshifted(text, _SHIFTED[ours][1]), ours
    if ours is not None and told == "other":
        return float(text), ours
    return float(text), {theirs: unit for unit, theirs in _UNITS.items()}.get(told, told)
