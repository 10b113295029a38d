"""Too many: warnings of what was no earthquake, or of one already warned of, and what became of them. Knows tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foreshock.clock import NS_PER_S
from foreshock.evaluate.warning.matching import Matched
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.truth import Adversary, WarningTruth

WARNING_ROWS = (
    "run", "event_id", "cluster", "kind", "of", "adversary", "first_ns", "magnitude_q50", "n_messages", "confirmed",
    "cancelled_s",
)  # fmt: skip
FALSE, SPLIT = "false", "split"
GUARD_BEFORE_S, GUARD_AFTER_S = 10.0, 120.0
"""A false warning first issued from so long before an adversary begins until so long after it ends is laid to it."""


def too_many(run: WarningRun, truth: WarningTruth, found: Matched) -> list[dict[str, Any]]:
    """A row a warned event that is none or is a second one, `WARNING_ROWS`."""
    ids = [(name, FALSE, "") for name in found.false] + [(name, SPLIT, true) for name, true in found.splits.items()]
    return [_row(run, truth, name, kind, of) for name, kind, of in ids]


def _row(run: WarningRun, truth: WarningTruth, event_id: str, kind: str, of: str) -> dict[str, Any]:
    told = run.alerts[run.alerts["event_id"] == event_id].sort_values("version", kind="stable")
    first_ns = int(told["issued_ns"].iloc[0])
    ends = told.loc[told["message_type"] == "cancel", "issued_ns"]
    return {
        "run": run.name,
        "event_id": event_id,
        "cluster": f"{run.name}\x1f{event_id}",
        "kind": kind,
        "of": of,
        "adversary": _blamed(first_ns, truth) if kind == FALSE else "",
        "first_ns": first_ns,
        "magnitude_q50": float(told["magnitude_q50"].max()),
        "n_messages": len(told),
        "confirmed": float((told["confidence"] == "confirmed").any()),
        "cancelled_s": (int(ends.iloc[0]) - first_ns) / NS_PER_S if len(ends) else np.nan,
    }


def presented(run: WarningRun, truth: WarningTruth, warnings: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Adversaries by kind: how many were presented, and how many false warnings are laid to them."""
    shown = Counter(one.kind for one in _adversaries(truth))
    laid = Counter(str(row["adversary"]) for row in warnings if row["adversary"])
    rows = [{"run": run.name, "kind": kind, "n": n, "false": laid[kind]} for kind, n in sorted(shown.items())]
    return pd.DataFrame(rows, columns=["run", "kind", "n", "false"])


def _adversaries(truth: WarningTruth) -> tuple[Adversary, ...]:
    """What was presented, and events of kinds that are not to be warned of."""
    known = set(truth.quakes["event_id"])
    others = [row for row in truth.events.to_dict("records") if row["event_id"] not in known]
    own = [Adversary(str(row["kind"]), int(row["time_ns"]), int(row["time_ns"])) for row in others]
    return (*truth.adversaries, *own)


def _blamed(first_ns: int, truth: WarningTruth) -> str:
    """The kind of the adversary that began last of those that were there; empty without one."""
    before, after = round(GUARD_BEFORE_S * NS_PER_S), round(GUARD_AFTER_S * NS_PER_S)
    there = [one for one in _adversaries(truth) if one.start_ns - before <= first_ns <= one.end_ns + after]
    return max(there, key=lambda one: (one.start_ns <= first_ns, one.start_ns, one.kind)).kind if there else ""
