"""The picks of one event made ready: known stations, one a station and phase, S after P. Knows no search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.predict.locate.origin import Unlocated
from foreshock.types.arrays import Bools, Float64, Ints
from foreshock.types.pick import Pick
from foreshock.types.station import Station

LEAST_SIGMA_S = 0.01
FEWEST_PICKS = 4
FEWEST_PLACES = 3
MOST_PICKS = 2000
_SAME_PLACE_DEG = 1e-4


@dataclass(frozen=True, eq=False)
class Observed:
    """Arrivals as columns: which station (by number), whether S, seconds after `base_ns`, and how sure."""

    picks: tuple[Pick, ...]
    station: Ints
    is_s: Bools
    time_s: Float64
    sigma_s: Float64
    base_ns: int
    notes: tuple[str, ...]


def observed(
    picks: Iterable[Pick], stations: Mapping[str, Station], *, corrections_s: Mapping[tuple[str, str], float]
) -> Observed | Unlocated:
    """Keep the picks that can locate, in a fixed order, or say why they cannot."""
    notes: list[str] = []
    kept = _in_order(_one_each(_usable(picks, stations, notes), notes), notes)
    places = {_place(stations[pick.trace_id]) for pick in kept}
    if len(kept) > MOST_PICKS:
        return Unlocated(f"{len(kept)} picks are more than one event has ({MOST_PICKS})", tuple(notes))
    if len(places) < FEWEST_PLACES:
        return Unlocated(
            f"picks from {len(places)} place{'' if len(places) == 1 else 's'}; at least {FEWEST_PLACES} are needed",
            tuple(notes),
        )
    if len(kept) < FEWEST_PICKS:
        return Unlocated(f"{len(kept)} usable picks; at least {FEWEST_PICKS} are needed", tuple(notes))
    return _columns(kept, stations, corrections_s, tuple(notes))


def _columns(
    kept: list[Pick],
    stations: Mapping[str, Station],
    corrections_s: Mapping[tuple[str, str], float],
    notes: tuple[str, ...],
) -> Observed:
    number = {name: i for i, name in enumerate(sorted(stations))}
    times = np.array([pick.time_ns for pick in kept], np.int64)
    base = int(np.sort(times)[len(times) // 2])
    late = np.array([corrections_s.get((pick.trace_id, pick.phase[0].upper()), 0.0) for pick in kept])
    sure = np.array([max(pick.probability, 0.05) for pick in kept])
    return Observed(
        tuple(kept),
        np.array([number[pick.trace_id] for pick in kept], np.int64),
        np.array([pick.phase[0] in "sS" for pick in kept]),
        (times - base) / 1e9 - late,
        np.array([max(pick.sigma_s, LEAST_SIGMA_S) for pick in kept]) / np.sqrt(sure),
        base,
        notes,
    )


def _place(station: Station) -> tuple[int, int]:
    return round(station.latitude / _SAME_PLACE_DEG), round(station.longitude / _SAME_PLACE_DEG)


def _usable(picks: Iterable[Pick], stations: Mapping[str, Station], notes: list[str]) -> list[Pick]:
    """Leave out picks of unknown stations, of other phases and without a finite sigma."""
    usable = []
    for pick in picks:
        if pick.trace_id not in stations:
            notes.append(f"{pick.phase} of {pick.trace_id} left out: its station is not known")
        elif pick.phase[:1] not in ("P", "p", "S", "s"):
            notes.append(f"{pick.phase} of {pick.trace_id} left out: only first P and S locate")
        elif not np.isfinite(pick.sigma_s):
            notes.append(f"{pick.phase} of {pick.trace_id} left out: its sigma is {pick.sigma_s} s")
        else:
            usable.append(pick)
    return usable


def _rank(pick: Pick) -> tuple[float, float, int, str]:
    return -pick.probability, pick.sigma_s, pick.time_ns, pick.phase


def _one_each(picks: list[Pick], notes: list[str]) -> dict[tuple[str, str], Pick]:
    """Keep the surest pick of each station and phase."""
    best: dict[tuple[str, str], Pick] = {}
    for pick in sorted(picks, key=_rank):
        key = (pick.trace_id, pick.phase[0].upper())
        if key in best:
            notes.append(f"{pick.phase} of {pick.trace_id} at {pick.time} left out: a surer one is there")
        else:
            best[key] = pick
    return best


def _in_order(best: dict[tuple[str, str], Pick], notes: list[str]) -> list[Pick]:
    """Leave out the less sure of P and S where S comes before P; sort by station and phase."""
    for name in sorted({name for name, _ in best}):
        p, s = best.get((name, "P")), best.get((name, "S"))
        if p is not None and s is not None and s.time_ns <= p.time_ns:
            worse = "P" if p.probability < s.probability else "S"
            notes.append(f"{worse} of {name} left out: its S comes before its P")
            del best[name, worse]
    return [best[key] for key in sorted(best)]
