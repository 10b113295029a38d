"""Network: stations are silent only by data that they sent; noise raises what is expected of noise."""

from __future__ import annotations

import numpy as np
import pytest
from warning_parts import T, bank_of, counted, fed, heard, noise, ns, seconds_of, station

from foreshock.apps.warning.network import CODA_PER_S, CODA_S, Network
from foreshock.apps.warning.settings import EventSettings
from foreshock.types.station import Station

NAMES = ("XX.A.", "XX.B.", "XX.C.", "XX.D.", "XX.FAR.")
STATIONS: tuple[Station, ...] = (
    station("XX.A.", at=(35.0, -118.0)),
    station("XX.B.", at=(35.1, -118.0)),
    station("XX.C.", at=(35.0, -117.9)),
    station("XX.D.", at=(35.2, -118.1)),
    station("XX.FAR.", at=(38.0, -118.0)),
)
SETTINGS = EventSettings()


def network(*, until_s: dict[str, float] | None = None) -> Network:
    """All stations have sent noise up to half a minute, some less."""
    bank = bank_of(*STATIONS)
    lasts = dict.fromkeys(NAMES, 30.0) | (until_s or {})
    packets = [
        one
        for k, (name, last_s) in enumerate(lasts.items())
        for one in seconds_of(counted(noise(last_s, seed=k)), name=name)
    ]
    assert fed(bank, packets) == []
    return Network(bank, SETTINGS)


def silent(one: Network, *, now_s: float = 30.5) -> dict[float, float]:
    """Latitude of each silent station about A's onset at 28 s, and until when it is."""
    found = one.evidence([heard("XX.A.", 28.0)], reference_ns=T + ns(28), now_ns=T + ns(now_s))
    return dict(zip(found.silent_latitude.tolist(), found.until_s.tolist(), strict=True))


def test_stations_nearby_that_heard_nothing_are_silent_until_their_data_end() -> None:
    found = silent(network(until_s={"XX.B.": 27.0}))
    judge_s = bank_of().trigger.judge_s
    assert found.keys() == {35.1, 35.0, 35.2}
    assert found[35.0] == pytest.approx(2.0 - judge_s)
    assert found[35.1] == pytest.approx(-1.0 - judge_s)


def test_a_station_far_away_is_not_asked() -> None:
    assert 38.0 not in silent(network())


def test_a_stale_station_is_not_silent_and_neither_is_one_that_has_just_begun() -> None:
    assert 35.1 not in silent(network(until_s={"XX.B.": 15.0}))
    assert 35.1 not in silent(network(until_s={"XX.B.": 5.0}), now_s=10.0)


def test_a_station_that_shakes_is_not_asked() -> None:
    one = network()
    one.explained(heard("XX.B.", 20.0))
    assert 35.1 not in silent(one)
    one.calmed(["XX.B."])
    assert 35.1 in silent(one)


def test_onsets_become_arrays_in_their_order() -> None:
    one = network()
    onsets = [heard("XX.C.", 28.0, snr=100.0, noise=0.0), heard("XX.A.", 28.5, sigma_s=0.2)]
    found = one.evidence(onsets, reference_ns=T + ns(28), now_ns=T + ns(30.5))
    assert len(found) == 2
    assert found.longitude.tolist() == [-117.9, -118.0]
    assert found.time_s.tolist() == pytest.approx([0.0, 0.5])
    assert found.sigma_s.tolist() == [0.05, 0.2]
    assert found.level[0] == pytest.approx(2.0)


def test_a_station_that_triggers_for_nothing_is_expected_to_do_so_again() -> None:
    one = network()
    base = SETTINGS.noise_per_hour / 3600
    assert one.noise_rate(heard("XX.A.", 29.0)) == pytest.approx(base)
    for second in range(10, 20):
        one.noted(heard("XX.A.", second))
    assert one.noise_rate(heard("XX.A.", 29.0)) == pytest.approx(10 / 600)
    assert one.noise_rate(heard("XX.B.", 29.0)) == pytest.approx(base)
    assert one.noise_rate(heard("XX.A.", 9.0)) == pytest.approx(base)
    assert one.noise_rate(heard("XX.A.", 3600.0)) == pytest.approx(base)


def test_what_an_earthquake_explains_is_no_noise_but_its_coda_may_be() -> None:
    one = network()
    first = heard("XX.A.", 10.0)
    one.noted(first)
    one.explained(first)
    assert one.noise_rate(heard("XX.A.", 11.0)) == pytest.approx(CODA_PER_S)
    assert one.noise_rate(heard("XX.A.", 10.0 + CODA_S + 1)) == pytest.approx(SETTINGS.noise_per_hour / 3600)


def test_states_are_told_of_all_stations() -> None:
    states = network(until_s={"XX.B.": 5.0, "XX.D.": 12.0}).states(now_ns=T + ns(21.0))
    assert states == {"XX.A.": "good", "XX.B.": "stale", "XX.C.": "good", "XX.D.": "good", "XX.FAR.": "good"}


def test_distances_are_those_of_all_stations_from_one() -> None:
    far = network().distance_km(0)
    assert far.shape == (5,)
    assert far[0] == 0
    assert far[1] == pytest.approx(11.1, abs=0.1)
    assert np.argmax(far) == 4
