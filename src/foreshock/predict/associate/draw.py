"""Draw: a day of picks on a network, with the truth of each, in rock that is not quite the model. Knows no search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.predict.associate.geometry import Geometry, extent_km
from foreshock.predict.travel.table import PHASES, TravelTimes
from foreshock.types.arrays import Float64, Ints
from foreshock.types.pick import Pick
from foreshock.types.station import Station

_START_S = 1_600_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn.

    Attributes:
        events, span_s: how many, in how long; their times are even (`every_s`) or random.
        together: of them, the part that has another event in the same second.
        sigma_s: picking errors lie between these, and each pick says its own.
        missed_p, missed_s: part of the picks within an event's reach that nobody made.
        noise_p, noise_s: picks of nothing, an hour and station.
        static_s: standard deviation of what each station adds to a phase.
        slow: the true travel times over those of the model.
        reach_km: events are seen as far as a distance between these, small ones more often.
    """

    events: int = 500
    span_s: float = 86_400.0
    every_s: float | None = None
    together: float = 0.0
    sigma_s: tuple[float, float] = (0.05, 0.3)
    missed_p: float = 0.15
    missed_s: float = 0.35
    noise_p: float = 3.0
    noise_s: float = 1.0
    static_s: float = 0.1
    slow: float = 1.04
    reach_km: tuple[float, float] = (15.0, 80.0)
    depth_km: tuple[float, float] = (2.0, 20.0)


def scene_for(stations: Mapping[str, Station], times: TravelTimes, *, events: int = 500) -> Scene:
    """A day on a network: its smallest earthquakes reach two spacings of its stations, its largest most of it.

    Raises:
        InputError: no station can be used.
    """
    g = Geometry(stations, times)
    aperture, spacing = extent_km(g.xy)
    reach_km = (2 * spacing, max(0.6 * aperture, 4 * spacing))
    return Scene(events=events, reach_km=reach_km, depth_km=(2.0, max(2.1, min(20.0, g.depth_km))))


@dataclass(frozen=True, eq=False)
class Drawn:
    """Picks in order, which event (−1: none) each is of, where (km on the plane) and when events were, their picks."""

    picks: list[Pick]
    truth: dict[tuple[int, str, str], int]
    at_km: Float64
    origin_s: Float64
    n_picks: Ints
    geometry: Geometry
    span_s: float

    @property
    def possible(self) -> Ints:
        """Events that have at least six picks."""
        return np.flatnonzero(self.n_picks >= 6)


def draw(
    stations: Mapping[str, Station], times: TravelTimes, *, scene: Scene, seed: int, truth: TravelTimes | None = None
) -> Drawn:
    """Draw picks; `truth` is the rock in which waves really run, where it is another than `times` × `scene.slow`."""
    rng = np.random.default_rng(seed)
    g = Geometry(stations, times if truth is None else truth)
    slow = scene.slow if truth is None else 1.0
    at, origin = _events(rng, scene, g)
    reach = np.exp(rng.uniform(*_logs(scene.reach_km), scene.events))
    static = rng.normal(0, scene.static_s, 2 * g.n_sites)
    missed = np.array([scene.missed_p, scene.missed_s])
    rows = []
    for e in range(scene.events):
        apart = np.hypot(*(g.xy - at[e, :2]).T)
        near = np.flatnonzero(np.tile(apart < reach[e], 2))
        slot = near[rng.random(len(near)) > missed[g.slot_phase[near]]]
        sigma = np.exp(rng.uniform(*_logs(scene.sigma_s), len(slot)))
        late = g.times(at[e : e + 1], slot)[0] * slow + static[slot] + rng.normal(0, 1, len(slot)) * sigma
        rows.append(np.column_stack([origin[e] + late, slot, sigma, np.full(len(slot), e)]))
    for phase, rate in enumerate((scene.noise_p, scene.noise_s)):
        n = rng.poisson(rate / 3600 * scene.span_s * g.n_sites)
        slot = rng.integers(0, g.n_sites, n) + phase * g.n_sites
        sigma = np.exp(rng.uniform(*_logs(scene.sigma_s), n))
        rows.append(np.column_stack([rng.uniform(0, scene.span_s, n), slot, sigma, np.full(n, -1)]))
    return _written(np.concatenate(rows), at, origin, g, scene)


def _logs(pair: tuple[float, float]) -> tuple[float, float]:
    return float(np.log(pair[0])), float(np.log(pair[1]))


def _events(rng: np.random.Generator, scene: Scene, g: Geometry) -> tuple[Float64, Float64]:
    """Give places among the stations, and times."""
    n = scene.events
    flat = rng.uniform(g.xy.min(0), g.xy.max(0), (n, 2))
    deep = rng.uniform(scene.depth_km[0], min(scene.depth_km[1], g.depth_km), n)
    even = None if scene.every_s is None else scene.every_s * (np.arange(n) + 0.5)
    origin = np.asarray(rng.uniform(0, scene.span_s, n) if even is None else even, float)
    twins = np.flatnonzero(rng.random(n) < scene.together)
    twins = twins[twins > 0]
    origin[twins] = origin[twins - 1] + rng.uniform(0, 1, len(twins))
    return np.column_stack([flat, deep]), origin


def _written(rows: Float64, at: Float64, origin: Float64, g: Geometry, scene: Scene) -> Drawn:
    """Turn rows (time, slot, sigma, event) into picks."""
    sensor = {site: name for name, site in reversed(g.sites.site_of.items())}
    picks, truth = [], {}
    for t, slot, sigma, e in rows[np.argsort(rows[:, 0])].tolist():
        name, phase = sensor[int(slot) % g.n_sites], PHASES[int(slot) // g.n_sites]
        t_ns = round((t + _START_S) * NS_PER_S)
        picks.append(Pick(name, phase, t_ns, 0.9, sigma, t_ns))
        truth[(t_ns, name, phase)] = int(e)
    mine = rows[:, 3].astype(int)
    n_picks = np.bincount(mine[mine >= 0], minlength=len(at))
    return Drawn(picks, truth, at, origin + _START_S, n_picks, g, scene.span_s)
