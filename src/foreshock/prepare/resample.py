"""Resample: another sampling rate by a linear-phase polyphase filter, sample times kept. Knows no clocks that drift.

Output sample k stands at the time of sample 0 plus k / rate_hz: the filter is symmetric and its delay is undone by
looking ahead. The stop band begins at half the lower of the two rates and is 80 dB down (Kaiser 1974: the width of the
transition is (A - 8) / (2.285 (N - 1)) rad for A dB and N taps).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy import signal

from foreshock.config import Settings as AnySettings
from foreshock.errors import ConfigError
from foreshock.prepare.step import ArrayStep, State, absolute
from foreshock.types.arrays import Bools, Float64, Ints

STOP_DB = 80.0
LARGEST_FACTOR = 2000
RATE_TOLERANCE = 1e-7
"""A ratio of rates is taken as rational when it is so to this relative error (9 ms a day)."""


class ResampleSettings(AnySettings):
    """Wanted rate, and half the filter's length in samples of the slower of the two rates (more: steeper, later)."""

    rate_hz: float = Field(gt=0, le=1e6)
    half_width: int = Field(default=20, ge=6, le=1000)


def ratio(rate_in_hz: float, rate_out_hz: float) -> tuple[int, int]:
    """Write the ratio of two rates as up / down.

    Raises:
        ConfigError: it is not a ratio of whole numbers up to 2000.

    >>> ratio(31.25, 100.0)
    (16, 5)
    """
    exact = rate_out_hz / rate_in_hz
    near = Fraction(exact).limit_denominator(LARGEST_FACTOR)
    if near.numerator > LARGEST_FACTOR or near == 0 or abs(float(near) - exact) > RATE_TOLERANCE * exact:
        raise ConfigError(
            f"resampling from {rate_in_hz!r} to {rate_out_hz!r} Hz",
            f"the two must stand in a ratio of whole numbers up to {LARGEST_FACTOR}",
            "choose a rate that is a simple fraction of the other, or correct the header's rate",
        )
    return near.numerator, near.denominator


def anti_alias_fir(up: int, down: int, *, half_width: int) -> Float64:
    """Design the symmetric filter (2 · half_width · max(up, down) + 1 taps) that runs at `up` times the input rate.

    >>> taps = anti_alias_fir(1, 2, half_width=20)
    >>> len(taps), round(float(taps.sum()), 12)
    (81, 1.0)
    """
    slower = max(up, down)
    transition = (STOP_DB - 8.0) / (2.285 * np.pi * 2 * half_width)
    cutoff = (1.0 - transition / 2) / slower
    window = ("kaiser", signal.kaiser_beta(STOP_DB))
    taps: Float64 = up * signal.firwin(2 * half_width * slower + 1, cutoff, window=window)
    return taps


class Resample(ArrayStep):
    """Change the rate; a sample is valid when all input nearer than one sample (of the slower rate) is.

    Raises:
        ConfigError: the rates do not stand in a simple ratio (when the first samples come).

    >>> import numpy as np
    >>> y, _ = Resample(rate_hz=50.0).apply(np.ones((1, 200)), rate_hz=100.0)
    >>> y.shape, bool(np.allclose(y, 1.0))
    ((1, 100), True)
    """

    Settings: ClassVar[type[AnySettings]] = ResampleSettings
    settings: ResampleSettings

    def rate_out_hz(self, rate_hz: float) -> float:
        """The wanted rate."""
        return self.settings.rate_hz

    def look_ahead_s(self, rate_hz: float) -> float:
        """Half the filter's length."""
        up, down = ratio(rate_hz, self.settings.rate_hz)
        return 0.0 if up == down else self.settings.half_width / min(rate_hz, self.settings.rate_hz)

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Design the filter; its front is padded so that outputs fall on whole steps of `down`."""
        up, down = ratio(rate_hz, self.settings.rate_hz)
        taps = anti_alias_fir(up, down, half_width=self.settings.half_width)
        half = len(taps) // 2
        return {
            "up": up,
            "down": down,
            "half": half,
            "taps": np.concatenate([np.zeros(-half % down), taps]),
            "x": np.zeros((*leading, 0)),
            "valid": np.zeros((*leading, 0), bool),
            "dropped": 0,
            "n_in": 0,
            "n_out": 0,
        }

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Give every output whose whole filter has been filled."""
        if state["up"] == state["down"]:
            return absolute(x, state), valid
        state["n_in"] += x.shape[-1]
        last = (state["n_in"] - 1) * state["up"] - state["half"]
        return self._give(x, valid, max(state["n_out"], last // state["down"] + 1), state)

    def drain(self, state: State) -> tuple[Float64, Bools] | None:
        """Give the rest as if the last value went on; the span in seconds is kept to less than one sample."""
        if state["up"] == state["down"]:
            return None
        more = -(-state["half"] // state["up"]) + state["down"]
        held = np.repeat(state["last"][..., None], more, -1)
        wanted = -(-state["n_in"] * state["up"] // state["down"])
        return self._give(held, np.ones(held.shape, bool), wanted, state)

    def _give(self, x: Float64, valid: Bools, end: int, state: State) -> tuple[Float64, Bools]:
        """Outputs from the next one up to but not including `end`; keep only the input that later ones need."""
        x = np.concatenate([state["x"], x], -1)
        valid = np.concatenate([state["valid"], valid], -1)
        k = np.arange(state["n_out"], end)
        y, mask = self._filter(x, k, state), self._mask(valid, k, state)
        state["n_out"] = end
        needed = max(0, (end * state["down"] - state["half"]) // state["up"] - 1)
        drop = max(0, needed // state["down"] * state["down"] - state["dropped"])
        state["x"], state["valid"] = x[..., drop:].copy(), valid[..., drop:].copy()
        state["dropped"] += drop
        return absolute(y, state), mask

    def _filter(self, x: Float64, k: Ints, state: State) -> Float64:
        if not len(k):
            return np.zeros((*x.shape[:-1], 0))
        lead = state["half"] + (-state["half"] % state["down"]) - state["dropped"] * state["up"]
        first = int(k[0]) + lead // state["down"]
        out: Float64 = signal.upfirdn(state["taps"], x, state["up"], state["down"], axis=-1)
        return out[..., first : first + len(k)]

    def _mask(self, valid: Bools, k: Ints, state: State) -> Bools:
        """All input strictly nearer than one sample of the slower rate must be valid."""
        up, down, slower = state["up"], state["down"], max(state["up"], state["down"])
        low = np.maximum((k * down - slower) // up + 1, 0) - state["dropped"]
        high = -((-k * down - slower) // up) - 1 - state["dropped"]
        bad = np.zeros((*valid.shape[:-1], valid.shape[-1] + 1), np.int64)
        np.cumsum(~valid, -1, out=bad[..., 1:])
        low, high = np.clip(low, 0, valid.shape[-1]), np.clip(high + 1, 0, valid.shape[-1])
        mask: Bools = bad[..., high] == bad[..., low]
        return mask

    @classmethod
    def specimens(cls, folder: Path) -> list[Resample]:
        """Down, up, by a fraction, and not at all (from the law's 100 Hz)."""
        return [cls(rate_hz=50.0), cls(rate_hz=10.0), cls(rate_hz=200.0), cls(rate_hz=31.25), cls(rate_hz=100.0)]
