"""Names: stations and streams as SeedLink calls them, and the patterns that choose among them. Knows no packets.

Version 4 speaks of ``NET_STA`` and ``LOC_B_S_SS``, version 3 of ``STA NET`` and ``LLCCC.T``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from foreshock.errors import InputError

MOST_LETTERS = 64
"""Of a pattern."""


@lru_cache(maxsize=16384)
def seedlink_names(station_id: str, channel: str) -> tuple[str, str]:
    """Station and stream in version 4's words.

    >>> seedlink_names("IU.ANMO.00", "BHZ"), seedlink_names("XX.A.", "L_FUZZY_5")
    (('IU_ANMO', '00_B_H_Z'), ('XX_A', '_L_FUZZY_5'))
    """
    network, station, location = station_id.split(".")
    parts = channel if "_" in channel else "_".join(channel)
    return f"{network}_{station}", f"{location}_{parts}"


def matches(pattern: str, text: str) -> bool:
    """Whether a whole text fits a pattern of ``*`` and ``?``, in time that grows with both lengths only.

    >>> matches("_*Z", "_B_H_Z"), matches("_*Z", "00_B_H_Z"), matches("G?_*", "GE_APE")
    (True, False, True)
    """
    at = start = 0
    star = -1
    while at < len(text):
        here = start < len(pattern)
        if here and pattern[start] == "*":
            star, after, start = start, at, start + 1
        elif here and pattern[start] in ("?", text[at]):
            at, start = at + 1, start + 1
        elif star >= 0:
            after += 1
            at, start = after, star + 1
        else:
            return False
    return not pattern[start:].strip("*")


@dataclass(frozen=True, slots=True)
class Selector:
    """A pattern for streams, kept in version 4's words.

    Attributes:
        stream: of ``LOC_B_S_SS``. kind: of format and subformat, from their beginning. is_not: streams it fits are
            left out.
    """

    stream: str
    kind: str = "*"
    is_not: bool = False

    def fits(self, stream: str, kind: str) -> bool:
        """Whether it speaks of a stream."""
        return matches(self.stream, stream) and matches(self.kind, kind)


def are_chosen(selectors: Sequence[Selector], stream: str, kind: str) -> bool:
    """Whether selectors choose a stream: some fit it (or none are given that could) and no negative one does.

    >>> are_chosen([selector4("_B*"), selector4("!*.*E")], "_B_H_Z", "2D")
    True
    """
    if any(one.is_not and one.fits(stream, kind) for one in selectors):
        return False
    wanted = [one for one in selectors if not one.is_not]
    return not wanted or any(one.fits(stream, kind) for one in wanted)


def checked(pattern: str) -> str:
    """A pattern that is no riddle.

    Raises:
        InputError: it is empty, too long or not printable ASCII.
    """
    if not pattern or len(pattern) > MOST_LETTERS or not (pattern.isascii() and pattern.isprintable()):
        raise InputError(f"pattern {pattern[:80]!r}", f"it must be 1 to {MOST_LETTERS} printable letters", "shorten it")
    return pattern


def selector4(text: str) -> Selector:
    """Read a version 4 selector, ``[!]stream[.format][:filter]``; the one filter known is ``native``.

    Raises:
        InputError: it is empty, too long, or asks for another filter.

    >>> selector4("!00_B_H_?.2D")
    Selector(stream='00_B_H_?', kind='2D*', is_not=True)
    """
    body, colon, wanted = text.removeprefix("!").partition(":")
    if colon and (wanted != "native" or text.startswith("!")):
        raise InputError(f"filter {wanted!r}", "records are given as they came", "leave it out or say native")
    stream, dot, kind = body.rpartition(".")
    stream, kind = (stream, kind) if dot else (body, "")
    return Selector(checked(stream), checked(kind + "*"), text.startswith("!"))


def selector3(text: str) -> Selector:
    """Read a version 3 selector, ``[!][LL][CCC][.T]``; ``-`` stands for a space.

    Raises:
        InputError: it has another length.

    >>> selector3("00BH?.D"), selector3("BHZ"), selector3("--HH?")
    (Selector(stream='00_B_H_?', kind='?D', is_not=False), Selector(stream='*_B_H_Z', kind='*', is_not=False), \
Selector(stream='_H_H_?', kind='*', is_not=False))
    """
    body, dot, kind = checked(text).removeprefix("!").partition(".")
    body = body.replace(":", "")
    if len(body) not in (0, 2, 3, 5) and body != "*":
        raise InputError(f"selector {text!r}", "it must be LLCCC, CCC or LL, and a type after a dot", "write 00BHZ.D")
    location = body[:2] if len(body) in (2, 5) else "*"
    location = {"??": "*", "--": "", "  ": ""}.get(location, location)
    channel = body[-3:] if len(body) in (3, 5) else ""
    parts = "_".join(channel) if channel else "*"
    return Selector(f"{location}_{parts}", f"?{kind}" if dot and kind else "*", text.startswith("!"))
