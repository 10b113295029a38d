"""Picks with first motions become earthquakes with mechanisms, in every file of a catalogue; others get a reason."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import obspy
import pytest
from obspy.io.quakeml.core import _validate

from foreshock.evaluate.report.catalogue import CatalogueReport, mechanisms, write_catalogue_report
from foreshock.evaluate.report.style import LIGHT, png
from foreshock.geo import inverse
from foreshock.predict.mechanism.double_couple import angle_between, direction, p_radiation, slip_and_normal
from foreshock.predict.mechanism.takeoff import takeoff_deg
from foreshock.predict.travel import PRESETS, LayeredTimes
from foreshock.road.catalogue.solving import located, solve
from foreshock.road.catalogue.writing import write_tables
from foreshock.store.quakeml_reader import read_quakeml
from foreshock.store.store import Store
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Station

MODEL = "iasp91_crust"
TIMES = LayeredTimes(PRESETS[MODEL])
TRUE = (30.0, 60.0, 100.0)
AT_NS, LATITUDE, LONGITUDE, DEPTH_KM = 10**18, 30.02, 100.03, 10.0


def network(n: int) -> dict[str, Station]:
    rng = np.random.default_rng(3)
    places = zip(rng.uniform(29.7, 30.3, n).tolist(), rng.uniform(99.7, 100.3, n).tolist(), strict=True)
    return {f"XX.S{k}.": Station(f"XX.S{k}.", *place) for k, place in enumerate(places)}


def picks_of(stations: dict[str, Station], *, known: int) -> list[Pick]:
    """P and S of one earthquake at every station; the first motion is told at the first so many."""
    slip, normal = slip_and_normal(*(np.array([angle]) for angle in TRUE))
    found = []
    for k, (name, station) in enumerate(stations.items()):
        km, azimuth, _ = inverse(LATITUDE, LONGITUDE, station.latitude, station.longitude)
        rays = direction(np.array([float(azimuth)]), takeoff_deg(TIMES, "P", np.array([float(km)]), DEPTH_KM))
        up = p_radiation(slip, normal, rays)[0, 0] > 0
        for phase in "PS":
            time_ns = AT_NS + round(float(TIMES.time_s(phase, np.asarray(km), np.asarray(DEPTH_KM))) * 1e9)
            pick = Pick(name, phase, time_ns, 0.95, 0.05, time_ns)
            told = phase == "P" and k < known
            found.append(replace(pick, polarity="up" if up else "down", polarity_probability=0.97) if told else pick)
    return found


def solved(*, known: int) -> Solution:
    stations = network(26)
    (one,) = solve(picks_of(stations, known=known), stations, TIMES, model=MODEL).solutions
    return one


@pytest.fixture(scope="module")
def slipped() -> Solution:
    return solved(known=26)


def test_first_motions_become_a_mechanism(slipped: Solution) -> None:
    found = slipped.mechanism
    assert found is not None
    assert found.n_polarities == 26
    assert angle_between((found.strike_deg, found.dip_deg, found.rake_deg), TRUE) < found.uncertainty_deg + 10
    assert slipped.no_mechanism == ""


def test_without_enough_of_them_the_reason_is_told() -> None:
    few = solved(known=5)
    assert few.mechanism is None
    assert few.no_mechanism == "5 polarities are known; 8 are needed"


def test_what_is_not_located_has_none_and_says_so(slipped: Solution) -> None:
    stations = dict(list(network(26).items())[:2])
    (one,) = located([slipped], stations, TIMES, model=MODEL)
    assert one.mechanism is None
    assert one.no_mechanism == "the earthquake is not located"


def test_located_anew_the_reason_stands_once(slipped: Solution) -> None:
    stations = network(26)
    few = solved(known=5)
    (again,) = located(located([few], stations, TIMES, model=MODEL), stations, TIMES, model=MODEL)
    assert sum(note.startswith("no mechanism") for note in again.notes) == 1


def test_quakeml_holds_both_planes_validates_and_comes_back_through_obspy(slipped: Solution, tmp_path: Path) -> None:
    write_tables(tmp_path, [slipped], skipped=())
    path = tmp_path / "catalog.xml"
    assert _validate(str(path))
    (event,) = obspy.read_events(str(path))
    theirs, ours = event.preferred_focal_mechanism(), slipped.mechanism
    assert ours is not None
    planes = theirs.nodal_planes
    first = planes.nodal_plane_1
    assert (first.strike, first.dip, first.rake) == (ours.strike_deg, ours.dip_deg, ours.rake_deg)
    second = (planes.nodal_plane_2.strike, planes.nodal_plane_2.dip, planes.nodal_plane_2.rake)
    assert angle_between(second, (first.strike, first.dip, first.rake)) < 0.01
    assert (theirs.station_polarity_count, theirs.misfit) == (26, ours.misfit)
    obspy.Catalog([event]).write(str(tmp_path / "theirs.xml"), format="QUAKEML")
    assert read_quakeml(tmp_path / "theirs.xml").solutions[0].mechanism == ours


def test_the_store_and_a_table_hold_it(slipped: Solution, tmp_path: Path) -> None:
    few = solved(known=5)
    few = replace(few, event=replace(few.event, event_id="few"))
    write_tables(tmp_path, [slipped, few], skipped=())
    with (tmp_path / "mechanisms.csv").open(encoding="utf-8", newline="") as lines:
        first, second = csv.DictReader(lines)
    ours = slipped.mechanism
    assert ours is not None
    assert float(first["strike_deg"]) == pytest.approx(ours.strike_deg, abs=0.005)
    assert float(first["other_dip_deg"]) == pytest.approx(ours.other_plane[1], abs=0.005)
    assert (first["n_polarities"], first["reason"]) == ("26", "")
    assert (second["strike_deg"], second["reason"]) == ("", "5 polarities are known; 8 are needed")
    with Store.open(tmp_path / "one.db") as store:
        store.add([slipped, few])
        assert {one.event.event_id: one.mechanism for one in store.solutions()} == {
            slipped.event.event_id: ours,
            "few": None,
        }


def test_the_page_tells_both_planes_and_counts_the_reasons(slipped: Solution, tmp_path: Path) -> None:
    few = solved(known=5)
    few = replace(few, event=replace(few.event, event_id="few"))
    report = CatalogueReport("Slip", [slipped, few], pictures=False)
    text = write_catalogue_report(tmp_path, report).read_text(encoding="utf-8")
    assert "How faults slipped" in text
    assert "1 item without a mechanism for 1 kind of reason; all are in mechanisms.csv." in text
    assert "… polarities are known; … are needed" in text
    ours = slipped.mechanism
    assert ours is not None
    assert f"{ours.strike_deg:.0f}, {ours.dip_deg:.0f}, {ours.rake_deg:.0f}" in text


def test_a_beachball_is_drawn_with_the_same_bytes_each_time(slipped: Solution) -> None:
    many = [replace(slipped, event=replace(slipped.event, event_id=f"e{k}")) for k in range(5)]
    sketch = mechanisms.balls(many)
    assert sketch.caption.startswith("5 mechanisms of 5, the largest first")
    assert sketch.draw is not None
    assert png(sketch.draw, LIGHT) == png(sketch.draw, LIGHT)
