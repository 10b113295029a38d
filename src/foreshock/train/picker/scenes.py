"""Scenes: batches of windows with labels, drawn from a shelf and changed in every way that keeps the labels true.

Knows no files and no network. Every batch follows from the seed and its number alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pydantic import Field
from scipy import signal

from foreshock.config import Settings
from foreshock.prepare.bands import in_bands
from foreshock.train.picker.nuisances import nuisance
from foreshock.train.picker.shelf import RATE_HZ, Item, Shelf
from foreshock.types.arrays import Bools, Float32, Float64

Chance = float
HORIZONTALS = (1, 2)


class SceneSettings(Settings):
    """How windows are drawn; chances are of each window.

    Attributes:
        batch_size, n_samples: of a batch; a multiple of the network's stride.
        sigma_s: of the Gaussian label.
        empty: windows without any arrival on purpose.
        real: drawn from real recordings, where there are some.
        stretch: of time, by a factor up to `stretch_most`.
        second: another event on top. noise, made: an empty span or a made nuisance on top.
        gap, late: masked spans and late beginnings. only_z, drop_one: components taken away.
        filtered: by a random band. spike: one to three absurd samples.
        corners: of the bands the network sees (see `prepare.bands`).
    """

    batch_size: int = Field(default=64, ge=1)
    n_samples: int = Field(default=4096, ge=64)
    sigma_s: float = Field(default=0.1, gt=0)
    empty: float = Field(default=0.38, ge=0, le=1)
    real: float = Field(default=0.65, ge=0, le=1)
    stretch: float = Field(default=0.4, ge=0, le=1)
    stretch_most: float = Field(default=1.6, gt=1)
    second: float = Field(default=0.15, ge=0, le=1)
    noise: float = Field(default=0.35, ge=0, le=1)
    made: float = Field(default=0.2, ge=0, le=1)
    gap: float = Field(default=0.08, ge=0, le=1)
    late: float = Field(default=0.1, ge=0, le=1)
    only_z: float = Field(default=0.12, ge=0, le=1)
    drop_one: float = Field(default=0.06, ge=0, le=1)
    filtered: float = Field(default=0.2, ge=0, le=1)
    spike: float = Field(default=0.04, ge=0, le=1)
    corners: tuple[float, ...] = (0.0, 0.05)


@dataclass(eq=False)
class Scene:
    """One window before normalisation: samples, mask, arrivals in samples, and where the labels can be trusted."""

    x: Float64
    valid: Bools
    arrivals: dict[str, list[float]]
    trusted: Bools


@dataclass(frozen=True, eq=False)
class Batch:
    """What the network sees, (batch, channel, time); labels, (batch, class, time); their weight, (batch, time)."""

    x: Float32
    y: Float32
    weight: Float32


class Scenes:
    """Draws batches from a shelf."""

    def __init__(self, shelf: Shelf, settings: SceneSettings | None = None, *, seed: int) -> None:
        self.shelf, self.settings, self.seed = shelf, settings or SceneSettings(), seed
        self._events, self._empty = (_by_reality(items) for items in (shelf.events, shelf.empty))
        self._shares = {id(group): _shares(group) for groups in (self._events, self._empty) for group in groups}

    def batch(self, number: int) -> Batch:
        """The batch of a number, always the same."""
        rng = np.random.default_rng([self.seed, number])
        scenes = [self._scene(rng) for _ in range(self.settings.batch_size)]
        x = np.stack([scene.x for scene in scenes])
        valid = np.stack([scene.valid for scene in scenes])
        y = np.stack([self._label(scene.arrivals) for scene in scenes])
        weight = np.stack([scene.trusted for scene in scenes]) & valid.any(1)
        return Batch(in_bands(x, valid, corners=self.settings.corners), y, weight.astype(np.float32))

    def _scene(self, rng: np.random.Generator) -> Scene:
        told = self.settings
        is_empty = rng.random() < told.empty
        scene = self._cut(self._draw(rng, empty=is_empty), rng)
        if not is_empty and rng.random() < told.second:
            _add(scene, self._cut(self._draw(rng, empty=False), rng), 10 ** rng.uniform(-1.2, 1.2))
        if rng.random() < told.noise:
            _add_noise(scene, self._cut(self._draw(rng, empty=True), rng).x, rng)
        if rng.random() < told.made:
            _add_noise(scene, nuisance(rng, told.n_samples), rng)
        _turn(scene.x, rng)
        if rng.random() < told.filtered:
            _filter(scene, rng)
        if rng.random() < told.spike:
            at = rng.integers(0, told.n_samples - 3)
            scene.x[rng.integers(0, 3), at : at + rng.integers(1, 4)] += np.abs(scene.x).max() * rng.uniform(0.2, 20)
        self._mask(scene, rng)
        return scene

    # -- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self, rng: np.random.Generator, *, empty: bool) -> Item:
        """An origin in proportion to the root of its length, then one of its items."""
        groups = self._empty if empty else self._events
        kind = int(rng.random() < self.settings.real) if groups[0] and groups[1] else int(bool(groups[1]))
        sets = groups[kind]
        items = sets[int(np.searchsorted(self._shares[id(sets)], rng.random()))]
        return items[rng.integers(len(items))]

    def _cut(self, item: Item, rng: np.random.Generator) -> Scene:
        """A window of an item, stretched in time; an event's first arrival lies anywhere in it or before or after."""
        n, n_item = self.settings.n_samples, item.x.shape[1]
        factor = 1.0
        if rng.random() < self.settings.stretch:
            factor = float(np.exp(rng.uniform(-1, 1) * np.log(self.settings.stretch_most)))
        span = n * factor
        arrival = item.p if np.isfinite(item.p) else item.s
        if np.isfinite(arrival):
            begin = arrival - rng.uniform(-0.2, 0.95) * span
        else:
            begin = rng.uniform(min(0.0, n_item - span), max(0.0, n_item - span))
        begin = begin if factor != 1.0 else float(round(begin))
        x, valid = _read(item, begin, factor, n)
        arrivals = {
            name: [(at - begin) / factor] if np.isfinite(at) else [] for name, at in (("P", item.p), ("S", item.s))
        }
        trusted = np.ones(n, bool)
        if not item.s_known and np.isnan(item.s):
            trusted[max(0, int(arrivals["P"][0] + 0.4 * RATE_HZ)) :] = False
        return Scene(x, valid, arrivals, trusted)

    def _mask(self, scene: Scene, rng: np.random.Generator) -> None:
        told, n = self.settings, self.settings.n_samples
        if rng.random() < told.only_z:
            scene.valid[1:] = False
        elif rng.random() < told.drop_one:
            scene.valid[rng.integers(0, 3)] = False
        if rng.random() < told.gap:
            for _ in range(rng.integers(1, 5)):
                at = rng.integers(0, n)
                scene.valid[:, at : at + int(10 ** rng.uniform(0, 2.9))] = False
        if rng.random() < told.late:
            edge = rng.integers(0, n // 2)
            scene.valid[:, slice(0, edge) if rng.random() < 0.7 else slice(n - edge, n)] = False
        some: Bools = np.any(scene.valid, axis=0)
        for times in scene.arrivals.values():
            times[:] = [at for at in times if _is_heard(some, at)]

    def _label(self, arrivals: dict[str, list[float]]) -> Float32:
        y, sigma = np.zeros((3, self.settings.n_samples), np.float32), self.settings.sigma_s * RATE_HZ
        for row, name in ((1, "P"), (2, "S")):
            for at in arrivals[name]:
                _raise(y[row], at, sigma)
        y[1:] /= np.maximum(y[1] + y[2], 1.0)
        y[0] = np.maximum(1 - y[1] - y[2], 0.0)
        return y


def _raise(row: Float32, at: float, sigma: float) -> None:
    """A bell about a place, where it is higher than what is there; five sigmas off it is nothing."""
    first, last = max(0, int(at - 5 * sigma)), min(len(row), int(at + 5 * sigma) + 2)
    if first < last:
        k = np.arange(first, last)
        row[first:last] = np.maximum(row[first:last], np.exp(-(((k - at) / sigma) ** 2) / 2))


def _by_reality(items: dict[str, list[Item]]) -> tuple[list[list[Item]], list[list[Item]]]:
    made = [held for name, held in items.items() if "synthetic" in name]
    return made, [held for name, held in items.items() if "synthetic" not in name]


HALF_KNOWN = 0.4
"""An origin whose S nobody knows is drawn that much less often."""


def _shares(sets: list[list[Item]]) -> Float64:
    """Up to which random number each origin is drawn: by the root of its length, less where S is not known."""
    length = np.array([float(sum(item.x.shape[1] for item in items)) for items in sets])
    known = np.array([float(np.mean([item.s_known for item in items])) for items in sets])
    share: Float64 = np.sqrt(length) * (HALF_KNOWN + (1 - HALF_KNOWN) * known)
    return np.cumsum(share[:-1]) / share.sum() if len(share) else share


def _read(item: Item, begin: float, factor: float, n: int) -> tuple[Float64, Bools]:
    """Samples begin, begin + factor, … of an item by cubic interpolation (Catmull & Rom); outside it is masked."""
    if factor == 1.0 and begin == round(begin):
        return _plain(item, int(begin), n)
    at = begin + factor * np.arange(n)
    low = np.floor(at).astype(np.int64)
    part = (at - low).astype(np.float32)
    inside = (low >= 0) & (low + 1 < item.x.shape[1])
    a, b, c, d = (item.x.take(low + k, axis=1, mode="clip") for k in range(-1, 3))
    x = b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)))
    valid = item.valid.take(low, axis=1, mode="clip") & item.valid.take(low + 1, axis=1, mode="clip") & inside
    return np.where(valid, x, 0.0).astype(np.float64), valid


def _plain(item: Item, begin: int, n: int) -> tuple[Float64, Bools]:
    """Samples as they are."""
    x, valid = np.zeros((3, n)), np.zeros((3, n), bool)
    first, last = max(0, begin), min(begin + n, item.x.shape[1])
    if first < last:
        x[:, first - begin : last - begin] = item.x[:, first:last]
        valid[:, first - begin : last - begin] = item.valid[:, first:last]
    return np.where(valid, x, 0.0), valid


def _height(scene: Scene, at: float) -> float:
    """Root mean square of the second after an arrival, the largest of the components."""
    first = int(at)
    if not 0 <= first < scene.x.shape[1] - 20:
        return 0.0
    return float(np.sqrt((scene.x[:, first : first + 100] ** 2).mean(1)).max())


def _add(scene: Scene, other: Scene, gain: float) -> None:
    """Another event on top, its size against the first one's as told."""
    size = np.abs(scene.x).max() / (np.abs(other.x).max() or 1.0)
    scene.x += other.x * (size * gain)
    scene.trusted &= other.trusted
    for name, times in other.arrivals.items():
        for at in times:
            before = _height(scene, at - RATE_HZ)
            if _height(scene, at) > 1.3 * before > 0:
                scene.arrivals[name].append(at)
            elif 0 <= at < scene.x.shape[1]:
                scene.trusted[max(0, int(at - 50)) : int(at + 50)] = False


def _add_noise(scene: Scene, noise: Float64, rng: np.random.Generator) -> None:
    """Noise on top, so loud that the weakest arrival still stands out, or anything where there is none."""
    seen = [height for name in ("P", "S") for at in scene.arrivals[name] if (height := _height(scene, at)) > 0]
    rms = np.sqrt((noise**2).mean()) or 1.0
    if seen:
        loudest = max(np.sqrt((noise.reshape(3, -1, 64) ** 2).mean(-1)).max(), rms)
        scene.x += noise * (min(seen) * 10 ** rng.uniform(-2.0, -0.25) / np.sqrt(rms * loudest))
    else:
        scene.x += noise * (np.abs(scene.x).max() * 10 ** rng.uniform(-2, 0.5) / rms)


def _turn(x: Float64, rng: np.random.Generator) -> None:
    """Rotate the horizontals by any angle and flip any component: the ground knows no north."""
    angle, flips = rng.uniform(0, 2 * np.pi), 2.0 * rng.integers(0, 2, 3) - 1
    turn = np.eye(3)
    turn[1:, 1:] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    x[:] = (flips[:, None] * turn) @ x


def _filter(scene: Scene, rng: np.random.Generator) -> None:
    """A causal low-pass or high-pass with a random corner."""
    kind = rng.choice(["lowpass", "highpass"])
    corner = rng.uniform(8, 35) if kind == "lowpass" else 10 ** rng.uniform(0, 0.7)
    sos = signal.butter(2, corner, kind, fs=RATE_HZ, output="sos")
    scene.x[:] = signal.sosfilt(sos, scene.x, axis=-1)


def _is_heard(some: Bools, at: float) -> bool:
    """Whether there are samples about an arrival: half a second before and a tenth after."""
    first, last = int(at - 0.5 * RATE_HZ), int(at + 0.1 * RATE_HZ)
    if last < 0 or first >= len(some):
        return True
    return bool(some[max(0, first) : last + 1].mean() > 0.7)
