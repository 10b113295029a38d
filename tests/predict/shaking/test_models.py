"""Tests of the ground-motion models: published check values, numbers written down, and laws."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.predict.shaking.abrahamson_2014 import Abrahamson2014
from foreshock.predict.shaking.abrahamson_2016 import Abrahamson2016
from foreshock.predict.shaking.boore_2014 import Boore2014
from foreshock.predict.shaking.campbell_bozorgnia_2014 import CampbellBozorgnia2014
from foreshock.predict.shaking.chiou_youngs_2014 import ChiouYoungs2014
from foreshock.predict.shaking.model import Distances, Ground, GroundMotionModel, Rupture, applies

MODELS: dict[str, Callable[..., GroundMotionModel]] = {
    "ASK14": Abrahamson2014,
    "BSSA14": Boore2014,
    "CY14": ChiouYoungs2014,
    "CB14": CampbellBozorgnia2014,
}
FAULTING = {"SS": "strike_slip", "RS": "reverse", "NS": "normal", "U": "unknown"}
G_M_S2 = 9.80665

EVERY_MODEL = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def at(magnitude: float, km: float, vs30: float = 760.0, **rupture: Any) -> tuple[Rupture, Distances, Ground]:
    return Rupture(magnitude, **rupture), Distances(np.array(km), np.array(np.hypot(km, 5.0))), Ground(vs30)


def mean(model: GroundMotionModel, measure: str, *told: Any) -> float:
    rupture, distances, ground = told
    return float(model.predict([measure], rupture, distances=distances, ground=ground).mean_ln[0])


# -- published numbers -------------------------------------------------------------------------------------------------


@pytest.mark.realdata
@pytest.mark.parametrize(("key", "tolerance"), [("ASK14", 2e-3), ("BSSA14", 6e-4), ("CY14", 7e-4), ("CB14", 1e-9)])
def test_the_check_values_of_nga_west2_come_out(key: str, tolerance: float, realdata: Path) -> None:
    with gzip.open(realdata / "ground_motion/ngaw2_tests.json.gz") as handle:
        cases = json.load(handle)
    assert len(cases) == 8
    for case in cases:
        told, want = case["params"], case["results"][key]
        measures = ["PGA", "PGV", *(f"SA({period:g})" for period in want["periods"])]
        rupture = Rupture(
            told["mag"], FAULTING[told["mechanism"]], told["dip"], told["depth_tor"], told["width"], told["depth_hyp"]
        )
        out = MODELS[key](told["region"]).predict(
            measures,
            rupture,
            distances=Distances(told["dist_jb"], told["dist_rup"], told["dist_x"]),
            ground=Ground(told["v_s30"], told["depth_1_0"], told["depth_2_5"], told["vs_source"] == "measured"),
        )
        published = np.exp(out.mean_ln) / np.where(np.array(measures) == "PGV", 0.01, G_M_S2)
        np.testing.assert_allclose(published, [want["pga"], want["pgv"], *want["spec_accels"]], rtol=tolerance)
        spread = [want["pga_ln_std"], want["pgv_ln_std"], *want["ln_stds"]]
        np.testing.assert_allclose(out.sigma, spread, atol=3e-5)


NGA_WEST2 = [  # scenario 2 of the NGA-West2 check values: M 7.1, reverse, dip 50, above the rupture, Vs30 450 m/s
    ("BSSA14", "PGA", 0.516966, 0.605086),
    ("BSSA14", "PGV", 60.5635, 0.651475),
    ("BSSA14", "SA(1)", 0.534015, 0.692408),
    ("CY14", "PGA", 0.588076, 0.545946),
    ("CY14", "PGV", 43.9759, 0.535488),
    ("CY14", "SA(1)", 0.511646, 0.679640),
    ("ASK14", "PGA", 0.431892, 0.592980),
    ("ASK14", "PGV", 37.7594, 0.636003),
    ("ASK14", "SA(1)", 0.381266, 0.725603),
    ("CB14", "PGA", 0.474541, 0.512875),
    ("CB14", "PGV", 50.4479, 0.576407),
    ("CB14", "SA(1)", 0.516737, 0.720412),
]


@pytest.mark.parametrize(("key", "measure", "value", "sigma"), NGA_WEST2)
def test_one_published_scenario_comes_out(key: str, measure: str, value: float, sigma: float) -> None:
    out = MODELS[key]("california").predict(
        [measure],
        Rupture(7.1, "reverse", 50.0, 1.0, 15.0, 8.0),
        distances=Distances(2.0, 10.0, 16.0),
        ground=Ground(450.0, 0.3, 1.1),
    )
    unit = 0.01 if measure == "PGV" else G_M_S2
    assert float(np.exp(out.mean_ln[0])) / unit == pytest.approx(value, rel=2e-4)
    assert float(out.sigma[0]) == pytest.approx(sigma, abs=3e-5)


def test_boore_by_hand_at_the_reference_magnitude_distance_and_ground() -> None:
    # M 5.5 = the hinge of PGA, strike-slip, Rjb such that the distance is 1 km to the source's depth, Vs30 760 m/s
    out = Boore2014().predict(["PGA"], Rupture(5.5, "strike_slip"), distances=Distances(0.0, 5.0), ground=Ground(760.0))
    by_hand = 0.4856 + (-1.134 + 0.1917 * 1.0) * np.log(4.5) + -0.008088 * 3.5
    assert float(out.mean_ln[0]) == pytest.approx(by_hand + np.log(G_M_S2), abs=1e-12)
    assert (float(out.tau[0]), float(out.phi[0])) == pytest.approx((0.348, 0.495))


PYGMM = [  # pygmm 0.8.0: PGA and SA(1) in g at 400 and 300 m/s, before the arc and behind it
    (Abrahamson2016("interface"), 8.0, 100.0, 400.0, 30.0, (0.14454318, 0.14139848)),
    (Abrahamson2016("slab", backarc=True), 7.0, 120.0, 300.0, 80.0, (0.08542191, 0.07806974)),
]


@pytest.mark.parametrize(("model", "magnitude", "km", "vs30", "depth_km", "want"), PYGMM)
def test_subduction_zones_shake_as_another_implementation_says(
    model: Abrahamson2016, magnitude: float, km: float, vs30: float, depth_km: float, want: tuple[float, float]
) -> None:
    rupture, distances = Rupture(magnitude, hypocentre_km=depth_km), Distances(km, km)
    out = model.predict(["PGA", "SA(1)"], rupture, distances=distances, ground=Ground(vs30))
    np.testing.assert_allclose(np.exp(out.mean_ln) / G_M_S2, want, rtol=1e-6)
    np.testing.assert_allclose(out.sigma, np.hypot(0.43, 0.60))


def test_subduction_by_hand_at_its_hinge_on_hard_ground() -> None:
    # M 7.8 + 0.2, the hinge of PGA on the interface; 50 km; 1000 m/s: nothing yields
    out = Abrahamson2016().predict(["PGA"], Rupture(8.0), distances=Distances(50.0, 50.0), ground=Ground(1000.0))
    by_hand = 4.2203 + 0.9 * 0.2 + (-1.35 + 0.1 * 0.2) * np.log(50 + 10 * np.exp(0.4 * 2)) - 0.0012 * 50 - 0.0135 * 4
    by_hand += (0.98 - 1.186 * 1.18) * np.log(1000 / 865.1)
    assert float(out.mean_ln[0]) == pytest.approx(by_hand + np.log(G_M_S2), abs=1e-12)
    with pytest.raises(InputError, match="'crust'"):
        Abrahamson2016("crust")


# -- laws --------------------------------------------------------------------------------------------------------------

NEAR, FAR = st.floats(1, 150), st.floats(1.05, 2.0)
SIZE, GROUND = st.floats(3.5, 7.9), st.floats(180, 1400)


@EVERY_MODEL
@given(magnitude=SIZE, km=NEAR, times=FAR, vs30=GROUND, measure=st.sampled_from(["PGA", "PGV", "SA(0.2)", "SA(1)"]))
def test_shaking_falls_with_distance(
    make: Callable[..., GroundMotionModel], magnitude: float, km: float, times: float, vs30: float, measure: str
) -> None:
    model = make()
    assert mean(model, measure, *at(magnitude, km * times, vs30)) < mean(model, measure, *at(magnitude, km, vs30))


@EVERY_MODEL
@given(magnitude=st.floats(3.5, 7.5), more=st.floats(0.05, 0.4), km=st.floats(15, 150))
def test_velocity_grows_with_magnitude(
    make: Callable[..., GroundMotionModel], magnitude: float, more: float, km: float
) -> None:
    model = make()
    assert mean(model, "PGV", *at(magnitude + more, km)) > mean(model, "PGV", *at(magnitude, km))


@EVERY_MODEL
@given(magnitude=SIZE, km=st.floats(30, 200), vs30=st.floats(200, 700))
def test_weak_shaking_is_stronger_on_softer_ground(
    make: Callable[..., GroundMotionModel], magnitude: float, km: float, vs30: float
) -> None:
    model = make()
    size = min(magnitude, 5.0)
    assert mean(model, "PGV", *at(size, km, vs30)) > mean(model, "PGV", *at(size, km, vs30 * 1.05))


@EVERY_MODEL
def test_many_at_once_are_what_each_is_alone(make: Callable[..., GroundMotionModel]) -> None:
    model, rng = make("japan"), np.random.default_rng(1)
    measures = ["SA(0.3)", "PGA", "PGV"]
    sizes, km, vs30 = rng.uniform(4, 8, (4, 1)), rng.uniform(0, 250, (4, 5)), rng.uniform(180, 1500, 5)
    z1 = np.where(rng.random(5) < 0.5, np.nan, 0.3)
    whole = model.predict(
        measures, Rupture(sizes, "reverse", 60.0), distances=Distances(km, km + 4), ground=Ground(vs30, z1)
    )
    assert whole.mean_ln.shape == whole.tau.shape == whole.phi.shape == (3, 4, 5)
    for i, j in np.ndindex(4, 5):
        alone = model.predict(
            measures,
            Rupture(sizes[i, 0], "reverse", 60.0),
            distances=Distances(km[i, j], km[i, j] + 4),
            ground=Ground(vs30[j], z1[j]),
        )
        for name in ("mean_ln", "tau", "phi"):
            np.testing.assert_allclose(getattr(whole, name)[:, i, j], getattr(alone, name), rtol=1e-12)


@EVERY_MODEL
def test_every_published_measure_is_finite_everywhere(make: Callable[..., GroundMotionModel]) -> None:
    for region in ("global", "china", "japan", "turkey"):
        model = make(region)
        out = model.predict(
            model.measures,
            Rupture(np.array([[3.0], [6.0], [8.5]]), "normal", 45.0),
            distances=Distances(np.array([0.0, 1.0, 300.0]), np.array([0.0, 3.0, 300.0]), np.array([-1.0, 0.0, 40.0])),
            ground=Ground(np.array([150.0, 760.0, 1500.0]), np.array([np.nan, 0.0, 2.0]), np.array([np.nan, 4.0, 0.5])),
        )
        assert np.isfinite(out.mean_ln).all()
        assert (out.tau > 0).all()
        assert (out.phi > 0).all()


# -- the door ----------------------------------------------------------------------------------------------------------


def test_a_model_says_where_it_applies() -> None:
    inside = applies(Boore2014(), magnitude=[2.0, 6.0, 6.0], distance_km=[10.0, 10.0, 500.0])
    assert inside.tolist() == [False, True, False]
    assert not applies(Boore2014(), magnitude=6.0, distance_km=10.0, tectonic="slab")
    with pytest.raises(InputError, match="'craton'"):
        applies(Boore2014(), magnitude=6.0, distance_km=10.0, tectonic="craton")


@EVERY_MODEL
def test_what_a_model_does_not_know_is_named(make: Callable[..., GroundMotionModel]) -> None:
    with pytest.raises(InputError, match=r"'SA\(0\.31\)'"):
        make().predict(["SA(0.31)"], Rupture(6.0), distances=Distances(10.0, 11.0), ground=Ground())
    with pytest.raises(InputError, match="'atlantis'"):
        make("atlantis")


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Rupture(12.0), "magnitude is 12"),
        (lambda: Rupture(6.0, "sideways"), "'sideways'"),
        (lambda: Rupture(6.0, dip_deg=91.0), "dip_deg is 91"),
        (lambda: Rupture(np.nan), "magnitude is nan"),
        (lambda: Distances(-1.0, 5.0), "joyner_boore_km is -1"),
        (lambda: Ground(0.4), "vs30_m_s is 0.4"),
        (lambda: Ground(760.0, z1_km=300.0), "z1_km is 300"),
    ],
)
def test_what_no_rupture_or_ground_can_be_is_refused(make: Callable[[], object], named: str) -> None:
    with pytest.raises(InputError, match=named):
        make()


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="must broadcast"):
        Boore2014().predict(
            ["PGA"], Rupture(np.full(3, 6.0)), distances=Distances(np.ones(2), np.ones(2)), ground=Ground()
        )
