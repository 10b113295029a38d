"""Cost of picking: station-seconds a CPU-second of our pickers beside SeisBench, on the same streams. Scores nothing.

Ours is `foreshock.pick(stream, bundle)`, complete: from ObsPy's stream through the grid, the level, the network and the
thresholds of that bundle to picks, in its own precision. Theirs is SeisBench's `annotate` on the same stream, which
ends at curves: PhaseNet (architecture only, the weights are random unless `--phasenet` names a folder of
`pick_phasenet.py`; cost does not depend on them) as it comes and at the best of several batch sizes, and EQTransformer
likewise. Several bundles give the curve of accuracy over cost: `--scores` takes the JSON of `pick_trials.py` on the
same names, and the answer's `curve` sets both side by side. Streams: luhu_continuous from 13:30 UTC (three stations),
and synthetic records at 100 Hz.

`--live BUNDLE` adds live use: 100 stations of three components. Ours takes a packet of a second from each, and goes on
from its state; SeisBench annotates the last 30 s of all stations once more each second, from streams that are ready.
Station-seconds are those that were new.

    FORESHOCK_DATA=folder python benchmarks/pick_cost.py ours=runs/picker.bundle --peers folder --live live.bundle
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

import pick_peers
import pick_trials
from foreshock.clock import utc_ns
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.road.picking import pick
from foreshock.types.waveform import Waveform

LUHU_FROM = "2020-03-28T13:30:00Z"
BATCHES = (8, 16, 32, 64)
TARGET, LIVE_TARGET = 8.0, 15.0
N_STATIONS, WINDOW_S = 100, 30.02
PHASENET, EQT = "PhaseNet", "EQTransformer"

Side = Callable[[], int]


def streams(data: Path | None, *, minutes: float) -> dict[str, list[Waveform]]:
    """What is picked, by name."""
    told = SyntheticSettings(records=4, span_s=min(1200.0, 60 * minutes), noise_fraction=0.0, stations=8)
    held = {"synthetic": [record.waveform for record in synthesise(told, seed=7)]}
    if data is not None:
        cuts = []
        for wave in pick_trials.recordings(data):
            first = round(wave.sample_at(utc_ns(LUHU_FROM)))
            cuts.append(wave.cut(first, first + round(60 * minutes * wave.rate_hz)))
        held = {"luhu": cuts, **held}
    return held


def obspy_stream(waves: list[Waveform]) -> Any:
    """Waveforms as one stream, each a station of its own."""
    import obspy

    whole = obspy.Stream()
    for k, wave in enumerate(waves):
        for trace in pick_peers.stream_of(wave):
            trace.stats.station = f"S{k:03d}"
            whole += trace
    return whole


def span_s(waves: list[Waveform]) -> int:
    """Station-seconds."""
    return round(sum(wave.span_s for wave in waves))


def ours(picker: Any, stream: Any, seconds: int, counts: list[int]) -> Side:
    """Our side; the number of its picks is kept."""

    def run() -> int:
        counts.append(len(pick(stream, picker)))
        return seconds

    return run


def theirs(model: Any, stream: Any, seconds: int, **told: Any) -> Side:
    """SeisBench's side."""

    def run() -> int:
        model.annotate(stream, **told)
        return seconds

    return run


def best_batch(model: Any, stream: Any) -> int:
    """The batch size that costs least, each tried twice."""
    spent = {}
    for size in BATCHES:
        times = []
        for _ in range(2):
            began = fair.cpu_s()
            model.annotate(stream, batch_size=size)
            times.append(fair.cpu_s() - began)
        spent[size] = min(times)
    return min(spent, key=lambda size: spent[size])


def peers(asked: Any) -> dict[str, Any]:
    """The peers' networks, with weights where there are some."""
    import seisbench.models as sbm
    import torch

    torch.manual_seed(0)
    phasenet = sbm.PhaseNet(phases="PSN", norm="std").eval()
    if asked.phasenet is not None:
        phasenet.load_state_dict(torch.load(asked.phasenet / "phasenet.pt", weights_only=True))
    found = {PHASENET: phasenet}
    if asked.peers is not None:
        found[EQT] = pick_peers.loaded(asked.peers / "eqtransformer", "eqt_original")
    return found


def archive(pickers: Mapping[str, Any], asked: Any) -> tuple[list[fair.Figure], dict[str, Any], bool]:
    """Rates and ratios on whole recordings, picks of each side, and whether ours were the same in every round."""
    figures, details, same = [], {}, True
    models = peers(asked)
    data = None if asked.data is None else Path(asked.data)
    for name, waves in streams(data, minutes=asked.minutes).items():
        stream, seconds = obspy_stream(waves), span_s(waves)
        counts: dict[str, list[int]] = {who: [] for who in pickers}
        sides = {who: ours(picker, stream, seconds, counts[who]) for who, picker in pickers.items()}
        batches = {who: best_batch(model, stream) for who, model in models.items()}
        for who, model in models.items():
            sides[who] = theirs(model, stream, seconds)
            sides[f"{who}, batch {batches[who]}"] = theirs(model, stream, seconds, batch_size=batches[who])
        rates = fair.interleaved(sides, rounds=asked.rounds)
        figures += [fair.figure(f"{name}: {who}", held, "station-s/CPU-s") for who, held in rates.items()]
        for who in pickers:
            for other in list(sides)[len(pickers) :]:
                bound = {"at_least": TARGET} if other == PHASENET else {}
                times = fair.ratios(rates[who], rates[other])
                figures.append(fair.figure(f"{name}: {who} / {other}", times, "×", **bound))
        same = same and all(len(set(held)) == 1 for held in counts.values())
        told = {"P_threshold": pick_peers.THRESHOLD, "S_threshold": pick_peers.THRESHOLD}
        said = {who: len(model.classify(stream, **told).picks) for who, model in models.items() if who == EQT or asked.phasenet}  # fmt: skip # noqa: E501
        details[name] = {
            "station_seconds": seconds,
            "picks": {who: held[0] for who, held in counts.items()} | said,
            "best_batch": batches,
        }
    return figures, details, same


def curve(figures: list[fair.Figure], scores: Path, names: list[str]) -> list[dict[str, Any]]:
    """Each picker's rates beside its scores on every labelled trial."""
    rows = json.loads(scores.read_text(encoding="utf-8"))["rows"]
    rates = {one.name: one.value for one in figures}
    told = []
    for name in names:
        held = {f"{kind} station-s/CPU-s": round(value) for kind in ("luhu", "synthetic") if (value := rates.get(f"{kind}: {name}"))}  # fmt: skip # noqa: E501
        mine = [row for row in rows if row["picker"] == name and "p_f1" in row["scores"]]
        f1 = {row["trial"]: [row["scores"][key]["value"] for key in ("p_f1", "s_f1", "other_per_record")] for row in mine}  # fmt: skip # noqa: E501
        told.append({"picker": name, **held, "P F1, S F1, other picks per record": f1})
    return told


def identity(picker: Any) -> dict[str, Any]:
    """Which network it was."""
    card = getattr(picker, "card", None)
    reach = getattr(picker, "reach", None)
    if card is None or reach is None:
        return {"name": picker.name}
    return {"name": card.name, "thresholds": {phase: onset.threshold for phase, onset in reach.onsets.items()}}


# -- live --------------------------------------------------------------------------------------------------------------


def packets(waves: list[Waveform], *, n: int) -> Iterator[list[Waveform]]:
    """A packet of a second of each station, second after second, without end; stations read different moments."""
    rate_hz = waves[0].rate_hz
    length, data = round(rate_hz), [wave.data for wave in waves]
    seconds = min(wave.n_samples for wave in waves) // length
    for count in itertools.count():
        held = []
        for k in range(n):
            at = (count + 37 * k) % seconds * length
            held.append(_packet(data[k % len(data)][:, at : at + length], rate_hz, count, k))
        yield held


def _packet(data: np.ndarray, rate_hz: float, count: int, k: int) -> Waveform:
    return Waveform(data, rate_hz, 1_600_000_000_000_000_000 + count * 1_000_000_000, f"XX.S{k:03d}.")


def live(bundle: Path, asked: Any) -> tuple[list[fair.Figure], dict[str, Any]]:
    """Rates of live use: ours by packets, theirs by annotating the last 30 s each second."""
    picker, update = live_picker(bundle)
    data = None if asked.data is None else Path(asked.data)
    waves = next(iter(streams(data, minutes=min(asked.minutes, 10.0)).values()))
    coming = packets(waves, n=N_STATIONS)
    for _ in range(40):  # so that every state is filled
        update(next(coming))
    ready = [next(coming) for _ in range(asked.live_seconds * (asked.rounds + 2))]
    seconds, told = iter(ready), {"events": 0}

    def run_ours() -> int:
        for _ in range(asked.live_seconds):
            told["events"] += update(next(seconds))
        return asked.live_seconds * N_STATIONS

    model = peers(asked)[PHASENET]
    cuts = [_last_seconds(waves[k % len(waves)], k) for k in range(N_STATIONS)]
    stream = obspy_stream(cuts)
    if len(model.annotate(stream).select(channel="*_P")) != N_STATIONS:
        raise SystemExit("the peer left out stations; nothing is timed")
    size = best_batch(model, stream)

    def run_theirs(**options: Any) -> Side:
        def run() -> int:
            for _ in range(asked.live_seconds):
                model.annotate(stream, **options)
            return asked.live_seconds * N_STATIONS

        return run

    again = f"{PHASENET}, 30 s again each second"
    sides = {picker: run_ours, again: run_theirs(), f"{again}, batch {size}": run_theirs(batch_size=size)}
    rates = fair.interleaved(sides, rounds=asked.rounds)
    figures = [fair.figure(f"live: {who}", held, "new station-s/CPU-s") for who, held in rates.items()]
    for other, bound in ((again, {"at_least": LIVE_TARGET}), (f"{again}, batch {size}", {})):
        times = fair.ratios(rates[picker], rates[other])
        figures.append(fair.figure(f"live: {picker} / {other}", times, "×", **bound))
    return figures, {"stations": N_STATIONS, "seconds_a_round": asked.live_seconds, "our_events": told["events"]}


def _last_seconds(wave: Waveform, k: int) -> Waveform:
    """Half a minute of a recording, another for each k."""
    n = round(WINDOW_S * wave.rate_hz)
    first = 3700 * k % (wave.n_samples - n)
    return wave.cut(first, first + n)


def live_picker(path: Path) -> tuple[str, Callable[[list[Waveform]], int]]:
    """Our live picker's name, and a function from packets to how many things it said."""
    from foreshock.bundle import find_bundle, read_bundle
    from foreshock.predict.pick.live import LivePicker

    picker = LivePicker(read_bundle(find_bundle(path)))
    return path.stem, lambda given: len(picker.update(given))


def main() -> int:
    """Measure and tell."""
    options = fair.parser(__doc__)
    options.add_argument("pickers", nargs="*", metavar="[NAME=]BUNDLE", help="ours; by default the picker that ships")
    options.add_argument("--data", default=os.environ.get("FORESHOCK_DATA"), help="folder that holds luhu_continuous")
    options.add_argument("--peers", type=Path, help="folder with eqtransformer/original.pt")
    options.add_argument("--phasenet", type=Path, help="folder with phasenet.pt, so that its picks can be counted")
    options.add_argument("--minutes", type=float, default=40.0, help="of a stream (default 40; synthetic at most 20)")
    options.add_argument("--scores", type=Path, help="JSON of pick_trials.py with the same names, for the curve")
    options.add_argument("--live", type=Path, help="a live bundle: measure live use, too")
    options.add_argument(
        "--live-seconds", type=fair.at_least_one, default=5, help="seconds of data a round (default 5)"
    )
    asked = options.parse_args()
    fair.peer("seisbench", extra="bench")
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # the peer's own
    logging.getLogger("seisbench").setLevel(logging.ERROR)
    pickers = {}
    for text in asked.pickers or ["picker"]:
        name, found, what = text.rpartition("=")
        pickers[name if found else Path(what).stem] = pick_trials.picker(what)
    figures, details, same = archive(pickers, asked)
    details["bundles"] = {name: identity(picker) for name, picker in pickers.items()}
    if asked.scores is not None:
        details["curve"] = curve(figures, asked.scores, list(pickers))
    if asked.live is not None:
        more, details["live"] = live(asked.live, asked)
        figures += more
    return fair.tell(
        "pick_cost",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "seisbench", "torch", "onnxruntime", "numpy", "obspy"),
        equal=same,
        checked="ours gave as many picks in every round",
        **details,
    )


if __name__ == "__main__":
    sys.exit(main())
