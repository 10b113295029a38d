"""A network's recording as files: readable by the product's own readers, equal for equal seeds, true to its tables."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from obspy import read_inventory

from foreshock.clock import utc_ns
from foreshock.collect.sds import SdsSource
from foreshock.collect.stations import read_stations
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.instrument import INSTRUMENTS
from foreshock.collect.synthetic.network_day import day_samples, write_network_day
from foreshock.collect.synthetic.station_file import response_of
from foreshock.config import settings_from
from foreshock.errors import ConfigError

SETTINGS = NetworkDaySettings(
    stations=3,
    events=8,
    start="2021-05-01T23:55:00.5Z",
    span_s=600.0,
    magnitude_min=1.5,
    gaps_per_day=700.0,
    gap_longest_s=10.0,
    ground={"rate_hz": 25.0, "instruments": ["broadband"]},
)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_network_day(folder, SETTINGS, seed=5)
    return folder


def digest(folder: Path) -> dict[str, str]:
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {str(item.relative_to(folder)): hashlib.sha256(item.read_bytes()).hexdigest() for item in files}


def test_equal_seeds_write_equal_bytes(made: Path, tmp_path: Path) -> None:
    write_network_day(tmp_path, SETTINGS, seed=5)
    assert digest(tmp_path) == digest(made)


def test_the_archive_holds_every_station_on_both_sides_of_midnight(made: Path) -> None:
    records = list(SdsSource(made / "archive").records())
    assert {record.waveform.station_id for record in records} == {"SY.S000.", "SY.S001.", "SY.S002."}
    begin, end = min(r.waveform.start_ns for r in records), max(r.waveform.end_ns for r in records)
    assert 590 < (end - begin) / 1e9 <= 600
    assert {path.name[-3:] for path in (made / "archive").rglob("*.D.*") if path.is_file()} == {"121", "122"}
    assert all(np.array_equal(r.waveform.data, np.rint(r.waveform.data)) for r in records)


def test_gaps_take_what_the_table_says(made: Path) -> None:
    held: dict[str, float] = {}
    for record in SdsSource(made / "archive").records():
        wave = record.waveform
        held[wave.station_id] = held.get(wave.station_id, 0) + float(wave.valid[0].sum()) / SETTINGS.n_samples
    told = {row["trace_id"]: row for row in rows_of(made / "recorders.csv")}
    assert {name: float(row["recorded_fraction"]) for name, row in told.items()} == pytest.approx(held, abs=1e-3)
    assert sum(int(row["n_gaps"]) for row in told.values()) > 3


def test_arrivals_are_origin_plus_travel_plus_delay_plus_clock(made: Path) -> None:
    origin = {row["event_id"]: utc_ns(row["time"]) for row in rows_of(made / "truth.csv")}
    arrivals = rows_of(made / "arrivals.csv")
    for row in arrivals:
        parts = sum(float(row[name]) for name in ("travel_s", "static_s", "clock_s"))
        assert utc_ns(row["time"]) - origin[row["event_id"]] == pytest.approx(parts * 1e9, abs=4e5)
    assert len(arrivals) > 20


def test_a_station_counts_for_an_event_if_its_p_stands_out_and_is_there(made: Path) -> None:
    seen: dict[str, int] = {}
    for row in rows_of(made / "arrivals.csv"):
        counts = row["phase"] == "P" and row["recorded"] == "1" and float(row["p_snr"] or 0) >= 3
        seen[row["event_id"]] = seen.get(row["event_id"], 0) + counts
    truth = {row["event_id"]: int(row["n_stations"]) for row in rows_of(made / "truth.csv")}
    assert truth == {name: seen.get(name, 0) for name in truth}
    assert sum(truth.values()) > 3


def test_the_station_file_tells_places_and_gains(made: Path) -> None:
    stations = read_stations(made / "stations.xml")
    assert len(stations) == 3
    channel = stations["SY.S000."].channels[0]
    assert channel.sensitivity == pytest.approx(INSTRUMENTS["broadband"].sensitivity)
    assert len(read_inventory(str(made / "stations.xml"))[0][2]) == 3


@pytest.mark.parametrize("name", ["broadband", "short_period", "accelerometer"])
def test_the_written_response_is_the_instruments(name: str) -> None:
    sensor, frequency = INSTRUMENTS[name], np.array([0.05, 0.5, 1.0, 5.0, 20.0])
    output = "VEL" if sensor.unit == "m/s" else "ACC"
    told = response_of(sensor).get_evalresp_response_for_frequencies(frequency, output=output)
    assert np.allclose(told, sensor.response(frequency), rtol=1e-3)


def test_days_meet_at_midnight_without_a_lost_or_doubled_sample() -> None:
    spans = list(day_samples(SETTINGS))
    assert spans == [(0, 7488), (7488, 15_000)]


def test_a_wrong_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="span_s 200.0 leaves nothing between two edges of 100.0 s"):
        settings_from(NetworkDaySettings, {"span_s": 200.0, "edge_s": 100.0}, where="[network_day]")
    with pytest.raises(ConfigError, match="rate_hz"):
        settings_from(NetworkDaySettings, {"ground": {"rate_hz": 5.0}}, where="[network_day]")


def test_what_is_not_told_of_the_ground_stays_as_it_is() -> None:
    told = settings_from(NetworkDaySettings, {"ground": {"q_s_at_1_hz": 99.0}}, where="[network_day]")
    assert told.ground == NetworkDaySettings().ground.model_copy(update={"q_s_at_1_hz": 99.0})


def test_a_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="seed -1"):
        write_network_day(tmp_path, SETTINGS, seed=-1)
