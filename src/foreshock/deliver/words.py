"""Words: text from anywhere made fit to be shown to people and put into XML. Knows no language and no format."""

from __future__ import annotations

import unicodedata

LONGEST_NAME = 200
"""Letters of a name that are told."""
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str, *, longest: int = LONGEST_NAME) -> str:
    """Give a text on one line: what cannot be seen, or turns the reading direction, becomes a space; cut when too long.

    >>> plain("Oax\\x00aca <b>\\u202eodd\\n")
    'Oax aca <b> odd'
    """
    if len(text) <= longest and text.isascii() and text.isprintable():
        return " ".join(text.split())
    head = text[: 4 * longest]
    shown = "".join(" " if unicodedata.category(letter) in _UNSHOWN else letter for letter in head)
    words = " ".join(shown.split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def code(text: str, *, longest: int = 128) -> str:
    """Give an id without spaces, commas and signs that XML reserves; each such letter becomes an underscore.

    >>> code("ev,1 <x>")
    'ev_1__x_'
    """
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._:-") else "_" for letter in text)[
        :longest
    ]
