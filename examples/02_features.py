"""Features of a recording, measured whole and as a stream; both give the same numbers."""

from __future__ import annotations

import foreshock as fs
from foreshock.features.running import RunningFeatures
from foreshock.plugins import build_steps

NAMES = ["rms", "peak", "zero_crossing_rate", "kurtosis"]


def main() -> None:
    highpass = fs.Chain(build_steps([{"step": "highpass", "low_hz": 0.5}]))
    wave = highpass(fs.example_waveform())

    table = fs.feature_table(wave.data[None], rate_hz=wave.rate_hz, unit=wave.unit)
    known = table.columns[table.notna().iloc[0]]
    print(f"{table.shape[1]} columns, {len(known)} of them measured: the samples are counts and no P was named,")
    print("so that peak ground motion and the P-wave parameters stay empty rather than wrong")

    stream = RunningFeatures(wave.rate_hz, wave.unit, names=NAMES)
    for first in range(0, wave.n_samples, 250):
        stream.update(wave.cut(first, first + 250))
    so_far = stream.values()

    print(f"{'feature':22} {'whole':>12} {'in chunks':>12}")
    for name, value in so_far.items():
        print(f"{name:22} {table[name].iloc[0]:12.5g} {value:12.5g}")


if __name__ == "__main__":
    main()
