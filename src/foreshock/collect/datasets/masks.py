"""Masks of stored traces: which samples of which component count. Knows no files."""

from __future__ import annotations

import re

import numpy as np

from foreshock.errors import FormatError
from foreshock.types.arrays import Bools, Float32

_SPAN = re.compile(r"^([A-Z0-9]):(\d+)-(\d+)$")


def mask_of(
    data: Float32, components: str, *, present: str | None, count: int | None, spans: str | None
) -> Bools | None:
    """Give the mask of a trace, bool (channel, time), or None where every sample counts.

    A component is invalid when `present` does not name it, or, where only a `count` of components is told and it is
    smaller, when all its samples are zero. `spans` adds ``Z:100-200 E:0-50`` (last sample not included).

    Raises:
        FormatError: a span is not written like that.
    """
    valid = np.ones(data.shape, bool)
    if present is not None:
        valid[[letter not in present for letter in components]] = False
    elif count is not None and count < len(components):
        valid[~data.any(axis=1)] = False
    for text in (spans or "").split():
        found = _SPAN.match(text)
        if found is None or found[1] not in components:
            raise FormatError(
                f"trace_invalid_samples {text[:40]!r}", "it must be like Z:100-200", "correct the metadata"
            )
        valid[components.index(found[1]), int(found[2]) : int(found[3])] = False
    return None if valid.all() else valid


def spans_of(valid: Bools, components: str) -> str:
    """Write a mask as spans; components that are invalid throughout are left out (they are not present).

    >>> spans_of(np.array([[True, False, False, True]]), "Z")
    'Z:1-3'
    """
    out: list[str] = []
    for letter, row in zip(components, valid, strict=True):
        if row.all() or not row.any():
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[True], row, [True]]).astype(np.int8)))
        out += [f"{letter}:{first}-{last}" for first, last in edges.reshape(-1, 2)]
    return " ".join(out)
