"""STA/LTA + AIC finds P and S where a person puts them, and says why when it finds nothing."""

from __future__ import annotations

import numpy as np
import obspy
import pytest

from foreshock.clock import iso_utc, utc_ns
from foreshock.config import settings_from
from foreshock.errors import ConfigError, InputError
from foreshock.predict.pick.sta_lta_aic import StaLtaAic, StaLtaAicSettings
from foreshock.types.waveform import Waveform

P_BY_EYE = utc_ns("2009-08-24T00:20:07.72Z")
S_BY_EYE = utc_ns("2009-08-24T00:20:08.70Z")
"""Read off the drawn traces, to about 0.03 s."""


@pytest.fixture(scope="module")
def rjob() -> Waveform:
    stream = obspy.read()
    return Waveform(
        np.stack([trace.data for trace in stream]),
        rate_hz=100.0,
        start_ns=stream[0].stats.starttime.ns,
        station_id="BW.RJOB.",
        channels=tuple(trace.stats.channel for trace in stream),
    )


def burst(at_s: float, *, gain: float = 20.0, rate_hz: float = 100.0, span_s: float = 60.0, seed: int = 0) -> Waveform:
    n = round(span_s * rate_hz)
    time = np.arange(n) / rate_hz - at_s
    envelope = 1 + gain * np.where(time > 0, np.exp(-np.clip(time, 0, None) / 4), 0)
    return Waveform(np.random.default_rng(seed).standard_normal((3, n)) * envelope, rate_hz, 0, "XX.B.")


def near(time_ns: int, want_ns: int, tolerance_s: float) -> bool:
    return abs(time_ns - want_ns) <= tolerance_s * 1e9


@pytest.mark.parametrize(
    "changes", [{}, {"kind": "recursive", "lta_s": 4.0}, {"lta_s": 5.0}, {"low_hz": 2.0}, {"sta_s": 0.2}, {"on": 3.0}]
)
def test_p_and_s_of_the_recording_obspy_ships_lie_where_the_eye_puts_them(rjob: Waveform, changes: dict) -> None:
    picks = StaLtaAic(settings_from(StaLtaAicSettings, changes, where="test")).pick(rjob).picks
    first_p = next(pick for pick in picks if pick.phase == "P")
    first_s = next(pick for pick in picks if pick.phase == "S")
    assert near(first_p.time_ns, P_BY_EYE, 0.05), iso_utc(first_p.time_ns)
    assert near(first_s.time_ns, S_BY_EYE, 0.10), iso_utc(first_s.time_ns)
    assert first_p.probability > 0.8
    assert 0 < first_p.sigma_s < 0.1


def test_only_one_p_and_one_s_stand_in_the_recording_obspy_ships(rjob: Waveform) -> None:
    assert [pick.phase for pick in StaLtaAic().pick(rjob).picks] == ["P", "S"]


def test_nothing_after_available_at_is_used(rjob: Waveform) -> None:
    """The future is replaced by something else; the pick stays."""
    for pick in StaLtaAic().pick(rjob).picks:
        last = round(rjob.sample_at(pick.available_at_ns))
        data = rjob.data.copy()
        data[:, last:] = np.random.default_rng(0).standard_normal(data[:, last:].shape) * 10
        again = StaLtaAic().pick(rjob.with_data(data)).picks
        assert any(other.phase == pick.phase and near(other.time_ns, pick.time_ns, 0.011) for other in again)


def test_the_unit_and_an_offset_change_nothing(rjob: Waveform) -> None:
    want = [(pick.phase, pick.time_ns) for pick in StaLtaAic().pick(rjob).picks]
    for factor, offset in ((1e-9, 0.0), (1.0, 5000.0), (1e3, -1e5)):
        scaled = rjob.with_data(rjob.data * factor + offset * factor)
        assert [(pick.phase, pick.time_ns) for pick in StaLtaAic().pick(scaled).picks] == want


@pytest.mark.parametrize("rate_hz", [20.0, 50.0, 100.0, 500.0])
@pytest.mark.parametrize("at_s", [5.0, 31.234, 55.0])
def test_an_onset_is_found_at_any_rate(rate_hz: float, at_s: float) -> None:
    picks = StaLtaAic().pick(burst(at_s, rate_hz=rate_hz)).picks
    assert near(picks[0].time_ns, round(at_s * 1e9), 0.05 + 2 / rate_hz)


def test_two_events_give_two_p() -> None:
    first, second = burst(15.0, seed=1), burst(45.0, seed=2)
    picks = StaLtaAic().pick(first.with_data(first.data + second.data)).picks
    times = [pick.time_ns / 1e9 for pick in picks if pick.phase == "P"]
    assert times == pytest.approx([15.0, 45.0], abs=0.15)


def test_noise_alone_is_picked_at_most_once_in_ten_minutes() -> None:
    n_picks = 0
    for seed in range(10):
        noise = Waveform(np.random.default_rng(seed).standard_normal((3, 6000)), 100.0, 0, "XX.N.")
        n_picks += len(StaLtaAic().pick(noise).picks)
    assert n_picks <= 1


def test_a_vertical_alone_gives_p_and_no_s(rjob: Waveform) -> None:
    alone = Waveform(rjob.data[:1], 100.0, rjob.start_ns, "BW.RJOB.", components="Z")
    picks = StaLtaAic().pick(alone).picks
    assert [pick.phase for pick in picks] == ["P"]
    assert near(picks[0].time_ns, P_BY_EYE, 0.05)


def test_horizontals_without_a_vertical_serve_for_p(rjob: Waveform) -> None:
    flat = Waveform(rjob.data[1:], 100.0, rjob.start_ns, "BW.RJOB.", components="NE")
    assert near(StaLtaAic().pick(flat).picks[0].time_ns, P_BY_EYE, 0.1)


def test_a_gap_is_not_an_onset() -> None:
    noise = np.random.default_rng(0).standard_normal((3, 6000))
    valid = np.ones(noise.shape, bool)
    valid[:, 2000:3000] = False
    assert StaLtaAic().pick(Waveform(noise, 100.0, 0, "XX.G.", valid=valid)).picks == ()


@pytest.mark.parametrize(
    ("waveform", "word"),
    [
        (Waveform(np.zeros((3, 0)), 100.0, 0, "XX.A."), "shorter"),
        (Waveform(np.ones((3, 1)), 100.0, 0, "XX.A."), "shorter"),
        (Waveform(np.ones((3, 200)), 100.0, 0, "XX.A."), "shorter"),
        (Waveform(np.zeros((3, 3000)), 100.0, 0, "XX.A."), "every sample is zero"),
        (Waveform(np.ones((3, 3000)), 100.0, 0, "XX.A.", valid=np.zeros((3, 3000), bool)), "every sample is masked"),
        (Waveform(np.full((3, 3000), 7.0), 100.0, 0, "XX.A."), "never reached 4"),
        (Waveform(np.random.default_rng(0).standard_normal((3, 3000)), 100.0, 0, "XX.A."), "largest value was"),
    ],
)
def test_an_empty_result_carries_its_reason(waveform: Waveform, word: str) -> None:
    result = StaLtaAic().pick(waveform)
    assert result.picks == ()
    assert word in result.reason


def test_a_result_with_picks_has_no_reason(rjob: Waveform) -> None:
    assert StaLtaAic().pick(rjob).reason == ""


def test_the_trigger_ratio_can_be_drawn(rjob: Waveform) -> None:
    ratio = StaLtaAic().ratio(rjob)
    assert ratio.shape == (3000,)
    assert abs(int(np.argmax(ratio > 4)) - 472) < 20


def test_a_rate_below_the_band_is_refused() -> None:
    with pytest.raises(InputError, match=r"sampling rate is 1 Hz.*band begins at 1 Hz"):
        StaLtaAic().pick(Waveform(np.ones((3, 3000)), 1.0, 0, "XX.A."))


@pytest.mark.parametrize(
    "values", [{"sta_s": 5.0, "lta_s": 1.0}, {"off": 9.0}, {"low_hz": 30.0}, {"on": float("nan")}, {"lta": 3.0}]
)
def test_settings_that_contradict_each_other_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        settings_from(StaLtaAicSettings, values, where="test")


@pytest.mark.realdata
def test_analyst_p_of_northern_california_are_met(realdata) -> None:  # type: ignore[no-untyped-def]
    from foreshock.collect.datasets import Dataset

    misses = []
    with Dataset.open(realdata / "ncedc") as dataset:
        for record in dataset.records():
            if record.truth.p_ns is not None:
                found = [pick for pick in StaLtaAic().pick(record.waveform).picks if pick.phase == "P"]
                misses.append(min((abs(pick.time_ns - record.truth.p_ns) / 1e9 for pick in found), default=np.inf))
    assert np.mean(np.array(misses) < 0.3) > 0.85
    assert np.median(misses) < 0.05
