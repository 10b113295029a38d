"""The law of steps: chunked equals whole, and a step forgets, copies, saves and survives. Knows no particular step."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from foreshock.errors import PluginError
from foreshock.plugins import Step
from foreshock.types.arrays import Ints
from foreshock.types.waveform import Waveform, concatenate

RELATIVE_TOLERANCE = 1e-6


def check_step(
    step: Step, *, rate_hz: float = 100.0, n_samples: int = 3000, unit: str = "count", seed: int = 0
) -> None:
    """Try a step on noise, offsets, gaps and silence, cut in many ways.

    Raises:
        PluginError: the step breaks a rule; the sentence says which.
    """
    rng = np.random.default_rng(seed)
    for name, wave in _trials(rng, rate_hz, n_samples, unit):
        whole = step(wave)
        _demand_same(step, f"a second call on {name}", step(wave), whole)
        for cuts in _cuts(rng, n_samples):
            _demand_same(
                step, f"chunks of {name} cut at {cuts.tolist()[:5]}…", _in_chunks(step.fresh(), wave, cuts), whole
            )
        _check_saving(step, wave, whole)
        _check_copies(step, wave, whole)
    _check_memory(step, rng, rate_hz, unit)
    _check_parameters(step)


def _demand(step: Step, held: bool, rule: str) -> None:
    if not held:
        raise PluginError(f"step {step!r}", f"it breaks the law: {rule}", "correct the step")


def _demand_same(step: Step, what: str, got: Waveform, want: Waveform) -> None:
    scale = float(np.abs(want.data).max(initial=0)) or 1.0
    same = (
        got.data.shape == want.data.shape
        and got.start_ns == want.start_ns
        and got.rate_hz == want.rate_hz
        and got.unit == want.unit
        and np.array_equal(got.valid, want.valid)
        and float(np.abs(got.data - want.data).max(initial=0)) <= RELATIVE_TOLERANCE * scale
    )
    _demand(step, same, f"{what} must give what the whole gives")


def _trials(rng: np.random.Generator, rate_hz: float, n: int, unit: str) -> Iterator[tuple[str, Waveform]]:
    noise = rng.standard_normal((3, n)).astype(np.float32)
    whole = np.ones((3, n), bool)
    gappy = whole.copy()
    gappy[:, :7] = False
    gappy[0, n // 3 : n // 3 + n // 10] = False
    gappy[:, n // 2 : n // 2 + 40] = False
    dead = gappy.copy()
    dead[1] = False
    for name, data, valid in (
        ("noise", noise, whole),
        ("noise on an offset", noise + np.float32(5000), whole),
        ("noise with gaps", noise + np.float32(100), gappy),
        ("a dead channel", noise, dead),
        ("silence", np.zeros((3, n), np.float32), whole),
    ):
        yield name, Waveform(data, rate_hz, 1_600_000_000_123_456_789, "XX.LAW.", unit=unit, valid=valid)


def _cuts(rng: np.random.Generator, n: int) -> list[Ints]:
    """Cut points: single samples first, equal packets, random lengths."""
    return [
        np.array([1, 2, 3, n - 1]),
        np.arange(n // 7, n, n // 7),
        np.arange(37, n, 37),
        np.unique(rng.integers(1, n, 12)),
    ]


def _chunks(wave: Waveform, cuts: Ints) -> Iterator[Waveform]:
    edges = [0, *cuts.tolist(), wave.n_samples]
    for first, last in pairwise(edges):
        yield wave.cut(first, last)


def _in_chunks(step: Step, wave: Waveform, cuts: Ints) -> Waveform:
    return concatenate([*(step.update(chunk) for chunk in _chunks(wave, cuts)), step.flush()])


def _check_saving(step: Step, wave: Waveform, whole: Waveform) -> None:
    """Save in the middle, restore into another copy, go on."""
    half = wave.n_samples // 2
    before, after = step.fresh(), step.fresh()
    head = before.update(wave.cut(0, half))
    saved = before.state()
    before.update(wave.cut(half, wave.n_samples))
    after.restore(saved)
    tail = after.update(wave.cut(half, wave.n_samples))
    _demand_same(step, "going on from a saved state", concatenate([head, tail, after.flush()]), whole)


def _check_copies(step: Step, wave: Waveform, whole: Waveform) -> None:
    """A used and reset step, and a fresh copy of a used one, know nothing of the past."""
    used = step.fresh()
    used.update(wave)
    other = used.fresh()
    _demand_same(step, "a copy of a used step", _in_chunks(other, wave, np.array([wave.n_samples // 3])), whole)
    used.reset()
    _demand_same(step, "a step after reset", _in_chunks(used, wave, np.array([wave.n_samples // 3])), whole)


def _check_memory(step: Step, rng: np.random.Generator, rate_hz: float, unit: str) -> None:
    """The state after a long stream is no larger than after a short one."""
    live, sizes = step.fresh(), []
    wave = Waveform(rng.standard_normal((3, 4096)), rate_hz, 0, "XX.LAW.", unit=unit)
    for k in range(16):
        live.update(wave.with_data(wave.data, start_ns=wave.time_ns(4096 * k)))
        sizes.append(_size(live.state()))
    _demand(step, max(sizes[8:]) <= max(sizes[:8]) + 4096, "memory must not grow with the stream")


def _size(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Waveform):
        return value.data.nbytes
    if isinstance(value, dict):
        return sum(_size(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(_size(item) for item in value)
    return sys.getsizeof(value)


def _check_parameters(step: Step) -> None:
    if type(step).__name__ != "Chain":
        again = type(step)(**step.parameters())
        _demand(step, again.parameters() == step.parameters(), "its parameters must make the same step")
