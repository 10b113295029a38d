"""What the synthetic generator can be told, with units in the names. Knows no waveforms."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from foreshock.config import Settings
from foreshock.types.arrays import Float64

LARGEST_RECORD_SAMPLES = 120_000
"""A record's samples a component: 20 minutes at 100 Hz."""

LARGEST_NETWORK_SAMPLES = 6_000_000
"""Stations times samples: 1000 stations with records of a minute at 100 Hz."""

InstrumentName = Literal["broadband", "short_period", "accelerometer"]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Layer(Settings):
    """One flat layer of rock; the last one of a model is a half-space."""

    top_km: float = Field(ge=0)
    vp_km_s: float = Field(gt=0, le=15)
    vs_km_s: float = Field(gt=0, le=10)
    density_kg_m3: float = Field(gt=500, le=10_000)


IASP91_CRUST = (
    Layer(top_km=0.0, vp_km_s=5.80, vs_km_s=3.36, density_kg_m3=2720.0),
    Layer(top_km=20.0, vp_km_s=6.50, vs_km_s=3.75, density_kg_m3=2920.0),
    Layer(top_km=35.0, vp_km_s=8.04, vs_km_s=4.47, density_kg_m3=3320.0),
)
"""Crust and uppermost mantle of IASP91 (Kennett & Engdahl, 1991, doi:10.1111/j.1365-246X.1991.tb06724.x)."""


class SyntheticSettings(Settings):
    """Everything that shapes a synthetic set; each field names its unit.

    >>> SyntheticSettings(records=10, span_s=30.0).n_samples
    3000
    """

    records: int = Field(default=64, ge=1, le=100_000_000, description="how many records")
    rate_hz: float = Field(default=100.0, ge=1, le=1000)
    span_s: float = Field(default=60.0, ge=5, le=3600)
    unit: Literal["count", "m/s", "m/s2"] = Field(default="count", description="count: through the instrument")
    split: Literal["train", "dev", "test"] | None = None
    noise_fraction: Fraction = Field(default=0.25, description="records without an earthquake")

    network: str = Field(default="SY", pattern=r"^[A-Z0-9]{1,2}$")
    stations: int = Field(default=12, ge=1, le=1000)
    stations_per_event: int = Field(default=1, ge=1, le=100)
    network_latitude: float = Field(default=30.0, ge=-75, le=75)
    network_longitude: float = Field(default=100.0, ge=-180, le=180)
    network_radius_km: float = Field(default=60.0, ge=0, le=1000)
    instruments: tuple[InstrumentName, ...] = Field(
        default=("broadband", "short_period", "accelerometer"), min_length=1
    )

    magnitude_min: float = Field(default=1.5, ge=-1, le=8)
    magnitude_max: float = Field(default=5.5, ge=-1, le=8)
    b_value: float = Field(default=0.0, ge=0, le=3, description="slope of Gutenberg and Richter; 0 is uniform")
    distance_min_km: float = Field(default=5.0, ge=0.1, le=1000, description="epicentral, of the first station")
    distance_max_km: float = Field(default=150.0, ge=0.1, le=1000)
    depth_min_km: float = Field(default=2.0, ge=0.1, le=100)
    depth_max_km: float = Field(default=25.0, ge=0.1, le=100)
    stress_drop_median_mpa: float = Field(default=3.0, gt=0, le=1000)
    stress_drop_sigma_log10: float = Field(default=0.3, ge=0, le=2)
    p_corner_ratio: float = Field(default=1.5, ge=0.5, le=3, description="P over S corner frequency")
    p_earliest_fraction: Fraction = Field(default=0.1, description="where in the record P may come")
    p_latest_fraction: Fraction = Field(default=0.5)

    layers: tuple[Layer, ...] = Field(default=IASP91_CRUST, min_length=1, max_length=50)
    spreading_crossover_km: float = Field(default=70.0, gt=0, description="1/R before, 1/sqrt(R) beyond")
    head_wave_factor: float = Field(default=0.3, ge=0, le=1, description="amplitude beside the direct wave")
    q_s_at_1_hz: float = Field(default=150.0, gt=0, le=10_000)
    q_p_over_q_s: float = Field(default=1.5, gt=0, le=10)
    q_exponent: float = Field(default=0.5, ge=0.2, le=0.95, description="Q grows with f to this power")
    coda_q_at_1_hz: float = Field(default=120.0, gt=0, le=10_000)
    coda_q_exponent: float = Field(default=0.8, ge=0, le=1.5)
    s_scattering_per_km: float = Field(default=0.02, ge=0, le=1)
    p_scattering_per_km: float = Field(default=0.03, ge=0, le=1)
    broadened_fraction: Fraction = Field(default=0.85, description="direct energy spread by forward scattering")
    broadening_s: float = Field(default=0.15, gt=0, le=10, description="time constant of that spread for S, plus")
    broadening_s_per_km: float = Field(default=0.02, ge=0, le=1, description="so much for each km of way")
    kappa_median_s: float = Field(default=0.035, ge=0, le=0.2)
    site_resonance: bool = True

    noise: bool = Field(default=True, description="background noise between the Peterson models")
    noise_level_min: float = Field(default=0.3, ge=-0.5, le=1.5, description="0 is NLNM, 1 is NHNM, in dB")
    noise_level_max: float = Field(default=0.8, ge=-0.5, le=1.5)
    cultural_db_max: float = Field(default=15.0, ge=0, le=60, description="a station's extra noise above 1 Hz")
    hourly_db_sigma: float = Field(default=3.0, ge=0, le=20, description="a record's level about its station's")
    transients_per_minute: float = Field(default=0.5, ge=0, le=20)
    noise_transients_per_minute: float = Field(
        default=1.0, ge=0, le=20, description="in records without an earthquake, as an archive of false triggers has"
    )
    transient_db_min: float = Field(default=0.0, ge=-40, le=80, description="peak over the noise RMS")
    transient_db_max: float = Field(default=30.0, ge=-40, le=80)
    glitch_fraction: Fraction = Field(default=0.02, description="records with a spike of 1 to 3 samples")
    step_fraction: Fraction = Field(default=0.01, description="records with a jump of the baseline")
    gap_fraction: Fraction = Field(default=0.02, description="records with a masked hole")
    gap_longest_s: float = Field(default=3.0, gt=0)
    late_start_fraction: Fraction = Field(
        default=0.0, description="records whose samples begin late, at some moment before P, as a live stream's do"
    )
    mask_clipped: bool = True

    @property
    def n_samples(self) -> int:
        """Samples of each component."""
        return round(self.rate_hz * self.span_s)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for low, high in _RANGES:
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} {getattr(self, low)} exceeds {high} {getattr(self, high)}")
        if self.n_samples > LARGEST_RECORD_SAMPLES:
            raise ValueError(f"rate_hz x span_s gives {self.n_samples} samples; at most {LARGEST_RECORD_SAMPLES} fit")
        if self.stations * self.n_samples > LARGEST_NETWORK_SAMPLES:
            raise ValueError(
                f"stations {self.stations} x {self.n_samples} samples exceeds {LARGEST_NETWORK_SAMPLES}: "
                "each station keeps its own spectra"
            )
        if self.stations_per_event > self.stations:
            raise ValueError(f"stations_per_event {self.stations_per_event} exceeds stations {self.stations}")
        tops = [layer.top_km for layer in self.layers]
        if tops[0] != 0 or any(np.diff(tops) <= 0):
            raise ValueError(f"layer tops {tops} must begin at 0 and increase")
        return self


_RANGES = (
    ("magnitude_min", "magnitude_max"),
    ("distance_min_km", "distance_max_km"),
    ("depth_min_km", "depth_max_km"),
    ("p_earliest_fraction", "p_latest_fraction"),
    ("noise_level_min", "noise_level_max"),
    ("transient_db_min", "transient_db_max"),
)


def layer_column(layers: tuple[Layer, ...], name: str) -> Float64:
    """One property of every layer, (layer,)."""
    return np.array([getattr(layer, name) for layer in layers])
