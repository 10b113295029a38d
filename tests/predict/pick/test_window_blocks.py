"""Recordings are cut into blocks, filtered and resampled as ObsPy does it, trace by trace."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import obspy
import pytest
from obspy.signal import filter as obspy_filter

from foreshock.bundle import Filter
from foreshock.errors import InputError
from foreshock.predict.pick.window_blocks import Block, blocks, filtered, longest_s
from foreshock.types.waveform import Waveform


def wave(
    n: int = 1000, *, rate_hz: float = 20.0, components: str = "ZNE", holes: Any = (), start_ns: int = 0
) -> Waveform:
    """Noise with holes: (row, first, last)."""
    rng = np.random.default_rng(n)
    valid = np.ones((len(components), n), bool)
    for row, first, last in holes:
        valid[row, first:last] = False
    data = rng.standard_normal(valid.shape).astype(np.float32) + 3
    return Waveform(data, rate_hz, start_ns, "XX.A.", components=components, valid=valid)


def cut(given: Waveform, **told: Any) -> list[Block]:
    asked: dict[str, Any] = {"order": "ZNE", "rate_hz": 20.0, "filters": (), "zerophase": True, "shortest": 100}
    return list(blocks(given, **(asked | told)))


def test_a_whole_recording_is_one_block_without_a_copy() -> None:
    given = wave()
    (block,) = cut(given)
    assert np.shares_memory(block.x, given.data)
    assert block.start_ns == 0


def test_a_hole_in_all_components_ends_a_block_and_one_in_some_is_zero() -> None:
    everywhere = [(row, 400, 401) for row in range(3)]
    first, second = cut(wave(holes=[*everywhere, (1, 100, 150)]))
    assert first.x.shape == (3, 400)
    assert second.x.shape == (3, 599)
    assert not first.x[1, 100:150].any()
    assert first.x[0, 100:150].all()
    assert second.time_ns(0) == 401 * 50_000_000


def test_a_component_that_only_begins_where_others_have_ended_ends_a_block() -> None:
    parts = cut(wave(holes=[(0, 500, 1000), (1, 0, 500), (2, 0, 1000)]))
    assert [part.x.shape[1] for part in parts] == [500, 500]
    (whole,) = cut(wave(holes=[(0, 501, 1000), (1, 0, 500), (2, 0, 1000)]))
    assert whole.x.shape[1] == 1000


def test_blocks_shorter_than_a_window_are_left_out() -> None:
    holes = [(row, 99, 200) for row in range(3)]
    assert [block.x.shape[1] for block in cut(wave(holes=holes))] == [800]
    assert longest_s(wave(holes=holes), order="ZNE", rate_hz=20.0) == 40.0


@pytest.mark.parametrize("components", ["Z", "EZ", "Z12", "ZR", "NZ"])
def test_components_find_their_place_and_missing_ones_are_zero(components: str) -> None:
    given = wave(components=components)
    (block,) = cut(given)
    places = {"Z": 0, "N": 1, "E": 2, "1": 1, "2": 2}
    for row, letter in enumerate(components):
        if letter in places:
            assert np.array_equal(block.x[places[letter]], given.data[row])
    held = {places[letter] for letter in components if letter in places}
    assert not block.x[sorted({0, 1, 2} - held)].any()


def test_nothing_of_use_gives_no_block() -> None:
    assert cut(wave(components="RT")) == []
    assert longest_s(wave(components="RT"), order="ZNE", rate_hz=20.0) == 0.0


@pytest.mark.parametrize("rate_hz", [40.0, 100.0, 31.25, 15.0, 50.0])
def test_rates_are_changed_as_obspy_changes_them(rate_hz: float) -> None:
    given = wave(2001, rate_hz=rate_hz)
    (block,) = cut(given)
    for row in range(3):
        trace = obspy.Trace(given.data[row].astype(np.float64), {"sampling_rate": rate_hz})
        if rate_hz % 20 == 0:
            trace.filter("lowpass", freq=10.0, zerophase=True).decimate(int(rate_hz / 20), no_filter=True)
        else:
            trace.resample(20.0, no_filter=True)
        assert np.array_equal(block.x[row], trace.data.astype(np.float32)[: block.x.shape[1]])


def test_filters_run_over_each_trace_by_itself_and_on_their_channels_only() -> None:
    given = wave(holes=[(0, 300, 310)])
    high = Filter(kind="bandpass", corners_hz=(1.0, 5.0), order=2, zerophase=True, channels="??Z")
    named = Waveform(given.data, 20.0, 0, "XX.A.", channels=("HHZ", "HHN", "HHE"), components="ZNE", valid=given.valid)
    (block,) = cut(named, filters=(high,))
    for first, last in ((0, 300), (310, 1000)):
        trace = obspy.Trace(given.data[0, first:last].astype(np.float64), {"sampling_rate": 20.0})
        trace.filter("bandpass", freqmin=1.0, freqmax=5.0, corners=2, zerophase=True)
        assert np.allclose(block.x[0, first:last], trace.data, atol=1e-6)
    assert np.array_equal(block.x[1], given.data[1])


@pytest.mark.parametrize("zerophase", [False, True])
@pytest.mark.parametrize(
    ("kind", "corners_hz"),
    [
        ("highpass", (0.5,)),
        ("lowpass", (12.0,)),
        ("bandpass", (1.0, 45.0)),
        ("bandpass", (1.0, 50.0)),
        ("bandstop", (5.0, 9.0)),
    ],
)
def test_filters_are_those_of_obspy_to_the_last_bit(kind: Any, corners_hz: tuple[float, ...], zerophase: bool) -> None:
    samples = np.random.default_rng(0).standard_normal(3000)
    told = Filter(kind=kind, corners_hz=corners_hz, order=3, zerophase=zerophase)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a band-pass becomes a high-pass
        theirs = getattr(obspy_filter, kind)(samples, *corners_hz, df=100.0, corners=3, zerophase=zerophase)
    np.testing.assert_array_equal(filtered(samples, told, rate_hz=100.0), theirs)


def test_a_corner_above_half_the_rate_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match=r"highpass at 12 Hz on data of 20 Hz: .* below half the sampling rate"):
        cut(wave(), filters=(Filter(kind="highpass", corners_hz=(12.0,)),))


def test_times_between_samples_are_kept() -> None:
    (block,) = cut(wave(start_ns=1_600_000_000_003_906_000))
    assert abs(block.start_ns - 1_600_000_000_003_906_000) < 1000


def test_a_trace_of_a_single_sample_is_passed_over() -> None:
    (block,) = cut(wave(holes=[(1, 0, 500), (1, 501, 1000)]))
    assert not block.x[1].any()
