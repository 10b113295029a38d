"""A ledger tells when it was changed, and where; a crash leaves it whole; it knows what follows from what."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.latency import COLUMNS, Stamps
from foreshock.deliver.ledger import FIRST, Ledger, check_ledger, lineage, read_ledger
from foreshock.deliver.record import Record, sent_before
from foreshock.errors import FormatError, InputError, NotFoundError, OutputError
from foreshock.types.alert import Alert

Alerts = Callable[..., list[Alert]]


Open = Callable[..., Ledger]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens ledgers, and closes them when the test is over."""
    with contextlib.ExitStack() as stack:
        yield lambda path, at_ns=0: stack.enter_context(Ledger(path, at_ns=at_ns))


def written(path: Path, n: int = 8) -> str:
    ledger = Ledger(path, at_ns=0)
    for number in range(n):
        ledger.write("packet", record_id=f"p{number}", content={"é": "a\u2028b", "n": number}, at_ns=number)
    ledger.close()
    return ledger.head


def test_a_whole_ledger_is_found_whole_and_read_back(tmp_path: Path) -> None:
    head = written(tmp_path / "ledger.jsonl")
    found = check_ledger(tmp_path / "ledger.jsonl", head=head)
    assert (found.entries, found.head, found.is_whole) == (8, head, True)
    entries = list(read_ledger(tmp_path / "ledger.jsonl"))
    assert [entry.record_id for entry in entries] == [f"p{number}" for number in range(8)]
    assert entries[3].content == {"é": "a\u2028b", "n": 3}
    assert json.loads((tmp_path / "ledger.jsonl").read_text(encoding="utf-8").split("\n")[0])["previous"] == FIRST


@given(st.data())
def test_any_change_is_found_at_its_line_or_before_the_next(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    head = written(folder / "a", 5)
    lines = (folder / "a").read_bytes().splitlines(keepends=True)
    place = data.draw(st.integers(0, 4))
    how = data.draw(st.sampled_from(["bit", "gone", "twice", "swapped", "inserted", "cut", "emptied"]))
    changed = list(lines)
    if how == "bit":
        at, bit = data.draw(st.integers(0, len(lines[place]) - 2)), data.draw(st.integers(0, 7))
        changed[place] = lines[place][:at] + bytes([lines[place][at] ^ 1 << bit]) + lines[place][at + 1 :]
    elif how == "swapped":
        other = data.draw(st.integers(0, 4).filter(lambda k: k != place))
        changed[place], changed[other] = lines[other], lines[place]
    elif how == "cut":
        changed = lines[:place]
    else:
        changed[place : place + 1] = {
            "gone": [], "twice": [lines[place]] * 2, "inserted": [b"{}\n", lines[place]], "emptied": [b"\n"]
        }[how]  # fmt: skip
    (folder / "b").write_bytes(b"".join(changed))
    found = check_ledger(folder / "b", head=head)
    assert not found.is_whole
    assert found.broken_at is not None
    assert found.broken_at <= place + 2
    if how not in ("cut", "gone"):
        with pytest.raises(FormatError, match="line"):
            list(read_ledger(folder / "b"))


def test_a_forger_who_seals_again_is_found_by_the_head_that_was_kept(tmp_path: Path, opened: Open) -> None:
    head = written(tmp_path / "kept")
    forged = opened(tmp_path / "forged", at_ns=0)
    forged.write("packet", record_id="p0", content={"n": "another"}, at_ns=0)
    assert check_ledger(tmp_path / "forged").is_whole
    assert not check_ledger(tmp_path / "forged", head=head).is_whole


def test_what_a_crash_left_of_a_line_is_cut_off_and_told(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "ledger.jsonl"
    written(path, 3)
    with path.open("ab") as handle:
        handle.write(b'{"number":4,"previous":')
    assert not check_ledger(path).is_whole
    ledger = opened(path, at_ns=NS_PER_S)
    ledger.write("packet", record_id="p4", content={}, at_ns=2 * NS_PER_S)
    assert check_ledger(path, head=ledger.head).is_whole
    kinds = [(entry.kind, entry.at) for entry in read_ledger(path)]
    assert kinds[3:] == [("torn", "1970-01-01T00:00:01.000000Z"), ("packet", "1970-01-01T00:00:02.000000Z")]


def test_a_broken_ledger_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    written(path)
    path.write_bytes(path.read_bytes().replace(b'"n":3', b'"n":4'))
    with pytest.raises(FormatError, match="line 4: its content is not what was sealed"):
        Ledger(path, at_ns=0)


@pytest.mark.parametrize("content", [b"\xff\xfe\n", b"[" * 10_000 + b"\n", b"null\n", b"\0" * 100])
def test_a_file_that_is_no_ledger_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(content)
    assert check_ledger(tmp_path / "x").broken_at == 1
    with pytest.raises(FormatError, match="line 1"):
        list(read_ledger(tmp_path / "x"))
    with pytest.raises(NotFoundError):
        check_ledger(tmp_path / "y")


def test_a_number_that_is_none_is_refused_and_leaves_no_line(tmp_path: Path, opened: Open) -> None:
    ledger = opened(tmp_path / "x", at_ns=0)
    with pytest.raises(InputError):
        ledger.write("packet", record_id="p", content={"x": float("nan")}, at_ns=0)
    ledger.write("packet", record_id="p", content={}, at_ns=0)
    assert check_ledger(tmp_path / "x", head=ledger.head).entries == 1


def test_threads_share_a_ledger(tmp_path: Path, opened: Open) -> None:
    ledger = opened(tmp_path / "x", at_ns=0)

    def write(name: str) -> None:
        for number in range(100):
            ledger.write("packet", record_id=f"{name}{number}", content={}, at_ns=0)

    threads = [threading.Thread(target=write, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert check_ledger(tmp_path / "x", head=ledger.head).entries == 400


def write_for_ever(path: Path) -> None:
    ledger = Ledger(path, at_ns=0)
    for number in range(10**9):
        ledger.write("packet", record_id=f"p{number}", content={"x": "y" * 500}, at_ns=0)


def test_a_ledger_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "x"
    process = multiprocessing.get_context("fork").Process(target=write_for_ever, args=[path])
    process.start()
    while not path.exists() or path.stat().st_size < 100_000:
        pass
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    Ledger(path, at_ns=0).close()
    found = check_ledger(path)
    assert found.is_whole
    assert found.entries > 100


# -- alerts in it ------------------------------------------------------------------------------------------------------


def test_an_alert_is_traced_back_to_its_packets(tmp_path: Path, alerts: Alerts, clock: StepClock, opened: Open) -> None:
    ledger = opened(tmp_path / "x", at_ns=0)
    for number in range(4):
        ledger.write("packet", record_id=f"packet-{number}", content={"sequence": number}, at_ns=0)
    for number in range(2):
        parents = [f"packet-{number}"]
        ledger.write("pick", record_id=f"pick-{number}", content={}, at_ns=0, parents=parents)
    ledger.write("association", record_id="association", content={}, at_ns=0, parents=["pick-0", "pick-1"])
    ledger.write("decision", record_id="decision", content={}, at_ns=0, parents=["association"])
    record = Record(ledger, clock)
    [alert] = alerts(1, lineage=("decision",))
    record.alert(alert, stamps=Stamps(0, *range(10**6, 8 * 10**6, 10**6)))
    record.delivery("sent", alert, "files", "try 1")
    found = lineage(tmp_path / "x", alert.message_id)
    assert [entry.record_id for entry in found] == [
        "packet-0", "packet-1", "pick-0", "pick-1", "association", "decision", alert.message_id
    ]  # fmt: skip
    assert tuple(found[-1].content["latency"]) == COLUMNS
    assert found[-1].content["latency"]["total_ms"] == 7.0
    assert sent_before(tmp_path / "x") == {("files", alert.message_id)}
    with pytest.raises(NotFoundError, match="no line has that id"):
        lineage(tmp_path / "x", "packet-9")


def test_a_ledger_that_fails_is_a_visible_state_and_stops_nothing(
    tmp_path: Path, alerts: Alerts, clock: StepClock, opened: Open
) -> None:
    ledger = opened(tmp_path / "x", at_ns=0)
    record = Record(ledger, clock)
    ledger.close()
    record.alert(alerts(1)[0])
    assert (record.faults, record.last_fault_ns) == (1, clock.now_ns())
    assert record.last_fault


def test_a_full_disk_leaves_a_ledger_that_holds(tmp_path: Path, opened: Open) -> None:
    ledger = opened(tmp_path / "x", at_ns=0)
    ledger.write("packet", record_id="p1", content={}, at_ns=0)
    size = (tmp_path / "x").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, before[1]))  # room for half a line
        with pytest.raises(OutputError, match="disk is full|refused"):
            ledger.write("packet", record_id="p2", content={"x": "y" * 200}, at_ns=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)
    assert (tmp_path / "x").stat().st_size == size
    ledger.write("packet", record_id="p2", content={}, at_ns=0)
    assert check_ledger(tmp_path / "x", head=ledger.head).entries == 2


@pytest.mark.parametrize("name", ["/dev/full", "folder"])
def test_a_ledger_is_a_plain_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError, match="plain file|folder"):
        Ledger(tmp_path / name, at_ns=0)


def test_stages_are_stamped_in_order() -> None:
    with pytest.raises(InputError, match="a stage ends after"):
        Stamps(0, 5, 4, 6, 7, 8, 9, 10)
    assert Stamps(10, 5, 5, 5, 5, 5, 5, 5).row()["packet_ms"] < 0  # a station's clock that runs ahead
