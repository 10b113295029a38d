"""What the locator can be told. Knows no picks."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from foreshock.config import Settings


class LocateSettings(Settings):
    """Settings of the locator.

    Attributes:
        model_error_s, model_error_share: standard deviation of what the model gets wrong at one station: a constant
            and a share of the travel time, added in squares to the pick's own.
        scale_error_share: standard deviation of the one factor by which all P (and all S) travel times are wrong.
        freedom: degrees of freedom of Student's t, the likelihood of a residual; fewer distrust outliers more.
        margin_km: how far around the network is searched; None is the network's own half width, at least 50 km.
        shallowest_km, deepest_km: depths searched, below sea level.
        fixed_depth_km: the depth, where it shall not be sought.
        default_depth_km: the depth assumed where the picks cannot tell it.
        most_depth_error_km: a depth less sure than this is not told by the picks.
        samples: points of the posterior.
    """

    model_error_s: float = Field(default=0.12, ge=0, le=10)
    model_error_share: float = Field(default=0.01, ge=0, le=0.5)
    scale_error_share: float = Field(default=0.04, gt=0, le=0.5)
    freedom: float = Field(default=4.0, ge=1, le=100)
    margin_km: float | None = Field(default=None, ge=0, le=2000)
    shallowest_km: float = Field(default=0.0, ge=-10, le=100)
    deepest_km: float = Field(default=50.0, gt=0, le=800)
    fixed_depth_km: float | None = Field(default=None, ge=-10, le=800)
    default_depth_km: float = Field(default=10.0, ge=-10, le=800)
    most_depth_error_km: float = Field(default=12.0, gt=0, le=200)
    samples: int = Field(default=300, ge=50, le=20_000)

    @model_validator(mode="after")
    def _depths_in_order(self) -> Self:
        if not self.shallowest_km < self.deepest_km:
            raise ValueError(f"shallowest_km {self.shallowest_km} must lie above deepest_km {self.deepest_km}")
        for name in ("fixed_depth_km", "default_depth_km"):
            depth = getattr(self, name)
            if depth is not None and not self.shallowest_km <= depth <= self.deepest_km:
                raise ValueError(f"{name} {depth} must lie in {self.shallowest_km}..{self.deepest_km}")
        return self
