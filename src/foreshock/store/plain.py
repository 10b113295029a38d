"""Plain values: a solution as nothing but whole numbers, finite numbers and clean text. Knows no database, no format.

Everything that leaves goes through here, so that what a database or an XML file cannot hold is refused once, with a
sentence, and so that equal earthquakes have equal fingerprints whichever program computed them.
"""

from __future__ import annotations

import hashlib
import math
import numbers
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

from foreshock.errors import InputError
from foreshock.types.solution import Solution

NounT = TypeVar("NounT")

EARLIEST_NS, LATEST_NS = -(2**63), 2**63 - 1
"""What 64 bits hold: the years 1677 to 2262."""
LONGEST_TEXT = 100_000
"""A longer text in an earthquake is none."""
LONGEST_NAME = 500
"""An id of an event or an instrument stands in indexes, which hold no more."""
MAY_BE_UNKNOWN = frozenset(
    {"distance_km", "azimuth_deg", "residual_s", "time_s", "gap_deg", "rms_s", "uncertainty_deg", "misfit"}
)
"""Numbers that other people's catalogues leave out; here they are NaN."""
_UNCLEAN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot say (section 2.2, Char); PostgreSQL cannot hold NUL either."""


def plain(noun: NounT, *, whose: str = "") -> NounT:
    """Rebuild a frozen noun of plain values: Python's own ints, floats and text, -0.0 as 0.0.

    Raises:
        InputError: a number is not finite or too large, or a text holds what no file can.
    """
    kind: Any = type(noun)  # mypy takes no class for hashable
    made: NounT = kind(**{name: _value(name, real, getattr(noun, name), whose) for name, real in _names(kind)})
    return made


@cache
def _names(kind: type[Any]) -> tuple[tuple[str, bool], ...]:
    """The fields of a noun, and whether each holds a real number."""
    return tuple((item.name, "float" in str(item.type)) for item in fields(kind))


def _value(name: str, real: bool, value: Any, whose: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(name, value, whose)
    if isinstance(value, float | int | numbers.Real):
        return _real(name, float(value), whose) if real else _whole(name, value, whose)
    if isinstance(value, tuple):
        return tuple(_value(name, False, item, whose) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return plain(value, whose=whose)
    if type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise _refused(name, value, whose, "it is no number, text or part of a solution", "give plain values")


def _text(name: str, value: str, whose: str) -> str:
    unclean = _UNCLEAN.search(value)
    if unclean:
        raise _refused(
            name, value[:80], whose, f"it holds the character {unclean[0]!r}, which no file can", "remove it"
        )
    longest = LONGEST_NAME if name.endswith("_id") else LONGEST_TEXT
    if len(value) > longest:
        raise _refused(name, value[:20] + "…", whose[:80], f"it has more than {longest} letters", "shorten it")
    return str(value)


def _real(name: str, value: float, whose: str) -> float:
    if math.isnan(value) and name in MAY_BE_UNKNOWN:
        return math.nan
    if not math.isfinite(value):
        raise _refused(name, value, whose, "it must be finite", "correct it, or leave that part out")
    return value + 0.0  # turns -0.0 into 0.0


def _whole(name: str, value: Any, whose: str) -> int:
    whole = int(value)
    if whole != value or not EARLIEST_NS <= whole <= LATEST_NS:
        raise _refused(name, value, whose, "it must be a whole number of at most 64 bits", "correct it")
    return whole


def _refused(name: str, value: Any, whose: str, rule: str, remedy: str) -> InputError:
    return InputError(f"{name} is {value!r}" + (f" ({whose})" if whose else ""), rule, remedy)


def fingerprint(noun: Any) -> str:
    """128 bits of SHA-256 over what a plain noun is, field by field, as 32 hexadecimal digits: the same everywhere.

    A noun that gains a field gains another fingerprint: the migration of that day makes the keys anew.

    >>> from foreshock.types.pick import Pick
    >>> fingerprint(Pick("XX.A.", "P", 0, 1.0, 0.1, 0)) == fingerprint(Pick("XX.A.", "P", 0, 1.0, 0.1, 0))
    True
    """
    return hashlib.sha256(repr(noun).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def distinct(solutions: Iterable[Solution]) -> Iterator[tuple[Solution, str]]:
    """Plain solutions with their fingerprints, each event once; what is given twice and alike is passed over.

    Raises:
        InputError: two different solutions have one event id, an id is empty, or a value cannot be kept.
    """
    seen: dict[str, str] = {}
    for solution in solutions:
        event_id = solution.event.event_id
        if not event_id.strip():
            raise InputError(f"event id {event_id!r}", "an earthquake that is kept needs an id", "give it one")
        clean = plain(solution, whose=f"event {event_id}")
        key = fingerprint(clean)
        if seen.setdefault(event_id, key) != key:
            raise InputError(f"event id {event_id!r}", "two different solutions have it", "give each its own id")
        if seen[event_id] is key:
            yield clean, key
