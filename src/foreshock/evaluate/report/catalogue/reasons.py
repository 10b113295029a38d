"""Reasons: what was left out, counted by the kind of its reason. Knows sentences only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAMES = re.compile(
    r"\d{4}-\d\d-\d\dT[\d:.]+Z?"  # times
    r"|\bfs\d{8}T\d+(?:-\d+)?"  # earthquakes
    r"|\b[A-Z0-9]{1,8}\.[A-Z0-9]{1,8}\.[A-Z0-9]{0,8}(?:\.[A-Z0-9]{0,3})?"  # stations and channels
    r"|[-+]?\b\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\b"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Reasons that differ in names and numbers only; `item` and `reason` are the first of them."""

    pattern: str
    n: int
    item: str
    reason: str


def kinds(pairs: Iterable[tuple[str, str]]) -> list[Kind]:
    """Count what was left out by reason, the commonest first.

    >>> [(kind.pattern, kind.n) for kind in kinds([("a", "fits only 4 picks"), ("b", "fits only 3 picks")])]
    [('fits only … picks', 2)]
    """
    found: dict[str, Kind] = {}
    for item, reason in pairs:
        pattern = pattern_of(reason)
        first = found.get(pattern, Kind(pattern, 0, item, reason))
        found[pattern] = Kind(pattern, first.n + 1, first.item, first.reason)
    return sorted(found.values(), key=lambda kind: (-kind.n, kind.pattern))


def pattern_of(reason: str) -> str:
    """A sentence with … in place of times, names and numbers."""
    return _NAMES.sub("…", reason)
