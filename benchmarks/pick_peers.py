"""Peers asked about the fixed trials: EQTransformer as SeisBench runs it. Writes tables of picks; scores nothing.

Two sets of weights are asked, read from files (nothing is downloaded): `original` (Mousavi et al. 2020,
doi:10.1038/s41467-020-17591-w; `original_compatible="conservative"`, high-pass 1 Hz, as its file says) and `pnw`
(band-pass 1-45 Hz, as its file says). `classify` runs on windows of 6000 samples, with 500 samples blinded at either
end, the highest value where windows overlap (`stacking="max"`), batches of 256, resampling to 100 Hz with a zero-phase
filter, each window's deviation made 1 (`norm="std"`) and zeros for missing components: SeisBench's defaults. A pick is
a maximum over 0.3, of P and of S (SeisBench's own default is 0.1); its probability is that height. Each is asked twice:

* `eqt_original`, `eqt_pnw`: windows overlap by 5000 samples, so that every moment is seen in five of them or more, and
  recordings shorter than a window get zeros behind them. This finds the most and is what stands in tables.
* `eqt_original_defaults`, `eqt_pnw_defaults`: windows overlap by 3000, and shorter recordings give nothing.

Peers are GPL-3 or of other people: they are compared with and never learnt from.

    FORESHOCK_DATA=folder python benchmarks/pick_peers.py --peers folder --out picks
    FORESHOCK_DATA=folder python benchmarks/pick_trials.py eqt_original=picks/eqt_original sta_lta_aic
"""

from __future__ import annotations

import argparse
import json
import logging
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
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

THRESHOLD = 0.3
WEIGHTS = {
    "eqt_original": ("original.json", "original.pt", {"original_compatible": "conservative"}),
    "eqt_pnw": ("pnw.json.v1", "pnw.pt.v1", {}),
}
"""File with the arguments, file with the weights, and what is told beside them."""
WINDOW_S = 60.1
"""A window of the peer, and a little for resampling."""
OVERLAP, DEFAULT_OVERLAP = 5000, 3000


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


def asked_of(model: Any, *, overlap: int = OVERLAP, pad: bool = True) -> pick_trials.Asked:
    """A peer as a function of a waveform."""
    told = {"P_threshold": THRESHOLD, "S_threshold": THRESHOLD, "overlap": overlap}

    def picks(wave: Waveform) -> Sequence[Pick]:
        stream = stream_of(padded(wave) if pad else wave)
        return [_pick(wave, one) for one in model.classify(stream, **told).picks] if len(stream) else []

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
    """Zeros behind a recording shorter than the peer's window; a masked component stays masked."""
    lacking = int(np.ceil((WINDOW_S - wave.span_s) * wave.rate_hz))
    if lacking <= 0:
        return wave
    wide = ((0, 0), (0, lacking))
    seen = np.pad(wave.valid, wide, constant_values=True) & wave.valid.any(1, keepdims=True)
    return wave.with_data(np.pad(wave.data, wide), valid=seen)


def main() -> int:
    """Ask each peer and write its picks."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peers", type=Path, required=True, help="folder with eqtransformer/original.pt and others")
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument("--out", type=Path, required=True, help="folder of the tables, one folder a peer")
    options.add_argument("--only", nargs="+", choices=list(WEIGHTS), default=list(WEIGHTS))
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    fair.peer("seisbench", extra="bench")
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # the peer's own
    logging.getLogger("seisbench").setLevel(logging.ERROR)
    for name in asked.only:
        model = loaded(asked.peers / "eqtransformer", name)
        for more, told in (("", {}), ("_defaults", {"overlap": DEFAULT_OVERLAP, "pad": False})):
            said = pick_trials.ask(asked_of(model, **told), Path(asked.data))
            pick_trials.keep(asked.out / (name + more), said)
            print(name + more, {key: len(picks) for key, picks in said.items()}, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
