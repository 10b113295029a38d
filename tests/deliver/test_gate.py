"""Who may say Actual, and what may leave this machine. Stands alone: `test_guards` runs it on broken copies."""

from __future__ import annotations

import copy
import pickle
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest

import foreshock.clock
from foreshock.clock import NS_PER_S, LiveClock, ReplayClock, StepClock
from foreshock.deliver.address import Place, resolved
from foreshock.deliver.endpoint import Endpoint, admit
from foreshock.deliver.issue import Chain, Draft, issue
from foreshock.deliver.outbox import Outbox
from foreshock.errors import ForeshockError, InputError, StateError
from foreshock.types.alert import Alert
from foreshock.types.authority import (
    Authority,
    Duty,
    Exercise,
    Keys,
    Rehearsal,
    Signature,
    StartUp,
    allowed_status,
    sign,
)

KEYS = {"Ana": b"a key of Ana's own", "Bo": b"a key of Bo's, another"}
LOOPBACK, ELSEWHERE = Place("127.0.0.1", 80), Place("198.51.100.7", 80)
ALLOWED_S = foreshock.clock.WORST_ERROR_S


class Machine:
    """The kernel's answer and the two clocks of the machine, which a test may set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kernel: Any = foreshock.clock._KernelTime(0, 0, 0.01)
        self.stepped_s = self.passed_s = 0.0
        wall, steady = time.time_ns, time.monotonic_ns
        monkeypatch.setattr(foreshock.clock, "_kernel_time", lambda: self.kernel)
        monkeypatch.setattr(time, "time_ns", lambda: wall() + round((self.stepped_s + self.passed_s) * NS_PER_S))
        monkeypatch.setattr(time, "monotonic_ns", lambda: steady() + round(self.passed_s * NS_PER_S))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def duty(clock: Any, **changes: Any) -> Duty:
    told = {"start": StartUp("eew@example.org", clock.now_ns(), "0123456789abcdef"), "keys": Keys(KEYS), **changes}
    for role, name in (("confirmed", "Ana"), ("seconded", "Bo")):
        told.setdefault(role, sign(told["start"], name=name, key=KEYS[name]))
    return Duty(clock, **told)


def draft(authority: Authority, **changes: Any) -> Draft:
    now_ns = authority.clock.now_ns()
    return Draft(now_ns - 5 * NS_PER_S, 16.0, -96.0, 20.0, 6.0, 6.5, 7.0, **changes)


def alert(authority: Authority, **changes: Any) -> Alert:
    return issue(draft(authority, **changes), Chain("engine", "event"), authority=authority)[0]


@dataclass
class Listener(Endpoint):
    """An endpoint somewhere; what was delivered is what a listener there would have heard."""

    where: Place
    name: str = "listener"

    def __post_init__(self) -> None:
        self.heard: list[Alert] = []

    def place(self) -> Place:
        return self.where

    def deliver(self, alert: Alert, place: Place) -> None:
        self.heard.append(alert)


# -- who may say Actual ------------------------------------------------------------------------------------------------


def test_a_live_clock_beyond_doubt_and_two_signers_say_actual_and_are_heard_elsewhere(machine: Machine) -> None:
    listener = Listener(ELSEWHERE)
    listener.send(alert(duty(LiveClock())))
    assert [heard.status for heard in listener.heard] == ["actual"]


class AlmostLive(LiveClock):
    """Not the live clock, however alike."""


@pytest.mark.parametrize(
    "clock", [ReplayClock(10**18), StepClock(10**18), AlmostLive()], ids=lambda c: type(c).__name__
)
def test_no_other_clock_goes_on_duty(machine: Machine, clock: Any) -> None:
    with pytest.raises(StateError, match=type(clock).__name__):
        duty(clock)


@pytest.mark.parametrize("clock", [ReplayClock(10**18), StepClock(10**18)], ids=lambda c: type(c).__name__)
def test_a_duty_that_was_tampered_with_says_no_more_than_it_is(machine: Machine, clock: Any) -> None:
    forged = duty(LiveClock())
    object.__setattr__(forged, "by", clock)
    with pytest.raises(StateError, match=type(clock).__name__):
        forged.status()


DOUBTS: list[tuple[str, Any]] = [
    ("not synchronised", foreshock.clock._KernelTime(0, 0x40, 0.01)),
    ("not synchronised", foreshock.clock._KernelTime(5, 0, 0.01)),
    ("error may be", foreshock.clock._KernelTime(0, 0, 2 * ALLOWED_S)),
    ("leap second", foreshock.clock._KernelTime(3, 0, 0.01)),
    ("does not say", None),
]


@pytest.mark.parametrize(("why", "kernel"), DOUBTS)
def test_a_doubtful_clock_begins_no_duty_and_ends_the_actual_of_a_running_one(
    machine: Machine, why: str, kernel: Any
) -> None:
    running = duty(LiveClock())
    said, listener = alert(running), Listener(ELSEWHERE)
    machine.kernel = kernel
    with pytest.raises(StateError, match=why):
        duty(LiveClock())
    assert running.status() == "test"
    assert why in running.doubts()[0]
    assert alert(running).status == "test"
    with pytest.raises(StateError, match="what may be said now is 'test'"):
        replace(said)
    with pytest.raises(StateError, match=why):
        listener.send(said)
    machine.kernel = foreshock.clock._KernelTime(0, 0, 0.01)
    listener.send(alert(running))
    assert len(listener.heard) == 1


@pytest.mark.parametrize("state", [1, 2, 4])
def test_a_leap_second_is_at_hand_only_around_its_midnight(machine: Machine, state: int) -> None:
    midnight_ns = 1_483_228_800 * NS_PER_S
    kernel = foreshock.clock._KernelTime(state, 0, 0.01)
    for off_s, doubted in ((-11, False), (-9, True), (0, True), (9, True), (11, False), (43_200, False)):
        assert bool(foreshock.clock._kernel_doubts(kernel, midnight_ns + off_s * NS_PER_S)) is doubted


@pytest.mark.parametrize("step_s", [-0.2, 0.2, -3600.0])
def test_a_clock_that_was_stepped_is_doubted_for_ten_minutes(machine: Machine, step_s: float) -> None:
    clock = LiveClock()
    running = duty(clock)
    machine.stepped_s = step_s
    assert running.status() == "test"
    assert ("back" if step_s < 0 else "forward") in running.doubts()[0]
    machine.passed_s = foreshock.clock.STEADY_S - 1
    assert running.status() == "test"
    machine.passed_s = foreshock.clock.STEADY_S + 1
    assert running.status() == "actual"


def test_time_that_passes_is_no_step_and_small_steps_add_up(machine: Machine) -> None:
    clock = LiveClock()
    machine.passed_s = 1e6
    assert not clock.health().is_doubtful
    machine.stepped_s = -0.06
    assert not clock.health().is_doubtful
    machine.stepped_s = -0.12
    assert clock.health().doubts == ("it was stepped back by 0.120 s",)


def test_nobody_confirms_alone_or_for_somebody_else(machine: Machine) -> None:
    clock = LiveClock()
    start = StartUp("eew@example.org", clock.now_ns(), "0123456789abcdef")
    other = replace(start, nonce="fedcba9876543210")
    ana = sign(start, name="Ana", key=KEYS["Ana"])
    twice = {**KEYS, " ana\u200b": b"a second key of Ana's"}
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("two people", {"seconded": ana}),
        ("two people", {"seconded": sign(start, name=" ana\u200b", key=b"a second key of Ana's"), "keys": Keys(twice)}),
        (
            "two people",
            {"seconded": sign(start, name="Bo", key=KEYS["Ana"]), "keys": Keys(dict.fromkeys(KEYS, KEYS["Ana"]))},
        ),
        ("known signer", {"seconded": sign(start, name="Cy", key=KEYS["Bo"])}),
        ("known signer", {"seconded": sign(other, name="Bo", key=KEYS["Bo"])}),
        ("known signer", {"seconded": Signature("Bo", ana.digest)}),
        ("known signer", {"confirmed": Signature("Ana", "地震")}),
        ("known signer", {"keys": Keys({"Ana": KEYS["Ana"], "Bo": b""})}),
    ]
    for why, changes in wrong:
        with pytest.raises(InputError, match=why):
            duty(clock, start=start, **changes)


@pytest.mark.parametrize("late_s", [-60.0, 1000.0])
def test_a_confirmation_is_for_one_start(machine: Machine, late_s: float) -> None:
    clock = LiveClock()
    start = StartUp("eew@example.org", clock.now_ns() - round(late_s * NS_PER_S), "0123456789abcdef")
    with pytest.raises(StateError, match="confirmed within"):
        duty(clock, start=start)


def test_no_stranger_lends_authority(machine: Machine) -> None:
    class Claims(Rehearsal):  # type: ignore[misc]
        def status(self) -> str:
            return "actual"

    stranger = Claims(LiveClock())
    assert allowed_status(stranger) == "test"
    said = alert(duty(LiveClock()))
    for authority in (None, stranger, Rehearsal(LiveClock()), Exercise(LiveClock(), "Ana")):
        for status in {"actual", "exercise"} - {allowed_status(authority)}:
            with pytest.raises(StateError, match="what may be said now"):
                replace(said, status=status, authority=authority)


def test_the_environment_says_nothing(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORESHOCK_STATUS", "FORESHOCK_ACTUAL", "FORESHOCK_EXERCISE", "FORESHOCK_CLOCK"):
        monkeypatch.setenv(name, "actual")
    assert alert(Rehearsal(LiveClock())).status == "test"


@pytest.mark.parametrize("origin_s", [-601.0, -86_400.0 * 365])
def test_what_is_past_is_never_actual_even_with_the_live_clock(machine: Machine, origin_s: float) -> None:
    running = duty(LiveClock())
    with pytest.raises(StateError, match="of its event"):
        issue(
            replace(draft(running), origin_time_ns=running.clock.now_ns() + round(origin_s * NS_PER_S)),
            Chain("engine", "event"),
            authority=running,
        )


def test_a_kept_alert_cannot_be_made_actual_again(machine: Machine) -> None:
    said = alert(duty(LiveClock()))
    machine.passed_s = 6.0
    with pytest.raises(StateError, match="of now"):
        replace(said)


def test_what_is_told_to_others_has_a_time_to_live(machine: Machine) -> None:
    for authority in (duty(LiveClock()), Exercise(StepClock(10**18), "Ana")):
        with pytest.raises(InputError, match="time to live"):
            replace(alert(authority), expires_at_ns=None)


def test_an_exercise_is_ordered_by_somebody() -> None:
    with pytest.raises(InputError, match="somebody must answer"):
        Exercise(StepClock(0), " ")


# -- what may leave this machine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [StepClock(10**18), ReplayClock(10**18), LiveClock()], ids=lambda c: type(c).__name__)
def test_without_an_order_only_files_and_this_machine_are_told(clock: Any) -> None:
    said = alert(Rehearsal(clock))
    assert said.status == "test"
    for here in (Place(), LOOPBACK, Place("::1", 80), Place("::ffff:127.0.0.1", 80)):
        listener = Listener(here)
        listener.send(said)
        assert listener.heard == [said]
    for there in (ELSEWHERE, Place("10.0.0.1", 80), Place("0.0.0.0", 80), Place("::", 80), Place("::ffff:8.8.8.8", 80)):
        listener = Listener(there)
        with pytest.raises(StateError, match="tests stay"):
            listener.send(said)
        assert listener.heard == []


@pytest.mark.parametrize("clock", [StepClock(10**18), ReplayClock(10**18)], ids=lambda c: type(c).__name__)
def test_an_ordered_exercise_goes_anywhere_and_is_called_one(clock: Any) -> None:
    listener = Listener(ELSEWHERE)
    listener.send(alert(Exercise(clock, "Ana")))
    assert [heard.status for heard in listener.heard] == ["exercise"]


def test_no_exercise_has_the_id_of_an_actual_alert(machine: Machine) -> None:
    said = [alert(authority) for authority in (duty(LiveClock()), Exercise(LiveClock(), "Ana"), Rehearsal(LiveClock()))]
    assert len({one.alert_id for one in said}) == 1
    assert len({one.message_id for one in said}) == 3


@pytest.mark.parametrize("again", [copy.copy, lambda a: pickle.loads(pickle.dumps(a))], ids=["copied", "restored"])
def test_a_copy_of_an_actual_alert_is_looked_at_again_before_it_goes(machine: Machine, again: Any) -> None:
    said = alert(Exercise(StepClock(10**18), "Ana"))
    forged = again(said)
    object.__setattr__(forged, "status", "actual")
    for place in (LOOPBACK, ELSEWHERE):
        listener = Listener(place)
        with pytest.raises(StateError, match="no longer holds"):
            listener.send(forged)
        assert listener.heard == []


def test_keys_do_not_show_and_do_not_leave_the_process(machine: Machine) -> None:
    said = alert(duty(LiveClock()))
    for shown in (repr(said), repr(said.authority), repr(asdict(said)), repr(copy.deepcopy(said))):
        assert not any(key.decode() in shown for key in KEYS.values())
    with pytest.raises(StateError, match="stay in their process"):
        pickle.dumps(said)


def test_what_is_stale_goes_nowhere_but_into_files() -> None:
    clock = StepClock(10**18)
    said = alert(Exercise(clock, "Ana"), life_s=60.0)
    clock.set(10**18 + 60 * NS_PER_S)
    for place in (LOOPBACK, ELSEWHERE):
        with pytest.raises(StateError, match="time to live was over"):
            admit(said, place)
    admit(said, Place())


@pytest.mark.parametrize("kind", ["step", "live"])
def test_a_stale_alert_is_never_sent_when_its_listener_comes_back(machine: Machine, kind: str) -> None:
    clock: Any = StepClock(10**18) if kind == "step" else LiveClock()
    told: list[str] = []
    listener = Listener(LOOPBACK)
    box = Outbox([listener], clock=clock, report=lambda outcome, *_: told.append(outcome))
    made = alert(Rehearsal(clock), life_s=60.0)
    stale = replace(made, authority=None)  # no clock of its own: the outbox looks at its own
    box.put(stale)
    if kind == "step":
        clock.set(10**18 + 60 * NS_PER_S)
    else:
        machine.passed_s, machine.stepped_s = 60.0, -120.0  # the wall says that it is young; it is not
    box.pump()
    assert (told, listener.heard) == (["stale"], [])


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
    "2130706433", "0x7f.1", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(ForeshockError, match="private or local|not found"):
        resolved(host, 80)


def test_a_public_address_is_taken_as_it_stands() -> None:
    assert resolved("93.184.216.34", 443) == Place("93.184.216.34", 443)
    assert not resolved("2606:4700::1111", 443).is_local
