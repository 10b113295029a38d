"""Measures of picks: shares, precision, residuals, calibration, each for many weightings of the traces at once.

Knows tallies only. A measure gives one value a row of weights (resample, trace), so that intervals come from drawing
whole events again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from foreshock.evaluate.metric import ratio
from foreshock.evaluate.pick_tally import NEAR_S, OUTLIER_S, PHASES, RIGHT_S, Tally
from foreshock.types.arrays import Float64, Ints

N_BINS = 10
"""Equal-width bins of probability."""

Values = Callable[[Tally, Float64], Float64]


@dataclass(frozen=True)
class Measure:
    """One number that says how good picks are.

    Attributes:
        name, sentence, unit: as in tables. better: ``higher`` or ``lower``; ``zero`` where it should be near 0.
        values: from a tally and weights (resample, trace) to (resample,).
        size: how many things it is measured on.
    """

    name: str
    sentence: str
    unit: str
    better: str
    values: Values
    size: Callable[[Tally], Ints]


def _share(above: str, below: tuple[str, ...], tally: Tally, weights: Float64) -> Float64:
    total = sum((tally.sums(name, weights) for name in below), start=np.zeros(len(weights)))
    return ratio(tally.sums(above, weights), total)


def _f1(phases: tuple[str, ...], tally: Tally, weights: Float64) -> Float64:
    right = sum((tally.sums(f"right_{p}", weights) for p in phases), start=np.zeros(len(weights)))
    both = [f"{kind}_{p}" for kind in ("truth", "picks") for p in phases]
    return ratio(2 * right, sum((tally.sums(name, weights) for name in both), start=np.zeros(len(weights))))


def _residuals(tally: Tally, phase: str) -> pd.DataFrame:
    mine = tally.of(phase)
    return mine[mine["right"]]


def _copies(rows: pd.DataFrame, weights: Float64) -> list[Float64]:
    """The residuals of each resample, as often as their trace was drawn."""
    residuals, trace = rows["residual_s"].to_numpy(float), rows["trace"].to_numpy(np.int64)
    return [np.repeat(residuals, w[trace].astype(np.int64)) for w in weights]


def _median(phase: str, tally: Tally, weights: Float64) -> Float64:
    return np.array([_middle(one) for one in _copies(_residuals(tally, phase), weights)])


def _mad(phase: str, tally: Tally, weights: Float64) -> Float64:
    return np.array([_middle(np.abs(one - _middle(one))) for one in _copies(_residuals(tally, phase), weights)])


def _middle(values: Float64) -> float:
    return float(np.median(values)) if len(values) else float("nan")


def _outliers(phase: str, tally: Tally, weights: Float64) -> Float64:
    rows = _residuals(tally, phase)
    trace = rows["trace"].to_numpy(np.int64)
    far = (rows["residual_s"].abs() > OUTLIER_S).to_numpy(float)
    return ratio(weights[:, trace] @ far, weights[:, trace].sum(1))


def _ece(phase: str, tally: Tally, weights: Float64) -> Float64:
    """Σ over bins of |Σ (right − probability)| over the number of picks (Naeini 2015, doi:10.1609/aaai.v29i1.9602)."""
    if not tally.has_probabilities:
        return np.full(len(weights), np.nan)
    rows = tally.of(phase)
    p, right = rows["probability"].to_numpy(float), rows["right"].to_numpy(float)
    drawn = weights[:, rows["trace"].to_numpy(np.int64)]
    gaps = np.zeros(len(weights))
    for one in range(N_BINS):
        inside = bin_of(p) == one
        gaps += np.abs(drawn[:, inside] @ (right - p)[inside])
    return ratio(gaps, drawn.sum(1))


def bin_of(probability: Float64) -> Ints:
    """The number of the bin low < probability ≤ high; 0 falls into the first.

    >>> bin_of(np.array([0.0, 0.1, 0.11, 1.0])).tolist()
    [0, 0, 1, 9]
    """
    return np.asarray(np.clip(np.ceil(probability * N_BINS) - 1, 0, N_BINS - 1), np.int64)


def _size(columns: tuple[str, ...], tally: Tally) -> Ints:
    """How much each trace brings: (trace,)."""
    return np.asarray(tally.counts[list(columns)].sum(axis=1).to_numpy(np.int64), np.int64)


def _of_phase(phase: str) -> tuple[Measure, ...]:
    low, truth, said, right = phase.lower(), f"truth_{phase}", f"picks_{phase}", f"right_{phase}"

    def made(name: str, sentence: str, unit: str, better: str, values: Values, *sizes: str) -> Measure:
        return Measure(f"{low}_{name}", sentence, unit, better, values, partial(_size, sizes))

    return (
        made(
            f"within_{NEAR_S:g}_s",
            f"Share of labelled {phase} with a pick within {NEAR_S:g} s.",
            "1", "higher", partial(_share, f"near_{phase}", (truth,)), truth,
        ),
        made(
            f"within_{RIGHT_S:g}_s",
            f"Share of labelled {phase} with a pick within {RIGHT_S:g} s.",
            "1", "higher", partial(_share, right, (truth,)), truth,
        ),
        made(
            "precision",
            f"Share of judged {phase} picks that are right: within {RIGHT_S:g} s of a label, one to one.",
            "1", "higher", partial(_share, right, (said,)), said,
        ),
        made(
            "recall",
            f"Share of labelled {phase} that were found within {RIGHT_S:g} s.",
            "1", "higher", partial(_share, right, (truth,)), truth,
        ),
        made("f1", f"Harmonic mean of precision and recall of {phase}.", "1", "higher", partial(_f1, (phase,)), truth),
        made(
            "residual_median_s",
            f"Median of pick − label of right {phase} picks: positive is late.",
            "s", "zero", partial(_median, phase), right,
        ),
        made(
            "residual_mad_s",
            f"Median absolute deviation of the residuals of right {phase} picks from their median.",
            "s", "lower", partial(_mad, phase), right,
        ),
        made(
            "outliers",
            f"Share of right {phase} picks further than {OUTLIER_S:g} s from the label.",
            "1", "lower", partial(_outliers, phase), right,
        ),
        made(
            "ece",
            f"Mean gap between the probability of judged {phase} picks and how often they are right ({N_BINS} bins).",
            "1", "lower", partial(_ece, phase), said,
        ),
    )  # fmt: skip


F1 = Measure(
    "f1",
    "Harmonic mean of precision and recall of P and S together.",
    "1",
    "higher",
    partial(_f1, PHASES),
    partial(_size, ("truth_P", "truth_S")),
)
OTHER = Measure(
    "other_per_record",
    "Judged picks per record that are not right.",
    "picks",
    "lower",
    partial(_share, "other", ("traces",)),
    partial(_size, ("traces",)),
)
MEASURES: tuple[Measure, ...] = (*(one for phase in PHASES for one in _of_phase(phase)), F1, OTHER)
"""In reading order."""

OF_GROUPS = ("f1", "p_within_0.1_s", "p_within_0.5_s", "s_within_0.1_s", "s_within_0.5_s", "other_per_record")
"""What is told of every group; the first names the worst."""


def reliability_of(judged: pd.DataFrame) -> pd.DataFrame:
    """A row a bin of probability that holds a pick: ``n, probability, right`` (share)."""
    bins = bin_of(judged["probability"].to_numpy(float))
    held = judged.assign(bin=bins, right=judged["right"].astype(float)).groupby("bin")
    return held.agg(n=("right", "size"), probability=("probability", "mean"), right=("right", "mean")).reset_index()


def precision_recall_of(judged: pd.DataFrame, n_truth: int) -> pd.DataFrame:
    """Precision and recall over the threshold: ``threshold, precision, recall``, from the highest threshold on."""
    ordered = judged.sort_values("probability", ascending=False, kind="stable")
    right = ordered["right"].to_numpy(float).cumsum()
    said = np.arange(1, len(ordered) + 1)
    threshold = ordered["probability"].to_numpy(float)
    last = np.append(threshold[1:] < threshold[:-1], True)[: len(threshold)]
    table = pd.DataFrame({"threshold": threshold, "precision": right / said, "recall": right / max(n_truth, 1)})
    return table[last].reset_index(drop=True)
