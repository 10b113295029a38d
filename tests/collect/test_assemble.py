"""Assemble: defects of pieces are masked, merged or left out, each with its reason."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import Piece, assemble, snapped_hz

START_NS = 1_600_000_000 * NS_PER_S


def piece(channel: str = "HHZ", start_s: float = 0.0, samples: object = None, **changes: object) -> Piece:
    values = np.arange(100, dtype=np.int32) if samples is None else np.ma.asanyarray(samples)
    given = {
        "network": "XX",
        "station": "AAA",
        "location": "",
        "channel": channel,
        "start_ns": START_NS + round(start_s * NS_PER_S),
        "rate_hz": 10.0,
        "n_samples": values.size,
        "samples": values,
    }
    return Piece(**{**given, **changes})  # type: ignore[arg-type]


def test_three_channels_become_one_waveform_in_the_order_z_n_e() -> None:
    reading = assemble([piece("HHE"), piece("HHN"), piece("HHZ")])
    (wave,) = reading.waveforms
    assert (wave.components, wave.channels) == ("ZNE", ("HHZ", "HHN", "HHE"))
    assert wave.valid.all()


def test_a_gap_is_masked_and_a_long_one_begins_a_new_waveform() -> None:
    (wave,) = assemble([piece(), piece(start_s=15.0)]).waveforms
    assert (~wave.valid[0]).sum() == 50
    assert not wave.valid[0, 100:150].any()
    assert wave.data[0, 150] == 0
    assert wave.data[0, 249] == 99
    assert len(assemble([piece(), piece(start_s=1000.0)]).waveforms) == 2


def test_an_equal_overlap_is_merged_without_a_word() -> None:
    whole = np.arange(150)
    reading = assemble([piece(samples=whole[:100]), piece(start_s=8.0, samples=whole[80:])])
    (wave,) = reading.waveforms
    assert np.array_equal(wave.data[0], whole)
    assert wave.valid.all()
    assert reading.notes == []


def test_a_contradicting_overlap_is_masked_and_noted() -> None:
    reading = assemble([piece(samples=np.zeros(100)), piece(start_s=8.0, samples=np.ones(100))])
    (wave,) = reading.waveforms
    assert np.flatnonzero(~wave.valid[0]).tolist() == list(range(80, 100))
    assert reading.notes == [("XX.AAA..HHZ", "20 samples were given twice with different values: masked")]


def test_a_third_copy_does_not_heal_a_contradiction() -> None:
    reading = assemble([piece(samples=np.zeros(100)), piece(samples=np.ones(100)), piece(samples=np.zeros(100))])
    assert reading.waveforms == []
    assert "fewer than 2 of its samples are known" in reading.skipped[0][1]


def test_duplicate_channels_are_merged_when_equal() -> None:
    (wave,) = assemble([piece(), piece(), piece("HHN")]).waveforms
    assert wave.components == "ZN"
    assert wave.valid.all()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (piece(samples=[]), "it holds no sample"),
        (piece(samples=[1]), "it holds one sample, at least 2 are needed"),
        (piece(samples=[1.0, np.nan, np.inf]), "2 of its 3 samples are NaN or Inf"),
        (piece(samples=[1e300, 1.0]), "do not fit a float32"),
        (piece(samples=np.array(["a", "b"])), "not numbers in a row"),
        (piece(samples=[1j, 2j]), "not numbers in a row"),
        (piece(rate_hz=0.0), "its sampling rate is 0 Hz"),
        (piece(rate_hz=float("nan")), "its sampling rate is nan Hz"),
        (piece(rate_hz=-1.0), "its sampling rate is -1 Hz"),
        (piece(rate_hz=1e9), "its sampling rate is 1e+09 Hz"),
        (piece(start_ns=-(10**19)), "outside the years 1900 to 2200"),
        (piece(start_ns=10**20), "outside the years 1900 to 2200"),
        (piece(n_samples=2**40), "it claims"),
        (piece("LOG"), "its name gives no direction"),
        (piece("BMZ"), "is not ground motion"),
    ],
)
def test_what_cannot_be_used_is_left_out_with_its_reason_beside_what_can(bad: Piece, reason: str) -> None:
    reading = assemble([bad, piece("HHN"), piece("HHE")])
    assert [wave.components for wave in reading.waveforms] == ["NE"]
    ((item, told),) = reading.skipped
    assert item == bad.seed_id
    assert reason in told


def test_two_rates_in_one_instrument_become_two_waveforms_and_a_note() -> None:
    reading = assemble([piece("HHZ", rate_hz=20.0), piece("HHN"), piece("HHE")])
    assert {(wave.components, wave.rate_hz) for wave in reading.waveforms} == {("Z", 20.0), ("NE", 10.0)}
    assert reading.notes == [("XX.AAA..HH", "sampled at 10, 20 Hz: one waveform a rate")]


def test_sensors_and_locations_of_a_station_stay_apart() -> None:
    pieces = [piece("HHZ"), piece("HNZ"), piece("HHZ", location="10"), piece("HHZ", station="BBB")]
    found = {(wave.station_id, wave.channels) for wave in assemble(pieces).waveforms}
    assert found == {
        ("XX.AAA.", ("HHZ",)),
        ("XX.AAA.", ("HNZ",)),
        ("XX.AAA.10", ("HHZ",)),
        ("XX.BBB.", ("HHZ",)),
    }


def test_the_two_sensors_of_a_kiknet_station_get_locations_of_their_own() -> None:
    pieces = [piece(name) for name in ("NS1", "EW1", "UD1", "NS2", "EW2", "UD2")]
    waves = assemble(pieces).waveforms
    assert [(wave.station_id, wave.channels) for wave in waves] == [
        ("XX.AAA.01", ("UD1", "NS1", "EW1")),
        ("XX.AAA.02", ("UD2", "NS2", "EW2")),
    ]
    (given,) = assemble([piece("UD1", location="10")]).waveforms
    assert given.station_id == "XX.AAA.10"


def test_numbered_and_named_horizontals_do_not_share_a_waveform() -> None:
    waves = assemble([piece(f"HH{letter}") for letter in "ZNE12"]).waveforms
    assert [wave.components for wave in waves] == ["12", "ZNE"]


def test_a_second_channel_of_one_direction_is_left_out() -> None:
    reading = assemble([piece("HHZ"), piece("hhz", 0.0, np.ones(100))])
    assert len(reading.waveforms) == 1
    assert reading.skipped == [("XX.AAA..hhz", "channel HHZ already gives Z")]


def test_a_channel_without_a_code_is_taken_as_vertical_and_noted() -> None:
    reading = assemble([piece("")])
    assert (reading.waveforms[0].components, reading.waveforms[0].channels) == ("Z", ("",))
    assert "no channel code: taken as vertical" in reading.notes[0][1]


def test_components_that_start_between_samples_are_set_on_the_nearest_and_noted() -> None:
    reading = assemble([piece("HHZ"), piece("HHN", 0.13), piece("HHE", 0.109)])
    (wave,) = reading.waveforms
    assert wave.n_samples == 101
    assert wave.valid[:, 0].tolist() == [True, False, False]
    assert [item for item, _ in reading.notes] == ["XX.AAA..HHN"]


def test_counts_too_large_for_float32_are_noted() -> None:
    reading = assemble([piece(samples=np.array([2**24 + 1, 0, 1], np.int32))])
    assert "rounded to float32" in reading.notes[0][1]


def test_a_run_too_long_to_hold_is_left_out_not_allocated() -> None:
    sparse = [piece(start_s=500.0 * k, rate_hz=1e5, samples=np.arange(10)) for k in range(10)]
    reading = assemble(sparse)
    assert reading.waveforms == []
    assert "read it by days" in reading.skipped[0][1]


def test_masked_samples_become_invalid() -> None:
    (wave,) = assemble([piece(samples=np.ma.masked_equal(np.arange(10), 4))]).waveforms
    assert np.flatnonzero(~wave.valid[0]).tolist() == [4]


def test_neighbouring_spans_share_no_sample_and_lose_none() -> None:
    whole = piece(rate_hz=3.0)
    for cut_ns in range(START_NS - 10**9, START_NS + 40 * 10**9, 333_333_333):
        left, right = whole.within(0, cut_ns), whole.within(cut_ns, 2 * 10**18)
        assert left.n_samples + right.n_samples == 100
        assert right.n_samples == 0 or right.start_ns >= cut_ns - 1000


@pytest.mark.parametrize("rate", [1 / np.float32(0.01), 1 / np.float32(0.005), 1 / np.float32(100.0)])
def test_rates_kept_as_float32_intervals_are_restored(rate: float) -> None:
    snapped = snapped_hz(float(rate))
    assert snapped in (100.0, 200.0, 0.01)
    assert snapped_hz(99.98) == 99.98
    assert [snapped_hz(absurd) for absurd in (-5.0, 0.0, 1e-320, float("inf"))] == [-5.0, 0.0, 1e-320, float("inf")]
