"""Source input: a band raster as the rows a source network reads, of which nothing lies after the elapsed time.

The rows are log levels of Z and of the horizontals in every band, written relative to the loudest frame since P, and
cross powers as parts of the whole power, which tell the direction. That loudest level itself, the scale, is given
beside them. One implementation serves training and running.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.prepare.band_raster import CENTRES_HZ, POWERS, STEP_S
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64

BEFORE_S, AFTER_S = 10.0, 30.0
FRAME_S = 0.5
STEPS = round(FRAME_S / STEP_S)
N_BEFORE, N_AFTER = round(BEFORE_S / FRAME_S), round(AFTER_S / FRAME_S)
N_FRAMES = N_BEFORE + N_AFTER
N_BANDS = len(CENTRES_HZ)
N_PAIRS = N_BANDS // 2
N_LEVELS, N_CROSS = 2 * N_BANDS, 4 * N_PAIRS
N_ROWS = N_LEVELS + N_CROSS + 1
"""Z levels, horizontal levels, cross powers (Z·N, Z·E, N²−E², 2NE in five pairs of bands), and which frames there are.
"""

LOWEST, HIGHEST = -5.0, 3.0
"""Levels are cut there, in decades relative to the loudest frame since P."""

LEAST_SEEN = 0.5
"""A frame of which less has been recorded is none."""

TINY = 1e-80


@dataclass(frozen=True, eq=False)
class SourceInput:
    """What a network reads of records.

    Attributes:
        x: float32 (record, `N_ROWS`, `N_FRAMES`).
        level: float64 (record,), log10 of the loudest frame since P, in the raster's unit; NaN where nothing was seen.
        signal: float64 (record,), that level over the one before P, decades; NaN where nothing was seen before.
        n_seen: int (record,), frames since P that were seen.
    """

    x: Float32
    level: Float64
    signal: Float64
    n_seen: AnyArray


def frame_rows(power: AnyArray, seen: AnyArray) -> tuple[Float32, Float32]:
    """Log levels and cross powers of the frames that begin at every step, and the shares of them that were seen.

    Every `STEPS`-th of them makes a record's frames. Levels are NaN where there is no power at all.

    Arguments:
        power, seen: (power, band, step) and (step,), as in `BandRaster`.

    Returns:
        float32 (`N_LEVELS` + `N_CROSS`, step − `STEPS` + 1) and (step − `STEPS` + 1,).
    """
    weight = seen.astype(np.float64)
    total = _sums(weight)
    mean = _sums(power * weight) / np.maximum(total, 1e-9)
    size, n_frames = mean[:2], mean.shape[-1]
    levels = np.where(size > 0, 0.5 * np.log10(np.maximum(size, TINY)), np.nan).reshape(N_LEVELS, n_frames)
    whole = mean[POWERS.index("zz")] + 2 * mean[POWERS.index("hh")]
    parts = np.divide(mean[2:], whole, out=np.zeros_like(mean[2:]), where=whole > 0)
    cross = parts.reshape(len(parts), N_PAIRS, 2, n_frames).mean(2).reshape(N_CROSS, n_frames)
    return np.concatenate([levels, cross]).astype(np.float32), (total / STEPS).astype(np.float32)


def _sums(values: Float64) -> Float64:
    whole: Float64 = np.lib.stride_tricks.sliding_window_view(values, STEPS, axis=-1).sum(-1)
    return whole


def source_input(rows: Float32, seen: Float32, bands: Bools, *, elapsed_s: AnyArray | float) -> SourceInput:
    """What a network reads of records, from frames that begin `BEFORE_S` before P and end `AFTER_S` after it.

    Arguments:
        rows: (record, row, frame), see `frame_rows`. seen: (record, frame). bands: (record, band).
        elapsed_s: (record,) or one number; frames that end later are left out.
    """
    frames = (seen >= LEAST_SEEN) & _elapsed(elapsed_s, len(seen))
    levels, cross = rows[:, :N_LEVELS], rows[:, N_LEVELS:]
    there = frames[:, None, :] & np.tile(bands, (1, 2))[:, :, None] & np.isfinite(levels)
    level, quiet = (
        _loudest(levels[..., N_BEFORE:], there[..., N_BEFORE:]),
        _loudest(levels[..., :N_BEFORE], there[..., :N_BEFORE]),
    )
    relative = np.clip(levels - np.nan_to_num(level)[:, None, None].astype(np.float32), LOWEST, HIGHEST)
    relative = np.where(there, np.float32(0.5) * (relative + np.float32(2.0)), np.float32(0))
    cross = np.where(frames[:, None, :], cross, np.float32(0))
    x = np.concatenate([relative, cross, frames[:, None, :].astype(np.float32)], 1)
    return SourceInput(x, level, level - quiet, frames[:, N_BEFORE:].sum(-1))


def turned(x: Float32, angle_rad: AnyArray, *, mirrored: AnyArray | bool = False) -> Float32:
    """The rows as if the event's back azimuth were larger by an angle (and east and west were exchanged before).

    Arguments:
        x: (example, row, frame). angle_rad: (example,). mirrored: (example,) or one flag.
    """
    out = x.copy()
    zn, ze, difference, twice = (x[:, N_LEVELS + k * N_PAIRS : N_LEVELS + (k + 1) * N_PAIRS] for k in range(4))
    sign = np.where(np.broadcast_to(mirrored, len(x)), -1.0, 1.0)[:, None, None]
    ze, twice = ze * sign, twice * sign
    c, s = (f(np.asarray(angle_rad))[:, None, None] for f in (np.cos, np.sin))
    c2, s2 = (f(2 * np.asarray(angle_rad))[:, None, None] for f in (np.cos, np.sin))
    new = (c * zn - s * ze, s * zn + c * ze, c2 * difference - s2 * twice, s2 * difference + c2 * twice)
    out[:, N_LEVELS : N_LEVELS + N_CROSS] = np.concatenate(new, 1)
    return out


def _elapsed(elapsed_s: AnyArray | float, n: int) -> Bools:
    """Frames that end by the elapsed time."""
    ends_s = (np.arange(N_FRAMES) - N_BEFORE + 1) * FRAME_S
    early: Bools = ends_s <= np.broadcast_to(np.asarray(elapsed_s, np.float64), n)[:, None] + 1e-9
    return early


def _loudest(levels: Float32, there: Bools) -> Float64:
    """The largest level of all bands and both directions; NaN where there is none."""
    largest = np.where(there, levels, -np.inf).max((-1, -2)).astype(np.float64)
    return np.where(np.isfinite(largest), largest, np.nan)
