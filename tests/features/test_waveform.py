"""The feature table: shapes, masks, blocks and refusals. Knows no files."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock import features
from foreshock.errors import ConfigError, InputError, UnitError
from foreshock.features import waveform


def table(x: np.ndarray, **more: object) -> pd.DataFrame:
    return features.table(x, **{"rate_hz": 50.0, "unit": "m/s2", **more})  # type: ignore[arg-type]


def test_a_row_an_example_and_a_column_a_feature_and_component() -> None:
    found = table(np.random.default_rng(0).standard_normal((4, 2, 600)), components="NE", names=["rms", "azimuth"])
    assert list(found.columns) == ["rms_N", "rms_E", "azimuth"] == features.columns(["rms", "azimuth"], components="NE")
    assert found.shape == (4, 3)
    assert list(table(np.zeros((0, 3, 100))).columns) == features.columns()


def test_examples_do_not_know_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(1).standard_normal((7, 3, 1500))
    p = np.array([10.0, 500, np.nan, 700, 100, 200, 300])
    whole = table(x, p_sample=p)
    alone = pd.concat([table(x[k : k + 1], p_sample=p[k : k + 1]) for k in range(7)], ignore_index=True)
    pd.testing.assert_frame_equal(whole, alone, rtol=1e-9)
    monkeypatch.setattr(waveform, "BLOCK_SAMPLES", 10_000)
    pd.testing.assert_frame_equal(table(x, p_sample=p), whole, rtol=1e-9)


def test_a_mask_that_is_true_everywhere_changes_nothing() -> None:
    x = np.random.default_rng(2).standard_normal((2, 3, 1200))
    mixed = np.concatenate([x, x[:1]])
    valid = np.ones(mixed.shape, bool)
    valid[2, :, 500:600] = False
    pd.testing.assert_frame_equal(table(mixed, valid=valid).iloc[:2], table(x), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 700])
@pytest.mark.parametrize("unit", ["count", "m", "m/s", "m/s2"])
def test_short_constant_and_silent_windows_give_numbers_or_nan_and_no_warning(n: int, unit: str) -> None:
    for level in (0.0, -3.25):
        found = table(np.full((2, 3, n), level), unit=unit, p_sample=[0, 1])
        assert not np.isinf(found.to_numpy()).any()
        assert found["kurtosis_Z"].isna().all()
        assert found["dominant_frequency_Z"].isna().all()
        assert (found["peak_Z"] == abs(level)).all() == (n > 0)
        assert found["azimuth"].isna().all()


def test_all_masked_is_all_nan() -> None:
    x = np.random.default_rng(3).standard_normal((1, 3, 900))
    assert table(x, valid=np.zeros(x.shape, bool), p_sample=[200]).isna().all(axis=None)


def test_what_lies_under_the_mask_never_matters_not_even_nan() -> None:
    x = np.random.default_rng(4).standard_normal((1, 3, 900))
    valid = np.ones(x.shape, bool)
    valid[0, 1, 300:450] = False
    dirty = np.where(valid, x, np.nan)
    pd.testing.assert_frame_equal(table(dirty, valid=valid), table(np.where(valid, x, 9e9), valid=valid))


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e200])
def test_a_nan_that_counts_is_refused_with_its_place(bad: float) -> None:
    x = np.zeros((3, 3, 50))
    x[2, 1, 40] = bad
    with pytest.raises(InputError, match=re.escape(f"sample 40 of component N of example 2 is {bad}")):
        table(x)
    x[2, 1, 41] = -bad
    with pytest.raises(InputError, match="sample 40"):
        table(x)


def test_wrong_input_is_refused_in_one_sentence() -> None:
    x = np.zeros((2, 3, 50))
    with pytest.raises(InputError, match=r"x has shape \(3, 50\)"):
        table(x[0])
    with pytest.raises(InputError, match=r"with the 2 channels 'NE'"):
        table(x, components="NE")
    with pytest.raises(InputError, match="components are 'ZZE'"):
        table(x, components="ZZE")
    with pytest.raises(InputError, match="sampling rate is -1.0 Hz"):
        table(x, rate_hz=-1)
    with pytest.raises(InputError, match=r"valid has shape \(2, 3, 49\)"):
        table(x, valid=np.ones((2, 3, 49), bool))
    with pytest.raises(InputError, match=r"p_sample has shape \(3,\)"):
        table(x, p_sample=[1, 2, 3])
    with pytest.raises(InputError, match="x holds complex128"):
        table(x.astype(complex))
    with pytest.raises(UnitError, match="unit 'furlong'"):
        table(x, unit="furlong")
    with pytest.raises(ConfigError, match="'pgaa'"):
        table(x, names=["pgaa"])


def test_integers_are_welcome_and_huge_counts_do_not_overflow() -> None:
    x = np.full((1, 1, 100), 2**31 - 1, np.int32)
    x[..., ::2] *= -1
    found = features.table(x, rate_hz=1.0, unit="count", components="Z", names=["peak", "rms", "kurtosis"])
    assert found.iloc[0].tolist() == pytest.approx([2.0**31 - 1, 2.0**31 - 1, 1.0])


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), power=st.integers(-9, 9))
def test_ratios_frequencies_and_angles_do_not_depend_on_the_scale(seed: int, power: int) -> None:
    x = np.random.default_rng(seed).standard_normal((1, 3, 700))
    here, there = table(x, p_sample=[300]), table(x * 10.0**power, p_sample=[300])
    units = features.column_units("m/s2")
    free = [c for c in here if units[c] in ("1", "Hz", "s", "deg", "1/s") and not c.startswith("cav")]
    np.testing.assert_allclose(there[free], here[free], rtol=1e-6, atol=1e-9)
    for name in ("peak_Z", "pgv_N", "pgd_vector", "cav_E"):
        assert there[name][0] == pytest.approx(here[name][0] * 10.0**power, rel=1e-9)
