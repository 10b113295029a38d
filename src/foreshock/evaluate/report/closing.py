"""Closing: what ends a report of scores: pictures by section, skipped items, limits, versions. Knows no scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.pictures import Drawn

MOST_SKIPPED = 50


def shown(drawn: Sequence[Drawn], section: str) -> Markup:
    """The pictures of a section, side by side."""
    found = [picture.markup() for picture in drawn if picture.section == section]
    return tag("div", *found, class_="pair") if found else Markup("")


def skipped(items: Sequence[tuple[str, str]]) -> Markup:
    """The first `MOST_SKIPPED` items that were left out, with their reasons and how many there are."""
    if not items:
        return Markup("")
    more = f"The first {MOST_SKIPPED} of {len(items):,}" if len(items) > MOST_SKIPPED else "All items"
    return joined([tag("p", more), table(["item", "reason"], [list(one) for one in items[:MOST_SKIPPED]])])


def limits(sentences: Iterable[str]) -> Markup:
    """What the page cannot say, a line each."""
    return tag("ul", *(tag("li", text) for text in sentences), class_="limits")


def origin(versions: Mapping[str, str], inputs: Mapping[str, str]) -> Markup:
    """Versions of packages, hashes of inputs."""
    rows = [[name, tag("code", value)] for name, value in inputs.items()]
    return joined(
        [
            table(["package", "version"], [list(pair) for pair in versions.items()]) if versions else None,
            table(["input", "SHA-256"], rows) if rows else None,
        ]
    )
