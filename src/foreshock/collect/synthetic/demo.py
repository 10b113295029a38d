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


def demo_settings(split: Split = "train", *, records: int = 1800, rate_hz: float = 10.0) -> SyntheticSettings:
    """Give the settings of one split: 30 s windows, half of them noise, small earthquakes within 40 km.

    Records are made directly at `rate_hz`, the spectra cut by the digitiser's anti-alias filter. All of them hold what
    triggers a detector: knocks, vehicles, gusts and far earthquakes, as loud as the earthquakes and as many in the
    records of noise as in the others, so that counting them is no way to tell. Three records in ten begin late, as a
    live stream does.
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
        magnitude_min=1.5,
        magnitude_max=3.0,
        distance_min_km=3.0,
        distance_max_km=40.0,
        depth_max_km=15.0,
        coda_q_at_1_hz=70.0,
        p_earliest_fraction=0.03,
        p_latest_fraction=0.9,
        late_start_fraction=0.3,
        noise_level_min=0.4,
        noise_level_max=0.7,
        transients_per_minute=3.0,
        noise_transients_per_minute=3.0,
        transient_db_min=5.0,
        transient_db_max=35.0,
    )


def demo_records(split: Split, *, seed: int, n: int, rate_hz: float = 10.0) -> Iterator[Record]:
    """Give n records of a split; splits share no event, no station and no noise, whatever the seed."""
    settings = demo_settings(split, records=n, rate_hz=rate_hz)
    return synthesise(settings, seed=len(SPLITS) * seed + SPLITS.index(split))
