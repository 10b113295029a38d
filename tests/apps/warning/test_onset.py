"""Onset: where a trigger began; a spike, a step, a dead line and a weak bump are no arrivals, and it is said why."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from warning_parts import RATE_HZ, noise, p_wave

from foreshock.apps.warning.motion import trigger_sections
from foreshock.apps.warning.onset import Onset, judged

ONSET_S = 12.0


def looked_at(raw: np.ndarray, *, trigger_s: float = ONSET_S + 0.1, least_snr: float = 5.0) -> Onset:
    band = signal.sosfilt(trigger_sections(RATE_HZ).copy(), raw)
    n = round((trigger_s + 0.2) * RATE_HZ)
    trigger = round(trigger_s * RATE_HZ)
    return judged(band[:n], raw[:n], first=0, trigger=trigger, rate_hz=RATE_HZ, least_snr=least_snr)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("peak", [300.0, 3000.0, 1e6])
def test_a_wave_begins_where_it_begins(seed: int, peak: float) -> None:
    found = looked_at(noise(20, seed=seed) + p_wave(20, onset_s=ONSET_S, peak=peak))
    assert found.refused == ""
    assert found.number / RATE_HZ == pytest.approx(ONSET_S, abs=0.1)
    assert 0.03 <= found.sigma_s < 0.5
    assert found.snr > 5


def test_numbers_count_from_the_first_sample_that_is_given() -> None:
    raw = noise(20) + p_wave(20, onset_s=ONSET_S, peak=3000)
    band = signal.sosfilt(trigger_sections(RATE_HZ).copy(), raw)
    told = {"rate_hz": RATE_HZ, "least_snr": 5.0}
    one = judged(band[:1230], raw[:1230], first=0, trigger=1210, **told)
    other = judged(band[300:1230], raw[300:1230], first=70_300, trigger=71_210, **told)
    assert other.number - 70_000 == one.number


def test_a_spike_is_refused() -> None:
    raw = noise(20)
    raw[round(ONSET_S * RATE_HZ)] += 5e4
    assert looked_at(raw, trigger_s=ONSET_S).refused == "it is a spike or a step"


def test_a_step_is_refused() -> None:
    raw = noise(20)
    raw[round(ONSET_S * RATE_HZ) :] += 5e4
    assert looked_at(raw, trigger_s=ONSET_S).refused == "it is a spike or a step"


def test_a_line_that_goes_dead_is_refused() -> None:
    raw = noise(20)
    raw[round(ONSET_S * RATE_HZ) :] = raw[round(ONSET_S * RATE_HZ)]
    assert looked_at(raw).refused != ""


def test_a_wave_that_freezes_is_refused() -> None:
    raw = noise(20) + p_wave(20, onset_s=ONSET_S, peak=3000)
    raw[round((ONSET_S + 0.15) * RATE_HZ) :] = raw[round((ONSET_S + 0.15) * RATE_HZ)]
    assert looked_at(raw).refused == "the samples stand still after it"


def test_a_wave_without_noise_before_it_is_refused() -> None:
    raw = p_wave(20, onset_s=ONSET_S, peak=3000)
    assert looked_at(raw).refused == "there is no noise before it"


def test_what_hardly_stands_above_the_noise_is_refused_with_the_rule() -> None:
    refused = looked_at(noise(20, seed=4) + p_wave(20, onset_s=ONSET_S, peak=60), least_snr=40.0).refused
    assert refused == "it stands less than 40 times above the noise"


def test_a_wave_that_dies_while_it_is_judged_is_refused() -> None:
    t = np.arange(2000) / RATE_HZ - ONSET_S
    blip = np.where(t > 0, 3000 * np.exp(-np.maximum(t, 0) / 0.03) * np.sin(2 * np.pi * 8 * t), 0.0)
    assert looked_at(noise(20) + blip).refused != ""
