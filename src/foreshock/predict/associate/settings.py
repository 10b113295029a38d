"""What the associator can be told; what is left open comes from the network's own geometry. Knows no picks."""

from __future__ import annotations

from pydantic import Field

from foreshock.config import Settings


class AssociateSettings(Settings):
    """Settings of the associator; `settings_for` fills in what is None.

    Attributes:
        false_per_day: how many events a day chance may make of noise picks alone; the evidence that an event needs
            follows from it.
        min_picks, min_sites: fewer picks, or stations, make no event.
        cell_km: width of the cells of the coarse search.
        margin_km: how far beyond the stations is searched.
        max_depth_km: how deep is searched.
        block_s: time that is searched at once; live, an event waits for the end of its block.
        guard_s: time beyond either end of a block that is searched along.
        static_s: standard deviation of what a station always adds.
        model_fraction: standard deviation of the travel times' error, as a share of the travel time.
        seen_p, seen_s: part of P and of S that is picked where an event is strong enough.
        noise_per_hour: noise picks of one phase an hour and station, believed until the network's own are known.
        noise_memory_hours: time over which noise picks are counted.
        silent_s: a station without any pick for so long is taken to be off; its silence says nothing.
    """

    false_per_day: float = Field(default=0.1, gt=0, le=1e6)
    min_picks: int = Field(default=5, ge=4, le=1000)
    min_sites: int = Field(default=3, ge=3, le=1000)
    cell_km: float | None = Field(default=None, gt=0, le=1000)
    margin_km: float | None = Field(default=None, ge=0, le=2000)
    max_depth_km: float | None = Field(default=None, gt=0, le=800)
    block_s: float = Field(default=120.0, ge=10, le=3600)
    guard_s: float = Field(default=10.0, ge=1, le=600)
    static_s: float = Field(default=0.15, ge=0, le=10)
    model_fraction: float = Field(default=0.015, ge=0, le=0.2)
    seen_p: float = Field(default=0.8, gt=0, lt=1)
    seen_s: float = Field(default=0.5, gt=0, lt=1)
    noise_per_hour: float = Field(default=3.0, gt=0, le=1e4)
    noise_memory_hours: float = Field(default=6.0, gt=0, le=1e4)
    silent_s: float = Field(default=3600.0, gt=0, le=1e7)
