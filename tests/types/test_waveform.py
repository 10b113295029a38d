"""A waveform is true when it is born: shape, rate, names, unit and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.errors import InputError, UnitError
from foreshock.types.waveform import Waveform, concatenate


def wave(**changes: Any) -> Waveform:
    told: dict[str, Any] = {
        "data": np.arange(30.0).reshape(3, 10), "rate_hz": 100.0, "start_ns": 1_000, "station_id": "XX.A.00", **changes
    }  # fmt: skip
    return Waveform(**told)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rate_hz": -100.0}, "sampling rate is -100.0 Hz .XX.A.00.: it must be positive"),
        ({"rate_hz": float("nan")}, "sampling rate is nan"),
        ({"data": np.zeros(10)}, "shape .10,."),
        ({"data": np.zeros((0, 10))}, "shape .0, 10."),
        ({"data": np.full((3, 10), np.nan)}, "NaN or Inf at 1970"),
        ({"data": np.full((3, 10), np.inf)}, "NaN or Inf"),
        ({"components": "ZNN"}, "components are 'ZNN'"),
        ({"components": "ZN?"}, "components are 'ZN.'"),
        ({"components": "ZN"}, "3 rows"),
        ({"channels": ("HHZ",)}, "3 rows"),
        ({"valid": np.ones((3, 9), bool)}, "mask"),
    ],
)
def test_what_is_not_true_is_refused_in_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        wave(**change)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(UnitError, match="parsec"):
        wave(unit="parsec")


def test_masked_samples_may_be_anything_and_become_zero() -> None:
    data = np.arange(30.0).reshape(3, 10)
    data[1, 4] = np.nan
    masked = wave(data=data, valid=~np.isnan(data))
    assert masked.data[1, 4] == 0
    assert not masked.valid[1, 4]
    assert "3.3% masked" in repr(masked)


def test_samples_cannot_be_changed_and_the_callers_array_stays_its_own() -> None:
    mine = np.zeros((3, 10), np.float32)
    held = wave(data=mine)
    with pytest.raises(ValueError, match="read-only"):
        held.data[0, 0] = 1
    mine[0, 0] = 1  # still writeable


def test_an_empty_record_is_allowed_because_steps_may_have_nothing_ready() -> None:
    assert wave(data=np.zeros((3, 0))).span_s == 0


@given(st.integers(0, 10), st.integers(0, 10))
def test_cut_pieces_join_to_the_whole(a: int, b: int) -> None:
    whole = wave()
    first, last = sorted((a, b))
    again = concatenate([whole.cut(0, first), whole.cut(first, last), whole.cut(last, 10)])
    assert np.array_equal(again.data, whole.data)
    assert again.start_ns == whole.start_ns


def test_a_cut_keeps_the_time_of_its_samples() -> None:
    part = wave(rate_hz=3.0).cut(2, 5)
    assert part.start_ns == 1_000 + 666_666_667
    assert part.sample_at(part.time_ns(1)) == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize("change", [{"rate_hz": 50.0}, {"unit": "m/s"}, {"station_id": "XX.B."}, {"components": "Z12"}])
def test_different_instruments_do_not_join(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="one stream keeps"):
        concatenate([wave(), wave(**change)])
