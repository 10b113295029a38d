"""However packets are cut, mixed, doubled and lost, the picks are those of the whole; nothing hostile stops one."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from foreshock.bundle import Bundle, Onset, shipped  # noqa: E402
from foreshock.clock import NS_PER_S  # noqa: E402
from foreshock.collect.files import read  # noqa: E402
from foreshock.collect.synthetic import SyntheticSettings, synthesise  # noqa: E402
from foreshock.errors import BundleError, InputError, StateError  # noqa: E402
from foreshock.models.picker_live import PickerLive  # noqa: E402
from foreshock.predict.pick.live import LivePicker, LivePickerSettings  # noqa: E402
from foreshock.predict.pick.live_records import LivePickerOnRecords  # noqa: E402
from foreshock.train.picker.live import live_bundle  # noqa: E402
from foreshock.types.pick_event import PickEvent  # noqa: E402
from foreshock.types.waveform import Waveform  # noqa: E402

START_NS = 1_700_000_003_330_000_000
Row = tuple[str, str, int, int, str]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """Random weights, made lively: it answers loudness and says much."""
    torch.manual_seed(3)
    model = PickerLive(corners=(0.0,), fine=8, coarse=16).train()
    with torch.no_grad():
        for _ in range(10):
            model(torch.randn(4, model.n_channels, 1024))
        model.head.weight.mul_(4)
        model.head_again.weight.mul_(4)
    onset = Onset(threshold=0.6, offset=0.1, slope=1.2, sigma_factor=0.5)
    onsets = {"P": onset, "S": onset}
    return live_bundle(model.eval(), name="random", onsets=onsets, later_onsets=onsets)


def record(*, rate_hz: float = 100.0) -> Waveform:
    """An earthquake as the synthetic source makes it."""
    told = SyntheticSettings(records=1, span_s=45.0, noise_fraction=0.0, gap_fraction=0.0, rate_hz=rate_hz)
    return next(iter(synthesise(told, seed=7))).waveform


def wave(*, seconds: float = 60.0, rate_hz: float = 100.0, components: str = "ZNE", gain: float = 1.0) -> Waveform:
    n = round(seconds * rate_hz)
    loud = np.where(np.arange(n) % round(17 * rate_hz) < 3 * rate_hz, 6.0, 1.0)
    data = np.random.default_rng(5).standard_normal((len(components), n)) * loud * gain
    return Waveform(data, rate_hz, START_NS, "XX.NET.", components=components)


def final(events: Iterable[PickEvent]) -> tuple[list[Row], list[float]]:
    """What does not depend on rounding, and what may by a millionth."""
    ended = sorted((one for one in events if one.is_final), key=lambda one: (one.pick.time_ns, one.pick_id))
    picks = [one.pick for one in ended]
    rows = [(p.trace_id, p.phase, p.time_ns, p.available_at_ns, one.kind) for one, p in zip(ended, picks, strict=True)]
    return rows, [pick.probability for pick in picks]


def whole(bundle: Bundle, told: Waveform) -> tuple[list[Row], list[float]]:
    return final(LivePickerOnRecords(bundle).events(told))


def same(got: tuple[list[Row], list[float]], want: tuple[list[Row], list[float]]) -> None:
    assert got[0] == want[0]
    np.testing.assert_allclose(got[1], want[1], atol=1e-6, rtol=0)


def one_component(told: Waveform, row: int) -> Waveform:
    return Waveform(
        told.data[[row]],
        told.rate_hz,
        told.start_ns,
        told.station_id,
        channels=(told.channels[row],),
        components=told.components[row],
        valid=told.valid[[row]],
    )


def packets(told: Waveform, cuts: Iterable[int], *, overlap: int = 0) -> list[Waveform]:
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < told.n_samples}), told.n_samples]
    return [told.cut(max(0, a - overlap), b) for a, b in pairwise(edges)]


def fed(picker: LivePicker, calls: Iterable[Waveform | list[Waveform]]) -> list[PickEvent]:
    events = [event for call in calls for event in picker.update(call)]
    return events + picker.flush()


RECORD = record()


@settings(max_examples=15)
@given(data=st.data())
def test_any_packets_give_the_picks_of_the_whole(bundle: Bundle, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(1, RECORD.n_samples), max_size=25))
    overlap = data.draw(st.sampled_from([0, 0, 1, 50]))
    same(final(fed(LivePicker(bundle), packets(RECORD, cuts, overlap=overlap))), whole(bundle, RECORD))


@settings(max_examples=15)
@given(data=st.data())
def test_components_may_come_apart_and_late(bundle: Bundle, data: st.DataObject) -> None:
    calls = []
    for row in range(3):
        part = one_component(RECORD, row)
        for packet in packets(part, data.draw(st.lists(st.integers(1, RECORD.n_samples), min_size=8, max_size=20))):
            for piece in packets(packet, range(300, 4500, 300)):
                late_s = data.draw(st.floats(0, 3))
                calls.append((piece.end_ns + late_s * NS_PER_S, row, piece))
    by_arrival = sorted(zip(_arrivals(calls), calls, strict=True), key=lambda pair: pair[0])
    picker = LivePicker(bundle)
    same(final(fed(picker, [call[2] for _, call in by_arrival])), whole(bundle, RECORD))
    assert not picker.dropped


def _arrivals(calls: list[tuple[float, int, Waveform]]) -> list[tuple[float, int]]:
    """When packets arrive: within a component none overtakes another."""
    latest = [0.0, 0.0, 0.0]
    said = []
    for k, (arrives, row, _) in enumerate(calls):
        latest[row] = max(latest[row], arrives)
        said.append((latest[row], k))
    return said


@pytest.mark.parametrize("rate_hz", [20.0, 31.25, 50.0, 200.0, 1000.0])
def test_other_rates_are_cut_anywhere_too(bundle: Bundle, rate_hz: float) -> None:
    told = wave(rate_hz=rate_hz, seconds=40.0)
    cuts = np.random.default_rng(0).integers(1, told.n_samples, 60).tolist()
    want = whole(bundle, told)
    assert want[0]
    same(final(fed(LivePicker(bundle), packets(told, [1, 2, 3, *cuts]))), want)


def test_all_that_is_told_of_a_pick_is_in_order_and_known_in_time(bundle: Bundle) -> None:
    picker = LivePicker(bundle)
    told = wave()
    so_far: dict[str, list[PickEvent]] = {}
    for packet in packets(told, range(0, told.n_samples, 50)):
        for event in picker.update(packet):
            assert event.pick.available_at_ns <= packet.end_ns
            assert event.pick.available_at_ns - event.pick.time_ns >= 0
            so_far.setdefault(event.pick_id, []).append(event)
    for event in picker.flush():
        so_far.setdefault(event.pick_id, []).append(event)
    assert len(so_far) > 10
    for events in so_far.values():
        kinds = [event.kind for event in events]
        assert kinds[0] == "started"
        assert set(kinds[1:-1]) <= {"updated"}
        assert events[-1].is_final
    last = {events[-1].kind for events in so_far.values()}
    assert last == {"ended", "withdrawn"}


def test_without_revision_a_pick_is_final_when_its_first_curve_has_come_down(bundle: Bundle) -> None:
    at_first = LivePicker(bundle, LivePickerSettings(revises=False))
    revised, told = LivePicker(bundle), wave()
    first, both = fed(at_first, [told]), fed(revised, [told])
    began = {(one.pick_id, one.pick) for one in first if one.kind == "started"}
    assert began
    later = {(one.pick_id, one.pick) for one in both if one.kind == "started" and one.pick_id[-2:] != "-2"}
    assert began == later
    assert {one.kind for one in first} - {"updated"} == {"started", "ended"}


def test_the_thresholds_of_the_second_answer_can_be_told(bundle: Bundle) -> None:
    high = LivePickerSettings(p_later_threshold=0.999999, s_later_threshold=0.999999)
    events = fed(LivePicker(bundle, high), [wave()])
    assert {one.kind for one in events if one.is_final} == {"withdrawn"}


def test_the_future_changes_nothing_that_was_said(bundle: Bundle) -> None:
    told = wave()
    other = np.array(told.data)
    other[:, 3000:] = np.random.default_rng(9).standard_normal((3, 3000)) * 50
    a, b = LivePicker(bundle), LivePicker(bundle)
    said = a.update(told.cut(0, 3000))
    assert said == b.update(told.with_data(other).cut(0, 3000))
    later = fed(LivePicker(bundle), [told.with_data(other)])
    known_ns = told.time_ns(3000)
    assert said == [event for event in later if event.pick.available_at_ns <= known_ns]


def test_a_gap_is_the_same_masked_or_missing(bundle: Bundle) -> None:
    told, valid = wave(seconds=180.0), np.ones((3, 18000), bool)
    valid[:, 2000:2500] = False
    valid[1, 4000:4700] = False
    valid[:, 7000:13000] = False
    masked = Waveform(told.data, 100.0, START_NS, "XX.NET.", valid=valid)
    missing = []
    for row in range(3):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], valid[row], [0]])))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            missing += packets(one_component(told, row).cut(int(a), int(b)), range(0, 9000, 230))
    missing.sort(key=lambda packet: packet.end_ns)
    same(final(fed(LivePicker(bundle), missing)), whole(bundle, masked))


def test_five_thousand_gaps_are_borne(bundle: Bundle) -> None:
    valid = np.ones((3, 60000), bool)
    valid[:, ::12] = False
    told = Waveform(wave(seconds=600.0).data, 100.0, START_NS, "XX.NET.", valid=valid)
    same(final(fed(LivePicker(bundle), packets(told, range(0, 60000, 400)))), whole(bundle, told))


def test_what_comes_twice_or_too_late_is_dropped_and_counted(bundle: Bundle) -> None:
    told, picker = wave(), LivePicker(bundle)
    parts = packets(told, range(0, 6000, 500))
    events = [event for packet in parts for event in picker.update(packet)]
    assert picker.update(parts[3]) == []
    assert picker.dropped == {"XX.NET.": 3 * 500}
    same(final(events + picker.flush()), whole(bundle, told))


def test_a_vertical_alone_is_run_after_the_wait_and_at_once_where_that_is_told(bundle: Bundle) -> None:
    told = wave(components="Z", seconds=60.0)
    unknown, named = LivePicker(bundle), LivePicker(bundle, stations={"XX.NET.": "Z"})
    parts = packets(told, range(0, 6000, 100))
    events: dict[str, list[PickEvent]] = {"unknown": [], "named": []}
    begun: dict[str, int] = {}
    for k, packet in enumerate(parts):
        for name, picker in (("unknown", unknown), ("named", named)):
            events[name] += picker.update(packet)
            if picker._held.first[0] > START_NS // 10**7:
                begun.setdefault(name, k)
    assert begun == {"named": 0, "unknown": 10}
    assert unknown._held.first[0] == named._held.first[0]
    same(final(events["unknown"] + unknown.flush()), final(events["named"] + named.flush()))


def test_a_component_that_dies_holds_the_others_up_once(bundle: Bundle) -> None:
    told, picker = wave(seconds=90.0), LivePicker(bundle, LivePickerSettings(wait_s=5.0))
    known = []
    for k in range(0, 9000, 100):
        whole_packet = told.cut(k, k + 100)
        alive = whole_packet if k < 3000 else [one_component(whole_packet, 0), one_component(whole_packet, 2)]
        picker.update(alive)
        known.append((int(picker._held.first[0]) - int(START_NS // 10**7)) - k)
    assert known[29] > 0
    assert known[33] < -200
    assert known[40] > 0
    assert known[-1] > 0


def test_many_stations_are_answered_like_one(bundle: Bundle) -> None:
    alone = wave(seconds=30.0)
    stations = [
        Waveform(alone.data * 10.0**k, 100.0, START_NS + 37 * k * 10_000_000, f"XX.S{k:02d}.") for k in range(12)
    ]
    calls = [[one.cut(first, first + 130) for one in stations] for first in range(0, 3000, 130)]
    rows, probabilities = final(fed(LivePicker(bundle), calls))
    for k, one in enumerate(stations):
        want = whole(bundle, one)
        mine = [place for place, row in enumerate(rows) if row[0] == f"XX.S{k:02d}."]
        same(([rows[place] for place in mine], [probabilities[place] for place in mine]), want)


def test_a_saved_state_goes_on_through_a_file(bundle: Bundle) -> None:
    for told in (wave(), wave(rate_hz=50.0), wave(rate_hz=31.25, components="Z")):
        before, after = LivePicker(bundle), LivePicker(bundle)
        half = told.n_samples // 2 + 13
        events = before.update(told.cut(0, half))
        held = io.BytesIO()
        np.savez(held, **before.save())
        before.update(told.cut(half, told.n_samples))
        held.seek(0)
        with np.load(held, allow_pickle=False) as saved:
            after.restore(saved)
        events += after.update(told.cut(half, told.n_samples)) + after.flush()
        same(final(events), whole(bundle, told))


def test_the_state_of_another_picker_is_refused(bundle: Bundle) -> None:
    picker = LivePicker(bundle)
    picker.update(wave())
    saved = picker.save()
    with pytest.raises(StateError, match="other settings"):
        LivePicker(bundle, LivePickerSettings(wait_s=3.0)).restore(saved)
    with pytest.raises(StateError, match="missing or damaged"):
        LivePicker(bundle).restore({name: value for name, value in saved.items() if name != "engine.tape.0"})
    for damaged in ({}, {"told": np.array("no")}, {"told": np.array("[1]")}):
        with pytest.raises(StateError, match="saved state"):
            picker.restore(damaged)


def test_memory_does_not_grow_with_the_stream(bundle: Bundle) -> None:
    picker, sizes, data = LivePicker(bundle), [], wave(seconds=30.0).data
    for k in range(12):
        picker.update(Waveform(data, 100.0, START_NS + 30 * k * NS_PER_S, "XX.NET."))
        sizes.append(sum(value.nbytes for value in picker.save().values()))
    assert max(sizes[6:]) <= max(sizes[:6]) + 4096


@pytest.mark.parametrize("gain", [1e-12, 1e12])
def test_gain_changes_no_pick(bundle: Bundle, gain: float) -> None:
    told = wave()
    assert [row[1:3] for row in whole(bundle, wave(gain=gain))[0]] == [row[1:3] for row in whole(bundle, told)[0]]


def test_dead_constant_and_clipped_components_stop_nothing(bundle: Bundle) -> None:
    told = wave()
    for row, values in ((0, 0.0), (1, 1e12), (2, -7.0)):
        data = np.array(told.data)
        data[row] = values
        same(
            final(fed(LivePicker(bundle), packets(told.with_data(data), range(0, 6000, 77)))),
            whole(bundle, told.with_data(data)),
        )
    clipped = told.with_data(np.clip(told.data, -0.5, 0.5))
    assert whole(bundle, clipped)[0]
    sure = LivePickerSettings(p_later_threshold=0.99, s_later_threshold=0.99)  # weights are random: nothing is certain
    still = LivePickerOnRecords(bundle, sure).pick(told.with_data(np.full((3, 6000), 5.0)))
    assert (still.picks, still.reason) == ((), "every sample is the same")


def test_nothing_measured_says_why(bundle: Bundle) -> None:
    nowhere = Waveform(np.zeros((3, 900)), 100.0, START_NS, "XX.A.", valid=np.zeros((3, 900), bool))
    on_records = LivePickerOnRecords(bundle)
    assert on_records.pick(nowhere).reason == "every sample is masked"
    assert on_records.pick(wave(seconds=0.0)).reason == "it has no samples"
    assert LivePicker(bundle).update([]) == LivePicker(bundle).flush() == []


def test_a_packet_that_cannot_be_used_is_refused_before_anything_is_taken_in(bundle: Bundle) -> None:
    picker = LivePicker(bundle)
    good = wave()
    for bad, rule in (
        (wave(rate_hz=1.0), "sampling rate is 1 Hz"),
        (wave(rate_hz=99.99717), "ratio"),
        (wave(components="QWL"), "none is vertical"),
        ("packet", "it must be a Waveform"),
    ):
        with pytest.raises(InputError, match=rule):
            picker.update([good, bad])  # type: ignore[list-item]
    same(final(fed(picker, [good])), whole(bundle, good))
    few = LivePicker(bundle, LivePickerSettings(most_stations=2))
    with pytest.raises(InputError, match="3 stations"):
        few.update([Waveform(good.data, 100.0, START_NS, f"XX.{k}.") for k in range(3)])
    with pytest.raises(InputError, match="'Q'"):
        LivePicker(bundle, stations={"XX.A.": "Q"})


def test_a_station_that_was_away_or_changed_its_rate_begins_anew(bundle: Bundle) -> None:
    first, later = wave(seconds=40.0), wave(seconds=40.0, rate_hz=50.0)
    moved = Waveform(later.data, 50.0, first.end_ns, "XX.NET.")
    events = fed(LivePicker(bundle), [first, moved])
    want = [*whole(bundle, first)[0], *whole(bundle, moved)[0]]
    assert final(events)[0] == sorted(want, key=lambda row: row[2])


def test_one_packet_with_a_wrong_clock_does_not_silence_a_station_for_ever(bundle: Bundle) -> None:
    told = wave(seconds=200.0)
    parts = packets(told, range(0, 20000, 100))
    wrong = Waveform(parts[30].data, 100.0, START_NS + 10**9 * NS_PER_S, "XX.NET.")
    events = fed(LivePicker(bundle), [*parts[:30], wrong, *parts[30:]])
    late = [row for row in final(events)[0] if told.time_ns(12000) < row[2] < told.end_ns]
    assert late == [row for row in whole(bundle, told.cut(6100, 20000))[0] if row[2] > told.time_ns(12000)]


def test_two_instruments_of_a_station_are_kept_apart(bundle: Bundle) -> None:
    told = wave()
    fast = Waveform(told.data, 100.0, START_NS, "XX.NET.", channels=("HHZ", "HHN", "HHE"))
    strong = Waveform(told.data[:, ::-1], 100.0, START_NS, "XX.NET.", channels=("HNZ", "HNN", "HNE"))
    rows, _ = final(
        fed(LivePicker(bundle), [[fast.cut(k, k + 500), strong.cut(k, k + 500)] for k in range(0, 6000, 500)])
    )
    assert sorted(rows) == sorted([*whole(bundle, fast)[0], *whole(bundle, strong)[0]])


def test_only_a_live_bundle_is_taken() -> None:
    with pytest.raises(BundleError, match="carries no state"):
        LivePicker(shipped("picker"))


@pytest.mark.realdata
def test_packets_of_a_real_stream_give_the_picks_of_the_whole(bundle: Bundle, realdata: Path) -> None:
    rng, calls, wholes = np.random.default_rng(2), [], []
    for told in read(realdata / "luhu_continuous"):
        part = told.cut(240_000, 270_000)
        wholes.append(part)
        for row in range(3):
            calls += packets(one_component(part, row), rng.integers(1, part.n_samples, 150).tolist())
    calls = [piece for call in calls for piece in packets(call, range(400, call.n_samples, 400))]
    calls.sort(key=lambda packet: packet.end_ns)
    picker = LivePicker(bundle)
    rows, probabilities = final(fed(picker, calls))
    assert not picker.dropped
    for told in wholes:
        mine = [place for place, row in enumerate(rows) if row[0] == told.station_id]
        assert len(mine) > 3
        same(([rows[place] for place in mine], [probabilities[place] for place in mine]), whole(bundle, told))
