"""Relations: the published coefficients as published, turned round where the paper has them the other way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foreshock.apps.warning.relations import (
    KUYUK_ALLEN_2013,
    RELATIONS,
    WU_ZHAO_2006,
    Relation,
    lasting_s,
    relation,
)
from foreshock.errors import ConfigError, InputError

M = np.array([3.0, 4.5, 6.0, 7.5])
FAR_KM = np.array([10.0, 25.0, 60.0, 100.0])


def test_wu_and_zhao_2006_in_centimetres() -> None:
    """log10 Pd(cm) = -3.463 + 0.729 M - 1.374 log10 R (their equation 1), standard error 0.305."""
    expected = -3.463 + 0.729 * M - 1.374 * np.log10(FAR_KM)
    found = WU_ZHAO_2006.log_pd(M, epicentral_km=FAR_KM, depth_km=np.zeros(4))
    assert np.allclose(found + 2.0, expected, atol=1e-9)
    assert WU_ZHAO_2006.sigma == 0.305


def test_wu_and_zhao_2006_take_the_hypocentral_distance() -> None:
    found = WU_ZHAO_2006.log_pd(np.array(6.0), epicentral_km=np.array(30.0), depth_km=np.array(40.0))
    assert float(found) + 2 == pytest.approx(-3.463 + 0.729 * 6 - 1.374 * np.log10(50), abs=1e-9)


def test_kuyuk_and_allen_2013_both_ways() -> None:
    """M = 1.23 log10 Pd(cm) + 1.38 log10 R + 5.39 (their equation 1), R epicentral, standard error 0.31 of M."""
    log_pd_cm = np.array([-3.0, -2.0, -1.0, 0.3])
    magnitude = 1.23 * log_pd_cm + 1.38 * np.log10(FAR_KM) + 5.39
    found = KUYUK_ALLEN_2013.log_pd(magnitude, epicentral_km=FAR_KM, depth_km=np.full(4, 30.0))
    assert np.allclose(found + 2.0, log_pd_cm, atol=1e-9)
    back = 1.23 * (KUYUK_ALLEN_2013.log_pd(M, epicentral_km=FAR_KM, depth_km=FAR_KM) + 2) + 1.38 * np.log10(FAR_KM)
    assert np.allclose(back + 5.39, M, atol=1e-9)
    assert KUYUK_ALLEN_2013.sigma * 1.23 == pytest.approx(0.31)


@pytest.mark.parametrize("name", RELATIONS)
def test_displacement_grows_with_magnitude_and_falls_with_distance(name: str) -> None:
    one = relation(name)
    by_size = one.log_pd(M, epicentral_km=np.array(30.0), depth_km=np.array(8.0))
    by_distance = one.log_pd(np.array(6.0), epicentral_km=FAR_KM, depth_km=np.array(8.0))
    assert (np.diff(by_size) > 0).all()
    assert (np.diff(by_distance) < 0).all()
    assert one.source


@pytest.mark.parametrize("name", RELATIONS)
def test_at_the_source_nothing_becomes_infinite(name: str) -> None:
    one = relation(name)
    at = one.log_pd(np.array(6.0), epicentral_km=np.array(0.0), depth_km=np.array(0.0))
    near = one.log_pd(np.array(6.0), epicentral_km=np.array(one.nearest_km), depth_km=np.array(0.0))
    assert float(at) == float(near)


@pytest.mark.parametrize("name", RELATIONS)
def test_the_two_spreads_make_the_whole(name: str) -> None:
    one = relation(name)
    assert np.hypot(one.station_sigma, one.event_sigma) == pytest.approx(one.sigma)


def test_a_source_lasts_ten_times_as_long_for_two_magnitudes_more() -> None:
    assert lasting_s(np.array([3.0, 5.0, 7.0, 8.0])) == pytest.approx([0.1, 1.0, 10.0, 31.6], rel=0.01)


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'wu_zhao_2005'.*wu_zhao_2006"):
        relation("wu_zhao_2005")


@pytest.mark.parametrize(
    "wrong",
    [{"sigma": 0.1, "event_sigma": 0.2}, {"event_sigma": 0.0}, {"by_magnitude": -0.1}, {"by_distance": 0.5}],
)
def test_coefficients_against_nature_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="relation wu_zhao_2006"):
        replace(WU_ZHAO_2006, **wrong)


def test_all_relations_agree_on_what_a_magnitude_six_is_within_a_decade() -> None:
    at = {"epicentral_km": np.array(30.0), "depth_km": np.array(8.0)}
    found = [float(one.log_pd(np.array(6.0), **at)) for one in (WU_ZHAO_2006, KUYUK_ALLEN_2013)]
    assert isinstance(WU_ZHAO_2006, Relation)
    assert abs(found[0] - found[1]) < 1.0
