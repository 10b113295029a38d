"""From a forecast to what an alert tells each site. Knows no alert but its noun, and no way to send one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.predict.shaking.forecast import LEVELS, ShakingForecast
from foreshock.types.alert import SiteForecast
from foreshock.types.arrays import Float64

LOW, HALF, HIGH = (LEVELS.index(level) for level in (0.05, 0.50, 0.95))


def told_sites(forecast: ShakingForecast, *, expected_from: float = 0.5) -> Iterator[SiteForecast]:
    """Give each site's part of an alert, in the order of the sites, on the forecast's scale.

    A threshold is expected to be passed where its probability is at least `expected_from`; elsewhere it has no time.

    Raises:
        InputError: `expected_from` is no probability.
    """
    if not 0 < expected_from <= 1:
        raise InputError(f"expected_from is {expected_from}", "it must lie in 0..1", "give for example 0.5")
    sites, origin_ns = forecast.sites, forecast.source.origin_time_ns
    thresholds = (sites.thresholds or {}).get(forecast.scale, np.full(len(sites), np.nan))
    expected = forecast.probability() >= expected_from  # NaN is not
    reached = np.where(expected, forecast.reached_s(), np.nan)
    places = zip(sites.ids, sites.names, sites.latitude.tolist(), sites.longitude.tolist(), strict=True)
    low, middle, high = (forecast.intensity[k].tolist() for k in (LOW, HALF, HIGH))
    times = (_times_ns(seconds, origin_ns) for seconds in (forecast.s_s[HALF], reached))
    rows = zip(places, low, middle, high, *times, thresholds.tolist(), strict=True)
    for (site_id, name, latitude, longitude), q05, q50, q95, s_ns, reached_ns, threshold in rows:
        told = None if np.isnan(threshold) else threshold
        yield SiteForecast(site_id, name, latitude, longitude, q05, q50, q95, s_ns, told, reached_ns)


def _times_ns(after_origin_s: Float64, origin_ns: int) -> list[int | None]:
    """UTC nanoseconds; None where it is not known when."""
    return [None if np.isnan(s) else origin_ns + round(s * NS_PER_S) for s in after_origin_s.tolist()]
