"""Cross-validation of the picker: five trainings, each without a fold of ncedc and without one or two origins.

Every record of the trials can so be asked of a network that has seen neither its earthquake nor, for picks_misc,
anything of its origin. A training goes on from its checkpoint and takes about 20 minutes on one core:

    FORESHOCK_DATA=folder python benchmarks/pick_crossval.py --out DIR [--fold K]
    FORESHOCK_DATA=folder python benchmarks/pick_trials.py "ours=DIR/fold{fold}/picker.bundle"
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from foreshock.models.picker import WIDTHS
from foreshock.road.picker import BUNDLE_NAME, train_picker
from foreshock.road.picker_stock import Wish
from foreshock.train.picker.learn import LearnSettings
from pick_trials import ORIGIN_FOLDS, listed


def events_of(fold: int) -> tuple[str, ...]:
    """The earthquakes of a fold of ncedc."""
    return tuple(sorted({row.event_id for row in listed("ncedc") if row.told["fold"] == str(fold)}))


def train_fold(data: Path, out: Path, fold: int, *, widths: tuple[int, int, int], steps: int, bf16: bool) -> Path:
    """Train without one fold and its origins, or take what was trained before."""
    bundle = out / f"fold{fold}" / BUNDLE_NAME
    if not bundle.exists():
        train_picker(
            data,
            out=bundle.parent,
            settings=LearnSettings(seed=40 + fold, steps=steps, widths=widths, bf16=bf16),
            wish=Wish(splits=("train", "test"), origins=ORIGIN_FOLDS[fold], events=events_of(fold)),
            resume=bundle.parent.exists(),
            tell=lambda words: print(f"fold {fold}: {words}", flush=True),
        )
    return bundle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fold", type=int, choices=range(len(ORIGIN_FOLDS)), action="append")
    parser.add_argument("--widths", type=int, nargs=3, default=WIDTHS)
    parser.add_argument("--steps", type=int, default=3600)
    parser.add_argument("--bf16", action="store_true", help="where the processor has short floats")
    told = parser.parse_args()
    data = Path(os.environ["FORESHOCK_DATA"])
    torch.set_num_threads(1)
    for fold in told.fold or range(len(ORIGIN_FOLDS)):
        bundle = train_fold(data, told.out, fold, widths=tuple(told.widths), steps=told.steps, bf16=told.bf16)
        print(bundle)


if __name__ == "__main__":
    main()
