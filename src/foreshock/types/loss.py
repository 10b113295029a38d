"""Loss: what shaking costs, as a distribution. Knows nothing about buildings or models."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.errors import InputError


@dataclass(frozen=True, slots=True)
class Loss:
    """A quantity lost at a site or in a region, by its mean and quantiles.

    >>> Loss("region-1", "structural", "USD", mean=10.0, q05=1.0, q50=8.0, q95=30.0).unit
    'USD'
    """

    place: str
    kind: str
    unit: str
    mean: float
    q05: float
    q50: float
    q95: float

    def __post_init__(self) -> None:
        if not 0 <= self.q05 <= self.q50 <= self.q95 or not self.mean >= 0:
            raise InputError(
                f"loss {self.kind} at {self.place}: mean {self.mean}, quantiles {self.q05}, {self.q50}, {self.q95}",
                "losses are not negative and quantiles do not fall",
                "correct the model",
            )
