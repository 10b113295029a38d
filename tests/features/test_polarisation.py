"""Polarisation against closed forms and ObsPy. Knows no files."""

from __future__ import annotations

import numpy as np
import pytest
from obspy.signal.polarization import flinn

from foreshock import features


def measure(x: np.ndarray, components: str = "ZNE", **more: object) -> dict:
    return features.table(
        x[None], rate_hz=100.0, unit="m/s", components=components, names=["polarisation"], **more
    ).iloc[0].to_dict()  # fmt: skip


def ray(azimuth_deg: float, incidence_deg: float, wave: np.ndarray) -> np.ndarray:
    a, i = np.radians([azimuth_deg, incidence_deg])
    return np.outer([np.cos(i), np.sin(i) * np.cos(a), np.sin(i) * np.sin(a)], wave)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("azimuth", "incidence"), [(0.0, 30.0), (77.0, 10.0), (200.0, 60.0), (359.0, 45.0)])
def test_a_p_wave_points_where_it_travels(azimuth: float, incidence: float, sign: int) -> None:
    found = measure(ray(azimuth, incidence, sign * np.random.default_rng(0).standard_normal(500)))
    assert (found["azimuth"] - azimuth + 180) % 360 - 180 == pytest.approx(0.0, abs=1e-6)
    assert found["incidence"] == pytest.approx(incidence, abs=1e-6)
    assert found["rectilinearity"] == pytest.approx(1.0, abs=1e-9)
    assert found["linearity_flinn"] == pytest.approx(1.0, abs=1e-6)


def test_circular_motion_is_planar_and_half_rectilinear() -> None:
    t = 2 * np.pi * np.arange(1000) / 100
    found = measure(np.stack([np.cos(t), np.sin(t), 0 * t]))
    assert found["planarity"] == pytest.approx(1.0)
    assert found["rectilinearity"] == pytest.approx(0.5)
    assert found["linearity_flinn"] == pytest.approx(0.0, abs=1e-6)
    assert found["vertical_to_horizontal"] == pytest.approx(1.0)


def test_it_agrees_with_obspys_flinn() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        x = rng.standard_normal((3, 3)) @ rng.standard_normal((3, 400))
        azimuth, incidence, linearity, planarity = flinn(x)
        found = measure(x)
        assert found["azimuth"] % 180 == pytest.approx(azimuth % 180, abs=1e-6)
        assert found["incidence"] == pytest.approx(incidence, abs=1e-6)
        assert found["linearity_flinn"] == pytest.approx(linearity, abs=1e-9)
        assert found["planarity"] == pytest.approx(planarity, abs=1e-9)


def test_the_order_of_the_channels_does_not_matter() -> None:
    x = np.random.default_rng(5).standard_normal((3, 100))
    assert measure(x) == pytest.approx(measure(x[[2, 0, 1]], "EZN"))


def test_without_three_components_there_is_none_and_without_north_no_azimuth() -> None:
    x = np.random.default_rng(6).standard_normal((3, 100))
    assert np.isnan(list(measure(x[:2], "NE").values())).all()
    turned = measure(x, "Z12")
    assert np.isnan(turned["azimuth"])
    assert turned["incidence"] == pytest.approx(measure(x)["incidence"])


def test_a_sample_counts_only_where_all_components_do() -> None:
    x = ray(40.0, 20.0, np.random.default_rng(7).standard_normal(300))
    valid = np.ones((1, 3, 300), bool)
    valid[0, 1, 100:200] = False
    found = measure(x, valid=valid)
    assert found["azimuth"] == pytest.approx(40.0)
    assert found["rectilinearity"] == pytest.approx(1.0, abs=1e-9)
