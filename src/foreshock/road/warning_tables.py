"""Warning tables: onsets, beliefs and latencies of a run as CSV. Knows no engine's inside and no alert's delivery."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from foreshock.apps.warning.bank import Heard
from foreshock.apps.warning.engine import Look
from foreshock.apps.warning.event import Belief
from foreshock.apps.warning.nodes import ellipse
from foreshock.clock import iso_utc
from foreshock.deliver.latency import COLUMNS
from foreshock.outputs import write_text

PICKS = ("trace_id", "phase", "time", "sigma_s", "probability", "polarity", "available_at", "event_id")
ESTIMATES = (
    "event_id", "known_at", "data_time", "alert_version", "n_stations", "n_phases", "origin_time", "latitude",
    "longitude", "depth_km", "major_km", "minor_km", "azimuth_deg", "magnitude_q05", "magnitude_q50", "magnitude_q95",
    "magnitude_sd", "probability_real", "confidence", "state",
)  # fmt: skip
LATENCY = ("event_id", "version", *COLUMNS)

Row = Sequence[object]


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table whole or not at all."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(columns)
    out.writerows(rows)
    write_text(path, text.getvalue())


def pick_row(heard: Heard, phase: str, event_id: str) -> Row:
    """An onset, with the event it was given to when it came."""
    pick = heard.pick
    return (
        pick.trace_id, phase, iso_utc(pick.time_ns), f"{pick.sigma_s:.3f}", f"{pick.probability:.3f}", pick.polarity,
        iso_utc(pick.available_at_ns), event_id,
    )  # fmt: skip


def look_row(look: Look, *, version: int | None, confidence: str) -> Row:
    """What was believed at a look, and as which version it was told, if it was."""
    return belief_row(look.event_id, look.belief, version=version, confidence=confidence, state=look.state)


def belief_row(event_id: str, belief: Belief, *, version: int | None, confidence: str, state: str) -> Row:
    """What was believed of an event."""
    where, size = belief.where, belief.size
    area = ellipse(where.nodes, where.weight)
    quantiles = [f"{size.quantile(level):.3f}" for level in (0.05, 0.5, 0.95)]
    return (
        event_id, iso_utc(belief.known_ns), iso_utc(belief.known_ns), "" if version is None else version,
        belief.n_stations, belief.n_phases, iso_utc(belief.origin_time_ns), f"{where.latitude:.5f}",
        f"{where.longitude:.5f}", f"{where.depth_km:.2f}", f"{area.major_km:.2f}", f"{area.minor_km:.2f}",
        f"{area.azimuth_deg:.1f}", *quantiles, f"{size.sd:.3f}", f"{belief.probability:.6f}", confidence, state,
    )  # fmt: skip
