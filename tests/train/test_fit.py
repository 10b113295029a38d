"""Training end to end on small windows: learning, stopping, resuming, refusing. Knows no recordings."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from train_made import values, waves

from foreshock.errors import ConfigError, LabelError, OutputError, StateError
from foreshock.train.fit import TrainSettings, balanced_weights, fit

TRAIN, DEV = waves(64, 0), waves(32, 1)


def settings(**changes) -> TrainSettings:
    plain = {"model": "cnn-small", "epochs": 3, "batch_size": 16, "accelerator": "cpu", "tensorboard": False}
    return TrainSettings(**(plain | changes))


def weights(trained) -> dict[str, torch.Tensor]:
    return trained.model.state_dict()


def same_weights(one, two) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(two).values(), strict=True))


def test_a_network_learns_and_its_best_epoch_is_the_one_with_the_lowest_validation_loss(tmp_path):
    trained = fit(waves(256, 0), waves(64, 1), settings(epochs=8), work=tmp_path)
    losses = [row["dev_loss"] for row in trained.history]
    assert trained.best_epoch == 1 + losses.index(min(losses))
    assert trained.history[-1]["train_loss"] < 0.5 * trained.history[0]["train_loss"]
    assert trained.outputs(waves(64, 1)).shape == (64, 2)
    said = trained.outputs(waves(64, 1)).argmax(1)
    best = trained.history[trained.best_epoch - 1]
    assert np.mean(said == np.arange(64) % 2) == pytest.approx(best["dev_accuracy"])
    assert best["dev_accuracy"] > 0.9
    assert trained.cpu_s > 0


def test_a_regression_is_standardised_inside_and_scored_in_its_own_unit(tmp_path):
    train, dev = values(128, 0), values(64, 1)
    trained = fit(train, dev, settings(model="cnn-regression", epochs=12, learning_rate=0.01), work=tmp_path)
    assert trained.target_mean == pytest.approx(np.mean(train.y))
    said = trained.target_mean + trained.target_std * trained.outputs(dev)
    mae = np.abs(said - dev.y).mean()
    assert mae == pytest.approx(trained.history[trained.best_epoch - 1]["dev_mae"], rel=1e-3)
    assert mae < 0.35
    assert trained.context == ("log10_scale",)


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path):
    one, two, other = (fit(TRAIN, DEV, settings(seed=s), work=tmp_path / str(k)) for k, s in enumerate((5, 5, 6)))
    assert same_weights(one, two)
    assert not same_weights(one, other)


def test_training_leaves_the_callers_random_numbers_alone(tmp_path):
    torch.manual_seed(1)
    want = torch.rand(3)
    torch.manual_seed(1)
    fit(TRAIN, DEV, settings(epochs=1), work=tmp_path)
    assert torch.equal(torch.rand(3), want)


def test_it_stops_when_patience_is_spent_and_keeps_the_best(tmp_path):
    dev = DEV.take(np.arange(32))
    wrong = type(dev)(dev.x, dev.rate_hz, dev.table, y=1 - np.asarray(dev.y), classes=dev.classes)
    trained = fit(TRAIN, wrong, settings(epochs=30, patience=2, learning_rate=3e-3), work=tmp_path)
    assert len(trained.history) == trained.best_epoch + 2
    again = fit(TRAIN, wrong, settings(epochs=30, patience=2, learning_rate=3e-3), work=tmp_path, resume=True)
    assert again.history == trained.history


def test_balanced_weights_make_each_class_count_alike():
    rare = TRAIN.take(np.r_[0:64:2, 1:16:2])
    weight = balanced_weights(rare)
    counts = np.bincount(np.asarray(rare.y))
    np.testing.assert_allclose(weight * counts, np.full(2, len(rare) / 2))


def test_balanced_weights_change_what_is_learnt(tmp_path):
    rare = TRAIN.take(np.r_[0:64:2, 1:16:2])
    plain = fit(rare, DEV, settings(epochs=2), work=tmp_path / "plain")
    balanced = fit(rare, DEV, settings(epochs=2, class_weights="balanced"), work=tmp_path / "balanced")
    rate = [trained.outputs(DEV).argmax(1).mean() for trained in (plain, balanced)]
    assert rate[1] > rate[0]


def test_going_on_after_a_stop_gives_the_weights_of_an_unbroken_training(tmp_path, monkeypatch):
    whole = fit(TRAIN, DEV, settings(epochs=4), work=tmp_path / "whole")
    from foreshock.train.learner import Learner

    stepped = Learner.training_step

    def struck(self, batch, batch_index):
        if self.current_epoch == 2 and batch_index == 1:
            raise KeyboardInterrupt
        return stepped(self, batch, batch_index)

    before = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        patch.setattr(Learner, "training_step", struck)
        with pytest.raises(StateError, match="interrupted after 2 of 4 epochs"):
            fit(TRAIN, DEV, settings(epochs=4), work=tmp_path / "broken")
    assert signal.getsignal(signal.SIGINT) is before
    resumed = fit(TRAIN, DEV, settings(epochs=4), work=tmp_path / "broken", resume=True)
    assert same_weights(whole, resumed)
    drop = [{k: v for k, v in row.items() if k != "cpu_s"} for row in resumed.history]
    assert drop == [{k: v for k, v in row.items() if k != "cpu_s"} for row in whole.history]


def test_a_job_told_to_end_says_that_it_can_go_on(tmp_path, monkeypatch):
    from foreshock.train.learner import Learner

    stepped = Learner.training_step

    def told_to_end(self, batch, batch_index):
        if self.current_epoch == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return stepped(self, batch, batch_index)

    monkeypatch.setattr(Learner, "training_step", told_to_end)
    with pytest.raises(StateError, match="interrupted after 1 of 3 epochs"):
        fit(TRAIN, DEV, settings(), work=tmp_path)


def test_more_epochs_may_be_added_to_a_finished_training(tmp_path):
    fit(TRAIN, DEV, settings(epochs=2, patience=9), work=tmp_path)
    longer = fit(TRAIN, DEV, settings(epochs=4, patience=9), work=tmp_path, resume=True)
    whole = fit(TRAIN, DEV, settings(epochs=4, patience=9), work=tmp_path / "whole")
    assert same_weights(longer, whole)


def test_a_state_of_another_training_or_a_damaged_one_is_refused(tmp_path):
    fit(TRAIN, DEV, settings(epochs=1), work=tmp_path)
    with pytest.raises(OutputError, match="another training left its state"):
        fit(TRAIN, DEV, settings(epochs=1), work=tmp_path)
    with pytest.raises(StateError, match=r"batch_size is 8: the training .* began with 16"):
        fit(TRAIN, DEV, settings(epochs=1, batch_size=8), work=tmp_path, resume=True)
    with pytest.raises(StateError, match="other examples"):
        fit(waves(64, 7), DEV, settings(epochs=1), work=tmp_path, resume=True)
    state = tmp_path / "last.ckpt"
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(StateError, match=r"last\.ckpt: it cannot be read"):
        fit(TRAIN, DEV, settings(epochs=1), work=tmp_path, resume=True)
    torch.save({"x": Path("/")}, state)
    with pytest.raises(StateError, match=r"last\.ckpt"):
        fit(TRAIN, DEV, settings(epochs=1), work=tmp_path, resume=True)


def test_labels_that_cannot_be_learnt_are_refused(tmp_path):
    with pytest.raises(LabelError, match="class 'earthquake' has no training example"):
        fit(TRAIN.take(np.arange(0, 64, 2)), DEV, settings(), work=tmp_path)
    with pytest.raises(LabelError, match="0 development examples"):
        fit(TRAIN, DEV.take(np.arange(0)), settings(), work=tmp_path)
    constant = values(8, 0)
    constant = type(constant)(constant.x, 10.0, constant.table, y=np.full(8, 3.0), context=constant.context)
    with pytest.raises(LabelError, match="every training target is 3"):
        fit(constant, constant, settings(model="cnn-regression"), work=tmp_path)
    with pytest.raises(LabelError, match="both sets must have one shape"):
        fit(TRAIN, waves(32, 1, n_samples=65), settings(), work=tmp_path)
    with pytest.raises(ConfigError, match="too short for cnn-small"):
        fit(waves(8, 0, n_samples=12), waves(8, 1, n_samples=12), settings(), work=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_loss_that_runs_away_is_told(tmp_path):
    wild = values(32, 0)
    wild = type(wild)(wild.x * 1e20, 10.0, wild.table, y=wild.y, context=wild.context)
    with pytest.raises(StateError, match="NaN or Inf"):
        fit(wild, wild, settings(model="cnn-small", learning_rate=10.0, regression_loss="mse"), work=tmp_path)


@contextlib.contextmanager
def files_no_larger_than(n_bytes: int):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_state_that_cannot_be_written_is_an_output_error_and_leaves_nothing_half_written(tmp_path):
    with files_no_larger_than(20_000), pytest.raises(OutputError, match="last.ckpt"):
        fit(TRAIN, DEV, settings(epochs=1), work=tmp_path / "small")
    assert not list((tmp_path / "small").iterdir())
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(OutputError, match="file"):
        fit(TRAIN, DEV, settings(epochs=1), work=blocked / "under")


def test_logs_for_tensorboard_and_a_trace_are_written(tmp_path, capfd):
    fit(TRAIN, DEV, settings(epochs=2, tensorboard=True, profile=True), work=tmp_path)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert {"train_loss", "dev_loss", "train_accuracy", "dev_accuracy"} <= set(log.Tags()["scalars"])
    trace = json.loads((tmp_path / "profile.json").read_text())
    assert any("conv" in event.get("name", "") for event in trace["traceEvents"])
    assert capfd.readouterr().out == ""


def test_a_person_sees_a_bar_and_a_pipe_sees_nothing(tmp_path, capfd):
    from rich.console import Console

    from foreshock.train.progress import ProgressBar

    fit(TRAIN, DEV, settings(epochs=1), work=tmp_path / "pipe")
    assert capfd.readouterr() == ("", "")
    screen = io.StringIO()
    bar = ProgressBar("cnn-small: 2 epochs", Console(file=screen, force_terminal=True, width=100))
    from lightning.pytorch import Trainer

    from foreshock import models
    from foreshock.train.data import data_from
    from foreshock.train.learner import Learner
    from foreshock.train.quiet import quiet

    told = settings(epochs=2).resolved()
    model = models.build("cnn-small", n_channels=3, n_samples=64, n_outputs=2)
    learner = Learner(model, told, train=data_from(TRAIN), dev=data_from(DEV), classify=True)
    with quiet():
        Trainer(
            max_epochs=2,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            callbacks=[bar],
            enable_progress_bar=False,
            enable_model_summary=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            log_every_n_steps=1,
        ).fit(learner)
    assert "epoch   2" in screen.getvalue()
    assert "8/8" in screen.getvalue()


def test_bfloat16_trains_and_gives_float32_weights(tmp_path):
    trained = fit(TRAIN, DEV, settings(epochs=1, bf16=True), work=tmp_path)
    assert {value.dtype for value in weights(trained).values()} == {torch.float32}


def test_settings_derive_what_was_left_open_and_refuse_what_is_unknown():
    told = TrainSettings(model="lstm", epochs=40).resolved()
    assert (told.learning_rate, told.gradient_clip, told.patience) == (3e-3, 1.0, 10)
    assert TrainSettings(model="lstm", learning_rate=0.5).resolved().learning_rate == 0.5
    with pytest.raises(ValueError, match="batchsize"):
        TrainSettings(batchsize=3)
    with pytest.raises(ConfigError, match="did you mean"):
        TrainSettings(model="lstmm").resolved()


KILLED = """
import sys
sys.path.insert(0, {here!r})
from pathlib import Path
from made import waves
from foreshock.train.fit import TrainSettings, fit
fit(waves(2000, 0), waves(32, 1), TrainSettings(**{settings!r}), work=Path({work!r}), progress=False)
"""


@pytest.mark.slow
def test_a_training_killed_mid_epoch_goes_on_to_the_weights_of_an_unbroken_one(tmp_path):
    told = settings(epochs=4, patience=99)
    work = tmp_path / "killed"
    here = str(Path(__file__).parent)
    code = KILLED.format(here=here, settings=told.model_dump(), work=str(work))
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path) as process:
        patience = time.monotonic() + 120
        while not (work / "last.ckpt").exists() and process.poll() is None and time.monotonic() < patience:
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    left = torch.load(work / "last.ckpt", weights_only=True)
    assert 1 <= len(left["callbacks"]["Watch"]["history"]) < 4
    resumed = fit(waves(2000, 0), waves(32, 1), told, work=work, resume=True)
    whole = fit(waves(2000, 0), waves(32, 1), told, work=tmp_path / "whole")
    assert same_weights(resumed, whole)


@pytest.mark.slow
def test_ctrl_c_ends_with_one_sentence_and_a_state_to_go_on_from(tmp_path):
    work = tmp_path / "struck"
    code = KILLED.format(here=str(Path(__file__).parent), settings=settings(epochs=50).model_dump(), work=str(work))
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        patience = time.monotonic() + 120
        while not (work / "last.ckpt").exists() and process.poll() is None and time.monotonic() < patience:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "StateError: training was interrupted after" in said.splitlines()[-1]
    assert "resume to go on from there" in said.splitlines()[-1]


@pytest.mark.slow
def test_two_gloo_processes_give_the_loss_of_one(tmp_path, capfd):
    told = settings(epochs=3, patience=99)
    train = waves(67, 0)  # the last batch holds 3: an uneven share of two devices
    alone = fit(train, DEV, told, work=tmp_path / "one")
    together = fit(train, DEV, told.model_copy(update={"devices": 2}), work=tmp_path / "two")
    for one, two in zip(alone.history, together.history, strict=True):
        for name in ("train_loss", "dev_loss", "train_accuracy", "dev_accuracy"):
            assert two[name] == pytest.approx(one[name], abs=1e-5)
    assert capfd.readouterr() == ("", "")
