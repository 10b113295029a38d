"""Accuracy over cost: the picker in three sizes, learnt alike from the same data, scored on records it has not seen.

Each size is trained with the same recipe, seed and number of batches (a training that was broken off goes on; one that
is there is taken), gets its thresholds as the picker that ships has, and is asked about the held-out trials of
`pick_trials.py`. Cost is the CPU time of `foreshock.pick`, complete from ObsPy's stream to picks, a minute of three
components: the sizes in turn on the same three stations of luhu_continuous, one thread. A short training says how sizes
compare, not how good each can become.

    FORESHOCK_DATA=folder python benchmarks/pick_sizes.py --out DIR [--steps 900] [--seeds 0 1]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import safetensors.torch
import torch

import pick_cost
import pick_trials
from foreshock.bundle import read_bundle
from foreshock.outputs import write_json
from foreshock.predict.pick.network import NetworkPicker
from foreshock.road.picker import BUNDLE_NAME, train_picker
from foreshock.train.picker.learn import LearnSettings

SIZES = {"small": (8, 16, 32), "medium": (16, 32, 64), "large": (32, 64, 128)}
"""Channels at 25, 6.25 and 1.6 Hz; the middle one ships."""

SHOWN = (
    ("ncedc test, 3 components", "p_f1"),
    ("ncedc test, 3 components", "s_f1"),
    ("picks_misc dev", "p_f1"),
    ("picks_misc dev", "s_f1"),
    ("gujarat timing", "p_f1"),
)
MINUTES = 20.0


def trained(data: Path, out: Path, size: str, *, seed: int, steps: int, bf16: bool) -> Path:
    """The bundle of a size and a seed, made where it is not there."""
    folder = out / f"{size}-{seed}"
    if not (folder / BUNDLE_NAME).exists():
        train_picker(
            data,
            out=folder,
            settings=LearnSettings(widths=SIZES[size], seed=seed, steps=steps, bf16=bf16),
            resume=folder.exists(),
            tell=lambda words: print(f"{size}, seed {seed}: {words}", file=sys.stderr, flush=True),
        )
    return folder / BUNDLE_NAME


def costs(bundles: dict[str, Path], data: Path, *, rounds: int) -> dict[str, Any]:
    """CPU milliseconds a minute of three components, by size."""
    waves = pick_cost.streams(data, minutes=MINUTES)["luhu"]
    stream, seconds = pick_cost.obspy_stream(waves), pick_cost.span_s(waves)
    pickers = {size: NetworkPicker(read_bundle(path)) for size, path in bundles.items()}
    sides = {size: pick_cost.ours(picker, stream, seconds, []) for size, picker in pickers.items()}
    rates = fair.interleaved(sides, rounds=rounds)
    told = {size: fair.figure(size, [60_000 / rate for rate in held], "CPU ms/min") for size, held in rates.items()}
    return {
        size: {"value": one.value, "low": one.low, "high": one.high, "unit": one.unit} for size, one in told.items()
    }


def row_of(path: Path, rows: list[dict[str, Any]], who: str) -> dict[str, Any]:
    """What is known of one training: its size, its last losses and its scores."""
    card = read_bundle(path).card
    assert card.training is not None
    scores = {
        f"{trial}: {key}": row["scores"][key]
        for trial, key in SHOWN
        for row in rows
        if (row["trial"], row["picker"]) == (trial, who)
    }
    counts = {row["trial"]: {key: row[key] for key in ("n_events", "n_p", "n_s")} for row in rows if "n_p" in row}
    last = card.training.history[-1]
    return {"weights": n_weights(path), "dev_loss": last["dev_loss"], "scores": scores, "n": counts}


def n_weights(path: Path) -> int:
    """What a bundle has learnt, running means and counters left out."""
    held = safetensors.torch.load(read_bundle(path).weights)
    return sum(value.numel() for name, value in held.items() if not name.endswith(("_mean", "_var", "_tracked")))


def markdown(result: dict[str, Any]) -> str:
    """A row a size and seed."""
    lines = [
        "| size | seed | weights | CPU ms a minute | " + " | ".join(f"{trial}: {key}" for trial, key in SHOWN) + " |",
        "|---|---|---:|---:|" + "---|" * len(SHOWN),
    ]
    for who, row in result["rows"].items():
        size, _, seed = who.rpartition("-")
        cost = result["cost"][size]
        shown = [score(row["scores"].get(f"{trial}: {key}")) for trial, key in SHOWN]
        spent = f"{cost['value']:.2f} [{cost['low']:.2f}–{cost['high']:.2f}]"
        lines.append(f"| {size} {SIZES[size]} | {seed} | {row['weights']:,} | {spent} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def score(told: dict[str, Any] | None) -> str:
    """A score with its interval."""
    return "–" if told is None else f"{told['value']:.3f} [{told['low']:.3f}, {told['high']:.3f}]"


def main() -> int:
    """Train what is not there, score, time, tell."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", type=Path, required=True, help="folder of the trainings, and of pick_sizes.json")
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    options.add_argument("--steps", type=fair.at_least_one, default=900)
    options.add_argument("--rounds", type=fair.at_least_one, default=fair.ROUNDS)
    options.add_argument("--bf16", action="store_true", help="where the processor has short floats")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    torch.set_num_threads(1)
    data = Path(asked.data)
    bundles = {
        f"{size}-{seed}": trained(data, asked.out, size, seed=seed, steps=asked.steps, bf16=asked.bf16)
        for seed in asked.seeds
        for size in SIZES
    }
    said = {who: pick_trials.said_by(str(path), data) for who, path in bundles.items()}
    rows = pick_trials.as_json(pick_trials.scored(said, pick_trials.trials(data), held_out=list(said)))
    spent = costs({size: bundles[f"{size}-{asked.seeds[0]}"] for size in SIZES}, data, rounds=asked.rounds)
    result = {
        "schema": "foreshock.benchmark.pick_sizes/1",
        "steps": asked.steps,
        "seeds": asked.seeds,
        "rounds": asked.rounds,
        "widths": {size: list(widths) for size, widths in SIZES.items()},
        "cost": spent,
        "rows": {who: row_of(path, rows, who) for who, path in bundles.items()},
        "versions": fair.versions("foreshock", "torch", "onnxruntime", "numpy", "obspy"),
    }
    write_json(asked.out / "pick_sizes.json", result)
    print(json.dumps(result, indent=2, ensure_ascii=False) if asked.json else markdown(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
