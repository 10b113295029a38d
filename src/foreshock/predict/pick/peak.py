"""Peak: where an arrival stands on its curve, how wide it is and how likely, for recordings and streams alike.

Knows no network, no packets and no times.
"""

from __future__ import annotations

import math

import numpy as np

from foreshock.bundle import Onset
from foreshock.types.arrays import Bools, Float64

OFF = 0.5
"""A pick ends where its curve falls below this part of the threshold."""

FOOT = 0.3
"""What stands over this part of a peak's height has its centre at the arrival."""

FWHM = 2.3548
"""Full width of a normal curve at half its height, in standard deviations."""

SHARPEST_S = 0.01
"""No arrival is known better."""

LEAST = 1e-9


def centre(curve: Float64, peak: int, *, foot: float) -> float:
    """The centre of what stands over `foot` about a peak, in frames.

    The highest frame alone is good to half a frame only; the centre of the peak is better.

    >>> round(centre(np.array([0.0, 0.5, 0.9, 0.9, 0.5, 0.0]), 2, foot=0.1), 3)
    2.5
    """
    first, last = about(curve > foot, peak)
    weight = curve[first:last] - foot
    return float((weight * np.arange(first, last)).sum() / weight.sum())


def width(curve: Float64, peak: int) -> float:
    """Frames about a peak, without a break, that reach half its height."""
    first, last = about(curve >= curve[peak] / 2, peak)
    return float(last - first)


def about(flags: Bools, middle: int) -> tuple[int, int]:
    """The run of True about a place where it is True: from … up to but not including."""
    left, right = flags[middle::-1], flags[middle:]
    return middle + 1 - _row_of_true(left), middle + _row_of_true(right)


def _row_of_true(flags: Bools) -> int:
    """How many are True before the first that is not; the first is True."""
    return int(flags.argmin()) or len(flags)


def probability_of(height: float, onset: Onset) -> float:
    """How often a peak of a height was right on records the network had not learnt from."""
    h = min(max(height, LEAST), 1 - LEAST)
    return float(1 / (1 + math.exp(-(onset.offset + onset.slope * math.log(h / (1 - h))))))
