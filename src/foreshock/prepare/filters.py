"""Filters: causal Butterworth sections that remember where they were. Knows no records and no zero-phase tricks.

Corners are the half-power (-3 dB) frequencies. `order` is that of the low-pass prototype, so a band-pass of order 4 has
four pole pairs, as in `obspy.signal.filter.bandpass(corners=4)` and `scipy.signal.butter(4, …, "bandpass")`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import signal

from foreshock.config import Settings as AnySettings
from foreshock.errors import ConfigError
from foreshock.prepare.step import ArrayStep, State, absolute
from foreshock.types.arrays import Bools, Float64


class HighpassSettings(AnySettings):
    """Lower corner in Hz and order."""

    low_hz: float = Field(gt=0)
    order: int = Field(default=4, ge=1, le=12)


class LowpassSettings(AnySettings):
    """Upper corner in Hz and order."""

    high_hz: float = Field(gt=0)
    order: int = Field(default=4, ge=1, le=12)


class BandSettings(AnySettings):
    """Both corners in Hz, the lower one first, and order."""

    low_hz: float = Field(gt=0)
    high_hz: float = Field(gt=0)
    order: int = Field(default=4, ge=1, le=12)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if not self.low_hz < self.high_hz:
            raise ValueError(f"low_hz {self.low_hz} must lie below high_hz {self.high_hz}")
        return self


def butterworth_sos(kind: str, corners_hz: tuple[float, ...], *, order: int, rate_hz: float) -> Float64:
    """Design second-order sections (section, 6).

    Raises:
        ConfigError: a corner does not lie below half the sampling rate.

    >>> butterworth_sos("lowpass", (1.0,), order=2, rate_hz=10.0).shape
    (1, 6)
    """
    if max(corners_hz) >= rate_hz / 2:
        raise ConfigError(
            f"{kind} corner is {max(corners_hz):g} Hz",
            f"it must lie below half the sampling rate, {rate_hz / 2:g} Hz",
            "lower the corner or resample to a higher rate first",
        )
    return _designed(kind, corners_hz, order, rate_hz).copy()


@lru_cache(maxsize=64)
def _designed(kind: str, corners_hz: tuple[float, ...], order: int, rate_hz: float) -> Float64:
    corner: Any = corners_hz if len(corners_hz) > 1 else corners_hz[0]
    sos: Float64 = signal.butter(order, corner, kind, output="sos", fs=rate_hz)
    return sos


def quiet_sections(sos: Float64, leading: tuple[int, ...]) -> Float64:
    """The memory of sections that have seen nothing but zeros, for arrays (*leading, time)."""
    return np.zeros((len(sos), *leading, 2))


class _Butterworth(ArrayStep):
    """Sections with carried memory; offsets are taken out before and, where the filter passes them, put back."""

    kind: ClassVar[str]
    passes_offset: ClassVar[bool]

    def corners_hz(self) -> tuple[float, ...]:
        """The corners, in Hz."""
        told = self.settings.model_dump()
        return tuple(told[name] for name in ("low_hz", "high_hz") if name in told)

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Design the sections for this rate."""
        sos = butterworth_sos(self.kind, self.corners_hz(), order=self.settings.order, rate_hz=rate_hz)
        return {"sos": sos, "memory": quiet_sections(sos, leading)}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Filter the next samples."""
        if x.shape[-1] == 0:
            return x, valid
        y, state["memory"] = signal.sosfilt(state["sos"], x, axis=-1, zi=state["memory"])
        return (absolute(y, state) if self.passes_offset else y), valid


class Highpass(_Butterworth):
    """Keep what is faster than `low_hz`.

    >>> Highpass(low_hz=1.0)
    Highpass(low_hz=1.0, order=4)
    """

    Settings = HighpassSettings
    kind = "highpass"
    passes_offset = False

    @classmethod
    def specimens(cls, folder: Path) -> list[Highpass]:
        """A low and a high corner."""
        return [cls(low_hz=0.5), cls(low_hz=10.0, order=2)]


class Lowpass(_Butterworth):
    """Keep what is slower than `high_hz`, the offset included."""

    Settings = LowpassSettings
    kind = "lowpass"
    passes_offset = True

    @classmethod
    def specimens(cls, folder: Path) -> list[Lowpass]:
        """An even and an odd order."""
        return [cls(high_hz=10.0), cls(high_hz=2.0, order=3)]


class Bandpass(_Butterworth):
    """Keep what lies between `low_hz` and `high_hz`."""

    Settings = BandSettings
    kind = "bandpass"
    passes_offset = False

    @classmethod
    def specimens(cls, folder: Path) -> list[Bandpass]:
        """A wide and a narrow band."""
        return [cls(low_hz=1.0, high_hz=20.0), cls(low_hz=0.2, high_hz=1.0, order=2)]


class Bandstop(_Butterworth):
    """Remove what lies between `low_hz` and `high_hz` (mains hum, a machine), keep the offset."""

    Settings = BandSettings
    kind = "bandstop"
    passes_offset = True

    @classmethod
    def specimens(cls, folder: Path) -> list[Bandstop]:
        """A notch."""
        return [cls(low_hz=15.0, high_hz=18.0, order=2)]
