"""What goes wrong between digitiser and engine: clocks, queues, headers. Knows no samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.scenario.arriving import Sending
from foreshock.collect.synthetic.scenario.stage import Facts, Stage
from foreshock.types.arrays import Bools, Ints

_EARLIEST_NS = 0
_RELEASE_NS = NS_PER_S // 500


def clock_jump(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """The clocks of a few stations step by 1 to 60 s, either way; what is measured goes on."""
    stations = stage.some(rng, least=1, most=3)
    jump = float(rng.choice([-1, 1]) * rng.uniform(1, 60))
    for k in stations:
        moved = np.where(_after(plans[k], stage), round(jump * NS_PER_S), 0)
        plans[k] = replace(plans[k], start_ns=plans[k].start_ns + moved)
    return {"stations": stage.names(stations), "jump_s": jump}


def backlog(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """A hub is silent for a while and then gives all it held at once, for half of the stations or for all."""
    stations = stage.some(rng, least=max(1, len(stage.net) // 2), most=len(stage.net))
    silent_s = float(rng.uniform(10, 45))
    begin = stage.span.start_ns + round(stage.at_s * NS_PER_S)
    end = begin + round(silent_s * NS_PER_S)
    for k in stations:
        held = (plans[k].arrived_ns >= begin) & (plans[k].arrived_ns < end)
        came = np.where(held, end + np.cumsum(held) * _RELEASE_NS, plans[k].arrived_ns)
        plans[k] = replace(plans[k], arrived_ns=came)
    return {"stations": stage.names(stations), "silent_s": silent_s}


def duplicates(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """Many packets come a second time, at once or up to half a minute later."""
    share = float(rng.uniform(0.1, 1.0))
    for k, plan in enumerate(plans):
        again = plan.rows(np.flatnonzero(_after(plan, stage) & (rng.random(len(plan.first)) < share)))
        delay = np.round(rng.uniform(0, 30, len(again.first)) * NS_PER_S).astype(np.int64)
        plans[k] = _joined(plan, again.later(delay))
    return {"share": share}


def out_of_order(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """Packets overtake each other by up to ten seconds."""
    longest = float(rng.uniform(1, 10))
    for k, plan in enumerate(plans):
        delay = np.round(rng.uniform(0, longest, len(plan.first)) * NS_PER_S).astype(np.int64)
        plans[k] = plan.later(np.where(_after(plan, stage), delay, 0))
    return {"longest_s": longest}


def from_1970(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """Receivers that lost their satellites begin to count in 1970."""
    stations = stage.some(rng, least=1, most=4)
    return _redated(plans, stage, rng, stations=stations, shift_ns=_EARLIEST_NS - stage.span.start_ns)


def from_future(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """Headers lie an hour to twenty years ahead."""
    stations = stage.some(rng, least=1, most=4)
    ahead_s = float(np.exp(rng.uniform(np.log(3600), np.log(20 * 365 * 86_400))))
    return _redated(plans, stage, rng, stations=stations, shift_ns=round(ahead_s) * NS_PER_S)


def _redated(plans: list[Sending], stage: Stage, rng: np.random.Generator, *, stations: Ints, shift_ns: int) -> Facts:
    """Some or all packets of stations carry another time."""
    share = float(rng.choice([0.1, 1.0]))
    for k in stations:
        wrong = _after(plans[k], stage) & (rng.random(len(plans[k].first)) < share)
        plans[k] = replace(plans[k], start_ns=plans[k].start_ns + np.where(wrong, shift_ns, 0))
    return {"stations": stage.names(stations), "shift_s": shift_ns / NS_PER_S, "share": share}


def wrong_rate(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """Headers of a few stations tell another rate than that of the samples."""
    stations = stage.some(rng, least=1, most=4)
    factor = float(rng.choice([0.5, 0.99, 1.01, 2.0]))
    for k in stations:
        rate = np.where(_after(plans[k], stage), factor, 1.0) * plans[k].rate_hz
        plans[k] = replace(plans[k], rate_hz=rate)
    return {"stations": stage.names(stations), "factor": factor}


def half_packets(plans: list[Sending], stage: Stage, rng: np.random.Generator) -> Facts:
    """Of many packets only the first part comes."""
    stations = stage.some(rng, least=1, most=max(1, len(stage.net) // 2))
    for k in stations:
        plan = plans[k]
        short = _after(plan, stage) & (rng.random(len(plan.first)) < 0.5)
        length = plan.last - plan.first
        kept = np.maximum(1, np.round(length * rng.uniform(0.1, 0.9, len(length)))).astype(np.int64)
        plans[k] = replace(plan, last=plan.first + np.where(short, kept, length))
    return {"stations": stage.names(stations)}


def _after(plan: Sending, stage: Stage) -> Bools:
    """Which packets begin after the disturbance does."""
    return np.asarray(plan.first >= stage.at)


def _joined(plan: Sending, more: Sending) -> Sending:
    pairs = ((getattr(plan, name), getattr(more, name)) for name in plan.__dataclass_fields__)
    return Sending(*(np.concatenate(pair) for pair in pairs))
