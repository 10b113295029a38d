"""One call makes a catalogue of an archive; the same one however it is made."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import obspy
import pytest

from foreshock.clock import utc_ns
from foreshock.errors import ConfigError, FormatError, NotFoundError, OutputError
from foreshock.geo import inverse
from foreshock.road.catalogue.building import build_catalog
from foreshock.road.catalogue.recipe import Recipe
from foreshock.road.catalogue.workers import Crew
from foreshock.store.store import Store

FILES = {
    "picks.csv",
    "events.csv",
    "catalog.xml",
    "mechanisms.csv",
    "skipped.csv",
    "notes.csv",
    "run.json",
    "catalogue.db",
    "report.html",
}


@pytest.fixture(scope="session")
def stations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the archive's stations stand, but for one."""
    path = tmp_path_factory.mktemp("stations") / "stations.csv"
    rows = [("XX", "AAA", "", 30.0, 100.0, 500.0), ("XX", "BBB", "", 30.1, 100.1, 700.0)]
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["network", "station", "location", "latitude", "longitude", "elevation_m"])
        writer.writerows(rows)
    return path


def test_all_files_are_there_and_what_was_left_out_is_told(archive: Path, stations: Path, tmp_path: Path) -> None:
    told: list[str] = []
    built = build_catalog(archive, stations=stations, out=tmp_path / "out", tell=told.append)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= FILES
    assert told[0].startswith("6 units of 3 stations")
    assert len(built.picks) >= 20
    assert built.solutions == ()
    reasons = {reason for item, reason in built.skipped if item.startswith("XX.CCC.")}
    assert reasons == {"station XX.CCC. has no coordinates"}
    with Store.open(tmp_path / "out" / "catalogue.db", create=False) as store:
        assert len(list(store.picks())) == len(built.picks)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "No earthquake was found, so there is no map." in page
    assert "station … has no coordinates" in page


def test_pictures_can_be_left_out(archive: Path, stations: Path, tmp_path: Path) -> None:
    build_catalog(archive, stations=stations, out=tmp_path / "out", pictures=False)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Pictures were not asked for." in page
    assert "<img" not in page


def test_a_finished_catalogue_is_not_written_over(archive: Path, stations: Path, tmp_path: Path) -> None:
    build_catalog(archive, stations=stations, out=tmp_path / "out")
    with pytest.raises(OutputError, match="it already holds catalog"):
        build_catalog(archive, stations=stations, out=tmp_path / "out", resume=True)


def test_stations_without_a_station_are_named_before_anything_is_done(archive: Path, tmp_path: Path) -> None:
    empty = tmp_path / "stations.csv"
    empty.write_text("network,station,location,latitude,longitude,elevation_m\n", encoding="utf-8")
    with pytest.raises(FormatError, match="it holds no station"):
        build_catalog(archive, stations=empty, out=tmp_path / "out")
    (tmp_path / "none").mkdir()
    with pytest.raises(NotFoundError, match="it holds no StationXML file"):
        build_catalog(archive, stations=tmp_path / "none", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_velocity_model_is_named_before_anything_is_done(
    archive: Path, stations: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="iasp19.*did you mean 'iasp91'"):
        build_catalog(archive, stations=stations, out=tmp_path / "out", recipe=Recipe(velocity_model="iasp19"))
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_command_leaves_pictures_out_when_told(archive: Path, stations: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "foreshock", "predict", str(archive), "--stations", str(stations)]
    said = subprocess.run(
        [*command, "--out", str(tmp_path / "out"), "--no-pictures"], capture_output=True, text=True, timeout=300
    )
    assert said.returncode == 0, said.stderr
    assert "Pictures were not asked for." in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_killed_command_goes_on_to_the_same_bytes(archive: Path, stations: Path, tmp_path: Path) -> None:
    build_catalog(archive, stations=stations, out=tmp_path / "whole")
    command = [sys.executable, "-m", "foreshock", "predict", str(archive), "--stations", str(stations)]
    command += ["--out", str(tmp_path / "broken")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert any("picked 2 of 6" in line for line in running.stderr)
        running.kill()
    again = subprocess.run([*command, "--resume"], capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stderr
    assert "picked 4 of 4" in again.stderr
    for name in ("picks.csv", "events.csv", "skipped.csv", "notes.csv", "report.html"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.mark.realdata
def test_ridgecrest_is_found_located_and_sized(realdata: Path, tmp_path: Path) -> None:
    folder = realdata / "strong_motion" / "multiple_events" / "ci38457511"
    built = build_catalog(folder, stations=folder, out=tmp_path / "one")
    main = max((one for one in built.solutions), key=lambda one: one.event.magnitude or 0.0)
    km = inverse(main.event.latitude, main.event.longitude, 35.7695, -117.5993)[0]
    assert km < 5
    assert abs(main.event.time_ns - utc_ns("2019-07-06T03:19:53.04Z")) < 1e9
    sizes = {size.kind: size.value for size in main.magnitudes}
    assert 6.6 < sizes["Mw"] < 7.4
    catalogue = obspy.read_events(str(tmp_path / "one" / "catalog.xml"))
    times = [event.preferred_origin().time.ns for event in catalogue]
    np.testing.assert_allclose(times, [one.event.time_ns for one in built.solutions], atol=2000)
    page = (tmp_path / "one" / "report.html").read_text(encoding="utf-8")
    assert page.count("<img") >= 13
    assert "CI.CCC" in page
    two = build_catalog(folder, stations=folder, out=tmp_path / "two", crew=Crew(workers=2))
    assert two.solutions == built.solutions
    for name in ("events.csv", "picks.csv", "catalog.xml", "report.html"):
        assert (tmp_path / "two" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
