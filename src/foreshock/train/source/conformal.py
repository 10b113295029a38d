"""Conformal: margins that make stated intervals hold on records that were not learnt from. Knows arrays only.

Conformalised quantile regression (Romano, Patterson & Candès 2019, arXiv:1905.03222): a record's score is how far the
truth lies outside the interval (below zero: how far inside); the margin is a high quantile of the scores. Records of
one event are alike, so an event counts once, however many records it has: its records share its weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from foreshock.bundle import Margins
from foreshock.errors import LabelError
from foreshock.types.arrays import AnyArray, Float64

FEWEST_EVENTS = 20
PAIRS = {"90": (0, 4, 0.9), "50": (1, 3, 0.5)}
"""Columns of the quantiles between which a share of all truths should lie."""


@dataclass(frozen=True, eq=False)
class Said:
    """The network's own numbers on records with a known truth, (record, 12), (record,) …; the azimuth may be NaN."""

    raw: Float64
    magnitude: Float64
    log_distance: Float64
    back_azimuth_rad: Float64
    event: AnyArray


def margins_from(by_time: list[Said]) -> Margins:
    """Margins for each elapsed time.

    Raises:
        LabelError: fewer than `FEWEST_EVENTS` events.
    """
    held: dict[str, list[float]] = {name: [] for name in Margins.model_fields}
    for said in by_time:
        _check(said)
        for share, (low, high, level) in PAIRS.items():
            for name, first, truth in (("magnitude", 0, said.magnitude), ("distance", 5, said.log_distance)):
                scores = np.maximum(said.raw[:, first + low] - truth, truth - said.raw[:, first + high])
                held[f"{name}_{share}"].append(event_quantile(scores, said.event, level))
            held[f"azimuth_{share}"].append(_azimuth(said, level))
    return Margins.model_validate(held)


def _azimuth(said: Said, level: float) -> float:
    """The quantile of the angle to the truth in units of the stated spread; half a turn where nothing is known."""
    known = np.isfinite(said.back_azimuth_rad)
    if len(np.unique(said.event[known])) < FEWEST_EVENTS:
        return 500.0
    vector = said.raw[known, 10:]
    away = np.arctan2(vector[:, 1], vector[:, 0]) - said.back_azimuth_rad[known]
    scores = np.abs(np.angle(np.exp(1j * away))) * np.sqrt(1 + np.hypot(vector[:, 0], vector[:, 1]))
    return min(500.0, event_quantile(scores, said.event[known], level))


def event_quantile(scores: Float64, events: AnyArray, level: float) -> float:
    """The level's quantile of scores in which every event weighs the same, one unseen event counted as worst.

    >>> event_quantile(np.arange(10.0), np.arange(10), 0.5)
    5.0
    """
    _, number, count = np.unique(events, return_inverse=True, return_counts=True)
    weight = 1.0 / count[number]
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weight[order]) / (len(count) + 1)
    place = int(np.searchsorted(reached, level - 1e-9))
    return float(scores[order[min(place, len(scores) - 1)]])


def _check(said: Said) -> None:
    n_events = len(np.unique(said.event))
    if n_events < FEWEST_EVENTS:
        raise LabelError(
            f"{n_events} development events",
            f"intervals need at least {FEWEST_EVENTS} to be set by",
            "give more development data",
        )
    if not math.isfinite(float(np.abs(said.raw).max(initial=0.0))):
        raise LabelError("the network's answers", "they are not finite", "train again")


def principal_axes(values: Float64, *, n_axes: int) -> tuple[Float64, Float64, Float64, float]:
    """Mean, main axes (axis, number), spreads along them and the spread in all other directions; NaN counts as mean."""
    mean = np.nanmean(values, 0)
    away = np.nan_to_num(values - mean)
    _, sizes, axes = np.linalg.svd(away, full_matrices=False)
    spread = sizes / np.sqrt(max(1, len(values) - 1))
    n = min(n_axes, len(spread))
    rest = float(np.sqrt(np.square(spread[n:]).sum() / max(1, values.shape[1] - n)))
    return mean, axes[:n], np.maximum(spread[:n], 1e-6), max(rest, 1e-6)
