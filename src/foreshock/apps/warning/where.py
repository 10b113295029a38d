"""Where: how likely onsets and silences are if an earthquake, or something else, made them. Knows no amplitudes' size.

Four things can have happened: an earthquake nearby, noise at each station by itself, one disturbance that all felt at
once (lightning, a calibration pulse), a wave from far away that crosses the network as a plane. Each has a rate, and
gives the onsets a density; what is believed of the first follows by Bayes' rule. Silent stations count by the data they
have sent: Rydelek & Pujol (2004), BSSA 94, 1934-1942, doi:10.1785/012003180, with a probability of hearing in place of
a certainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, logsumexp

from foreshock.apps.warning.evidence import Evidence
from foreshock.apps.warning.nodes import Nodes, coarse_nodes, fine_nodes
from foreshock.apps.warning.settings import EventSettings
from foreshock.geo.place import Places
from foreshock.predict.travel import TravelTimes
from foreshock.types.arrays import Float64

STRAY = 0.03
"""Share of onsets that have nothing to do with the earthquake they are thought to be of."""
STRAY_S = 30.0
LEVEL_SIGMA = 0.6
"""Spread of log10(signal over noise) about what distance says: radiation, site and noise together."""
FALL = 1.6
"""log10 of the signal falls so much for log10 of the hypocentral distance."""
HEARD_LEVEL = 1.1
"""log10 of the signal over noise that is heard half of the time."""
MOST_HEARD = 0.97
NOISE_LEVEL = 0.7
NOISE_DECADES = 0.22
"""Noise that triggers rarely stands much above: its levels fall off exponentially above the first number."""
LOUDEST_DECADES = 4.0
"""A disturbance may be of any loudness."""
FAR_DECADES = 0.2
"""Waves from far away have lost what the trigger's band hears: their levels fall off exponentially, too."""
SIMULTANEOUS_S = 0.06
SPARED = 0.6
"""A disturbance spares a station with this probability."""
PLANE_WAVES_PER_DAY = 3.0
SLOWEST_PLANE_S_KM = 0.09
PLANE_SIGMA_S = 0.3
LATE_S = 0.4
"""A station is silent about an arrival only so long after it was due."""


@dataclass(frozen=True, eq=False)
class Where:
    """What is believed of an earthquake's place and time.

    Attributes:
        nodes: the places that were tried. weight: how much each is believed, sums to 1. origin_s: the time at each.
        residual_s: of each onset at the believed places, its mean. fits: which onsets belong to it.
        probability: that there is an earthquake nearby.
        log_odds: of it against everything else.
    """

    nodes: Nodes
    weight: Float64
    origin_s: Float64
    residual_s: Float64
    fits: Float64
    log_odds: float

    @property
    def probability(self) -> float:
        """Of being an earthquake nearby."""
        return float(1 / (1 + np.exp(-np.clip(self.log_odds, -700, 700))))

    @property
    def latitude(self) -> float:
        """Mean latitude."""
        return float(self.weight @ self.nodes.latitude)

    @property
    def longitude(self) -> float:
        """Mean longitude."""
        first = float(self.nodes.longitude[0])
        mean = first + float(self.weight @ ((self.nodes.longitude - first + 180) % 360 - 180))
        return (mean + 180) % 360 - 180

    @property
    def depth_km(self) -> float:
        """Mean depth."""
        return float(self.weight @ self.nodes.depth_km)

    @property
    def origin_time_s(self) -> float:
        """Mean origin time after the reference."""
        return float(self.weight @ self.origin_s)


def believed(evidence: Evidence, *, travel: TravelTimes, settings: EventSettings) -> Where:
    """Say where and when, and how likely, an earthquake has made these onsets; twice, the second time closer by."""
    first = int(np.argmin(evidence.time_s))
    nodes = coarse_nodes(float(evidence.latitude[first]), float(evidence.longitude[first]), most_km=settings.most_km)
    for _ in range(2):
        log_weight, _, _ = _of_nodes(nodes, evidence, travel, settings)
        nodes = fine_nodes(nodes, _normalised(log_weight), most_km=settings.most_km)
    log_weight, origin_s, residual_s = _of_nodes(nodes, evidence, travel, settings)
    weight = _normalised(log_weight)
    sigma = _sigma_s(evidence, settings)
    mean = weight @ residual_s
    spread = np.sqrt(np.maximum(weight @ residual_s**2 - mean**2, 0.0))
    fits = (np.abs(mean) < 3.5 * np.hypot(sigma, spread)).astype(float)
    rate = settings.events_per_day / 86_400
    log_local = float(logsumexp(log_weight)) + np.log(rate)
    return Where(nodes, weight, origin_s, mean, fits, log_local - _log_else(evidence))


def _normalised(log_weight: Float64) -> Float64:
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(weight / weight.sum())


def _sigma_s(evidence: Evidence, settings: EventSettings) -> Float64:
    return np.hypot(evidence.sigma_s, settings.onset_sigma_s)


def _of_nodes(
    nodes: Nodes, evidence: Evidence, travel: TravelTimes, settings: EventSettings
) -> tuple[Float64, Float64, Float64]:
    """Log of prior × density of the evidence (node,), origin times (node,), residuals (node, pick)."""
    distance = Places(evidence.latitude, evidence.longitude).distance_km(nodes.latitude, nodes.longitude)
    travel_s = travel.time_s("P", distance, nodes.depth_km[:, None])
    unknown = ~np.isfinite(travel_s)
    travel_s = np.where(unknown, 1e4, travel_s)
    sigma = np.sqrt(
        _sigma_s(evidence, settings) ** 2
        + (settings.model_sigma * np.minimum(travel_s, 60.0)) ** 2
        + (nodes.coarse_km[:, None] / 6.0) ** 2
    )
    origins = evidence.time_s - travel_s
    origin_s = _origin(origins, sigma)
    residual = origins - origin_s[:, None]
    log_each = np.logaddexp(
        np.log1p(-STRAY) - 0.5 * (residual / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi)),
        np.log(STRAY / STRAY_S),
    )
    log_time = log_each.sum(1) + 0.5 * np.log(2 * np.pi / (sigma**-2).sum(1))
    far = np.hypot(distance, nodes.depth_km[:, None])
    log_level, source = _level(evidence.level, far, evidence)
    log_silent = _silent(nodes, evidence, travel, origin_s=origin_s, source=source)
    return np.log(nodes.prior) + log_time + log_level + log_silent, origin_s, residual


def _origin(origins: Float64, sigma: Float64) -> Float64:
    """The origin time that most onsets agree on: their median, then the mean of those near it."""
    middle = np.median(origins, axis=1, keepdims=True)
    near = (np.abs(origins - middle) < 3 * sigma + 0.3) / sigma**2
    total = near.sum(1)
    return np.asarray(np.where(total > 0, (near * origins).sum(1) / np.maximum(total, 1e-12), middle[:, 0]))


def _level(level: Float64, far_km: Float64, evidence: Evidence) -> tuple[Float64, Float64]:
    """Log density of the levels, and the level at 1 km, (node,): larger earthquakes are rarer, in steps of tenfold."""
    at_source = level + FALL * np.log10(np.maximum(far_km, 1.0))
    source = at_source.mean(1)
    n = at_source.shape[1]
    spread = ((at_source - source[:, None]) ** 2).sum(1) / LEVEL_SIGMA**2
    log_fit = -0.5 * spread - (n - 1) * np.log(LEVEL_SIGMA * np.sqrt(2 * np.pi)) - 0.5 * np.log(n)
    least = HEARD_LEVEL + FALL
    rarity = np.log(np.log(10)) - np.log(10) * np.maximum(source - least, 0.0)
    return np.asarray(log_fit + rarity), source


def _silent(nodes: Nodes, evidence: Evidence, travel: TravelTimes, *, origin_s: Float64, source: Float64) -> Float64:
    """Log probability that stations which should have heard it by now have not, (node,)."""
    if not len(evidence.until_s):
        return np.zeros(len(nodes.prior))
    distance = Places(evidence.silent_latitude, evidence.silent_longitude).distance_km(nodes.latitude, nodes.longitude)
    due = origin_s[:, None] + travel.time_s("P", distance, nodes.depth_km[:, None])
    far = np.hypot(distance, nodes.depth_km[:, None])
    level = source[:, None] - FALL * np.log10(np.maximum(far, 1.0))
    heard = MOST_HEARD * np.exp(log_ndtr((level - HEARD_LEVEL) / 0.5))
    is_due = np.nan_to_num(due, nan=np.inf) + LATE_S + 0.03 * np.nan_to_num(distance) / 6.0 < evidence.until_s
    return np.asarray(np.where(is_due, np.log1p(-heard), 0.0).sum(1))


# -- everything else ---------------------------------------------------------------------------------------------------


def _log_else(evidence: Evidence) -> float:
    """Log density of the onsets if no earthquake nearby made them."""
    noise = float(np.log(evidence.noise_rate).sum() + _noise_levels(evidence.level).sum())
    ways = [noise]
    if len(evidence) > 1:
        ways += [_log_at_once(evidence), _log_plane(evidence)]
    return float(logsumexp(ways))


def _noise_levels(level: Float64) -> Float64:
    return np.asarray(-np.log(NOISE_DECADES) - np.maximum(level - NOISE_LEVEL, 0.0) / NOISE_DECADES)


def _stray(log_fit: Float64, evidence: Evidence) -> Float64:
    """Onsets that do not fit may be noise besides."""
    alone = np.log(evidence.noise_rate) + _noise_levels(evidence.level)
    return np.asarray(np.logaddexp(np.log1p(-STRAY) + log_fit, np.log(STRAY) + alone))


def _log_at_once(evidence: Evidence) -> float:
    """A disturbance at one moment, of any loudness at each station."""
    rate, sigma = evidence.disturbances_per_s, SIMULTANEOUS_S
    apart = evidence.time_s - np.median(evidence.time_s)
    log_fit = -0.5 * (apart / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi)) - np.log(LOUDEST_DECADES)
    spared = int((evidence.until_s > np.median(evidence.time_s) + LATE_S).sum())
    log_time = np.log(sigma * np.sqrt(2 * np.pi / len(apart))) + _stray(log_fit, evidence).sum()
    return float(np.log(rate) + log_time + spared * np.log(SPARED))


def _log_plane(evidence: Evidence) -> float:
    """A wave from far away: a plane of any direction and a speed of 11 km/s or more, which all stations should hear."""
    slow = SLOWEST_PLANE_S_KM * np.sqrt((np.arange(8) + 0.5) / 8)
    turn = 2 * np.pi * np.arange(16) / 16
    ways = np.stack([np.outer(slow, trig(turn)).ravel() for trig in (np.sin, np.cos)], 1)
    origins = evidence.time_s - ways @ _east_north(evidence, evidence.latitude, evidence.longitude)
    middle = np.median(origins, axis=1, keepdims=True)
    usual = float(np.median(evidence.level))
    sigma, spread, n = PLANE_SIGMA_S, LEVEL_SIGMA, len(evidence)
    log_fit = -0.5 * ((origins - middle) / sigma) ** 2 - np.log(sigma * np.sqrt(2 * np.pi))
    log_fit = log_fit - 0.5 * ((evidence.level - usual) / spread) ** 2 - np.log(spread * np.sqrt(2 * np.pi))
    loud = -np.log(FAR_DECADES) - max(usual - NOISE_LEVEL, 0.0) / FAR_DECADES
    due = middle + ways @ _east_north(evidence, evidence.silent_latitude, evidence.silent_longitude)
    unheard = np.log1p(-MOST_HEARD * np.exp(log_ndtr((usual - HEARD_LEVEL) / 0.5)))
    log_silent = unheard * (due + 2 * sigma + LATE_S < evidence.until_s).sum(1)
    log_all = _stray(log_fit, evidence).sum(1) + np.log(2 * np.pi * sigma * spread / n) + loud + log_silent
    return float(np.log(PLANE_WAVES_PER_DAY / 86_400) + logsumexp(log_all) - np.log(len(ways)))


def _east_north(evidence: Evidence, latitude: Float64, longitude: Float64) -> Float64:
    """East and north of the first station that heard, km, (2, place)."""
    lat0, lon0 = float(evidence.latitude[0]), float(evidence.longitude[0])
    east = ((longitude - lon0 + 180) % 360 - 180) * 111.2 * np.cos(np.radians(lat0))
    return np.stack([east, (latitude - lat0) * 111.2])
