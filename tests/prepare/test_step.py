"""The law catches steps that break it, and the base class keeps time through gaps, overlaps and restarts."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.errors import ConfigError, InputError, PluginError, StateError
from foreshock.law import check_step
from foreshock.plugins import build_steps
from foreshock.prepare.step import LONGEST_FILLED_GAP_S, ArrayStep, Chain, State, relative, run_live
from foreshock.types.arrays import Bools, Float64
from foreshock.types.waveform import Waveform, concatenate


class Double(ArrayStep):
    """Twice the signal: the simplest lawful step."""

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        return 2 * (x + np.nan_to_num(state["first"])[..., None]), valid


class Later(ArrayStep):
    """Holds three samples back and gives them at the end."""

    def begin(self, rate_hz: float, leading: tuple[int, ...]) -> State:
        return {"held": np.zeros((*leading, 0)), "mask": np.zeros((*leading, 0), bool)}

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        y, m = np.concatenate([state["held"], x], -1), np.concatenate([state["mask"], valid], -1)
        keep = min(3, y.shape[-1])
        cut = y.shape[-1] - keep
        state["held"], state["mask"] = y[..., cut:], m[..., cut:]
        return y[..., :cut], m[..., :cut]

    def drain(self, state: State) -> tuple[Float64, Bools]:
        return state["held"], state["mask"]


class Demeaned(Double):
    """Subtracts the mean of each chunk: the classic mistake."""

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        return x - x.mean(-1, keepdims=True) if x.shape[-1] else x, valid


class Hoarder(Double):
    """Keeps every chunk it has seen."""

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        state["all"] = [*state.get("all", []), x]
        return super().run(x, valid, state)


class Stubborn(Double):
    """Does not forget."""

    count = 0.0

    def run(self, x: Float64, valid: Bools, state: State) -> tuple[Float64, Bools]:
        type(self).count += 1
        return x + type(self).count, valid


def wave(n: int = 100, **changes: Any) -> Waveform:
    data = np.random.default_rng(1).standard_normal((2, n)) + 50
    return Waveform(data, **{"rate_hz": 10.0, "start_ns": 0, "station_id": "XX.A.", "components": "ZN", **changes})


@pytest.mark.parametrize("step", [Double(), Later(), Chain([Double(), Later(), Later()])])
def test_lawful_steps_pass(step: Any) -> None:
    check_step(step)


@pytest.mark.parametrize(
    ("step", "rule"), [(Demeaned(), "chunks of"), (Hoarder(), "memory"), (Stubborn(), "second call")]
)
def test_the_law_names_the_rule_that_is_broken(step: Any, rule: str) -> None:
    with pytest.raises(PluginError, match=rule):
        check_step(step)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 100), max_size=8))
def test_any_chunking_gives_what_the_whole_gives(cuts: list[int]) -> None:
    whole, step = wave(), Chain([Later(), Double()])
    edges = [0, *sorted(cuts), 100]
    pieces = [step.update(whole.cut(a, b)) for a, b in itertools.pairwise(edges)]
    got = concatenate([*pieces, step.flush()])
    assert np.array_equal(got.data, step(whole).data)
    assert got.start_ns == whole.start_ns


def test_a_hole_between_chunks_becomes_invalid_samples_at_the_right_time() -> None:
    whole, step = wave(), Double()
    got = concatenate([step.update(whole.cut(0, 40)), step.update(whole.cut(55, 100)), step.flush()])
    assert got.n_samples == 100
    assert not got.valid[:, 40:55].any()
    assert got.valid[:, :40].all()
    assert np.allclose(got.data[:, 55:], 2 * whole.data[:, 55:])


def test_samples_that_come_twice_are_taken_once() -> None:
    whole, step = wave(), Double()
    got = concatenate([step.update(whole.cut(0, 60)), step.update(whole.cut(40, 100)), step.flush()])
    assert np.array_equal(got.data, step(whole).data)


def test_after_a_very_long_hole_the_old_run_is_flushed_and_a_new_one_begins() -> None:
    late_ns = int((LONGEST_FILLED_GAP_S + 60) * 1e9)
    first, second = wave(), wave(start_ns=late_ns)
    out = [piece for piece in run_live(Later(), [first, second]) if piece.n_samples]
    assert [piece.start_ns for piece in out] == [0, first.time_ns(97), late_ns, second.time_ns(97)]
    assert sum(piece.n_samples for piece in out) == 200


def test_a_stream_that_changes_its_rate_is_refused() -> None:
    step = Double()
    step.update(wave())
    with pytest.raises(InputError, match="rate_hz changes"):
        step.update(wave(rate_hz=20.0))


def test_a_flush_before_anything_came_is_an_error() -> None:
    with pytest.raises(StateError, match="nothing to give"):
        Double().flush()


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="low_hz"):
        Double(low_hz=1.0)


def test_many_examples_at_once_give_what_each_gives_alone() -> None:
    x = np.random.default_rng(0).standard_normal((4, 2, 50))
    y, valid = Later().apply(x, rate_hz=10.0)
    assert y.shape == x.shape
    assert valid.all()
    for one, two in zip(x, y, strict=True):
        alone = Later()(Waveform(one, 10.0, 0, "XX.A.", components="ZN"))
        assert np.allclose(alone.data, two, atol=1e-6)


def test_a_leading_hole_does_not_count_as_signal(tmp_path: Path) -> None:
    valid = np.ones((2, 100), bool)
    valid[:, :30] = False
    got = Double()(wave(valid=valid))
    assert not got.valid[:, :30].any()
    assert np.allclose(got.data[:, 30:], 2 * wave().data[:, 30:])


def test_a_chain_says_what_it_is_made_of_so_that_it_can_be_made_again() -> None:
    described = [{"step": "highpass", "low_hz": 1.0, "order": 2}, {"step": "detrend"}]
    chain = Chain(build_steps(described))
    told = chain.parameters()["steps"]
    assert [one["step"] for one in told] == ["highpass", "detrend"]
    assert Chain(build_steps(told)).parameters() == chain.parameters()


@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.05, 0.5, 0.95, 1.0]))
def test_holes_are_filled_with_the_last_valid_value_row_by_row(seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    x, valid = rng.standard_normal((2, 3, 40)), rng.random((2, 3, 40)) >= share
    first, last = np.zeros((2, 3)), rng.standard_normal((2, 3))
    want = np.empty_like(x)
    for i, j in itertools.product(range(2), range(3)):
        held = last[i, j]
        for k in range(40):
            held = x[i, j, k] if valid[i, j, k] else held
            want[i, j, k] = held
    state: State = {"first": first, "last": last}
    np.testing.assert_array_equal(relative(x, valid, state), want)
    np.testing.assert_array_equal(state["last"], want[..., -1])
