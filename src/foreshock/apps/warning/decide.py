"""Decide: whether people are told about an event now, and what. Knows no stations and no way to send anything."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foreshock.apps.warning.event import MOST_SAMPLES, Belief
from foreshock.apps.warning.settings import PolicySettings
from foreshock.clock import NS_PER_S
from foreshock.deliver.issue import Draft
from foreshock.geo.place import Places, moved
from foreshock.predict.shaking import LogicTree, Sites, SourcePosterior, forecast, told_sites
from foreshock.predict.travel import TravelTimes
from foreshock.types.alert import Area, SiteForecast
from foreshock.types.arrays import Float64

RING_KM = (5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 55.0, 75.0, 100.0, 140.0, 190.0, 250.0, 330.0)
SEVERITIES = ((7.5, "extreme"), (6.0, "severe"), (4.0, "moderate"), (0.0, "minor"))
"""By the largest intensity (MMI) that is expected anywhere; our own reading of CAP's words."""
RANK = {"": 0, "provisional": 1, "confirmed": 2}


@dataclass(frozen=True, eq=False)
class Told:
    """What people were told last of an event."""

    belief: Belief
    confidence: str
    at_ns: int
    first_ns: int


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be told: a kind and a sentence why."""

    confidence: str
    why: str
    cancel: bool = False


def confidence_of(belief: Belief, policy: PolicySettings) -> str:
    """Name how sure an alert about an event would be: confirmed, provisional, or empty where it may not be told."""
    if belief.n_stations >= policy.confirmed_stations and belief.probability >= policy.confirmed_probability:
        return "confirmed"
    if belief.n_stations >= policy.provisional_stations and belief.probability >= policy.provisional_probability:
        return "provisional"
    return ""


def wanted(belief: Belief, told: Told | None, *, policy: PolicySettings, ends: bool = False) -> Wanted | None:
    """Say what people are to be told now, if anything."""
    confidence = confidence_of(belief, policy)
    if told is None:
        large = belief.size.probability(policy.alert_magnitude) >= policy.magnitude_probability
        return Wanted(confidence, f"{belief.n_stations} stations") if confidence and large and not ends else None
    if belief.probability < policy.hold_probability:
        return Wanted(told.confidence, f"probability fell to {belief.probability:.2f}", cancel=True)
    kept = max(confidence, told.confidence, key=RANK.__getitem__)
    if ends:
        return Wanted(kept, "final") if _moved(belief, told, size=0.05, far_km=1.0) else None
    return _update(belief, told, kept, policy)


def _update(belief: Belief, told: Told, kept: str, policy: PolicySettings) -> Wanted | None:
    since_s = (belief.known_ns - told.at_ns) / NS_PER_S
    if RANK[kept] > RANK[told.confidence]:
        return Wanted(kept, f"confirmed by {belief.n_stations} stations")
    if since_s < policy.update_s or (kept == "provisional" and since_s < policy.pause_s):
        return None
    why = _moved(belief, told, size=policy.update_magnitude, far_km=policy.update_km)
    return Wanted(kept, why) if why else None


def _moved(belief: Belief, told: Told, *, size: float, far_km: float) -> str:
    """What has changed by more than is let pass; empty when nothing has."""
    grown = belief.size.quantile(0.5) - told.belief.size.quantile(0.5)
    if abs(grown) >= size:
        return f"magnitude {grown:+.1f}"
    here, there = belief.where, told.belief.where
    far = Places(np.array([there.latitude]), np.array([there.longitude])).distance_km(
        np.array(here.latitude), np.array(here.longitude)
    )
    return f"epicentre moved {float(far[0]):.0f} km" if float(far[0]) >= far_km else ""


# -- what is told ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Teller:
    """Turns a belief into a draft: the source, the sites, the area to be warned."""

    policy: PolicySettings
    travel: TravelTimes
    tree: LogicTree
    sites: Sites | None = None
    scale: str = "mmi"

    def draft(self, belief: Belief, asked: Wanted, *, lineage: tuple[str, ...] = ()) -> Draft:
        """Say what is believed, in an alert's words."""
        source = source_of(belief)
        radius_km, strongest = self._ring(source)
        if asked.confidence == "provisional":
            radius_km = min(radius_km, self.policy.provisional_km)
        where, size = belief.where, belief.size
        latitude, longitude = round(where.latitude, 4), round(where.longitude, 4)
        low, middle, high = (round(size.quantile(level), 2) for level in (0.05, 0.5, 0.95))
        return Draft(
            belief.origin_time_ns,
            latitude,
            longitude,
            round(where.depth_km, 1),
            low,
            middle,
            high,
            sites=self._sites(source),
            intensity_scale=self.scale,
            confidence=asked.confidence,
            severity=next(word for least, word in SEVERITIES if strongest >= least),
            certainty="likely" if asked.confidence == "confirmed" else "possible",
            area=Area(f"within {radius_km:.0f} km", circles=((latitude, longitude, round(radius_km, 1)),)),
            reasons=(asked.why, f"probability of a local earthquake {belief.probability:.4f}"),
            lineage=lineage,
            life_s=self.policy.life_s,
        )

    def _sites(self, source: SourcePosterior) -> tuple[SiteForecast, ...]:
        if self.sites is None or not len(self.sites):
            return ()
        ahead = forecast(source, self.sites, tree=self.tree, travel=self.travel, intensity=self.scale)
        return tuple(_rounded(one) for one in told_sites(ahead))

    def _ring(self, source: SourcePosterior) -> tuple[float, float]:
        """How far the intensity that matters is expected to reach, km, and the largest intensity."""
        weight = np.asarray(source.weight)
        lat, lon = float(weight @ source.latitude), float(weight @ source.longitude)
        n = len(RING_KM)
        north, east = moved(np.full(n, lat), np.full(n, lon), east_km=np.zeros(n), north_km=np.array(RING_KM))
        ring = Sites(tuple(f"{km:g}" for km in RING_KM), ("",) * n, north, east)
        middle = forecast(source, ring, tree=self.tree, travel=self.travel, intensity="mmi").intensity[2]
        felt = np.maximum.accumulate(middle[::-1])[::-1]
        reach = float(np.interp(-self.policy.alert_intensity, -felt, RING_KM, left=RING_KM[0], right=RING_KM[-1]))
        return reach, float(felt[0])


def _rounded(site: SiteForecast) -> SiteForecast:
    """Two decimals say more than is known."""
    low, middle, high = (round(v, 2) for v in (site.intensity_q05, site.intensity_q50, site.intensity_q95))
    return replace(site, intensity_q05=low, intensity_q50=middle, intensity_q95=high)


def source_of(belief: Belief) -> SourcePosterior:
    """Draw the source's samples evenly from what is believed of place and size together."""
    where, size, places = belief.where, belief.size, belief.places
    share = np.cumsum(size.weight.ravel())
    at = np.searchsorted(share / share[-1], (np.arange(MOST_SAMPLES) + 0.5) / MOST_SAMPLES)
    node, step = places[at // len(size.magnitude)], at % len(size.magnitude)
    nodes = where.nodes
    return SourcePosterior(
        belief.origin_time_ns,
        size.magnitude[step],
        nodes.latitude[node],
        _in_range(nodes.longitude[node]),
        nodes.depth_km[node],
        origin_shift_s=where.origin_s[node] - where.origin_time_s,
    )


def _in_range(longitude: Float64) -> Float64:
    return np.asarray((longitude + 180) % 360 - 180)
