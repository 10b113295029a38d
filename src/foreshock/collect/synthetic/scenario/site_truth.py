"""What an event does at sites: RotD50 of PGA and PGV, and when levels are crossed. Knows no stations and no alerts.

At each moment the horizontals have had, in every direction, a largest value so far; the median over directions is the
running RotD50, and a level is crossed when that first reaches it. At the end it is RotD50 (Boore, 2010,
doi:10.1785/0120090400).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.scenario.families import Family
from foreshock.collect.synthetic.scenario.rupture import TrueEvent
from foreshock.collect.synthetic.scenario.waves import Places, Span, motion
from foreshock.geo import check_place
from foreshock.types.arrays import Float32, Float64, Floats, Ints

LEVELS_PGA_M_S2 = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)
LEVELS_PGV_M_S = (0.005, 0.02, 0.05, 0.1, 0.2, 0.4)
_TURNS = np.radians(np.arange(0, 180, 10.0))
_SITE_STREAM = 1
NEVER = -1


@dataclass(frozen=True, eq=False)
class SiteTruth:
    """What happened at sites.

    Attributes:
        event_ids: rows. pga_m_s2, pgv_m_s: RotD50, (event, site).
        pga_levels_m_s2, pgv_levels_m_s: levels asked for.
        pga_crossed_ns, pgv_crossed_ns: UTC nanoseconds of crossing, (event, site, level); -1 where never.
    """

    event_ids: tuple[str, ...]
    pga_m_s2: Float64
    pgv_m_s: Float64
    pga_levels_m_s2: tuple[float, ...]
    pgv_levels_m_s: tuple[float, ...]
    pga_crossed_ns: Ints
    pgv_crossed_ns: Ints


def site_truth(
    events: Sequence[TrueEvent],
    family: Family,
    *,
    latitudes: npt.ArrayLike,
    longitudes: npt.ArrayLike,
    vs30_m_s: npt.ArrayLike,
    levels: tuple[tuple[float, ...], tuple[float, ...]],
    span_s: float,
    rate_hz: float,
    seed: int,
) -> SiteTruth:
    """Work out what each event alone does at each site."""
    check_place(latitudes, longitudes, whose="site")
    columns = (np.asarray(x, float) for x in (latitudes, longitudes, vs30_m_s))
    lat, lon, vs30 = (np.atleast_1d(x) for x in np.broadcast_arrays(*columns))
    sites = Places(lat, lon, vs30, np.zeros(lat.shape), stream=_SITE_STREAM)
    shape = (len(events), len(sites))
    peak = np.zeros((2, *shape))
    crossed = [np.full((*shape, len(wanted)), NEVER, np.int64) for wanted in levels]
    for e, event in enumerate(events):
        span = Span(event.origin_time_ns, round(span_s * rate_hz), rate_hz)
        for first, wave in motion(event, family, places=sites, span=span, seed=seed):
            velocity = np.cumsum(wave, axis=-1, dtype=np.float64) / rate_hz
            pair: tuple[Floats, Floats] = (wave, velocity)
            for which, trace in enumerate(pair):
                for k in range(len(wave)):
                    run = running_rotd50(trace[k, 1], trace[k, 2])
                    peak[which, e, first + k] = run[-1]
                    crossed[which][e, first + k] = _times(run, levels[which], event.origin_time_ns, rate_hz)
    ids = tuple(event.event_id for event in events)
    return SiteTruth(ids, peak[0], peak[1], levels[0], levels[1], crossed[0], crossed[1])


def running_rotd50(north: Floats, east: Floats) -> Float32:
    """Give the median over directions of the largest value so far, (time,)."""
    so_far = np.empty((len(_TURNS), len(north)), np.float32)
    for k, turn in enumerate(_TURNS):
        so_far[k] = np.abs(np.cos(turn) * north + np.sin(turn) * east)
    np.maximum.accumulate(so_far, axis=1, out=so_far)
    half = len(_TURNS) // 2
    return np.asarray(np.partition(so_far, half, axis=0)[half], np.float32)


def _times(run: Float32, levels: tuple[float, ...], start_ns: int, rate_hz: float) -> Ints:
    at = np.searchsorted(run, np.asarray(levels, np.float32))
    times = start_ns + np.round(at * NS_PER_S / rate_hz).astype(np.int64)
    return np.where(at < len(run), times, NEVER)
