"""Views: a run cut into its warned events, each with its messages, beliefs, picks and sites. Knows no drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from foreshock.evaluate.warning.beliefs import beliefs_of, errors
from foreshock.evaluate.warning.matching import DECLARED, matched
from foreshock.evaluate.warning.run import WarningRun, after_s
from foreshock.evaluate.warning.site_tally import crossing_ns
from foreshock.evaluate.warning.truth import WarningTruth
from foreshock.types.arrays import Float64

Fronts = Callable[[float, float], tuple[float, float]]
"""Depth (km) and seconds after origin → how far P and S have come on the surface (km)."""
VP_KM_S, VS_KM_S = 6.0, 3.5


def straight_fronts(depth_km: float, after_origin_s: float) -> tuple[float, float]:
    """How far P and S have come in rock of 6.0 and 3.5 km/s: what is drawn where no travel times are at hand.

    >>> [round(km, 1) for km in straight_fronts(10.0, 5.0)]
    [28.3, 14.4]
    """
    radii = [max((v * after_origin_s) ** 2 - depth_km**2, 0.0) ** 0.5 for v in (VP_KM_S, VS_KM_S)]
    return radii[0] if after_origin_s > 0 else 0.0, radii[1] if after_origin_s > 0 else 0.0


@dataclass(frozen=True, eq=False)
class EventView:
    """One warned event as it was told.

    Attributes:
        told: its messages in order. beliefs: see `beliefs_of`. picks: its own. sites: what messages said of sites.
        latency: where the time of its messages went. truth: the true event it is, None without one.
        true_sites: how sites were truly shaken. zero_ns: the origin, true if known, else as last told.
    """

    event_id: str
    told: pd.DataFrame
    beliefs: pd.DataFrame
    picks: pd.DataFrame
    sites: pd.DataFrame
    latency: pd.DataFrame
    zero_ns: int
    truth: Mapping[str, Any] | None = None
    true_sites: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def first(self) -> pd.Series:
        """Its first message."""
        return self.told.iloc[0]

    @property
    def last(self) -> pd.Series:
        """Its last message that is no cancellation."""
        return self.told[self.told["message_type"] != "cancel"].iloc[-1]

    @property
    def issued_s(self) -> Float64:
        """When its messages were issued, seconds after the origin."""
        return after_s(self.told["issued_ns"], self.zero_ns)

    @property
    def first_error(self) -> pd.Series | None:
        """Errors of the first message; None without a truth."""
        return None if self.truth is None else errors(_as_rows(self.told.iloc[[0]]), self.truth).iloc[0]

    @property
    def last_error(self) -> pd.Series | None:
        """Errors of the last message; None without a truth."""
        if self.truth is None:
            return None
        kept = self.told[self.told["message_type"] != "cancel"]
        return errors(_as_rows(kept.iloc[[-1]]), self.truth).iloc[0]

    def site_rows(self) -> pd.DataFrame:
        """A row a site: when it was first warned, what was expected then and at most, when S and threshold come.

        Columns: ``site_id, name, latitude, longitude, warned_s, intensity, s_s, threshold_s, crossed_s``, times in
        seconds after the origin, NaN where there is none; the most shaken first.
        """
        joined = self.sites.merge(self.told[["version", "issued_ns", "message_type"]], on="version", how="inner")
        kept = joined[joined["message_type"] != "cancel"].sort_values("version", kind="stable")
        rows = [self._site(told) for _, told in kept.groupby("site_id")]
        names = ["site_id", "name", "latitude", "longitude", "warned_s", "intensity", "s_s", "threshold_s", "crossed_s"]
        table = pd.DataFrame(rows, columns=names)
        return table.sort_values(["intensity", "site_id"], ascending=[False, True], kind="stable").reset_index(
            drop=True
        )

    def _site(self, told: pd.DataFrame) -> dict[str, Any]:
        calls = (told["intensity_q50"] >= told["threshold"]).to_numpy(bool)
        row = told.iloc[int(np.argmax(calls)) if calls.any() else -1]
        true = self.true_sites
        own = true[true["site_id"] == row["site_id"]].to_dict("records") if len(true) else []
        crossed_ns = crossing_ns({str(k): v for k, v in own[0].items()}, float(row["threshold"])) if own else np.nan
        named = {name: row[name] for name in ("site_id", "name", "latitude", "longitude")}
        return {
            **named,
            "warned_s": self._after(row["issued_ns"]) if calls.any() else np.nan,
            "intensity": float(told["intensity_q50"].max()),
            "s_s": self._after(row["s_ns"]),
            "threshold_s": self._after(row["threshold_ns"]),
            "crossed_s": self._after(crossed_ns),
        }

    def _after(self, time_ns: Any) -> float:
        return float("nan") if pd.isna(time_ns) else (int(time_ns) - self.zero_ns) * 1e-9


def views_of(run: WarningRun, truth: WarningTruth | None) -> tuple[list[EventView], list[Mapping[str, Any]]]:
    """Give the warned events in order of their first messages, and the true ones that nothing warned of."""
    quakes = truth.quakes if truth is not None else pd.DataFrame()
    pairs: dict[str, str] = {}
    if truth is not None:
        pairs = {mine: true for true, mine in matched(run, quakes, DECLARED).pairs.items()}
    true_rows = {str(row["event_id"]): {str(k): v for k, v in row.items()} for row in quakes.to_dict("records")}
    order = [str(name) for name in run.alerts.sort_values("issued_ns", kind="stable")["event_id"].unique()]
    views = [_view(run, truth, name, true_rows.get(pairs.get(name, ""))) for name in order]
    unseen: list[Mapping[str, Any]] = [row for name, row in true_rows.items() if name not in pairs.values()]
    return [view for view in views if view is not None], unseen


def _view(
    run: WarningRun, truth: WarningTruth | None, event_id: str, true: Mapping[str, Any] | None
) -> EventView | None:
    told = run.alerts[run.alerts["event_id"] == event_id].sort_values("version", kind="stable").reset_index(drop=True)
    kept = told[told["message_type"] != "cancel"]
    if not len(kept):
        return None
    sites = truth.sites if truth is not None else pd.DataFrame()
    true_sites = sites[sites["event_id"] == true["event_id"]] if true is not None and len(sites) else pd.DataFrame()
    latency = run.latency
    return EventView(
        event_id,
        told,
        beliefs_of(run, event_id),
        run.picks[run.picks["event_id"] == event_id].sort_values("time_ns", kind="stable"),
        run.sites[run.sites["event_id"] == event_id],
        latency[latency["event_id"] == event_id] if len(latency) else latency,
        int(true["time_ns"]) if true is not None else int(kept["origin_ns"].iloc[-1]),
        true,
        true_sites,
    )


def largest(views: Sequence[EventView], most: int) -> list[EventView]:
    """Those of the largest last magnitude, in order of their first messages."""
    order = sorted(range(len(views)), key=lambda k: (-float(views[k].last["magnitude_q50"]), k))[:most]
    return [views[k] for k in sorted(order)]


def _as_rows(told: pd.DataFrame) -> pd.DataFrame:
    """Messages with the columns of estimates."""
    unknown = ("major_km", "minor_km", "azimuth_deg", "magnitude_sd", "n_stations")
    return told.assign(**dict.fromkeys(unknown, np.nan))
