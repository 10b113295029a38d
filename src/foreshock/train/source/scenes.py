"""Scenes: batches for the source network, drawn from shelves and changed in ways that keep the truth true.

Knows no files and no network. Every batch follows from the seed and its number alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from foreshock.config import Settings
from foreshock.prepare.source_input import AFTER_S, source_input, turned
from foreshock.prepare.source_keys import context_rows
from foreshock.train.source.shelf import EARLIEST_S, LATEST_S, Shelf, frame_places, reversed_instruments
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64, Ints

ELAPSED_S = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
"""Declared times after P."""

UNKNOWN, VELOCITY, COUNT = 0, 1, 2
"""What is known of the scale."""


class SceneSettings(Settings):
    """How batches are drawn; chances are of each record.

    Attributes:
        batch_size: of a batch. real: share drawn from recordings, where there are some.
        last: chance of the longest elapsed time; the others share the rest.
        station: the instrument is told. unscaled: neither instrument nor scale is told.
        picked: P is where it was found by looking (as far as that is known), not where the record says.
        jitter_s: P is moved by up to this, either way.
        fewer_bands: the highest bands are taken away, as by a lower sampling rate.
        gain: of counts, in decades (standard deviation), where the instrument is not told.
        tilt: of the levels of all bands, likewise, from the lowest to the highest.
    """

    batch_size: int = Field(default=64, ge=1)
    real: float = Field(default=0.6, ge=0, le=1)
    last: float = Field(default=0.3, ge=0, le=1)
    station: float = Field(default=0.55, ge=0, le=1)
    unscaled: float = Field(default=0.15, ge=0, le=1)
    picked: float = Field(default=0.4, ge=0, le=1)
    jitter_s: float = Field(default=0.3, ge=0, le=1)
    fewer_bands: float = Field(default=0.1, ge=0, le=1)
    gain: float = Field(default=0.05, ge=0, le=2)
    tilt: float = Field(default=0.0, ge=0, le=2)


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples: x (example, row, frame), context (example, fact), and the truth of each; the azimuth may be NaN."""

    x: Float32
    context: Float32
    magnitude: Float64
    log_distance: Float64
    back_azimuth_rad: Float64


class Scenes:
    """Batches without end."""

    def __init__(
        self, shelf: Shelf, instruments: Sequence[str], settings: SceneSettings | None = None, *, seed: int = 0
    ) -> None:
        self.shelf, self.instruments = shelf, tuple(instruments)
        self.settings, self.seed = settings or SceneSettings(), seed
        place = {key: k for k, key in enumerate(self.instruments)}
        self._place = np.array([place.get(str(key), -1) for key in shelf.instrument])
        self._place[shelf.physical] = -1
        self._reversed = np.isin(shelf.instrument.astype(str), reversed_instruments(shelf))
        self._real, self._made = (np.flatnonzero(shelf.physical == flag) for flag in (False, True))

    def batch(self, number: int) -> Batch:
        """The batch of a number."""
        rng, told = np.random.default_rng([self.seed, number]), self.settings
        rows = self._rows(rng)
        place, scale = self._told(rows, rng)
        elapsed = np.where(rng.random(len(rows)) < told.last, AFTER_S, rng.choice(ELAPSED_S, len(rows)))
        shift_s = moved_s(self.shelf.picked_s[rows], rng, picked=told.picked, jitter_s=told.jitter_s)
        bands = self._bands(rows, rng)
        made = example_rows(self.shelf, rows, shift_s=shift_s, elapsed_s=elapsed, bands=bands)
        free = place < 0
        level = made.level + np.where(free & (scale == COUNT), told.gain * rng.standard_normal(len(rows)), 0.0)
        context = context_rows(
            level=level, scale=scale, bands=bands, elapsed_s=elapsed, place=place, n_instruments=len(self.instruments)
        )
        angle = np.where(free, rng.uniform(0, 2 * np.pi, len(rows)), 0.0)
        mirrored = free & (rng.random(len(rows)) < 0.5)
        azimuth = np.where(mirrored, -1.0, 1.0) * self.shelf.back_azimuth_rad[rows] + angle
        azimuth = np.where(free & self._reversed[rows], np.nan, azimuth)
        return Batch(
            turned(made.x, angle, mirrored=mirrored),
            context,
            self.shelf.magnitude[rows],
            self.shelf.log_distance[rows],
            azimuth,
        )

    def _rows(self, rng: np.random.Generator) -> Ints:
        n = self.settings.batch_size
        n_real = round(n * self.settings.real) if len(self._made) else n
        parts = [(self._real, n_real), (self._made, n - n_real)] if len(self._real) else [(self._made, n)]
        return np.concatenate([rng.choice(held, count) for held, count in parts if count]).astype(np.int64)

    def _told(self, rows: Ints, rng: np.random.Generator) -> tuple[AnyArray, AnyArray]:
        """Instruments and scales as the network will be told them."""
        physical, u = self.shelf.physical[rows], rng.random(len(rows))
        known = np.where(physical, VELOCITY, COUNT)
        scale = np.where(u < self.settings.unscaled, UNKNOWN, known)
        told = (u >= 1 - self.settings.station) & ~physical
        return np.where(told, self._place[rows], -1), scale

    def _bands(self, rows: Ints, rng: np.random.Generator) -> Bools:
        bands = self.shelf.bands[rows].copy()
        last = np.where(rng.random(len(rows)) < self.settings.fewer_bands, rng.integers(5, 10, len(rows)), 10)
        return bands & (np.arange(bands.shape[1]) < last[:, None])


@dataclass(frozen=True, eq=False)
class Made:
    """Rows and scale of some records."""

    x: Float32
    level: Float64


def moved_s(picked_s: Float64, rng: np.random.Generator, *, picked: float, jitter_s: float) -> Float64:
    """How far P is moved: sometimes to where it was found, always by a little."""
    base = np.where((rng.random(len(picked_s)) < picked) & np.isfinite(picked_s), np.nan_to_num(picked_s), 0.0)
    return np.clip(base + rng.uniform(-jitter_s, jitter_s, len(base)), EARLIEST_S, LATEST_S)


def example_rows(shelf: Shelf, rows: Ints, *, shift_s: Float64, elapsed_s: AnyArray, bands: Bools) -> Made:
    """What the network reads of records whose P is moved by `shift_s`."""
    places = [frame_places(float(by)) for by in shift_s]
    values = np.stack([shelf.rows[row][..., at] for row, at in zip(rows, places, strict=True)])
    seen = np.stack([shelf.seen[row][at] for row, at in zip(rows, places, strict=True)])
    made = source_input(values, seen, bands, elapsed_s=elapsed_s)
    return Made(made.x, made.level)
