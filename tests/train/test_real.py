"""Training on real recordings: magnitudes of unseen events, better than a constant. Knows no road."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foreshock.collect.datasets import Dataset
from foreshock.prepare.labels import examples_from
from foreshock.prepare.preparation import Preparation
from foreshock.train.fit import fit
from foreshock.train.recipes import recipe


@pytest.mark.slow
@pytest.mark.realdata
def test_magnitudes_of_unseen_events_are_told_better_than_by_a_constant(realdata: Path, tmp_path):
    plan = Preparation(
        rate_hz=20.0,
        window_samples=800,
        before_s=5.0,
        anchor="p",
        steps=({"step": "bandpass", "low_hz": 1.0, "high_hz": 8.0},),
        context=("log10_scale", "log10_distance_km"),
    )
    with Dataset.open(realdata / "gujarat") as data:
        part = {
            split: examples_from(data.records(data.rows(split=split)), plan, task="magnitude")[0]
            for split in ("train", "dev", "test")
        }
    told = recipe("magnitude").settings.model_copy(update={"epochs": 20, "tensorboard": False, "accelerator": "cpu"})
    trained = fit(part["train"], part["dev"], told, work=tmp_path)
    said = trained.target_mean + trained.target_std * trained.outputs(part["test"])
    truth = np.asarray(part["test"].y)
    ours = np.abs(said - truth).mean()
    constant = np.abs(np.median(part["train"].y) - truth).mean()
    print(f"MAE {ours:.3f} on {len(truth)} records, constant {constant:.3f}, best epoch {trained.best_epoch}")
    assert ours < 0.6 * constant
