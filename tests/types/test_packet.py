"""A packet checks itself, keeps its two times apart and copies nothing."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from foreshock.errors import InputError
from foreshock.types.packet import Packet

T = 1_700_000_000 * 10**9


def packet(**changes: Any) -> Packet:
    told = {"start_ns": T, "rate_hz": 100.0, "samples": np.arange(50, dtype=np.int32), "arrived_ns": T + 10**9}
    return Packet(**{"station_id": "XX.DEMO.", "channel": "HHZ"} | told | changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"samples": np.zeros(0, np.int32)}, "shape (0,)"),
        ({"samples": np.zeros((1, 5), np.int32)}, "shape (1, 5)"),
        ({"samples": np.zeros(5, np.int64)}, "int64"),
        ({"samples": np.array([0, np.nan], np.float32)}, "NaN"),
        ({"samples": np.array([0, np.inf])}, "NaN or Inf"),
        ({"rate_hz": 0.0}, "0.0 Hz"),
        ({"rate_hz": -1.0}, "-1.0 Hz"),
        ({"rate_hz": float("inf")}, "inf Hz"),
        ({"rate_hz": float("nan")}, "nan Hz"),
        ({"station_id": "XX.DEMO"}, "'XX.DEMO'"),
        ({"channel": ""}, "''"),
    ],
)
def test_what_is_wrong_is_told_with_its_value(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as told:
        packet(**changes)
    assert said in str(told.value)


def test_its_samples_are_the_given_ones_and_read_only() -> None:
    given = np.arange(50, dtype=np.int32)
    one = packet(samples=given)
    assert np.shares_memory(one.samples, given)
    assert given.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        one.samples[0] = 9


def test_it_is_frozen_and_keeps_no_dictionary() -> None:
    one = packet()
    with pytest.raises(FrozenInstanceError):
        one.rate_hz = 1.0  # type: ignore[misc]
    assert not hasattr(one, "__dict__")


def test_latency_is_from_the_end_of_its_data_to_its_arrival() -> None:
    assert packet().latency_s == 0.5
    assert packet(arrived_ns=T).latency_s == -0.5


def test_a_packet_from_the_future_is_a_packet() -> None:
    assert packet(arrived_ns=T - 86_400 * 10**9).start_ns == T


def test_as_a_waveform_it_has_one_row_and_the_same_times() -> None:
    one = packet(unit="m/s2", channel="HNE")
    wave = one.waveform()
    assert (wave.start_ns, wave.end_ns, wave.components, wave.unit) == (one.start_ns, one.end_ns, "E", "m/s2")
    assert np.array_equal(wave.data[0], one.samples)


def test_a_channel_without_direction_is_no_waveform() -> None:
    with pytest.raises(InputError, match="LOG"):
        packet(channel="LOG").waveform()
