"""Trial: how well one's own network would associate, on earthquakes drawn at random. Knows no real picks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from foreshock.clock import cpu_time_ns, iso_utc
from foreshock.geo import distance_km
from foreshock.predict.associate.associator import associate
from foreshock.predict.associate.draw import Drawn, Scene, draw
from foreshock.predict.associate.result import Associated, Associations, Unused
from foreshock.predict.associate.settings import AssociateSettings
from foreshock.predict.travel.table import TravelTimes
from foreshock.types.pick import Pick
from foreshock.types.station import Station


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a trial found, with its numbers.

    Attributes:
        possible: events drawn with at least six picks. recalled: of them, those found.
        found: events given. false: of them, those most of whose picks are of no one event, or of one already found.
        purity: part of the picks of found events that are theirs. kept: part of all true picks of possible events
            that stand in their event.
        location_error_km, depth_error_km: medians.
        lost: a sentence for each possible event that was not found.
    """

    possible: int
    recalled: int
    found: int
    false: int
    false_per_day: float
    picks: int
    purity: float
    kept: float
    location_error_km: float
    depth_error_km: float
    cpu_s: float
    lost: tuple[str, ...]

    @property
    def recall(self) -> float:
        """Part of the possible events that were found."""
        return self.recalled / self.possible if self.possible else float("nan")

    @property
    def precision(self) -> float:
        """Part of the events given that are real."""
        return 1 - self.false / self.found if self.found else float("nan")

    def __str__(self) -> str:
        head = (
            f"recall {self.recall:.1%} of {self.possible} events with six picks or more; "
            f"precision {self.precision:.1%} of "
            f"{self.found}; {self.picks} picks, purity {self.purity:.1%}; median error {self.location_error_km:.1f} km"
        )
        return "\n".join([head, *(f"lost: {text}" for text in self.lost)])


def trial(
    stations: Mapping[str, Station],
    times: TravelTimes,
    *,
    scene: Scene | None = None,
    seed: int = 0,
    truth: TravelTimes | None = None,
    settings: AssociateSettings | None = None,
) -> TrialResult:
    """Draw a day on these stations, associate it and compare.

    Raises:
        InputError: no station can be used.
    """
    drawn = draw(stations, times, scene=scene or Scene(), seed=seed, truth=truth)
    before = cpu_time_ns()
    out = associate(drawn.picks, stations, times, settings=settings)
    return judge(drawn, out, cpu_s=(cpu_time_ns() - before) / 1e9)


def owners(events: Sequence[Iterable[Pick]], drawn: Drawn) -> list[int]:
    """Give the drawn event that each found one is, −1 where most of its picks are of none or a larger one has it."""
    order = sorted(range(len(events)), key=lambda i: -len(list(events[i])))
    taken: set[int] = set()
    out = [-1] * len(events)
    for i in order:
        picks = list(events[i])
        owner, n = Counter(_whose(pick, drawn) for pick in picks).most_common(1)[0]
        if owner >= 0 and 2 * n > len(picks) and owner not in taken:
            taken.add(owner)
            out[i] = owner
    return out


def judge(drawn: Drawn, out: Associations, *, cpu_s: float) -> TrialResult:
    """Compare what was found with what was drawn."""
    of = owners([[u.pick for u in one.picks] for one in out.events], drawn)
    right = {owner: one for owner, one in zip(of, out.events, strict=True) if owner >= 0}
    mine = {owner: sum(_whose(used.pick, drawn) == owner for used in one.picks) for owner, one in right.items()}
    apart = [_apart(drawn, owner, one) for owner, one in right.items()]
    possible = set(drawn.possible.tolist())
    wrong = len(out.events) - len(right)
    total = sum(len(one.picks) for one in right.values())
    return TrialResult(
        possible=len(possible),
        recalled=len(possible & set(right)),
        found=len(out.events),
        false=wrong,
        false_per_day=wrong / drawn.span_s * 86_400,
        picks=len(drawn.picks),
        purity=sum(mine.values()) / total if total else float("nan"),
        kept=sum(mine.get(e, 0) for e in possible) / max(1, int(drawn.n_picks[list(possible)].sum())),
        location_error_km=float(np.median([a for a, _ in apart])) if apart else float("nan"),
        depth_error_km=float(np.median([b for _, b in apart])) if apart else float("nan"),
        cpu_s=cpu_s,
        lost=tuple(_lost(drawn, e, out.unused) for e in sorted(possible - set(right))),
    )


def _whose(pick: Pick, drawn: Drawn) -> int:
    """The drawn event of a pick, −1 for noise."""
    return drawn.truth[(pick.time_ns, pick.trace_id, pick.phase)]


def _apart(drawn: Drawn, owner: int, one: Associated) -> tuple[float, float]:
    """Give the errors of place and depth (km)."""
    lat, lon = drawn.geometry.sites.place(*map(float, drawn.at_km[owner, :2]))
    deeper = abs(float(one.event.depth_km or 0.0) - float(drawn.at_km[owner, 2]))
    return float(distance_km(lat, lon, one.event.latitude, one.event.longitude)), deeper


def _lost(drawn: Drawn, event: int, unused: Iterable[Unused]) -> str:
    """Say what became of an event that was not found."""
    mine = [u for u in unused if drawn.truth.get((u.pick.time_ns, u.pick.trace_id, u.pick.phase)) == event]
    head = f"{iso_utc(int(drawn.origin_s[event] * 1e9))}, {drawn.n_picks[event]} picks, {len(mine)} of them unused"
    if not mine:
        return f"{head}: other events took them"
    reason = Counter(u.reason for u in mine).most_common(1)[0][0]
    return f"{head}, the commonest reason: {reason}"
