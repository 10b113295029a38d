"""Read a recording and look at it: channels, times, quality, and the P and S that the classical picker finds."""

from __future__ import annotations

import tempfile
from pathlib import Path

import foreshock as fs
from foreshock.clock import iso_utc
from foreshock.plugins import build_steps
from foreshock.predict.pick.sta_lta_aic import StaLtaAic


def main() -> None:
    # A local earthquake that ships with ObsPy, written to a file so that there is something to read.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rjob.mseed"
        fs.to_obspy(fs.example_waveform()).write(str(file), format="MSEED")
        waveforms = fs.read(file)  # a waveform an instrument and unbroken run

    for wave in waveforms:
        print(wave)
        for row, name in enumerate(wave.channels):
            print(f"  {name}: largest {abs(wave.data[row]).max():.0f} {wave.unit}, {wave.valid[row].mean():.0%} valid")

    wave = waveforms[0]
    chain = fs.Chain(build_steps([{"step": "quality"}, {"step": "bandpass", "low_hz": 1.0, "high_hz": 20.0}]))
    filtered = chain(wave)
    print(f"after {[type(step).__name__ for step in chain.steps]}: {filtered}")

    for pick in StaLtaAic().pick(wave).picks:
        print(f"{pick.phase} at {iso_utc(pick.time_ns)} ± {pick.sigma_s:.2f} s")


if __name__ == "__main__":
    main()
