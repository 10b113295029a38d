"""Search: the double couple that first motions speak for, and how far it may be turned. Knows no waveforms.

Every mechanism of a grid that is even in orientation gets the probability of what was seen; a polarity counts with the
probability its pick gives it, and less near a nodal plane, where a small error of the ray turns it round. Of all that
is left by that the one in the middle is told: the mechanism with the smallest expected Kagan angle to the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.special import expit

from foreshock.config import Settings
from foreshock.errors import InputError
from foreshock.predict.mechanism.double_couple import (
    direction,
    kagan_deg,
    p_radiation,
    quaternions,
    slip_and_normal,
)
from foreshock.predict.mechanism.takeoff import takeoff_deg
from foreshock.predict.travel.table import TravelTimes
from foreshock.types.arrays import Float64
from foreshock.types.event import Event
from foreshock.types.solution import Arrival, Mechanism

PROBIT = 1.702
"""A logistic curve so much steeper is within 0.01 of the normal distribution."""
UNDERFLOW_AFTER = 64
"""Products of so many chances are scaled up again."""
CANDIDATES = 300
SHARE = 0.68


class MechanismSettings(Settings):
    """Settings of the search.

    Attributes:
        fewest: polarities that are needed.
        most_gap_deg: widest azimuth without one.
        step_deg: of the grid.
        least_wrong: chances of a wrong polarity however sure its pick is (a cable the wrong way round, a wrong ray);
            each of them counts as far as the polarities speak for it.
        node_width: radiation (of at most 1) within which a nodal plane makes a polarity unsure.
        most_uncertainty_deg: a mechanism less sure than this is none.
    """

    fewest: int = Field(default=8, ge=4)
    most_gap_deg: float = Field(default=180.0, gt=0, le=360)
    step_deg: float = Field(default=7.5, ge=2, le=15)
    least_wrong: tuple[Annotated[float, Field(ge=0.001, lt=0.5)], ...] = Field(default=(0.02, 0.08, 0.2), min_length=1)
    node_width: float = Field(default=0.1, gt=0, le=1)
    most_uncertainty_deg: float = Field(default=50.0, gt=0, le=120)


@dataclass(frozen=True, slots=True)
class NoMechanism:
    """Why there is none."""

    reason: str


@dataclass(frozen=True, eq=False)
class Polarities:
    """First motions on the focal sphere: rays (polarity, 3), sign +1 (away) or -1, and how sure each is, 0.5..1."""

    rays: Float64
    sign: Float64
    probability: Float64
    azimuth_deg: Float64

    def __post_init__(self) -> None:
        if not np.isfinite(self.rays).all() or not np.isin(self.sign, (-1, 1)).all():
            raise InputError("a polarity has no ray or no sign", "both are needed", "drop it")


@dataclass(frozen=True, eq=False)
class Grid:
    """Double couples even in orientation: the same volume of turns about each (mechanism, …)."""

    angles_deg: Float64
    slip: Float64
    normal: Float64
    turns: Float64


@lru_cache(maxsize=4)
def grid(step_deg: float) -> Grid:
    """Lay out strike, the cosine of dip, and rake evenly: the invariant measure of turns."""
    n_around = round(360 / step_deg)
    n_dip = max(2, round(90 / step_deg))
    around = (np.arange(n_around) + 0.5) * 360 / n_around
    dip = np.degrees(np.arccos((np.arange(n_dip) + 0.5) / n_dip))
    mesh = np.meshgrid(around, dip, around - 180, indexing="ij")
    angles = np.stack([part.ravel() for part in mesh], -1)
    slip, normal = slip_and_normal(angles[:, 0], angles[:, 1], angles[:, 2])
    return Grid(angles, slip, normal, quaternions(slip, normal))


def polarities_of(event: Event, arrivals: Sequence[Arrival], travel: TravelTimes) -> Polarities:
    """Take the first motions of P that are known, with their rays."""
    depth = event.depth_km or 0.0
    held = [one for one in arrivals if one.phase[:1].upper() == "P" and one.pick.polarity in ("up", "down")]
    away = np.array([one.distance_km for one in held], float)
    azimuth = np.array([one.azimuth_deg for one in held], float)
    takeoff = takeoff_deg(travel, "P", away, depth) if held else np.zeros(0)
    known = np.isfinite(takeoff)
    sign = np.array([1.0 if one.pick.polarity == "up" else -1.0 for one in held])
    sure = np.array([one.pick.polarity_probability for one in held])
    return Polarities(
        direction(azimuth[known], takeoff[known]), sign[known], np.asarray(sure[known]), np.asarray(azimuth[known])
    )


def mechanism(
    event: Event, arrivals: Sequence[Arrival], travel: TravelTimes, settings: MechanismSettings | None = None
) -> Mechanism | NoMechanism:
    """Find the double couple of an event from its P polarities, or say why there is none.

    Arguments:
        arrivals: with azimuth and distance; those of P whose pick tells up or down count.
        travel: what the event was located with.
    """
    return search(polarities_of(event, arrivals, travel), settings or MechanismSettings())


def search(seen: Polarities, settings: MechanismSettings) -> Mechanism | NoMechanism:
    """Find the double couple that first motions speak for."""
    n = len(seen.sign)
    if n < settings.fewest:
        return NoMechanism(f"{n} polarities are known; {settings.fewest} are needed")
    gap = widest_gap_deg(seen.azimuth_deg)
    if gap > settings.most_gap_deg:
        return NoMechanism(f"an azimuth of {gap:.0f}° holds no polarity; {settings.most_gap_deg:g}° are the most")
    nodes = grid(settings.step_deg)
    chance = likelihood(nodes, seen, settings)
    best = _middle(nodes, chance)
    uncertainty = _spread_deg(nodes, chance, best)
    if uncertainty > settings.most_uncertainty_deg:
        return NoMechanism(
            f"{n} polarities leave the mechanism open by {uncertainty:.0f}°; "
            f"{settings.most_uncertainty_deg:g}° are the most"
        )
    strike, dip, rake = (float(value) for value in nodes.angles_deg[best])
    return Mechanism(strike, dip, rake, round(uncertainty, 1), n, round(_misfit(nodes, seen, best), 3))


def likelihood(nodes: Grid, seen: Polarities, settings: MechanismSettings) -> Float64:
    """Probability of every mechanism of the grid, adding up to one."""
    floors = np.array(settings.least_wrong)[:, None]
    wrong = np.maximum(1 - seen.probability, floors).T[..., None]
    slope = PROBIT * seen.sign / settings.node_width
    chance = np.ones((len(floors), len(nodes.slip)))
    for k, ray in enumerate(seen.rays):
        agreed = expit(np.float32(slope[k]) * p_radiation(nodes.slip, nodes.normal, ray[None])[:, 0].astype(np.float32))
        chance *= wrong[k] + (1 - 2 * wrong[k]) * agreed
        if k % UNDERFLOW_AFTER == UNDERFLOW_AFTER - 1:
            chance /= chance.max()
    told: Float64 = chance.sum(0)
    return np.asarray(told / told.sum())


def _middle(nodes: Grid, chance: Float64) -> int:
    """The mechanism with the smallest expected angle to all others, of candidates drawn evenly from the likelihood."""
    total = np.cumsum(chance)
    drawn = np.minimum(np.searchsorted(total, (np.arange(CANDIDATES) + 0.5) / CANDIDATES), len(chance) - 1)
    own = np.unique(np.append(drawn, int(chance.argmax())))
    expected = kagan_deg(nodes.turns[own], nodes.turns[drawn]).mean(-1)
    return int(own[expected.argmin()])


def _spread_deg(nodes: Grid, chance: Float64, best: int) -> float:
    """The angle within which 68 % of the probability lies."""
    away = kagan_deg(nodes.turns[best][None], nodes.turns)[0]
    order = np.argsort(away)
    held = np.cumsum(chance[order])
    return float(away[order][np.searchsorted(held, SHARE * held[-1])])


def _misfit(nodes: Grid, seen: Polarities, best: int) -> float:
    """The share of polarities that it gets wrong, each counted by how far it is beyond chance."""
    moved = p_radiation(nodes.slip[best][None], nodes.normal[best][None], seen.rays)[0]
    weight = np.maximum(2 * seen.probability - 1, 1e-9)
    return float(weight[moved * seen.sign < 0].sum() / weight.sum())


def widest_gap_deg(azimuth_deg: Float64) -> float:
    """The widest azimuth without a polarity.

    >>> widest_gap_deg(np.array([0.0, 90.0, 100.0]))
    260.0
    """
    around = np.sort(np.asarray(azimuth_deg) % 360)
    return float(np.diff(np.append(around, around[0] + 360)).max())
