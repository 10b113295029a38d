"""Batches: order, shares over devices, augmentation, blocks on disk. Knows no network."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from train_made import values, waves

from foreshock.errors import FormatError, LabelError, NotFoundError
from foreshock.train.data import Batches, Data, data_from, open_block, write_block


def numbered(n: int, weight: np.ndarray | None = None) -> Data:
    x = np.arange(n, dtype=np.float32).reshape(n, 1, 1)
    return Data(x, np.arange(n), np.zeros((n, 0), np.float32), np.ones(n) if weight is None else weight)


def seen(batches: Batches) -> list[int]:
    return [int(k) for batch in batches for k in batch["y"]]


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 50), size=st.integers(1, 20), seed=st.integers(0, 2**32 - 1), epoch=st.integers(0, 5))
def test_each_example_comes_once_an_epoch_and_the_order_is_repeatable(n, size, seed, epoch):
    batches = Batches(numbered(n), batch_size=size, seed=seed, epoch=epoch)
    order = seen(batches)
    assert sorted(order) == list(range(n))
    assert seen(batches) == order
    assert len(list(batches)) == len(batches)


def test_another_epoch_or_seed_is_another_order():
    orders = {tuple(seen(Batches(numbered(30), batch_size=7, seed=s, epoch=e))) for s in (0, 1) for e in (0, 1)}
    assert len(orders) == 4


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 40), size=st.integers(1, 12), world=st.integers(1, 4), seed=st.integers(0, 99))
def test_devices_together_get_each_batch_once_and_their_shares_sum_to_one(n, size, world, seed):
    weight = np.random.default_rng(seed).uniform(0.5, 2, n)
    alone = list(Batches(numbered(n, weight), batch_size=size, seed=seed, epoch=1))
    ranks = [
        list(Batches(numbered(n, weight), batch_size=size, seed=seed, epoch=1, rank=r, world=world))
        for r in range(world)
    ]
    assert {len(batches) for batches in ranks} == {len(alone)}
    for number, whole in enumerate(alone):
        parts = [batches[number] for batches in ranks]
        counted = [int(k) for part in parts for k, each in zip(part["y"], part["each"], strict=True) if each > 0]
        assert sorted(counted) == sorted(whole["y"].tolist())
        assert sum(float(part["share"].sum()) for part in parts) == pytest.approx(1, abs=1e-5)
    assert sum(float(b["part"].sum()) for batches in ranks for b in batches) == pytest.approx(1, abs=1e-5)
    assert sum(float(b["each"].sum()) for batches in ranks for b in batches) == pytest.approx(1, abs=1e-5)


def test_augmentation_sees_a_batch_at_once_repeats_itself_and_leaves_the_examples_alone():
    data = data_from(waves(10, 0))
    before = data.x.copy()
    shapes = []

    def louder(x, rng):
        shapes.append(x.shape)
        x *= rng.uniform(1, 2, (len(x), 1, 1)).astype(np.float32)
        return x

    one, two = (list(Batches(data, batch_size=4, seed=3, epoch=2, augment=louder)) for _ in range(2))
    other = list(Batches(data, batch_size=4, seed=3, epoch=1, augment=louder))
    assert shapes[:3] == [(4, 3, 64), (4, 3, 64), (2, 3, 64)]
    assert all(torch.equal(a["x"], b["x"]) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0]["x"], other[0]["x"])
    assert np.array_equal(data.x, before)


def test_targets_are_standardised_and_context_stands_in_the_order_asked_for():
    examples = values(8, 0)
    data = data_from(examples, context=("log10_scale",), target=(5.0, 2.0))
    np.testing.assert_allclose(data.y, (np.asarray(examples.y) - 5) / 2, rtol=1e-6)
    np.testing.assert_allclose(data.context[:, 0], examples.context["log10_scale"])
    with pytest.raises(LabelError, match="log10_distance_km"):
        data_from(examples, context=("log10_distance_km",))


def test_a_block_is_mapped_not_read_and_gives_the_same_batches(tmp_path):
    data = data_from(waves(12, 0))
    path = tmp_path / "x.npy"
    write_block(path, data.x)
    block = open_block(path)
    assert isinstance(block, np.memmap)
    mapped = Data(block, data.y, data.context, data.weight)
    pairs = zip(
        Batches(data, batch_size=5, seed=0, epoch=0), Batches(mapped, batch_size=5, seed=0, epoch=0), strict=True
    )
    assert all(torch.equal(a["x"], b["x"]) and torch.equal(a["y"], b["y"]) for a, b in pairs)


def test_a_missing_a_truncated_and_a_foreign_block_are_refused_by_name(tmp_path):
    with pytest.raises(NotFoundError, match=r"nothing\.npy"):
        open_block(tmp_path / "nothing.npy")
    whole = tmp_path / "whole.npy"
    write_block(whole, np.zeros((4, 3, 100), np.float32))
    (tmp_path / "cut.npy").write_bytes(whole.read_bytes()[:300])
    (tmp_path / "text.npy").write_text("not an array")
    np.save(tmp_path / "flat.npy", np.zeros(5))
    np.save(tmp_path / "objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    for name in ("cut.npy", "text.npy", "flat.npy", "objects.npy"):
        with pytest.raises(FormatError, match=name):
            open_block(tmp_path / name)
