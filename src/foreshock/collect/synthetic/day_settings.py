"""What a synthetic network recording can be told, with units in the names. Knows no waveforms and no files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from foreshock.clock import utc_ns
from foreshock.collect.synthetic.settings import Fraction, Layer, SyntheticSettings
from foreshock.config import Settings

LARGEST_STATION_DAY_SAMPLES = 20_000_000
"""Samples a component of one day, which is held whole for one station at a time: 230 Hz."""

CRUST = (
    Layer(top_km=0.0, vp_km_s=4.90, vs_km_s=2.80, density_kg_m3=2500.0),
    Layer(top_km=2.5, vp_km_s=5.80, vs_km_s=3.35, density_kg_m3=2700.0),
    Layer(top_km=10.0, vp_km_s=6.15, vs_km_s=3.55, density_kg_m3=2800.0),
    Layer(top_km=18.0, vp_km_s=6.60, vs_km_s=3.80, density_kg_m3=2900.0),
    Layer(top_km=32.0, vp_km_s=7.90, vs_km_s=4.50, density_kg_m3=3300.0),
)
"""An invented crust with sediments, so that no preset of the locator is the rock itself."""


GROUND = MappingProxyType(
    {
        "instruments": ("broadband",),
        "layers": CRUST,
        "noise_level_min": 0.25,
        "noise_level_max": 0.6,
        "transients_per_minute": 0.1,
        "transient_db_min": -15.0,
        "transient_db_max": 20.0,
    }
)
"""Where a continuous recording differs from synthetic records unless it is told otherwise."""


class NetworkDaySettings(Settings):
    """Everything that shapes a continuous recording of a network; `ground` holds rock, path, site, noise, instrument.

    Of `ground` the numbers of records, their length, their share of noise and their defects are not used.

    >>> NetworkDaySettings(stations=5, events=10).base().stations
    5
    """

    stations: int = Field(default=50, ge=1, le=1000)
    events: int = Field(default=2000, ge=0, le=200_000, description="unused where every_s is given")
    every_s: float | None = Field(default=None, ge=0.1, description="events evenly spaced in time, one each so many")
    start: str = Field(default="2021-05-01T00:00:00Z", description="UTC")
    span_s: float = Field(default=86_400.0, ge=180, le=31 * 86_400)
    edge_s: float = Field(default=60.0, ge=0, le=3600, description="no origin nearer to either end")

    magnitude_min: float = Field(default=0.5, ge=-1, le=8)
    magnitude_max: float = Field(default=5.5, ge=-1, le=8)
    b_value: float = Field(default=1.0, ge=0, le=3, description="slope of Gutenberg and Richter; 0 is uniform")
    region_radius_km: float = Field(default=60.0, ge=1, le=500, description="of stations and of epicentres")
    depth_min_km: float = Field(default=2.0, ge=0.1, le=100)
    depth_max_km: float = Field(default=20.0, ge=0.1, le=100)
    sequences: int = Field(default=3, ge=0, le=100, description="the largest events have aftershocks")
    background_fraction: Fraction = Field(default=0.4, description="events of no sequence")
    omori_p: float = Field(default=1.1, ge=0.5, le=3)
    omori_c_s: float = Field(default=600.0, gt=0, le=86_400)
    productivity: float = Field(default=0.8, ge=0, le=2, description="aftershocks grow as 10 to this times magnitude")

    static_sigma_s: float = Field(default=0.1, ge=0, le=2, description="of a station's delay of P")
    static_s_over_p: float = Field(default=1.0, ge=0, le=4, description="its delay of S over that of P")
    clock_sigma_s: float = Field(default=0.02, ge=0, le=2, description="of a station's constant clock error")
    clock_jumps: int = Field(default=2, ge=0, le=100, description="so many stations are off for a while")
    clock_jump_s: float = Field(default=0.5, ge=0, le=60)
    gaps_per_day: float = Field(default=4.0, ge=0, le=20_000)
    gap_longest_s: float = Field(default=120.0, gt=0, le=86_400)
    missing_fraction: Fraction = Field(default=0.15, description="stations that are silent for a long while")
    missing_longest_s: float = Field(default=21_600.0, gt=0, le=31 * 86_400)
    daily_db: float = Field(default=4.0, ge=0, le=20, description="culture's swing about its mean, loudest at 14 h")
    audible_ratio: float = Field(
        default=0.1, gt=0, le=1, description="below this share of the quietest noise a wave is not made"
    )
    ground: SyntheticSettings = Field(default_factory=lambda: SyntheticSettings.model_validate(dict(GROUND)))

    @property
    def start_ns(self) -> int:
        """UTC nanoseconds of the first sample."""
        return utc_ns(self.start)

    @property
    def rate_hz(self) -> float:
        """Samples a second."""
        return self.ground.rate_hz

    @property
    def n_samples(self) -> int:
        """Samples of each component, gaps included."""
        return round(self.span_s * self.rate_hz)

    @property
    def n_events(self) -> int:
        """How many earthquakes there are."""
        if self.every_s is None:
            return self.events
        return int((self.span_s - 2 * self.edge_s) // self.every_s) + 1

    def base(self) -> SyntheticSettings:
        """The generator's settings for this network and these earthquakes."""
        changed = {
            "stations": self.stations,
            "stations_per_event": 1,
            "unit": "count",
            "network_radius_km": self.region_radius_km,
            "magnitude_min": self.magnitude_min,
            "magnitude_max": self.magnitude_max,
            "b_value": self.b_value,
            "depth_min_km": self.depth_min_km,
            "depth_max_km": self.depth_max_km,
        }
        return SyntheticSettings.model_validate({**self.ground.model_dump(), **changed})

    @field_validator("ground", mode="before")
    @classmethod
    def _fill(cls, told: Any) -> Any:
        """What of the ground is not told is as here, not as in synthetic records."""
        return {**GROUND, **told} if isinstance(told, Mapping) else told

    @model_validator(mode="after")
    def _check(self) -> Self:
        self.base()
        if self.span_s <= 2 * self.edge_s:
            raise ValueError(f"span_s {self.span_s} leaves nothing between two edges of {self.edge_s} s")
        if min(self.span_s, 86_400.0) * self.rate_hz > LARGEST_STATION_DAY_SAMPLES:
            raise ValueError(f"rate_hz {self.rate_hz} gives a day of more than {LARGEST_STATION_DAY_SAMPLES} samples")
        if self.rate_hz < 10:
            raise ValueError(f"rate_hz {self.rate_hz} is below 10: local P and S are not to be seen")
        if self.start_ns % 1000:
            raise ValueError(f"start {self.start!r} is finer than a microsecond, which miniSEED does not keep")
        return self
