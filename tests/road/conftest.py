"""What the tests of the road share: records with a known P and S. Knows no picker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.collect.datasets import write_dataset
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

START_NS = 1_585_403_400 * NS_PER_S


def quake(k: int, *, p_s: float = 20.0, s_s: float = 26.0, span_s: float = 60.0, rate_hz: float = 50.0) -> Waveform:
    """Noise, a P on the vertical and a larger S on the horizontals; every fifth has a dead horizontal."""
    rng = np.random.default_rng(k)
    seconds = np.arange(round(span_s * rate_hz)) / rate_hz
    data = rng.standard_normal((3, len(seconds))) * 100
    for row, at, gain in ((0, p_s, 12.0), (1, s_s, 30.0), (2, s_s, 30.0)):
        since = seconds - at
        data[row] *= 1 + gain * np.where(since >= 0, np.exp(-np.clip(since, 0, None) / 4), 0)
    valid = np.ones(data.shape, bool)
    valid[2] = k % 5 != 0
    codes = ("HHZ", "HHN", "HHE") if k % 2 else ("EHZ", "EHN", "EHE")
    return Waveform(data, rate_hz, START_NS + k * 3600 * NS_PER_S, f"{'AB'[k % 2]}X.S{k % 3}.", codes, valid=valid)


@pytest.fixture(scope="session")
def picked_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of twelve labelled records of six events and one without labels; in three only P is by hand."""
    out = tmp_path_factory.mktemp("picked") / "练习"
    records = [_record(k, quake(k)) for k in range(12)]
    records.append(Record(quake(12), Truth("record-12", "event-12", split="test")))
    write_dataset(out, iter(records), name="picked")
    return out


def _record(k: int, wave: Waveform) -> Record:
    truth = Truth(
        f"record-{k}",
        f"event-{k // 2}",
        split="test" if k < 8 else "train",
        p_ns=wave.start_ns + 20 * NS_PER_S,
        s_ns=wave.start_ns + 26 * NS_PER_S,
        p_status="manual",
        s_status="manual" if k % 4 else "automatic",
    )
    return Record(wave, truth)


@pytest.fixture
def make_quake() -> Callable[..., Waveform]:
    """Make a record with a P and an S."""
    return quake
