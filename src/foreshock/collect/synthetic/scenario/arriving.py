"""When each station's packets come in: latency, lost ones, silences and what follows them. Knows no samples.

All channels of a station travel together. Every number is drawn from the seed and the station alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.scenario.networks import Net
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings, TelemetrySettings
from foreshock.types.arrays import Bools, Float64, Ints

ARRIVAL_STREAM, LINK_STREAM = 34, 35
_RELEASE_S = 0.005
"""Between packets that were held back and come together."""


@dataclass(frozen=True, eq=False)
class Sending:
    """One station's packets (packet,): samples first to before last, what their header says, when they come.

    Attributes:
        start_ns: UTC nanoseconds the header gives for the first sample. rate_hz: what it gives for the rate.
        arrived_ns: when they come. kept: whether they come at all.
    """

    first: Ints
    last: Ints
    start_ns: Ints
    rate_hz: Float64
    arrived_ns: Ints
    kept: Bools

    def rows(self, index: Ints) -> Sending:
        """These packets, in this order, as often as they are named."""
        return Sending(*(getattr(self, name)[index] for name in self.__dataclass_fields__))

    def later(self, delay_ns: Ints) -> Sending:
        """The same packets, come later."""
        return replace(self, arrived_ns=self.arrived_ns + delay_ns)


def cut(settings: ScenarioSettings, net: Net, k: int) -> Sending:
    """Cut station k's samples into packets; the first and the last may be short, so that stations are staggered."""
    step = max(1, round(settings.packet_s * settings.rate_hz))
    edges = np.arange(round(net.phase[k] * step), settings.n_samples, step)
    edges = np.unique(np.concatenate([[0], edges, [settings.n_samples]])).astype(np.int64)
    first, last = edges[:-1], edges[1:]
    begin = settings.start_ns + np.round(first * NS_PER_S / settings.rate_hz).astype(np.int64)
    end = settings.start_ns + np.round(last * NS_PER_S / settings.rate_hz).astype(np.int64)
    n = len(first)
    return Sending(first, last, begin, np.full(n, settings.rate_hz), end, np.ones(n, bool))


def send(settings: ScenarioSettings, net: Net, k: int, *, strong_ns: int | None) -> Sending:
    """Let station k's packets travel; `strong_ns` is when strong shaking begins there, if it does."""
    told, plan = settings.telemetry, cut(settings, net, k)
    rng = generator(settings.seed, ARRIVAL_STREAM, group=k)
    n = len(plan.first)
    seconds = told.latency_s * np.exp(net.latency_ln[k] + told.jitter_sigma_ln * rng.standard_normal(n))
    plan = replace(
        plan,
        arrived_ns=plan.arrived_ns + np.round(seconds * NS_PER_S).astype(np.int64),
        kept=rng.random(n) >= told.lost,
    )
    u = rng.random(5)
    if u[0] < told.outages:
        begin = settings.start_ns + round(u[1] * (settings.before_s + settings.after_s) * NS_PER_S)
        plan = _held(plan, begin, begin + _length_ns(told.outage_s, u[2]), told=told)
    if u[3] < told.bad_links and strong_ns is not None:
        plan = _held(plan, strong_ns, strong_ns + _length_ns(told.bad_link_s, u[4]), told=told)
    plan = _link(plan, settings, k)
    if told.in_order:
        plan = replace(plan, arrived_ns=np.maximum.accumulate(plan.arrived_ns))
    return plan


def _length_ns(limits_s: tuple[float, float], u: float) -> int:
    return round((limits_s[0] + (limits_s[1] - limits_s[0]) * u) * NS_PER_S)


def _held(plan: Sending, from_ns: int, to_ns: int, *, told: TelemetrySettings) -> Sending:
    """What would come during a silence comes at its end at once, or never."""
    silent = (plan.arrived_ns >= from_ns) & (plan.arrived_ns < to_ns)
    if not told.backfilled:
        return replace(plan, kept=plan.kept & ~silent)
    turn = np.cumsum(silent) * round(_RELEASE_S * NS_PER_S)
    return replace(plan, arrived_ns=np.where(silent, to_ns + turn, plan.arrived_ns))


def _link(plan: Sending, settings: ScenarioSettings, k: int) -> Sending:
    """Stations of the link that falls send nothing afterwards."""
    order = generator(settings.seed, LINK_STREAM, group=0).permutation(settings.stations)
    if k not in order[: round(settings.telemetry.link_loss * settings.stations)]:
        return plan
    dead_ns = settings.origin_ns + round(settings.telemetry.link_loss_after_s * NS_PER_S)
    return replace(plan, kept=plan.kept & (plan.arrived_ns < dead_ns))
