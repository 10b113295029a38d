"""Response: from counts to ground motion, by one number or by the inverse of poles and zeros. Knows no station files.

The response of an instrument at f Hz is sensitivity · normalization · Π(iω - zero) / Π(iω - pole) with ω = 2πf, poles
and zeros in rad/s (SEED manual 2.4, appendix C). Its inverse, limited to a band by cosine flanks, is turned into a
symmetric-span filter of fixed length, so that whole records and live chunks get the same answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, field_validator, model_validator
from scipy import fft, signal

from foreshock.config import Settings as AnySettings
from foreshock.errors import ConfigError, UnitError
from foreshock.prepare.step import ArrayStep, State, absolute
from foreshock.types.arrays import AnyArray, Bools, Float64
from foreshock.units import unit as known_unit

Sensitivity = float | tuple[float, ...]
LARGEST_IN_BAND_ERROR = 0.05


def check_sensitivity(value: Sensitivity) -> Sensitivity:
    """Refuse a sensitivity that is zero or not finite; one number serves all channels, a list one each."""
    for number in value if isinstance(value, tuple) else (value,):
        if not (np.isfinite(number) and number != 0):
            raise ValueError(f"sensitivity {number} must be finite and not zero")
    return value


def per_channel(value: Sensitivity, leading: tuple[int, ...]) -> Float64:
    """Give sensitivities as an array that divides (…, channel, time).

    Raises:
        ConfigError: there is neither one number nor one a channel.
    """
    numbers = np.atleast_1d(np.asarray(value, np.float64))
    if len(numbers) != 1 and (not leading or len(numbers) != leading[-1]):
        raise ConfigError(
            f"{len(numbers)} sensitivities for {leading[-1] if leading else 1} channels",
            "there must be one, or one a channel",
            "give them in the order of the channels",
        )
    return numbers[:, None] if leading else numbers


def physical_unit(unit_in: str, unit_out: str) -> str:
    """The unit that comes out.

    Raises:
        UnitError: what comes in is no longer counts.
    """
    if unit_in not in ("count", "1"):
        raise UnitError(f"waveform is in {unit_in!r} already", "a response is removed from counts", "drop that step")
    return known_unit(unit_out).si


class SensitivitySettings(AnySettings):
    """Counts per `unit` of ground motion (one number, or one a channel), valid in the flat band of the instrument."""

    sensitivity: Sensitivity
    unit: str

    check = field_validator("sensitivity")(check_sensitivity)


class RemoveSensitivity(ArrayStep):
    """Divide by the sensitivity; offsets stay. Right inside the instrument's flat band only.

    >>> import numpy as np
    >>> y, _ = RemoveSensitivity(sensitivity=100.0, unit="m/s").apply(np.array([[50.0, 150.0]]), rate_hz=1.0)
    >>> y.tolist()
    [[0.5, 1.5]]
    """

    Settings: ClassVar[type[AnySettings]] = SensitivitySettings
    settings: SensitivitySettings

    def unit_out(self, unit: str) -> str:
        """The unit of ground motion the sensitivity refers to."""
        return physical_unit(unit, self.settings.unit)

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Spread the sensitivity over the channels."""
        factor = known_unit(self.settings.unit).factor
        return {"divisor": per_channel(self.settings.sensitivity, leading) / factor}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Divide."""
        return absolute(x, state) / state["divisor"], valid

    @classmethod
    def specimens(cls, folder: Path) -> list[RemoveSensitivity]:
        """One number, and one a channel."""
        return [cls(sensitivity=6.3e8, unit="m/s"), cls(sensitivity=(4e5, 4.1e5, 3.9e5), unit="m/s2")]


class ResponseSettings(AnySettings):
    """Poles and zeros in rad/s as (real, imaginary), the band in Hz, and how much the filter may look ahead.

    Attributes:
        normalization: makes the poles and zeros alone one at the instrument's reference frequency (A0).
        sensitivity: counts per `unit` there.
        low_hz, high_hz: the response is removed exactly between them; cosine flanks reach out to `low_hz` / 2 and
            to 1.25 `high_hz` (or half the sampling rate, if that is lower).
        water_level_db: the response is not taken to be weaker than this much below its maximum.
        look_ahead_s: half the filter's length; 4 / `low_hz` when not given.
    """

    poles: tuple[tuple[float, float], ...]
    zeros: tuple[tuple[float, float], ...] = ()
    normalization: float = 1.0
    sensitivity: Sensitivity
    unit: str
    low_hz: float = Field(gt=0)
    high_hz: float = Field(gt=0)
    water_level_db: float = Field(default=60.0, gt=0)
    look_ahead_s: float | None = Field(default=None, gt=0, le=3600)

    check = field_validator("sensitivity")(check_sensitivity)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if not self.low_hz < self.high_hz:
            raise ValueError(f"low_hz {self.low_hz} must lie below high_hz {self.high_hz}")
        if self.normalization == 0:
            raise ValueError("normalization must not be zero")
        return self


class RemoveResponse(ArrayStep):
    """Undo an instrument inside a band, by a fixed filter that looks `look_ahead_s` ahead.

    Raises:
        ConfigError: the band reaches half the sampling rate, or the filter is too short for its low corner.
    """

    Settings: ClassVar[type[AnySettings]] = ResponseSettings
    settings: ResponseSettings

    def unit_out(self, unit: str) -> str:
        """The unit of ground motion the response refers to."""
        return physical_unit(unit, self.settings.unit)

    def half_length(self, rate_hz: float) -> int:
        """Samples the filter reaches to each side."""
        return max(1, round((self.settings.look_ahead_s or 4.0 / self.settings.low_hz) * rate_hz))

    def look_ahead_s(self, rate_hz: float) -> float:
        """Half the filter's length."""
        return self.half_length(rate_hz) / rate_hz

    def inverse(self, frequency_hz: Float64, rate_hz: float) -> AnyArray:
        """What the filter should do at each frequency: the band-limited inverse of poles and zeros, without gain."""
        told = self.settings
        s = 2j * np.pi * frequency_hz
        response = np.full(s.shape, complex(told.normalization))
        for real, imaginary in told.zeros:
            response *= s - complex(real, imaginary)
        for real, imaginary in told.poles:
            response /= s - complex(real, imaginary)
        size = np.abs(response)
        floor = size.max() * 10 ** (-told.water_level_db / 20)
        response = np.where(size < floor, floor * np.exp(1j * np.angle(response)), response)
        inverse: AnyArray = cosine_band(frequency_hz, self.flanks_hz(rate_hz)) / response
        return inverse

    def flanks_hz(self, rate_hz: float) -> tuple[float, float, float, float]:
        """Where the band begins to rise, is full, begins to fall, and is nothing."""
        told = self.settings
        if told.high_hz >= rate_hz / 2:
            raise ConfigError(
                f"high_hz is {told.high_hz:g} Hz",
                f"it must lie below half the sampling rate, {rate_hz / 2:g} Hz",
                "lower it",
            )
        return told.low_hz / 2, told.low_hz, told.high_hz, min(1.25 * told.high_hz, rate_hz / 2)

    def design(self, rate_hz: float) -> Float64:
        """The filter's taps; tap `half_length` stands at the present sample.

        Raises:
            ConfigError: see the class.
        """
        half = self.half_length(rate_hz)
        n = fft.next_fast_len(8 * half + 8, real=True)
        frequency_hz = fft.rfftfreq(n, 1 / rate_hz)
        wanted = self.inverse(frequency_hz, rate_hz)
        wanted[0] = 0.0
        circular = fft.irfft(wanted, n)
        taps: Float64 = np.concatenate([circular[-half:], circular[: half + 1]])
        taps *= signal.windows.tukey(2 * half + 1, 0.5)
        self._check_length(taps, frequency_hz, wanted)
        taps -= taps.mean()
        return taps

    def _check_length(self, taps: Float64, frequency_hz: Float64, wanted: AnyArray) -> None:
        told = self.settings
        inside = (frequency_hz >= told.low_hz) & (frequency_hz <= told.high_hz)
        got = fft.rfft(taps, 2 * (len(frequency_hz) - 1))
        error = np.abs(np.abs(got[: len(wanted)]) - np.abs(wanted))[inside] / np.abs(wanted)[inside]
        if error.max(initial=0) > LARGEST_IN_BAND_ERROR:
            raise ConfigError(
                f"response filter with low_hz {told.low_hz:g} and {len(taps)} taps is wrong by {error.max():.0%}",
                f"inside its band it must be right to {LARGEST_IN_BAND_ERROR:.0%}",
                "raise low_hz or look_ahead_s",
            )

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Design the filter and fill its past with silence."""
        half = self.half_length(rate_hz)
        return {
            "taps": self.design(rate_hz),
            "divisor": per_channel(self.settings.sensitivity, leading) / known_unit(self.settings.unit).factor,
            "past": np.zeros((*leading, 2 * half)),
            "valid": np.zeros((*leading, 0), bool),
            "early": half,
        }

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Overlap-save: filter the next samples behind the last ones, drop what lies before sample 0."""
        valid = np.concatenate([state["valid"], valid], -1)
        if x.shape[-1] == 0:
            return x, valid[..., :0]
        x = np.concatenate([state["past"], x], -1)
        span = 2 * (len(state["taps"]) // 2)
        taps = state["taps"].reshape((1,) * (x.ndim - 1) + (-1,))
        y = signal.oaconvolve(x, taps, mode="valid", axes=-1)
        early = min(state["early"], y.shape[-1])
        y = y[..., early:] / state["divisor"]
        state["early"] -= early
        state["past"], state["valid"] = x[..., -span:].copy(), valid[..., y.shape[-1] :].copy()
        return y, valid[..., : y.shape[-1]]

    def drain(self, state: State) -> tuple[Float64, Bools] | None:
        """Give the rest as if the last value went on."""
        half = len(state["taps"]) // 2
        held = np.repeat(state["last"][..., None], half, -1)
        owed = state["valid"].shape[-1]
        y, valid = self.run(held, np.zeros(held.shape, bool), state)
        return y[..., :owed], valid[..., :owed]

    @classmethod
    def specimens(cls, folder: Path) -> list[RemoveResponse]:
        """A 1 Hz geophone (damping 0.707), from 0.5 Hz up."""
        pole = 2 * np.pi * np.sqrt(0.5)
        geophone = {"poles": ((-pole, pole), (-pole, -pole)), "zeros": ((0.0, 0.0), (0.0, 0.0))}
        return [cls(**geophone, sensitivity=4e8, unit="m/s", low_hz=0.5, high_hz=35.0)]


def cosine_band(frequency_hz: Float64, flanks_hz: tuple[float, float, float, float]) -> Float64:
    """One between the inner flanks, zero beyond the outer ones, half cosines between.

    >>> cosine_band(np.array([0.0, 1.5, 3.0, 9.0]), (1.0, 2.0, 4.0, 8.0)).round(2).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """
    rise = np.interp(frequency_hz, flanks_hz[:2], (0.0, 1.0))
    fall = np.interp(frequency_hz, flanks_hz[2:], (1.0, 0.0))
    band: Float64 = 0.25 * (1 - np.cos(np.pi * rise)) * (1 - np.cos(np.pi * fall))
    return band
