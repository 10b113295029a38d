"""Splits by event: made from its name alone, checked so that no event stands on two sides. Knows no files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from foreshock.errors import ConfigError, LabelError, nearest
from foreshock.types.arrays import AnyArray
from foreshock.types.record import SPLITS

FRACTIONS = (0.7, 0.1, 0.2)
"""Shares of events for train, dev and test where a data set brings no split."""

_SPELLINGS = {
    "training": "train",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "development": "dev",
    "testing": "test",
}


def event_split(event_ids: Iterable[str], fractions: Sequence[float] = FRACTIONS, *, seed: int = 0) -> list[str]:
    """Say for each event id whether it goes to train, dev or test; equal ids always go together.

    The place depends on the id and `seed` only (SHA-256), so data added later moves nothing, and the same event in
    two data sets stays on one side. Shares are met on average: expect ±√(n·f·(1−f)) events.

    Raises:
        ConfigError: the fractions are not three shares that add up to 1.

    >>> event_split(["us7000a", "us7000b", "us7000a"])
    ['train', 'dev', 'train']
    """
    shares = [float(share) for share in fractions]
    if len(shares) != 3 or min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        raise ConfigError(f"split fractions are {shares}", "train, dev and test must add up to 1", "use 0.7 0.1 0.2")
    edges = np.cumsum(shares)[:2]
    ids = [str(event) for event in event_ids]
    side = {event: SPLITS[int(np.searchsorted(edges, _uniform(event, seed), side="right"))] for event in set(ids)}
    return [side[event] for event in ids]


def _uniform(event_id: str, seed: int) -> float:
    """A number in [0, 1) that the id and seed decide."""
    digest = hashlib.sha256(f"{seed}\x00{event_id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def known_split(written: object) -> str | None:
    """Give a split its known name (``val`` is ``dev``); None where nothing is written; others as they are."""
    if not isinstance(written, str) or not written.strip():
        return None
    text = written.strip().lower()
    text = _SPELLINGS.get(text, text)
    return text if text in SPLITS else written.strip()


def check_split_name(split: str) -> str:
    """Give the known name of a split that is asked for.

    Raises:
        LabelError: it is not train, dev or test.
    """
    name = known_split(split)
    if name not in SPLITS:
        raise LabelError(f"split {split!r}", f"it must be one of {', '.join(SPLITS)}", nearest(str(split), SPLITS))
    return name


def leaks(event_ids: AnyArray, splits: AnyArray) -> Mapping[str, tuple[str, ...]]:
    """Give the events that stand on more than one side, with the sides."""
    sides: dict[str, set[str]] = {}
    for event, split in zip(event_ids.tolist(), splits.tolist(), strict=True):
        if split is not None:
            sides.setdefault(event, set()).add(split)
    return {event: tuple(sorted(held)) for event, held in sides.items() if len(held) > 1}


def check_splits(event_ids: AnyArray, splits: AnyArray, *, where: str, what: str = "event") -> None:
    """Refuse splits with unknown names and events (or `what` else is told by name) that stand on two sides.

    Raises:
        LabelError: the sentence names the split or the event.
    """
    for split in sorted({str(s) for s in splits.tolist() if s is not None} - set(SPLITS)):
        count = int(np.sum(splits == split))
        raise LabelError(
            f"split {split!r} of {count} records in {where}",
            f"it must be one of {', '.join(SPLITS)}",
            f"{nearest(split, SPLITS)}; correct the column split",
        )
    torn = leaks(event_ids, splits)
    if torn:
        event = min(torn)
        raise LabelError(
            f"{what} {event!r} of {where} stands in {' and '.join(torn[event])} ({len(torn)} such {what}s)",
            f"{'an' if what == 'event' else 'a'} {what} must stand on one side of a split",
            f"correct the column {'split, or drop it to split by event here' if what == 'event' else 'trace_name'}",
        )
