"""Windows for the picker: labels sit on the arrivals, empty windows are empty, every batch can be made again."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.train.picker.scenes import Scenes, SceneSettings
from foreshock.train.picker.shelf import Held, Item, Shelf, item_of, stocked, synthetic
from foreshock.types.record import Truth
from foreshock.types.waveform import Waveform

PLAIN = SceneSettings(
    batch_size=16,
    n_samples=1024,
    stretch=0,
    second=0,
    noise=0,
    gap=0,
    late=0,
    only_z=0,
    drop_one=0,
    filtered=0,
    spike=0,
)


def event(p: float = 1500.0, s: float = 1900.0, *, s_known: bool = True) -> Item:
    """Noise with a pulse of one sample at P and at S."""
    x = np.random.default_rng(0).standard_normal((3, 4000)).astype(np.float32) * 1e-3
    for at in (p, s):
        x[:, round(at)] = 1.0
    return Item(x, np.ones(x.shape, bool), p, s if s_known else np.nan, s_known, "made", "e1")


def shelf(**told: bool) -> Shelf:
    made = Shelf()
    made.add_event(event(**told))
    return made


@pytest.mark.parametrize("stretch", [0.0, 1.0])
def test_labels_stand_on_the_arrivals(stretch: float) -> None:
    scenes = Scenes(shelf(), PLAIN.model_copy(update={"empty": 0.0, "stretch": stretch}), seed=1)
    seen = 0
    for number in range(3):
        batch = scenes.batch(number)
        np.testing.assert_allclose(batch.y.sum(1), 1.0, atol=1e-6)
        for x, y in zip(batch.x, batch.y, strict=True):
            for row in (1, 2):
                if y[row].max() > 0.99:
                    at, seen = int(y[row].argmax()), seen + 1
                    near = np.abs(x[0, max(0, at - 3) : at + 4])
                    assert near.max() > 3.0
    assert seen > 10


def test_empty_windows_have_no_arrival() -> None:
    batch = Scenes(shelf(), PLAIN.model_copy(update={"empty": 1.0}), seed=1).batch(0)
    assert not batch.y[:, 1:].any()
    assert batch.weight.any()


def test_where_s_is_not_known_nothing_is_taught_after_p() -> None:
    batch = Scenes(shelf(s_known=False), PLAIN.model_copy(update={"empty": 0.0}), seed=1).batch(0)
    for y, weight in zip(batch.y, batch.weight, strict=True):
        if y[1].max() > 0.99:
            at = int(y[1].argmax())
            assert weight[max(0, at - 10) : at + 10].all()
            assert not weight[at + 60 :].any()


def test_a_batch_follows_from_seed_and_number() -> None:
    told = SceneSettings(batch_size=8, n_samples=1024)
    a, b = (Scenes(shelf(), told, seed=4).batch(2) for _ in range(2))
    np.testing.assert_array_equal(a.x, b.x)
    np.testing.assert_array_equal(a.y, b.y)
    assert not np.array_equal(a.x, Scenes(shelf(), told, seed=4).batch(3).x)


def test_everything_at_once_stays_finite() -> None:
    told = SceneSettings(batch_size=32, n_samples=1024, second=1, noise=1, gap=1, late=0.5, spike=1, filtered=1)
    batch = Scenes(shelf(), told, seed=9).batch(0)
    assert np.isfinite(batch.x).all()
    assert ((batch.y >= 0) & (batch.y <= 1)).all()


def test_arrivals_keep_their_times_on_the_grid() -> None:
    data = np.random.default_rng(0).standard_normal((3, 2500))
    wave = Waveform(data, 50.0, 7 * NS_PER_S, "XX.A.")
    item = item_of(wave, Truth("a", "e", p_ns=17 * NS_PER_S, s_ns=None), origin="x")
    assert item.p == pytest.approx(1000.0)
    assert not item.s_known


def test_synthetic_arrivals_can_be_seen() -> None:
    items = list(synthetic(40, seed=3))
    events = [item for item in items if np.isfinite(item.p) or np.isfinite(item.s)]
    assert 5 < len(events) < len(items)
    assert all(item.s_known for item in items)


@pytest.mark.realdata
def test_no_test_record_reaches_the_shelf(realdata) -> None:  # type: ignore[no-untyped-def]
    from foreshock.collect.datasets import Dataset

    with Dataset.open(realdata / "ncedc") as data:
        forbidden = set(data.event_ids[data.rows("test")])
    held = stocked(realdata, n_synthetic=4)
    assert held.events["ncedc"]
    assert not forbidden & {item.event for items in (*held.events.values(), *held.empty.values()) for item in items}


def test_what_is_held_for_trials_is_not_learnt_from() -> None:
    held = Held(origins=frozenset({"volcano"}), events=frozenset({"e7"}))
    assert held.keeps(Truth("t", "e1"), "volcano")
    assert held.keeps(Truth("t", "e7"), "ncedc")
    assert not held.keeps(Truth("t", "e1"), "ncedc")


@pytest.mark.realdata
def test_origins_and_events_held_for_trials_do_not_reach_the_shelf(realdata) -> None:  # type: ignore[no-untyped-def]
    whole = stocked(realdata, n_synthetic=4, folders=("ncedc", "picks_misc"))
    event = whole.events["ncedc"][0].event
    less = stocked(
        realdata,
        n_synthetic=4,
        folders=("ncedc", "picks_misc"),
        held=Held(origins=frozenset({"samba_nz"}), events=frozenset({event})),
    )
    assert set(whole.events) - set(less.events) == {"samba_nz"}
    assert event not in {item.event for items in (*less.events.values(), *less.empty.values()) for item in items}
