"""Tables: what a run's page says in rows: events, messages and where their time went, sites, stations. No pictures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from foreshock.clock import iso_utc
from foreshock.evaluate.report.catalogue.noun import counted
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.warning.views import EventView
from foreshock.evaluate.warning.run import WarningRun

MOST_EVENTS, MOST_MESSAGES, MOST_SITES, MOST_STATIONS, MOST_LINES = 200, 60, 60, 300, 100
STAGES = ("total_ms", "packet_ms", "decode_ms", "features_ms", "pick_ms", "associate_ms", "decide_ms", "send_ms")


def events(views: Sequence[EventView]) -> Markup:
    """A row a warned event: when, what was said first and last, and against the truth, if there is one."""
    if not views:
        return tag("p", "No event was warned of.")
    true = any(view.truth is not None for view in views)
    head = ["event", "origin (UTC)", "first message (s)", "confirmed (s)", "M first", "M last"]
    head += ["true M", "ΔM first", "ΔM last", "epicentre off, first (km)", "last (km)"] if true else []
    rows = [
        [*_times(view), _size(view.first), _size(view.last), *(_errors(view) if true else []), *_place(view)]
        for view in views[:MOST_EVENTS]
    ]
    more = f" The first {MOST_EVENTS} of {len(views):,}." if len(views) > MOST_EVENTS else ""
    note = f"Seconds after the origin, as last told or, where it is known, the true one. M: q50 (q05 to q95).{more}"
    return joined([tag("p", note, class_="note"), table([*head, "place", "messages", "end"], rows, class_="figures")])


def _times(view: EventView) -> list[object]:
    sure = view.told[(view.told["confidence"] == "confirmed") & (view.told["message_type"] != "cancel")]
    confirmed = (int(sure["issued_ns"].iloc[0]) - view.zero_ns) * 1e-9 if len(sure) else math.nan
    when = iso_utc(view.zero_ns)[:19].replace("T", " ")
    return [view.event_id, when, number(float(view.issued_s[0]), ".1f"), number(confirmed, ".1f")]


def _place(view: EventView) -> list[object]:
    last = view.last
    place = f"{float(last['latitude']):.3f}, {float(last['longitude']):.3f}, {float(last['depth_km']):.0f} km deep"
    cancelled = bool((view.told["message_type"] == "cancel").any())
    return [place, f"{len(view.told):,}", "cancelled" if cancelled else ""]


def _size(row: pd.Series) -> str:
    q05, q50, q95 = (float(row[f"magnitude_{q}"]) for q in ("q05", "q50", "q95"))
    return f"{q50:.1f} ({q05:.1f} to {q95:.1f})"


def _errors(view: EventView) -> list[object]:
    if view.truth is None or view.first_error is None or view.last_error is None:
        return ["none", "", "", "", ""]
    pairs = [("magnitude_error", "+.2f"), ("epicentre_km", ".1f")]
    said = {
        name: [number(float(one[name]), form) for one in (view.first_error, view.last_error)] for name, form in pairs
    }
    return [number(float(view.truth["magnitude"]), ".1f"), *said["magnitude_error"], *said["epicentre_km"]]


def unseen(rows: Sequence[Mapping[str, Any]]) -> Markup:
    """True events that nothing warned of, the largest first."""
    if not rows:
        return Markup("")
    order = sorted(rows, key=lambda one: (-np.nan_to_num(float(one["magnitude"]), nan=-9.0), one["time_ns"]))
    cells = [
        [one["event_id"], iso_utc(int(one["time_ns"]))[:22].replace("T", " "), number(float(one["magnitude"]), ".1f"),
         f"{float(one['latitude']):.3f}, {float(one['longitude']):.3f}"]
        for one in order[:MOST_LINES]
    ]  # fmt: skip
    more = f", the {MOST_LINES} largest shown" if len(rows) > MOST_LINES else ""
    note = tag("p", f"{counted(len(rows), 'true event')} without a warning of their own{more}.")
    return joined([note, table(["event", "origin (UTC)", "M", "place"], cells, class_="figures")])


def ledger(view: EventView) -> Markup:
    """A row a message: when it was issued, what it said, and where the time since its last needed sample went."""
    by_version = {float(row["version"]): row for row in view.latency.to_dict("records")} if len(view.latency) else {}
    rows = []
    for k, told in enumerate(view.told.head(MOST_MESSAGES).to_dict("records")):
        stages = by_version.get(float(told["version"]), {})
        kind = told["message_type"] if told["message_type"] == "cancel" else told["confidence"]
        size = "" if told["message_type"] == "cancel" else f"{told['magnitude_q50']:.1f}"
        spent = [number(float(stages.get(name, math.nan)), ".1f") for name in STAGES]
        rows.append([f"{told['version']}", number(float(view.issued_s[k]), ".2f"), kind, told["status"], size, *spent])
    head = ["version", "after origin (s)", "message", "status", "M", *(f"{name[:-3]} (ms)" for name in STAGES)]
    more = f"The first {MOST_MESSAGES} of {len(view.told):,} messages. " if len(view.told) > MOST_MESSAGES else ""
    note = f"{more}Milliseconds from the last sample that a message needed, by the data's time, to its sending."
    return joined([table(head, rows, class_="figures"), tag("p", note, class_="note")])


def sites(view: EventView) -> Markup:
    """A row a warned site: when it was warned, what it expects, and how long that is before."""
    held = view.site_rows()
    warned = held[held["warned_s"].notna()]
    if not len(warned):
        return tag("p", "No site was warned.")
    true = bool(warned["crossed_s"].notna().any())
    head = ["site", "expected intensity", "warned (s)", "S (s)", "threshold (s)", "seconds left"]
    rows = []
    for one in warned.head(MOST_SITES).to_dict("records"):
        until = one["threshold_s"] if math.isfinite(one["threshold_s"]) else one["s_s"]
        times = [number(float(one[name]), ".1f") for name in ("warned_s", "s_s", "threshold_s")]
        cells: list[object] = [one["name"], f"{one['intensity']:.1f}", *times, number(until - one["warned_s"], "+.1f")]
        rows.append([*cells, *([number(one["crossed_s"] - one["warned_s"], "+.1f")] if true else [])])
    more = f"The {MOST_SITES} most shaken of {len(warned):,}. " if len(warned) > MOST_SITES else ""
    note = f"{more}Seconds after the origin; left: to the threshold, or to S where that is not known."
    return joined(
        [table([*head, *(["truly left"] if true else [])], rows, class_="figures"), tag("p", note, class_="note")]
    )


def stations(run: WarningRun) -> Markup:
    """A row a station that is not well or not used, and what was told of stations' health, with its time."""
    table_ = run.stations
    if not len(table_):
        return Markup("")
    states = table_["state"].where(table_["state"] != "", "not told").value_counts()
    said = ", ".join(f"{n:,} {state}" for state, n in sorted(states.items()))
    head = tag("p", f"{len(table_):,} stations, {int(table_['used'].sum()):,} used; states: {said}.")
    rows = [[one.get("time", ""), one.get("station_id", ""), one.get("state", "")] for one in objects(run, "health")]
    more = f" The first {MOST_STATIONS} of {len(rows):,}." if len(rows) > MOST_STATIONS else ""
    changes = table(["time (UTC)", "station", "state"], rows[:MOST_STATIONS]) if rows else None
    return joined([head, changes, tag("p", f"Changes of state.{more}", class_="note") if rows else None])


def dropped(run: WarningRun) -> Markup:
    """What was dropped, by reason."""
    rows = [[one.get("reason", ""), one.get("n", "")] for one in objects(run, "dropped")]
    return table(["packets dropped because", "how many"], rows[:MOST_LINES]) if rows else Markup("")


def done(run: WarningRun) -> Markup:
    """What ran, on what, and with which settings."""
    told = [
        (name, run.info.get(name))
        for name in ("source", "mode", "kind_of_data", "started", "ended", "packets", "sites")
    ]
    rows: list[Sequence[object]] = [
        [name.replace("_", " "), _short(value)] for name, value in told if value not in (None, "")
    ]
    settings = run.info.get("settings")
    rows += [[tag("span", f"setting {name}"), _short(value)] for name, value in _items(settings)][:MOST_LINES]
    return table(["what", "with what"], rows) if rows else Markup("")


def objects(run: WarningRun, name: str) -> list[dict[str, Any]]:
    """A list of objects that the run tells; what is none is passed over."""
    told = run.info.get(name)
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _items(value: Any, way: str = "") -> Iterable[tuple[str, Any]]:
    """Settings as a flat list."""
    if not isinstance(value, dict):
        return [(way, value)] if way else []
    return [pair for name, inner in value.items() for pair in _items(inner, f"{way}.{name}" if way else str(name))]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 300 else text[:300] + "…"


def number(value: float, form: str) -> str:
    """A number, or a dash where there is none."""
    return format(value, form) if math.isfinite(value) else "–"
