"""Every step of the door gives the same however a record is cut into chunks, also on short, dead and odd records."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.plugins import load, members
from foreshock.prepare.step import ArrayStep
from foreshock.types.waveform import Waveform, concatenate

NAMES = tuple(name for name, point in members("steps").items() if point.value.startswith("foreshock.prepare."))


@cache
def specimens() -> tuple[ArrayStep, ...]:
    return tuple(step for name in NAMES for step in load("steps", name).specimens(Path()))


def unit_for(step: ArrayStep) -> str:
    try:
        step.unit_out("count")
    except ValueError:
        return "m/s"
    return "count"


@st.composite
def recordings(draw: st.DrawFn) -> Waveform:
    """Noise or whole counts on an offset, with holes, of any length from nothing on."""
    n = draw(st.sampled_from([0, 1, 2, 3, 17, 250, 700]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    data = draw(st.sampled_from([0.0, 1.0, 300.0])) * rng.standard_normal((3, n)) + draw(st.sampled_from([0, -4000]))
    if draw(st.booleans()):
        data = np.round(data)
    valid = rng.random((3, n)) > draw(st.sampled_from([0.0, 0.01, 0.3]))
    return Waveform(data, 100.0, 1_700_000_000_000_000_001, "XX.A.", valid=valid)


@pytest.mark.parametrize("k", range(len(specimens())), ids=lambda k: repr(specimens()[k])[:60])
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_any_chunking_gives_what_the_whole_gives(k: int, data: st.DataObject) -> None:
    step = specimens()[k]
    wave = data.draw(recordings())
    wave = wave.with_data(wave.data, unit=unit_for(step))
    cuts = sorted(data.draw(st.lists(st.integers(0, wave.n_samples), max_size=8)))
    edges = [0, *cuts, wave.n_samples]
    live = step.fresh()
    pieces = [live.update(wave.cut(first, last)) for first, last in pairwise(edges)]
    got, want = concatenate([*pieces, live.flush()]), step(wave)
    assert got.data.shape == want.data.shape
    assert np.array_equal(got.valid, want.valid)
    assert got.start_ns == want.start_ns == wave.start_ns
    assert np.abs(got.data - want.data).max(initial=0) <= 1e-6 * (np.abs(want.data).max(initial=0) or 1)


@pytest.mark.parametrize("k", range(len(specimens())), ids=lambda k: repr(specimens()[k])[:60])
def test_a_batch_gives_what_each_record_gives_alone(k: int) -> None:
    step = specimens()[k]
    rng = np.random.default_rng(k)
    x = rng.standard_normal((4, 3, 600)).astype(np.float32) + np.float32(20)
    valid = np.repeat(rng.random((4, 1, 600)) > 0.02, 3, axis=1)
    y, mask = step.apply(x, rate_hz=100.0, valid=valid)
    for one in range(4):
        alone = step(Waveform(x[one], 100.0, 0, "XX.A.", unit=unit_for(step), valid=valid[one]))
        assert np.array_equal(alone.valid, mask[one])
        np.testing.assert_allclose(np.where(mask[one], y[one], 0), alone.data, rtol=1e-6, atol=1e-7 * np.abs(y).max())


@pytest.mark.parametrize("k", range(len(specimens())), ids=lambda k: repr(specimens()[k])[:60])
def test_the_declared_look_ahead_holds_and_nothing_further_ahead_matters(k: int) -> None:
    step = specimens()[k]
    rng = np.random.default_rng(k)
    wave = Waveform(rng.standard_normal((3, 2600)), 100.0, 0, "XX.A.", unit=unit_for(step))
    ahead_s, seen_s = step.look_ahead_s(100.0), 20.0
    live = step.fresh()
    ready = live.update(wave.cut(0, int(seen_s * 100)))
    assert ready.n_samples / ready.rate_hz >= seen_s - ahead_s - 2 / min(ready.rate_hz, 100.0)
    other = wave.with_data(np.concatenate([wave.data[:, :2000], 9 * wave.data[:, 2000:]], 1))
    settled = int((seen_s - ahead_s) * ready.rate_hz) - 2
    one, two = step(wave), step(other)
    np.testing.assert_allclose(one.data[:, :settled], two.data[:, :settled], rtol=1e-6, atol=1e-9)
