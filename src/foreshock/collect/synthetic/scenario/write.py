"""A scenario as files: recordings, packets, stations, and the truth. Knows no engine and no score."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import iso_utc
from foreshock.collect.packet_lines import write_packet_lines
from foreshock.collect.sds import write_sds
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.scenario.networks import CODES, at, instrument
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.collect.synthetic.scenario.scenario import Scenario
from foreshock.collect.synthetic.scenario.site_truth import SiteTruth
from foreshock.collect.synthetic.scenario.waves import rupture_of
from foreshock.collect.synthetic.station_file import station_entry, written
from foreshock.outputs import explained, write_bytes, write_json, write_text
from foreshock.types.arrays import Float64, Ints
from foreshock.types.waveform import Waveform

SCHEMA = "foreshock.warning_truth/1"
SITE_STREAM = 37
_SITE_VS30_M_S = (760.0, 490.0, 270.0)


@dataclass(frozen=True)
class ScenarioFiles:
    """What was written: the folder and how many packets, sites and recordings."""

    folder: Path
    n_packets: int
    n_sites: int
    n_recordings: int


def write_scenario(scenario: Scenario, folder: Path, *, sites: int = 10, recordings: bool = True) -> ScenarioFiles:
    """Write a scenario into a folder; the same scenario gives the same bytes.

    ``packets.jsonl.gz`` (see `collect.packet_lines`), ``archive`` (SDS, what the digitisers put out, nothing lost),
    ``stations.xml``, ``truth.json``, ``sites.csv`` and ``site_truth.csv``.

    Raises:
        OutputError: the folder cannot be written to.
    """
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / "stations.xml", stations_file(scenario))
    write_json(folder / "truth.json", truth(scenario))
    latitude, longitude, vs30 = draw_sites(scenario, sites)
    places = zip(latitude, longitude, vs30, strict=True)
    rows = [(f"site-{k:02d}", f"City {k}", f"{a:.5f}", f"{b:.5f}", f"{c:g}") for k, (a, b, c) in enumerate(places, 1)]
    write_text(folder / "sites.csv", _table(("id", "name", "latitude", "longitude", "vs30_m_s"), rows))
    felt = scenario.truth_at(latitude, longitude, vs30_m_s=vs30)
    write_text(folder / "site_truth.csv", _table(_site_columns(felt), _site_rows(felt, [row[0] for row in rows])))
    if recordings:
        write_sds(folder / "archive", _recordings(scenario))
    n = write_packet_lines(folder / "packets.jsonl.gz", scenario.packets())
    return ScenarioFiles(folder, n, sites, len(scenario.net) if recordings else 0)


def stations_file(scenario: Scenario) -> bytes:
    """Give the network's StationXML."""
    net, settings = scenario.net, scenario.settings
    entries = [
        station_entry(
            name,
            instrument(int(net.kind[k])),
            latitude=float(net.places.latitude[k]),
            longitude=float(net.places.longitude[k]),
            rate_hz=settings.rate_hz,
        )
        for k, name in enumerate(net.ids)
    ]
    return written(net.ids[0].split(".")[0], entries, created_ns=settings.start_ns)


def truth(scenario: Scenario) -> dict[str, Any]:
    """Give everything that is known, as plain values."""
    return {
        "schema": SCHEMA,
        "events": [_event(scenario, event) for event in scenario.events],
        "arrivals": list(_arrivals(scenario)),
        "adversaries": [dict(one) for one in scenario.disturbances],
        "settings": scenario.settings.model_dump(mode="json"),
        "layers": [layer.model_dump(mode="json") for layer in scenario.family.layers],
    }


def _event(scenario: Scenario, event: TrueEvent) -> dict[str, Any]:
    told = asdict(event)
    del told["number"]
    origin = iso_utc(told.pop("origin_time_ns"))
    lasts = rupture_of(event, scenario.family, seed=scenario.settings.seed).duration_s
    return {"event_id": told.pop("event_id"), "origin_time": origin, **told, "rupture_s": lasts}


def _arrivals(scenario: Scenario) -> Iterator[dict[str, str]]:
    for event_id, (p, s) in scenario.arrivals().items():
        for k, name in enumerate(scenario.net.ids):
            times = {"p_time": iso_utc(int(p[k])), "s_time": iso_utc(int(s[k]))}
            yield {"event_id": event_id, "station_id": name, **times}


def draw_sites(scenario: Scenario, n: int) -> tuple[Float64, Float64, Float64]:
    """Draw cities in and around the network: latitude, longitude, Vs30, (site,) each."""
    settings = scenario.settings
    rng = generator(settings.seed, SITE_STREAM, group=0)
    half = 0.65 * settings.spacing_km * np.sqrt(settings.stations) + settings.spacing_km
    latitude, longitude = at(settings, east_km=rng.uniform(-half, half, n), north_km=rng.uniform(-half, half, n))
    return latitude, longitude, np.array(_SITE_VS30_M_S)[rng.integers(len(_SITE_VS30_M_S), size=n)]


def _site_columns(felt: SiteTruth) -> list[str]:
    names = [f"pga_{level:g}_m_s2_time" for level in felt.pga_levels_m_s2]
    names += [f"pgv_{level:g}_m_s_time" for level in felt.pgv_levels_m_s]
    return ["event_id", "site_id", "pga_m_s2", "pgv_m_s", *names]


def _site_rows(felt: SiteTruth, site_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for e, event_id in enumerate(felt.event_ids):
        for k, site_id in enumerate(site_ids):
            times = [*_times(felt.pga_crossed_ns[e, k]), *_times(felt.pgv_crossed_ns[e, k])]
            yield event_id, site_id, f"{felt.pga_m_s2[e, k]:.6g}", f"{felt.pgv_m_s[e, k]:.6g}", *times


def _times(crossed_ns: Ints) -> list[str]:
    return [iso_utc(int(value)) if value >= 0 else "" for value in crossed_ns]


def _recordings(scenario: Scenario) -> Iterator[Waveform]:
    for k, name in enumerate(scenario.net.ids):
        data = scenario.counts[k].astype(np.float32)
        yield Waveform(data, scenario.settings.rate_hz, scenario.settings.start_ns, name, channels=CODES)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(rows)
    return text.getvalue()
