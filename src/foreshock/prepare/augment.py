"""Augmentation: windows changed at random while they are learnt from, whole batches at once. Knows no networks.

Every function takes windows (example, channel, time) and a generator, and gives new windows; those that change a label
give the label too. The batch is never changed in place.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from pydantic import Field, model_validator

from foreshock.config import Settings
from foreshock.errors import InputError
from foreshock.types.arrays import AnyArray, Bools, Float32, Ints

SMALLEST_POWER = 1e-30


class Augmentation(Settings):
    """How often (0..1 of the examples) and how strongly windows are changed; nothing by default.

    Attributes:
        shift, shift_samples: moved in time by up to so many samples, zeros move in.
        gain, gain_decades: multiplied by 10^u, u uniform within ± so many decades.
        rotate: the horizontal rows `horizontal` turned by an angle drawn from the full circle.
        flip: every row multiplied by -1.
        drop: one or more rows set to zero, never all.
        gaps, gap_part: one span of up to that part of the window set to zero in every row.
        noise, noise_snr_db: noise windows added at a signal-to-noise ratio drawn from this range.
        superpose, superpose_ratio: another example added, moved in time, at up to this part of the amplitude.
    """

    shift: float = Field(default=0.0, ge=0, le=1)
    shift_samples: int = Field(default=0, ge=0)
    gain: float = Field(default=0.0, ge=0, le=1)
    gain_decades: float = Field(default=0.3, ge=0, le=6)
    rotate: float = Field(default=0.0, ge=0, le=1)
    horizontal: tuple[int, int] = (1, 2)
    flip: float = Field(default=0.0, ge=0, le=1)
    drop: float = Field(default=0.0, ge=0, le=1)
    gaps: float = Field(default=0.0, ge=0, le=1)
    gap_part: float = Field(default=0.2, gt=0, le=1)
    noise: float = Field(default=0.0, ge=0, le=1)
    noise_snr_db: tuple[float, float] = (0.0, 20.0)
    superpose: float = Field(default=0.0, ge=0, le=1)
    superpose_ratio: float = Field(default=1.0, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.noise_snr_db[0] <= self.noise_snr_db[1]:
            raise ValueError(f"noise_snr_db {self.noise_snr_db} must rise")
        return self


def augment(
    x: AnyArray,
    rng: np.random.Generator,
    settings: Augmentation,
    *,
    noise: AnyArray | None = None,
    events: Bools | None = None,
) -> Float32:
    """Change a batch as the settings say: event first, then ground, then instrument; labels keep their meaning.

    Args:
        x: windows (example, channel, time).
        rng: where every choice comes from.
        settings: what is done how often.
        noise: windows of noise to add, cut like `x` or longer.
        events: which examples show an event: only these are laid over each other.

    Raises:
        InputError: noise or `events` is needed and not given, or shapes do not fit.

    >>> x = np.ones((2, 3, 8), np.float32)
    >>> np.array_equal(augment(x, np.random.default_rng(0), Augmentation()), x)
    True
    """
    told, y = settings, _checked(x)
    if told.superpose:
        y = _superposed_events(y, rng, told, events)
    if told.shift and told.shift_samples:
        y, _ = shift(y, rng, max_samples=told.shift_samples, probability=told.shift)
    if told.rotate:
        y = rotate(y, rng, probability=told.rotate, horizontal=told.horizontal)
    if told.noise:
        if noise is None:
            raise InputError("no noise windows", "the settings add noise", "give windows of noise or set noise to 0")
        y = add_noise(y, rng, noise, snr_db=told.noise_snr_db, probability=told.noise)
    if told.flip:
        y, _ = flip(y, rng, probability=told.flip)
    if told.gain:
        y = gain(y, rng, decades=told.gain_decades, probability=told.gain)
    if told.drop:
        y = drop_channels(y, rng, probability=told.drop)
    return gaps(y, rng, part=told.gap_part, probability=told.gaps) if told.gaps else y


def _superposed_events(x: Float32, rng: np.random.Generator, told: Augmentation, events: Bools | None) -> Float32:
    """Lay events over events; a window of noise must stay one."""
    if events is None or len(events) != len(x):
        raise InputError(
            "no flags of events", "only examples that show an event may be laid over each other", "give one an example"
        )
    rows = np.flatnonzero(events)
    if not len(rows):
        return x
    out = x.copy()
    out[rows] = superpose(x[rows], rng, probability=told.superpose, ratio=told.superpose_ratio)
    return out


def _checked(x: AnyArray) -> Float32:
    y = np.asarray(x, np.float32)
    if y.ndim != 3:
        raise InputError(f"batch has shape {y.shape}", "it must be (example, channel, time)", "add the missing axis")
    return y


def _chosen(rng: np.random.Generator, n: int, probability: float) -> Bools:
    return rng.random(n) < probability


def crop(x: AnyArray, rng: np.random.Generator, *, n_samples: int) -> tuple[Float32, Ints]:
    """Cut a shorter window at a drawn place out of each; give windows and first samples (take them from arrivals).

    Raises:
        InputError: the window is longer than what it is cut from.
    """
    y = _checked(x)
    if not 1 <= n_samples <= y.shape[-1]:
        raise InputError(
            f"crop of {n_samples} samples", f"it must lie in 1..{y.shape[-1]}", "cut longer windows beforehand"
        )
    first = rng.integers(0, y.shape[-1] - n_samples + 1, len(y))
    views = np.lib.stride_tricks.sliding_window_view(y, n_samples, axis=-1)
    return views[np.arange(len(y)), :, first].copy(), first


def shift(x: AnyArray, rng: np.random.Generator, *, max_samples: int, probability: float = 1.0) -> tuple[Float32, Ints]:
    """Move windows later (+) or earlier (-) by a drawn number of samples; give windows and moves (add to arrivals)."""
    y = _checked(x)
    most = min(max_samples, y.shape[-1])
    moved = rng.integers(-most, most + 1, len(y)) * _chosen(rng, len(y), probability)
    return _moved(y, moved), moved


def _moved(x: Float32, by: Ints) -> Float32:
    n, most = x.shape[-1], int(np.abs(by).max(initial=0))
    padded = np.pad(x, ((0, 0), (0, 0), (most, most)))
    views = np.lib.stride_tricks.sliding_window_view(padded, n, axis=-1)
    return views[np.arange(len(x)), :, most - by].copy()


def gain(x: AnyArray, rng: np.random.Generator, *, decades: float, probability: float = 1.0) -> Float32:
    """Multiply windows by 10^u, u uniform in ± `decades`."""
    y = _checked(x)
    factor = 10.0 ** (rng.uniform(-decades, decades, len(y)) * _chosen(rng, len(y), probability))
    return y * factor.astype(np.float32)[:, None, None]


def rotate(
    x: AnyArray, rng: np.random.Generator, *, probability: float = 1.0, horizontal: tuple[int, int] = (1, 2)
) -> Float32:
    """Turn two orthogonal rows by a drawn angle: the same ground motion from another direction.

    Raises:
        InputError: there are no such two rows.
    """
    y = _checked(x)
    n, e = horizontal
    if n == e or not {n, e} <= set(range(y.shape[1])):
        raise InputError(f"rows {horizontal} of {y.shape[1]}", "they must be two different rows", "correct them")
    angle = rng.uniform(0, 2 * np.pi, len(y)) * _chosen(rng, len(y), probability)
    c, s = (part.astype(np.float32)[:, None] for part in (np.cos(angle), np.sin(angle)))
    out = y.copy()
    out[:, n], out[:, e] = c * y[:, n] - s * y[:, e], s * y[:, n] + c * y[:, e]
    return out


def flip(x: AnyArray, rng: np.random.Generator, *, probability: float = 0.5) -> tuple[Float32, Ints]:
    """Turn all rows of drawn windows upside down; give windows and signs (multiply a polarity of ±1 or 0 by them)."""
    y = _checked(x)
    sign = np.where(_chosen(rng, len(y), probability), -1, 1)
    return y * sign.astype(np.float32)[:, None, None], sign


def drop_channels(x: AnyArray, rng: np.random.Generator, *, probability: float = 1.0) -> Float32:
    """Set rows of drawn windows to zero: any but all of them, each number of lost rows being equally likely."""
    y = _checked(x)
    channels = y.shape[1]
    if channels < 2:
        return y.copy()
    lost = rng.integers(1, channels, len(y)) * _chosen(rng, len(y), probability)
    rank = rng.random((len(y), channels)).argsort(1)
    return y * (rank >= lost[:, None])[..., None]


def gaps(x: AnyArray, rng: np.random.Generator, *, part: float, probability: float = 1.0) -> Float32:
    """Set one span of each drawn window to zero in all rows, up to `part` of its length."""
    y = _checked(x)
    n = y.shape[-1]
    length = np.ceil(rng.uniform(0, part, len(y)) * n).astype(np.int64) * _chosen(rng, len(y), probability)
    first = rng.integers(0, n - length + 1)
    at = np.arange(n)
    inside = (at >= first[:, None]) & (at < (first + length)[:, None])
    return np.where(inside[:, None], np.float32(0), y)


def add_noise(
    x: AnyArray,
    rng: np.random.Generator,
    noise: AnyArray,
    *,
    snr_db: tuple[float, float],
    probability: float = 1.0,
) -> Float32:
    """Add drawn noise windows, scaled so that 10 log10 of the power ratio is drawn uniformly from `snr_db`.

    Power is the mean square over all rows of the window. Dead windows and dead noise stay as they are.

    Raises:
        InputError: noise windows are shorter, or have other rows, or there is none.
    """
    y, held = _checked(x), _checked(noise)
    if not len(held) or held.shape[1] != y.shape[1] or held.shape[2] < y.shape[2]:
        raise InputError(
            f"noise of shape {held.shape} for windows of {y.shape}",
            "there must be noise with the same rows and at least the same length",
            "cut the noise like the windows",
        )
    held, _ = crop(held[rng.integers(0, len(held), len(y))], rng, n_samples=y.shape[2])
    wanted = 10.0 ** (-rng.uniform(*snr_db, len(y)) / 20)
    size = np.where(_power(held) > SMALLEST_POWER, np.sqrt(_power(y) / np.maximum(_power(held), SMALLEST_POWER)), 0.0)
    size *= wanted * _chosen(rng, len(y), probability)
    return y + held * size.astype(np.float32)[:, None, None]


def _power(x: Float32) -> AnyArray:
    power: AnyArray = np.einsum("ect,ect->e", x, x, dtype=np.float64) / (x.shape[1] * x.shape[2])
    return power


def superpose(
    x: AnyArray,
    rng: np.random.Generator,
    *,
    probability: float = 1.0,
    ratio: float = 1.0,
    others: AnyArray | None = None,
) -> Float32:
    """Add another window of the batch (or of `others`), moved by up to half its length, at up to `ratio` of the size.

    Sizes are compared by the root of the power. Give windows that show an event; noise would change its class.

    Raises:
        InputError: `others` have another shape.
    """
    y = _checked(x)
    held = y if others is None else _checked(others)
    if held.shape[1:] != y.shape[1:] or not len(held):
        raise InputError(f"other windows of shape {held.shape}", f"they must be like {y.shape}", "cut them alike")
    held = held[rng.integers(0, len(held), len(y))]
    held, _ = shift(held, rng, max_samples=y.shape[-1] // 2)
    size = np.sqrt(_power(y) / np.maximum(_power(held), SMALLEST_POWER)) * (_power(held) > SMALLEST_POWER)
    size *= rng.uniform(0, ratio, len(y)) * _chosen(rng, len(y), probability)
    return y + held * size.astype(np.float32)[:, None, None]
