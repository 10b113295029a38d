"""Trial: how well one's own network would associate, on earthquakes drawn at random. Knows no real picks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.clock import NS_PER_S, cpu_time_ns
from foreshock.geo import distance_km
from foreshock.predict.associate.associator import associate
from foreshock.predict.associate.network import PHASES, AssociateSettings, Geometry, TravelTimes
from foreshock.predict.associate.result import Associations
from foreshock.types.arrays import Float64, Ints
from foreshock.types.pick import Pick
from foreshock.types.station import Station


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a trial found, with its numbers: events possible (at least six picks), recalled, false; picks and purity."""

    possible: int
    recalled: int
    found: int
    false: int
    false_per_day: float
    picks: int
    purity: float
    location_error_km: float
    depth_error_km: float
    cpu_s: float

    @property
    def recall(self) -> float:
        """Part of the possible events that were found."""
        return self.recalled / self.possible if self.possible else float("nan")


@dataclass(frozen=True, eq=False)
class Drawn:
    """Picks, which event (−1: none) each is of, and where the events were (x, y, depth km)."""

    picks: list[Pick]
    truth: dict[tuple[int, str, str], int]
    at: Float64
    possible: Ints


def draw(
    stations: Mapping[str, Station],
    travel_times: TravelTimes,
    *,
    events: int,
    span_s: float,
    seed: int,
    sigma_s: float = 0.1,
    missed: float = 0.3,
    false: float = 0.2,
    reach_km: tuple[float, float] = (12.0, 60.0),
) -> Drawn:
    """Draw events, each seen as far as its size reaches; some picks missed, `false` of all belong to nothing."""
    rng = np.random.default_rng(seed)
    g = Geometry(stations, travel_times, settings=AssociateSettings())
    low, high = g.xy.min(0), g.xy.max(0)
    at = np.column_stack([rng.uniform(low, high, (events, 2)), rng.uniform(2, min(20, g.depth_km), events)])
    origin = rng.uniform(0, span_s, events)
    reach = np.exp(rng.uniform(*np.log(reach_km), events))
    rows: list[tuple[float, int, int, int]] = []
    for e in range(events):
        near = np.flatnonzero(np.hypot(*(g.xy - at[e, :2]).T) < reach[e])
        for phase in range(2):
            kept = near[rng.random(len(near)) > missed]
            times = g.times(at[e : e + 1], kept, np.full(len(kept), phase))[0]
            times = times + origin[e] + rng.normal(0, sigma_s, len(kept))
            rows += [(float(t), int(s), phase, e) for t, s in zip(times, kept, strict=True)]
    extra = int(len(rows) * false / (1 - false))
    rows += [
        (float(t), int(s), int(p), -1)
        for t, s, p in zip(
            rng.uniform(0, span_s, extra), rng.integers(0, len(g.xy), extra), rng.integers(0, 2, extra), strict=True
        )
    ]
    sensor = {site: name for name, site in reversed(list(g.site_of.items()))}
    picks, truth = [], {}
    for t, s, p, e in sorted(rows):
        t_ns = round((t + 1e6) * NS_PER_S)
        picks.append(Pick(sensor[s], PHASES[p], t_ns, 0.9, max(sigma_s, 0.01), t_ns))
        truth[(t_ns, sensor[s], PHASES[p])] = e
    counts = np.bincount([e for *_, e in rows if e >= 0], minlength=events)
    return Drawn(picks, truth, at, np.flatnonzero(counts >= 6))


def trial(
    stations: Mapping[str, Station],
    travel_times: TravelTimes,
    *,
    events: int = 500,
    span_s: float = 86_400.0,
    seed: int = 0,
    sigma_s: float = 0.1,
    missed: float = 0.3,
    false: float = 0.2,
    settings: AssociateSettings | None = None,
) -> TrialResult:
    """Draw a day on these stations, associate it and compare."""
    drawn = draw(
        stations, travel_times, events=events, span_s=span_s, seed=seed, sigma_s=sigma_s, missed=missed, false=false
    )
    before = cpu_time_ns()
    out = associate(drawn.picks, stations, travel_times, settings=settings)
    cpu_s = (cpu_time_ns() - before) / 1e9
    g = Geometry(stations, travel_times, settings=AssociateSettings())
    return judge(drawn, out, geometry=g, span_s=span_s, cpu_s=cpu_s)


def judge(drawn: Drawn, out: Associations, *, geometry: Geometry, span_s: float, cpu_s: float) -> TrialResult:
    """Compare events: one is right when most of its picks are of one drawn event that no other has taken."""
    taken: set[int] = set()
    pure = total = 0
    apart: list[float] = []
    deeper: list[float] = []
    for one in sorted(out.events, key=lambda e: (-len(e.picks), e.event.time_ns)):
        owners = Counter(drawn.truth[(u.pick.time_ns, u.pick.trace_id, u.pick.phase)] for u in one.picks)
        owner, n = owners.most_common(1)[0]
        total += len(one.picks)
        if owner < 0 or 2 * n <= len(one.picks) or owner in taken:
            continue
        taken.add(owner)
        pure += n
        lat, lon = geometry.place(*map(float, drawn.at[owner, :2]))
        apart.append(float(distance_km(lat, lon, one.event.latitude, one.event.longitude)))
        deeper.append(abs(float(one.event.depth_km or 0.0) - float(drawn.at[owner, 2])))
    wrong = len(out.events) - len(taken)
    return TrialResult(
        possible=len(drawn.possible),
        recalled=len(taken & set(drawn.possible.tolist())),
        found=len(out.events),
        false=wrong,
        false_per_day=wrong / span_s * 86_400,
        picks=len(drawn.picks),
        purity=pure / total if total else float("nan"),
        location_error_km=float(np.median(apart)) if apart else float("nan"),
        depth_error_km=float(np.median(deeper)) if deeper else float("nan"),
        cpu_s=cpu_s,
    )
