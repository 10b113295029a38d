"""The ObsPy door: streams in and out without loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from obspy import Stream, Trace, UTCDateTime, read, read_inventory

from foreshock.collect.obspy_door import from_obspy, reading_from_obspy, to_obspy
from foreshock.errors import InputError, NothingMatchedError
from foreshock.types.waveform import Waveform


def test_the_recording_obspy_ships_comes_in_whole() -> None:
    theirs = read()
    (wave,) = from_obspy(theirs)
    assert (wave.station_id, wave.components, wave.rate_hz) == ("BW.RJOB.", "ZNE", 100.0)
    assert wave.start_ns == theirs[0].stats.starttime.ns
    assert np.allclose(wave.data[0], theirs.select(component="Z")[0].data, rtol=1e-6)


def test_an_inventory_of_obspy_tells_the_directions() -> None:
    stream = read()
    for trace in stream:
        trace.stats.station = "RJOB"
    (wave,) = from_obspy(stream, inventory=read_inventory())
    assert wave.components == "ZNE"


@given(
    data=arrays(np.int32, (3, 20), elements=st.integers(-(2**23), 2**23)),
    valid=arrays(np.bool_, (3, 20)),
    unit=st.sampled_from(["count", "m/s", "m/s2"]),
)
def test_a_waveform_survives_the_way_out_and_back(data: np.ndarray, valid: np.ndarray, unit: str) -> None:
    valid[:, [0, 1, -1]] = True
    wave = Waveform(data, 50.0, 1_600_000_000_123_456_789, "XX.AAA.00", ("HHZ", "HHN", "HHE"), unit=unit, valid=valid)
    (back,) = from_obspy(to_obspy(wave))
    assert np.array_equal(back.data, wave.data)
    assert np.array_equal(back.valid, wave.valid)
    for name in ("rate_hz", "start_ns", "station_id", "channels", "components", "unit"):
        assert getattr(back, name) == getattr(wave, name)


def test_whole_counts_go_out_as_integers_and_motion_as_floats() -> None:
    wave = Waveform(np.ones((1, 9)), 1.0, 0, "XX.A.", ("HHZ",), "Z")
    assert to_obspy(wave)[0].data.dtype == np.int32
    assert to_obspy(wave.with_data(wave.data, unit="m/s"))[0].data.dtype == np.float32


def test_a_gap_filled_stream_of_obspy_keeps_its_mask() -> None:
    header = {"network": "XX", "station": "A", "channel": "HHZ", "sampling_rate": 1.0}
    stream = Stream(
        [
            Trace(np.arange(10), {**header, "starttime": UTCDateTime(0)}),
            Trace(np.arange(10), {**header, "starttime": UTCDateTime(15)}),
        ]
    ).merge()
    (wave,) = from_obspy(stream)
    assert np.flatnonzero(~wave.valid[0]).tolist() == [10, 11, 12, 13, 14]


def test_an_unusable_stream_is_refused_with_its_first_reason() -> None:
    with pytest.raises(NothingMatchedError, match="it holds no trace"):
        from_obspy(Stream())
    with pytest.raises(NothingMatchedError, match=r"\.\.\.HHZ: it holds no sample"):
        from_obspy(Stream([Trace(np.array([]), {"channel": "HHZ"})]))
    with pytest.raises(NothingMatchedError, match="NaN or Inf"):
        from_obspy(Stream([Trace(np.array([np.nan, 1.0]), {"channel": "HHZ"})]))


def test_a_station_id_without_three_parts_cannot_go_out() -> None:
    with pytest.raises(InputError, match="'XX'"):
        to_obspy(Waveform(np.ones((1, 9)), 1.0, 0, "XX", ("HHZ",), "Z"))


def test_codes_with_spaces_around_them_are_one_station() -> None:
    stream = read()
    stream[0].stats.station = "RJOB "
    assert len(reading_from_obspy(stream).waveforms) == 1
