"""The picker learns, goes on where it was broken off, and becomes a bundle that says what torch says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from foreshock.bundle import Onset, read_bundle, write_bundle
from foreshock.collect.example import example_waveform
from foreshock.errors import LabelError, StateError
from foreshock.models.picker import Picker
from foreshock.models.picker_live import PickerLive
from foreshock.predict.pick.network import NetworkPicker
from foreshock.road.pickers import picker_of
from foreshock.train.picker.export import (
    Peaks,
    Quiet,
    calibration_error,
    logistic_fit,
    onset_from,
    peaks_of,
    picker_bundle,
    quiet_threshold,
)
from foreshock.train.picker.learn import LearnSettings, learn
from foreshock.train.picker.live import live_bundle
from foreshock.train.picker.scenes import Scenes, SceneSettings
from foreshock.train.picker.shelf import Shelf, synthetic
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    held = Shelf()
    for item in synthetic(24, seed=1):
        (held.add_event if np.isfinite(item.p) or np.isfinite(item.s) else held.add_empty)(item)
    return Scenes(held, SceneSettings(batch_size=8, n_samples=1024), seed=1)


SHORT = LearnSettings(widths=(4, 8, 16), steps=12, every=4, warm_steps=2)


def _small_live() -> PickerLive:
    return PickerLive(fine=8, coarse=16, since=8)


def test_a_broken_training_ends_where_an_unbroken_one_does(scenes: Scenes, tmp_path: Path) -> None:
    whole, history = learn(scenes, [scenes.batch(999)], SHORT, checkpoint=tmp_path / "a.ckpt")
    assert history[-1]["train_loss"] < history[0]["train_loss"]  # type: ignore[operator]

    class Stopped(Exception):
        pass

    def stop(row: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        learn(scenes, [scenes.batch(999)], SHORT, checkpoint=tmp_path / "b.ckpt", tell=stop)
    again, _ = learn(scenes, [scenes.batch(999)], SHORT, checkpoint=tmp_path / "b.ckpt")
    for a, b in zip(whole.state_dict().values(), again.state_dict().values(), strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=0)
    assert (tmp_path / "b.ckpt").stat().st_size < 20 << 20


@pytest.mark.slow
@pytest.mark.parametrize("build", [None, _small_live])
def test_short_floats_learn_too_and_end_in_a_bundle_that_picks(
    scenes: Scenes, tmp_path: Path, build: Callable[[], PickerLive] | None
) -> None:
    told = SHORT.model_copy(update={"bf16": True})
    model, history = learn(scenes, [scenes.batch(999)], told, checkpoint=tmp_path / "a.ckpt", build=build)
    losses = [row[key] for row in history for key in ("train_loss", "dev_loss")]
    assert np.isfinite(losses).all()  # type: ignore[arg-type]
    assert history[-1]["train_loss"] < history[0]["train_loss"]  # type: ignore[operator]
    _, full = learn(scenes, [], SHORT, checkpoint=tmp_path / "full.ckpt", build=build)
    assert history[-1]["train_loss"] != full[-1]["train_loss"]
    assert {value.dtype for value in model.state_dict().values()} <= {torch.float32, torch.int64}
    onsets = {phase: Onset(threshold=0.05) for phase in "PS"}
    if isinstance(model, PickerLive):
        bundle = live_bundle(model, name="a", onsets=onsets, later_onsets=onsets)
    else:
        bundle = picker_bundle(model, name="a", onsets=onsets)
    write_bundle(tmp_path / "a.bundle", bundle)
    picker = picker_of(tmp_path / "a.bundle")
    assert all(0 < pick.probability <= 1 for pick in picker.pick(example_waveform()).picks)


def test_another_training_or_a_damaged_file_is_refused(scenes: Scenes, tmp_path: Path) -> None:
    learn(scenes, [], SHORT.model_copy(update={"steps": 1}), checkpoint=tmp_path / "a.ckpt")
    with pytest.raises(StateError, match="another training"):
        learn(scenes, [], SHORT, checkpoint=tmp_path / "a.ckpt")
    (tmp_path / "c.ckpt").write_bytes(b"nothing")
    with pytest.raises(StateError, match=r"c\.ckpt"):
        learn(scenes, [], SHORT, checkpoint=tmp_path / "c.ckpt")


def test_the_bundle_says_what_torch_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Picker(widths=(8, 16, 32)).eval()
    onset = Onset(threshold=0.3)
    path = tmp_path / "p.bundle"
    write_bundle(path, picker_bundle(model, name="p", onsets={"P": onset, "S": onset}))
    picker = NetworkPicker(read_bundle(path))
    x = np.random.default_rng(0).standard_normal((6, 640)).astype(np.float32)
    with torch.no_grad():
        want = model(torch.from_numpy(x)[None])[0].numpy()
    np.testing.assert_allclose(picker._block(x[None]), want, atol=1e-4)
    assert path.stat().st_size < 2_000_000


def peaks(height: list[float], right: list[bool], n_truth: int = 3) -> Peaks:
    return Peaks(np.array(height), np.array(right), np.ones(len(height)), n_truth)


SILENCE = Quiet(np.array([]), hours=2.0)


def test_the_threshold_keeps_noise_below_the_stated_rate() -> None:
    noise = Quiet(np.array([0.2, 0.3, 0.5, 0.7]), hours=2.0)
    assert quiet_threshold(SILENCE, 1.0) == 0.14
    assert quiet_threshold(noise, 1.0) == 0.32
    assert quiet_threshold(noise, 0.0) == 0.72
    assert quiet_threshold(Quiet(np.full(99, 0.95), hours=2.0), 1.0) == 0.9


def test_the_card_keeps_what_probabilities_were_worth() -> None:
    found = peaks([0.9, 0.9, 0.2, 0.2], [True, True, False, False])
    onset = onset_from(found, Quiet(np.array([0.95, 0.95]), hours=2.0), most_per_hour=1.0)
    assert (onset.false_per_hour, onset.quiet_hours) == (1.0, 2.0)
    assert sum(one.n for one in onset.reliability) == 4
    assert 0 < calibration_error(onset.reliability) < 0.5


def test_probabilities_follow_how_often_peaks_are_right() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0, 2, 4000)
    right = rng.random(4000) < 1 / (1 + np.exp(-(0.5 + 1.5 * x)))
    assert logistic_fit(x, right) == pytest.approx((0.5, 1.5), abs=0.15)


def test_nothing_right_cannot_be_calibrated() -> None:
    with pytest.raises(LabelError, match="2 peaks"):
        onset_from(peaks([0.4, 0.5], [False, False]), SILENCE, most_per_hour=1.0)


def test_only_the_nearest_peak_is_right_and_unknown_arrivals_are_left_out() -> None:
    wave = Waveform(np.zeros((1, 10)), 1.0, 0, "XX.A.", components="Z")
    known, unknown = Record(wave, Truth("a", "a", p_ns=5_000_000_000)), Record(wave, Truth("b", "b", s_ns=1))
    said = [[(5_100_000_000, 0.9, 0.1), (5_300_000_000, 0.5, 0.1), (9_000_000_000, 0.4, 0.1)], [(0, 0.9, 0.1)]]
    found = peaks_of(said, [known, unknown], "P")
    assert found.right.tolist() == [True, False, False]
    assert found.n_truth == 1
    assert found.spread[0] == pytest.approx(1.0)
