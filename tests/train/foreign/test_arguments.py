"""What files say about a network is checked before anything is built."""

from __future__ import annotations

from typing import Any

import pytest

from foreshock.errors import ConfigError
from foreshock.train.foreign.arguments import arguments_from, check_architecture, filters


def test_phasenet_is_asked_as_seisbench_asks_it() -> None:
    told = arguments_from("PhaseNet", {"phases": "PSN"}, where="here")
    windows = told.windows({})
    assert told.curves() == ("P", "S", "N")
    assert (told.length, windows.overlap_samples, windows.stacking, windows.blinded_samples) == (
        3001,
        1500,
        "avg",
        (0, 0),
    )
    assert windows.onsets == {"P": 0.3, "S": 0.3}
    assert (windows.scale, windows.over, windows.taper_samples, windows.detection) == ("std", "component", 0, None)


def test_eqtransformer_is_asked_as_seisbench_asks_it() -> None:
    told = arguments_from("EQTransformer", {}, where="here")
    windows = told.windows({})
    assert told.curves() == ("Detection", "P", "S")
    assert (told.length, windows.overlap_samples, windows.stacking) == (6000, 3000, "max")
    assert windows.blinded_samples == (500, 500)
    assert windows.onsets == {"P": 0.1, "S": 0.1}
    assert (windows.over, windows.taper_samples, windows.detection) == ("window", 6, "Detection")


def test_default_arguments_of_the_files_win() -> None:
    defaults = {"overlap": 0.5, "blinding": [250, 100], "stacking": "avg", "P_threshold": 0.2, "*_threshold": 0.4}
    windows = arguments_from("EQTransformer", {"norm": "peak"}, where="here").windows(defaults)
    assert (windows.overlap_samples, windows.blinded_samples, windows.stacking) == (3000, (250, 100), "avg")
    assert windows.onsets == {"P": 0.2, "S": 0.4}
    assert windows.over == "component"


def test_filters_are_those_of_obspy_and_may_differ_by_channel() -> None:
    (band,) = filters(["bandpass"], {"freqmin": 1, "freqmax": 45, "corners": 2, "zerophase": True})
    assert (band.kind, band.corners_hz, band.order, band.zerophase) == ("bandpass", (1.0, 45.0), 2, True)
    (water,) = filters({"??H": ["highpass"]}, {"??H": {"freq": 0.5}})
    assert (water.channels, water.corners_hz, water.order, water.zerophase) == ("??H", (0.5,), 4, False)
    assert filters(None, None) == []


@pytest.mark.parametrize(
    ("args", "told"),
    [(["lowpass_cheby_2"], {"freq": 1}), (["highpass"], {}), ([], {"freq": 1}), (["highpass"], {"freq": 1, "rp": 3})],
)
def test_a_filter_we_do_not_have_is_refused(args: list[str], told: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="highpass'?, '?lowpass'?, '?bandpass'?"):
        filters(args, told)


@pytest.mark.parametrize(
    ("architecture", "values", "said"),
    [
        ("PhaseNet", {"lstm_blocks": 3}, "'lstm_blocks' in here: it is not known"),
        ("PhaseNet", {"filter_factor": 10**9}, "'filter_factor' in here is 1000000000"),
        ("PhaseNet", {"phases": "PP"}, "each must stand once"),
        ("PhaseNet", {"component_order": "ZN"}, "there must be 3 components"),
        ("PhaseNet", {"norm": "median"}, "'norm' in here is 'median'"),
        ("PhaseNet", {"grouping": "full"}, "'grouping' in here is 'full'"),
        ("EQTransformer", {"in_samples": 10**12}, "'in_samples' in here is 1000000000000"),
        ("EQTransformer", {"phases": [1, 2]}, "phases"),
    ],
)
def test_hostile_arguments_are_refused_with_their_value(architecture: str, values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        arguments_from(architecture, values, where="here")


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ({"overlap": 3001}, "overlap 3001 in default_args: it must lie in 0..3001"),
        ({"overlap": "much"}, "overlap 'much'"),
        ({"blinding": 3}, "'blinded_samples'"),
        ({"stacking": "median"}, "'stacking'"),
        ({"P_threshold": "high"}, "'onsets.P'"),
    ],
)
def test_hostile_default_arguments_are_refused_with_their_value(defaults: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        arguments_from("PhaseNet", {}, where="here").windows(defaults)


def test_another_architecture_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"seisbench:PhasNet: only PhaseNet and EQTransformer .* mean 'PhaseNet'"):
        check_architecture("PhasNet")
