"""A live picker learns like the other, becomes a small bundle, and says by hops what it learnt to say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from foreshock.bundle import Onset, card_from, read_bundle, shipped, write_bundle
from foreshock.bundle.network import check_network
from foreshock.errors import BundleError
from foreshock.models.picker_live import CORNERS, EVERY, HOP, PickerLive
from foreshock.predict.pick.live_records import LivePickerOnRecords
from foreshock.predict.pick.network import NetworkPicker
from foreshock.predict.softmax import softmax
from foreshock.road.pickers import picker_of
from foreshock.train.picker.learn import LearnSettings, learn
from foreshock.train.picker.live import by_hops, live_bundle
from foreshock.train.picker.scenes import Scenes, SceneSettings
from foreshock.train.picker.shelf import Shelf, synthetic

ONSETS = {phase: Onset(threshold=0.3) for phase in ("P", "S")}


def test_it_learns_from_the_scenes_of_the_other_picker(tmp_path: Path) -> None:
    held = Shelf()
    for item in synthetic(12, seed=1):
        (held.add_event if np.isfinite(item.p) or np.isfinite(item.s) else held.add_empty)(item)
    scenes = Scenes(held, SceneSettings(batch_size=4, n_samples=1024, corners=CORNERS), seed=1)
    told = LearnSettings(steps=12, every=4, warm_steps=2)

    def build() -> PickerLive:
        return PickerLive(fine=8, coarse=16)

    model, history = learn(scenes, [], told, build=build, checkpoint=tmp_path / "a.ckpt")
    assert isinstance(model, PickerLive)
    assert history[-1]["train_loss"] < history[0]["train_loss"]  # type: ignore[operator]


def test_the_bundle_says_by_hops_what_torch_says_and_is_small(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = PickerLive().eval()
    path = tmp_path / "live.bundle"
    write_bundle(path, live_bundle(model, name="live", onsets=ONSETS, later_onsets=ONSETS))
    bundle, x = read_bundle(path), torch.randn(3, 6, 800)
    assert path.stat().st_size < 2_000_000
    assert bundle.card.reach is not None
    assert (bundle.card.window_samples, bundle.card.reach.every_samples) == (HOP, EVERY)
    with torch.no_grad():
        want = softmax(np.moveaxis(model(x).numpy(), 1, -1).reshape(-1, 3))
    got = softmax(np.moveaxis(by_hops(bundle, x), 1, -1).reshape(-1, 3))
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_a_network_whose_state_is_not_that_of_its_card_is_refused() -> None:
    bundle = shipped("picker-live")
    assert bundle.card.reach is not None
    for state_size in (0, bundle.card.reach.state_size, bundle.card.reach.state_size + 1):
        told = bundle.card.model_dump()
        told["reach"] |= {"state_size": state_size, "delays": ()}
        with pytest.raises(BundleError, match="state"):
            check_network(bundle.onnx, card_from(told, where="a trial"))
    told = bundle.card.model_dump() | {"window_samples": 80}
    with pytest.raises(BundleError, match="whole windows"):
        card_from(told, where="a trial")


def test_each_picker_takes_its_own_kind_of_bundle(tmp_path: Path) -> None:
    bundle = live_bundle(PickerLive(fine=8, coarse=16).eval(), name="live", onsets=ONSETS, later_onsets=ONSETS)
    with pytest.raises(BundleError, match="live"):
        NetworkPicker(bundle)
    write_bundle(tmp_path / "live.bundle", bundle)
    assert isinstance(picker_of(tmp_path / "live.bundle"), LivePickerOnRecords)
