"""Write a step of your own, and let the law find out whether it is one.

`Jingle` is invented: it smooths the absolute value of the motion, as a bell rings on after it was struck.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from foreshock import Waveform, example_waveform
from foreshock.config import Settings
from foreshock.errors import PluginError
from foreshock.law import check_step
from foreshock.prepare.step import ArrayStep, State
from foreshock.types.arrays import Bools, Float64


class JingleSettings(Settings):
    """How long it rings on, in seconds."""

    ring_s: float = Field(default=1.0, gt=0, le=600)


class Jingle(ArrayStep):
    """Smooth the absolute value: y[t] = a · y[t − 1] + (1 − a) · |x[t]| with a = exp(−1 / (ring_s · rate_hz))."""

    Settings: ClassVar[type[Settings]] = JingleSettings
    settings: JingleSettings

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        """Start silent; what a later chunk needs is kept in the state and nowhere else."""
        return {"a": float(np.exp(-1 / (self.settings.ring_s * rate_hz))), "y": np.zeros(leading)}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Ring on from where the last chunk ended."""
        out, y, a = np.empty_like(x), state["y"], state["a"]
        for t in range(x.shape[-1]):
            y = a * y + (1 - a) * np.abs(x[..., t])
            out[..., t] = y
        state["y"] = y
        return out, valid


class Broken(ArrayStep):
    """Divide by the largest sample: easily written, and wrong, since a chunk does not know the whole."""

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        """Scale what has come so far."""
        return x / max(float(np.abs(x).max(initial=0.0)), 1e-12), valid


def main() -> None:
    check_step(Jingle(ring_s=0.5))
    print("Jingle passes: chunked equals whole, it forgets, copies, saves, and does not grow")
    try:
        check_step(Broken())
    except PluginError as error:
        print(f"Broken does not: {error}")

    wave: Waveform = example_waveform()
    print(f"{wave}\n  → largest envelope {Jingle(ring_s=0.5)(wave).data.max():.0f} {wave.unit}")


if __name__ == "__main__":
    main()
