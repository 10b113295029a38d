"""Peers asked about the fixed trials: EQTransformer as SeisBench runs it. Writes tables of picks; scores nothing.

Two sets of weights are asked, read from files (nothing is downloaded): `original` (Mousavi et al. 2020,
doi:10.1038/s41467-020-17591-w; `original_compatible="conservative"`, high-pass 1 Hz, as its file says) and `pnw`
(band-pass 1-45 Hz, as its file says). `classify` runs with SeisBench's defaults for the model except the thresholds:
windows of 6000 samples that overlap by 3000, 500 samples blinded at either end, the highest value where windows
overlap, batches of 256, resampled to 100 Hz with a zero-phase filter, deviation of each window made 1 (`norm="std"`),
missing components zero. A pick is a maximum over 0.3 for P and for S; its probability is that height. Recordings
shorter than 60 s give nothing (icequakes); `--pad` asks once more with zeros put before and after such recordings.

Peers are GPL-3 or of other people: they are compared with and never learnt from.

    FORESHOCK_DATA=folder python benchmarks/pick_peers.py --peers folder --out picks
    FORESHOCK_DATA=folder python benchmarks/pick_trials.py eqt_original=picks/eqt_original eqt_pnw=picks/eqt_pnw sta_lta_aic
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

import pick_trials
from foreshock.clock import NS_PER_S
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

THRESHOLD = 0.3
WEIGHTS = {
    "eqt_original": ("original.json", "original.pt", {"original_compatible": "conservative"}),
    "eqt_pnw": ("pnw.json.v1", "pnw.pt.v1", {}),
}
"""File with the arguments, file with the weights, and what is told beside them."""
WINDOW_S = 60.0


def loaded(folder: Path, name: str) -> Any:
    """A peer with its weights."""
    import seisbench.models as sbm
    import torch

    arguments, weights, more = WEIGHTS[name]
    told = json.loads((folder / arguments).read_text(encoding="utf-8"))["model_args"] | more
    model = sbm.EQTransformer(**told)
    model.load_state_dict(torch.load(folder / weights, map_location="cpu", weights_only=True))
    return model.eval()


def stream_of(wave: Waveform) -> Any:
    """A waveform as ObsPy's stream: a trace a component and unbroken run; masked components are left out."""
    import obspy

    traces = []
    for row, (samples, valid) in enumerate(zip(wave.data, wave.valid, strict=True)):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(np.int8)))
        for first, last in edges.reshape(-1, 2):
            trace = obspy.Trace(np.array(samples[first:last], np.float32))
            trace.stats.network, trace.stats.station = "XX", "A"
            trace.stats.channel = f"HH{wave.components[row]}"
            trace.stats.sampling_rate = wave.rate_hz
            trace.stats.starttime = obspy.UTCDateTime(ns=wave.time_ns(int(first)))
            traces.append(trace)
    return obspy.Stream(traces)


def asked_of(model: Any, *, p: float = THRESHOLD, s: float = THRESHOLD, pad: bool = False) -> pick_trials.Asked:
    """A peer as a function of a waveform."""

    def picks(wave: Waveform) -> Sequence[Pick]:
        said = model.classify(stream_of(padded(wave) if pad else wave), P_threshold=p, S_threshold=s)
        return [_pick(wave, one) for one in said.picks]

    return picks


def _pick(wave: Waveform, one: Any) -> Pick:
    time_ns = one.peak_time.ns
    return Pick(
        wave.station_id,
        one.phase,
        time_ns,
        probability=float(np.clip(one.peak_value, 0, 1)),
        sigma_s=0.0,
        available_at_ns=time_ns,
    )


def padded(wave: Waveform) -> Waveform:
    """Zeros before and after a recording shorter than the peer's window, as many on either side."""
    lacking = int(np.ceil((WINDOW_S + 11 - wave.span_s) * wave.rate_hz / 2))
    if lacking <= 0:
        return wave
    wide = ((0, 0), (lacking, lacking))
    seen = np.pad(wave.valid, wide, constant_values=True) & wave.valid.any(1, keepdims=True)
    start_ns = wave.start_ns - round(lacking * NS_PER_S / wave.rate_hz)
    return wave.with_data(np.pad(wave.data, wide), valid=seen, start_ns=start_ns)


def main() -> int:
    """Ask each peer and write its picks."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", type=Path, required=True, help="folder with eqtransformer/original.pt and others")
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument("--out", type=Path, required=True, help="folder of the tables, one folder a peer")
    options.add_argument("--only", nargs="+", choices=list(WEIGHTS), default=list(WEIGHTS))
    options.add_argument("--pad", action="store_true", help="put zeros about recordings shorter than 60 s")
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    fair.peer("seisbench", extra="bench")
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # the peer's own
    for name in asked.only:
        model = loaded(asked.peers / "eqtransformer", name)
        said = pick_trials.ask(asked_of(model, pad=asked.pad), Path(asked.data))
        pick_trials.keep(asked.out / (name + "_padded" * asked.pad), said)
        print(name, {key: len(picks) for key, picks in said.items()}, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
