"""Training input: samples per CPU-second of ours beside SeisBench's generator, on the same windows. Knows no network.

Both read the same SeisBench-format data set, cut one random window from each trace, take out each channel's mean,
divide by the window's peak, and make Gaussian curves of P and S (and what is left to one), as float32 tensors in
batches of the same size.

* ours: `foreshock.train.crops.Crops` over `foreshock.collect.datasets.to_memmap` (made once, its cost is told apart);
* SeisBench: `GenericGenerator` over the HDF5 file, `RandomWindow`, `Normalize`, `ProbabilisticLabeller`,
  `ChangeDtype` and PyTorch's `DataLoader`: as it comes (no worker, no cache), with its whole set in memory
  (`cache="full"`, its best for one process), and with two worker processes, whose CPU time counts.

Rounds are interleaved, CPU time is counted with children, on one thread; medians with the smallest and largest round.
Before timing, windows and curves of both are compared for fixed places.

    pip install 'foreshock[bench]' && python benchmarks/training_input.py --json
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

from foreshock.collect.datasets import Dataset, MemmapBlock, to_memmap, write_dataset
from foreshock.types import Record, Truth, Waveform

TARGET = 10.0
RATE_HZ = 100.0
TRACE_SAMPLES = 6000
WINDOW_SAMPLES = 3001
SIGMA_SAMPLES = 10
FIXED_PLACES = (0, 777, 2999)
TOLERANCE = 1e-4
THEIR_KEYS = {"x": "X", "y": "y"}
OUR_EPOCHS = 10
"""Ours passes so often over the traces in a round, so that a round is long enough to be timed."""


def make(folder: Path, n_traces: int) -> None:
    """Write traces of noise with P and S onsets as a SeisBench-format data set."""
    rng = np.random.default_rng(0)
    time = np.arange(TRACE_SAMPLES)

    def record(k: int) -> Record:
        p = int(rng.integers(1500, 3000))
        s = p + int(rng.integers(200, 1500))
        x = rng.normal(0, 1, (3, TRACE_SAMPLES))
        for at, size in ((p, 4.0), (s, 8.0)):
            x += np.where(time >= at, size * np.exp(-(time - at) / 200.0) * np.sin((time - at) * 0.5), 0.0)
        wave = Waveform(x.astype(np.float32), RATE_HZ, 0, f"XX.S{k % 50:03d}.", channels=("HHZ", "HHN", "HHE"))
        arrivals = {"p_ns": wave.time_ns(p), "s_ns": wave.time_ns(s)}
        return Record(wave, Truth(f"trace-{k:06d}", f"event-{k:06d}", split="train", **arrivals))

    write_dataset(folder, (record(k) for k in range(n_traces)), name="made")


def ours(block: MemmapBlock, arrivals: np.ndarray, batch_size: int, epoch: int) -> Any:
    from foreshock.train.crops import Crops

    return Crops(
        block,
        arrivals,
        n_samples=WINDOW_SAMPLES,
        sigma_samples=SIGMA_SAMPLES,
        batch_size=batch_size,
        seed=0,
        epoch=epoch,
    )


def theirs(folder: Path, place: int | None, cache: str | None = None) -> Any:
    """SeisBench's generator, with windows at a fixed or at a random place."""
    import seisbench.data as sbd
    import seisbench.generate as sbg

    data = sbd.WaveformDataset(folder, component_order="ZNE", cache=cache)
    generator = sbg.GenericGenerator(data)
    cut = (
        sbg.RandomWindow(windowlen=WINDOW_SAMPLES)
        if place is None
        else sbg.FixedWindow(p0=place, windowlen=WINDOW_SAMPLES)
    )
    columns = {"trace_p_arrival_sample": "P", "trace_s_arrival_sample": "S"}
    generator.add_augmentations(
        [
            cut,
            sbg.Normalize(demean_axis=-1, amp_norm_axis=(-2, -1), amp_norm_type="peak"),
            sbg.ChangeDtype(np.float32),
            sbg.ProbabilisticLabeller(label_columns=columns, model_labels="PSN", sigma=SIGMA_SAMPLES, dim=0),
            sbg.ChangeDtype(np.float32, key="y"),
        ]
    )
    return generator


def arrivals_of(folder: Path, block: MemmapBlock) -> np.ndarray:
    import pandas as pd

    table = pd.read_csv(folder / "metadata.csv")
    columns = ["trace_p_arrival_sample", "trace_s_arrival_sample"]
    return table[columns].to_numpy(float)[block.row]


def largest_difference(folder: Path, block: MemmapBlock, arrivals: np.ndarray, n: int) -> dict[str, float]:
    """Compare windows and curves of both at fixed places; refuse to time different things."""
    worst = {"x": 0.0, "y": 0.0}
    rows = np.arange(min(n, len(block)))
    for place in FIXED_PLACES:
        mine = ours(block, arrivals, len(rows), 0).batch(rows, np.full(len(rows), place))
        generator = theirs(folder, place)
        for k in rows:
            other = generator[int(block.row[k])]
            for key in worst:
                worst[key] = max(worst[key], float(np.abs(mine[key][k].numpy() - other[THEIR_KEYS[key]]).max()))
    if max(worst.values()) > TOLERANCE:
        raise SystemExit(f"windows differ: {worst}; nothing is timed")
    return worst


def drain(batches: Any) -> int:
    return sum(len(batch["y"]) for batch in batches)


def loader(folder: Path, *, batch_size: int, cache: str | None = None, workers: int = 0) -> Any:
    """PyTorch's loader over SeisBench's generator."""
    import torch

    generator = theirs(folder, None, cache)
    return torch.utils.data.DataLoader(generator, batch_size=batch_size, shuffle=True, num_workers=workers)


def measure(folder: Path, *, rounds: int, batch_size: int) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Compare, then time every side."""
    with Dataset.open(folder) as dataset:
        began = fair.cpu_s()
        block = to_memmap(dataset, folder / "memmap")
        once_s = fair.cpu_s() - began
    arrivals = arrivals_of(folder, block)
    differences = largest_difference(folder, block, arrivals, 40)
    peers = {
        "SeisBench": loader(folder, batch_size=batch_size),
        "SeisBench, cache full": loader(folder, batch_size=batch_size, cache="full"),
        "SeisBench, 2 workers": loader(folder, batch_size=batch_size, workers=2),
    }

    def run_ours() -> int:
        return sum(drain(ours(block, arrivals, batch_size, epoch)) for epoch in range(OUR_EPOCHS))

    sides = {"ours": run_ours} | {name: lambda of=of: drain(of) for name, of in peers.items()}
    rates = fair.interleaved(sides, rounds=rounds)
    return rates, {
        "largest_difference": differences,
        "memmap_once_cpu_s": max(round(once_s, 4), 1e-4),
        "n_traces": len(block),
    }


def main() -> int:
    """Measure and tell."""
    options = fair.parser(__doc__, records=1000)
    options.add_argument("--batch-size", type=fair.at_least_one, default=128)
    asked = options.parse_args()
    fair.peer("seisbench", extra="bench")
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # the peer's own
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "set"
        make(folder, asked.records)
        rates, details = measure(folder, rounds=asked.rounds, batch_size=asked.batch_size)
    figures = [fair.figure(name, values, "samples/CPU-s") for name, values in rates.items()]
    for name in list(rates)[1:]:
        bound = {"at_least": TARGET} if name == "SeisBench" else {}
        figures.append(fair.figure(f"ours / {name}", fair.ratios(rates["ours"], rates[name]), "×", **bound))
    once = details["n_traces"] / details["memmap_once_cpu_s"]
    figures.append(fair.exact("ours, mapped file made (once for all epochs)", once, "traces/CPU-s"))
    return fair.tell(
        "training_input",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "seisbench", "torch", "numpy", "h5py"),
        equal=True,
        checked=f"windows and curves of both agree to {TOLERANCE:g} at fixed places",
        window=[3, WINDOW_SAMPLES],
        batch_size=asked.batch_size,
        **details,
    )


if __name__ == "__main__":
    sys.exit(main())
