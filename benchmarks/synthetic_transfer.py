"""What a network learns from synthetic records, and what of it holds on real ones. Measures scores, no time.

Trains the demo's CNN on three sets of synthetic records and scores it, beside STA/LTA tuned on the same records, on
600 synthetic test records and, where FORESHOCK_DATA is set, on real windows (earthquake against the noise before P,
prepared alike; nothing is tuned on them):

- `demo`: the demo's own set, as many transients in noise as in the records of earthquakes;
- `shortcut`: eight transients a minute in noise and one in the others, so that counting them is an answer;
- `plain`: the demo's set without augmentation of the training windows.

    FORESHOCK_DATA=... python benchmarks/synthetic_transfer.py --seed 0
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.collect.synthetic import SyntheticSettings, demo_settings, synthesise
from foreshock.plugins import Predictor
from foreshock.predict.runtime import BundlePredictor
from foreshock.prepare.labels import examples_from
from foreshock.road.demo import SIZES, demo_preparation
from foreshock.road.experiment import Plan, run_experiment, tune_rivals
from foreshock.road.gathering import ALL, gather_recordings
from foreshock.road.problems import CLASSIFY, DETECT
from foreshock.train.recipes import recipe
from foreshock.types.examples import Examples
from foreshock.types.record import SPLITS

SETS = {
    "demo": ({}, True),
    "shortcut": ({"transients_per_minute": 1.0, "noise_transients_per_minute": 8.0}, True),
    "plain": ({}, False),
}
"""Settings that differ from the demo's, and whether training windows are augmented."""
REAL = {"ncedc": ALL, "gujarat": "dev"}


def synthetic(split: Any, n: int, *, seed: int, changed: dict[str, Any]) -> Examples:
    """The windows of a split."""
    told = demo_settings(split, records=n).model_dump() | changed
    records = synthesise(SyntheticSettings(**told), seed=len(SPLITS) * seed + SPLITS.index(split))
    preparation = demo_preparation(full_rate=False)
    return examples_from(records, preparation, task="classify", classes=DETECT.classes, seed=seed)[0]


def real(folder: Path | None) -> dict[str, Examples]:
    """Windows of real records by data set; none where there is no folder."""
    if folder is None:
        return {}
    preparation = demo_preparation(full_rate=False).model_copy(update={"p_from": 0.1, "p_to": 0.7})
    return {
        name: gather_recordings([folder / name], DETECT, preparation, splits=[split], classes=DETECT.classes).splits[
            split
        ]
        for name, split in REAL.items()
    }


def trained(train: Examples, dev: Examples, *, seed: int, epochs: int, augmented: bool) -> Predictor:
    """The demo's CNN."""
    augmentation = recipe("detect").settings.augmentation.model_dump(mode="json") if augmented else {}
    told = {"model": "cnn", "epochs": epochs, "seed": seed, "tensorboard": False, "augmentation": augmentation}
    plan = Plan(CLASSIFY, demo_preparation(full_rate=False).model_dump(mode="json"), told, name="transfer")
    with tempfile.TemporaryDirectory() as folder:
        return BundlePredictor(run_experiment(train, dev, plan, folder=Path(folder), resume=False).bundle)


def rows(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One row a training set and test set."""
    folder = os.environ.get("FORESHOCK_DATA")
    others = real(Path(folder) if folder else None)
    for name, (changed, augmented) in SETS.items():
        parts = {s: synthetic(s, min(n, asked.records), seed=asked.seed, changed=changed) for s, n in SIZES.items()}
        rival = tune_rivals(("sta_lta",), parts["train"], parts["dev"])[0]["sta_lta"]
        ours = trained(parts["train"], parts["dev"], seed=asked.seed, epochs=asked.epochs, augmented=augmented)
        for place, examples in {"synthetic": parts["test"], **others}.items():
            yield {
                "trained_on": name,
                "scored_on": place,
                "n": len(examples),
                "cnn": accuracy(ours, examples),
                "sta_lta": accuracy(rival, examples),
            }


def accuracy(predictor: Predictor, examples: Examples) -> float:
    """Share of windows named rightly."""
    return float(np.mean(np.asarray(predictor.predict(examples).predicted) == np.asarray(examples.y)))


def main() -> int:
    """Train, score and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--records", type=int, default=max(SIZES.values()), help="at most so many a split")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    told = list(rows(asked))
    if asked.json:
        print(json.dumps({"schema": "foreshock.benchmark.synthetic_transfer/1", "seed": asked.seed, "rows": told}))
        return 0
    for row in told:
        shown = f"CNN {row['cnn']:.3f}, STA/LTA {row['sta_lta']:.3f} of {row['n']} windows"
        print(f"trained on {row['trained_on']:9} scored on {row['scored_on']:9} {shown}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
