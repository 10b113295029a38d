"""The finite fault: it holds its moment, breaks outwards and stays below the ground."""

from __future__ import annotations

import numpy as np
import pytest
from scenario_parts import an_event

from foreshock.collect.synthetic.scenario.families import family
from foreshock.collect.synthetic.scenario.rupture import MOST_PATCHES, break_up, size_km
from foreshock.collect.synthetic.source import moment_nm


@pytest.mark.parametrize("name", ["A", "B"])
@pytest.mark.parametrize("magnitude", [3.0, 5.0, 6.2, 7.0, 8.0])
def test_patches_hold_the_whole_moment_and_the_first_breaks_at_once(name: str, magnitude: float) -> None:
    one = family(name)
    rupture = break_up(an_event(magnitude, family=name), one, rng=np.random.default_rng(1))
    assert rupture.moment_nm.sum() == pytest.approx(float(moment_nm(magnitude)))
    assert rupture.time_s.min() == 0
    assert (rupture.moment_nm > 0).all()
    assert len(rupture.moment_nm) <= 1.3 * MOST_PATCHES
    assert rupture.depth_km.min() > 0


def test_the_rupture_runs_at_about_eight_tenths_of_the_shear_velocity() -> None:
    event, one = an_event(7.5), family("A")
    rupture = break_up(event, one, rng=np.random.default_rng(1))
    way = np.sqrt(rupture.east_km**2 + rupture.north_km**2 + (rupture.depth_km - event.depth_km) ** 2)
    vs = float(one.at_depth("vs_km_s", np.array([event.depth_km]))[0])
    assert np.median(way[way > 3] / rupture.time_s[way > 3]) == pytest.approx(0.8 * vs, rel=0.03)


def test_sizes_are_those_of_wells_and_coppersmith() -> None:
    length, width = size_km(7.0)
    assert (round(length, 1), round(width, 1)) == (49.0, 17.0)


def test_slip_dies_out_at_the_edges() -> None:
    event = an_event(7.0)
    sums = np.zeros(2)
    for seed in range(20):
        rupture = break_up(event, family("A"), rng=np.random.default_rng(seed))
        strike = np.radians(event.strike_deg)
        along = rupture.east_km * np.sin(strike) + rupture.north_km * np.cos(strike)
        part = along / event.length_km + event.along
        edge = (part < 0.08) | (part > 0.92)
        middle = np.abs(part - 0.5) < 0.2
        sums += rupture.moment_nm[edge].mean(), rupture.moment_nm[middle].mean()
    assert sums[0] < 0.75 * sums[1]


def test_large_and_small_earthquakes_begin_alike() -> None:
    """The first patch's slope, M·f², differs by less than a fifth of what the moments do."""
    slopes = []
    for magnitude in (5.5, 6.5, 7.5):
        first = []
        for seed in range(30):
            rupture = break_up(an_event(magnitude, seed=seed), family("A"), rng=np.random.default_rng(seed))
            at = rupture.time_s.argmin()
            first.append(rupture.moment_nm[at] * rupture.patch_corner_hz**2)
        slopes.append(np.median(first))
    assert max(slopes) / min(slopes) < 3
