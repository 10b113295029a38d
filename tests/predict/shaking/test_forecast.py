"""Tests of forecasts at sites: the mixture against sampling, many sites against few, laws, arrivals, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from foreshock.errors import InputError
from foreshock.geo import distance_km
from foreshock.predict.shaking import (
    Abrahamson2016,
    Boore2014,
    ChiouYoungs2014,
    Ground,
    LogicTree,
    ShakingForecast,
    Sites,
    SourcePosterior,
    active_crust,
    blind_radius_km,
    forecast,
    shaking_of,
    single,
    told_sites,
)
from foreshock.predict.shaking.from_hypocentre import from_hypocentre
from foreshock.predict.shaking.mixture import mixture, normal, transformed
from foreshock.predict.shaking.scales import SCALES, scale
from foreshock.predict.shaking.supports import EXACT_TO, supports
from foreshock.predict.travel import LayeredTimes, VelocityModel
from foreshock.types.alert import INTENSITY_SCALES
from foreshock.types.event import Event

TRAVEL = LayeredTimes(VelocityModel((0.0,), (6.0,), (3.5,)), max_distance_km=500.0)
HALF = 2


def a_source(n: int = 60, *, seed: int = 0, magnitude: float = 6.2, **more: Any) -> SourcePosterior:
    rng = np.random.default_rng(seed)
    told: dict[str, Any] = {
        "magnitude": magnitude + 0.3 * rng.standard_normal(n),
        "latitude": 30 + 0.05 * rng.standard_normal(n),
        "longitude": 100 + 0.05 * rng.standard_normal(n),
        "depth_km": np.clip(10 + 4 * rng.standard_normal(n), 1, 30),
        "weight": rng.dirichlet(np.ones(n)),
    }
    return SourcePosterior(0, **(told | more))


def some_sites(n: int = 40, *, seed: int = 1, reach_deg: float = 2.0, threshold: float = 5.0) -> Sites:
    rng = np.random.default_rng(seed)
    names = tuple(f"s{k}" for k in range(n))
    return Sites(
        names,
        names,
        rng.uniform(30 - reach_deg, 30 + reach_deg, n),
        rng.uniform(100 - reach_deg, 100 + reach_deg, n),
        np.exp(rng.uniform(np.log(180), np.log(1200), n)),
        {"mmi": np.full(n, threshold)},
    )


def one_site(km_east: float = 30.0, vs30: float = 760.0) -> Sites:
    return Sites(("a",), ("a",), [30.0], [100 + km_east / 96.49], vs30)


# -- mixtures ----------------------------------------------------------------------------------------------------------


def test_the_fast_normal_distribution_is_the_normal_distribution() -> None:
    x = np.linspace(-6, 6, 5001)
    assert np.abs(normal(x) - ndtr(x)).max() < 2e-4


@settings(max_examples=40)
@given(apart=st.floats(0, 8), seed=st.integers(0, 20))
def test_a_mixture_has_the_probabilities_of_the_full_sum(apart: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight = rng.dirichlet(np.ones(50))
    mean, sigma = rng.uniform(0, 1, (50, 3)) * apart * 0.6, rng.uniform(0.5, 0.8, (50, 3))
    levels = np.linspace(-3, 3 + apart, 40)
    exact = (weight[:, None, None] * ndtr((levels - mean[..., None]) / sigma[..., None])).sum(0)
    curves = mixture(weight, mean, sigma)
    assert np.abs(curves.share_below(np.broadcast_to(levels, (3, 40))) - exact).max() < 0.004
    scores = np.array([-2.0, 0.0, 2.0])
    back = (weight[:, None, None] * ndtr((curves.quantiles(scores) - mean[..., None]) / sigma[..., None])).sum(0)
    assert np.abs(back - ndtr(scores)).max() < 0.004


def test_a_line_of_a_normal_value_is_normal() -> None:
    value = mixture(np.ones(1), np.array([[1.0]]), np.array([[0.6]]))
    line = transformed(value, of=lambda x: 2 + 3 * x, back=lambda y: (y - 2) / 3, sigma=0.5)
    want = 5 + np.hypot(1.8, 0.5) * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    np.testing.assert_allclose(line.quantiles(np.array([-2.0, -1.0, 0.0, 1.0, 2.0]))[0], want, atol=0.02)


@pytest.mark.parametrize(("name", "measure"), [*((name, "PGV") for name in SCALES), ("mmi", "PGA"), ("csis", "PGA")])
def test_a_scale_rises_and_turns_back(name: str, measure: str) -> None:
    one, ln = scale(name, measure), np.linspace(-9, 1, 200)
    assert (np.diff(one.of(ln)) > 0).all()
    np.testing.assert_allclose(one.back(one.of(ln)), ln, atol=0.015)
    with pytest.raises(InputError, match="'richter'"):
        scale("richter")


# -- forecasts ---------------------------------------------------------------------------------------------------------


def test_a_sure_source_gives_the_models_own_distribution() -> None:
    source = SourcePosterior(0, [6.0], [30.0], [100.0], 10.0)
    sites = one_site()
    out = forecast(source, sites, tree=single(Boore2014()), travel=TRAVEL)
    event = Event("e", 0, 30.0, 100.0, depth_km=10.0, magnitude=6.0, magnitude_type="Mw")
    pga, pgv = shaking_of(event, sites.latitude, sites.longitude, model=Boore2014())
    for shaking, got in ((pga, out.pga_m_s2), (pgv, out.pgv_m_s)):
        sigma = np.hypot(shaking.tau, shaking.phi)
        want = np.log(shaking.median) + sigma * np.array([[-1.644854], [-0.994458], [0], [0.994458], [1.644854]])
        np.testing.assert_allclose(np.log(got), want, atol=2e-3)


def sampled(source: SourcePosterior, sites: Sites, n: int = 40_000) -> np.ndarray[Any, Any]:
    """Intensities (draw, site) drawn by brute force: sample, model's spread, scale's spread."""
    rng = np.random.default_rng(9)
    drawn = rng.choice(len(source.magnitude), n, p=source.weight)
    far = distance_km(
        source.latitude[drawn][:, None], source.longitude[drawn][:, None], sites.latitude, sites.longitude
    )
    rupture, distances = from_hypocentre(
        source.magnitude[drawn][:, None], far, depth_km=np.asarray(source.depth_km)[drawn][:, None]
    )
    out = Boore2014().predict(["PGV"], rupture, distances=distances, ground=Ground(sites.vs30_m_s))
    ln = out.mean_ln[0] + out.sigma[0] * rng.standard_normal(far.shape)
    mmi = scale("mmi")
    return np.asarray(mmi.of(ln) + mmi.sigma * rng.standard_normal(far.shape))


def test_probabilities_and_quantiles_are_those_of_brute_sampling() -> None:
    source, sites = a_source(), some_sites(5, reach_deg=0.4)
    out, drawn = forecast(source, sites, tree=single(Boore2014()), travel=TRAVEL), sampled(a_source(), sites)
    np.testing.assert_allclose(out.probability(), (drawn >= 5).mean(0), atol=0.012)
    np.testing.assert_allclose(out.probability(7.0), (drawn >= 7).mean(0), atol=0.012)
    np.testing.assert_allclose(out.intensity[1:4], np.quantile(drawn, [0.16, 0.5, 0.84], axis=0), atol=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(("spread_deg", "off_s"), [(0.02, 0.2), (0.3, 0.6)])
def test_many_sites_are_what_each_is_alone(spread_deg: float, off_s: float) -> None:
    rng = np.random.default_rng(3)
    source = a_source(100, latitude=30 + spread_deg * rng.standard_normal(100), magnitude=6.8)
    many = some_sites(20_000)
    few = Sites(many.ids[:800], many.names[:800], many.latitude[:800], many.longitude[:800], many.vs30_m_s[:800])
    assert len(few) < EXACT_TO < len(many)
    laid = forecast(source, many, tree=single(Boore2014()), travel=TRAVEL)
    alone = forecast(source, few, tree=single(Boore2014()), travel=TRAVEL)
    for name in ("pga_m_s2", "pgv_m_s"):
        np.testing.assert_allclose(getattr(laid, name)[:, :800], getattr(alone, name), rtol=0.03)
    assert np.abs(laid.intensity[:, :800] - alone.intensity).max() < 0.06
    assert np.abs(laid.probability(5.0)[:800] - alone.probability(5.0)).max() < 0.01
    assert np.abs(laid.s_s[HALF, :800] - alone.s_s[HALF]).max() < off_s


def test_sites_share_supports_and_shares_sum_to_one() -> None:
    many = some_sites(5000)
    base = supports(many, a_source())
    np.testing.assert_allclose(np.asarray(base.of_both.sum(axis=1)), 1)
    np.testing.assert_allclose(np.asarray(base.of_place.sum(axis=1)), 1)
    # places and grounds are themselves laid on the sites without error, as they are linear
    np.testing.assert_allclose(base.of_place @ base.latitude, many.latitude, atol=1e-6)
    ground = np.broadcast_to(np.log(base.vs30_m_s), (len(base.latitude), base.vs30_m_s.shape[1]))
    np.testing.assert_allclose(base.of_both @ ground.ravel(), np.log(many.vs30_m_s), atol=1e-9)


def test_sites_around_the_date_line_share_supports() -> None:
    rng = np.random.default_rng(5)
    n = EXACT_TO + 500
    names = tuple(map(str, range(n)))
    east = rng.uniform(-1, 1, n)
    sites = Sites(names, names, rng.uniform(-18, -16, n), (180 + east + 180) % 360 - 180)
    source = SourcePosterior(0, [6.5, 6.6], [-17.0, -17.0], [179.95, -179.95], 10.0)
    out = forecast(source, sites, tree=single(Boore2014()), travel=TRAVEL)
    assert len(supports(sites, source).latitude) < 2500
    nearest, farthest = np.argmin(np.abs(east) + np.abs(sites.latitude + 17)), np.argmax(np.abs(east))
    assert out.pgv_m_s[HALF, nearest] > 3 * out.pgv_m_s[HALF, farthest]


def ahead(source: SourcePosterior, sites: Sites, **more: Any) -> ShakingForecast:
    return forecast(source, sites, tree=single(Boore2014()), travel=TRAVEL, **more)


def test_quantiles_rise_and_probabilities_fall_with_the_threshold() -> None:
    out = ahead(a_source(), some_sites())
    for rows in (out.pga_m_s2, out.pgv_m_s, out.intensity, out.p_s, out.s_s):
        assert (np.diff(rows, axis=0) >= 0).all()
    chances = np.array([out.probability(level) for level in np.linspace(0, 11, 45)])
    assert (np.diff(chances, axis=0) <= 1e-12).all()
    assert ((chances >= 0) & (chances <= 1)).all()


@settings(max_examples=30)
@given(more=st.floats(0.05, 1.0), km=st.floats(5, 200))
def test_a_larger_source_shakes_more_and_a_farther_site_less(more: float, km: float) -> None:
    small, large = (a_source(20, magnitude=m) for m in (5.5, 5.5 + more))
    near = ahead(small, one_site(km))
    assert ahead(large, one_site(km)).pgv_m_s[HALF, 0] > near.pgv_m_s[HALF, 0]
    assert ahead(small, one_site(km * 1.2 + 5)).pgv_m_s[HALF, 0] < near.pgv_m_s[HALF, 0]


def test_the_weight_of_a_sample_is_how_often_it_counts() -> None:
    twice = SourcePosterior(0, [5.5, 6.5, 6.5], [30.0] * 3, [100.0] * 3, 10.0)
    heavy = SourcePosterior(0, [5.5, 6.5], [30.0] * 2, [100.0] * 2, 10.0, [1.0, 2.0])
    sites = some_sites(5)
    np.testing.assert_allclose(ahead(twice, sites).pga_m_s2, ahead(heavy, sites).pga_m_s2, rtol=1e-5)


def test_branches_stay_in_sight_and_the_tree_lies_between_them() -> None:
    sites, source = some_sites(10), a_source(20)
    out = forecast(source, sites, tree=active_crust("japan"), travel=TRAVEL)
    assert out.tree.split(", ")[:2] == ["1/4 abrahamson_2014(japan)", "1/4 boore_2014(japan)"]
    branches = np.array(list(out.branches.values()))
    assert branches.shape == (4, 10)
    assert (branches.min(0) * 0.999 <= out.pgv_m_s[HALF]).all()
    assert (out.pgv_m_s[HALF] <= branches.max(0) * 1.001).all()
    alone = forecast(source, sites, tree=single(ChiouYoungs2014("japan")), travel=TRAVEL)
    np.testing.assert_allclose(alone.pgv_m_s[HALF], out.branches["chiou_youngs_2014(japan)"], rtol=1e-6)


def test_every_scale_can_be_forecast() -> None:
    bare = one_site()
    values = {name: ahead(a_source(), bare, intensity=name).intensity for name in SCALES}
    assert all((np.diff(rows, axis=0) > 0).all() for rows in values.values())
    spread = {name: float(np.ptp(rows)) for name, rows in values.items()}
    assert spread["mmi"] > spread["jma"]


def test_a_subduction_zone_is_forecast_from_acceleration() -> None:
    tree, source = single(Abrahamson2016("interface")), a_source(20, magnitude=7.4)
    with pytest.raises(InputError, match="knows no PGV"):
        forecast(source, some_sites(4), tree=tree, travel=TRAVEL)
    out = forecast(source, some_sites(4), tree=tree, travel=TRAVEL, intensity_from="PGA")
    assert np.isnan(out.pgv_m_s).all()
    assert np.isfinite(out.intensity).all()
    np.testing.assert_allclose(out.pga_m_s2[HALF], out.branches["abrahamson_2016(interface)"], rtol=1e-6)
    assert out.reached_s(1.5).tolist() == out.p_s[HALF].tolist()
    with pytest.raises(InputError, match="jma from 'PGA'"):
        ahead(source, one_site(), intensity="jma", intensity_from="PGA")


# -- arrivals ----------------------------------------------------------------------------------------------------------


def test_arrivals_in_one_layer_are_distance_over_velocity() -> None:
    source = SourcePosterior(0, [6.0], [30.0], [100.0], 10.0, origin_shift_s=2.0)
    out = ahead(source, one_site(40.0))
    km = np.hypot(distance_km(30.0, 100.0, 30.0, 100 + 40 / 96.49), 10)
    np.testing.assert_allclose(out.p_s[:, 0], 2 + km / 6, atol=0.01)
    np.testing.assert_allclose(out.s_s[:, 0], 2 + km / 3.5, atol=0.01)


def test_a_threshold_is_reached_with_s_or_with_a_strong_p() -> None:
    out = ahead(SourcePosterior(0, [6.5], [30.0], [100.0], 10.0), one_site(15.0))
    assert out.reached_s(8.0).tolist() == out.s_s[HALF].tolist()
    assert out.reached_s(2.0).tolist() == out.p_s[HALF].tolist()
    assert np.isnan(out.reached_s()).all()
    assert np.isnan(out.probability()).all()


def test_the_time_left_counts_from_now_and_from_when_it_is_heard() -> None:
    out = ahead(SourcePosterior(10**18, [6.5], [30.0], [100.0], 10.0), one_site(60.0))
    left = out.left_s(10**18 + 6 * 10**9, delivery_s=1.5, threshold=6.0)
    np.testing.assert_allclose(left, out.s_s[HALF] - 7.5)


def test_an_alert_tells_each_site_its_quantiles_and_times() -> None:
    source = SourcePosterior(10**18, [6.8], [30.0], [100.0], 10.0)
    sites = Sites(
        ("a", "b", "c"), ("near", "far", "any"), [30.1, 31.5, 30.2], [100.0] * 3, 400.0,
        {"mmi": np.array([5.0, 7.0, np.nan])},
    )  # fmt: skip
    out = ahead(source, sites)
    near, far, free = told_sites(out)
    assert (near.site_id, near.name, near.threshold) == ("a", "near", 5.0)
    assert (near.intensity_q05, near.intensity_q50, near.intensity_q95) == tuple(out.intensity[[0, 2, 4], 0].tolist())
    assert near.s_arrival_ns == pytest.approx(10**18 + out.s_s[HALF, 0] * 1e9, abs=1000)
    assert near.threshold_time_ns == pytest.approx(10**18 + out.reached_s()[0] * 1e9, abs=1000)
    assert (far.threshold, far.threshold_time_ns) == (7.0, None)
    assert (free.threshold, free.threshold_time_ns) == (None, None)
    assert set(SCALES) == set(INTENSITY_SCALES)
    with pytest.raises(InputError, match="expected_from is 0"):
        list(told_sites(out, expected_from=0.0))


def test_what_lies_outside_a_model_is_said() -> None:
    source = SourcePosterior(0, [6.0, 9.0, 6.0], [30.0] * 3, [100.0] * 3, [10.0, 10.0, 90.0], [0.5, 0.25, 0.25])
    large, deep = ahead(source, one_site()).notes
    assert large == "25% of the source lies outside magnitudes 3 to 8.5 of boore_2014(global)"
    assert deep == "25% of the source lies below 40 km, and boore_2014(global) is for the crust"
    assert ahead(a_source(), one_site()).notes == ()


def test_arrivals_beyond_the_tables_are_unknown() -> None:
    out = ahead(a_source(5), Sites(("far",), ("far",), [50.0], [100.0]))
    assert np.isnan(out.s_s).all()
    assert np.isfinite(out.pgv_m_s).all()


def test_samples_below_the_tables_leave_the_others_their_arrivals() -> None:
    known = SourcePosterior(0, [6.0, 6.0], [30.0, 30.1], [100.0, 100.0], 10.0)
    some = SourcePosterior(0, [6.0] * 3, [30.05, 30.0, 30.1], [100.0] * 3, [200.0, 10.0, 10.0], [0.2, 0.4, 0.4])
    np.testing.assert_allclose(ahead(some, one_site()).s_s, ahead(known, one_site()).s_s)
    most = SourcePosterior(0, [6.0] * 2, [30.0] * 2, [100.0] * 2, [200.0, 10.0], [0.6, 0.4])
    assert np.isnan(ahead(most, one_site()).s_s).all()


@given(seconds=st.floats(0.1, 100), depth=st.floats(0, 50))
def test_the_blind_radius_is_where_s_arrives_with_the_warning(seconds: float, depth: float) -> None:
    closed = np.sqrt(max((3.5 * seconds) ** 2 - depth**2, 0))
    got = blind_radius_km(seconds, depth_km=depth, travel=TRAVEL)
    assert got == pytest.approx(min(closed, 500.0), abs=0.3)


def test_the_blind_radius_needs_a_source_inside_the_tables() -> None:
    with pytest.raises(InputError, match="500"):
        blind_radius_km(10.0, depth_km=500.0, travel=TRAVEL)


# -- what is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"magnitude": np.full(60, 12.0)}, "magnitude is 12"),
        ({"depth_km": np.full(60, 900.0)}, "depth_km is 900"),
        ({"weight": np.zeros(60)}, "weights"),
        ({"weight": -np.ones(60)}, "weights"),
        ({"latitude": np.full(60, 95.0)}, "latitude is 95"),
        ({"latitude": np.zeros(3)}, "do not fit"),
        ({"mechanism": "thrust"}, "'thrust'"),
        ({"origin_shift_s": np.nan}, "origin_shift_s is nan"),
    ],
)
def test_what_no_source_can_be_is_refused(more: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        a_source(**more)


def test_thresholds_of_another_scale_are_not_mixed_in() -> None:
    with pytest.raises(InputError, match="the forecast is of jma"):
        ahead(a_source(), some_sites(), intensity="jma")


@pytest.mark.parametrize("weights", [(0.5,), (0.5, 0.4), (1.5, -0.5)])
def test_weights_of_a_tree_must_sum_to_one(weights: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="sum to 1"):
        LogicTree((Boore2014(), ChiouYoungs2014()), weights)


def test_a_model_stands_in_a_tree_once() -> None:
    with pytest.raises(InputError, match="once"):
        LogicTree((Boore2014(), Boore2014()), (0.5, 0.5))


def test_an_event_without_magnitude_has_no_shaking() -> None:
    with pytest.raises(InputError, match="no magnitude"):
        shaking_of(Event("e", 0, 30.0, 100.0), np.zeros(1), np.zeros(1), model=Boore2014())
