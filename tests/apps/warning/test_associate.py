"""Associate: onsets that one earthquake could have made begin an event; others join it as P or as S, or do not."""

from __future__ import annotations

import numpy as np
from warning_parts import T, bank_of, counted, fed, heard, noise, ns, seconds_of, station, travel

from foreshock.apps.warning.associate import Associator
from foreshock.apps.warning.bank import Heard
from foreshock.apps.warning.event import Event
from foreshock.apps.warning.network import Network
from foreshock.apps.warning.relations import WU_ZHAO_2006
from foreshock.apps.warning.settings import EventSettings
from foreshock.geo.place import Places

PLACES = {
    f"XX.S{k}.": (35.0 + 0.18 * row, -118.0 + 0.22 * column)
    for k, (row, column) in enumerate((r, c) for r in range(3) for c in range(3))
}
SOURCE, DEPTH_KM = (35.15, -117.85), 10.0
NOW_NS = T + ns(41)


def associator() -> Associator:
    """A network that has sent forty seconds of noise."""
    bank = bank_of(*(station(name, at=at) for name, at in PLACES.items()))
    packets = [one for k, name in enumerate(PLACES) for one in seconds_of(counted(noise(40, seed=k)), name=name)]
    fed(bank, packets)
    return Associator(Network(bank, EventSettings()), travel(), EventSettings(), WU_ZHAO_2006)


def onsets(phase: str = "P", *, origin_s: float = 35.0) -> list[Heard]:
    """Onsets of one earthquake, the nearest first."""
    latitude, longitude = np.array(list(PLACES.values())).T
    far = Places(latitude, longitude).distance_km(np.array([SOURCE[0]]), np.array([SOURCE[1]])).ravel()
    times = origin_s + travel().time_s(phase, far, np.full(len(far), DEPTH_KM))
    found = [heard(name, float(t), noise=0.0) for name, t in zip(PLACES, times, strict=True)]
    return sorted(found, key=lambda one: one.pick.time_ns)


def begun(one: Associator, n: int = 4) -> Event:
    """An event of the first so many onsets, with what is believed of it."""
    first = onsets()[:n]
    event = one.begun(first[-1], first[:-1], now_ns=NOW_NS)
    assert event is not None
    event.belief = one.belief(event, now_ns=NOW_NS)
    return event


def test_onsets_of_one_earthquake_begin_an_event_named_after_the_first() -> None:
    event = begun(associator())
    first = onsets()[0]
    assert event.p.keys() == {one.station_id for one in onsets()[:4]}
    assert event.event_id.endswith(first.station_id)


def test_one_station_alone_begins_nothing() -> None:
    one, first = associator(), onsets()[0]
    assert one.begun(first, [], now_ns=NOW_NS) is None
    assert one.begun(first, [heard(first.station_id, 34.0)], now_ns=NOW_NS) is None


def test_onsets_too_far_apart_in_time_begin_nothing() -> None:
    names = list(PLACES)
    assert associator().begun(heard(names[0], 39.0), [heard(names[1], 10.0)], now_ns=NOW_NS) is None


def test_later_p_waves_join_and_so_do_s_waves_but_noise_does_not() -> None:
    one = associator()
    event = begun(one, 5)
    assert [one.joins(each, event) for each in onsets()[5:]] == ["P"] * 4
    nearest = onsets("S")[0]
    assert one.joins(nearest, event) == "S"
    assert one.joins(heard(onsets()[8].station_id, 36.0), event) == ""
    assert one.joins(heard(onsets()[0].station_id, 90.0), event) == ""


def test_the_belief_lies_where_the_earthquake_was() -> None:
    one = associator()
    belief = begun(one, 6).belief
    assert belief is not None
    there = Places(np.array([SOURCE[0]]), np.array([SOURCE[1]]))
    far = there.distance_km(np.array([belief.where.latitude]), np.array([belief.where.longitude])).ravel()[0]
    assert far < 5
    assert abs(belief.origin_time_ns - (T + ns(35))) < ns(1.0)
    assert (belief.n_stations, belief.n_phases) == (6, 6)


def test_an_onset_that_does_not_fit_is_a_stray() -> None:
    one = associator()
    event = begun(one, 7)
    wrong = onsets()[8]
    event.p[wrong.station_id] = heard(wrong.station_id, wrong.pick.time_ns / 1e9 - T / 1e9 - 4.0, noise=0.0)
    event.belief = one.belief(event, now_ns=NOW_NS)
    assert one.strays(event) == [wrong.station_id]


def test_two_halves_of_one_earthquake_are_the_same_and_two_earthquakes_are_not() -> None:
    one = associator()
    a, b = begun(one, 5), begun(one, 4)
    assert one.same(a, b, now_ns=NOW_NS)
    later = onsets(origin_s=15.0)[:4]
    other = one.begun(later[-1], later[:-1], now_ns=NOW_NS)
    assert other is not None
    other.belief = one.belief(other, now_ns=NOW_NS)
    assert not one.same(a, other, now_ns=NOW_NS)
