"""Decide: two stations may tell, four confirm; what changed is told again, what was nothing is taken back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warning_parts import T, ns, travel

from foreshock.apps.warning.decide import Teller, Told, Wanted, confidence_of, source_of, wanted
from foreshock.apps.warning.event import Belief
from foreshock.apps.warning.nodes import Nodes
from foreshock.apps.warning.settings import PolicySettings
from foreshock.apps.warning.size import Size
from foreshock.apps.warning.where import Where
from foreshock.clock import StepClock
from foreshock.deliver.cap import CapSettings, cap_bytes
from foreshock.deliver.issue import Chain, issue
from foreshock.predict.shaking import Boore2014, Sites, single
from foreshock.types.alert import Alert
from foreshock.types.authority import Rehearsal

POLICY = PolicySettings()


def belief(
    magnitude: float = 5.0, *, stations: int = 4, probability: float = 0.9999, at_s: float = 5.0,
    north_km: float = 0.0, lat: float = 35.0, lon: float = -118.0,
) -> Belief:  # fmt: skip
    """What might be believed so long after T."""
    off = np.array([-0.01, 0.0, 0.01])
    nodes = Nodes(lat + north_km / 111.2 + off, lon + off, np.array([8.0, 10.0, 12.0]), np.ones(3) / 3, np.ones(3))
    odds = float(np.log(probability) - np.log1p(-probability))
    where = Where(nodes, np.array([0.2, 0.6, 0.2]), np.array([-2.1, -2.0, -1.9]), np.zeros(4), np.ones(4), odds)
    steps = magnitude + 0.1 * np.arange(-2, 3)
    size = Size(steps, np.outer(where.weight, [0.1, 0.2, 0.4, 0.2, 0.1]))
    return Belief(T + ns(at_s), T, where, np.arange(3), size, stations, stations)


def told(one: Belief, confidence: str = "provisional") -> Told:
    return Told(one, confidence, one.known_ns, one.known_ns)


def asked(
    one: Belief, before: Told | None = None, *, ends: bool = False, policy: PolicySettings = POLICY
) -> Wanted | None:
    return wanted(one, before, policy=policy, ends=ends)


# -- when --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stations", "probability", "expected"),
    [
        (1, 0.99999, ""),
        (2, 0.97, ""),
        (2, 0.985, "provisional"),
        (3, 0.99999, "provisional"),
        (4, 0.985, "provisional"),
        (4, 0.995, "confirmed"),
        (9, 0.5, ""),
    ],
)
def test_how_sure_an_alert_is_follows_from_stations_and_probability(
    stations: int, probability: float, expected: str
) -> None:
    policy = PolicySettings(provisional_probability=0.98, confirmed_probability=0.99)
    assert confidence_of(belief(stations=stations, probability=probability), policy) == expected


@given(st.integers(0, 10), st.floats(0.001, 0.999999))
def test_more_stations_and_more_probability_never_make_less_sure(stations: int, probability: float) -> None:
    rank = ["", "provisional", "confirmed"].index
    here = rank(confidence_of(belief(stations=stations, probability=probability), POLICY))
    assert rank(confidence_of(belief(stations=stations + 1, probability=probability), POLICY)) >= here
    surer = 1 - (1 - probability) / 2
    assert rank(confidence_of(belief(stations=stations, probability=surer), POLICY)) >= here


def test_a_small_earthquake_is_not_told() -> None:
    assert asked(belief(2.5)) is None
    assert asked(belief(5.0)) is not None


def test_what_is_unlikely_is_not_told_however_large() -> None:
    assert asked(belief(8.0, probability=0.5)) is None


def test_a_provisional_alert_is_confirmed_at_once() -> None:
    before = told(belief(stations=2))
    found = asked(belief(stations=4, at_s=5.02), before)
    assert found is not None
    assert (found.confidence, found.cancel) == ("confirmed", False)
    assert found.why == "confirmed by 4 stations"


def test_the_same_is_not_told_twice() -> None:
    assert asked(belief(at_s=50.0), told(belief(), "confirmed")) is None


def test_what_was_confirmed_stays_so() -> None:
    found = asked(belief(6.0, stations=2, at_s=9.0), told(belief(), "confirmed"))
    assert found is not None
    assert found.confidence == "confirmed"


def test_a_changed_magnitude_is_told_again_but_not_too_often() -> None:
    before = told(belief(5.0), "confirmed")
    assert asked(belief(5.0 + POLICY.update_magnitude + 0.05, at_s=5.0 + POLICY.update_s / 2), before) is None
    found = asked(belief(5.0 + POLICY.update_magnitude + 0.05, at_s=5.1 + POLICY.update_s), before)
    assert found is not None
    assert found.why.startswith("magnitude +0.")
    down = asked(belief(5.0 - POLICY.update_magnitude - 0.05, at_s=60.0), before)
    assert down is not None
    assert down.why.startswith("magnitude -0.")


def test_a_moved_epicentre_is_told_again() -> None:
    before = told(belief(), "confirmed")
    assert asked(belief(north_km=0.8 * POLICY.update_km, at_s=60.0), before) is None
    found = asked(belief(north_km=1.3 * POLICY.update_km, at_s=60.0), before)
    assert found is not None
    assert found.why == f"epicentre moved {1.3 * POLICY.update_km:.0f} km"


def test_what_is_believed_no_more_is_taken_back() -> None:
    for ends in (False, True):
        found = asked(belief(probability=0.1, at_s=6.0), told(belief()), ends=ends)
        assert found is not None
        assert found.cancel
        assert found.confidence == "provisional"
    assert asked(belief(probability=0.5, at_s=6.0), told(belief())) is None


def test_nothing_is_taken_back_that_was_not_told() -> None:
    assert asked(belief(probability=0.01)) is None


def test_an_event_ends_with_a_last_word_only_if_there_is_something_new() -> None:
    before = told(belief(), "confirmed")
    assert asked(belief(at_s=90.0), before, ends=True) is None
    found = asked(belief(5.1, at_s=90.0), before, ends=True)
    assert found is not None
    assert found.why == "final"
    assert asked(belief(at_s=90.0), None, ends=True) is None


# -- what --------------------------------------------------------------------------------------------------------------


def teller(sites: Sites | None = None, **told_policy: float) -> Teller:
    return Teller(PolicySettings(**told_policy), travel(), single(Boore2014()), sites)


def alert_of(one: Belief, asked_for: Wanted, **told_policy: float) -> Alert:
    draft = teller(**told_policy).draft(one, asked_for, lineage=("pick-XX.A.-1",))
    alert, _ = issue(draft, Chain("test", "ev"), authority=Rehearsal(StepClock(T + ns(6))))
    return alert


@pytest.mark.parametrize("magnitude", [2.0, 4.0, 6.0, 8.0])
@pytest.mark.parametrize("confidence", ["provisional", "confirmed"])
@pytest.mark.parametrize(("lat", "lon"), [(35.0, -118.0), (-20.0, 179.995), (64.0, -179.995)])
def test_a_draft_makes_a_valid_alert(magnitude: float, confidence: str, lat: float, lon: float) -> None:
    alert = alert_of(belief(magnitude, lat=lat, lon=lon), Wanted(confidence, "4 stations"))
    assert alert.status == "test"
    assert alert.confidence == confidence
    assert alert.magnitude_q05 <= alert.magnitude_q50 <= alert.magnitude_q95
    assert alert.magnitude_q50 == pytest.approx(magnitude, abs=0.1)
    assert (alert.latitude, alert.depth_km) == pytest.approx((lat, 10.0), abs=0.01)
    assert abs((alert.longitude - lon + 180) % 360 - 180) < 0.01
    assert alert.origin_time_ns == T - ns(2)
    assert alert.lineage == ("pick-XX.A.-1",)
    assert b"<alert" in cap_bytes(alert, CapSettings(sender="test", languages=("en",)))


def radius_km(magnitude: float, confidence: str = "confirmed", **told_policy: float) -> float:
    alert = alert_of(belief(magnitude), Wanted(confidence, "4 stations"), **told_policy)
    assert alert.area is not None
    ((_, _, radius),) = alert.area.circles
    return radius


def test_the_area_to_be_warned_grows_with_the_magnitude() -> None:
    found = [radius_km(magnitude) for magnitude in (3.5, 4.5, 5.5, 6.5, 7.5)]
    assert found == sorted(found)
    assert found[-1] > 5 * found[0]


def test_the_area_shrinks_when_only_stronger_shaking_matters() -> None:
    assert radius_km(6.5, alert_intensity=6.0) < radius_km(6.5, alert_intensity=3.5)


def test_a_provisional_alert_warns_a_small_area_only() -> None:
    assert radius_km(7.5, "provisional", provisional_km=80.0) == 80.0
    assert radius_km(7.5, "confirmed", provisional_km=80.0) > 80.0


def test_severity_grows_with_the_magnitude() -> None:
    rank = ["minor", "moderate", "severe", "extreme"].index
    found = [rank(alert_of(belief(m), Wanted("confirmed", "")).severity) for m in (2.0, 4.5, 6.0, 7.5)]
    assert found == sorted(found)
    assert found[0] < found[-1]


def test_sites_are_told_their_intensities_in_order_and_when_s_comes() -> None:
    sites = Sites(("near", "far"), ("Near", "Far"), np.array([35.1, 35.9]), np.array([-118.0, -118.0]))
    draft = teller(sites).draft(belief(6.5), Wanted("confirmed", ""))
    near, far = sorted(draft.sites, key=lambda one: one.site_id, reverse=True)
    assert near.intensity_q50 > far.intensity_q50
    assert near.intensity_q05 < near.intensity_q50 < near.intensity_q95
    assert near.s_arrival_ns is not None
    assert far.s_arrival_ns is not None
    assert T - ns(2) < near.s_arrival_ns < far.s_arrival_ns


def test_samples_of_the_source_are_spread_as_what_is_believed() -> None:
    one = belief(5.0)
    source = source_of(one)
    assert float(source.weight.sum()) == pytest.approx(1.0)
    assert float(source.weight @ source.magnitude) == pytest.approx(5.0, abs=0.03)
    assert float(source.weight @ source.depth_km) == pytest.approx(10.0, abs=0.1)
    share = float(source.weight @ (np.abs(source.depth_km - 10.0) < 0.1))
    assert share == pytest.approx(0.6, abs=0.02)
