"""Conformal margins: they hold what they promise on what was not seen, and an event counts once."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from foreshock.errors import LabelError
from foreshock.predict.source.network import read_out
from foreshock.train.source.conformal import Said, event_quantile, margins_from, principal_axes


def said(n: int, *, seed: int, spread: float = 0.3) -> Said:
    """A network that states a spread of 0.1 where it is `spread`, and a concentration of 8 where the angle has 0.5."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(1, 5, n)
    steps = np.array([-1.645, -0.674, 0.0, 0.674, 1.645]) * 0.1
    azimuth = rng.uniform(0, 2 * np.pi, n)
    vector = 8 * np.stack([np.cos(azimuth), np.sin(azimuth)], 1)
    raw = np.concatenate([middle[:, None] + steps, middle[:, None] + steps, vector], 1)
    return Said(
        raw,
        middle + spread * rng.normal(size=n),
        middle + spread * rng.normal(size=n),
        azimuth + 0.5 * rng.normal(size=n),
        np.arange(n),
    )


def test_intervals_hold_on_records_that_set_no_margin() -> None:
    margins = margins_from([said(600, seed=0)])
    fresh = said(4000, seed=1)
    answers = read_out(fresh.raw, margins, at=0, wider=np.ones(4000))
    for values, truth in ((answers.magnitude, fresh.magnitude), (answers.log_distance, fresh.log_distance)):
        assert np.mean((values[:, 0] <= truth) & (truth <= values[:, 4])) == pytest.approx(0.9, abs=0.03)
        assert np.mean((values[:, 1] <= truth) & (truth <= values[:, 3])) == pytest.approx(0.5, abs=0.05)
        assert (np.diff(values, axis=1) >= 0).all()
    away = np.abs(np.angle(np.exp(1j * (answers.azimuth_rad - fresh.back_azimuth_rad))))
    assert np.mean(away <= answers.azimuth_90) == pytest.approx(0.9, abs=0.03)
    assert np.mean(away <= answers.azimuth_50) == pytest.approx(0.5, abs=0.05)


def test_an_event_counts_once_however_many_records_it_has() -> None:
    scores, events = np.arange(30.0), np.arange(30)
    repeated, same = np.append(scores, [29.0] * 500), np.append(events, [29] * 500)
    assert event_quantile(repeated, same, 0.5) == event_quantile(scores, events, 0.5)


def test_too_few_events_are_refused() -> None:
    with pytest.raises(LabelError, match="19 development events"):
        margins_from([said(19, seed=0)])


def test_records_without_directions_leave_half_a_turn() -> None:
    one = said(100, seed=0)
    blind = Said(one.raw, one.magnitude, one.log_distance, np.full(100, np.nan), one.event)
    answers = read_out(one.raw, margins_from([blind]), at=0, wider=np.ones(100))
    assert np.allclose(answers.azimuth_90, np.pi)


def test_margins_that_would_turn_intervals_over_close_them() -> None:
    margins = margins_from([said(200, seed=0, spread=0.001)])
    answers = read_out(said(5, seed=1).raw, margins, at=0, wider=np.ones(5))
    assert (np.diff(answers.magnitude, axis=1) >= 0).all()


def test_axes_explain_a_line_and_the_rest_is_small() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(500, 1)) * np.array([3.0, 4.0, 0.0]) + 0.01 * rng.normal(size=(500, 3))
    _, axes, spread, rest = principal_axes(values, n_axes=1)
    np.testing.assert_allclose(np.abs(axes[0]), [0.6, 0.8, 0.0], atol=0.01)
    assert spread[0] == pytest.approx(5.0, rel=0.1)
    assert rest < 0.02
