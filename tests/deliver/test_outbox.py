"""Every endpoint gets every alert, in order, or it is told why not; files keep all; no failure stops the rest."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, LiveClock, StepClock
from foreshock.deliver.address import Place
from foreshock.deliver.cap import CapSettings, cap_bytes
from foreshock.deliver.cap_reader import read_cap
from foreshock.deliver.endpoint import Endpoint
from foreshock.deliver.files import Files, Lines
from foreshock.deliver.issue import Chain, Draft, issue
from foreshock.deliver.ledger import Ledger, read_ledger
from foreshock.deliver.lines import chains, line, read_lines
from foreshock.deliver.outbox import LONGEST_PAUSE_S, MOST_WAITING, Outbox, Queue
from foreshock.deliver.quakeml import quakeml_bytes
from foreshock.deliver.record import Record, sent_before
from foreshock.errors import FormatError, InputError, NetworkError, OutputError
from foreshock.types.alert import Alert
from foreshock.types.authority import Exercise, Rehearsal

Alerts = Callable[..., list[Alert]]
CAP = CapSettings(sender="eew@example.org")
FORMATS = {"cap": lambda alert: cap_bytes(alert, CAP), "quakeml": quakeml_bytes}


class Told(list[tuple[str, int, str]]):
    """Outcomes as they are reported: outcome, version, endpoint."""

    def __call__(self, outcome: str, alert: Alert, endpoint: str, why: str) -> None:
        assert why
        self.append((outcome, alert.version, endpoint))


class Line(Endpoint):
    """A listener on this machine that fails as often as it is told to."""

    def __init__(self, *faults: Exception | None, name: str = "line") -> None:
        self.name, self.heard, self._faults = name, [], list(faults)
        self.heard: list[int] = []

    def place(self) -> Place:
        return Place("127.0.0.1", 1)

    def deliver(self, alert: Alert, place: Place) -> None:
        fault = self._faults.pop(0) if self._faults else None
        if fault is not None:
            raise fault
        self.heard.append(alert.version)


GONE = NetworkError("line", "nobody is there", "wait")
NO = InputError("line", "it says no", "ask")


def test_what_fails_is_tried_again_in_order_and_at_growing_pauses(alerts: Alerts, clock: StepClock) -> None:
    told, line_ = Told(), Line(*[GONE] * 7)
    made = alerts(2, life_s=600.0)
    box = Outbox([line_], clock=clock, report=told)
    for alert in made:
        box.put(alert)
    pauses = []
    while (pause_s := box.pump()) < float("inf"):
        assert box.pump() == pytest.approx(pause_s, abs=1e-6)  # pumping again before the time does nothing
        pauses.append(pause_s)
        clock.set(clock.now_ns() + round(pause_s * NS_PER_S))
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert line_.heard == [1, 2]
    assert told == [("delayed", 1, "line")] * 7 + [("sent", 1, "line"), ("sent", 2, "line")]


def test_a_refusal_or_a_fault_of_any_kind_is_told_and_the_next_goes_out(alerts: Alerts, clock: StepClock) -> None:
    told, line_ = Told(), Line(NO, ZeroDivisionError("1/0"))
    box = Outbox([line_], clock=clock, report=told)
    for alert in alerts(3):
        box.put(alert)
    assert box.pump() == float("inf")
    assert told == [("refused", 1, "line"), ("refused", 2, "line"), ("sent", 3, "line")]


def test_a_report_that_fails_stops_nothing(alerts: Alerts, clock: StepClock) -> None:
    def report(*told: object) -> None:
        raise ZeroDivisionError

    line_ = Line(NO)
    queue = Queue(line_, clock, report)
    for alert in alerts(2):
        queue.put(alert)
    assert queue.pump() == float("inf")
    assert (line_.heard, queue.unreported) == ([2], 2)


def test_after_an_outage_only_what_still_lives_is_sent(alerts: Alerts, clock: StepClock) -> None:
    told, line_ = Told(), Line(*[GONE] * 10)
    box = Outbox([line_], clock=clock, report=told)
    for alert in alerts(5, life_s=3.0):  # issued a second apart: now the first is 5 s old and the last 1 s
        box.put(alert)
    box.pump()
    line_._faults.clear()
    clock.set(clock.now_ns() + NS_PER_S // 2)
    box.pump()
    assert line_.heard == [4, 5]
    assert [outcome for outcome in told if outcome[0] == "stale"] == [("stale", v, "line") for v in (1, 2, 3)]


def test_one_line_that_is_gone_keeps_no_other_waiting(alerts: Alerts, clock: StepClock) -> None:
    gone, there = Line(*[GONE] * 100, name="gone"), Line(name="there")
    box = Outbox([gone, there], clock=clock, report=Told())
    for alert in alerts(3):
        box.put(alert)
    box.pump()
    assert (gone.heard, there.heard, box.waiting()) == ([], [1, 2, 3], {"gone": 3, "there": 0})


def test_the_same_alert_is_taken_once(alerts: Alerts, clock: StepClock) -> None:
    line_ = Line()
    [alert] = alerts(1)
    box = Outbox([line_], clock=clock, report=Told())
    for again in (alert, replace(alert), alert):
        box.put(again)
        box.pump()
    assert line_.heard == [1]


def test_a_queue_is_bounded_and_says_what_it_let_go(alerts: Alerts, clock: StepClock) -> None:
    [alert] = alerts(1, life_s=600.0)
    told = Told()
    queue = Queue(Line(), clock, told)
    for number in range(MOST_WAITING + 3):
        queue.put(replace(alert, alert_id=f"fs-{number}"))
    assert len(queue) == MOST_WAITING
    assert [outcome for outcome, *_ in told] == ["crowded out"] * 3


@given(st.lists(st.sampled_from(["put", "pump", "fail", "wait"]), max_size=40))
def test_whatever_happens_each_alert_ends_once_and_what_is_heard_is_in_order(steps: list[str]) -> None:
    clock, told, line_ = StepClock(10**18), Told(), Line()
    authority, chain = Rehearsal(clock), Chain("north", "event")
    box = Outbox([line_], clock=clock, report=told)
    for step in steps:
        if step == "put":
            draft = Draft(10**18, 16.0, -96.0, 20.0, 6.0, 6.5, 7.0, life_s=2.0)
            alert, chain = issue(draft, chain, authority=authority)
            box.put(alert)
        elif step == "fail":
            line_._faults.append(GONE)
        elif step == "wait":
            clock.set(clock.now_ns() + NS_PER_S)
        else:
            box.pump()
    line_._faults.clear()
    clock.set(clock.now_ns() + NS_PER_S // 2)
    box.pump()
    ended = [version for outcome, version, _ in told if outcome != "delayed"]
    assert ended == list(range(1, len(chain.messages) + 1))
    assert line_.heard == [version for outcome, version, _ in told if outcome == "sent"]


def test_threads_deliver_and_a_slow_line_keeps_no_other_waiting(alerts: Alerts, clock: StepClock) -> None:
    class Slow(Line):
        def deliver(self, alert: Alert, place: Place) -> None:
            assert hold.wait(10)
            super().deliver(alert, place)

    hold, done = threading.Event(), threading.Event()
    slow, quick, told = Slow(name="slow"), Line(name="quick"), Told()

    def report(outcome: str, alert: Alert, endpoint: str, why: str) -> None:
        told(outcome, alert, endpoint, why)
        if len(told) in (3, 6):
            done.set()

    box = Outbox([slow, quick], clock=clock, report=report)
    box.start()
    for alert in alerts(3):
        box.put(alert)
    assert done.wait(10)
    assert [outcome for outcome in told if outcome[2] == "slow"] == []
    done.clear()
    hold.set()
    assert done.wait(10)
    box.close()
    assert (slow.heard, quick.heard) == ([1, 2, 3], [1, 2, 3])


# -- files -------------------------------------------------------------------------------------------------------------


def test_files_hold_every_message_and_the_withdrawn_one_stays(tmp_path: Path, alerts: Alerts) -> None:
    made = alerts(3, cancel=True)
    with Files(tmp_path / "out", formats=FORMATS) as files:
        for alert in (*made, *made):
            files.send(alert)
    text = (tmp_path / "out" / "alerts.jsonl").read_text(encoding="utf-8")
    assert text.splitlines() == [line(alert) for alert in made]
    for alert in made:
        content = (tmp_path / "out" / "cap" / f"{alert.message_id}.xml").read_bytes()
        assert read_cap(content).identifier == alert.message_id
        assert (tmp_path / "out" / "quakeml" / f"{alert.message_id}.xml").exists()
    assert [row["msg_type"] for row in read_lines(text.splitlines())] == ["alert", "update", "cancel"]
    columns = (
        "alert_id version event_id msg_type status issued_at origin_time latitude longitude depth_km magnitude sites"
    )
    assert list(json.loads(text.splitlines()[0]))[:12] == columns.split()


def test_files_go_on_after_a_crash_with_nothing_lost_or_doubled(tmp_path: Path, alerts: Alerts) -> None:
    made = alerts(3)
    with Files(tmp_path) as files:
        files.send(made[0])
    with (tmp_path / "alerts.jsonl").open("ab") as handle:
        handle.write(line(made[1]).encode()[:100])
    with Files(tmp_path) as files:
        for alert in made:
            files.send(alert)
    text = (tmp_path / "alerts.jsonl").read_text(encoding="utf-8")
    assert text == "".join(line(alert) + "\n" for alert in made)
    [chain] = chains(read_lines(text.splitlines())).values()
    assert [message.reference.message_id for message in chain.messages] == [alert.message_id for alert in made]


@pytest.mark.parametrize("text", ["[]", "{", '{"alert_id": "a"}', "[" * 5000, '{"alert_id":"a","version":1.0}', "NaN"])
def test_a_file_that_holds_no_alerts_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match="line 1 of alerts"):
        Files(tmp_path)


def test_versions_that_do_not_follow_make_no_chain(alerts: Alerts) -> None:
    made = alerts(3)
    with pytest.raises(FormatError, match="version 2 was to follow"):
        chains(read_lines([line(made[0]), line(made[2])]))


def test_standard_output_gets_lines_and_a_closed_pipe_is_told(alerts: Alerts) -> None:
    made = alerts(2)
    stream = io.StringIO()
    for alert in made:
        Lines(stream).send(alert)
    assert stream.getvalue() == "".join(line(alert) + "\n" for alert in made)

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(OutputError, match="stdout"):
        Lines(Closed()).send(made[0])


def test_files_keep_what_is_stale(tmp_path: Path, alerts: Alerts, exercise: Exercise, clock: StepClock) -> None:
    [alert] = alerts(1, by=exercise, life_s=1.0)
    clock.set(clock.now_ns() + 100 * NS_PER_S)
    told = Told()
    with Files(tmp_path) as files:
        box = Outbox([files], clock=clock, report=told)
        box.put(alert)
        box.pump()
    assert told == [("sent", 1, "files")]


# -- the whole way -----------------------------------------------------------------------------------------------------


def run(folder: Path, made: list[Alert], clock: StepClock, line_: Line) -> None:
    """What an engine does with its alerts, from opening its ledger to closing it."""
    path = folder / "ledger.jsonl"
    already = sent_before(path) if path.exists() else set()
    with Ledger(path, at_ns=clock.now_ns()) as ledger, Files(folder) as files:
        record = Record(ledger, clock)
        box = Outbox([files, line_], clock=clock, report=record.delivery, already=already)
        for alert in made:
            record.alert(alert)
            box.put(alert)
            box.pump()
        assert record.faults == 0


def test_a_restart_sends_nothing_twice_and_what_was_not_sent(tmp_path: Path, alerts: Alerts, clock: StepClock) -> None:
    made = alerts(4, life_s=600.0)
    first, second = Line(None, GONE), Line()
    run(tmp_path, made[:2], clock, first)
    run(tmp_path, made, clock, second)
    assert (first.heard, second.heard) == ([1], [2, 3, 4])
    assert len((tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()) == 4
    outcomes = [
        entry.content["outcome"] for entry in read_ledger(tmp_path / "ledger.jsonl") if entry.kind == "delivery"
    ]
    assert outcomes.count("sent") == 8
    assert outcomes.count("delayed") == 1


def test_the_same_packets_make_the_same_bytes(tmp_path: Path) -> None:
    def told(folder: Path, pumps: int) -> list[bytes]:
        clock, chain = StepClock(10**18), Chain("north", "event")
        with Ledger(folder / "ledger.jsonl", at_ns=0) as ledger, Files(folder, formats=FORMATS) as files:
            box = Outbox([files], clock=clock, report=Record(ledger, clock).delivery)
            for cancel in (False, False, True):
                draft = Draft(10**18, 16.0, -96.0, 20.0, 6.0, 6.5, 7.0)
                alert, chain = issue(draft, chain, authority=Rehearsal(clock), cancel=cancel)
                box.put(alert)
                for _ in range(pumps):
                    box.pump()
                clock.set(clock.now_ns() + NS_PER_S)
        return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert told(tmp_path / "a", 1) == told(tmp_path / "b", 5)


def test_the_live_clock_is_waited_for_by_threads(tmp_path: Path) -> None:
    clock = LiveClock()
    line_, done = Line(GONE, GONE), threading.Event()
    box = Outbox([line_], clock=clock, report=lambda outcome, *_: done.set() if outcome == "sent" else None)
    box.start()
    draft = Draft(clock.now_ns() - NS_PER_S, 16.0, -96.0, 20.0, 6.0, 6.5, 7.0)
    alert, _ = issue(draft, Chain("north", "event"), authority=Rehearsal(clock))
    box.put(alert)
    assert done.wait(10)
    box.close()
    assert line_.heard == [1]
