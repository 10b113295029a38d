"""Recurrence: from which magnitude on a catalogue is complete, and its b value. Knows magnitudes only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Float64, Ints

STEP = 0.1
"""Width of a bin of magnitudes."""
CORRECTION = 0.2
"""Maximum curvature comes out too low by about this much (Woessner & Wiemer 2005, doi:10.1785/0120040007)."""
FEWEST = 30
"""With fewer earthquakes a b value says nothing."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How many earthquakes of each size there are: log10 N(>= m) = a - b m from the magnitude of completeness on.

    Attributes:
        completeness: centre of the first bin that counts, the correction in it.
        b, b_error: slope and its standard deviation. a: the intercept. n: earthquakes that they rest on.
    """

    completeness: float
    b: float
    b_error: float
    a: float
    n: int


@dataclass(frozen=True, slots=True)
class TooFew:
    """Why there is no b value, in a sentence."""

    reason: str


def recurrence(magnitudes: npt.ArrayLike, *, fewest: int = FEWEST) -> Recurrence | TooFew:
    """Estimate completeness by maximum curvature and b by maximum likelihood.

    Completeness is the fullest bin (the higher one of equals) plus `CORRECTION`. b is Aki's (1965) estimate with
    Utsu's (1966) half bin, its error Shi & Bolt's (1982, doi:10.1785/BSSA0720051677).

    >>> sizes = np.repeat([1.0, 1.2, 1.3, 1.4, 1.5, 2.2], [100, 40, 30, 20, 15, 9])
    >>> found = recurrence(sizes)
    >>> found.completeness, found.n, round(found.b, 2)
    (1.2, 114, 1.89)
    """
    values = np.asarray(magnitudes, float)
    bins = bins_of(values[np.isfinite(values)])
    if len(bins) < fewest:
        return TooFew(f"{_counted(len(bins))} with a magnitude; a b value needs {fewest}")
    first = fullest(bins) + round(CORRECTION / STEP)
    kept = np.asarray(bins[bins >= first] * STEP, np.float64)
    if len(kept) < fewest:
        above = f"{_counted(len(kept))} from magnitude {first * STEP:.1f} on"
        return TooFew(f"{above}, where the catalogue may be complete; a b value needs {fewest}")
    if np.ptp(kept) == 0:
        return TooFew(f"all {len(kept)} magnitudes are equal; there is no slope")
    return _fitted(kept, first * STEP)


def _fitted(kept: Float64, completeness: float) -> Recurrence:
    mean = float(kept.mean())
    b = math.log10(math.e) / (mean - (completeness - STEP / 2))
    spread = math.sqrt(float(np.sum((kept - mean) ** 2)) / (len(kept) * (len(kept) - 1)))
    a = math.log10(len(kept)) + b * (completeness - STEP / 2)
    return Recurrence(round(completeness, 6), b, math.log(10) * b * b * spread, a, len(kept))


def bins_of(magnitudes: npt.ArrayLike) -> Ints:
    """The bin of each magnitude: bin k has its centre at k · `STEP`, and the edge above belongs to the next."""
    return np.floor(np.round(np.asarray(magnitudes, float) / STEP, 6) + 0.5).astype(np.int64)


def fullest(bins: Ints) -> int:
    """The bin with the most earthquakes; the higher one of equals."""
    held, counts = np.unique(bins, return_counts=True)
    return int(held[counts == counts.max()].max())


def steps_of(bins: Ints) -> tuple[Float64, Ints]:
    """Centres of all bins from the lowest to the highest, and how many earthquakes each holds."""
    centres = np.arange(bins.min(), bins.max() + 1)
    counts = np.bincount(bins - bins.min(), minlength=len(centres))
    return centres * STEP, counts.astype(np.int64)


def commonest(kinds: Sequence[str]) -> str:
    """The type that most magnitudes have; the first in the alphabet of equals, nothing of none."""
    return max(sorted(set(kinds)), key=kinds.count, default="")


def _counted(n: int) -> str:
    return f"{n} earthquake{'' if n == 1 else 's'}"
