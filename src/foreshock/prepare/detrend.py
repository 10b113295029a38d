"""Detrend: subtract what the last seconds were on average, or their straight line. Looks only back, knows no future.

A least-squares line through a whole record needs the record's end, so it cannot be the same live. Here the line (or
the mean) is fitted to the trailing `span_s` seconds, growing from one sample at the start, and its value at the newest
sample is subtracted. Both are high-pass filters with a corner near 1/`span_s`: choose a span several times the longest
period of interest.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from foreshock.config import Settings as AnySettings
from foreshock.prepare.step import ArrayStep, State
from foreshock.types.arrays import Bools, Float64

SMALLEST_BLOCK = 1024


class DetrendSettings(AnySettings):
    """What is subtracted (``mean`` or ``linear``) and over how many trailing seconds it is measured."""

    kind: Literal["mean", "linear"] = "mean"
    span_s: float = Field(default=60.0, gt=0, le=86_400)


class Detrend(ArrayStep):
    """Subtract the mean, or the end of the least-squares line, of the trailing span; holes are left out of both.

    >>> import numpy as np
    >>> y, _ = Detrend(span_s=2.0).apply(np.full((1, 4), 7.0), rate_hz=1.0)
    >>> y.tolist()
    [[0.0, 0.0, 0.0, 0.0]]
    """

    Settings: ClassVar[type[AnySettings]] = DetrendSettings
    settings: DetrendSettings

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Start with an empty trailing window."""
        n = max(2, round(self.settings.span_s * rate_hz))
        return {"past": np.zeros((*leading, n - 1)), "held": np.zeros((*leading, n - 1), bool)}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Subtract block by block, so that sums stay short and exact."""
        n = state["past"].shape[-1] + 1
        size = max(n, SMALLEST_BLOCK)
        parts = [
            self._block(x[..., k : k + size], valid[..., k : k + size], state) for k in range(0, x.shape[-1], size)
        ]
        return (np.concatenate(parts, -1) if parts else x), valid

    def _block(self, x: Float64, valid: Bools, state: State) -> Float64:
        n = state["past"].shape[-1] + 1
        held = np.concatenate([state["held"], valid], -1)
        values = np.concatenate([state["past"], np.where(valid, x, 0.0)], -1)
        state["past"], state["held"] = values[..., 1 - n :].copy(), held[..., 1 - n :].copy()
        count = np.maximum(_trailing(held.astype(float), n), 1.0)
        level = _trailing(values, n) / count
        if self.settings.kind == "linear":
            level = _line_end(values, held, n, level)
        return x - level

    @classmethod
    def specimens(cls, folder: Path) -> list[Detrend]:
        """Both kinds, with spans shorter and longer than the trial."""
        return [cls(), cls(span_s=1.3), cls(kind="linear", span_s=2.0)]


def _trailing(values: Float64, n: int) -> Float64:
    """Sums over the last `n` samples, for each sample that has n - 1 before it."""
    total = np.cumsum(values, -1)
    sums = total[..., n - 1 :].copy()
    sums[..., 1:] -= total[..., :-n]
    return sums


def _line_end(values: Float64, held: Bools, n: int, mean: Float64) -> Float64:
    """Value at the newest sample of the least-squares line through each trailing window (textbook normal equations)."""
    at = np.arange(values.shape[-1], dtype=float) - n
    now = at[n - 1 :]
    weight = held.astype(float)
    m0, m1, m2 = (_trailing(weight * at**k, n) for k in range(3))
    y0, y1 = _trailing(values, n), _trailing(values * at, n)
    t1, t2 = m1 - now * m0, m2 - 2 * now * m1 + now**2 * m0
    z1 = y1 - now * y0
    determinant = m0 * t2 - t1**2
    enough = m0 > 1.5
    line: Float64 = np.where(enough, (t2 * y0 - t1 * z1) / np.where(enough, determinant, 1.0), mean)
    return line
