"""A calculated P gives way to an onset that two pickers share, and to nothing else."""

from __future__ import annotations

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.predict.pick.result import PickResult
from foreshock.road.repick import repicked, with_s
from foreshock.types.pick import Pick
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform


def record(onset_s: float | None, *, p_s: float) -> Record:
    n = 6000
    gain = np.ones(n) if onset_s is None else np.where(np.arange(n) < onset_s * 100, 1.0, 40.0)
    data = np.random.default_rng(2).standard_normal((3, n)) * gain
    truth = Truth("a", "e", p_ns=round(p_s * NS_PER_S), s_ns=50 * NS_PER_S)
    return Record(Waveform(data, 100.0, 0, "XX.R."), truth)


def test_p_moves_to_the_onset_and_the_unsure_s_goes() -> None:
    (done,) = repicked([record(30.0, p_s=29.2)])
    assert done.truth.p_ns is not None
    assert abs(done.truth.p_ns / NS_PER_S - 30.0) < 0.05
    assert done.truth.s_ns is None
    assert done.truth.p_status == "repicked"


def test_an_onset_far_from_the_calculated_time_or_none_at_all_is_left_out() -> None:
    assert list(repicked([record(40.0, p_s=30.0), record(None, p_s=30.0)])) == []


class Told:
    """A picker that says for each record what it was told to."""

    name, memory_s, ahead_s = "told", 0.0, 0.0

    def __init__(self, said: dict[str, list[tuple[str, float, float]]]) -> None:
        self._said = said

    def pick(self, waveform: Waveform) -> PickResult:
        picks = [
            Pick(waveform.station_id, phase, round(at_s * NS_PER_S), probability, 0.1, 10**18)
            for phase, at_s, probability in self._said[waveform.station_id]
        ]
        return PickResult(tuple(picks), "" if picks else "told nothing")


def at_distance(name: str, km: float) -> Record:
    truth = Truth(name, name, p_ns=30 * NS_PER_S, distance_km=km, depth_km=0.0)
    return Record(Waveform(np.ones((3, 6000)), 100.0, 0, name), truth)


def test_an_s_that_fits_the_distance_is_taken_and_no_other() -> None:
    said = {
        "a": [("P", 30.5, 0.9), ("S", 35.5, 0.8)],
        "b": [("P", 30.2, 0.9), ("S", 32.7, 0.8), ("S", 50.0, 0.6)],
        "c": [("P", 30.0, 0.9), ("S", 40.0, 0.7)],
        "too late": [("P", 30.0, 0.9), ("S", 38.0, 0.9)],
        "unsure": [("P", 30.0, 0.9), ("S", 35.0, 0.2)],
        "unsure P": [("P", 30.0, 0.4), ("S", 35.0, 0.9)],
        "elsewhere": [("P", 20.0, 0.9), ("S", 25.0, 0.9)],
        "before": [("P", 30.0, 0.9), ("S", 25.0, 0.9)],
    }
    km = {
        "a": 40.0,
        "b": 20.0,
        "c": 80.0,
        "too late": 40.0,
        "unsure": 40.0,
        "unsure P": 40.0,
        "elsewhere": 40.0,
        "before": 40.0,
    }
    done = with_s([at_distance(name, km[name]) for name in said], Told(said))
    found = {r.truth.trace_id: (r.truth.p_ns, r.truth.s_ns) for r in done}
    times = {"a": (30.5, 35.5), "b": (30.2, 32.7), "c": (30.0, 40.0)}
    assert found == {name: tuple(round(at_s * NS_PER_S) for at_s in both) for name, both in times.items()}


def test_a_trusted_p_stays_with_and_without_an_s() -> None:
    said = {"a": [("P", 30.9, 0.9), ("S", 35.0, 0.9)], "b": []}
    records = [at_distance("a", 40.0), at_distance("b", 40.0)]
    done = with_s(records, Told(said), known=records)
    assert [(r.truth.p_ns, r.truth.s_ns) for r in done] == [(30 * NS_PER_S, 35 * NS_PER_S), (30 * NS_PER_S, None)]
    assert with_s(records[1:], Told(said)) == []
