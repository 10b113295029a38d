"""First motions: reversed records give reversed answers, however they are cut, whatever they hold."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.predict.pick.first_motion import HIGHEST, WEIGHTS, FirstMotion, first_motion, measured
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

OPPOSITE = {"up": "down", "down": "up", "unknown": "unknown"}


def onset(
    *, rate_hz: float = 100.0, size: float = 60.0, seed: int = 0, p_s: float = 5.0, span_s: float = 8.0
) -> Waveform:
    """Noise of size 1 and, from `p_s` on, a wave that begins upwards, on Z; only noise on the others."""
    rng = np.random.default_rng(seed)
    after_s = np.arange(round(span_s * rate_hz)) / rate_hz - p_s
    wave = size * np.sin(2 * np.pi * 3 * after_s) * np.exp(-np.maximum(after_s, 0) / 0.5)
    data = rng.normal(0, 1, (3, len(after_s)))
    data[0] += np.where(after_s >= 0, wave, 0)
    return Waveform(data, rate_hz, 1_600_000_000 * NS_PER_S, "XX.A.")


def pick_at(wave: Waveform, at_s: float, *, sigma_s: float = 0.03) -> Pick:
    time_ns = wave.start_ns + round(at_s * NS_PER_S)
    return Pick(wave.station_id, "P", time_ns, probability=0.9, sigma_s=sigma_s, available_at_ns=time_ns)


def reversed_(wave: Waveform) -> Waveform:
    return wave.with_data(-wave.data, valid=wave.valid)


@pytest.mark.parametrize("rate_hz", [20.0, 31.25, 50.0, 100.0, 200.0, 500.0, 1000.0])
def test_a_clear_onset_is_read_at_every_rate(rate_hz: float) -> None:
    wave = onset(rate_hz=rate_hz)
    said = first_motion(wave, pick_at(wave, 5.0))
    assert said.polarity == "up"
    assert 0.9 <= said.probability <= HIGHEST
    assert first_motion(reversed_(wave), pick_at(wave, 5.0)) == FirstMotion("down", said.probability)


@given(
    st.integers(0, 10_000),
    st.floats(0, 100),
    st.floats(-0.5, 8.5),
    st.floats(0, 1),
    st.sampled_from([15.0, 40.0, 100.0, 250.0]),
)
def test_a_reversed_record_gives_the_reversed_answer_exactly(
    seed: int, size: float, at_s: float, sigma_s: float, rate_hz: float
) -> None:
    wave = onset(rate_hz=rate_hz, size=size, seed=seed)
    pick = pick_at(wave, at_s, sigma_s=sigma_s)
    one, other = first_motion(wave, pick), first_motion(reversed_(wave), pick)
    assert other == FirstMotion(OPPOSITE[one.polarity], one.probability)  # type: ignore[arg-type]
    assert 0.5 <= one.probability <= HIGHEST


@given(st.integers(0, 1000), st.floats(1, 50), st.integers(0, 80), st.integers(0, 10**18))
def test_neither_where_a_record_is_cut_nor_when_it_was_made_changes_the_answer(
    seed: int, size: float, cut: int, later_ns: int
) -> None:
    wave = onset(size=size, seed=seed)
    pick = pick_at(wave, 5.0)
    moved = replace(wave, start_ns=wave.start_ns + later_ns)
    later = replace(pick, time_ns=pick.time_ns + later_ns, available_at_ns=pick.time_ns + later_ns)
    assert first_motion(moved, later) == first_motion(wave, pick)
    short = first_motion(wave.cut(cut, 580), pick)  # the filter starts elsewhere, and has settled
    assert short.polarity == first_motion(wave, pick).polarity or abs(short.probability - 0.9) < 0.03


@given(st.integers(0, 1000), st.floats(1, 50), st.integers(-60, 60))
def test_gain_has_no_say(seed: int, size: float, power: int) -> None:
    wave = onset(size=size, seed=seed)
    louder = wave.with_data(wave.data * np.float32(2.0) ** power, valid=wave.valid)
    assert first_motion(louder, pick_at(wave, 5.0)) == first_motion(wave, pick_at(wave, 5.0))


def test_only_the_vertical_counts() -> None:
    wave = onset()
    other = wave.with_data(wave.data * np.array([[1], [-500], [900]], np.float32), valid=wave.valid)
    alone = Waveform(wave.data[:1], wave.rate_hz, wave.start_ns, wave.station_id, components="Z")
    pick = pick_at(wave, 5.0)
    assert first_motion(wave, pick) == first_motion(other, pick) == first_motion(alone, pick)
    flat = Waveform(wave.data, wave.rate_hz, wave.start_ns, wave.station_id, components="12R")
    assert first_motion(flat, pick) == FirstMotion("unknown", 0.5)


def test_noise_is_seldom_given_a_direction() -> None:
    waves = [onset(size=0.0, seed=seed) for seed in range(300)]
    answered = [first_motion(wave, pick_at(wave, 5.0)).polarity != "unknown" for wave in waves]
    assert np.mean(answered) < 0.03


def test_less_than_the_stated_probability_is_unknown() -> None:
    wave = onset()
    said = first_motion(wave, pick_at(wave, 5.0))
    assert first_motion(wave, pick_at(wave, 5.0), least_probability=0.99) == FirstMotion("unknown", said.probability)


@pytest.mark.parametrize("at_s", [-3.0, -0.001, 0.0, 0.01, 0.2, 7.94, 7.99, 8.0, 1e6])
def test_a_pick_at_an_edge_or_outside_is_unknown(at_s: float) -> None:
    wave = onset()
    assert first_motion(wave, pick_at(wave, at_s)).polarity == "unknown"


def spoilt(wave: Waveform, kind: str) -> Waveform:
    """A record that something is wrong with."""
    data, valid = wave.data.copy(), wave.valid.copy()
    if kind == "constant":
        data[:] = 7
    elif kind == "zero":
        data[:] = 0
    elif kind == "masked":
        valid[:] = False
    elif kind == "masked about the pick":
        valid[:, 490:520] = False
    elif kind == "masked at the pick":
        valid[:, 500] = False
    elif kind == "noise masked":
        valid[:, :485] = False
    elif kind == "one sample":
        return wave.cut(500, 501)
    elif kind == "empty":
        return wave.cut(500, 500)
    return wave.with_data(np.where(valid, data, np.nan), valid=valid)


@pytest.mark.parametrize(
    "kind",
    [
        "constant",
        "zero",
        "masked",
        "masked about the pick",
        "masked at the pick",
        "noise masked",
        "one sample",
        "empty",
    ],
)
def test_what_cannot_be_read_is_unknown(kind: str) -> None:
    wave = spoilt(onset(), kind)
    assert first_motion(wave, pick_at(onset(), 5.0)) == FirstMotion("unknown", 0.5)


def test_what_is_masked_far_away_does_not_matter() -> None:
    wave = onset()
    valid = wave.valid.copy()
    valid[:, :150] = valid[:, 600:] = False
    masked = wave.with_data(np.where(valid, wave.data, np.nan), valid=valid)
    assert first_motion(masked, pick_at(wave, 5.0)).polarity == "up"


def test_zeros_before_the_onset_do_not_make_it_infinitely_sure() -> None:
    wave = onset()
    data = wave.data.copy()
    data[:, :500] = 0
    said = first_motion(wave.with_data(data), pick_at(wave, 5.0))
    assert math.isfinite(said.probability)
    assert said.probability <= HIGHEST


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e12, 1e30])
def test_absurd_amplitudes_are_read(scale: float) -> None:
    wave = onset()
    assert first_motion(wave.with_data(wave.data * np.float32(scale)), pick_at(wave, 5.0)).polarity == "up"


def test_a_clipped_onset_keeps_its_sign() -> None:
    wave = onset()
    assert first_motion(wave.with_data(np.clip(wave.data, -5, 5)), pick_at(wave, 5.0)).polarity == "up"


@pytest.mark.parametrize("rate_hz", [0.1, 1.0, 14.0])
def test_too_low_a_rate_says_nothing(rate_hz: float) -> None:
    wave = onset(rate_hz=rate_hz, span_s=80.0, p_s=50.0)
    assert first_motion(wave, pick_at(wave, 50.0)) == FirstMotion("unknown", 0.5)


@pytest.mark.parametrize("sigma_s", [0.0, 1e9, math.inf])
def test_any_error_of_a_pick_is_borne(sigma_s: float) -> None:
    wave = onset()
    assert first_motion(wave, pick_at(wave, 5.0, sigma_s=sigma_s)).polarity in ("up", "unknown")


def test_there_is_a_weight_for_each_measurement() -> None:
    wave = onset()
    found = measured(wave, pick_at(wave, 5.0))
    assert found is not None
    assert len(found) == len(WEIGHTS)


def clean(**told: float) -> SyntheticSettings:
    """Earthquakes alone, without noise and defects."""
    none = dict.fromkeys(
        ("noise_fraction", "transients_per_minute", "glitch_fraction", "step_fraction", "gap_fraction"), 0.0
    )
    return SyntheticSettings.model_validate(
        {"records": 320, "span_s": 20.0, "noise": False, "unit": "m/s", **none, **told}
    )


def test_it_reads_the_known_first_motions_of_synthetic_earthquakes() -> None:
    answers: list[bool] = []
    for record in synthesise(clean(broadened_fraction=0.3), seed=11):
        wave, p_ns = record.waveform, record.truth.p_ns
        assert p_ns is not None
        loud: NDArray[np.float64] = np.random.default_rng(p_ns % 2**32).normal(0, 1, wave.data.shape)
        noisy = wave.with_data(wave.data + loud * np.abs(wave.data[0]).max() / 500)
        said = first_motion(noisy, Pick("XX.A.", "P", p_ns, 0.9, 0.03, p_ns))
        if said.polarity != "unknown":
            answers.append(said.polarity == record.truth.polarity)
    assert len(answers) > 100
    assert np.mean(answers) > 0.9
