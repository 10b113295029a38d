"""Channels: names become directions, and sensors are turned to Z N E by the station file only."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.channels import Named, directions, orient, read_name
from foreshock.errors import InputError
from foreshock.types.station import Channel, Station
from foreshock.types.waveform import Waveform


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("HHZ", Named("Z", "HH")),
        ("bhn", Named("N", "BH")),
        ("HN1", Named("1", "HN")),
        ("HN3", Named("3", "HN")),
        ("EHU", Named("U", "EH")),
        ("L  Z", Named("Z", "L")),
        ("B0Z", Named("Z", "B0")),
        ("Z", Named("Z", "")),
        ("BZ", Named("Z", "B")),
        ("UD", Named("Z", "")),
        ("N-S", Named("N", "")),
        ("EW1", Named("E", "", "01")),
        ("UD2", Named("Z", "", "02")),
        ("ns2", Named("N", "", "02")),
        ("vertical", Named("Z", "")),
        ("", Named("Z", "")),
    ],
)
def test_a_name_tells_direction_instrument_and_sensor(code: str, expected: Named) -> None:
    assert read_name(code) == expected


@pytest.mark.parametrize("code", ["BMZ", "LCQ", "BDF", "LOG", "HHX", "HHZ00", "??"])
def test_what_is_no_ground_motion_is_refused_with_its_name(code: str) -> None:
    with pytest.raises(InputError, match="channel ") as caught:
        read_name(code)
    assert repr(code) in str(caught.value)


def channel(code: str, azimuth: float, dip: float, gain: float = 1e6) -> Channel:
    return Channel(code, azimuth, dip, gain, "m/s", 0, 10**18)


def station(*channels: Channel) -> Station:
    return Station("XX.A.", 30.0, 100.0, channels=channels)


def wave(components: str, data: np.ndarray, prefix: str = "HH") -> Waveform:
    return Waveform(
        data, 10.0, 10**9, "XX.A.", channels=tuple(prefix + letter for letter in components), components=components
    )


@given(
    azimuth=st.floats(0, 360),
    skew=st.floats(-20, 20),
    motion=st.lists(st.floats(-1000, 1000, width=32), min_size=3, max_size=3),
)
def test_horizontal_sensors_at_any_azimuth_give_back_the_ground_motion(
    azimuth: float, skew: float, motion: list[float]
) -> None:
    known = [channel("HHZ", 0, -90), channel("HH1", azimuth, 0), channel("HH2", (azimuth + 90 + skew) % 360, 0)]
    recorded = directions(known) @ np.tile(np.array(motion)[:, None], (1, 4))
    turned, _ = orient(wave("Z12", recorded), station(*known))
    assert turned.components == "ZNE"
    assert np.allclose(turned.data, np.array(motion)[:, None], atol=1e-2)


def test_three_slanted_sensors_become_z_n_e() -> None:
    known = [channel(f"HH{letter}", azimuth, -35.2644) for letter, azimuth in (("U", 0), ("V", 120), ("W", 240))]
    motion = np.array([[3.0, 1.0], [-2.0, 4.0], [5.0, 0.5]])
    turned, notes = orient(wave("UVW", directions(known) @ motion), station(*known))
    assert np.allclose(turned.data, motion, atol=1e-4)
    assert "rotated" in notes[0]


def test_a_reversed_vertical_changes_its_sign_and_says_so() -> None:
    known = [channel("HHZ", 0, 90), channel("HHN", 0, 0), channel("HHE", 90, 0)]
    turned, notes = orient(wave("ZNE", np.ones((3, 4))), station(*known))
    assert turned.data[:, 0].tolist() == [-1, 1, 1]
    assert "by the station file" in notes[0]
    alone, notes = orient(wave("Z", np.ones((1, 4))), station(*known))
    assert alone.data[0, 0] == -1
    assert "reversed" in notes[0]


def test_a_vertical_named_one_is_put_in_the_first_row() -> None:
    known = [channel("HN1", 0, -90), channel("HN2", 0, 0), channel("HN3", 90, 0)]
    turned, _ = orient(wave("312", np.array([[3.0] * 4, [1.0] * 4, [2.0] * 4]), "HN"), station(*known))
    assert turned.channels == ("HN1", "HN2", "HN3")
    assert turned.data[:, 0].tolist() == [1, 2, 3]


def test_nothing_is_guessed_about_numbered_channels_unless_asked() -> None:
    as_it_came, notes = orient(wave("Z12", np.ones((3, 4))), None)
    assert (as_it_came.components, notes) == ("Z12", [])
    assumed, notes = orient(wave("Z12", np.ones((3, 4))), None, assume_north_east=True)
    assert assumed.components == "ZNE"
    assert assumed.channels == ("HHZ", "HH1", "HH2")
    assert "true directions are unknown" in notes[0]


def test_channels_with_different_gains_are_not_mixed() -> None:
    known = [channel("HHZ", 0, -90), channel("HH1", 30, 0), channel("HH2", 120, 0, gain=2e6)]
    kept, notes = orient(wave("Z12", np.ones((3, 4))), station(*known))
    assert kept.components == "Z12"
    assert "gains of its channels differ" in notes[0]


def test_sensors_that_lie_along_each_other_are_not_mixed() -> None:
    known = [channel("HHZ", 0, -90), channel("HH1", 30, 0), channel("HH2", 31, 0)]
    kept, notes = orient(wave("Z12", np.ones((3, 4))), station(*known))
    assert kept.components == "Z12"
    assert "lies along no axis" in notes[0]


def test_a_masked_sample_masks_every_row_it_is_mixed_into() -> None:
    known = [channel("HHZ", 0, -90), channel("HH1", 45, 0), channel("HH2", 135, 0)]
    valid = np.ones((3, 4), bool)
    valid[1, 2] = False
    recorded = Waveform(np.ones((3, 4)), 10.0, 10**9, "XX.A.", ("HHZ", "HH1", "HH2"), "Z12", valid=valid)
    turned, _ = orient(recorded, station(*known))
    assert turned.valid[:, 2].tolist() == [True, False, False]


def test_an_epoch_that_does_not_hold_the_record_is_not_used() -> None:
    late = Channel("HH1", 30, 0, 1e6, "m/s", 10**18, 2 * 10**18)
    kept, notes = orient(wave("1", np.ones((1, 4))), station(late))
    assert kept.components == "1"
    assert "no direction for HH1 at that time" in notes[0]


def test_a_channel_the_station_file_lacks_keeps_its_name() -> None:
    kept, notes = orient(wave("Z12", np.ones((3, 4))), station(channel("HHZ", 0, -90)))
    assert kept.components == "Z12"
    assert "HH1, HH2" in notes[0]
