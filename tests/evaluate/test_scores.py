"""Scores: the object of --json, ours beside every rival, with warnings that tell why."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.classes import Accuracy
from foreshock.evaluate.members import ORDER, metrics_of
from foreshock.evaluate.scores import json_able, labelled, score_all
from foreshock.plugins import members
from foreshock.types.predictions import Predictions


def _guess(rows: Predictions, p: float = 1 / 3) -> Predictions:
    return Predictions(rows.table.assign(**{f"prob_{c}": p for c in rows.classes}), classes=rows.classes)


def test_the_object_has_the_documented_keys_and_is_plain_json(tied):
    found = score_all(tied, {"guess": _guess(tied)}, n=50, skipped=[("x.mseed", "truncated")], versions={"a": "1"})
    plain = json.loads(json.dumps(found.as_json(), allow_nan=False))
    documented = {"schema", "task", "n", "ours", "rivals", "groups", "skipped", "warnings", "versions", "inputs"}
    assert documented <= set(plain)
    assert (plain["schema"], plain["task"], plain["n"], plain["n_events"]) == (
        "foreshock.scores/1",
        "classify",
        300,
        100,
    )
    assert set(plain["ours"]["accuracy"]) == {"value", "low", "high"}
    assert plain["skipped"] == [{"item": "x.mseed", "reason": "truncated"}]
    assert set(plain["rivals"]["guess"]["accuracy"]) == {"value", "low", "high", "difference"}


def test_the_difference_is_ours_minus_the_rival(tied):
    found = score_all(tied, {"guess": _guess(tied)}, metrics=[Accuracy()], n=100)
    apart = found.differences["guess"]["accuracy"]
    assert apart.value == pytest.approx(found.ours["accuracy"].value - found.rivals["guess"]["accuracy"].value)
    assert 0 < apart.low < apart.high


def test_the_same_seed_gives_the_same_object(tied):
    one, two = (score_all(tied, {"guess": _guess(tied)}, seed=7, n=50).as_json() for _ in range(2))
    assert one == two


def test_every_installed_metric_of_the_task_is_measured_in_reading_order(tied):
    names = [metric.name for metric in metrics_of("classify")] + [metric.name for metric in metrics_of("regress")]
    assert sorted(names) == sorted(members("metrics"))
    assert names == [name for name in ORDER if name in names]
    assert list(score_all(tied, {}, n=20).ours) == [metric.name for metric in metrics_of("classify")]


def test_what_is_not_defined_is_null_with_a_warning(said):
    rows = said([[0.9, 0.1]] * 40, [0] * 40)
    plain = score_all(rows, {}, n=20).as_json()
    assert plain["ours"]["macro_roc_auc"]["value"] is None
    assert any("macro_roc_auc is not defined" in text for text in plain["warnings"])


def test_rows_without_truth_are_counted_among_the_skipped(tied):
    table = tied.table.copy()
    table.loc[[3, 4], "truth"] = None
    found = score_all(Predictions(table, classes=tied.classes), {}, n=20)
    assert found.n == 298
    assert found.skipped == (("t3", "it has no truth"), ("t4", "it has no truth"))


def test_no_truth_at_all_is_refused(valued):
    with pytest.raises(NothingMatchedError, match="2 predictions"):
        labelled(valued([1.0, 2.0], [math.nan, math.nan]))


def test_values_are_scored_with_coverage_where_quantiles_are_there(valued):
    truth = np.random.default_rng(0).normal(0, 1, 200)
    rows = valued(np.zeros(200), truth, q05=np.full(200, -0.5), q95=np.full(200, 0.5))
    plain = score_all(rows, {"mean": rows}, n=50).as_json()
    assert plain["quantiles"]["coverage_90"]["value"] == pytest.approx((np.abs(truth) <= 0.5).mean())
    assert any("too narrow" in text for text in plain["warnings"])


def test_few_events_few_rows_of_a_class_and_no_rival_are_told(said):
    warnings = " ".join(score_all(said([[0.9, 0.1]] * 20, [0] * 19 + [1]), {}, n=20).warnings)
    assert "Only 20 events" in warnings
    assert "Class 'b' has 1 true rows" in warnings
    assert "No rival" in warnings


def test_groups_name_the_worst(said):
    rows = said([[0.9, 0.1]] * 120, [0] * 60 + [1] * 30 + [0] * 30, instrument=["HH"] * 60 + ["HN"] * 60)
    plain = score_all(rows, {}, metrics=[Accuracy()], n=100).as_json()
    assert plain["groups"]["instrument"]["worst"] == "HN"
    assert plain["groups"]["instrument"]["clearly"] is True


@pytest.mark.parametrize("name", ["", "ours"])
def test_a_rival_needs_a_name_of_its_own(tied, name):
    with pytest.raises(InputError, match="rival"):
        score_all(tied, {name: tied}, n=20)


def test_no_metric_is_refused(tied):
    with pytest.raises(NothingMatchedError, match="classify"):
        score_all(tied, {}, metrics=[], n=20)


def test_plain_values_hold_no_infinity():
    assert json_able({"a": [math.inf, np.float32(1.5), np.arange(2)], "b": {1}}) == {"a": [None, 1.5, [0, 1]], "b": [1]}
