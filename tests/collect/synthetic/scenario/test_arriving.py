"""When packets come: as late as told, held back, lost, and never twice by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.collect.synthetic.scenario.arriving import cut, send
from foreshock.collect.synthetic.scenario.networks import draw_net
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings, TelemetrySettings

NS = 10**9


def sent(k: int = 0, *, strong_ns: int | None = None, stations: int = 25, **told: object):  # type: ignore[no-untyped-def]
    one = ScenarioSettings(stations=stations, telemetry=TelemetrySettings(**told))  # type: ignore[arg-type]
    return one, send(one, draw_net(one), k, strong_ns=strong_ns)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.2, 5), st.integers(0, 24), st.floats(1, 60))
def test_packets_hold_every_sample_once(packet_s: float, k: int, after_s: float) -> None:
    one = ScenarioSettings(packet_s=packet_s, before_s=1.0, after_s=after_s)
    plan = cut(one, draw_net(one), k)
    assert plan.first[0] == 0
    assert plan.last[-1] == one.n_samples
    assert (plan.first[1:] == plan.last[:-1]).all()
    assert (plan.last - plan.first).max() <= max(1, round(packet_s * 100))
    assert (plan.last > plan.first).all()


def test_samples_are_known_1_4_s_after_they_were_taken_by_default() -> None:
    late = []
    for k in range(25):
        one, plan = sent(k)
        for first, last, came in zip(plan.first, plan.last, plan.arrived_ns, strict=True):
            late.append((came - one.start_ns) / NS - (np.arange(first, last) + 1).mean() / 100)
    assert np.median(late) == pytest.approx(1.4, abs=0.06)


def test_a_late_packet_holds_up_those_after_it_on_one_connection_only() -> None:
    _, orderly = sent(jitter_sigma_ln=1.5)
    _, loose = sent(jitter_sigma_ln=1.5, in_order=False)
    assert (np.diff(orderly.arrived_ns) >= 0).all()
    assert (np.diff(loose.arrived_ns) < 0).any()
    assert (orderly.arrived_ns >= loose.arrived_ns).all()


def test_as_many_packets_are_lost_as_told() -> None:
    kept = np.concatenate([sent(k, lost=0.2)[1].kept for k in range(25)])
    assert kept.mean() == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("backfilled", [True, False])
def test_a_bad_link_is_silent_from_strong_shaking_on(backfilled: bool) -> None:
    one, quiet = sent(3)
    strong = one.origin_ns + 10 * NS
    _, plan = sent(3, strong_ns=strong, bad_links=1.0, bad_link_s=(20.0, 20.0), backfilled=backfilled)
    came = plan.arrived_ns[plan.kept]
    assert not ((came >= strong) & (came < strong + 20 * NS)).any()
    assert plan.kept.all() == backfilled
    assert np.array_equal(plan.arrived_ns[quiet.arrived_ns < strong], quiet.arrived_ns[quiet.arrived_ns < strong])


def test_a_lost_link_takes_its_share_of_stations_to_the_end() -> None:
    plans = [sent(k, link_loss=0.4, link_loss_after_s=5.0) for k in range(25)]
    dead = [not plan.kept[-1] for _, plan in plans]
    assert sum(dead) == 10
    one, plan = plans[dead.index(True)]
    assert (plan.arrived_ns[plan.kept] < one.origin_ns + 5 * NS).all()


def test_outages_hold_packets_back_and_release_them_at_once() -> None:
    gaps = [np.diff(sent(k, outages=1.0, outage_s=(15.0, 15.0))[1].arrived_ns).max() / NS for k in range(10)]
    assert sum(gap > 13 for gap in gaps) >= 8
