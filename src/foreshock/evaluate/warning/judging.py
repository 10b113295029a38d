"""Judging: a run beside its truth becomes tables: a row a true event, a second, a site, a warning too many.

Knows one run and one truth; what the rows come to is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np
import pandas as pd

from foreshock.evaluate.warning import changes, network
from foreshock.evaluate.warning.beliefs import ERRORS, at_moments, beliefs_of, errors
from foreshock.evaluate.warning.matching import Matched, Rule, matched
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.site_tally import SITE_ROWS, sites_beside, sites_of
from foreshock.evaluate.warning.too_many import WARNING_ROWS, presented, too_many
from foreshock.evaluate.warning.truth import WarningTruth
from foreshock.evaluate.warning.twins import TWIN_ROWS, twins
from foreshock.types.arrays import Ints

SECONDS = tuple(range(1, 31))
"""After the first P."""
AFTER_S = 4.0
"""Magnitudes are also asked so long after the first P, and after the first alert."""
DRIFT_FROM_S = 10.0
MOST_PHASES = 4
TOLD = ("magnitude_error", "magnitude_in_90", "crps", "epicentre_km", "in_68", "in_95")
"""Errors that are asked at the first alert, seconds later and at the end."""
MOMENTS = ("first", "p4", "a4", "final")
EVENT_ROWS = (
    "run", "event_id", "truth", "cluster", "magnitude", "depth_km", "gap_deg", "inside", "spacing_km", "p_from",
    "warned", "warned_id", "merged", "n_warnings", "n_stations_first",
    "first_alert_s", "confirmed_s", *(f"first_after_p{n}_s" for n in range(1, MOST_PHASES + 1)), "confirmed_after_p4_s",
    *(f"{name}_{when}" for when in MOMENTS for name in TOLD), "origin_error_s_first", "depth_error_km_final",
    "n_messages", "material_changes", "site_flips", "cancelled", "drift_magnitude", "drift_km",
)  # fmt: skip
SECOND_ROWS = ("run", "event_id", "cluster", "second", *ERRORS)
RUN_ROWS = ("run", "n_stations", "spacing_km", "days", "station_days", "n_true", "n_warned", "n_false", "n_split")


@dataclass(frozen=True, eq=False)
class Judged:
    """Tables of one run or of many: `EVENT_ROWS`, `SECOND_ROWS`, `SITE_ROWS`, `WARNING_ROWS`, `TWIN_ROWS`, `RUN_ROWS`.

    `cluster` names the true event that is drawn: one that several runs saw is one. `presented`: adversaries by run
    and kind, and whether a false warning was of their time.
    """

    events: pd.DataFrame
    seconds: pd.DataFrame
    sites: pd.DataFrame
    warnings: pd.DataFrame
    twins: pd.DataFrame
    runs: pd.DataFrame
    presented: pd.DataFrame


def pooled(judged: Sequence[Judged]) -> Judged:
    """All runs together, in an order that does not depend on theirs."""
    made = {}
    for item in fields(Judged):
        tables = [getattr(one, item.name) for one in judged]
        held = [table for table in tables if len(table)] or tables[:1]
        whole = pd.concat(held, ignore_index=True)
        keys = [name for name in ("run", "event_id", "site_id", "second", "start_ns", "kind") if name in whole]
        made[item.name] = whole.sort_values(keys, kind="stable").reset_index(drop=True)
    return Judged(**made)


def judge(run: WarningRun, truth: WarningTruth, *, rule: Rule) -> Judged:
    """Set a run beside its truth.

    Raises:
        InputError: see `matched`.
    """
    quakes = truth.quakes
    found = matched(run, quakes, rule)
    spacing = network.spacing_km(run.used)
    events, seconds, sites = [], [], []
    for true in quakes.to_dict("records"):
        event = _Event(run, truth, cast("dict[str, Any]", true), found)
        events.append(event.row() | {"spacing_km": spacing})
        seconds.append(event.seconds())
        sites.append(sites_of(run, truth, event.event_id, event.warned_ids, cluster=event.cluster))
    warnings = too_many(run, truth, found)
    sites.append(sites_beside(run, found.false))
    days = run.span_s / 86_400
    told = {"n_true": len(quakes), "n_warned": run.alerts["event_id"].nunique()}
    told |= {"n_false": len(found.false), "n_split": len(found.splits)}
    of_run = {"run": run.name, "n_stations": len(run.used), "spacing_km": spacing, "days": days, **told}
    return Judged(
        _table(events, EVENT_ROWS),
        pd.concat(seconds, ignore_index=True) if seconds else pd.DataFrame(columns=list(SECOND_ROWS)),
        pd.concat([_table([], SITE_ROWS), *(one for one in sites if len(one))], ignore_index=True),
        _table(warnings, WARNING_ROWS),
        _table(twins(run.name, quakes, found.pairs, truth=truth.name), TWIN_ROWS),
        _table([of_run | {"station_days": days * len(run.used)}], RUN_ROWS),
        presented(run, truth, warnings),
    )


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(columns))


class _Event:
    """One true event and what a run made of it."""

    def __init__(self, run: WarningRun, truth: WarningTruth, true: dict[str, Any], found: Matched) -> None:
        self.run, self.true, self.found = run, true, found
        self.event_id = str(true["event_id"])
        self.truth_name = truth.name
        self.cluster = f"{truth.name}\x1f{self.event_id}"
        self.warned_id = found.pairs.get(self.event_id)
        self.zero_ns = int(true["time_ns"])
        self.p_ns, self.p_from = network.p_arrivals(self.event_id, self.warned_id, truth.arrivals, run)
        told = run.alerts[run.alerts["event_id"] == self.warned_id]
        self.told = told.sort_values("version", kind="stable").reset_index(drop=True)
        self.beliefs = beliefs_of(run, self.warned_id) if self.warned_id is not None else run.estimates.iloc[:0]

    @property
    def warned_ids(self) -> tuple[str, ...]:
        """The warning of this event, and second ones."""
        first = () if self.warned_id is None else (self.warned_id,)
        return (*first, *(name for name, true in self.found.splits.items() if true == self.event_id))

    def row(self) -> dict[str, Any]:
        """What `EVENT_ROWS` names."""
        gap = network.gap_deg(self.true["latitude"], self.true["longitude"], self.run.used)
        row: dict[str, Any] = {"run": self.run.name, "event_id": self.event_id, "truth": self.truth_name}
        row |= {"cluster": self.cluster, "magnitude": self.true["magnitude"], "depth_km": self.true["depth_km"]}
        row |= {"gap_deg": gap, "inside": float(network.inside(np.array([gap]))[0]), "p_from": self.p_from}
        row |= {"warned": float(self.warned_id is not None), "warned_id": self.warned_id or ""}
        row |= {"merged": float(self.event_id in self.found.merged), "n_warnings": len(self.warned_ids)}
        return row | (self._timing() | self._errors() | self._course() if len(self.told) else {})

    def seconds(self) -> pd.DataFrame:
        """A row a second after the first P; NaN where nothing was held."""
        table = pd.DataFrame(
            {"run": self.run.name, "event_id": self.event_id, "cluster": self.cluster, "second": SECONDS}
        )
        if not len(self.p_ns) or not len(self.beliefs):
            return table.reindex(columns=list(SECOND_ROWS)).astype(dict.fromkeys(ERRORS, float))
        said = at_moments(self.beliefs, self.p_ns[0] + 1e9 * np.array(SECONDS, float), self.true)
        return pd.concat([table, said], axis=1)

    @property
    def first_ns(self) -> int:
        return int(self.told["issued_ns"].iloc[0])

    def _timing(self) -> dict[str, float]:
        confirmed = self.told[(self.told["confidence"] == "confirmed") & (self.told["message_type"] != "cancel")]
        sure_ns = float(confirmed["issued_ns"].iloc[0]) if len(confirmed) else np.nan
        first = {
            f"first_after_p{n}_s": network.after_nth(self.first_ns, self.p_ns, n) for n in range(1, MOST_PHASES + 1)
        }
        return first | {
            "first_alert_s": (self.first_ns - self.zero_ns) * 1e-9,
            "confirmed_s": (int(sure_ns) - self.zero_ns) * 1e-9 if len(confirmed) else np.nan,
            "confirmed_after_p4_s": network.after_nth(sure_ns, self.p_ns, MOST_PHASES),
        }

    def _errors(self) -> dict[str, float]:
        """Errors of the first message, some seconds after the first P and after that message, and at the end."""
        p4_ns = self.p_ns[0] + AFTER_S * 1e9 if len(self.p_ns) else np.nan
        moments = np.array([p4_ns, self.first_ns + AFTER_S * 1e9])
        said = pd.concat(
            [self._of_message(0), at_moments(self.beliefs, moments, self.true), self._last()], ignore_index=True
        )
        found = {f"{name}_{when}": said[name].iloc[k] for k, when in enumerate(MOMENTS) for name in TOLD}
        more = {"origin_error_s_first": said["origin_error_s"].iloc[0], "n_stations_first": said["n_stations"].iloc[0]}
        return found | more | {"depth_error_km_final": said["depth_error_km"].iloc[3]}

    def _of_message(self, place: int) -> pd.DataFrame:
        """Errors of a message; what only its estimate tells, such as the ellipse, is taken from there."""
        told = self.told.iloc[[place]]
        also = self.beliefs[self.beliefs["alert_version"] == float(told["version"].iloc[0])].tail(1)
        rows = told.reindex(columns=self.beliefs.columns).reset_index(drop=True)
        for name in ("major_km", "minor_km", "azimuth_deg", "n_stations", "n_phases", "magnitude_sd"):
            rows[name] = float(also[name].iloc[0]) if len(also) else np.nan
        return errors(rows, self.true)

    def _last(self) -> pd.DataFrame:
        """Errors of the last that was believed before the event was withdrawn, if it was."""
        kept = self.beliefs[self.beliefs["state"] != "withdrawn"]
        return errors(kept.tail(1), self.true) if len(kept) else at_moments(self.beliefs, np.array([np.nan]), self.true)

    def _course(self) -> dict[str, float]:
        sites = self.run.sites[self.run.sites["event_id"] == self.warned_id]
        from_ns = self.p_ns[0] + DRIFT_FROM_S * 1e9 if len(self.p_ns) else np.nan
        return changes.course(self.told, sites) | changes.drift(self.beliefs, from_ns)


def clusters_of(table: pd.DataFrame) -> Ints:
    """The number of the event of each row."""
    return np.unique(table["cluster"].astype(str).to_numpy(), return_inverse=True)[1].astype(np.int64)
