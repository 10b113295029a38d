"""Peaks of curves: counted for whole batches at once, plateaus as one. Knows nothing about what the curves mean."""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import Bools, Float64, Ints


def peak_marks(curves: Float64, *, height: Float64 | float) -> Bools:
    """Mark the last sample of each local maximum of at least `height` (…, time); a plateau is one, ends are none.

    >>> peak_marks(np.array([0.0, 2.0, 2.0, 0.0, 1.0, 0.0]), height=1.5).tolist()
    [False, False, True, False, False, False]
    """
    marks = np.zeros(curves.shape, bool)
    if curves.shape[-1] < 3:
        return marks
    step = np.diff(curves, axis=-1)
    falls = (step[..., 1:] < 0) & (curves[..., 1:-1] >= height)
    flat = step == 0
    marks[..., 1:-1] = falls & ((_last_move(step, flat) if flat.any() else step)[..., :-1] > 0)
    return marks


def n_peaks(curves: Float64, *, height: Float64 | float) -> Ints:
    """Count the local maxima of at least `height` (…), as `scipy.signal.find_peaks(height=…)` does for one curve."""
    return np.asarray(peak_marks(curves, height=height).sum(-1))


def _last_move(step: Float64, flat: Bools) -> Float64:
    """Each step, a zero one replaced by the last that was not zero."""
    index = np.where(flat, 0, np.arange(step.shape[-1]))
    np.maximum.accumulate(index, axis=-1, out=index)
    return np.asarray(np.take_along_axis(step, index, -1))
