"""A scenario as files: readable by the product's own readers, the same bytes again, true to itself."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from foreshock.clock import utc_ns
from foreshock.collect.packet_lines import PacketLines
from foreshock.collect.sds import SdsSource
from foreshock.collect.stations import read_stations
from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, make_scenario, write_scenario
from foreshock.errors import OutputError
from foreshock.predict.shaking import read_sites

SETTINGS = ScenarioSettings(
    stations=4,
    events=2,
    twin_after_max_s=10.0,
    before_s=5.0,
    after_s=25.0,
    magnitude=5.0,
    seed=7,
    adversaries=("spikes", "duplicates"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Path]:
    folder = tmp_path_factory.mktemp("made")
    scenario = make_scenario(SETTINGS)
    told = write_scenario(scenario, folder, sites=5)
    assert (told.n_sites, told.n_recordings) == (5, 4)
    return scenario, folder


def digest(folder: Path) -> dict[str, str]:
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {str(item.relative_to(folder)): hashlib.sha256(item.read_bytes()).hexdigest() for item in files}


def test_the_packets_come_back_as_they_were(made: tuple[Scenario, Path]) -> None:
    scenario, folder = made
    for one, other in zip(scenario.packets(), PacketLines(folder / "packets.jsonl.gz").packets(), strict=True):
        assert (one.station_id, one.channel, one.start_ns) == (other.station_id, other.channel, other.start_ns)
        assert one.arrived_ns == other.arrived_ns
        assert np.array_equal(one.samples, other.samples)


def test_the_recordings_are_what_the_digitisers_put_out(made: tuple[Scenario, Path]) -> None:
    scenario, folder = made
    records = {record.waveform.station_id: record.waveform for record in SdsSource(folder / "archive").records()}
    for k, name in enumerate(scenario.net.ids):
        assert np.array_equal(records[name].data, scenario.counts[k])
        assert records[name].start_ns == SETTINGS.start_ns


def test_the_station_file_says_what_the_nouns_say(made: tuple[Scenario, Path]) -> None:
    scenario, folder = made
    read = read_stations(folder / "stations.xml")
    for station in scenario.stations:
        other = read[station.station_id]
        assert (other.latitude, other.longitude) == pytest.approx((station.latitude, station.longitude), abs=1e-5)
        mine = {
            c.code: (c.azimuth_deg, c.dip_deg, pytest.approx(c.sensitivity, rel=1e-6), c.unit) for c in station.channels
        }
        assert {c.code: (c.azimuth_deg, c.dip_deg, c.sensitivity, c.unit) for c in other.channels} == mine


def test_the_truth_names_events_arrivals_disturbances_and_layers(made: tuple[Scenario, Path]) -> None:
    scenario, folder = made
    told = json.loads((folder / "truth.json").read_text())
    assert told["schema"] == "foreshock.warning_truth/1"
    assert [one["event_id"] for one in told["events"]] == [one.event_id for one in scenario.events]
    assert utc_ns(told["events"][0]["origin_time"]) == scenario.events[0].origin_time_ns
    assert {"latitude", "longitude", "depth_km", "magnitude", "kind"} <= set(told["events"][0])
    assert len(told["arrivals"]) == 2 * 4
    assert all(one["p_time"] < one["s_time"] for one in told["arrivals"])
    assert [one["name"] for one in told["adversaries"]] == ["spikes", "duplicates"]
    assert ScenarioSettings.model_validate(told["settings"]) == SETTINGS
    assert told["layers"][0]["vp_km_s"] == 5.5


def test_sites_are_read_by_the_reader_of_sites_and_their_truth_fits(made: tuple[Scenario, Path]) -> None:
    _, folder = made
    sites = read_sites(folder / "sites.csv")
    with (folder / "site_truth.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(sites.ids) == 5
    assert len(rows) == 10
    for row in rows:
        crossed = row["pga_0.05_m_s2_time"] != ""
        assert crossed == (float(row["pga_m_s2"]) >= 0.05)
        assert float(row["pgv_m_s"]) > 0


def test_the_same_scenario_gives_the_same_bytes(made: tuple[Scenario, Path], tmp_path: Path) -> None:
    write_scenario(make_scenario(SETTINGS), tmp_path / "again", sites=5)
    assert digest(tmp_path / "again") == digest(made[1])


def test_recordings_can_be_left_out_and_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    quiet = make_scenario(ScenarioSettings(stations=1, events=0, before_s=1.0, after_s=2.0))
    write_scenario(quiet, tmp_path / "bare", sites=0, recordings=False)
    assert not (tmp_path / "bare" / "archive").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_scenario(quiet, tmp_path / "file" / "below")
