"""The source bundle is asked at a station that picked P, and says why where it says nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import foreshock as fs
from foreshock.clock import NS_PER_S
from foreshock.predict.magnitude import AtStation
from foreshock.road.catalogue.building import build_catalog
from foreshock.road.catalogue.estimating import estimated
from foreshock.road.catalogue.recipe import Recipe, stage_settings
from foreshock.road.catalogue.sizing import join
from foreshock.types.event import Event
from foreshock.types.pick import Pick
from foreshock.types.solution import Arrival, Solution
from foreshock.types.waveform import Waveform


@pytest.fixture(scope="module")
def wave() -> Waveform:
    return fs.example_waveform()


@pytest.fixture(scope="module")
def p(wave: Waveform) -> Pick:
    return next(pick for pick in fs.pick(wave) if pick.phase == "P")


def arrived(pick: Pick) -> list[Arrival]:
    return [Arrival(pick, pick.phase, 20.0, 0.0, 0.0, 1.0)]


def test_it_says_what_the_bundle_says_of_this_record(wave: Waveform, p: Pick) -> None:
    said = estimated(arrived(p), [wave], {})
    assert said == fs.estimate_source(wave, p)
    assert said.magnitude is not None


def test_what_comes_after_the_next_earthquake_is_not_heard(wave: Waveform, p: Pick) -> None:
    until_ns = p.time_ns + 4 * NS_PER_S
    after = wave.data.copy()
    after[:, int(wave.sample_at(until_ns)) + 1 :] *= 100
    said = estimated(arrived(p), [wave.with_data(after)], {}, until_ns=until_ns)
    assert said == fs.estimate_source(wave, p, elapsed_s=4.0)
    early = estimated(arrived(p), [wave], {}, until_ns=p.time_ns + NS_PER_S // 2)
    assert early is not None
    assert early.magnitude is None
    assert "1 s are needed" in early.reason


def test_without_a_pick_of_p_or_a_record_of_it_there_is_none(wave: Waveform, p: Pick) -> None:
    assert estimated(arrived(replace(p, phase="S")), [wave], {}) is None
    late = replace(p, time_ns=wave.end_ns + NS_PER_S, available_at_ns=wave.end_ns + NS_PER_S)
    said = estimated(arrived(late), [wave], {})
    assert said is not None
    assert said.reason == "nothing was recorded at P"


def test_a_sensor_that_says_nothing_is_passed_over(wave: Waveform, p: Pick) -> None:
    dead = replace(wave.with_data(np.zeros_like(wave.data)), channels=("HHZ", "HHN", "HHE"))
    good = replace(wave, channels=("HNZ", "HNN", "HNE"))
    said = estimated(arrived(p), [good, dead], {})
    assert said is not None
    assert said.magnitude is not None


def test_stations_together_give_m_and_its_lack_is_told(wave: Waveform, p: Pick) -> None:
    said = estimated(arrived(p), [wave], {})
    assert said is not None
    silent = replace(said, station_id="XX.DEAD.", magnitude=None, reason="only noise")
    settings = stage_settings(magnitude={"kinds": ["ML", "Mw", "M"], "fewest": 2}).magnitudes
    event = Event("e", p.time_ns, 30.0, 100.0, depth_km=8.0)
    parts = [("e", AtStation(m=(replace(said, station_id=name),))) for name in ("XX.A.", "XX.B.")]
    sized = join([Solution(event)], [*parts, ("e", AtStation(m=(silent,)))], settings)
    (solution,) = sized.solutions
    assert (solution.event.magnitude_type, solution.magnitudes[0].n_stations) == ("M", 2)
    assert ("e M XX.DEAD.", "only noise") in sized.left_out
    bare = join([Solution(event)], parts[:1], settings).solutions[0]
    assert bare.magnitudes == ()


@pytest.mark.realdata
def test_ridgecrest_goes_by_mw_and_has_m_where_it_was_asked_for(realdata: Path, tmp_path: Path) -> None:
    """M 7.1: Mw 6.96, ML 6.37 saturated, M 5.83: the bundle was learnt elsewhere. So M is only given when asked for."""
    folder = realdata / "strong_motion" / "multiple_events" / "ci38457511"
    recipe = Recipe(magnitudes=stage_settings(magnitude={"kinds": ["ML", "Mw", "M"]}).magnitudes)
    built = build_catalog(folder, out=tmp_path / "out", recipe=recipe, pictures=False)
    main = max(built.solutions, key=lambda one: one.event.magnitude or 0.0)
    assert [size.kind for size in main.magnitudes] == ["Mw", "ML", "M"]
    assert main.event.magnitude_type == "Mw"
    m = main.magnitudes[2]
    assert m.n_stations >= 8
    assert 5.3 < m.value < 6.5
    small = [one for one in built.solutions if one.magnitudes and one.magnitudes[0].kind == "ML"]
    assert len(small) >= 3
