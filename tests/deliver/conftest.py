"""What the tests of delivery share: a draft, a clock that steps, and alerts as anybody might order them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.issue import Chain, Draft, issue
from foreshock.types.alert import Alert, Area, SiteForecast
from foreshock.types.authority import Authority, Exercise, Rehearsal

NOW_NS = 1_592_926_164 * NS_PER_S
AREA = Area("Costa de Oaxaca", circles=((15.9, -96.0, 150.0),))
SITE = SiteForecast(
    "OAX", "Oaxaca de Juárez", 17.06, -96.72, 4.5, 5.5, 6.5,
    s_arrival_ns=NOW_NS + 12 * NS_PER_S, threshold=5.0, threshold_time_ns=NOW_NS + 14 * NS_PER_S,
)  # fmt: skip


def make_draft(**changes: Any) -> Draft:
    told = {"area": AREA, "sites": (SITE,), "severity": "severe", "certainty": "likely", "reasons": ("4 stations",)}
    return Draft(NOW_NS - 20 * NS_PER_S, 15.9, -96.0, 22.6, 7.1, 7.4, 7.6, **{**told, **changes})


@pytest.fixture
def clock() -> StepClock:
    return StepClock(NOW_NS)


@pytest.fixture
def draft() -> Callable[..., Draft]:
    return make_draft


@pytest.fixture
def rehearsal(clock: StepClock) -> Rehearsal:
    return Rehearsal(clock)


@pytest.fixture
def exercise(clock: StepClock) -> Exercise:
    return Exercise(clock, "Ana")


@pytest.fixture
def alerts(rehearsal: Rehearsal, clock: StepClock) -> Callable[..., list[Alert]]:
    """Alerts of one event, a second apart; the last one cancels where that is wanted."""

    def make(n: int, *, cancel: bool = False, by: Authority | None = None, **changes: Any) -> list[Alert]:
        made, chain = [], Chain("north", "ev/1")
        for number in range(n):
            last = cancel and number == n - 1
            alert, chain = issue(make_draft(**changes), chain, authority=by or rehearsal, cancel=last)
            made.append(alert)
            clock.set(clock.now_ns() + NS_PER_S)
        return made

    return make
