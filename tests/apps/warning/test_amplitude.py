"""Amplitude: the peak of P up to S or to where data end; what does not stand out of the noise is called noise."""

from __future__ import annotations

import numpy as np
import pytest
from warning_parts import GAIN, RATE_HZ, bank_of, counted, fed, heard, noise, seconds_of

from foreshock.apps.warning.amplitude import BEFORE_S, SHORTEST_S, displacements
from foreshock.apps.warning.bank import Bank

ONSET_S, HZ = 60.0, 1.0


def shaken(*, metres: float, lasts_s: float = 20.0, rms: float = 2.0) -> Bank:
    """A bank that has heard a sine of displacement from its onset on, five times as large after ten seconds."""
    n_s = ONSET_S + lasts_s
    t = np.arange(round(n_s * RATE_HZ)) / RATE_HZ - ONSET_S
    size = np.where(t > 10.0, 5.0, 1.0) * metres
    moved = np.where(t > 0, size * np.clip(t / 2, 0, 1) ** 3 * np.sin(2 * np.pi * HZ * t), 0.0)
    wave = np.gradient(np.gradient(moved, 1 / RATE_HZ), 1 / RATE_HZ)
    bank = bank_of()
    fed(bank, seconds_of(counted(GAIN * wave + noise(n_s, rms=rms))))
    return bank


def look(bank: Bank, *, s_after_p_s: float) -> tuple[float, float, bool] | None:
    which, seen = displacements(bank, [heard("XX.A.", ONSET_S)], s_after_p_s=np.array([s_after_p_s]))
    if not which:
        assert len(seen) == 0
        return None
    return float(seen.log_pd[0]), float(seen.seen_s[0]), bool(seen.is_noise[0])


def test_the_peak_of_p_is_in_metres() -> None:
    found = look(shaken(metres=1e-3), s_after_p_s=8.0)
    assert found is not None
    log_pd, seen_s, is_noise = found
    assert 10**log_pd == pytest.approx(1e-3, rel=0.1)
    assert seen_s == pytest.approx(8.0 - BEFORE_S, abs=0.02)
    assert not is_noise


def test_what_comes_after_s_is_not_taken_for_p() -> None:
    bank = shaken(metres=1e-3)
    before, with_s = look(bank, s_after_p_s=9.0), look(bank, s_after_p_s=19.0)
    assert before is not None
    assert with_s is not None
    assert with_s[0] > before[0] + 0.4


def test_what_has_not_come_yet_is_not_seen() -> None:
    found = look(shaken(metres=1e-3, lasts_s=2.0), s_after_p_s=15.0)
    assert found is not None
    assert found[1] == pytest.approx(2.0, abs=0.02)
    assert look(shaken(metres=1e-3, lasts_s=SHORTEST_S - 0.1), s_after_p_s=15.0) is None


def test_a_peak_in_the_noise_is_called_noise_and_bounds_from_above() -> None:
    found = look(shaken(metres=1e-9, rms=50.0), s_after_p_s=8.0)
    assert found is not None
    assert found[2]
    assert found[0] > -9


def test_a_station_with_nothing_to_show_is_left_out() -> None:
    bank = shaken(metres=1e-3)
    onsets = [heard("XX.A.", ONSET_S + 500), heard("XX.A.", ONSET_S)]
    which, seen = displacements(bank, onsets, s_after_p_s=np.array([8.0, 8.0]))
    assert which == [1]
    assert len(seen) == 1


def test_no_onsets_make_no_measures() -> None:
    which, seen = displacements(bank_of(), [], s_after_p_s=np.zeros(0))
    assert (which, len(seen)) == ([], 0)
