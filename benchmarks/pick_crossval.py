"""Cross-validation of the picker: five trainings, each without a fold of ncedc and without one or two origins.

Every record of the trials of `benchmarks/trials` is picked by the network that has seen neither its earthquake nor, for
picks_misc, anything of its origin; the picks go to one file that `benchmarks/pick_trials.py` scores. A training goes on
from its checkpoint. Takes about 20 minutes a fold on one core:

    FORESHOCK_DATA=folder python benchmarks/pick_crossval.py --out DIR [--fold K]
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path
from shutil import copyfile

import torch

from foreshock.models.picker import WIDTHS
from foreshock.road.picker import BUNDLE_NAME, Wish, train_picker
from foreshock.train.picker.learn import LearnSettings

TRIALS = Path(__file__).parent / "trials"

ORIGINS = (("samba_nz",), ("uturuncu_bo",), ("telica_ni",), ("afad_tr", "ipoc_cl"), ("icequake_aq", "oklahoma_okr"))
"""Left out with each fold: together all of picks_misc."""


def events_of(fold: int) -> tuple[str, ...]:
    """The earthquakes of a fold of ncedc."""
    with (TRIALS / "ncedc.csv").open(newline="") as file:
        return tuple(sorted({row["event_id"] for row in csv.DictReader(file) if row["fold"] == str(fold)}))


def train_fold(data: Path, out: Path, fold: int, *, widths: tuple[int, int, int], steps: int, bf16: bool) -> Path:
    """Train without one fold and its origins, or take what was trained before."""
    bundle = out / f"fold{fold}" / BUNDLE_NAME
    if not bundle.exists():
        train_picker(
            data,
            out=bundle.parent,
            settings=LearnSettings(seed=40 + fold, steps=steps, widths=widths, bf16=bf16),
            wish=Wish(splits=("train", "test"), origins=ORIGINS[fold], events=events_of(fold)),
            resume=bundle.parent.exists(),
            tell=lambda words: print(f"fold {fold}: {words}", flush=True),
        )
    return bundle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fold", type=int, choices=range(len(ORIGINS)), action="append")
    parser.add_argument("--widths", type=int, nargs=3, default=WIDTHS)
    parser.add_argument("--steps", type=int, default=3600)
    parser.add_argument("--bf16", action="store_true", help="where the processor has short floats")
    told = parser.parse_args()
    data = Path(os.environ["FORESHOCK_DATA"])
    torch.set_num_threads(1)
    for fold in told.fold or range(len(ORIGINS)):
        bundle = train_fold(data, told.out, fold, widths=tuple(told.widths), steps=told.steps, bf16=told.bf16)
        (told.out / "origins").mkdir(exist_ok=True)
        for origin in ORIGINS[fold]:
            copyfile(bundle, told.out / "origins" / f"{origin}.bundle")
        print(bundle)


if __name__ == "__main__":
    main()
