"""Scores of sources by hand: errors, coverage, directions across north, and gains on what both answered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.source_scores import score_sources


def table(n: int = 40, *, off: float = 0.1, elapsed_s: tuple[float, ...] = (1.0, 30.0)) -> pd.DataFrame:
    rows = []
    for t in elapsed_s:
        for k in range(n):
            m, km, azimuth = 1 + k / 10, 5.0 + 3 * k, (9.0 * k) % 360
            rows.append(
                {
                    "trace_id": f"t{k}",
                    "event_id": f"e{k // 2}",
                    "group": "XX.A" if k % 4 else "XX.B",
                    "elapsed_s": t,
                    "true_magnitude": m,
                    "true_distance_km": km,
                    "true_azimuth_deg": azimuth,
                    "magnitude": m + off / t,
                    **{f"magnitude_{q}": m + off / t + d for q, d in (("q05", -0.2), ("q25", -0.05))},
                    **{f"magnitude_{q}": m + off / t + d for q, d in (("q75", 0.05), ("q95", 0.2))},
                    "distance_km": km * 1.2,
                    **{f"distance_km_{q}": km * f for q, f in (("q05", 0.9), ("q25", 1.1), ("q75", 1.3), ("q95", 2))},
                    "azimuth_deg": (azimuth + 10) % 360,
                    "azimuth_half_50": 5.0,
                    "azimuth_half_90": 20.0,
                }
            )
    return pd.DataFrame(rows)


def test_errors_are_what_they_are_by_hand() -> None:
    scores = score_sources({"ours": table()})
    late, early = (scores.predictors["ours"][t] for t in (30.0, 1.0))
    assert early["magnitude_mae"].value == pytest.approx(0.1)
    assert late["magnitude_bias"].value == pytest.approx(0.1 / 30)
    assert late["distance_median_relative_error"].value == pytest.approx(0.2)
    assert late["distance_bias"].value == pytest.approx(np.log10(1.2))
    assert late["azimuth_median_error_deg"].value == pytest.approx(10.0)
    assert (scores.n_records, scores.n_events) == (40, 20)


def test_coverage_is_a_share_of_truths_inside() -> None:
    late = score_sources({"ours": table(off=3.0)}).predictors["ours"]
    assert late[1.0]["magnitude_coverage_90"].value == 0.0
    assert late[30.0]["magnitude_coverage_90"].value == 1.0
    assert late[30.0]["magnitude_coverage_50"].value == 0.0
    assert late[30.0]["distance_coverage_90"].value == 1.0
    assert late[30.0]["distance_coverage_50"].value == 0.0
    assert late[30.0]["azimuth_coverage_90"].value == 1.0


def test_a_gain_is_the_rivals_error_minus_ours_on_what_both_answered() -> None:
    theirs = table(off=0.5)
    theirs.loc[theirs["trace_id"].isin(["t0", "t1"]), "magnitude"] = np.nan
    scores = score_sources({"ours": table(), "rival": theirs})
    gain = scores.gains["rival"][1.0]["magnitude_mae"]
    assert gain.value == pytest.approx(0.4)
    assert gain.low > 0
    assert gain.n == 38
    assert np.isnan(scores.gains["rival"][1.0]["distance_median_relative_error"].value) == np.False_


def test_a_rival_that_says_less_is_scored_on_what_it_says() -> None:
    only = table()[["trace_id", "event_id", "group", "elapsed_s", "azimuth_deg"]].join(
        table()[["true_magnitude", "true_distance_km", "true_azimuth_deg"]]
    )
    scores = score_sources({"ours": table(), "motion": only})
    assert np.isnan(scores.predictors["motion"][30.0]["magnitude_mae"].value)
    assert scores.gains["motion"][30.0]["azimuth_median_error_deg"].value == pytest.approx(0.0)
    assert scores.as_json()["predictors"]["motion"]["30"]["magnitude_mae"]["value"] is None


def test_stations_and_magnitudes_are_told_apart() -> None:
    groups = score_sources({"ours": table()}).groups
    sizes = {name: held["magnitude_mae"].n for name, held in groups.items()}
    assert sizes == {"XX.A": 30, "XX.B": 10, **{f"M {m} to {m + 1}": 10 for m in (1, 2, 3, 4)}}


def test_nearer_than_a_kilometre_counts_as_one() -> None:
    near = table(10)
    near["true_distance_km"], near["distance_km"] = 0.2, 1.5
    value = score_sources({"ours": near}).predictors["ours"][30.0]["distance_median_relative_error"].value
    assert value == pytest.approx(0.5)


@pytest.mark.parametrize("column", ["trace_id", "true_magnitude", "group"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(InputError, match=f"lacks '{column}'"):
        score_sources({"ours": table().drop(columns=column)})


def test_a_record_that_stands_twice_and_an_empty_table_are_refused() -> None:
    with pytest.raises(InputError, match="stands twice"):
        score_sources({"ours": pd.concat([table(4), table(4)])})
    with pytest.raises(NothingMatchedError, match="holds no row"):
        score_sources({"ours": table().iloc[:0]})


def test_few_events_are_told() -> None:
    assert "5 events" in score_sources({"ours": table(10)}).warnings[0]
