"""What goes wrong in an instrument: spikes, jumps, holes, clipping. Knows no ground motion."""

from __future__ import annotations

import numpy as np

from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.types.arrays import Bools, Float32, Float64, Floats

QUIET_S = 0.5
"""So much is always seen of what comes before P."""


def add_glitches(data: Float32, *, rms: Float64, fraction: float, rng: np.random.Generator) -> None:
    """Add spikes of one to three samples on one channel to a fraction of the records, in place."""
    u = rng.random((6, len(data)))
    for k in np.flatnonzero(u[0] < fraction):
        at, width = int(u[1, k] * (data.shape[2] - 3)), 1 + int(3 * u[2, k])
        size = rms[k] * 10 ** (0.7 + 1.3 * u[3, k])
        data[k, int(3 * u[4, k]), at : at + width] += np.float32(size if u[5, k] < 0.5 else -size)


def add_steps(data: Float32, *, rms: Float64, fraction: float, rng: np.random.Generator) -> None:
    """Add a lasting jump of the baseline on one channel to a fraction of the records, in place."""
    u = rng.random((5, len(data)))
    for k in np.flatnonzero(u[0] < fraction):
        size = rms[k] * 10 ** (0.3 + 1.0 * u[2, k])
        data[k, int(3 * u[3, k]), int(u[1, k] * data.shape[2]) :] += np.float32(size if u[4, k] < 0.5 else -size)


def digitise(data: Float32, clip_counts: Floats) -> Bools:
    """Round to whole counts and hold what exceeds each record's clipping level, in place; tell where it did."""
    limit = clip_counts.astype(np.float32)[:, None, None]
    np.rint(data, out=data)
    np.clip(data, -limit, limit, out=data)
    return np.asarray(np.abs(data) >= limit)


def holes(
    settings: SyntheticSettings, shape: tuple[int, ...], rng: np.random.Generator, *, p_s: Float64
) -> Bools | None:
    """Give the mask (record, channel, time) of samples that arrived; None when all did.

    `p_s` (record,) is when P comes (in noise: when it would come, so that a late start tells nothing).
    """
    u, late = rng.random((3, shape[0])), rng.random((2, shape[0]))
    gapped, begun_late = u[0] < settings.gap_fraction, late[0] < settings.late_start_fraction
    if not (gapped | begun_late).any():
        return None
    valid = np.ones(shape, bool)
    for k in np.flatnonzero(gapped):
        length = max(1, round(min(settings.gap_longest_s, settings.span_s / 2) * settings.rate_hz * u[1, k]))
        at = int(u[2, k] * (shape[2] - length))
        valid[k, :, at : at + length] = False
    for k in np.flatnonzero(begun_late):
        valid[k, :, : int(late[1, k] * max(0.0, p_s[k] - QUIET_S) * settings.rate_hz)] = False
    return valid
