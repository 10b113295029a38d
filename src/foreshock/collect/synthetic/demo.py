"""The set that `foreshock demo` learns from: small, hard, and split by event, station and noise. Knows no models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from foreshock.collect.synthetic.generate import synthesise
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.types.record import SPLITS, Record

Split: TypeAlias = Literal["train", "dev", "test"]
NETWORKS = {"train": "DA", "dev": "DB", "test": "DC"}
STATIONS = {"train": 60, "dev": 20, "test": 40}
_PLACES = {"train": (30.0, 100.0), "dev": (36.0, 110.0), "test": (42.0, 80.0)}


def demo_settings(split: Split = "train", *, records: int = 1200, rate_hz: float = 10.0) -> SyntheticSettings:
    """Give the settings of one split: 30 s windows, half of them noise, P in the first two thirds.

    Records are made directly at `rate_hz`, the spectra cut by the digitiser's anti-alias filter. Noise records hold
    what triggers a detector: several knocks, vehicles, gusts and far earthquakes a minute, as loud as the earthquakes.
    """
    latitude, longitude = _PLACES[split]
    return SyntheticSettings(
        records=records,
        rate_hz=rate_hz,
        span_s=30.0,
        split=split,
        noise_fraction=0.5,
        network=NETWORKS[split],
        stations=STATIONS[split],
        network_latitude=latitude,
        network_longitude=longitude,
        network_radius_km=80.0,
        instruments=("broadband", "short_period"),
        magnitude_min=2.0,
        magnitude_max=3.2,
        distance_min_km=12.0,
        distance_max_km=90.0,
        p_earliest_fraction=0.03,
        p_latest_fraction=0.66,
        noise_level_min=0.4,
        noise_level_max=0.7,
        transients_per_minute=1.0,
        noise_transients_per_minute=8.0,
        transient_db_min=15.0,
        transient_db_max=40.0,
    )


def demo_records(split: Split, *, seed: int, n: int, rate_hz: float = 10.0) -> Iterator[Record]:
    """Give n records of a split; splits share no event, no station and no noise, whatever the seed."""
    settings = demo_settings(split, records=n, rate_hz=rate_hz)
    return synthesise(settings, seed=len(SPLITS) * seed + SPLITS.index(split))
