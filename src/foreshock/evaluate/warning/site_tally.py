"""Site tally: what each site was told of each event, and when, beside how it was shaken. Knows tables only.

A site is warned of an event by the first message whose middle forecast for it reaches its threshold. A warning protects
if it stands before the shaking passes the threshold: what was cancelled before that protects nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from foreshock.evaluate.warning.quantiles import exceedance
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.truth import WarningTruth

SITE_ROWS = (
    "run", "event_id", "cluster", "site_id", "threshold", "intensity", "shaken", "warned", "in_time", "outcome",
    "warned_s", "lead_s", "lead_to_s_s", "said_q50", "probability", "probability_in_time", "standing",
)  # fmt: skip
OUTCOMES = ("hit", "late", "miss", "false", "quiet")
"""Shaken and warned before, shaken and warned after, shaken and not warned, warned for nothing, neither."""


def sites_of(
    run: WarningRun, truth: WarningTruth, event_id: str, warned_ids: Iterable[str], *, cluster: str
) -> pd.DataFrame:
    """A row a site whose shaking in an event is known, `SITE_ROWS`; messages of all warnings of that event count."""
    true = truth.sites[truth.sites["event_id"] == event_id]
    origin_ns = int(truth.events.loc[truth.events["event_id"] == event_id, "time_ns"].iloc[0])
    said = _said(run, warned_ids)
    ends_ns = _cancelled(run, warned_ids)
    by_site = dict(tuple(said.groupby("site_id"))) if len(said) else {}
    usual = dict(run.sites.dropna(subset=["threshold"]).groupby("site_id")["threshold"].first())
    rows = []
    for site in true.to_dict("records"):
        told = by_site.get(site["site_id"], said.iloc[:0])
        if not np.isfinite(site["threshold"]):  # what the engine knows of the site, if it ever spoke of it
            site["threshold"] = usual.get(site["site_id"], run.site_threshold)
        row = _row(cast("dict[str, Any]", site), told, ends_ns, origin_ns)
        rows.append({"run": run.name, "event_id": event_id, "cluster": cluster, **row})
    return pd.DataFrame(rows, columns=list(SITE_ROWS))


def sites_beside(run: WarningRun, false: Sequence[str]) -> pd.DataFrame:
    """A row a site that was warned of an event that was none: nothing shook it."""
    rows = []
    for event_id in false:
        said = _said(run, [event_id])
        said = said[said["threshold"].notna()]
        for site_id, told in said.groupby("site_id"):
            site = {"site_id": site_id, "threshold": float(told["threshold"].iloc[0]), "intensity": -np.inf}
            row = _row(cast("dict[str, Any]", site), told, _cancelled(run, [event_id]), int(told["issued_ns"].iloc[0]))
            cluster = f"{run.name}\x1ffalse\x1f{event_id}"
            rows.append({"run": run.name, "event_id": event_id, "cluster": cluster, **row})
    return pd.DataFrame([row for row in rows if row["warned"]], columns=list(SITE_ROWS))


def _said(run: WarningRun, event_ids: Iterable[str]) -> pd.DataFrame:
    """What messages said of sites, with when they said it, oldest first."""
    ids = list(event_ids)
    sites = run.sites[run.sites["event_id"].isin(ids)]
    told = run.alerts.loc[run.alerts["event_id"].isin(ids), ["event_id", "version", "issued_ns", "message_type"]]
    joined = sites.merge(told, on=["event_id", "version"], how="inner")
    return joined[joined["message_type"] != "cancel"].sort_values("issued_ns", kind="stable")


def _cancelled(run: WarningRun, event_ids: Iterable[str]) -> dict[str, list[int]]:
    """When each warning was cancelled."""
    told = run.alerts[run.alerts["event_id"].isin(list(event_ids)) & (run.alerts["message_type"] == "cancel")]
    return {str(name): sorted(rows["issued_ns"].astype("int64")) for name, rows in told.groupby("event_id")}


def _row(site: dict[str, Any], told: pd.DataFrame, ends_ns: dict[str, list[int]], origin_ns: int) -> dict[str, Any]:
    threshold = float(site["threshold"])
    crossed_ns, s_ns = crossing_ns(site, threshold), _moment(site.get("s_ns"))
    shaken = bool(np.isfinite(crossed_ns) or float(site["intensity"]) >= threshold)
    quantiles = [told[f"intensity_{q}"].to_numpy(float) for q in ("q05", "q50", "q95")]
    reach = exceedance(*quantiles, threshold=np.full(len(told), threshold))
    issued = told["issued_ns"].to_numpy(np.int64)
    calls = quantiles[1] >= threshold
    standing = _standing(told, issued, ends_ns, crossed_ns if shaken else np.inf)
    warned_ns = float(issued[calls][0]) if calls.any() else np.nan
    # a site that was never asked for its threshold can be neither right nor wrong
    known = bool(np.isfinite(threshold) and np.isfinite(shaken_known(site)))
    return {
        "site_id": str(site["site_id"]),
        "threshold": threshold,
        "intensity": float(site["intensity"]) if np.isfinite(float(site["intensity"])) else np.nan,
        "shaken": float(shaken) if known else np.nan,
        "warned": float(calls.any()) if known else np.nan,
        "in_time": float((calls & standing).any()) if known and shaken else np.nan,
        "outcome": _outcome(shaken, bool(calls.any()), bool((calls & standing).any())) if known else "",
        "warned_s": (warned_ns - origin_ns) * 1e-9,
        "lead_s": (crossed_ns - warned_ns) * 1e-9 if shaken else np.nan,
        "lead_to_s_s": (s_ns - warned_ns) * 1e-9 if shaken else np.nan,
        "said_q50": float(quantiles[1].max()) if len(told) else np.nan,
        "probability": float(reach.max()) if len(told) else 0.0,
        "probability_in_time": float(reach[standing].max()) if standing.any() else 0.0,
        "standing": float(standing.any()),
    }


def crossing_ns(site: dict[str, Any], threshold: float) -> float:
    """When the shaking of a site passed a threshold: as told, or between the levels of its ``course``; NaN if never.

    Between two levels the time is interpolated; above the last level that was reached, its time is taken, the earliest
    that can be.
    """
    told = _moment(site.get("crossed_ns"))
    course = site.get("course") or ()
    if np.isfinite(told) or not course or not float(site["intensity"]) >= threshold:
        return told
    below = [one for one in course if one[0] <= threshold]
    above = [one for one in course if one[0] >= threshold]
    if not (below and above):
        return float(below[-1][1] if below else above[0][1])
    (low, first_ns), (high, last_ns) = below[-1], above[0]
    share = 0.0 if high == low else (threshold - low) / (high - low)
    return float(first_ns + share * (last_ns - first_ns))


def shaken_known(site: dict[str, Any]) -> float:
    """A number where it is known whether the site was shaken, NaN where not."""
    intensity = float(site["intensity"])
    if not np.isnan(intensity):
        return 1.0
    return 1.0 if np.isfinite(_moment(site.get("crossed_ns"))) else float("nan")


def _standing(told: pd.DataFrame, issued: Any, ends_ns: dict[str, list[int]], by_ns: float) -> Any:
    """Which messages stood when the shaking came: issued before, and not cancelled in between.

    Of a site that is shaken at an unknown time every message stands.
    """
    if np.isnan(by_ns):
        return np.ones(len(told), bool)
    stood = issued < by_ns
    for place, (event_id, at_ns) in enumerate(zip(told["event_id"], issued, strict=True)):
        if np.isfinite(by_ns) and any(at_ns < end < by_ns for end in ends_ns.get(str(event_id), ())):
            stood[place] = False
    return stood


def _outcome(shaken: bool, warned: bool, in_time: bool) -> str:
    if not shaken:
        return "false" if warned else "quiet"
    return "hit" if in_time else "late" if warned else "miss"


def _moment(value: Any) -> float:
    """A time as a float, NaN where there is none."""
    return float("nan") if value is None or pd.isna(value) else float(value)
