"""Attenuation: how a Wood-Anderson amplitude falls off with distance, region by region. Knows no waveforms.

The curves are data (``attenuation.json``), each with its source, region, range and the seismograph it was made for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from foreshock.errors import ConfigError, nearest

NM_PER_MM = 1e6
STANDARD = "iaspei_2013"


@dataclass(frozen=True, slots=True)
class Piece:
    """−log10 A0 = log_factor · log10 R + per_km · R + constant + Σ chebyshev[n] · T(n+1, z(R)), R in km."""

    log_factor: float
    per_km: float
    constant: float
    to_epicentral_km: float | None = None
    from_depth_km: float | None = None
    chebyshev: tuple[float, ...] = ()
    chebyshev_argument: tuple[float, float] = (1.0, 0.0)

    def holds(self, epicentral_km: float, depth_km: float) -> bool:
        """Whether it is meant for a source so far and so deep."""
        near = self.to_epicentral_km is None or epicentral_km <= self.to_epicentral_km
        return near and (self.from_depth_km is None or depth_km > self.from_depth_km)

    def minus_log_a0(self, hypocentral_km: float) -> float:
        """Give −log10 A0."""
        log_r = float(np.log10(hypocentral_km))
        slope, shift = self.chebyshev_argument
        waves = float(np.polynomial.chebyshev.chebval(slope * log_r + shift, (0.0, *self.chebyshev)))
        return self.log_factor * log_r + self.per_km * hypocentral_km + self.constant + waves


@dataclass(frozen=True, slots=True)
class Curve:
    """One published curve; see ``attenuation.json``.

    Attributes:
        region: south, north, west, east (deg), None where it is a choice of its own.
        distance: the kind it takes, ``hypocentral``. from_km, to_km: what it serves.
        unit: what A is measured in: ``mm`` on paper, or ``nm`` of a seismograph with static magnification 1.
        instrument: the seismograph's constants (see `wood_anderson.INSTRUMENTS`).
    """

    name: str
    title: str
    source: str
    doi: str
    region: tuple[float, float, float, float] | None
    distance: str
    from_km: float
    to_km: float
    unit: str
    instrument: str
    pieces: tuple[Piece, ...]

    def refusal(self, hypocentral_km: float) -> str:
        """Why a distance is not served; empty where it is."""
        if self.from_km <= hypocentral_km <= self.to_km:
            return ""
        return f"{hypocentral_km:.1f} km lies outside {self.from_km:g} to {self.to_km:g} km, which {self.name} serves"

    def magnitude(
        self,
        amplitude_mm: float,
        *,
        hypocentral_km: float,
        static_magnification: float,
        epicentral_km: float,
        depth_km: float,
    ) -> float:
        """Give ML of an amplitude (mm on paper, of a seismograph of that magnification); no range is checked.

        >>> curve = curves()["hutton_boore_1987"]
        >>> ml = curve.magnitude(
        ...     1.0, hypocentral_km=100.0, static_magnification=2080.0, epicentral_km=100.0, depth_km=0.0
        ... )
        >>> round(ml, 6)
        3.0
        """
        piece = next(one for one in self.pieces if one.holds(epicentral_km, depth_km))
        amplitude = amplitude_mm if self.unit == "mm" else amplitude_mm * NM_PER_MM / static_magnification
        return float(np.log10(amplitude)) + piece.minus_log_a0(hypocentral_km)

    def encloses(self, latitude: float, longitude: float) -> bool:
        """Whether a place lies in its region."""
        if self.region is None:
            return False
        south, north, west, east = self.region
        return south <= latitude <= north and west <= (longitude + 180) % 360 - 180 <= east

    @property
    def area_deg2(self) -> float:
        """How wide its region is."""
        if self.region is None:
            return float("inf")
        south, north, west, east = self.region
        return (north - south) * (east - west)


@cache
def _table() -> tuple[str, dict[str, Curve]]:
    told = json.loads(files("foreshock.predict.magnitude").joinpath("attenuation.json").read_text("utf-8"))
    return str(told["version"]), {one["name"]: _curve(one) for one in told["curves"]}


def _curve(told: dict[str, Any]) -> Curve:
    """A curve as the package's own file tells it; a test reads them all."""
    pieces = tuple(Piece(**_with_tuples(piece)) for piece in told["pieces"])
    return Curve(**{**_with_tuples(told), "pieces": pieces})


def _with_tuples(told: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}


def curves() -> dict[str, Curve]:
    """Give every curve by name."""
    return dict(_table()[1])


def version() -> str:
    """Version of the table of curves."""
    return _table()[0]


def curve_for(latitude: float, longitude: float, *, name: str | None = None) -> Curve:
    """Give the curve of that name, or that of the smallest region around a place, or the IASPEI standard.

    Raises:
        ConfigError: no curve has that name.
    """
    known = _table()[1]
    if name is not None:
        if name not in known:
            raise ConfigError(f"attenuation curve {name!r}", "it is not in the table", nearest(name, known))
        return known[name]
    around = [curve for curve in known.values() if curve.encloses(latitude, longitude)]
    return min(around, key=lambda curve: curve.area_deg2, default=known[STANDARD])
