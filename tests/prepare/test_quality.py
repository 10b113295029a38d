"""Defects are found where they were put, and sound recordings stay as they are."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import obspy
import pandas as pd
import pytest

from foreshock.prepare.quality import MarkDefects, defects, reasons
from foreshock.types.waveform import Waveform

RATE_HZ = 100.0


def ground(n: int = 3000, *, seed: int = 0) -> np.ndarray:
    """Whole counts of coloured noise with an event in the middle."""
    rng = np.random.default_rng(seed)
    x = np.convolve(rng.standard_normal(n + 20), np.hanning(9), "same")[:n] * 30
    t = np.arange(n) - n / 2
    x += np.where(t > 0, 5000 * np.exp(-t / 300) * np.sin(t / 3) * (1 - np.exp(-np.maximum(t, 0) / 6)), 0)
    return np.round(x)


def masked(x: np.ndarray, **settings: object) -> list[int]:
    _, valid = MarkDefects(**settings).apply(x[None], rate_hz=RATE_HZ)
    return np.flatnonzero(~valid[0]).tolist()


def wave(x: np.ndarray, **changes: object) -> Waveform:
    return Waveform(x[None], RATE_HZ, 0, "XX.A.", channels=("HHZ",), components="Z", **changes)  # type: ignore[arg-type]


def test_a_sound_record_passes_unchanged_and_has_no_reasons() -> None:
    record = wave(ground())
    out = MarkDefects()(record)
    assert np.array_equal(out.data, record.data)
    assert out.valid.all()
    assert reasons(record) == ()


@pytest.mark.parametrize("at", [2, 700, 1900, 2997])
@pytest.mark.parametrize("size", [40_000.0, -40_000.0])
def test_a_spike_is_found_in_quiet_in_the_event_and_near_both_ends(at: int, size: float) -> None:
    x = ground()
    x[at] += size
    assert masked(x) == [at]


def test_a_step_is_found_where_the_level_changes() -> None:
    x = ground()
    x[600:] += 30_000
    assert masked(x) == [600]
    assert reasons(wave(x)) == ("step for 0.01 s on HHZ from 1970-01-01T00:00:06.000000Z",)


def test_a_flat_line_is_found_whole_and_a_short_one_left_alone() -> None:
    x = ground()
    x[200:700] = x[199]
    x[2000:2004] = x[1999]  # five equal samples, but on a slope
    assert masked(x) == list(range(199, 700))


def test_a_clipped_event_is_found_by_its_plateaus_without_knowing_the_level() -> None:
    t = np.arange(3000)
    x = np.round(np.where(t < 300, 20, 3000) * np.sin(t / 8.0) + 30 * np.sin(t / 1.7))
    top = np.clip(x, -2500, 2500)
    found = masked(top)
    plateau = np.flatnonzero(np.abs(x) >= 2500)
    assert set(found) <= set(plateau)
    assert len(found) > 0.8 * len(plateau)
    assert masked(x) == []


def test_a_known_level_counts_from_zero_and_not_from_the_first_sample() -> None:
    x = ground() + 10_000
    assert masked(x, clip_level=14_000.0) == np.flatnonzero(np.abs(x) >= 14_000).tolist()


def test_seconds_of_each_defect_are_told_by_channel() -> None:
    x = ground()
    x[100] = 50_000
    x[2400:2900] = x[2399]
    valid = np.ones((1, 3000), bool)
    valid[0, 50:60] = False
    found = defects(wave(x, valid=valid))
    assert found["spike"].tolist() == [0.01]
    assert found["flat"].tolist() == [5.01]
    assert found["missing"].tolist() == [0.1]
    assert found["clipped"].tolist() == [0.0]


def test_a_gap_is_no_step_and_no_flat_line() -> None:
    x = ground()
    valid = np.ones((1, 3000), bool)
    valid[0, 500:1200] = False
    x[1200:] += 20_000
    _, mask = MarkDefects().apply(x[None], rate_hz=RATE_HZ, valid=valid)
    assert np.array_equal(mask, valid)


def test_silence_is_a_flat_line_and_one_sample_is_nothing() -> None:
    assert defects(wave(np.zeros(1000)))["flat"].tolist() == [10.0]
    assert MarkDefects()(wave(np.zeros(1))).valid.all()
    assert reasons(wave(np.zeros(0))) == ()


def test_the_record_obspy_ships_is_sound() -> None:
    for trace in obspy.read():
        assert masked(trace.data.astype(float)) == []


@pytest.mark.realdata
def test_padding_of_triggered_records_is_found_and_onsets_are_left_alone(realdata: Path) -> None:
    table = pd.read_csv(realdata / "ncedc" / "metadata.csv")
    with h5py.File(realdata / "ncedc" / "waveforms.hdf5") as file:
        x = file["data/bucket0"][()]
    alive = np.broadcast_to((x != 0).any(-1, keepdims=True), x.shape)
    waves = [Waveform(row, RATE_HZ, 0, "NC.A.", valid=here) for row, here in zip(x, alive, strict=True)]
    codes = np.stack([MarkDefects().codes(one) for one in waves])
    flat = (codes & 4 > 0) & alive
    assert (flat.any(-1).any(-1)).sum() >= 20
    assert (codes & 3 > 0).mean() < 1e-5
    onset = int(table["trace_p_arrival_sample"].median())
    assert (alive & (codes > 0))[..., onset - 50 : onset + 50].mean() < 0.005


@pytest.mark.realdata
def test_clipped_broadband_records_of_a_near_earthquake_are_told_apart(realdata: Path) -> None:
    folder = realdata / "strong_motion" / "clipping_samples" / "hv70907436"
    paths = sorted(folder.glob("*.mseed"))
    assert sum(_clipped_s(path, MarkDefects()) > 0 for path in paths) >= 8
    assert sum(_clipped_s(path, MarkDefects(clip_level=8.2e6)) > 0 for path in paths) >= 14


def _clipped_s(path: Path, marker: MarkDefects) -> float:
    """Seconds on the rail: a plateau, or one so long that it counts as a flat line."""
    trace = obspy.read(path)[0]
    record = Waveform(trace.data[None], trace.stats.sampling_rate, 0, "HV.A.", components="Z")
    found = defects(record, marker)
    return float(found["clipped"][0] + found["flat"][0])
