"""Locator: picks in, an origin with its uncertainty out. Knows no waveforms and no association."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from foreshock.errors import InputError
from foreshock.geo import inverse
from foreshock.predict.locate.arrivals import Arrivals, Network
from foreshock.predict.locate.observed import Observed, observed
from foreshock.predict.locate.origin import Origin, Residual, Unlocated, ellipse, quality, widest_gap_deg
from foreshock.predict.locate.posterior import Spread, spread
from foreshock.predict.locate.refine import Fit, refined, weights
from foreshock.predict.locate.search import Coarse, candidates, coarse_grid, depths_km
from foreshock.predict.locate.settings import LocateSettings
from foreshock.predict.travel.table import TravelTimes
from foreshock.types.arrays import Float64
from foreshock.types.pick import Pick
from foreshock.types.station import Station

CANDIDATES = 3
STARTS = 2
COUNTS_FROM = 0.1
FEWEST_FOR_DEPTH = 5
_DEFAULT = LocateSettings()


@dataclass(frozen=True, eq=False)
class Locator:
    """Locates events of one network; making it costs tens of milliseconds, an event a few.

    Attributes:
        stations: by trace id, as picks name them.
        travel: times of first arrivals.
        settings: what it may assume.
        corrections_s: by (trace id, "P" or "S"), seconds that arrivals there are late; taken off.

    Raises:
        InputError: fewer than three stations, a correction that is no number, or the travel times do not reach.
    """

    stations: Mapping[str, Station]
    travel: TravelTimes
    settings: LocateSettings = _DEFAULT
    corrections_s: Mapping[tuple[str, str], float] = field(default_factory=dict)
    _network: Network = field(init=False, repr=False)
    _grid: Coarse = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if len(self.stations) < 3:
            raise InputError(f"{len(self.stations)} stations", "at least 3 are needed", "give the network's stations")
        for key, late in self.corrections_s.items():
            if not np.isfinite(late):
                raise InputError(f"correction of {key} is {late} s", "it must be a number", "leave it out")
        if self.settings.deepest_km > self.travel.max_depth_km:
            raise InputError(
                f"deepest_km is {self.settings.deepest_km}",
                f"the travel times reach {self.travel.max_depth_km} km",
                "seek less deep or make a deeper table",
            )
        network = Network.of(self.stations, self.travel)
        object.__setattr__(self, "_network", network)
        object.__setattr__(self, "_grid", _grid_about(network, self.settings))

    def locate(self, picks: Iterable[Pick]) -> Origin | Unlocated:
        """Locate one event from its picks; the order of picks and stations does not matter."""
        seen = observed(picks, self.stations, corrections_s=self.corrections_s)
        if isinstance(seen, Unlocated):
            return seen
        arrivals = self._network.heard(seen.station, seen.is_s)
        fixed, notes = self._told(seen)
        fit, covers = self._solved(seen, arrivals, fixed)
        if fixed is None and _depth_error(covers) > self.settings.most_depth_error_km:
            fixed = self.settings.default_depth_km
            notes = [f"depth assumed to be {fixed:g} km: these picks do not tell it"]
            fit, covers = self._solved(seen, arrivals, fixed)
        if np.isnan(fit.predicted_s).all():
            return Unlocated("no place within the travel times explains the picks", seen.notes)
        return _origin(seen, arrivals, fit, covers, settings=self.settings, fixed=fixed is not None, notes=notes)

    def _told(self, seen: Observed) -> tuple[float | None, list[str]]:
        """The depth where it is not sought, and why."""
        told = self.settings.fixed_depth_km
        if told is not None:
            return told, [f"depth fixed at {told:g} km as told"]
        if len(seen.picks) < FEWEST_FOR_DEPTH:
            depth = self.settings.default_depth_km
            return depth, [f"depth assumed to be {depth:g} km: {len(seen.picks)} picks do not tell it"]
        return None, []

    def _solved(self, seen: Observed, arrivals: Arrivals, fixed: float | None) -> tuple[Fit, Spread]:
        """Search, refine and sample."""
        top, bottom = (self.settings.shallowest_km, self.settings.deepest_km) if fixed is None else (fixed, fixed)
        places = candidates(seen, arrivals, self._grid, shallowest_km=top, deepest_km=bottom, n=CANDIDATES)
        start = (places[0][:STARTS], places[1][:STARTS], places[2][:STARTS])
        fits = refined(start, seen, arrivals, self.settings, depth_fixed=fixed is not None)
        best = fits.best()
        fit = Fit(**{name: getattr(fits, name)[best : best + 1] for name in fits.__dataclass_fields__})
        return fit, spread(fit, seen, arrivals, self.settings, depth_fixed=fixed is not None)


def _grid_about(network: Network, settings: LocateSettings) -> Coarse:
    """The search grid: the network's square and a margin."""
    lat, lon = network.places.latitude, network.places.longitude
    turn = np.exp(1j * np.radians(lon)).sum()
    centre = (float((lat.max() + lat.min()) / 2), float(np.degrees(np.angle(turn))))
    reach = float(network.places.distance_km(np.array(centre[0]), np.array(centre[1])).max())
    margin = max(50.0, reach) if settings.margin_km is None else settings.margin_km
    depth = depths_km(settings.shallowest_km, settings.deepest_km)
    return coarse_grid(network, centre=centre, half_width_km=reach + margin, depth_km=depth)


def _depth_error(covers: Spread) -> float:
    return float(np.sqrt(covers.covariance_km2[2, 2]))


def _origin(
    seen: Observed,
    arrivals: Arrivals,
    fit: Fit,
    covers: Spread,
    *,
    settings: LocateSettings,
    fixed: bool,
    notes: list[str],
) -> Origin:
    weight = weights(fit, settings.freedom)[0]
    residuals = _residuals(seen, arrivals, fit, weight)
    counts = weight >= COUNTS_FROM
    n_picks = {"P": int((counts & ~seen.is_s).sum()), "S": int((counts & seen.is_s).sum())}
    major, minor, azimuth = ellipse(covers.covariance_km2)
    depth_error = float("nan") if fixed else _depth_error(covers)
    gap = widest_gap_deg(np.array([r.azimuth_deg for r, c in zip(residuals, counts, strict=True) if c]))
    rms = float(np.sqrt((weight * fit.residual_s[0] ** 2).sum() / max(weight.sum(), 1e-9)))
    grade = quality(major_km=major, depth_error_km=depth_error, gap_deg=gap, n_picks=sum(n_picks.values()), rms_s=rms)
    return Origin(
        time_ns=seen.base_ns + round(float(fit.time_s[0]) * 1e9),
        latitude=float(fit.latitude[0]),
        longitude=float(fit.longitude[0]),
        depth_km=float(fit.depth_km[0]),
        covariance_km2=covers.covariance_km2,
        ellipse_km=(major, minor),
        ellipse_azimuth_deg=azimuth,
        depth_error_km=depth_error,
        time_error_s=covers.time_error_s,
        azimuthal_gap_deg=gap,
        rms_s=rms,
        n_picks=n_picks,
        residuals=residuals,
        time_factors={"P": 1 + float(fit.factors[0, 0]), "S": 1 + float(fit.factors[0, 1])},
        quality=grade,
        depth_fixed=fixed,
        notes=(*seen.notes, *notes, *_doubts(residuals)),
    )


def _residuals(seen: Observed, arrivals: Arrivals, fit: Fit, weight: Float64) -> tuple[Residual, ...]:
    km, azimuth, _ = inverse(fit.latitude[0], fit.longitude[0], arrivals.places.latitude, arrivals.places.longitude)
    left = np.where(np.isnan(fit.predicted_s[0]), np.nan, fit.residual_s[0])
    return tuple(
        Residual(p.trace_id, p.phase, *(float(v) for v in row))
        for p, row in zip(seen.picks, np.stack([left, weight, fit.sigma_s[0], km, azimuth], 1), strict=True)
    )


def _doubts(residuals: tuple[Residual, ...]) -> tuple[str, ...]:
    """Name the picks that hardly count."""
    far = [r for r in residuals if r.weight < COUNTS_FROM]
    return tuple(
        f"{r.phase} of {r.trace_id} hardly counts: "
        + ("beyond the travel times" if np.isnan(r.residual_s) else f"it is off by {r.residual_s:+.2f} s")
        for r in far
    )
