"""What a scenario for early warning can be told, with units in the names. Knows no waveforms and no packets."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.synthetic.scenario.families import FamilyName
from foreshock.config import Settings

Fraction = Annotated[float, Field(ge=0, le=1)]
NetworkKind = Literal["grid", "random", "coast", "cluster"]
LARGEST_SAMPLES = 60_000_000
"""Stations times samples of a component, all of which are held at once."""


class TelemetrySettings(Settings):
    """How packets come in: latency is from the end of a packet's last sample to its arrival.

    >>> TelemetrySettings(latency_s=0.9).latency_s
    0.9
    """

    latency_s: float = Field(default=0.9, ge=0, le=600, description="median over packets")
    station_sigma_ln: float = Field(default=0.15, ge=0, le=3, description="of a station's median about it")
    jitter_sigma_ln: float = Field(default=0.2, ge=0, le=3, description="of a packet's latency about its station's")
    lost: Fraction = Field(default=0.0, description="packets that never come")
    in_order: bool = Field(default=True, description="a late packet holds up those after it, as one connection does")
    bad_links: Fraction = Field(default=0.0, description="stations whose radio fails in strong shaking")
    bad_link_from_m_s2: float = Field(default=0.3, ge=0, description="horizontal acceleration at which it does")
    bad_link_s: tuple[float, float] = Field(default=(10.0, 60.0), description="shortest and longest silence")
    outages: Fraction = Field(default=0.0, description="stations that are silent for a while")
    outage_s: tuple[float, float] = Field(default=(10.0, 60.0), description="shortest and longest silence")
    backfilled: bool = Field(default=True, description="what was held back comes at the end of a silence")
    link_loss: Fraction = Field(default=0.0, description="stations of one link that fall silent together, to the end")
    link_loss_after_s: float = Field(default=0.0, ge=-3600, le=3600, description="after the first origin")

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("bad_link_s", "outage_s"):
            low, high = getattr(self, name)
            if not 0 <= low <= high <= 3600:
                raise ValueError(f"{name} {low}, {high} s: they lie in 0..3600 and rise")
        return self


class ScenarioSettings(Settings):
    """Everything that shapes a scenario.

    >>> ScenarioSettings(stations=16, spacing_km=15.0, magnitude=6.0).n_samples
    12000
    """

    family: FamilyName = "A"
    seed: int = Field(default=0, ge=0)
    network: NetworkKind = "grid"
    stations: int = Field(default=25, ge=1, le=5000)
    spacing_km: float = Field(default=20.0, ge=1, le=200)
    jitter: float = Field(default=0.2, ge=0, le=0.5, description="of places, as a share of the spacing")
    latitude: float = Field(default=35.0, ge=-75, le=75, description="the network's middle")
    longitude: float = Field(default=-118.0, ge=-180, le=180)
    vs30_m_s: tuple[float, ...] = Field(default=(760.0, 490.0, 270.0), min_length=1, max_length=20)
    noise_level: tuple[float, float] = Field(default=(0.3, 0.8), description="0 is NLNM, 1 is NHNM, in dB")
    noise: bool = True

    events: int = Field(default=1, ge=0, le=20)
    where: Literal["inside", "outside", "anywhere"] = "inside"
    outside_km: tuple[float, float] = Field(default=(10.0, 80.0), description="how far beyond the network's edge")
    magnitude: float | None = Field(default=None, ge=2, le=8.5, description="of every event; drawn where not told")
    magnitude_min: float = Field(default=4.0, ge=2, le=8.5)
    magnitude_max: float = Field(default=7.0, ge=2, le=8.5)
    b_value: float = Field(default=0.0, ge=0, le=3, description="slope of Gutenberg and Richter; 0 is uniform")
    depth_min_km: float = Field(default=3.0, ge=0.5, le=300)
    depth_max_km: float = Field(default=25.0, ge=0.5, le=300)
    twin_after_s: float | None = Field(
        default=None, ge=-600, le=600, description="from one origin to the next; drawn where not told"
    )
    twin_after_min_s: float = Field(default=0.0, ge=-600, le=600, description="below 0 the first event comes later")
    twin_after_max_s: float = Field(default=60.0, ge=-600, le=600)
    twin_distance_min_km: float = Field(default=0.0, ge=0, le=1000)
    twin_distance_max_km: float = Field(default=300.0, ge=0, le=1000)

    adversaries: tuple[str, ...] = Field(default=(), max_length=20)
    origin: str = Field(default="2024-03-01T12:00:00Z", description="UTC of the first event, or where it would be")
    before_s: float = Field(default=30.0, ge=0, le=3600)
    after_s: float = Field(default=90.0, ge=1, le=3600)
    rate_hz: float = Field(default=100.0, ge=20, le=500)
    packet_s: float = Field(default=1.0, ge=0.2, le=5)
    offset_m_s2: float = Field(default=0.01, ge=0, le=1, description="scatter of the channels' zero")
    telemetry: TelemetrySettings = TelemetrySettings()

    @property
    def origin_ns(self) -> int:
        """UTC nanoseconds of the first origin."""
        return utc_ns(self.origin)

    @property
    def start_ns(self) -> int:
        """UTC nanoseconds of the first sample."""
        return self.origin_ns - round(self.before_s * 1e9)

    @property
    def n_samples(self) -> int:
        """Samples of each component."""
        return round((self.before_s + self.after_s) * self.rate_hz)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.origin_ns <= 4_000_000_000 * NS_PER_S:
            raise ValueError(f"origin {self.origin!r} lies outside 1970 to 2096")
        for low, high in (
            ("magnitude_min", "magnitude_max"),
            ("depth_min_km", "depth_max_km"),
            ("twin_after_min_s", "twin_after_max_s"),
            ("twin_distance_min_km", "twin_distance_max_km"),
        ):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} {getattr(self, low):g} is above {high} {getattr(self, high):g}")
        for name in ("noise_level", "outside_km"):
            if getattr(self, name)[0] > getattr(self, name)[1]:
                raise ValueError(f"{name} {getattr(self, name)} does not rise")
        self._check_twins()
        if any(not 100 <= value <= 3000 for value in self.vs30_m_s):
            raise ValueError(f"vs30_m_s {self.vs30_m_s} leaves 100..3000 m/s")
        if self.stations * self.n_samples > LARGEST_SAMPLES:
            raise ValueError(f"stations {self.stations} times samples {self.n_samples} are above {LARGEST_SAMPLES}")
        return self

    def _check_twins(self) -> None:
        drawn = (self.twin_after_min_s, self.twin_after_max_s)
        after = drawn if self.twin_after_s is None else tuple(k * self.twin_after_s for k in range(self.events))
        if self.events > 1 and not (-self.before_s <= min(after) and max(after) < self.after_s):
            raise ValueError(f"twins {min(after):g} to {max(after):g} s after the first leave -before_s..after_s")
