"""Each stage goes on from the files of the one before, and the stages together give what one call gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foreshock.collect.stations import read_stations
from foreshock.errors import FormatError, NothingMatchedError, OutputError
from foreshock.geo import inverse
from foreshock.predict.magnitude import AtStation, MagnitudeSettings
from foreshock.predict.travel import PRESETS, LayeredTimes
from foreshock.road.catalogue.building import build_catalog
from foreshock.road.catalogue.recipe import LOCAL_FIRST, MODEL
from foreshock.road.catalogue.sizing import join
from foreshock.road.catalogue.solving import located, solve
from foreshock.road.catalogue.stages import associate_picks, locate_catalog, size_catalog
from foreshock.store.quakeml_reader import read_quakeml
from foreshock.store.tables import write_picks
from foreshock.types.pick import Pick
from foreshock.types.solution import StationMagnitude
from foreshock.types.station import Station

TIMES = LayeredTimes(PRESETS[MODEL])
PLACES = {f"XX.S{k}.": (30.0 + 0.15 * (k % 3), 100.0 + 0.15 * (k // 3)) for k in range(9)}


@pytest.fixture
def stations(tmp_path: Path) -> Path:
    path = tmp_path / "stations.csv"
    rows = [f"XX,{name.split('.')[1]},{lat},{lon}" for name, (lat, lon) in PLACES.items()]
    path.write_text("network,station,latitude,longitude\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def arrivals(at_ns: int, latitude: float, longitude: float, depth_km: float) -> list[Pick]:
    """Picks of one earthquake at every station, exact."""
    found = []
    for name, (lat, lon) in PLACES.items():
        km = np.asarray(inverse(latitude, longitude, lat, lon)[0])
        for phase in "PS":
            time_ns = at_ns + round(float(TIMES.time_s(phase, km, np.asarray(depth_km))) * 1e9)
            found.append(Pick(name, phase, time_ns, 0.95, 0.05, time_ns))
    return found


@pytest.fixture
def picks(tmp_path: Path) -> Path:
    """Two earthquakes, half a minute apart, and a pick of nothing."""
    path = tmp_path / "picks.csv"
    lost = Pick("XX.S4.", "P", 10**18 + 600 * 10**9, 0.9, 0.1, 10**18 + 600 * 10**9)
    both = arrivals(10**18, 30.12, 100.2, 8.0) + arrivals(10**18 + 30 * 10**9, 30.2, 100.1, 12.0)
    write_picks(path, (), unused=[*both, lost])
    return path


def test_picks_become_earthquakes_and_these_are_located(picks: Path, stations: Path, tmp_path: Path) -> None:
    found = associate_picks(picks, stations=stations, out=tmp_path / "a", velocity_model=MODEL)
    assert [len(one.arrivals) for one in found.solutions] == [18, 18]
    assert [one.uncertainty for one in found.solutions] == [None, None]
    assert [item for item, _ in found.skipped] == ["XX.S4. P 2001-09-09T01:56:40.000000Z"]
    done = locate_catalog(tmp_path / "a" / "catalog.xml", stations=stations, out=tmp_path / "l", velocity_model=MODEL)
    for one, (latitude, longitude, depth) in zip(done.solutions, [(30.12, 100.2, 8), (30.2, 100.1, 12)], strict=True):
        assert (one.event.latitude, one.event.longitude) == pytest.approx((latitude, longitude), abs=0.005)
        assert one.event.depth_km == pytest.approx(depth, abs=1.5)
    assert read_quakeml(tmp_path / "l" / "catalog.xml").solutions == done.solutions


def test_a_name_from_elsewhere_stays_and_one_of_ours_follows_the_time(stations: Path) -> None:
    known = {name: Station(name, *place) for name, place in PLACES.items()}
    given = solve(arrivals(10**18, 30.12, 100.2, 8.0), known, TIMES, model=MODEL)
    assert given.solutions[0].event.event_id.startswith("fs20010909T014640")


def test_two_earthquakes_of_one_moment_have_two_names(stations: Path) -> None:
    known = {name: Station(name, *place) for name, place in PLACES.items()}
    (one,) = solve(arrivals(10**18, 30.12, 100.2, 8.0), known, TIMES, model=MODEL).solutions
    mine = replace(one, event=replace(one.event, event_id="mine"))
    names = [each.event.event_id for each in located([one, one, mine], known, TIMES, model=MODEL)]
    assert len(set(names)) == 3
    assert "mine" in names


def test_a_table_without_picks_is_named(stations: Path, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("trace_id,phase,time\n", encoding="utf-8")
    with pytest.raises(NothingMatchedError, match=r"none\.csv: it holds none"):
        associate_picks(tmp_path / "none.csv", stations=stations, out=tmp_path / "o", velocity_model=MODEL)
    assert not (tmp_path / "o").exists()


def test_what_is_no_quakeml_is_named(picks: Path, stations: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"picks\.csv: it is not well-formed XML"):
        locate_catalog(picks, stations=stations, out=tmp_path / "o", velocity_model=MODEL)


def test_results_are_not_written_over(picks: Path, stations: Path, tmp_path: Path) -> None:
    associate_picks(picks, stations=stations, out=tmp_path / "a", velocity_model=MODEL)
    with pytest.raises(OutputError, match="it already holds catalog.xml"):
        associate_picks(picks, stations=stations, out=tmp_path / "a", velocity_model=MODEL)


@pytest.mark.realdata
def test_the_stages_of_ridgecrest_give_what_one_call_gives(realdata: Path, tmp_path: Path) -> None:
    folder = realdata / "strong_motion" / "multiple_events" / "ci38457511"
    whole = build_catalog(folder, stations=folder, out=tmp_path / "whole")
    told = {"stations": folder, "velocity_model": MODEL}
    associate_picks(tmp_path / "whole" / "picks.csv", out=tmp_path / "a", **told)  # type: ignore[arg-type]
    locate_catalog(tmp_path / "a" / "catalog.xml", out=tmp_path / "l", **told)  # type: ignore[arg-type]
    done = size_catalog(
        tmp_path / "l" / "catalog.xml",
        folder,
        stations=folder,
        out=tmp_path / "m",
        velocity_model=MODEL,
        settings=MagnitudeSettings.model_validate(LOCAL_FIRST.model_dump()),
    )
    assert done.solutions == whole.solutions
    assert (tmp_path / "m" / "events.csv").read_bytes() == (tmp_path / "whole" / "events.csv").read_bytes()


def test_a_note_that_there_is_no_magnitude_goes_when_one_is_found(stations: Path) -> None:
    (bare,) = solve(arrivals(10**18, 30.12, 100.2, 8.0), read_stations(stations), TIMES, model=MODEL).solutions
    settings = MagnitudeSettings(kinds=("ML",))
    said = [(bare.event.event_id, AtStation(ml=(StationMagnitude(f"XX.S{k}.", 2.0 + k / 10),))) for k in range(3)]
    (unsized,) = join([bare], [], settings).solutions
    (again,) = join([unsized], [], settings).solutions
    (sized,) = join([again], said, settings).solutions
    assert unsized.notes == again.notes == (*bare.notes, "no magnitude: no station gave one")
    assert (sized.event.magnitude_type, sized.notes) == ("ML", bare.notes)
