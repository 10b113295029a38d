"""Picking takes what people have, cuts nothing in two, and never stays silent without a reason."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest
from obspy import Stream, Trace

import foreshock as fs
from foreshock.clock import NS_PER_S
from foreshock.collect.datasets import write_dataset
from foreshock.collect.obspy_door import to_obspy
from foreshock.errors import ConfigError, InputError, NotFoundError, NothingMatchedError
from foreshock.predict.pick.windows import WindowPicker
from foreshock.predict.specimen import labeller
from foreshock.road.pickers import DEFAULT, PICKERS, picker_of
from foreshock.road.picking import pick, pick_path
from foreshock.types.pick import Picks
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

START_NS = 1_585_403_400 * NS_PER_S  # 2020-03-28T13:50:00Z: ten minutes before a full hour


def shaken(*, minutes: float = 20, rate_hz: float = 50.0, every_s: float = 97.0, seed: int = 0) -> Waveform:
    """Noise with an onset and a later, larger one on the horizontals, every so many seconds."""
    rng = np.random.default_rng(seed)
    n = round(minutes * 60 * rate_hz)
    data = rng.standard_normal((3, n))
    seconds = np.arange(n) / rate_hz
    for at in np.arange(45.0, minutes * 60 - 30, every_s):
        for row, later, gain in ((0, 0.0, 12.0), (1, 6.0, 30.0), (2, 6.0, 30.0)):
            since = seconds - at - later
            on = (since >= 0) & (since < 40)
            data[row, on] *= 1 + gain * np.exp(-since[on] / 3)
    return Waveform(data * 100, rate_hz, START_NS, "XX.A.", ("HHZ", "HHN", "HHE"))


def plain(picks: Picks) -> list[tuple[Any, ...]]:
    return [(one.trace_id, one.phase, one.time_ns, round(one.probability, 9), round(one.sigma_s, 9)) for one in picks]


def same(one: Picks, other: Picks) -> None:
    """Equal names, phases and times (to a millisecond), probabilities and spreads to rounding."""
    assert [row[:2] for row in plain(one)] == [row[:2] for row in plain(other)]
    for column, most in ((2, 1_000_000), (3, 2e-4), (4, 1e-3)):
        np.testing.assert_allclose([row[column] for row in plain(one)], [row[column] for row in plain(other)], 0, most)


@pytest.mark.parametrize("model", PICKERS)
def test_p_and_s_of_the_example_are_found_and_told(model: str) -> None:
    picks = pick(fs.example_waveform(), model)
    assert [(one.trace_id, one.phase, one.time[:20]) for one in picks] == [
        ("BW.RJOB.", "P", "2009-08-24T00:20:07."),
        ("BW.RJOB.", "S", "2009-08-24T00:20:08."),
    ]
    assert isinstance(picks, list)
    assert picks.picker == model
    assert pick(fs.example_waveform()).picker == DEFAULT
    assert picks.reasons == ()


def test_a_stream_a_trace_and_a_list_are_as_good_as_a_waveform() -> None:
    wave, stream = fs.example_waveform(), obspy.read()
    assert plain(pick(stream)) == plain(pick([wave])) == plain(pick(list(stream))) == plain(pick(wave))
    assert pick(stream.select(component="Z")[0])[0].phase == "P"


@pytest.mark.parametrize("model", PICKERS)
def test_a_long_recording_is_picked_as_the_picker_would_have_it_whole(model: str) -> None:
    wave = shaken()
    whole = picker_of(model).pick(wave).picks
    assert len(whole) > 15
    same(pick(wave, model), Picks(whole, picker=""))


@pytest.mark.parametrize("model", PICKERS)
@pytest.mark.parametrize("seed", range(3))
def test_picks_do_not_depend_on_where_the_recording_is_cut(seed: int, model: str) -> None:
    wave = shaken()
    edges = [0, *sorted(np.random.default_rng(seed).integers(1, wave.n_samples, 7).tolist()), wave.n_samples]
    parts = [wave.cut(a, b) for a, b in pairwise(edges)]
    whole = pick(wave, model)
    same(pick(parts, model), whole)
    same(pick(parts[::-1], model), whole)


def test_picks_do_not_depend_on_how_files_are_cut(tmp_path: Path) -> None:
    wave = shaken(minutes=15)
    whole = wave.with_data(np.rint(wave.data))
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    to_obspy(whole).write(str(tmp_path / "one" / "a.mseed"), format="MSEED")
    for k, (a, b) in enumerate(pairwise([0, 7_000, 30_011, 44_000, whole.n_samples])):
        to_obspy(whole.cut(a, b)).write(str(tmp_path / "many" / f"{k}.mseed"), format="MSEED")
    same(pick_path(tmp_path / "many"), pick(whole))
    same(pick_path(tmp_path / "one" / "a.mseed"), pick(whole))


def test_an_event_over_a_full_hour_is_found_once_with_its_s() -> None:
    wave = shaken(minutes=20, every_s=597.0 - 43.0)  # one onset 1 s before 14:00:00
    picks = [one for one in pick(wave) if abs(one.time_ns - START_NS - 600 * NS_PER_S) < 20 * NS_PER_S]
    assert [one.phase for one in picks] == ["P", "S"]
    assert picks[0].time < "2020-03-28T14:00:00" < picks[1].time


@pytest.mark.parametrize(
    ("data", "rate_hz", "why"),
    [
        (np.zeros((3, 6000)), 100.0, "every sample is the same"),
        (np.full((3, 6000), 7.0), 100.0, "every sample is the same"),
        (np.ones((3, 100)), 100.0, "shorter than"),
        (np.random.default_rng(0).standard_normal((3, 600)), 1.0, "sampling rate is 1 Hz"),
        (np.random.default_rng(0).standard_normal((3, 6000)), 100.0, "nothing rose over its threshold: P reached 0."),
    ],
)
def test_an_empty_result_carries_its_reason(data: np.ndarray, rate_hz: float, why: str) -> None:
    picks = pick(Waveform(data, rate_hz, 0, "XX.A."))
    assert picks == []
    [(item, reason)] = picks.reasons
    assert item.startswith("XX.A.")
    assert why in reason


def test_a_bad_recording_does_not_harm_the_others() -> None:
    slow = Waveform(np.zeros((1, 50)), 1.0, 0, "XX.B.", components="Z")
    picks = pick([slow, fs.example_waveform()])
    assert [one.trace_id for one in picks] == ["BW.RJOB.", "BW.RJOB."]
    assert [item[:5] for item, _ in picks.reasons] == ["XX.B."]


@pytest.mark.parametrize("factor", [1e-12, 1e12])
def test_gain_changes_no_pick(factor: float) -> None:
    wave = fs.example_waveform()
    loud = wave.with_data(wave.data.astype(np.float64) * factor)
    assert [one.time_ns for one in pick(loud)] == [one.time_ns for one in pick(wave)]


def test_one_component_or_a_dead_one_still_gives_p() -> None:
    wave = fs.example_waveform()
    dead = wave.with_data(wave.data * np.array([[1], [0], [1]], np.float32))
    vertical = Waveform(wave.data[:1], wave.rate_hz, wave.start_ns, wave.station_id, components="Z")
    for one in (dead, vertical):
        assert pick(one)[0].phase == "P"
        assert abs(pick(one)[0].time_ns - pick(wave)[0].time_ns) < 0.02 * NS_PER_S


def test_a_day_of_gaps_is_survived() -> None:
    wave = shaken(minutes=10)
    valid = np.ones(wave.data.shape, bool)
    valid[:, :: wave.n_samples // 5000] = False
    assert isinstance(pick(wave.with_data(wave.data, valid=valid)), Picks)


@pytest.mark.parametrize("strange", ["file.mseed", Path("x"), 3, [1, 2], None])
def test_what_is_no_recording_is_refused(strange: Any) -> None:
    with pytest.raises(InputError, match="picks are sought on"):
        pick(strange)


def test_nothing_at_all_is_refused() -> None:
    for empty in ([], Stream(), Stream([Trace()])):
        with pytest.raises(InputError, match="recording: "):
            pick(empty)


def test_records_of_a_data_set_give_their_names_to_their_picks(tmp_path: Path) -> None:
    wave = fs.example_waveform()
    still = wave.with_data(np.random.default_rng(0).standard_normal(wave.data.shape))
    records = [Record(one, Truth(name, "e", split="test")) for name, one in (("loud", wave), ("still", still))]
    write_dataset(tmp_path / "set", iter(records), name="set")
    picks = pick_path(tmp_path / "set")
    assert {one.trace_id for one in picks} == {"loud"}
    assert [item for item, _ in picks.reasons] == ["still"]


def test_picks_below_the_wanted_probability_are_left_out_with_the_reason(tmp_path: Path) -> None:
    obspy.read().write(str(tmp_path / "a.mseed"), format="MSEED")
    best = max(one.probability for one in pick_path(tmp_path))
    assert [one.probability for one in pick_path(tmp_path, min_probability=best)] == [best]
    none = pick_path(tmp_path, min_probability=(best + 1) / 2)
    assert none == []
    assert f"the best had {best:.3f}" in none.reasons[0][1]


def test_picks_of_two_instruments_at_one_place_are_noted(tmp_path: Path) -> None:
    stream = obspy.read()
    stream.write(str(tmp_path / "a.mseed"), format="MSEED")
    for trace in stream:
        trace.stats.channel = "HN" + trace.stats.channel[-1]
    stream.write(str(tmp_path / "b.mseed"), format="MSEED")
    assert any("bear the same name" in text for _, text in pick_path(tmp_path).notes)


def test_what_is_wrong_with_a_path_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        pick_path(tmp_path / "nowhere")
    (tmp_path / "a.txt").write_text("no recording")
    with pytest.raises(NothingMatchedError, match="no recording could be used"):
        pick_path(tmp_path)
    with pytest.raises(ConfigError):
        pick_path(tmp_path, "nobody")
    with pytest.raises(InputError, match="probability 2"):
        pick_path(tmp_path, min_probability=2)


@pytest.mark.realdata
def test_an_hour_of_real_data_is_the_same_in_any_cut(realdata: Path) -> None:
    [wave] = fs.read(realdata / "luhu_continuous" / "TW.LH01.2020.088.13.mseed")
    edges = [0, 100_003, 250_000, 420_123, wave.n_samples]
    parts = [wave.cut(a, b) for a, b in pairwise(edges)]
    assert len(pick(wave)) > 15
    same(pick(parts), pick(wave))
    same(pick(wave), Picks(picker_of().pick(wave).picks, picker=""))


def test_a_picker_that_wants_recordings_whole_gets_them_however_they_were_cut() -> None:
    """Its windows are counted from the beginning: cut at full hours, they would stand elsewhere."""
    rng = np.random.default_rng(0)
    whole = Waveform(rng.standard_normal((3, 20_000)), 20.0, START_NS, "XX.A.")
    picker = WindowPicker(labeller(onsets={"P": 0.9, "S": 0.9}, overlap_samples=0))
    alone = picker.pick(whole).picks
    parts = [whole.cut(a, b) for a, b in pairwise([0, 777, 12_345, 20_000])]
    assert [(one.phase, one.time_ns) for one in pick(parts, picker)] == [(one.phase, one.time_ns) for one in alone]
    assert len(alone) > 100
