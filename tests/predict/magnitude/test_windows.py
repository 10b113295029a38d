"""Tests of when P and S are taken to arrive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foreshock.predict.magnitude.windows import reach
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival

DEFAULT = {"travel": None, "default_depth_km": 10.0}


def arrival(phase, time_ns, weight=1.0):
    pick = Pick("XX.A.", phase, time_ns, probability=0.9, sigma_s=0.1, available_at_ns=time_ns)
    return Arrival(pick, phase, 40.0, 90.0, 0.0, weight)


class Travel:
    max_distance_km, max_depth_km = 100.0, 50.0

    def time_s(self, phase, distance_km, depth_km):
        time = np.hypot(distance_km, depth_km) / {"P": 6.0, "S": 3.5}[phase]
        return np.where(distance_km <= 100, time, np.nan)


def test_distance_counts_depth_and_the_stations_height(made):
    record = made(east_km=30.0, depth_km=8.0)
    seen = reach(record.event, replace(record.station, elevation_m=2000.0), (), travel=Travel(), default_depth_km=10.0)
    assert seen.epicentral_km == pytest.approx(30.0, abs=0.01)
    assert seen.hypocentral_km == pytest.approx(np.hypot(30.0, 10.0), abs=0.01)


def test_picks_count_before_computed_times_and_the_surer_one_of_two(made):
    record = made()
    at = record.event.time_ns
    arrivals = (arrival("P", at + 7_000_000_000), arrival("P", at + 9_000_000_000, weight=0.1))
    seen = reach(record.event, record.station, arrivals, travel=Travel(), default_depth_km=10.0)
    assert seen.p_ns == at + 7_000_000_000
    assert seen.s_ns == pytest.approx(record.s_ns, abs=2e7)


def test_one_phase_tells_the_other_where_there_is_no_travel_time(made):
    record = made()
    at = record.event.time_ns
    seen = reach(record.event, record.station, (arrival("P", at + 6_000_000_000),), **DEFAULT)
    assert (seen.s_ns - at) / (seen.p_ns - at) == pytest.approx(3**0.5)
    assert "neither a pick nor a travel time" in reach(record.event, record.station, (), **DEFAULT)


def test_an_s_before_p_is_refused(made):
    record = made()
    at = record.event.time_ns
    arrivals = (arrival("P", at + 6_000_000_000), arrival("S", at + 5_000_000_000))
    assert reach(record.event, record.station, arrivals, **DEFAULT) == "S comes before P"
