"""Whatever an engine wants to say, in any order: ids, versions and references of a chain are right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.cap import CapSettings, cap_bytes
from foreshock.deliver.cap_reader import read_cap
from foreshock.deliver.issue import MOST_SITES, Chain, Draft, issue, strongest
from foreshock.deliver.lines import chains, line, read_lines
from foreshock.errors import InputError, StateError
from foreshock.types.alert import Alert, SiteForecast, alert_id
from foreshock.types.authority import Authority, Exercise, Rehearsal

NOW_NS = 10**18
CAP = CapSettings(sender="eew@example.org")


def draft(**changes: object) -> Draft:
    return replace(Draft(NOW_NS - NS_PER_S, 16.0, -96.0, 20.0, 6.0, 6.5, 7.0), **changes)  # type: ignore[arg-type]


words = st.lists(
    st.tuples(st.sampled_from(["say", "cancel", "restart"]), st.booleans(), st.integers(0, 3)), max_size=12
)


@given(words)
def test_any_sequence_keeps_every_chain_right(said: list[tuple[str, bool, int]]) -> None:
    clock = StepClock(NOW_NS)
    authorities: dict[bool, Authority] = {True: Exercise(clock, "Ana"), False: Rehearsal(clock)}
    made: list[Alert] = []
    chain = Chain("north", "event")
    for word, exercise, passed_s in said:
        clock.set(clock.now_ns() + passed_s * NS_PER_S)
        if word == "restart":  # an engine that starts anew finds its chain in what it told
            chain = chains(read_lines(map(line, made))).get(("north", "event"), chain)
            continue
        status = authorities[exercise].status()
        live = open_ids(made, status)
        if word == "cancel" and not live:
            with pytest.raises(StateError, match="nothing has been told"):
                issue(draft(), chain, authority=authorities[exercise], cancel=True)
            continue
        alert, chain = issue(draft(), chain, authority=authorities[exercise], cancel=word == "cancel")
        assert alert.message_type == ("cancel" if word == "cancel" else "update" if live else "alert")
        assert [reference.message_id for reference in alert.references] == live
        made.append(alert)
    assert [alert.version for alert in made] == list(range(1, len(made) + 1))
    assert len({alert.message_id for alert in made}) == len(made)
    check_cap_chain(made)


def open_ids(made: list[Alert], status: str) -> list[str]:
    """What a reader of all messages so far holds to be standing."""
    standing: list[str] = []
    for alert in made:
        if alert.status == status:
            standing = [] if alert.message_type == "cancel" else [*standing, alert.message_id]
    return standing


def check_cap_chain(made: list[Alert]) -> None:
    """What a receiver of the CAP messages sees: every reference names an earlier message as that named itself."""
    seen: set[tuple[str, str, int]] = set()
    for alert in made:
        read = read_cap(cap_bytes(alert, CAP))
        assert set(read.references) <= seen
        assert (read.message_type == "Alert") == (not read.references)
        seen.add((read.sender, read.identifier, read.sent_ns))


@given(st.text(), st.text(), st.integers(1, 10**6), st.text(), st.text(), st.integers(1, 10**6))
def test_an_id_says_engine_event_and_version_and_nothing_else(a: str, b: str, n: int, c: str, d: str, m: int) -> None:
    assert alert_id(a, b, n) == alert_id(a, b, n)
    assert (alert_id(a, b, n) == alert_id(c, d, m)) == ((a, b, n) == (c, d, m))


def test_ids_are_the_same_on_every_machine_and_in_every_release() -> None:
    assert alert_id("north", "ev1", 1) == "fs-b8342890e2d83a808dda3571a4e7d4b4"


def test_two_engines_with_one_name_say_the_same_to_the_byte() -> None:
    def told() -> list[bytes]:
        authority, chain, written = Rehearsal(StepClock(NOW_NS)), Chain("north", "event"), []
        for cancel in (False, False, True):
            alert, chain = issue(draft(), chain, authority=authority, cancel=cancel)
            written += [line(alert).encode(), cap_bytes(alert, CAP)]
        return written

    assert told() == told()


def test_after_a_cancellation_an_event_begins_anew() -> None:
    authority, chain = Rehearsal(StepClock(NOW_NS)), Chain("north", "event")
    kinds = []
    for cancel in (False, False, True, False):
        alert, chain = issue(draft(), chain, authority=authority, cancel=cancel)
        kinds.append((alert.message_type, alert.version, len(alert.references)))
    assert kinds == [("alert", 1, 0), ("update", 2, 1), ("cancel", 3, 2), ("alert", 4, 0)]


def test_a_cancellation_is_past_and_unlikely(alerts: Callable[..., list[Alert]]) -> None:
    cancel = alerts(2, cancel=True)[-1]
    assert (cancel.urgency, cancel.certainty) == ("past", "unlikely")


def test_a_clock_that_was_stepped_back_does_not_turn_the_chain_round() -> None:
    first, chain = issue(draft(), Chain("north", "event"), authority=Rehearsal(StepClock(NOW_NS)))
    second, _ = issue(draft(), chain, authority=Rehearsal(StepClock(NOW_NS - NS_PER_S // 2)))
    assert second.issued_at_ns == first.issued_at_ns


def test_of_a_hundred_thousand_sites_the_most_shaken_are_told_and_the_others_counted() -> None:
    sites = tuple(SiteForecast(f"s{k:06d}", "x", 0.0, 0.0, 0.0, (k * 7919 % 1000) / 100, 10.0) for k in range(100_000))
    alert, _ = issue(draft(sites=sites), Chain("north", "event"), authority=Rehearsal(StepClock(NOW_NS)))
    assert (len(alert.sites), alert.sites_left_out) == (MOST_SITES, 100_000 - MOST_SITES)
    told = [(-site.intensity_q50, site.site_id) for site in alert.sites]
    assert told == sorted((-site.intensity_q50, site.site_id) for site in sites)[:MOST_SITES]
    assert len(cap_bytes(alert, CAP)) < 50_000
    assert strongest(sites[:3], most=2) == tuple(sorted(sites[:3], key=lambda s: -s.intensity_q50)[:2])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"message_type": "update"}, "references"),
        ({"version": 0}, "versions count"),
        ({"alert_id": "a b"}, "letters, digits"),
        ({"alert_id": ""}, "letters, digits"),
        ({"depth_km": float("nan")}, "are numbers"),
        ({"magnitude_q95": float("inf")}, "are numbers"),
        ({"magnitude_q50": float("nan")}, "must not fall"),
        ({"confidence": "sure"}, "'sure'"),
        ({"severity": "terrible"}, "'terrible'"),
        ({"urgency": "Immediata"}, "'Immediata'"),
        ({"certainty": "perhaps"}, "'perhaps'"),
        ({"intensity_scale": "msk"}, "'msk'"),
        ({"event_id": "e" * 201}, "ids of 200 at most"),
        ({"reasons": ("x",) * 101}, "101 reasons"),
        ({"reasons": ("x" * 1001,)}, "of 1000 letters"),
        ({"lineage": ("x",) * 10_001}, "10001 records"),
        ({"expires_at_ns": 0}, "lives for some time"),
        ({"expires_at_ns": NOW_NS + 2 * 86_400 * NS_PER_S}, "86400 s at most"),
        ({"origin_time_ns": -(10**30)}, "after the origin"),
        ({"issued_at_ns": 10**30}, "after the origin"),
        ({"issued_at_ns": NOW_NS - 2 * NS_PER_S}, "after the origin"),
    ],
)
def test_an_alert_that_cannot_be_is_refused(changes: dict[str, object], why: str) -> None:
    alert, _ = issue(draft(), Chain("north", "event"), authority=Rehearsal(StepClock(NOW_NS)))
    with pytest.raises(InputError, match=why):
        replace(alert, **changes)  # type: ignore[arg-type]


def test_references_are_earlier_messages_each_once() -> None:
    authority = Rehearsal(StepClock(NOW_NS))
    _, chain = issue(draft(), Chain("north", "event"), authority=authority)
    second, chain = issue(draft(), chain, authority=authority)
    third, _ = issue(draft(), chain, authority=authority)
    for references in (
        third.references * 2,
        (*second.references, replace(third.references[1], message_id=third.message_id)),
        (third.references[0], replace(third.references[1], issued_at_ns=0)),
    ):
        with pytest.raises(InputError, match="earlier messages"):
            replace(third, references=references)


@pytest.mark.parametrize("life_s", [0.0, -1.0, float("nan"), float("inf"), 1e6])
def test_a_draft_lives_for_some_time(life_s: float) -> None:
    with pytest.raises(InputError, match="time to live"):
        draft(life_s=life_s)
