"""Windows are cut where they are asked for, scaled together, and cover the whole recording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError
from foreshock.prepare.preparation import Preparation, prepare
from foreshock.prepare.windows import cut, normalise, slide, slide_in_blocks, starts, valid_fraction
from foreshock.types.waveform import Waveform

RNG = np.random.default_rng(8)
WAVE = Waveform(RNG.standard_normal((3, 2000)) * 50 + 9, 100.0, 10**18, "XX.A.")
PLAN = Preparation(rate_hz=50.0, window_samples=200, context=("log10_scale",))


def test_a_window_begins_at_the_sample_nearest_to_the_time() -> None:
    x, valid = cut(WAVE, start_ns=WAVE.time_ns(70) + 4_000_000, n_samples=30)
    assert np.array_equal(x, WAVE.data[:, 70:100])
    assert valid.all()


@pytest.mark.parametrize(
    ("first", "inside"), [(-10, range(10, 30)), (1990, range(10)), (5000, range(0)), (-99, range(0))]
)
def test_outside_the_record_there_are_invalid_zeros(first: int, inside: range) -> None:
    x, valid = cut(WAVE, start_ns=WAVE.time_ns(first), n_samples=30)
    assert np.flatnonzero(valid[0]).tolist() == list(inside)
    assert not x[:, ~valid[0]].any()


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="0 samples"):
        cut(WAVE, start_ns=0, n_samples=0)


@pytest.mark.parametrize("how", ["peak", "std"])
def test_one_scale_serves_all_channels_and_gives_the_wave_back(how: str) -> None:
    x = RNG.standard_normal((6, 3, 40)) * np.array([1.0, 10.0, 100.0])[:, None] + 5
    y, scale = normalise(x, how)  # type: ignore[arg-type]
    size = np.abs(y).max((1, 2)) if how == "peak" else y.std((1, 2))
    np.testing.assert_allclose(size, 1.0, rtol=1e-5)
    np.testing.assert_allclose(y * scale[:, None, None], x - x.mean(-1, keepdims=True), rtol=1e-4, atol=1e-4)


def test_invalid_samples_count_for_nothing() -> None:
    x = RNG.standard_normal((1, 3, 40))
    valid = np.ones(x.shape, bool)
    valid[..., 30:] = False
    wild = np.where(valid, x, 1e9)
    y, scale = normalise(wild, "peak", valid=valid)
    want, same = normalise(x[..., :30], "peak")
    np.testing.assert_allclose(y[..., :30], want, rtol=1e-6)
    assert scale == pytest.approx(same)
    assert not y[..., 30:].any()


def test_a_dead_window_stays_zero_with_a_scale_that_says_so() -> None:
    y, scale = normalise(np.full((1, 3, 8), 7.0), "peak")
    assert not y.any()
    assert np.log10(scale).tolist() == [-30.0]


def test_no_normalisation_changes_nothing() -> None:
    x = np.array([[[1.0, 5.0, 3.0]]])
    y, scale = normalise(x, "none")
    assert np.array_equal(x, y)
    assert scale.tolist() == [2.0]


def test_an_unknown_normalisation_is_refused() -> None:
    with pytest.raises(InputError, match="'max'"):
        normalise(np.ones((1, 1, 1)), "max")  # type: ignore[arg-type]


@given(n=st.integers(0, 300), window=st.integers(1, 50), data=st.data())
def test_every_sample_is_covered_and_no_window_is_taken_twice(n: int, window: int, data: st.DataObject) -> None:
    first = starts(n, window, data.draw(st.integers(1, window)))
    assert np.all(np.diff(first) > 0)
    covered = np.zeros(max(n, window), int)
    for k in first:
        covered[k : k + window] += 1
    assert covered[:n].all()
    assert first[-1] + window == max(n, window)


def test_sliding_windows_are_cut_from_the_prepared_record_at_their_times() -> None:
    examples, ready = slide(WAVE, PLAN, hop_s=0.77), prepare(WAVE, PLAN)
    assert examples.rate_hz == 50.0
    for k in (0, 3, len(examples) - 1):
        x, _ = cut(ready, start_ns=int(examples.table["time_ns"][k]), n_samples=200)
        y, scale = normalise(x[None], "peak")
        assert np.array_equal(examples.x[k], y[0])
        assert examples.context["log10_scale"][k] == pytest.approx(np.log10(scale[0]))
    assert examples.table["time_ns"].iloc[-1] == ready.time_ns(ready.n_samples - 200)


def test_blocks_give_the_same_windows_as_one_pass() -> None:
    whole, parts = slide(WAVE, PLAN, hop_s=0.5), list(slide_in_blocks(WAVE, PLAN, hop_s=0.5, block=7))
    assert len(parts) > 3
    assert np.array_equal(np.concatenate([part.x for part in parts]), whole.x)


def test_a_record_shorter_than_a_window_gives_one_filled_window() -> None:
    examples = slide(WAVE.cut(0, 100), PLAN, hop_s=1.0)
    assert examples.x.shape == (1, 3, 200)
    assert examples.table["valid_fraction"].tolist() == [0.25]


def test_an_empty_record_gives_one_dead_window() -> None:
    examples = slide(WAVE.cut(0, 0), PLAN, hop_s=1.0)
    assert not examples.x.any()
    assert examples.table["valid_fraction"].tolist() == [0.0]


@pytest.mark.parametrize("hop_s", [0.0, -1.0, 4.1, float("nan")])
def test_a_hop_that_leaves_samples_out_is_refused(hop_s: float) -> None:
    with pytest.raises(InputError, match="hop is"):
        slide(WAVE, PLAN, hop_s=hop_s)


def test_context_that_is_not_in_the_wave_must_be_told() -> None:
    plan = PLAN.model_copy(update={"context": ("log10_scale", "log10_distance_km")})
    with pytest.raises(InputError, match="log10_distance_km"):
        slide(WAVE, plan, hop_s=1.0)
    examples = slide(WAVE, plan, hop_s=1.0, known={"distance_km": 1000.0})
    assert set(examples.context["log10_distance_km"]) == {3.0}


def test_channels_that_are_not_there_do_not_count_as_invalid() -> None:
    valid = np.zeros((1, 3, 10), bool)
    valid[0, 0, :5] = True
    assert valid_fraction(valid).tolist() == [0.5]
