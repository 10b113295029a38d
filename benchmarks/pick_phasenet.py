"""PhaseNet's architecture trained on what our picker learns from, then asked about the fixed trials. Scores nothing.

`seisbench.models.PhaseNet` begins with random weights (Zhu & Beroza 2019, doi:10.1093/gji/ggy423; windows of 3001
samples at 100 Hz, each component's mean taken out and its deviation made 1, as SeisBench does before it runs). It sees
the same shelf and the same scenes as `foreshock train --recipe picker`: the same records, negatives, synthetic events,
augmentations and labels; AdamW with a warm start and a cosine, and a running mean of weights, as ours. What the picker
leaves out is left out: the test split of ncedc and the development split of picks_misc and of gujarat. Every batch
follows from the seed and its number, so a training that was broken off goes on from `phasenet.ckpt`.

    FORESHOCK_DATA=folder python benchmarks/pick_phasenet.py --out runs/phasenet --steps 2000
    FORESHOCK_DATA=folder python benchmarks/pick_trials.py --held-out phasenet -- phasenet=runs/phasenet/picks
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import math
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

import pick_peers
import pick_trials
from foreshock.outputs import write_json
from foreshock.road.repick import repicked
from foreshock.train.picker.scenes import Scenes, SceneSettings
from foreshock.train.picker.shelf import RATE_HZ, catalogued, stocked
from foreshock.types.record import Record

WINDOW = 3001
BATCH = 64
LEARNING_RATE, DECAY, WARM_STEPS, KEEP = 3e-3, 1e-2, 100, 0.995
PHASES = "PSN"
EVERY = 50
OVERLAP = 1500
"""SeisBench's default for PhaseNet."""


class Raw:
    """Batches of windows as PhaseNet gets them, with labels P, S, noise and their weight."""

    def __init__(self, scenes: Scenes) -> None:
        self.scenes = scenes

    def batch(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The batch of a number, always the same."""
        rng = np.random.default_rng([self.scenes.seed, number])
        held = [self.scenes._scene(rng) for _ in range(BATCH)]
        valid = np.stack([scene.valid for scene in held])
        x = np.where(valid, np.stack([scene.x for scene in held]), 0.0)
        x = x - x.mean(-1, keepdims=True)
        x = x / (x.std(-1, keepdims=True) + 1e-10)
        weight = np.stack([scene.trusted for scene in held]) & valid.any(1)
        y = np.stack([curves(scene.arrivals, self.scenes.settings.sigma_s) for scene in held])
        return x.astype(np.float32), y, weight.astype(np.float32)


def curves(arrivals: dict[str, list[float]], sigma_s: float) -> np.ndarray:
    """Gaussian labels of P and S and what is left to one, (3, time)."""
    k = np.arange(WINDOW)
    bells = [[np.exp(-(((k - at) / (sigma_s * RATE_HZ)) ** 2) / 2) for at in arrivals[name]] for name in "PS"]
    p, s = (np.max(some, axis=0) if some else np.zeros(WINDOW) for some in bells)
    rest = np.maximum(p + s, 1.0)
    return np.stack([p / rest, s / rest, np.maximum(1 - (p + s) / rest, 0)]).astype(np.float32)


def again(data: Path, split: str) -> Iterator[tuple[Record, str]]:
    """P of gujarat where two pickers without learning agree, as for our picker."""
    for record in repicked(catalogued(data / "gujarat", split)):
        yield record, "gujarat repicked"


def train(data: Path, out: Path, *, steps: int, n_synthetic: int, seed: int) -> Any:
    """Train, or go on from the checkpoint; give the running mean of the network."""
    import seisbench.models as sbm
    import torch

    torch.manual_seed(seed)
    model = sbm.PhaseNet(phases=PHASES, norm="std")
    mean, first = copy.deepcopy(model), 0
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
    shelf = stocked(data, split="train", seed=seed, n_synthetic=n_synthetic, more=again(data, "train"))
    scenes = Raw(Scenes(shelf, SceneSettings(batch_size=BATCH, n_samples=WINDOW), seed=seed))
    kept, history = out / "phasenet.ckpt", []
    if kept.is_file():
        state = torch.load(kept, weights_only=True)
        for name, part in (("model", model), ("mean", mean), ("optimiser", optimiser)):
            part.load_state_dict(state[name])
        first, history = state["step"], state["history"]
    heard, began = 0.0, fair.cpu_s()
    for step in range(first, steps):
        heard += stepped(model, optimiser, scenes.batch(step), rate=rate(step, steps))
        follow(mean, model, min(KEEP, step / (step + 10)))
        if (step + 1) % EVERY == 0 or step + 1 == steps:
            spent = fair.cpu_s() - began
            history.append({"step": step + 1, "train_loss": heard / EVERY, "cpu_s": round(spent, 1)})
            print(history[-1], flush=True)
            heard, began = 0.0, fair.cpu_s()
            parts = {"model": model, "mean": mean, "optimiser": optimiser}
            state = {name: part.state_dict() for name, part in parts.items()}
            torch.save(state | {"step": step + 1, "history": history}, out / "phasenet.tmp")
            (out / "phasenet.tmp").replace(kept)
    facts = {"steps": steps, "seed": seed, "n_synthetic": n_synthetic, "batch": BATCH, "history": history}
    counts = {name: len(items) for name, items in {**shelf.events, **shelf.empty}.items()}
    write_json(out / "phasenet.json", facts | {"origins": counts})
    return mean.eval()


def stepped(model: Any, optimiser: Any, batch: tuple[np.ndarray, np.ndarray, np.ndarray], *, rate: float) -> float:
    """One step: cross entropy with soft labels over the samples that can be trusted."""
    import torch

    x, y, weight = (torch.from_numpy(part) for part in batch)
    for group in optimiser.param_groups:
        group["lr"] = rate
    model.train()
    each = -(y * torch.log_softmax(model(x, logits=True), 1)).sum(1)
    said = (each * weight).sum() / weight.sum().clamp(min=1)
    optimiser.zero_grad()
    said.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(said.detach())


def rate(step: int, steps: int) -> float:
    """A warm start and a cosine to zero."""
    return LEARNING_RATE * min(1.0, (step + 1) / (WARM_STEPS + 1)) * 0.5 * (1 + math.cos(math.pi * step / steps))


def follow(mean: Any, model: Any, keep: float) -> None:
    """Move the running mean a little towards the present weights."""
    import torch

    with torch.no_grad():
        for old, new in zip(mean.state_dict().values(), model.state_dict().values(), strict=True):
            if old.is_floating_point():
                old.lerp_(new, 1 - keep)
            else:
                old.copy_(new)


def main() -> int:
    """Train, ask, write the picks."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument("--out", type=Path, required=True, help="folder of the checkpoint, the weights and the picks")
    options.add_argument("--steps", type=fair.at_least_one, default=2000)
    options.add_argument("--synthetic", type=int, default=2400, help="synthetic records (default 2400)")
    options.add_argument("--seed", type=int, default=0)
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    fair.peer("seisbench", extra="bench")
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # the peer's own
    logging.getLogger("seisbench").setLevel(logging.ERROR)
    asked.out.mkdir(parents=True, exist_ok=True)
    model = train(Path(asked.data), asked.out, steps=asked.steps, n_synthetic=asked.synthetic, seed=asked.seed)
    torch.save(model.state_dict(), asked.out / "phasenet.pt")
    said = pick_trials.ask(pick_peers.asked_of(model, overlap=OVERLAP), Path(asked.data))
    pick_trials.keep(asked.out / "picks", said)
    print(json.dumps({name: len(picks) for name, picks in said.items()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
