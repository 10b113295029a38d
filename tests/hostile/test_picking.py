"""Strange recordings neither crash the picker that ships nor pass in silence, and they harm no other recording."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import foreshock as fs
from foreshock.types.waveform import Waveform

GOOD = "BW.RJOB."


def example(*, components: str = "ZNE", channels: tuple[str, ...] | None = None, rate_hz: float = 100.0) -> Waveform:
    wave = fs.example_waveform()
    return Waveform(
        wave.data[: len(components)], rate_hz, wave.start_ns, "XX.ODD.", channels or (), components=components
    )


def changed(change: Callable[[np.ndarray], np.ndarray]) -> Waveform:
    wave = example()
    return wave.with_data(change(wave.data.astype(np.float64)))


def with_nan_blocks() -> Waveform:
    wave = example()
    valid = np.ones(wave.data.shape, bool)
    valid[0, 300:500] = valid[:, 1500:1600] = False
    return wave.with_data(wave.data, valid=valid)


def clipped(data: np.ndarray) -> np.ndarray:
    top = 0.2 * np.abs(data).max()
    return np.clip(data, -top, top)


def with_thousands_of_gaps() -> Waveform:
    rng = np.random.default_rng(1)
    valid = np.ones((3, 360_000), bool)
    for first in rng.integers(0, 359_000, 5000):
        valid[:, first : first + int(rng.integers(1, 40))] = False
    return Waveform(rng.standard_normal((3, 360_000)), 100.0, 0, "XX.ODD.", valid=valid)


def strange() -> dict[str, Waveform]:
    wave = example()
    return {
        "the vertical alone": example(components="Z"),
        "a horizontal alone": example(components="N"),
        "horizontals called 1 and 2": example(components="Z12"),
        "a dead vertical": changed(lambda data: data * np.array([[0.0], [1], [1]])),
        "a dead horizontal": changed(lambda data: data * np.array([[1.0], [0], [1]])),
        "1000 Hz": example(rate_hz=1000.0),
        "10 Hz": example(rate_hz=10.0),
        "shorter than the network's window": wave.cut(300, 900),
        "a single sample": wave.cut(0, 1),
        "nothing at all": wave.cut(0, 0),
        "constant": changed(lambda data: np.full_like(data, 3.0)),
        "clipped": changed(clipped),
        "a ramp": changed(lambda data: data * 0 + np.arange(data.shape[1])),
        "tiny": changed(lambda data: data * 1e-12),
        "huge": changed(lambda data: data * 1e12),
        "a mean far from zero": changed(lambda data: data + 1e7),
        "one absurd sample": changed(lambda data: np.where(np.arange(data.shape[1]) == 2000, 1e30, data)),
        "masked blocks": with_nan_blocks(),
        "5,000 gaps": with_thousands_of_gaps(),
    }


@pytest.mark.parametrize("name", strange())
def test_a_strange_recording_is_answered_and_harms_no_other(name: str) -> None:
    odd, good = strange()[name], fs.example_waveform()
    picks = fs.pick([odd, good])
    told = [pick for pick in picks if pick.trace_id == "XX.ODD."]
    reasons = [reason for item, reason in (*picks.reasons, *picks.skipped) if item.startswith("XX.ODD.")]
    assert bool(told) != bool(reasons) or not odd.n_samples
    assert all(np.isfinite([pick.probability, pick.sigma_s, pick.novelty]).all() for pick in told)
    assert all(odd.start_ns <= pick.time_ns <= odd.end_ns for pick in told)
    assert [pick for pick in picks if pick.trace_id == GOOD] == list(fs.pick(good))


@pytest.mark.parametrize("name", ["tiny", "huge", "a mean far from zero", "horizontals called 1 and 2"])
def test_what_changes_nothing_for_an_analyst_changes_nothing_for_the_picker(name: str) -> None:
    want, got = fs.pick(example()), fs.pick(strange()[name])
    assert [pick.phase for pick in got] == [pick.phase for pick in want]
    assert max(abs(a.time_ns - b.time_ns) for a, b in zip(got, want, strict=True)) <= 20_000_000


def test_one_hertz_is_refused_with_its_rate_and_the_others_go_on() -> None:
    slow = Waveform(np.random.default_rng(0).standard_normal((3, 600)), 1.0, 0, "XX.ODD.")
    picks = fs.pick([slow, fs.example_waveform()])
    assert [("sampling rate is 1 Hz" in reason) for _, reason in picks.reasons] == [True]
    assert [pick.phase for pick in picks] == ["P", "S"]
