"""Groups: bins, categories, and which is named the worst."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.errors import InputError
from foreshock.evaluate.classes import Accuracy
from foreshock.evaluate.groups import MAX_CATEGORIES, by_group, known_columns
from foreshock.evaluate.regression import MeanAbsoluteError


def _by_station(said, sizes, right):
    """Rows of stations, a share of each right."""
    p, truth, names = [], [], []
    for station, n in sizes.items():
        hits = round(n * right[station])
        p += [[0.9, 0.1]] * n
        truth += [0] * hits + [1] * (n - hits)
        names += [station] * n
    return said(p, truth, station_id=names)


def test_the_worst_group_is_named_and_told_from_chance(said):
    rows = _by_station(said, {"A": 100, "B": 100, "C": 100}, {"A": 0.95, "B": 0.6, "C": 0.94})
    found = by_group(rows, Accuracy(), column="station_id", n=200)
    assert (found.worst, found.clearly) == ("B", True)
    assert {g.name: g.score.value for g in found.groups} == pytest.approx({"A": 0.95, "B": 0.6, "C": 0.94})


def test_a_small_group_is_shown_but_not_judged(said):
    rows = _by_station(said, {"A": 100, "B": 60, "tiny": 5}, {"A": 0.9, "B": 0.8, "tiny": 0.0})
    found = by_group(rows, Accuracy(), column="station_id", n=50)
    assert found.worst == "B"
    assert {g.name: g.enough for g in found.groups} == {"A": True, "B": True, "tiny": False}


def test_many_rows_of_few_events_are_not_enough(said):
    rows = said([[0.9, 0.1]] * 80, [0] * 40 + [1] * 40, rows_per_event=20, source=["x"] * 40 + ["y"] * 40)
    assert by_group(rows, Accuracy(), column="source", n=20).worst is None


def test_a_higher_error_is_worse(valued):
    error = np.r_[np.full(50, 0.1), np.full(50, 0.5)]
    rows = valued(error, np.zeros(100), distance_km=np.r_[np.full(50, 5.0), np.full(50, 150.0)])
    found = by_group(rows, MeanAbsoluteError(), column="distance_km", n=50)
    assert [g.name for g in found.groups] == ["< 10", "100–200"]
    assert found.worst == "100–200"


def test_a_value_on_an_edge_belongs_above_it(valued):
    rows = valued([0.0] * 4, [0.0] * 4, magnitude=[1.9999, 2.0, 2.9999, 7.0])
    found = by_group(rows, MeanAbsoluteError(), column="magnitude", edges=[2, 3], n=20)
    assert {g.name: g.score.n for g in found.groups} == {"< 2": 1, "2–3": 2, "≥ 3": 1}


def test_missing_values_are_a_group_of_their_own_and_never_the_worst(said):
    right, wrong = [[0.9, 0.1]] * 50, [[0.1, 0.9]] * 50
    rows = said(right + right + wrong, [0] * 150, instrument=["HH"] * 50 + ["HN"] * 50 + [None] * 50)
    found = by_group(rows, Accuracy(), column="instrument", n=20)
    assert found.groups[-1].name == "unknown"
    assert found.worst in ("HH", "HN")


def test_too_many_stations_are_put_together_without_losing_a_row(said):
    names = [f"S{k:03d}" for k in range(100)]
    rows = said([[0.9, 0.1]] * 200, [0] * 200, station_id=names * 2)
    found = by_group(rows, Accuracy(), column="station_id", n=20)
    assert len(found.groups) == MAX_CATEGORIES + 1
    assert found.groups[-1].name == "other (60)"
    assert sum(g.score.n for g in found.groups) == 200


def test_an_unknown_column_is_refused_with_the_nearest_one(said):
    rows = said([[0.9, 0.1]], [0], distance_km=[1.0])
    with pytest.raises(InputError, match=r"distance_kn.*did you mean 'distance_km'"):
        by_group(rows, Accuracy(), column="distance_kn")


def test_edges_that_fall_are_refused(said):
    with pytest.raises(InputError, match=r"\[3.0, 2.0\]"):
        by_group(said([[0.9, 0.1]], [0], magnitude=[1.0]), Accuracy(), column="magnitude", edges=[3, 2])


def test_only_columns_that_split_the_rows_are_looked_at(said):
    rows = said([[0.9, 0.1]] * 2, [0, 0], distance_km=[5.0, 50.0], instrument=["HH", "HH"], snr_db=[np.nan, np.nan])
    assert known_columns(rows) == ("distance_km",)


def test_a_numeric_column_without_known_bins_is_cut_in_quarters(valued):
    rows = valued(np.zeros(100), np.zeros(100), depth=np.arange(100.0))
    found = by_group(rows, MeanAbsoluteError(), column="depth", n=20)
    assert [g.score.n for g in found.groups] == [25, 25, 25, 25]
