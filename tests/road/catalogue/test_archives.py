"""An archive may be paths, a list of them, or a query to a server; whichever, the catalogue is the same."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fdsn_made import Server
from obspy import Stream, Trace, UTCDateTime
from obspy.core.inventory import Channel, Inventory, Network, Station
from obspy.core.inventory.response import InstrumentSensitivity, Response

from foreshock.errors import ConfigError, InputError, NotFoundError, NothingMatchedError
from foreshock.road.catalogue.archives import archive_of, listed, stations_beside
from foreshock.road.catalogue.building import build_catalog
from foreshock.types.waveform import Waveform

PLACES = {"XX.AAA.": (30.0, 100.0), "XX.BBB.": (30.1, 100.1), "XX.CCC.": (30.1, 100.0)}
QUERY = "/fdsnws/dataselect/1/query?net=XX&sta=*&cha=HH?&start=2020-03-01T22:50:00&end=2020-03-02T01:30:00"
TABLES = ("picks.csv", "events.csv", "catalog.xml", "mechanisms.csv")


def stationxml() -> bytes:
    """The archive's stations, their orientation and a flat sensitivity."""
    response = Response(instrument_sensitivity=InstrumentSensitivity(1e6, 1.0, "M/S", "COUNTS"))
    stations = []
    for name, (latitude, longitude) in PLACES.items():
        channels = [
            Channel(code, "", latitude, longitude, 0.0, 0.0, azimuth=azimuth, dip=dip, response=response)
            for code, azimuth, dip in (("HHZ", 0.0, -90.0), ("HHN", 0.0, 0.0), ("HHE", 90.0, 0.0))
        ]
        stations.append(Station(name.split(".")[1], latitude, longitude, 0.0, channels=channels))
    content = io.BytesIO()
    Inventory([Network("XX", stations=stations)], source="test").write(content, format="STATIONXML")
    return content.getvalue()


def mseed(wave: Waveform, code: str, first: UTCDateTime, last: UTCDateTime) -> bytes | None:
    """One channel of a recording between two times; None where there is nothing."""
    row = np.round(wave.data[wave.channels.index(code)]).astype(np.int32)
    network, station, location = wave.station_id.split(".")
    header = {"network": network, "station": station, "location": location, "channel": code}
    trace = Trace(row, {**header, "sampling_rate": wave.rate_hz, "starttime": UTCDateTime(ns=wave.start_ns)})
    part = trace.slice(first, last - 0.5 / wave.rate_hz)
    if not part.stats.npts:
        return None
    content = io.BytesIO()
    Stream([part]).write(content, "MSEED")
    return content.getvalue()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, recordings: list[Waveform]) -> Iterator[Server]:
    """A server that has the archive's recordings and stations."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    by_name = {wave.station_id.split(".")[1]: wave for wave in recordings}

    def samples(query: dict[str, str]) -> bytes | None:
        times = (UTCDateTime(query["starttime"]), UTCDateTime(query["endtime"]))
        return mseed(by_name[query["station"]], query["channel"], *times)

    running = Server()
    running.stations, running.samples = stationxml, samples
    yield running
    running.close()


@pytest.fixture(scope="session")
def stations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stations") / "stations.xml"
    path.write_bytes(stationxml())
    return path


@pytest.fixture(scope="session")
def from_folder(archive: Path, stations: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalogue of the archive as a folder."""
    out = tmp_path_factory.mktemp("folder") / "out"
    build_catalog(archive, stations=stations, out=out, pictures=False)
    return out


def same_tables(one: Path, other: Path) -> None:
    for name in TABLES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_a_query_is_fetched_and_gives_the_catalogue_of_the_folder(
    server: Server, from_folder: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    out = tmp_path / "out"
    built = build_catalog(f"{server.url}{QUERY}", out=out, pictures=False, tell=told.append)
    assert len(built.picks) >= 20
    same_tables(out, from_folder)
    assert any(line.startswith("fetched 9 of ") for line in told)
    assert sum(n for key, n in server.asked.items() if key != "station") == len(list((out / "waveforms").iterdir()))
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert all(len(entry["sha256"]) == 64 for entry in manifest["files"].values())
    assert f"{server.url}/fdsnws" in (out / "report.html").read_text(encoding="utf-8")


def test_spans_that_the_server_does_not_have_are_told(server: Server, tmp_path: Path) -> None:
    whole = server.samples
    server.samples = lambda query: None if query["station"] == "CCC" else whole(query)
    built = build_catalog(f"{server.url}{QUERY}", out=tmp_path / "out", pictures=False)
    gone = {item for item, reason in built.skipped if reason == "the server has no data there"}
    assert len(gone) == 3
    assert all("XX.CCC.." in item for item in gone)
    with (tmp_path / "out" / "skipped.csv").open(encoding="utf-8") as lines:
        assert gone <= {row["item"] for row in csv.DictReader(lines)}


def test_stations_that_are_named_count_and_not_those_of_the_server(
    server: Server, stations: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved.csv"
    moved.write_text("network,station,location,latitude,longitude\nXX,AAA,,10.0,10.0\n", encoding="utf-8")
    built = build_catalog(f"{server.url}{QUERY}", stations=moved, out=tmp_path / "out", pictures=False)
    reasons = {reason for _, reason in built.skipped}
    assert "station XX.BBB. has no coordinates" in reasons


def test_a_query_for_what_the_server_does_not_know_leaves_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(NothingMatchedError, match="it knows no channel"):
        build_catalog(f"{server.url}{QUERY.replace('net=XX', 'net=ZZ')}", out=tmp_path / "none", pictures=False)
    assert not (tmp_path / "none").exists()


def test_a_resumed_run_of_another_query_is_refused(server: Server, tmp_path: Path) -> None:
    def stop(line: str) -> None:
        if line.startswith("picked"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_catalog(f"{server.url}{QUERY}", out=tmp_path / "out", pictures=False, tell=stop)
    other = f"{server.url}{QUERY.replace('HH?', 'HHZ')}"
    with pytest.raises(InputError, match=r"downloaded with channel 'HH\?'"):
        build_catalog(other, out=tmp_path / "out", resume=True, pictures=False)


@pytest.mark.slow
def test_killed_while_it_fetches_and_while_it_picks_it_goes_on_and_asks_for_nothing_twice(
    server: Server, from_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "foreshock", "predict", f"{server.url}{QUERY}", "--out", str(out), "--no-pictures"]
    for words in ("fetched 5 of", "picked 2 of"):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
            assert running.stderr is not None
            assert any(words in line for line in running.stderr)
            running.kill()
        command += ["--resume"] if "--resume" not in command else []
    before = dict(server.asked)
    again = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stderr
    assert dict(server.asked) == before
    assert before["station"] == 1
    assert max(before.values()) <= 4, "three stations share a key; one span was on its way when the process was killed"
    same_tables(out, from_folder)


def test_several_paths_and_a_list_give_the_catalogue_of_the_folder(
    archive: Path, from_folder: Path, stations: Path, tmp_path: Path
) -> None:
    files = sorted(path for path in archive.rglob("*") if path.is_file())
    listing = tmp_path / "list.txt"
    listing.write_text("# mine\n\n" + "\n".join(map(str, [*files, files[0]])) + "\n", encoding="utf-8")
    build_catalog(f"@{listing}", stations=stations, out=tmp_path / "listed", pictures=False)
    same_tables(tmp_path / "listed", from_folder)
    half = len(files) // 2
    shutil.copytree(files[0].parent, tmp_path / "part")
    some = [tmp_path / "part", *(file for file in files if file.parent != files[0].parent), tmp_path / "part"]
    assert len(some) > half // 2
    build_catalog(some, stations=stations, out=tmp_path / "several", pictures=False)
    same_tables(tmp_path / "several", from_folder)


def test_of_several_files_one_that_is_none_is_left_out(archive: Path, stations: Path, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("no recording", encoding="utf-8")
    file = next(path for path in sorted(archive.rglob("*AAA*HHZ*")) if path.is_file())
    built = build_catalog([tmp_path / "readme.txt", file], stations=stations, out=tmp_path / "out", pictures=False)
    assert any(item.endswith("readme.txt") for item, _ in built.skipped)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"# nothing\n\n", "it holds no path"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
        (b".\nnowhere\n", "'nowhere' in line 2 of .*there is no such path"),
        (b"a\x00b\n", "there is no such path"),
    ],
)
def test_a_list_that_is_none_is_named(tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "list").write_bytes(content)
    with pytest.raises((ConfigError, NotFoundError), match=why):
        listed(tmp_path / "list")


def test_a_list_that_is_not_there_and_a_query_beside_paths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="list .*none"):
        archive_of(f"@{tmp_path / 'none'}")
    with pytest.raises(ConfigError, match="a query stands alone"):
        archive_of(["folder", f"https://host{QUERY}"])
    with pytest.raises(ConfigError, match="nothing stands for it"):
        archive_of([])


def test_a_file_whose_name_begins_with_the_mark_of_a_list_is_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "@home").mkdir()
    assert archive_of("@home").paths == (Path("@home"),)


def test_stations_beside_recordings_are_found_in_one_place_only(archive: Path, stations: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "stations.xml").write_bytes(stations.read_bytes())
        (folder / "a.mseed").touch()
    assert stations_beside(archive_of(one)) == one
    assert stations_beside(archive_of([one / "a.mseed", one / "b.mseed"])) == one
    assert stations_beside(archive_of([one, other])) is None
    with pytest.raises(ConfigError, match="--stations: a catalogue needs to know where stations stand"):
        build_catalog([one, other], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
