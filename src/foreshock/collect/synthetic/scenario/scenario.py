"""A scenario: stations, earthquakes, what disturbs them, and the packets that come of it. Knows no engine.

Everything follows from the settings, their seed included. Waveforms are made when first asked for and kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.draws import generator
from foreshock.collect.synthetic.scenario import adversaries
from foreshock.collect.synthetic.scenario.arriving import Sending, send
from foreshock.collect.synthetic.scenario.events import draw_events
from foreshock.collect.synthetic.scenario.families import Family, family
from foreshock.collect.synthetic.scenario.hiss import background
from foreshock.collect.synthetic.scenario.networks import CLIP_COUNTS, CODES, Net, draw_net, stations_of
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
from foreshock.collect.synthetic.scenario.site_truth import LEVELS_PGA_M_S2, LEVELS_PGV_M_S, SiteTruth, site_truth
from foreshock.collect.synthetic.scenario.stage import Facts, Stage
from foreshock.collect.synthetic.scenario.waves import Span, arrivals_s, motion
from foreshock.types.arrays import Float32, Ints
from foreshock.types.packet import Packet
from foreshock.types.station import Station

OFFSET_STREAM, ADVERSARY_STREAM, FAULT_STREAM = 36, 38, 39
LATEST_START_S = 5.0
"""A disturbance begins within so many seconds after the first origin would."""
SOURCE = "scenario"

Counts = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class _Recorded:
    """Counts, when shaking became strong where that matters, and what adversaries did."""

    counts: Counts
    strong_ns: tuple[int | None, ...]
    facts: dict[str, Facts]


class Scenario:
    """What happens and what a network sends of it; see `make_scenario`.

    Attributes:
        settings: as told. family: its numbers. net: the stations as columns. stations: the same as nouns.
        events: the earthquakes in order of origin. adversaries: names of what disturbs.

    >>> from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
    >>> made = make_scenario(ScenarioSettings(stations=4, magnitude=5.0, before_s=5.0, after_s=10.0))
    >>> [station.station_id for station in made.stations], made.events[0].magnitude, len(list(made.packets()))
    (['XX.S001.', 'XX.S002.', 'XX.S003.', 'XX.S004.'], 5.0, 192)
    """

    def __init__(self, settings: ScenarioSettings) -> None:
        adversaries.check_names(settings.adversaries)
        self.settings: ScenarioSettings = settings
        self.family: Family = family(settings.family)
        self.net: Net = draw_net(settings)
        self.stations: tuple[Station, ...] = stations_of(self.net)
        self.events: tuple[TrueEvent, ...] = draw_events(settings, self.net)
        self.adversaries: tuple[str, ...] = settings.adversaries

    @property
    def span(self) -> Span:
        """The samples it lasts."""
        return Span(self.settings.start_ns, self.settings.n_samples, self.settings.rate_hz)

    @cached_property
    def acceleration(self) -> Float32:
        """What moves the sensors, (station, Z N E, time), m/s2: noise and earthquakes, undisturbed."""
        return self._ground()

    def _ground(self) -> Float32:
        settings, span = self.settings, self.span
        if settings.noise:
            out = background(self.net, n_samples=span.n_samples, rate_hz=span.rate_hz, seed=settings.seed)
        else:
            out = np.zeros((len(self.net), 3, span.n_samples), np.float32)
        for event in self.events:
            for first, part in motion(event, self.family, places=self.net.places, span=span, seed=settings.seed):
                out[first : first + len(part)] += part
        return out

    @property
    def counts(self) -> Counts:
        """What the digitisers put out, (station, Z N E, time): offset, disturbed, scaled, clipped at 24 bits."""
        return self._recorded.counts

    @cached_property
    def _recorded(self) -> _Recorded:
        """The recordings, made in one array, for large networks are large."""
        seed, out = self.settings.seed, self._ground()
        strong = self._strong_ns(out)
        rng = generator(seed, OFFSET_STREAM, group=0)
        out += (self.settings.offset_m_s2 * rng.standard_normal((len(self.net), 3, 1))).astype(np.float32)
        facts = {}
        for number, (name, act) in enumerate(adversaries.WAVEFORM.items()):
            if name in self.adversaries:
                rng = generator(seed, ADVERSARY_STREAM, group=number)
                facts[name] = act(out, self._stage(rng), rng)
        out *= self.net.sensitivity.astype(np.float32)[:, None, None]
        np.rint(out, out=out)
        np.clip(out, -CLIP_COUNTS, CLIP_COUNTS, out=out)
        return _Recorded(out.astype(np.int32), strong, facts)

    @cached_property
    def _sent(self) -> tuple[tuple[Sending, ...], dict[str, Facts]]:
        """Each station's packets with all that is done to them, and what was done."""
        strong = self._recorded.strong_ns
        plans = [send(self.settings, self.net, k, strong_ns=strong[k]) for k in range(len(self.net))]
        facts = {}
        for number, (name, act) in enumerate(adversaries.PACKETS.items()):
            if name in self.adversaries:
                rng = generator(self.settings.seed, FAULT_STREAM, group=number)
                facts[name] = act(plans, self._stage(rng), rng)
        return tuple(plans), facts

    @property
    def sendings(self) -> tuple[Sending, ...]:
        """Each station's packets and when they come."""
        return self._sent[0]

    @property
    def disturbances(self) -> tuple[Facts, ...]:
        """What the adversaries did: the name of each and plain values with units in their names."""
        told = {**self._recorded.facts, **self._sent[1]}
        return tuple({"name": name, **told[name]} for name in self.adversaries)

    def _stage(self, rng: np.random.Generator) -> Stage:
        at_s = self.settings.before_s + float(rng.uniform(0, LATEST_START_S))
        return Stage(self.settings, self.net, self.family, self.span, at_s)

    def packets(self) -> Iterator[Packet]:
        """Give packets in order of arrival, a channel each, in counts."""
        for arrived_ns, k, row in self._order():
            plan = self.sendings[k]
            first, last = int(plan.first[row]), int(plan.last[row])
            for code, samples in zip(CODES, self.counts[k], strict=True):
                yield Packet(
                    self.net.ids[k],
                    code,
                    int(plan.start_ns[row]),
                    float(plan.rate_hz[row]),
                    samples[first:last],
                    arrived_ns,
                    source=SOURCE,
                )

    def arrivals(self) -> dict[str, tuple[Ints, Ints]]:
        """Give true P and S times (station,), UTC nanoseconds, by event; the ground's, not those of its clocks."""
        out = {}
        for event in self.events:
            p, s = arrivals_s(event, self.family, places=self.net.places)
            times = (event.origin_time_ns + np.round(x * NS_PER_S).astype(np.int64) for x in (p, s))
            out[event.event_id] = (next(times), next(times))
        return out

    def truth_at(
        self,
        latitudes: npt.ArrayLike,
        longitudes: npt.ArrayLike,
        *,
        vs30_m_s: npt.ArrayLike = 760.0,
        pga_levels_m_s2: tuple[float, ...] = LEVELS_PGA_M_S2,
        pgv_levels_m_s: tuple[float, ...] = LEVELS_PGV_M_S,
        after_s: float | None = None,
    ) -> SiteTruth:
        """Give what each event alone does at sites, without noise: RotD50 of PGA and PGV, and when levels are crossed.

        Args:
            latitudes, longitudes, vs30_m_s: of the sites; they broadcast. after_s: how long after each origin to look,
                the scenario's own length if not told.

        Raises:
            InputError: a place is none.
        """
        return site_truth(
            self.events,
            self.family,
            latitudes=latitudes,
            longitudes=longitudes,
            vs30_m_s=vs30_m_s,
            levels=(pga_levels_m_s2, pgv_levels_m_s),
            span_s=self.settings.after_s if after_s is None else after_s,
            rate_hz=self.settings.rate_hz,
            seed=self.settings.seed,
        )

    def _order(self) -> list[tuple[int, int, int]]:
        """(arrival, station, packet) of all that comes, in order; stations by number where two come at once."""
        rows = [
            (int(plan.arrived_ns[row]), k, int(row))
            for k, plan in enumerate(self.sendings)
            for row in np.flatnonzero(plan.kept)
        ]
        return sorted(rows, key=itemgetter(0, 1))

    def _strong_ns(self, ground: Float32) -> tuple[int | None, ...]:
        """When each station's horizontal acceleration first is strong, if it is and anything hangs on it."""
        told, start, rate = self.settings.telemetry, self.settings.start_ns, self.settings.rate_hz
        if told.bad_links == 0:
            return (None,) * len(self.net)
        strong = np.hypot(ground[:, 1], ground[:, 2]) >= told.bad_link_from_m_s2
        return tuple(start + round(int(row.argmax()) * NS_PER_S / rate) if row.any() else None for row in strong)


def make_scenario(settings: ScenarioSettings) -> Scenario:
    """Make a scenario of its settings; the same settings give the same packets."""
    return Scenario(settings)
