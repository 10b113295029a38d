"""Cost of imported networks: SeisBench's weights in our runtime beside SeisBench itself, on the same streams.

PhaseNet (weights of `pick_phasenet.py` by `--phasenet`; else random ones, made with a seed) and EQTransformer
`original` (`--peers`; else random ones) are imported by the road that people use, then asked about luhu_continuous
(three stations, 100 Hz; synthetic records without `--data`), whole and broken by gaps. Ours begins with ObsPy's stream
and ends at curves, as SeisBench's `annotate` does, and at picks, as `classify` does (ours adds first motions to P).
Theirs runs with its defaults and at the best of several batch sizes. Curves and picks of both sides are compared in the
same run: a ratio counts only where they are equal. Memory is what a process of its own takes above its rest, sampled
every 2 ms or more often, while it annotates several hours of two stations: at the first call and at the second.

    FORESHOCK_DATA=folder python benchmarks/foreign_cost.py --peers folder --phasenet runs/phasenet
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

import pick_peers
import pick_trials
from foreshock.bundle import read_bundle
from foreshock.clock import utc_ns
from foreshock.collect.obspy_door import reading_from_obspy
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.predict.pick.windows import WindowPicker
from foreshock.road.importing import import_model
from foreshock.road.picking import pick
from foreshock.types.waveform import Waveform

BATCHES = (8, 16, 32, 64)
DEFAULT_TARGET, BEST_TARGET, MEMORY_TARGET = 2.0, 1.1, 0.1
APART, APART_SAMPLES = 1e-4, 1
FROM = "2020-03-28T12:50:00Z"
GAPS = 40
RATE_HZ = 100.0


def waves(data: Path | None, *, minutes: float) -> list[Waveform]:
    """Recordings of several stations."""
    if data is None:
        told = SyntheticSettings(records=3, span_s=min(1200.0, 60 * minutes), noise_fraction=0.0, stations=3)
        return [record.waveform for record in synthesise(told, seed=7)]
    cuts = []
    for wave in pick_trials.recordings(data):
        first = round(wave.sample_at(utc_ns(FROM)))
        cuts.append(wave.cut(first, first + round(60 * minutes * wave.rate_hz)))
    return cuts


def stream_of(held: list[Waveform], *, gaps: int = 0) -> Any:
    """The recordings as one stream of ObsPy, a station each, with so many gaps in every component."""
    import obspy

    rng, whole = np.random.default_rng(0), obspy.Stream()
    for k, wave in enumerate(held):
        valid = wave.valid.copy()
        for row in valid:
            for first in rng.integers(0, wave.n_samples, gaps):
                row[first : first + rng.integers(1, 500)] = False
        for trace in pick_peers.stream_of(wave.with_data(wave.data, valid=valid)):
            trace.stats.station = f"S{k:03d}"
            whole += trace
    return whole


def models(asked: Any) -> dict[str, Any]:
    """SeisBench's networks, with weights where there are some."""
    import seisbench.models as sbm
    import torch

    torch.manual_seed(0)
    phasenet, eqt = sbm.PhaseNet(phases="PSN", norm="std").eval(), sbm.EQTransformer().eval()
    if asked.phasenet is not None:
        phasenet.load_state_dict(torch.load(asked.phasenet / "phasenet.pt", weights_only=True))
    if asked.peers is not None:
        eqt = pick_peers.loaded(asked.peers / "eqtransformer", "eqt_original")
    return {"PhaseNet": phasenet, "EQTransformer": eqt}


def imported(model: Any, folder: Path) -> Path:
    """The same weights as a bundle, by way of the files SeisBench saves."""
    name = type(model).__name__
    model.save(str(folder / name), "weights of a benchmark")
    import_model(f"seisbench:{name}", folder / f"{name}.pt", folder / f"{name}.bundle")
    return folder / f"{name}.bundle"


def annotated(picker: WindowPicker, stream: Any) -> list[Any]:
    """Our curves of all classes, from ObsPy's stream."""
    found = []
    for wave in reading_from_obspy(stream).waveforms:
        found += [(wave.station_id, curves) for curves in picker.curves(wave, classes=picker.card.classes)]
    return found


def apart(model: Any, picker: WindowPicker, stream: Any, *, size: int) -> dict[str, Any]:
    """How far curves and picks of the two sides lie apart."""
    told = model.annotate(stream, batch_size=size)
    name = type(model).__name__
    theirs = {(f"{one.stats.network}.{one.stats.station}.{one.stats.location}", one.stats.channel, round(one.stats.starttime.ns, -4)): one.data for one in told}  # fmt: skip # noqa: E501
    worst, samples, lost = 0.0, 0, 0
    for station, curves in annotated(picker, stream):
        for phase in picker.card.classes:
            curve = curves.of(phase)
            said = np.flatnonzero(~np.isnan(curve))
            first, last = int(said[0]), int(said[-1]) + 1
            other = theirs.pop((station, f"{name}_{phase}", round(curves.block.time_ns(first), -4)), None)
            if other is None or len(other) != last - first:
                lost += 1
                continue
            worst, samples = max(worst, float(np.nanmax(np.abs(other - curve[first:last])))), samples + len(other)
    ours = sorted((one.trace_id, one.phase, one.time_ns, one.probability) for one in pick(stream, picker))
    picks = sorted((one.trace_id, one.phase, one.peak_time.ns, float(one.peak_value)) for one in model.classify(stream, batch_size=size).picks)  # fmt: skip # noqa: E501
    same = len(ours) == len(picks) and all(
        a[:2] == b[:2] and abs(a[2] - b[2]) <= APART_SAMPLES * 1e9 / RATE_HZ and abs(a[3] - b[3]) <= APART
        for a, b in zip(ours, picks, strict=True)
    )
    return {
        "largest_difference": worst,
        "samples_compared": samples,
        "curves_without_match": lost + len(theirs),
        "picks": [len(ours), len(picks)],
        "equal": same and worst <= APART and lost + len(theirs) == 0,
    }


def best_batch(model: Any, stream: Any) -> int:
    """The batch size that costs least, each tried three times."""
    spent = {}
    for size in BATCHES:
        times = []
        for _ in range(3):
            began = fair.cpu_s()
            model.annotate(stream, batch_size=size)
            times.append(fair.cpu_s() - began)
        spent[size] = min(times)
    return min(spent, key=lambda size: spent[size])


def side(run: Callable[[], object], seconds: int) -> Callable[[], int]:
    """A side of the comparison: so many station-seconds."""

    def made() -> int:
        run()
        return seconds

    return made


def figures_of(model: Any, picker: WindowPicker, stream: Any, *, what: str, seconds: int, rounds: int) -> tuple[list[fair.Figure], int]:  # fmt: skip # noqa: E501
    """Rates of both sides, for curves and for picks, and their ratios."""
    size, name = best_batch(model, stream), type(model).__name__
    sides = {
        "ours": side(lambda: annotated(picker, stream), seconds),
        "annotate": side(lambda: model.annotate(stream), seconds),
        f"annotate, batch {size}": side(lambda: model.annotate(stream, batch_size=size), seconds),
        "ours, picks": side(lambda: pick(stream, picker), seconds),
        "classify": side(lambda: model.classify(stream), seconds),
        f"classify, batch {size}": side(lambda: model.classify(stream, batch_size=size), seconds),
    }
    rates = fair.interleaved(sides, rounds=rounds)
    figures = [fair.figure(f"{name}, {what}: {who}", held, "station-s/CPU-s") for who, held in rates.items()]
    for mine, verb in (("ours", "annotate"), ("ours, picks", "classify")):
        for other, bound in ((verb, DEFAULT_TARGET), (f"{verb}, batch {size}", BEST_TARGET)):
            times = fair.ratios(rates[mine], rates[other])
            figures.append(fair.figure(f"{name}, {what}: {mine} / {other}", times, "×", at_least=bound))
    return figures, size


# -- memory ------------------------------------------------------------------------------------------------------------


def resident() -> int:
    """Bytes of this process that lie in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_above_rest(run: Callable[[], object]) -> int:
    """The most memory above the rest while something runs, in bytes, looked at every 2 ms or more often."""
    rest, most, done = resident(), [0], threading.Event()

    def look() -> None:
        while not done.is_set():
            most[0] = max(most[0], resident() - rest)
            time.sleep(0.001)

    watch = threading.Thread(target=look)
    watch.start()
    run()
    done.set()
    watch.join()
    return max(most[0], resident() - rest)


def one_memory(who: str, bundle: Path, hours: float) -> dict[str, int]:
    """What one side takes, in a process of its own: the first call and the second."""
    rng = np.random.default_rng(0)
    n = round(hours * 3600 * RATE_HZ)
    noise = [(rng.standard_normal((3, n)) * 1000).astype(np.float32) for _ in range(2)]
    held = [Waveform(data, RATE_HZ, 0, f"XX.S{k}.") for k, data in enumerate(noise)]
    stream = stream_of(held)
    del held, noise
    if who == "ours":
        picker = WindowPicker(read_bundle(bundle))

        def run() -> None:
            for wave in reading_from_obspy(stream).waveforms:
                for _ in picker.curves(wave):
                    pass

    else:
        import seisbench.models as sbm

        model = getattr(sbm, bundle.stem).load(str(bundle.with_suffix("")), weights_only=True)
        size = 256 if who == "annotate" else int(who.rpartition(" ")[2])

        def run() -> None:
            model.annotate(stream, batch_size=size)

    return {"first": peak_above_rest(run), "second": peak_above_rest(run)}


def memory(bundle: Path, size: int, hours: float) -> list[fair.Figure]:
    """Both sides' memory and its ratio."""
    told = {}
    for who in ("ours", "annotate", f"annotate, batch {size}"):
        command = [sys.executable, __file__, "--memory-of", who, "--bundle", str(bundle), "--hours", str(hours)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told[who] = json.loads(done.stdout.strip().splitlines()[-1])
    figures = []
    for call in ("first", "second"):
        what = f"{bundle.stem}, memory above rest, {call} call, {hours:g} h × 2 stations"
        figures += [fair.exact(f"{what}: {who}", round(one[call] / 2**20, 1), "MiB") for who, one in told.items()]
        share = told["ours"][call] / max(1, told["annotate"][call])
        figures.append(fair.exact(f"{what}: ours / annotate", share, "×", at_most=MEMORY_TARGET))
    return figures


def main() -> int:
    """Measure and tell."""
    options = fair.parser(__doc__)
    options.add_argument("--data", default=os.environ.get("FORESHOCK_DATA"), help="folder that holds luhu_continuous")
    options.add_argument("--peers", type=Path, help="folder with eqtransformer/original.pt")
    options.add_argument("--phasenet", type=Path, help="folder with phasenet.pt of pick_phasenet.py")
    options.add_argument("--minutes", type=float, default=20.0, help="of each station (default 20)")
    options.add_argument("--hours", type=float, default=6.0, help="of each of two stations, for memory (default 6)")
    options.add_argument("--memory-of", help="measure one side's memory and say it (used by this program itself)")
    options.add_argument("--bundle", type=Path, help="with --memory-of")
    asked = options.parse_args()
    fair.peer("seisbench", extra="bench")
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # the peer's own
    logging.getLogger("seisbench").setLevel(logging.ERROR)
    if asked.memory_of:
        print(json.dumps(one_memory(asked.memory_of, asked.bundle, asked.hours)))
        return 0
    data = None if asked.data is None else Path(asked.data)
    held = waves(data, minutes=asked.minutes)
    seconds = round(sum(wave.span_s for wave in held))
    figures: list[fair.Figure] = []
    details: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, model in models(asked).items():
            bundle = imported(model, Path(folder))
            picker = WindowPicker(read_bundle(bundle))
            for what, gaps in (("whole", 0), (f"{GAPS} gaps a component", GAPS)):
                stream = stream_of(held, gaps=gaps)
                more, size = figures_of(model, picker, stream, what=what, seconds=seconds, rounds=asked.rounds)
                figures += more
                details[f"{name}, {what}"] = apart(model, picker, stream, size=size) | {"best_batch": size}
            figures += memory(bundle, size, asked.hours)
    return fair.tell(
        "foreign_cost",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "seisbench", "torch", "onnxruntime", "numpy", "obspy"),
        equal=all(one["equal"] for one in details.values()),
        checked=f"curves differ by {APART:g} at most, every curve has its like, picks are the same to a sample",
        station_seconds=seconds,
        **details,
    )


if __name__ == "__main__":
    sys.exit(main())
