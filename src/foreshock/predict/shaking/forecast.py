"""Forecast: what a believed source will do at many sites, how surely, and when. Knows no stations and no alert.

Samples of the source, models of the tree and their spread make one log-normal mixture a site. It is computed at the
supports (see `supports`) and laid on the sites.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.geo import Places, earth_centred_km
from foreshock.predict.shaking.arrivals import P_SHARE, onset_s, weighted_quantiles
from foreshock.predict.shaking.from_hypocentre import from_hypocentre
from foreshock.predict.shaking.mixture import mixture, transformed
from foreshock.predict.shaking.model import Distances, Ground, GroundMotionModel, Rupture, applies
from foreshock.predict.shaking.posterior import SourcePosterior
from foreshock.predict.shaking.scales import Scale, scale
from foreshock.predict.shaking.sites import Sites
from foreshock.predict.shaking.supports import Supports, supports
from foreshock.predict.shaking.tree import LogicTree
from foreshock.predict.travel import TravelTimes
from foreshock.types.arrays import Float64

LEVELS = (0.05, 0.16, 0.50, 0.84, 0.95)
SCORES = np.unique(np.concatenate([np.linspace(-3.5, 3.5, 15), ndtri(LEVELS)]).round(12))
AT_ONCE = 1_000_000
"""Numbers of one array computed at a time: memory stays below about 100 MB however many sites there are."""
MEASURES = ("PGA", "PGV")
DEEPEST_CRUST_KM = 40.0
"""Deeper sources are taken to lie in a slab; our own choice."""


@dataclass(frozen=True, eq=False)
class ShakingForecast:
    """Shaking at sites; arrays (level, site) for the levels 5, 16, 50, 84 and 95 %, or (site,).

    Attributes:
        sites, source: what it was made for.
        tree: the models and their weights, as text.
        scale: the scale's name.
        intensity_from: the measure that intensity comes from.
        pga_m_s2, pgv_m_s, intensity: quantiles (level, site); PGV is NaN where a model of the tree does not know it.
        score: normal scores (score,). values: the intensity that has them, (score, site), not held to the scale's ends.
        branches: the median of that measure by each model alone, (site,) by model, in its SI unit.
        p_s, s_s: arrivals (level, site) in s after the source's origin time; NaN beyond the travel-time tables.
        notes: what of the source lies outside what a model was made for.
    """

    sites: Sites
    source: SourcePosterior
    tree: str
    scale: str
    intensity_from: str
    pga_m_s2: Float64
    pgv_m_s: Float64
    intensity: Float64
    score: Float64
    values: Float64
    branches: Mapping[str, Float64]
    p_s: Float64
    s_s: Float64
    notes: tuple[str, ...] = ()

    def probability(self, threshold: Float64 | float | None = None) -> Float64:
        """Give P(intensity ≥ threshold), (site,); without one the sites' own thresholds, NaN where there is none."""
        wanted = self._wanted(threshold)
        above = (self.values <= wanted).sum(0)
        at = np.clip(above - 1, 0, len(self.score) - 2)
        low, high = (np.take_along_axis(self.values, (at + k)[None], 0)[0] for k in (0, 1))
        z = self.score[at] + (self.score[at + 1] - self.score[at]) * (wanted - low) / np.maximum(high - low, 1e-12)
        return np.asarray(np.where(np.isnan(wanted), np.nan, ndtr(-z)))

    def reached_s(self, threshold: Float64 | float | None = None) -> Float64:
        """Give when a threshold is reached at the earliest, if it is, in s after the origin time, (site,).

        That is with S, or with P where its share of the median motion is enough (see `arrivals`). A large rupture
        takes longer to its peak. NaN where there is no threshold.
        """
        wanted = self._wanted(threshold)
        half = LEVELS.index(0.5)
        middle = (self.pga_m_s2 if self.intensity_from == "PGA" else self.pgv_m_s)[half]
        by_p = scale(self.scale, self.intensity_from).of(np.log(middle * P_SHARE[self.intensity_from])) >= wanted
        return np.where(np.isnan(wanted), np.nan, np.where(by_p, self.p_s[half], self.s_s[half]))

    def left_s(self, now_ns: int, *, delivery_s: float = 0.0, threshold: Float64 | float | None = None) -> Float64:
        """Give how long that is after one hears of it, `delivery_s` after a moment, (site,); below 0 is too late."""
        return self.reached_s(threshold) - (now_ns - self.source.origin_time_ns) / NS_PER_S - delivery_s

    def _wanted(self, threshold: Float64 | float | None) -> Float64:
        if threshold is None:
            threshold = (self.sites.thresholds or {}).get(self.scale, np.nan)
        return np.broadcast_to(np.asarray(threshold, float), len(self.sites))


def forecast(
    source: SourcePosterior,
    sites: Sites,
    *,
    tree: LogicTree,
    travel: TravelTimes,
    intensity: str = "mmi",
    intensity_from: str = "PGV",
) -> ShakingForecast:
    """Forecast shaking at the sites; the sources' ruptures are those of `from_hypocentre`.

    Raises:
        InputError: the scale is unknown, or not from that measure; sites tell thresholds of other scales only; or a
            model of the tree does not know the measure.
    """
    wanted = scale(intensity, intensity_from)
    measures = _measures(tree, intensity_from)
    if sites.thresholds and intensity not in sites.thresholds:
        raise InputError(
            f"sites tell thresholds of {', '.join(sites.thresholds)}",
            f"the forecast is of {intensity}",
            "forecast on that scale or tell thresholds of this one",
        )
    base = supports(sites, source)
    parts = _parts(base, source, tree)
    columns = np.concatenate([_computed(source, base, part, tree=tree, scale=wanted) for part in parts])
    laid = np.asarray(base.of_both @ columns).T
    rows = dict(zip((*measures, "intensity"), np.split(laid[: -len(tree.models)], len(measures) + 1), strict=True))
    at = np.searchsorted(SCORES, ndtri(LEVELS).round(12))
    p_s, s_s = _arrivals(source, sites, base, travel=travel)
    return ShakingForecast(
        sites,
        source,
        str(tree),
        intensity,
        intensity_from,
        np.exp(rows["PGA"][at]),
        np.exp(rows["PGV"][at]) if "PGV" in rows else np.full((len(LEVELS), len(sites)), np.nan),
        np.clip(rows["intensity"][at], wanted.lowest, wanted.highest),
        SCORES,
        rows["intensity"],
        {model.name: np.exp(row) for (model, _), row in zip(tree, laid[-len(tree.models) :], strict=True)},
        p_s,
        s_s,
        tuple(_notes(source, tree)),
    )


def _measures(tree: LogicTree, needed: str) -> list[str]:
    """Measures that all models of the tree know."""
    for model, _ in tree:
        if needed not in model.measures:
            raise InputError(f"{model.name} knows no {needed}", "intensity comes from it", "take it from PGA")
    return [name for name in MEASURES if all(name in model.measures for model, _ in tree)]


def _notes(source: SourcePosterior, tree: LogicTree) -> Iterator[str]:
    """How much of the belief each model was not made for."""
    deep = float(np.asarray(source.weight)[np.asarray(source.depth_km) > DEEPEST_CRUST_KM].sum())
    for model, _ in tree:
        low, high = model.domain.magnitudes
        inside = applies(model, magnitude=source.magnitude, distance_km=0.0, tectonic=model.domain.tectonic)
        outside = float(np.asarray(source.weight)[~inside].sum())
        if outside > 0.005:
            yield f"{outside:.0%} of the source lies outside magnitudes {low:g} to {high:g} of {model.name}"
        if deep > 0.005 and model.domain.tectonic.endswith("crust"):
            yield f"{deep:.0%} of the source lies below {DEEPEST_CRUST_KM:g} km, and {model.name} is for the crust"


def _parts(base: Supports, source: SourcePosterior, tree: LogicTree) -> Iterator[slice]:
    """Slices of the supports small enough to be computed at once."""
    each = len(source.magnitude) * len(tree.models) * base.vs30_m_s.shape[1]
    step = max(1, AT_ONCE // each)
    for start in range(0, len(base.latitude), step):
        yield slice(start, start + step)


def _computed(source: SourcePosterior, base: Supports, part: slice, *, tree: LogicTree, scale: Scale) -> Float64:
    """Columns at some supports, (support × ground, scores of each measure and of intensity, branches)."""
    vs30 = base.vs30_m_s if len(base.vs30_m_s) == 1 else base.vs30_m_s[part]
    places = Places(base.latitude[part], base.longitude[part])
    rupture, distances = from_hypocentre(
        np.asarray(source.magnitude)[:, None],
        places.distance_km(source.latitude, source.longitude),
        depth_km=np.asarray(source.depth_km)[:, None],
        mechanism=source.mechanism,
    )
    measures = _measures(tree, scale.measure)
    seen = [_predicted(model, measures, rupture, distances, vs30_m_s=vs30) for model, _ in tree]
    weight = np.concatenate([np.asarray(source.weight) * share for _, share in tree])
    mean, sigma = (np.concatenate([one[k] for one in seen], axis=1) for k in (0, 1))
    curves = [mixture(weight, mean[k], sigma[k]) for k in range(len(measures))]
    at = measures.index(scale.measure)
    strong = transformed(curves[at], of=scale.of, back=scale.back, sigma=scale.sigma)
    alone = (
        [mixture(np.asarray(source.weight), one[0][at], one[1][at]) for one in seen] if len(seen) > 1 else [curves[at]]
    )
    medians = [curve.quantiles(np.zeros(1)) for curve in alone]
    return np.concatenate([*(curve.quantiles(SCORES) for curve in (*curves, strong)), *medians], axis=1)


def _predicted(
    model: GroundMotionModel, measures: Sequence[str], rupture: Rupture, distances: Distances, *, vs30_m_s: Float64
) -> tuple[Float64, Float64]:
    """Mean and sigma of the logarithms, (measure, sample, support × ground)."""
    size, top, width, deep = (
        np.asarray(values)[..., None]
        for values in (rupture.magnitude, rupture.top_km, rupture.width_km, rupture.hypocentre_km)
    )
    raised = Rupture(size, rupture.mechanism, top_km=top, width_km=width, hypocentre_km=deep)
    far = Distances(distances.joyner_boore_km[..., None], distances.rupture_km[..., None])
    out = model.predict(measures, raised, distances=far, ground=Ground(vs30_m_s))
    shape = (*out.mean_ln.shape[:2], -1)
    return out.mean_ln.reshape(shape), out.sigma.reshape(shape)


def _arrivals(source: SourcePosterior, sites: Sites, base: Supports, *, travel: TravelTimes) -> list[Float64]:
    """Quantiles of P and S at the sites: exact for one sample in the middle, the rest laid on from the supports."""
    weight, levels, one = np.asarray(source.weight), np.array(LEVELS), _in_the_middle(source, travel)
    near = Places(base.latitude, base.longitude).distance_km(source.latitude, source.longitude)
    middle = SourcePosterior(
        source.origin_time_ns,
        source.magnitude[one],
        source.latitude[one],
        source.longitude[one],
        np.asarray(source.depth_km)[one],
        origin_shift_s=np.asarray(source.origin_shift_s)[one],
    )
    far = Places(sites.latitude, sites.longitude).distance_km(middle.latitude, middle.longitude)
    out = []
    for phase in ("P", "S"):
        all_samples = onset_s(phase, source, near, travel=travel)
        apart = weighted_quantiles(all_samples, levels, weight=weight) - all_samples[one]
        out.append(onset_s(phase, middle, far, travel=travel) + np.asarray(base.of_place @ apart.T).T)
    return out


def _in_the_middle(source: SourcePosterior, travel: TravelTimes) -> int:
    """The sample nearest to the weighted mean of all, of those that the tables know."""
    points = earth_centred_km(source.latitude, source.longitude)
    apart = ((points - np.asarray(source.weight) @ points) ** 2).sum(-1)
    known = np.isfinite(travel.time_s("S", np.zeros(len(apart)), np.asarray(source.depth_km)))
    return int(np.argmin(np.where(known, apart, np.inf)))
