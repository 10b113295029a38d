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


def demo_settings(split: Split = "train", *, records: int = 1200) -> SyntheticSettings:
    """Give the settings of one split: 30 s windows made directly at 10 Hz, half of them noise, P in the first 2/3."""
    latitude, longitude = _PLACES[split]
    return SyntheticSettings(
        records=records,
        rate_hz=10.0,
        span_s=30.0,
        split=split,
        noise_fraction=0.5,
        network=NETWORKS[split],
        stations=STATIONS[split],
        network_latitude=latitude,
        network_longitude=longitude,
        network_radius_km=80.0,
        instruments=("broadband", "short_period"),
        magnitude_min=1.5,
        magnitude_max=3.5,
        distance_min_km=10.0,
        distance_max_km=120.0,
        p_earliest_fraction=0.03,
        p_latest_fraction=0.66,
        transients_per_minute=2.0,
    )


def demo_records(split: Split, *, seed: int, n: int) -> Iterator[Record]:
    """Give n records of a split; splits share no event, no station and no noise, whatever the seed."""
    return synthesise(demo_settings(split, records=n), seed=len(SPLITS) * seed + SPLITS.index(split))
