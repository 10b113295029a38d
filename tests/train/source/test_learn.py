"""Learning from a shelf: batches follow from their number, a broken-off training ends where an unbroken one does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreshock.collect.synthetic import SyntheticSettings, synthesise  # noqa: E402
from foreshock.errors import NothingMatchedError, StateError  # noqa: E402
from foreshock.prepare.source_keys import context_names  # noqa: E402
from foreshock.train.source.learn import LearnSettings, learn, pinball  # noqa: E402
from foreshock.train.source.scenes import Scenes, SceneSettings  # noqa: E402
from foreshock.train.source.shelf import Shelf, joined, shelved  # noqa: E402

SETTINGS = LearnSettings(members=2, width=8, hidden=8, steps=4, every=2, warm_steps=1)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    """Synthetic records in counts, which stand for real ones, and in velocity."""
    parts = []
    for unit in ("count", "m/s"):
        told = SyntheticSettings(records=8, rate_hz=25.0, span_s=60.0, unit=unit, noise_fraction=0.0)  # type: ignore[arg-type]
        parts.append(shelved(synthesise(told, seed=1), origin=unit))
    return joined(parts)


@pytest.fixture(scope="module")
def scenes(shelf: Shelf) -> Scenes:
    instruments = sorted(set(map(str, shelf.instrument)))
    return Scenes(shelf, instruments, SceneSettings(batch_size=12), seed=0)


def test_a_shelf_keeps_truth_and_units(shelf: Shelf) -> None:
    assert len(shelf) == 16
    assert shelf.physical.tolist() == [False] * 8 + [True] * 8
    assert np.isfinite(shelf.magnitude).all()
    assert np.isfinite(shelf.back_azimuth_rad).all()


def test_a_batch_follows_from_its_number(scenes: Scenes) -> None:
    one, again, other = scenes.batch(3), scenes.batch(3), scenes.batch(4)
    np.testing.assert_array_equal(one.x, again.x)
    np.testing.assert_array_equal(one.context, again.context)
    assert not np.array_equal(one.x, other.x)


def test_where_the_instrument_is_told_nothing_is_turned(scenes: Scenes, shelf: Shelf) -> None:
    names = context_names(scenes.instruments)
    first = names.index(f"is {scenes.instruments[0]}")
    told = np.zeros(0)
    for number in range(5):
        batch = scenes.batch(number)
        known = batch.context[:, first:].any(1)
        told = np.append(told, batch.back_azimuth_rad[known])
        assert not (batch.context[known, names.index("is_velocity")] > 0).any()
    assert len(told) > 5
    assert all(np.isclose(shelf.back_azimuth_rad, angle).any() for angle in told)


def test_records_without_a_magnitude_are_refused_together() -> None:
    noise = SyntheticSettings(records=2, rate_hz=25.0, span_s=30.0, noise_fraction=1.0)
    with pytest.raises(NothingMatchedError, match="records of noise"):
        shelved(synthesise(noise, seed=1), origin="noise")


def test_a_broken_off_training_ends_where_an_unbroken_one_does(scenes: Scenes, tmp_path: Path) -> None:
    whole, history = learn(scenes, None, SETTINGS, checkpoint=tmp_path / "a.ckpt")

    class Broken(Exception):
        pass

    def stop(row: object) -> None:
        if row["member"] == 1:  # type: ignore[index]
            raise Broken

    with pytest.raises(Broken):
        learn(scenes, None, SETTINGS, checkpoint=tmp_path / "b.ckpt", tell=stop)
    resumed, again = learn(scenes, None, SETTINGS, checkpoint=tmp_path / "b.ckpt")
    for one, two in zip(whole.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=0)
    assert again == history
    assert (tmp_path / "b.ckpt").stat().st_size < 20e6


def test_a_checkpoint_of_another_training_is_refused(scenes: Scenes, tmp_path: Path) -> None:
    learn(scenes, None, SETTINGS, checkpoint=tmp_path / "a.ckpt")
    with pytest.raises(StateError, match="of another training"):
        learn(scenes, None, SETTINGS.model_copy(update={"width": 9}), checkpoint=tmp_path / "a.ckpt")


def test_a_damaged_checkpoint_is_refused(scenes: Scenes, tmp_path: Path) -> None:
    (tmp_path / "a.ckpt").write_bytes(b"no state")
    with pytest.raises(StateError, match="cannot be read"):
        learn(scenes, None, SETTINGS, checkpoint=tmp_path / "a.ckpt")


def test_the_pinball_loss_is_least_at_the_quantiles() -> None:
    truth = torch.linspace(0, 1, 2001)
    right = torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95]).repeat(2001, 1)
    for wrong in (right + 0.05, right - 0.05):
        assert pinball(right, truth) < pinball(wrong, truth)
