"""What is believed of an earthquake at one moment: weighted samples of size, place and time. Knows no shaking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foreshock.errors import InputError, nearest
from foreshock.geo import check_place
from foreshock.predict.shaking.model import MECHANISMS
from foreshock.types.arrays import Float64, frozen

MOST_SAMPLES = 5000


@dataclass(frozen=True, eq=False)
class SourcePosterior:
    """Samples of the source; arrays (sample,), of which single numbers hold for all.

    Attributes:
        origin_time_ns: UTC nanoseconds that `origin_shift_s` counts from.
        magnitude, latitude, longitude, depth_km: of each sample.
        weight: how much it is believed; made to sum to 1.
        origin_shift_s: when it began after `origin_time_ns`.
        mechanism: how the fault slips, where it is known.

    Raises:
        InputError: lengths differ, a value is none of an earthquake, or weights do not sum to more than 0.

    >>> SourcePosterior(0, [5.9, 6.1], [30.0, 30.1], [100.0, 100.0], 10.0, [1.0, 3.0]).weight.tolist()
    [0.25, 0.75]
    """

    origin_time_ns: int
    magnitude: Float64
    latitude: Float64
    longitude: Float64
    depth_km: npt.ArrayLike = 10.0
    weight: npt.ArrayLike = 1.0
    origin_shift_s: npt.ArrayLike = 0.0
    mechanism: str = "unknown"

    def __post_init__(self) -> None:
        names = ("magnitude", "latitude", "longitude", "depth_km", "weight", "origin_shift_s")
        try:
            arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(getattr(self, n), float)) for n in names))
        except ValueError as error:
            raise InputError(f"samples do not fit ({error})", "they must be equally many", "give one each") from error
        if arrays[0].ndim != 1 or not 1 <= arrays[0].size <= MOST_SAMPLES:
            raise InputError(f"samples have shape {arrays[0].shape}", f"give 1 to {MOST_SAMPLES}", "thin them")
        for name, values in zip(names, arrays, strict=True):
            object.__setattr__(self, name, frozen(values, np.float64))
        self._check()
        weight = np.asarray(self.weight)
        object.__setattr__(self, "weight", frozen(weight / weight.sum(), np.float64))

    def _check(self) -> None:
        check_place(self.latitude, self.longitude, whose="samples of the source")
        for name, low, high in (("magnitude", -2, 10), ("depth_km", -10, 800), ("origin_shift_s", -3600, 3600)):
            values = np.asarray(getattr(self, name))
            wrong = ~((values >= low) & (values <= high))
            if wrong.any():
                raise InputError(f"{name} is {values[wrong][0]:g}", f"it must lie in {low}..{high}", "correct it")
        weight = np.asarray(self.weight)
        if not (np.all(np.isfinite(weight) & (weight >= 0)) and weight.sum() > 0):
            raise InputError("weights of the samples", "they must be ≥ 0 and sum to more than 0", "correct them")
        if self.mechanism not in MECHANISMS:
            raise InputError(f"mechanism is {self.mechanism!r}", "it is not known", nearest(self.mechanism, MECHANISMS))
