"""What the tests of scored warnings share: run folders and truth as an engine and a simulator would write them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from foreshock.clock import NS_PER_S, StepClock, iso_utc, utc_ns
from foreshock.deliver.issue import Chain, Draft, issue
from foreshock.deliver.latency import Stamps
from foreshock.deliver.lines import line
from foreshock.types.alert import SiteForecast
from foreshock.types.authority import Rehearsal

ZERO_NS = utc_ns("2026-03-01T00:00:00Z")
ESTIMATE_HEAD = (
    "event_id", "known_at", "data_time", "alert_version", "n_stations", "n_phases", "origin_time", "latitude",
    "longitude", "depth_km", "major_km", "minor_km", "azimuth_deg", "magnitude_q05", "magnitude_q50", "magnitude_q95",
    "magnitude_sd", "probability_real", "confidence", "state",
)  # fmt: skip
STATIONS = {f"XX.S{k}.": (0.2 * (k // 3), 0.2 * (k % 3)) for k in range(9)}
"""Three by three, 0.2 degrees (22 km) apart; the middle is 0.2, 0.2."""
MIDDLE = (0.2, 0.2)


def at(seconds: float) -> int:
    """UTC nanoseconds of a second after the beginning of all tests."""
    return ZERO_NS + round(seconds * NS_PER_S)


def iso(seconds: float | None) -> str:
    return "" if seconds is None else iso_utc(at(seconds))


@dataclass(frozen=True)
class Message:
    """One message: when, what size (q05, q50, q95), where, of which origin; its sites as (id, q50, threshold, S, T)."""

    at_s: float
    size: tuple[float, float, float] = (4.5, 5.0, 5.5)
    place: tuple[float, float] = MIDDLE
    origin_s: float = 100.0
    depth_km: float = 10.0
    confidence: str = "provisional"
    sites: Sequence[tuple[str, float, float | None, float | None, float | None]] = ()
    cancel: bool = False
    spread: float = 1.0


@dataclass(frozen=True)
class Belief:
    """One row of estimates.csv."""

    at_s: float
    size: tuple[float, float, float] = (4.5, 5.0, 5.5)
    place: tuple[float, float] = MIDDLE
    ellipse: tuple[float, float, float] | None = (4.0, 2.0, 0.0)
    n_stations: int = 4
    version: int | None = None
    state: str = "open"


@dataclass
class RunFolder:
    """Writes what `foreshock warn` writes."""

    folder: Path
    stations: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(STATIONS))
    span_s: tuple[float, float] = (0.0, 86_400.0)
    kind_of_data: str = "synthetic"

    def write(
        self,
        events: Mapping[str, Sequence[Message]],
        *,
        beliefs: Mapping[str, Iterable[Belief]] | None = None,
        picks: Iterable[tuple[str, str, float, str]] = (),
        **more: Any,
    ) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._alerts(events)
        if beliefs is not None:
            self._estimates(beliefs)
        rows = [[name, phase, iso(s), 0.02, 0.9, "unknown", iso(s + 1.4), event] for name, phase, s, event in picks]
        head = ["trace_id", "phase", "time", "sigma_s", "probability", "polarity", "available_at", "event_id"]
        self._csv("picks.csv", head, rows)
        self._latency(events)
        stations = [
            {"station_id": name, "latitude": lat, "longitude": lon, "used": True, "state": "ok"}
            for name, (lat, lon) in self.stations.items()
        ]
        told = {
            "schema": "foreshock.warn/1", "source": "made", "mode": "replay", "kind_of_data": self.kind_of_data,
            "stations": stations, "settings": {"locate": {"velocity_model": "iasp91_crust"}}, "sites": "sites.csv",
            "started": iso(self.span_s[0]), "ended": iso(self.span_s[1]), "packets": 1000, "dropped": [], "health": [],
            "versions": {},
        }  # fmt: skip
        (self.folder / "warn.json").write_text(json.dumps({**told, **more}), encoding="utf-8")
        return self.folder

    def _alerts(self, events: Mapping[str, Sequence[Message]]) -> None:
        lines = []
        for event_id, messages in events.items():
            chain = Chain("engine", event_id)
            for message in messages:
                clock = StepClock(at(message.at_s))
                draft = _draft(message)
                alert, chain = issue(draft, chain, authority=Rehearsal(clock), cancel=message.cancel)
                lines.append((alert.issued_at_ns, line(alert)))
        text = "".join(f"{one}\n" for _, one in sorted(lines, key=lambda pair: pair[0]))
        (self.folder / "alerts.jsonl").write_text(text, encoding="utf-8")

    def _estimates(self, beliefs: Mapping[str, Iterable[Belief]]) -> None:
        head = [*ESTIMATE_HEAD]
        rows = []
        for event_id, held in beliefs.items():
            for one in held:
                version = "" if one.version is None else one.version
                ellipse = one.ellipse or ("", "", "")
                seen = [iso(one.at_s), iso(one.at_s - 1.4), version, one.n_stations, one.n_stations, iso(100.0)]
                thought = [*one.place, 10.0, *ellipse, *one.size, 0.3, 0.99, "provisional", one.state]
                rows.append([event_id, *seen, *thought])
        self._csv("estimates.csv", head, rows)

    def _latency(self, events: Mapping[str, Sequence[Message]]) -> None:
        stamps = Stamps(0, 1_400_000_000, *(1_400_000_000 + k * 2_000_000 for k in range(1, 7)))
        row = stamps.row()
        rows = [[event, k, *row.values()] for event, messages in events.items() for k in range(1, len(messages) + 1)]
        self._csv("latency.csv", ["event_id", "version", *row], rows)

    def _csv(self, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerows([head, *rows])


def _draft(message: Message) -> Draft:
    sites = tuple(
        SiteForecast(
            name, f"City {name}", MIDDLE[0] + 0.3 * (k + 1), MIDDLE[1] + 0.1 * k, middle - message.spread, middle,
            middle + message.spread, s_arrival_ns=None if s is None else at(s), threshold=threshold,
            threshold_time_ns=None if passed is None else at(passed),
        )
        for k, (name, middle, threshold, s, passed) in enumerate(message.sites)
    )  # fmt: skip
    return Draft(
        at(message.origin_s), *message.place, message.depth_km, *message.size, sites=sites,
        confidence=message.confidence, reasons=("made",),
    )  # fmt: skip


def write_truth(
    folder: Path,
    events: Iterable[Mapping[str, Any]],
    *,
    p_s: Mapping[str, Sequence[float]] | None = None,
    adversaries: Sequence[Any] = (),
    sites: Iterable[Sequence[object]] = (),
) -> Path:
    """truth.json and site_truth.csv; `p_s`: event → when P comes to S0, S1, …; sites: id, site, intensity, threshold,
    crossed, S."""
    folder.mkdir(parents=True, exist_ok=True)
    told = [
        {"origin_time": iso(one.get("origin_s", 100.0)), "latitude": 0.2, "longitude": 0.2, "depth_km": 10.0,
         "magnitude": 5.0, "kind": "earthquake", **{k: v for k, v in one.items() if k != "origin_s"}}
        for one in events
    ]  # fmt: skip
    arrivals = [
        {"event_id": event, "station_id": f"XX.S{k}.", "p_time": iso(s), "s_time": iso(s + 5)}
        for event, times in (p_s or {}).items()
        for k, s in enumerate(times)
    ]
    content = {"schema": "foreshock.warning_truth/1", "events": told, "arrivals": arrivals,
               "adversaries": list(adversaries), "settings": {}}  # fmt: skip
    (folder / "truth.json").write_text(json.dumps(content), encoding="utf-8")
    rows = list(sites)
    if rows:
        with (folder / "site_truth.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(["event_id", "site_id", "intensity", "threshold", "crossed_at", "s_time"])
            writer.writerows([e, site, i, t, iso(c), iso(s)] for e, site, i, t, c, s in rows)  # type: ignore[arg-type]
    return folder / "truth.json"


@pytest.fixture
def run_folder(tmp_path: Path) -> Callable[..., RunFolder]:
    """Make the writer of a run's folder."""
    return lambda name="run", **more: RunFolder(tmp_path / name, **more)


@pytest.fixture
def say() -> Any:
    """The makers: `Message`, `Belief`, `at`, `iso`, `write_truth`."""
    return SimpleNamespace(Message=Message, Belief=Belief, at=at, iso=iso, write_truth=write_truth)
