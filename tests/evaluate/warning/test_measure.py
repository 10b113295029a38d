"""Shares and rates have exact intervals, all else is drawn by events; nothing of nothing is nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from foreshock.errors import InputError
from foreshock.evaluate.warning.measure import NOTHING, Draws, binomial_band, rate, share


def test_shares_have_the_published_intervals_of_clopper_and_pearson() -> None:
    assert (share(5, 10).low, share(5, 10).high) == pytest.approx((0.1871, 0.8129), abs=1e-4)
    assert (share(1, 20).low, share(1, 20).high) == pytest.approx((0.00127, 0.2487), abs=1e-4)
    assert share(10, 10).high == 1.0
    assert share(3, 7).upper is None


@pytest.mark.parametrize(("n", "bound"), [(2, 1.0), (30, 0.1), (1000, 0.003)])
def test_of_no_hits_the_rule_of_three_gives_the_bound_and_it_holds(n: int, bound: float) -> None:
    assert share(0, n).upper == pytest.approx(bound)
    assert (1 - bound) ** n < 0.05


def test_rates_have_the_published_intervals_of_a_poisson_count() -> None:
    assert (rate(10, 1.0).low, rate(10, 1.0).high) == pytest.approx((4.795, 18.390), abs=1e-3)
    none = rate(0, 50.0)
    assert (none.value, none.low, none.high, none.upper) == pytest.approx((0, 0, 3.689 / 50, 0.06), abs=1e-4)
    assert bool(none)
    assert none.as_json()["exposure"] == 50.0


@given(st.integers(1, 200), st.floats(0.01, 0.99))
@settings(max_examples=40)
def test_the_binomial_band_holds_what_it_promises(n: int, p: float) -> None:
    low, high = binomial_band(n, p)
    held = binom.cdf(round(high * n), n, p) - binom.cdf(round(low * n) - 1, n, p)
    assert held >= 0.95 - 1e-9


def test_nothing_is_nothing_and_divides_by_nothing() -> None:
    empty = np.zeros(0)
    for said in (share(0, 0), rate(0, 0.0), rate(0, math.nan), Draws().ratio(empty, empty, empty.astype(int))):
        assert said == NOTHING or math.isnan(said.value)
        assert not said
    for statistic in ("mean", "median", "sd", "share"):
        assert not Draws().measure(np.full(3, np.nan), np.arange(3), statistic=statistic)
    assert all(map(math.isnan, binomial_band(0, 0.9)))


def test_one_event_gives_a_value_and_no_interval() -> None:
    said = Draws().measure(np.array([2.0, 4.0]), np.array([7, 7]), statistic="mean")
    assert (said.value, said.n, said.n_events) == (3.0, 2, 1)
    assert math.isnan(said.low)


def test_rows_of_one_event_are_drawn_together() -> None:
    values = np.repeat(np.array([0.0, 1.0] * 10), 5)
    alone = Draws().measure(values, np.arange(100), statistic="mean")
    together = Draws().measure(values, np.repeat(np.arange(20), 5), statistic="mean")
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_a_share_of_events_seen_twice_is_drawn_and_not_exact() -> None:
    values = np.repeat(np.array([0.0, 1.0] * 10), 2)
    said = Draws().measure(values, np.repeat(np.arange(20), 2), statistic="share")
    assert (said.value, said.n, said.n_events, said.hits) == (0.5, 40, 20, 20)
    assert said.high - said.low > share(20, 40).high - share(20, 40).low


def test_statistics_are_numpys() -> None:
    values = np.random.default_rng(0).normal(size=25)
    for name, value in {
        "mean": values.mean(), "sd": values.std(ddof=1), "median": np.median(values), "p95": np.quantile(values, 0.95),
    }.items():  # fmt: skip
        said = Draws().measure(values, np.arange(25), statistic=name)
        assert said.value == pytest.approx(value)
        assert said.low < said.value < said.high


def test_a_wrong_statistic_or_too_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="'medain'.*median"):
        Draws().measure(np.ones(2), np.arange(2), statistic="medain")
    with pytest.raises(InputError, match="3 resamples"):
        Draws(n=3)
