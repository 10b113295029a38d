"""The instrument: poles, zeros, sensitivity, clipping level. Knows nothing of what moves the ground."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Float64
from foreshock.units import GROUND_MOTION_ORDER, STANDARD_GRAVITY_M_S2

_DIGITISER_COUNTS_PER_V = 2**23 / 20.0
"""24 bits over ±20 V."""


@dataclass(frozen=True)
class Instrument:
    """A sensor with its digitiser.

    Attributes:
        name: as settings call it; `code`: the instrument letter of SEED channel names.
        unit: what it responds to, ``m/s`` or ``m/s2``.
        poles, zeros: in rad/s; the gain is 1 at `flat_hz`.
        sensitivity: counts per unit at `flat_hz`.
        clip_counts: beyond this it says no more.
        floor_db: its own noise as acceleration, dB relative to 1 (m/s²)²/Hz.
    """

    name: str
    code: str
    unit: str
    poles: tuple[complex, ...]
    zeros: tuple[complex, ...]
    flat_hz: float
    sensitivity: float
    clip_counts: float
    floor_db: float

    def response(self, frequency_hz: Float64) -> npt.NDArray[np.complex128]:
        """Give counts per `unit` at frequencies (frequency,)."""
        return self.sensitivity * self._shape(frequency_hz) / np.abs(self._shape(np.array([self.flat_hz])))

    def normalisation(self) -> float:
        """Give A0, by which poles and zeros are multiplied so that their gain is 1 at `flat_hz`."""
        return float(1 / np.abs(self._shape(np.array([self.flat_hz])))[0])

    def _shape(self, frequency_hz: Float64) -> npt.NDArray[np.complex128]:
        s = 2j * np.pi * frequency_hz[:, None]
        up = np.prod(s - np.array(self.zeros, complex), axis=1)
        down = np.prod(s - np.array(self.poles, complex), axis=1)
        return np.asarray(up / down)

    def response_to(self, motion: str, frequency_hz: Float64) -> npt.NDArray[np.complex128]:
        """Give counts per displacement (``m``), velocity or acceleration; zero at frequency 0."""
        order = GROUND_MOTION_ORDER[self.unit] - GROUND_MOTION_ORDER[motion]
        turn = 2j * np.pi * np.where(frequency_hz > 0, frequency_hz, 1.0)
        return np.where(frequency_hz > 0, self.response(frequency_hz) * turn**order, 0)


def _pendulum(natural_hz: float, damping: float) -> tuple[complex, complex]:
    """Poles of a damped oscillator."""
    omega = 2 * np.pi * natural_hz
    root = omega * np.sqrt(1 - damping**2)
    return complex(-damping * omega, root), complex(-damping * omega, -root)


INSTRUMENTS = MappingProxyType(
    {
        "broadband": Instrument(
            "broadband",
            "H",
            "m/s",
            _pendulum(1 / 120, 0.707),
            (0j, 0j),
            1.0,
            1200 * _DIGITISER_COUNTS_PER_V,
            2.0**23,
            -190.0,
        ),
        "short_period": Instrument(
            "short_period",
            "H",
            "m/s",
            _pendulum(1.0, 0.7),
            (0j, 0j),
            10.0,
            16 * 170 * _DIGITISER_COUNTS_PER_V,
            2.0**23,
            -165.0,
        ),
        "accelerometer": Instrument(
            "accelerometer",
            "N",
            "m/s2",
            _pendulum(200.0, 0.7),
            (),
            1.0,
            2**23 / (2 * STANDARD_GRAVITY_M_S2),
            2.0**23,
            -140.0,
        ),
    }
)
"""A 120 s feedback seismometer, a 1 Hz geophone with a preamplifier of 16 and a ±2 g accelerometer: typical figures."""


def ideal(unit: str) -> Instrument:
    """Give an instrument that reports ground motion itself, without noise, limits or a response."""
    return Instrument("ideal", "H" if unit == "m/s" else "N", unit, (), (), 1.0, 1.0, np.inf, -np.inf)


def band_code(instrument: Instrument, *, rate_hz: float) -> str:
    """Give the SEED band letter of a rate and a kind of sensor (SEED manual 2.4, appendix A)."""
    short = instrument.name == "short_period"
    if rate_hz >= 250:
        return "D" if short else "C"
    if rate_hz >= 80:
        return "E" if short else "H"
    if rate_hz >= 10:
        return "S" if short else "B"
    return "M" if rate_hz > 1 else "L"


def anti_alias(frequency_hz: Float64, *, rate_hz: float) -> Float64:
    """Give the gain of the digitiser's anti-alias filter: 1 to 0.32 of the rate, 0 from 0.48, (frequency,)."""
    part = np.clip((frequency_hz / rate_hz - 0.32) / 0.16, 0, 1)
    return np.asarray(np.cos(0.5 * np.pi * part) ** 2)
