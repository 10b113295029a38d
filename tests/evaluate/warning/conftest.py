"""What the tests of warning scores share: runs and truths of one second's making. Knows no files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from foreshock.clock import NS_PER_S
from foreshock.evaluate.warning.run import (
    ALERT_COLUMNS,
    ESTIMATE_COLUMNS,
    PICK_COLUMNS,
    SITE_COLUMNS,
    STATION_COLUMNS,
    WarningRun,
    table_of,
)
from foreshock.evaluate.warning.truth import ARRIVAL_COLUMNS, EVENT_COLUMNS, Adversary, WarningTruth
from foreshock.evaluate.warning.truth import SITE_COLUMNS as TRUE_SITE_COLUMNS

ZERO_NS = 1_700_000_000 * NS_PER_S
GRID = [(0.2 * north, 0.2 * east) for north in range(3) for east in range(3)]


def at(seconds: float) -> int:
    return ZERO_NS + round(seconds * NS_PER_S)


def message(event_id: str, version: int, at_s: float, **more: Any) -> dict[str, Any]:
    """A message of M 5 (4.5 to 5.5) at 0.2, 0.2, origin 100 s; `origin_s`, `m` and whatever else differ."""
    m = more.pop("m", 5.0)
    row = {
        "event_id": event_id, "version": version, "message_type": "alert" if version == 1 else "update",
        "status": "test", "confidence": "provisional", "issued_ns": at(at_s),
        "origin_ns": at(more.pop("origin_s", 100.0)), "latitude": 0.2, "longitude": 0.2, "depth_km": 10.0,
        "magnitude_q05": m - 0.5, "magnitude_q50": m, "magnitude_q95": m + 0.5,
    }  # fmt: skip
    return row | more


def told(event_id: str, version: int, site_id: str, middle: float, threshold: float = 5.0) -> dict[str, Any]:
    """What a message says of a site: `middle` ± 1."""
    return {
        "event_id": event_id, "version": version, "site_id": site_id, "name": site_id, "latitude": 0.5,
        "longitude": 0.5, "intensity_q05": middle - 1, "intensity_q50": middle, "intensity_q95": middle + 1,
        "threshold": threshold,
    }  # fmt: skip


def belief(event_id: str, at_s: float, m: float = 5.0, **more: Any) -> dict[str, Any]:
    row = {
        "event_id": event_id, "known_ns": at(at_s), "origin_ns": at(100.0), "latitude": 0.2, "longitude": 0.2,
        "depth_km": 10.0, "magnitude_q05": m - 0.5, "magnitude_q50": m, "magnitude_q95": m + 0.5, "state": "open",
        "major_km": 4.0, "minor_km": 2.0, "azimuth_deg": 0.0, "n_stations": 4, "magnitude_sd": 0.3,
    }  # fmt: skip
    return row | more


def make_run(
    messages: Sequence[Mapping[str, Any]] = (),
    *,
    name: str = "run",
    sites: Sequence[Mapping[str, Any]] = (),
    beliefs: Sequence[Mapping[str, Any]] = (),
    picks: Sequence[Mapping[str, Any]] = (),
    stations: Sequence[tuple[float, float]] = tuple(GRID),
    span_s: tuple[float, float] | None = (0.0, 86_400.0),
    kind_of_data: str = "synthetic",
) -> WarningRun:
    places = [
        {"station_id": f"S{k}", "latitude": lat, "longitude": lon, "used": 1.0, "state": "ok"}
        for k, (lat, lon) in enumerate(stations)
    ]
    return WarningRun(
        name,
        table_of(messages, ALERT_COLUMNS),
        table_of(sites, SITE_COLUMNS),
        table_of(beliefs, ESTIMATE_COLUMNS),
        table_of(picks, PICK_COLUMNS),
        table_of(places, STATION_COLUMNS).astype({"used": bool}),
        kind_of_data=kind_of_data,
        started_ns=None if span_s is None else at(span_s[0]),
        ended_ns=None if span_s is None else at(span_s[1]),
    )


def make_truth(
    events: Sequence[Mapping[str, Any]],
    *,
    name: str = "truth",
    p_s: Mapping[str, Sequence[float]] | None = None,
    sites: Sequence[Mapping[str, Any]] = (),
    adversaries: Sequence[Adversary] = (),
) -> WarningTruth:
    rows = [
        {"latitude": 0.2, "longitude": 0.2, "depth_km": 10.0, "magnitude": 5.0, "kind": "earthquake",
         "time_ns": at(100.0), **one}
        for one in events
    ]  # fmt: skip
    arrivals = [
        {"event_id": event, "station_id": f"S{k}", "p_ns": at(s)}
        for event, times in (p_s or {}).items()
        for k, s in enumerate(times)
    ]
    return WarningTruth(
        name,
        table_of(rows, EVENT_COLUMNS).astype({"time_ns": "int64"}),
        table_of(arrivals, ARRIVAL_COLUMNS),
        table_of(sites, TRUE_SITE_COLUMNS),
        tuple(adversaries),
        synthetic=True,
    )


@pytest.fixture
def run() -> Callable[..., WarningRun]:
    return make_run


@pytest.fixture
def truth() -> Callable[..., WarningTruth]:
    return make_truth


@pytest.fixture
def say() -> Any:
    """The makers of rows: `at`, `message`, `told`, `belief`."""

    class Say:
        at, message, told, belief = staticmethod(at), staticmethod(message), staticmethod(told), staticmethod(belief)

    return Say
