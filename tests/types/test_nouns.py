"""Every noun refuses what cannot be true, in a sentence that names the value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from foreshock.errors import ForeshockError
from foreshock.types import (
    Alert,
    Area,
    Catalog,
    Channel,
    Event,
    Examples,
    Forecast,
    Loss,
    Pick,
    Predictions,
    Series,
    Shaking,
    SiteForecast,
    Station,
    Truth,
)

ALERT: dict[str, Any] = {
    "alert_id": "a", "version": 1, "event_id": "e", "message_type": "alert", "status": "test", "issued_at_ns": 9,
    "origin_time_ns": 0, "latitude": 30.0, "longitude": 100.0, "depth_km": 10.0,
    "magnitude_q05": 4.0, "magnitude_q50": 4.5, "magnitude_q95": 5.0,
}  # fmt: skip
FORECAST: dict[str, Any] = {
    "region": "cell", "issued_at_ns": 0, "start_ns": 0, "end_ns": 10, "magnitude_min": 4.0, "expected_count": 0.1,
    "probability": 0.1, "model": "constant rate",
}  # fmt: skip
IDS = pd.DataFrame({"trace_id": ["a", "b"], "event_id": ["e", "f"]})
CHANNEL: dict[str, Any] = {
    "code": "HHZ", "azimuth_deg": 0.0, "dip_deg": -90.0, "sensitivity": 1.0, "unit": "m/s", "start_ns": 0, "end_ns": 1
}  # fmt: skip


def examples(**changes: Any) -> Examples:
    told: dict[str, Any] = {"x": np.zeros((2, 3, 4)), "rate_hz": 10.0, "table": IDS, **changes}
    return Examples(**told)


def said(**columns: Any) -> Predictions:
    table = IDS.assign(**{"truth": ["n", "q"], "prob_n": [0.5, 0.5], "prob_q": [0.5, 0.5], **columns})
    return Predictions(table, classes=("n", "q"))


WRONG: list[tuple[str, Callable[[], object], str]] = [
    ("alert cancelled twice", lambda: Alert(**{**ALERT, "message_type": "cancelled"}), "'cancelled'"),
    ("alert before its event", lambda: Alert(**{**ALERT, "issued_at_ns": -1}), "after the origin"),
    ("alert quantiles fall", lambda: Alert(**{**ALERT, "magnitude_q05": 6.0}), "must not fall"),
    ("area without an end", lambda: Area("a", circles=((0.0, 0.0, float("inf")),)), "radius inf"),
    ("area off the earth", lambda: Area("a", circles=((91.0, 0.0, 1.0),)), "latitude is 91"),
    (
        "area with a ring that is open",
        lambda: Area("a", rings=(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.5)),)),
        "ends where",
    ),
    ("site off the earth", lambda: SiteForecast("s", "s", 91.0, 0.0, 1.0, 2.0, 3.0), "latitude is 91"),
    ("site whose intensity falls", lambda: SiteForecast("s", "s", 0.0, 0.0, 3.0, 2.0, 3.0), "must not fall"),
    ("site without intensity", lambda: SiteForecast("s", "s", 0.0, 0.0, 1.0, float("nan"), 3.0), "are numbers"),
    ("site with an endless name", lambda: SiteForecast("s", "s" * 201, 0.0, 0.0, 1.0, 2.0, 3.0), "200 letters"),
    (
        "site with a time to nothing",
        lambda: SiteForecast("s", "s", 0.0, 0.0, 1.0, 2.0, 3.0, threshold_time_ns=1),
        "the threshold",
    ),
    ("catalogue in disorder", lambda: Catalog([2, 1], [0, 0], [0, 0], [0, 0], [1, 1], ("a", "b")), "times fall"),  # type: ignore[arg-type]
    ("catalogue columns differ", lambda: Catalog([1], [0, 0], [0], [0], [1], ("a",)), "lengths"),  # type: ignore[arg-type]
    ("channel with a wrong dip", lambda: Channel(**{**CHANNEL, "dip_deg": 91.0}), "dip 91"),
    ("channel epoch backwards", lambda: Channel(**{**CHANNEL, "end_ns": 0}), "epoch"),
    ("event in the sky", lambda: Event("e", 0, 0.0, 0.0, depth_km=-11.0), "depth is -11"),
    ("event of magnitude 11", lambda: Event("e", 0, 0.0, 0.0, magnitude=11.0, magnitude_type="Mw"), "magnitude is 11"),
    ("magnitude without type", lambda: Event("e", 0, 0.0, 0.0, magnitude=1.0), "names its type"),
    ("forecast after the fact", lambda: Forecast(**{**FORECAST, "issued_at_ns": 5}), "before its span"),
    ("forecast surer than sure", lambda: Forecast(**{**FORECAST, "probability": 1.1}), "probability 1.1"),
    ("loss below zero", lambda: Loss("r", "structural", "USD", mean=-1.0, q05=0.0, q50=1.0, q95=2.0), "mean -1"),
    ("pick surer than sure", lambda: Pick("t", "P", 0, 1.1, 0.1, 0), "probability 1.1"),
    ("pick known before it came", lambda: Pick("t", "P", 10, 0.9, 0.1, 9), "before it arrives"),
    ("pick with a colour", lambda: Pick("t", "P", 0, 0.9, 0.1, 0, "red"), "'red'"),
    ("series in disorder", lambda: Series("g", "w", "m", [1, 1], [0.0, 0.0], [1, 1]), "do not rise"),  # type: ignore[arg-type]
    ("series from the future", lambda: Series("g", "w", "m", [1], [0.0], [0]), "before it was measured"),  # type: ignore[arg-type]
    ("series with Inf", lambda: Series("g", "w", "m", [1], [np.inf], [1]), "Inf"),  # type: ignore[arg-type]
    ("shaking below zero", lambda: Shaking("PGA", "m/s2", [0.0], [0.0], [-1.0], [0.1], [0.1]), "median"),  # type: ignore[arg-type]
    ("station off the earth", lambda: Station("XX.A.", 100.0, 30.0), "latitude is 100"),
    ("station on the moon", lambda: Station("XX.A.", 30.0, 100.0, 384_400_000.0), "elevation"),
    ("wrong split", lambda: Truth("t", "e", split="validation"), "'validation'"),
    ("distance below zero", lambda: Truth("t", "e", distance_km=-1.0), "-1.0 km"),
    ("examples without an axis", lambda: examples(x=np.zeros((2, 4))), "shape"),
    ("examples with NaN", lambda: examples(x=np.full((2, 3, 4), np.nan)), "NaN"),
    ("examples without names", lambda: examples(table=pd.DataFrame({"a": [1, 2]})), "trace_id"),
    ("a class without a name", lambda: examples(y=[0, 2], classes=("n", "q")), "reach 2"),
    ("a target that is NaN", lambda: examples(y=[0.0, np.nan]), "NaN"),
    ("one label too few", lambda: examples(y=[0], classes=("n",)), "lengths"),
    ("probabilities above one", lambda: said(prob_n=[0.9, 0.5]), "sum to 1"),
    ("truth nobody knows", lambda: said(truth=["n", "x"]).truth_numbers, "'x'"),
    ("no column for a class", lambda: Predictions(IDS.assign(truth="n"), classes=("n",)), "prob_n"),
]


@pytest.mark.parametrize(("make", "sentence"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_cannot_be_true_is_refused(make: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ForeshockError, match=sentence):
        make()


def test_examples_taken_in_another_order_keep_their_labels_and_context() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    taken = examples(x=x, y=[0, 1], classes=("n", "q"), context={"log10_scale": [1.0, 2.0]}).take(np.array([1, 0]))
    assert taken.y is not None
    assert (taken.y.tolist(), taken.context["log10_scale"].tolist()) == ([1, 0], [2.0, 1.0])
    assert taken.table["trace_id"].tolist() == ["b", "a"]
    assert taken.x[0, 0, 0] == 12


def test_a_catalogue_sorts_events_by_time_and_marks_the_unknown() -> None:
    late, early = Event("l", 10, 0.0, 0.0, magnitude=3.0, magnitude_type="ML"), Event("e", 5, 0.0, 0.0)
    catalog = Catalog.of([late, early])
    assert catalog.event_ids == ("e", "l")
    assert np.isnan(catalog.magnitude[0])
    assert len(catalog) == 2
