"""Tally: what a picker's picks are worth on each labelled trace, as numbers to be summed. Knows no pickers, no scores.

A pick is judged where its phase is labelled on its trace, and nowhere else: nobody knows whether an S without a label
is false. A judged pick is right when it is paired with the label within `RIGHT_S`, one to one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.picks import TrueArrival, match_picks
from foreshock.types.arrays import Float64, Ints
from foreshock.types.pick import Pick

PHASES = ("P", "S")
RIGHT_S = 0.5
"""A pick this near its label is right."""
NEAR_S = 0.1
"""A pick this near its label is exact."""
OUTLIER_S = 0.25
"""A right pick further than this from its label is an outlier."""


@dataclass(frozen=True)
class LabelledTrace:
    """What is known of one trace: its event, its arrivals (UTC nanoseconds, None where not labelled), its groups."""

    trace_id: str
    event_id: str
    p_ns: int | None = None
    s_ns: int | None = None
    groups: Mapping[str, str | float] = field(default_factory=dict)

    def arrivals(self) -> Iterator[TrueArrival]:
        """Its labelled arrivals."""
        for phase, time_ns in zip(PHASES, (self.p_ns, self.s_ns), strict=True):
            if time_ns is not None:
                yield TrueArrival(self.trace_id, phase, time_ns)


@dataclass(frozen=True, eq=False)
class Tally:
    """Numbers of each trace and of each judged pick.

    Attributes:
        events: number of the event of each trace: (trace,).
        counts: a row a trace; ``traces`` (1), ``other``, and for P and S ``truth_P, picks_P, near_P, right_P``.
        judged: a row a judged pick: ``trace`` (its row in counts), ``phase, probability, right, residual_s``.
        n_unjudged: picks whose phase is not labelled on their trace.
        has_probabilities: whether the probabilities are the picker's own.
    """

    events: Ints
    counts: pd.DataFrame
    judged: pd.DataFrame
    n_unjudged: int = 0
    has_probabilities: bool = True

    def sums(self, column: str, weights: Float64) -> Float64:
        """The sum of a column of counts under weights (resample, trace)."""
        return np.asarray(weights @ self.counts[column].to_numpy(float), np.float64)

    def of(self, phase: str) -> pd.DataFrame:
        """The judged picks of a phase."""
        return self.judged[self.judged["phase"] == phase]

    def only(self, traces: Ints) -> Tally:
        """The tally of some of the traces."""
        new = np.full(len(self.counts), -1)
        new[traces] = np.arange(len(traces))
        row = new[self.judged["trace"].to_numpy(np.int64)]
        numbers = np.unique(self.events[traces], return_inverse=True)[1]
        kept = self.judged.assign(trace=row)[row >= 0]
        counts = self.counts.iloc[traces].reset_index(drop=True)
        return Tally(numbers.astype(np.int64), counts, kept, self.n_unjudged, self.has_probabilities)


def tally(picks: Iterable[Pick], traces: Sequence[LabelledTrace], *, has_probabilities: bool = True) -> Tally:
    """Judge picks; those on other traces are passed over (see `check_names`).

    Raises:
        InputError: a trace stands twice.
        NothingMatchedError: no trace has a label.
    """
    rows = {trace.trace_id: row for row, trace in enumerate(traces)}
    if len(rows) < len(traces):
        raise InputError(f"{len(traces)} traces bear {len(rows)} names", "each needs its own", "rename them")
    truth = [arrival for trace in traces for arrival in trace.arrivals()]
    if not truth:
        raise NothingMatchedError(f"{len(traces)} traces", "none has a labelled P or S", "give labelled records")
    labelled = {(arrival.trace_id, arrival.phase) for arrival in truth}
    here = [pick for pick in picks if pick.trace_id in rows]
    judged = [pick for pick in here if (pick.trace_id, pick.phase) in labelled]
    table = _judged(judged, truth, rows)
    counts = _counts(table, truth, rows)
    return Tally(_events(traces), counts, table, len(here) - len(judged), has_probabilities)


def check_names(picks: Sequence[Pick], traces: Sequence[LabelledTrace], *, name: str) -> int:
    """Count the picks on traces that are not scored.

    Raises:
        NothingMatchedError: there are picks, and all of them are on such traces.
    """
    known = {trace.trace_id for trace in traces}
    strange = [pick for pick in picks if pick.trace_id not in known]
    if picks and len(strange) == len(picks):
        raise NothingMatchedError(
            f"picks {name}: trace {strange[0].trace_id!r}",
            f"no pick is on a trace that is scored, such as {min(known)!r}",
            "name the traces as the data set does (trace_original_name)",
        )
    return len(strange)


def _judged(picks: Sequence[Pick], truth: Sequence[TrueArrival], rows: Mapping[str, int]) -> pd.DataFrame:
    residuals = np.full(len(picks), np.nan)
    for match in match_picks(picks, truth, tolerance_s=RIGHT_S):
        residuals[match.pick] = match.residual_s
    return pd.DataFrame(
        {
            "trace": np.array([rows[pick.trace_id] for pick in picks], np.int64),
            "phase": pd.Series([pick.phase for pick in picks], dtype=str),
            "probability": np.array([pick.probability for pick in picks], float),
            "right": np.isfinite(residuals),
            "residual_s": residuals,
        }
    )


def _counts(judged: pd.DataFrame, truth: Sequence[TrueArrival], rows: Mapping[str, int]) -> pd.DataFrame:
    counts = {"traces": np.ones(len(rows), np.int64), "other": _per_trace(judged[~judged["right"]], len(rows))}
    near = judged["residual_s"].abs() <= NEAR_S
    for phase in PHASES:
        mine = judged["phase"] == phase
        there = np.array([rows[arrival.trace_id] for arrival in truth if arrival.phase == phase], np.int64)
        counts[f"truth_{phase}"] = np.bincount(there, minlength=len(rows))
        counts[f"picks_{phase}"] = _per_trace(judged[mine], len(rows))
        counts[f"near_{phase}"] = _per_trace(judged[mine & near], len(rows))
        counts[f"right_{phase}"] = _per_trace(judged[mine & judged["right"]], len(rows))
    return pd.DataFrame(counts)


def _per_trace(judged: pd.DataFrame, n: int) -> Ints:
    return np.bincount(judged["trace"].to_numpy(np.int64), minlength=n).astype(np.int64)


def _events(traces: Sequence[LabelledTrace]) -> Ints:
    """Number the events by first appearance; a trace without an event is its own."""
    names = [trace.event_id.strip() or f"trace:{trace.trace_id}" for trace in traces]
    number = {name: k for k, name in enumerate(dict.fromkeys(names))}
    return np.array([number[name] for name in names], np.int64)
