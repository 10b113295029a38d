"""Source input: frames end with the elapsed time, levels are relative, and turned ground gives turned rows."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.prepare.band_raster import band_raster
from foreshock.prepare.source_input import (
    AFTER_S,
    BEFORE_S,
    N_BEFORE,
    N_LEVELS,
    N_ROWS,
    STEPS,
    SourceInput,
    frame_rows,
    source_input,
    turned,
)
from foreshock.prepare.source_keys import FACTS, context_names, context_rows
from foreshock.types.waveform import Waveform


def seen(data: np.ndarray, *, elapsed_s: float = 30.0, p_s: float = 20.0) -> SourceInput:
    wave = Waveform(data.astype(np.float32), 50.0, 0, "XX.A.", unit="m/s")
    raster = band_raster(wave, round(p_s * NS_PER_S), before_s=BEFORE_S, after_s=AFTER_S)
    rows, share = frame_rows(raster.power, raster.seen)
    return source_input(rows[None, :, ::STEPS], share[None, ::STEPS], raster.bands[None], elapsed_s=elapsed_s)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 3000))


@pytest.mark.parametrize(("elapsed_s", "frames"), [(1.0, 2), (1.4, 2), (1.5, 3), (30.0, 60), (99.0, 60)])
def test_only_frames_that_end_by_the_elapsed_time_are_there(noise: np.ndarray, elapsed_s: float, frames: int) -> None:
    given = seen(noise, elapsed_s=elapsed_s)
    assert given.x.shape == (1, N_ROWS, 80)
    assert int(given.n_seen[0]) == frames
    assert not given.x[0, :, N_BEFORE + frames :].any()


def test_a_gain_moves_the_level_and_nothing_else(noise: np.ndarray) -> None:
    one, other = seen(noise), seen(noise * 100)
    np.testing.assert_allclose(other.x, one.x, atol=1e-5)
    assert other.level[0] - one.level[0] == pytest.approx(2.0, abs=1e-5)


def test_turned_ground_gives_turned_rows(noise: np.ndarray) -> None:
    z, n, e = noise
    angle = 0.7
    by_ground = seen(np.stack([z, np.cos(angle) * n - np.sin(angle) * e, np.sin(angle) * n + np.cos(angle) * e]))
    by_rows = turned(seen(noise).x, np.array([angle]))
    np.testing.assert_allclose(by_rows[:, N_LEVELS:], by_ground.x[:, N_LEVELS:], atol=2e-4)


def test_mirrored_ground_gives_mirrored_rows(noise: np.ndarray) -> None:
    z, n, e = noise
    by_rows = turned(seen(noise).x, np.zeros(1), mirrored=True)
    np.testing.assert_allclose(by_rows, seen(np.stack([z, n, -e])).x, atol=1e-5)


def test_silence_has_no_level(noise: np.ndarray) -> None:
    given = seen(noise * 0)
    assert np.isnan(given.level[0])
    assert np.isfinite(given.x).all()


def test_facts_stand_under_their_names() -> None:
    names = context_names(["A.B. 50", "C.D. 100"])
    row = context_rows(
        level=np.array([-6.0]),
        scale=np.array([1]),
        bands=np.ones((1, 10), bool),
        elapsed_s=np.array([10.0]),
        place=np.array([1]),
        n_instruments=2,
    )[0]
    told = dict(zip(names, row.tolist(), strict=True))
    assert [told[name] for name in FACTS] == [1.0, -1.0, 0.0, 0.0, 1.0]
    assert (told["is A.B. 50"], told["is C.D. 100"]) == (0.0, 1.0)
