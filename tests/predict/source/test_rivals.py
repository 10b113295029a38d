"""The rivals: a line that finds its own law, S − P in kilometres, and a direction from made-up ground motion."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.predict.source.estimator import input_of
from foreshock.predict.source.rivals import Seen, SMinusP, fit_magnitude_line, log_size, p_azimuth_deg
from foreshock.prepare.band_raster import band_raster
from foreshock.prepare.source_input import AFTER_S, BEFORE_S, SourceInput
from foreshock.types.waveform import Waveform


def given(data: np.ndarray) -> SourceInput:
    wave = Waveform(data.astype(np.float32), 50.0, 0, "XX.A.")
    return input_of(band_raster(wave, 20 * NS_PER_S, before_s=BEFORE_S, after_s=AFTER_S), AFTER_S)


@pytest.mark.parametrize("azimuth_deg", [0.0, 75.0, 190.0, 333.0])
def test_p_points_back_to_where_it_came_from(azimuth_deg: float) -> None:
    rng = np.random.default_rng(0)
    motion = np.where(np.arange(2600) < 1000, 0.0, rng.normal(size=2600))
    back = np.radians(azimuth_deg)
    ground = np.stack([motion, -0.6 * np.cos(back) * motion, -0.6 * np.sin(back) * motion])
    said = p_azimuth_deg(given(100 * ground + 0.1 * rng.normal(size=ground.shape)))[0]
    assert abs((said - azimuth_deg + 180) % 360 - 180) < 3


def test_s_minus_p_of_ten_seconds_is_84_kilometres() -> None:
    said = SMinusP(otherwise_km=33.0).distances(np.array([10.0, np.nan, 10.0]), elapsed_s=30.0)
    assert said.tolist() == [84.0, 33.0, 84.0]
    assert SMinusP(otherwise_km=33.0).distances(np.array([10.0]), elapsed_s=5.0).tolist() == [33.0]


def test_a_tenfold_gain_adds_one_to_the_log_size() -> None:
    data = np.random.default_rng(1).normal(size=(3, 2600))
    one, ten = (log_size(given(gain * data), measure="peak", bands=(0, 10))[0] for gain in (1.0, 10.0))
    assert ten - one == pytest.approx(1.0, abs=1e-3)


def test_the_line_finds_its_own_law() -> None:
    rng = np.random.default_rng(2)
    data = rng.normal(size=(40, 3, 2600))
    magnitude, distance = rng.uniform(1, 5, 40), rng.uniform(10, 200, 40)
    sizes = 10 ** (magnitude - 1.5 * np.log10(np.hypot(distance, 5.0)) + 3)
    inputs = [given(one * size) for one, size in zip(data, sizes, strict=True)]
    names = SourceInput.__dataclass_fields__
    all_given = SourceInput(**{name: np.concatenate([getattr(one, name) for one in inputs]) for name in names})
    seen = Seen(all_given, np.array(["XX.A. 50"] * 40, object))
    line = fit_magnitude_line((seen, distance, magnitude), (seen, distance, magnitude), tuned=False)
    assert np.abs(line.magnitudes(seen, distance) - magnitude).mean() < 0.06
