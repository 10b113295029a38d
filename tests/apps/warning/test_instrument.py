"""Instrument: samples mean ground motion by the station file, or it is said why they mean nothing."""

from __future__ import annotations

import numpy as np
import pytest
from warning_parts import EPOCH, T, ns, packet, station

from foreshock.apps.warning.instrument import Meaning, chosen_band, meaning, positions
from foreshock.types.station import Station

ONE = np.arange(100)


def test_counts_are_divided_by_the_sensitivity_of_their_channel() -> None:
    assert meaning(packet(ONE, 0), station(gain=2e6, unit="m/s")) == Meaning(2e6, "m/s")


@pytest.mark.parametrize("unit", ["m", "m/s", "m/s2"])
def test_ground_motion_needs_no_sensitivity(unit: str) -> None:
    assert meaning(packet(ONE * 0.1, 0, unit=unit), Station("XX.A.", 35.0, -118.0)) == Meaning(1.0, unit)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"gain": 0.0}, "no sensitivity"),
        ({"unit": "Pa"}, "no sensitivity"),
        ({"codes": ("HHZ",)}, "no such channel"),
        ({"epoch": (T + ns(1), EPOCH[1])}, "no such channel at that time"),
        ({"epoch": (EPOCH[0], T)}, "no such channel at that time"),
    ],
)
def test_counts_that_mean_nothing_are_refused_with_the_reason(told: dict[str, object], why: str) -> None:
    said = meaning(packet(ONE, 0), station(**told))
    assert isinstance(said, str)
    assert why in said


@pytest.mark.parametrize("rate_hz", [1.0, 19.9, 501.0, 20_000.0])
def test_rates_that_cannot_be_used_are_refused_by_number(rate_hz: float) -> None:
    said = meaning(packet(ONE, 0, rate_hz=rate_hz), station())
    assert isinstance(said, str)
    assert f"{rate_hz:g} samples a second" in said


def test_samples_that_are_no_ground_motion_are_refused_by_their_unit() -> None:
    assert "'Pa'" in str(meaning(packet(ONE * 0.1, 0, unit="Pa"), station()))


def test_a_packet_of_nobody_is_refused() -> None:
    assert "station file" in str(meaning(packet(ONE, 0), None))


def test_accelerometers_come_before_seismometers() -> None:
    assert chosen_band(station(codes=("HHZ", "HHN", "HHE", "HNZ", "HNN", "HNE"))) == "HN"
    assert chosen_band(station(codes=("EHZ", "BHZ"))) == "EH"
    assert chosen_band(station(codes=("XYZ", "SHZ"))) == "SH"
    assert chosen_band(station(codes=())) is None


def test_stations_are_numbered_by_name_whatever_the_order_of_the_file() -> None:
    names = ["XX.B.", "AA.Z.", "XX.A."]
    assert positions({name: station(name) for name in names}) == {"AA.Z.": 0, "XX.A.": 1, "XX.B.": 2}
