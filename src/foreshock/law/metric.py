"""The law of metrics: order does not matter, perfect is best, doubling changes nothing. Knows no particular metric."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from foreshock.errors import PluginError
from foreshock.plugins import Metric
from foreshock.types.arrays import AnyArray, Ints
from foreshock.types.predictions import Predictions


def check_metric(metric: Metric, *, seed: int = 0) -> None:
    """Try a metric on random and on perfect predictions.

    Raises:
        PluginError: the metric breaks a rule; the sentence says which.
    """
    rng = np.random.default_rng(seed)
    said = _classes(rng) if metric.task == "classify" else _values(rng)
    perfect = _perfect(said)
    score, best = metric(said), metric(perfect)
    order = rng.permutation(len(said))
    _demand(
        metric, math.isclose(metric(_rows(said, order)), score, rel_tol=1e-9, abs_tol=1e-12), "order must not matter"
    )
    doubled = np.repeat(np.arange(len(said)), 2)
    _demand(
        metric,
        math.isclose(metric(_rows(said, doubled)), score, rel_tol=1e-9, abs_tol=1e-12),
        "doubling every row must not matter",
    )
    _demand(metric, math.isclose(best, metric.best, abs_tol=1e-9), f"perfect predictions must score {metric.best}")
    behind = score <= best if metric.better == "higher" else score >= best
    _demand(metric, bool(behind), "nothing may score better than perfect predictions")
    _demand(metric, math.isnan(metric(_rows(said, np.array([], int)))), "no row must score NaN")


def _demand(metric: Metric, held: bool, rule: str) -> None:
    if not held:
        raise PluginError(f"metric {metric.name!r}", f"it breaks the law: {rule}", "correct the metric")


def _rows(said: Predictions, rows: Ints) -> Predictions:
    return Predictions(said.table.iloc[rows], classes=said.classes)


def _classes(rng: np.random.Generator, n: int = 60) -> Predictions:
    names = ("a", "b", "c")
    p = rng.dirichlet(np.ones(3), n)
    truth = np.where(rng.random(n) < 0.6, p.argmax(1), rng.integers(0, 3, n))
    table = pd.DataFrame({f"prob_{name}": p[:, k] for k, name in enumerate(names)})
    return Predictions(_named(table, np.array(names)[truth]), classes=names)


def _values(rng: np.random.Generator, n: int = 60) -> Predictions:
    truth = rng.normal(3, 1, n)
    value = truth + rng.normal(0, 0.3, n)
    table = pd.DataFrame({"value": value, "q05": value - 0.5, "q95": value + 0.5})
    return Predictions(_named(table, truth))


def _named(table: pd.DataFrame, truth: AnyArray) -> pd.DataFrame:
    ids = [str(k) for k in range(len(table))]
    return table.assign(truth=truth, trace_id=ids, event_id=ids)


def _perfect(said: Predictions) -> Predictions:
    table = said.table.copy()
    if not said.classes:
        table["value"] = table["truth"]
        table["q05"], table["q95"] = table["truth"], table["truth"]
        return Predictions(table)
    for name in said.classes:
        table[f"prob_{name}"] = (table["truth"] == name).astype(float)
    return Predictions(table, classes=said.classes)
