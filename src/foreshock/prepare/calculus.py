"""Calculus: acceleration to velocity to displacement and back. Knows nothing about counts, and refuses them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field
from scipy import signal

from foreshock.config import Settings as AnySettings
from foreshock.errors import UnitError
from foreshock.prepare.filters import butterworth_sos, quiet_sections
from foreshock.prepare.step import ArrayStep, State, absolute
from foreshock.types.arrays import Bools, Float64
from foreshock.units import GROUND_MOTION_ORDER


def neighbour_unit(unit: str, by: int) -> str:
    """The unit after differentiating `by` times (negative: integrating).

    Raises:
        UnitError: the unit is not one of ground motion, or the result would be none.

    >>> neighbour_unit("m/s2", -1)
    'm/s'
    """
    order = {number: name for name, number in GROUND_MOTION_ORDER.items()}
    verb = "differentiate" if by > 0 else "integrate"
    if unit not in GROUND_MOTION_ORDER:
        raise UnitError(f"cannot {verb} {unit!r}", "it is not a unit of ground motion", "remove the sensitivity first")
    found = order.get(GROUND_MOTION_ORDER[unit] + by)
    if found is None:
        raise UnitError(f"cannot {verb} {unit!r}", f"the result is none of {sorted(order.values())}", "drop that step")
    return found


class IntegrateSettings(AnySettings):
    """Corner (Hz) and order of a high-pass that runs before the integral; None integrates what comes as it is."""

    low_hz: float | None = Field(default=None, gt=0)
    order: int = Field(default=2, ge=2, le=12)


class Integrate(ArrayStep):
    """Integrate over time by the trapezoid rule, from zero at the first sample; nothing is added in holes.

    An offset in the input grows into a ramp: detrend or set `low_hz` (of order 2 or more, so that a step in the input
    leaves no lasting offset in the output).

    >>> import numpy as np
    >>> y, _ = Integrate().apply(np.ones((1, 5)), rate_hz=2.0)
    >>> y.tolist()
    [[0.0, 0.5, 1.0, 1.5, 2.0]]
    """

    Settings: ClassVar[type[AnySettings]] = IntegrateSettings
    settings: IntegrateSettings

    def unit_out(self, unit: str) -> str:
        """m/s2 becomes m/s, m/s becomes m."""
        return neighbour_unit(unit, -1)

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Start from zero."""
        state: State = {
            "half_step_s": 0.5 / rate_hz,
            "before": np.full(leading, np.nan),
            "total": np.zeros(leading),
        }
        if self.settings.low_hz is not None:
            sos = butterworth_sos("highpass", (self.settings.low_hz,), order=self.settings.order, rate_hz=rate_hz)
            state |= {"sos": sos, "memory": quiet_sections(sos, leading)}
        return state

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Add up the next trapezoids."""
        if x.shape[-1] == 0:
            return x, valid
        if "sos" in state:
            x, state["memory"] = signal.sosfilt(state["sos"], x, axis=-1, zi=state["memory"])
        else:
            x = absolute(x, state)
        x = np.where(valid, x, 0.0)
        before = np.where(np.isnan(state["before"]), -x[..., 0], state["before"])
        pairs = x + np.concatenate([before[..., None], x[..., :-1]], -1)
        pairs *= state["half_step_s"]
        pairs[..., 0] += state["total"]
        y = np.cumsum(pairs, -1)
        state["before"], state["total"] = x[..., -1].copy(), y[..., -1].copy()
        return y, valid

    @classmethod
    def specimens(cls, folder: Path) -> list[Integrate]:
        """Plain and with a corner; the law must try them on a unit of ground motion."""
        return [cls(), cls(low_hz=0.1)]


class Differentiate(ArrayStep):
    """Differentiate over time by central differences (second order), one-sided at both ends, as `numpy.gradient` does.

    A sample is valid when it and its neighbours are. Looks one sample ahead.
    """

    def unit_out(self, unit: str) -> str:
        """m becomes m/s, m/s becomes m/s2."""
        return neighbour_unit(unit, +1)

    def look_ahead_s(self, rate_hz: float) -> float:
        """One sample."""
        return 1.0 / rate_hz

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Start with nothing held back."""
        return {"rate_hz": rate_hz, "x": np.zeros((*leading, 0)), "valid": np.zeros((*leading, 0), bool), "ends": 0}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Give every sample whose right neighbour has come."""
        return self._give(np.concatenate([state["x"], x], -1), np.concatenate([state["valid"], valid], -1), state)

    def drain(self, state: State) -> tuple[Float64, Bools] | None:
        """Give the last sample by its left neighbour alone."""
        x, valid = state["x"], state["valid"]
        if not x.shape[-1]:
            return None
        one_sided = 2 * (x[..., -1:] - x[..., -2:-1]) if x.shape[-1] > 1 else np.zeros_like(x)
        return one_sided * (0.5 * state["rate_hz"]), valid[..., -2:].all(-1, keepdims=True)

    def _give(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        state["x"], state["valid"] = x[..., -2:].copy(), valid[..., -2:].copy()
        y, mask = x[..., 2:] - x[..., :-2], valid[..., 2:] & valid[..., 1:-1] & valid[..., :-2]
        if not state["ends"] and x.shape[-1] > 1:
            state["ends"] = 1
            y = np.concatenate([2 * (x[..., 1:2] - x[..., :1]), y], -1)
            mask = np.concatenate([valid[..., :2].all(-1, keepdims=True), mask], -1)
        return y * (0.5 * state["rate_hz"]), mask

    @classmethod
    def specimens(cls, folder: Path) -> list[Differentiate]:
        """One; the law must try it on a unit of ground motion."""
        return [cls()]
