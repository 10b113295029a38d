"""Frame: places as kilometres east and north of a centre, wherever on the Earth. Knows no events and no pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from foreshock.geo import inverse
from foreshock.types.arrays import Float64


@dataclass(frozen=True, slots=True)
class Frame:
    """A plane that touches the Earth at a centre: distances and directions from there are true (azimuthal equidistant).

    >>> frame = Frame.around([10.0, 10.0], [179.0, -179.0])
    >>> x, y = frame.km([10.0, 10.0], [179.0, -179.0])
    >>> [round(float(value)) for value in x], abs(frame.longitude)
    ([-110, 110], 180.0)
    """

    latitude: float
    longitude: float

    @classmethod
    def around(cls, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Frame:
        """The middle of some places, also across the date line and the poles."""
        lat, lon = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
        x, y, z = (np.cos(lat) * np.cos(lon)).mean(), (np.cos(lat) * np.sin(lon)).mean(), np.sin(lat).mean()
        middle = np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
        return cls(round(float(middle[0]), 6), round(float(middle[1]), 6))

    def km(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> tuple[Float64, Float64]:
        """Kilometres east and north of the centre."""
        away, azimuth, _ = inverse(self.latitude, self.longitude, latitude, longitude)
        angle = np.radians(azimuth)
        return away * np.sin(angle), away * np.cos(angle)

    def turned_deg(self, latitude: npt.ArrayLike, longitude: npt.ArrayLike) -> Float64:
        """By how much directions at a place are turned clockwise on the plane."""
        _, azimuth, back = inverse(self.latitude, self.longitude, latitude, longitude)
        return np.asarray((azimuth - back) % 360.0 - 180.0)

    def __str__(self) -> str:
        north = f"{abs(self.latitude):.3f}° {'N' if self.latitude >= 0 else 'S'}"
        return f"{north}, {abs(self.longitude):.3f}° {'E' if self.longitude >= 0 else 'W'}"
