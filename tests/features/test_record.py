"""Features of recordings: rows, notes, and agreement with ObsPy's processing of real accelerograms."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import obspy
import pytest

from foreshock.collect import files
from foreshock.collect.response import responses
from foreshock.features.record import ABOUT, of_waveforms
from foreshock.prepare.filters import Bandpass
from foreshock.prepare.response import RemoveSensitivity
from foreshock.types.waveform import Waveform


def wave(n: int = 1500, *, components: str = "ZNE", unit: str = "m/s2", level: float = 1.0) -> Waveform:
    x = level * np.random.default_rng(0).standard_normal((len(components), n))
    return Waveform(x, 100.0, 1_600_000_000_000_000_000, "XX.REC.00", components=components, unit=unit)


def test_a_row_says_which_recording_it_is() -> None:
    row = of_waveforms([wave()], names=["pga"]).iloc[0]
    assert list(row.index) == [*ABOUT, "pga_Z", "pga_N", "pga_E", "notes"]
    assert row["station_id"] == "XX.REC.00"
    assert row["start_time"] == "2020-09-13T12:26:40.000000Z"
    assert (row["rate_hz"], row["unit"], row["components"], row["span_s"]) == (100.0, "m/s2", "ZNE", 15.0)
    assert row["notes"] == ""


def test_recordings_of_different_components_share_one_table() -> None:
    found = of_waveforms([wave(components="NE"), wave(components="Z12"), wave(components="Z")], names=["rms"])
    assert [c for c in found.columns if c.startswith("rms")] == ["rms_N", "rms_E", "rms_Z", "rms_1", "rms_2"]
    assert found.notna().loc[:, "rms_N":"rms_2"].sum(axis=1).tolist() == [2, 3, 1]  # type: ignore[misc]


def test_notes_tell_why_features_are_missing() -> None:
    found = of_waveforms([wave(components="Z", unit="count"), wave(level=0.0)])
    assert found["notes"].tolist() == [
        "unit is count: no ground-motion features; components are Z: no polarisation; "
        "no P arrival given: no P-wave features",
        "no P arrival given: no P-wave features; zero throughout: ZNE",
    ]
    masked = wave().with_data(np.zeros((3, 10)), valid=np.zeros((3, 10), bool))
    assert of_waveforms([masked], names=["rms"])["notes"][0] == "no valid sample; zero throughout: ZNE"


def test_arrivals_are_looked_up_by_station() -> None:
    waveform = wave()
    found = of_waveforms([waveform], names=["p_wave"], p_ns={"XX.REC.00": waveform.time_ns(500)})
    assert found.loc[0, "pd"] > 0
    assert found["notes"][0] == ""


def test_no_recording_gives_no_row() -> None:
    assert of_waveforms([], names=["rms"]).empty


@pytest.mark.realdata
@pytest.mark.parametrize("where", ["fdsn/ci38457511", "fdsn/nc72282711", "duplicate/hawaii", "fdsn/uw61251926"])
def test_pga_and_pgv_of_real_accelerograms_agree_with_obspy_to_one_percent(realdata: Path, where: str) -> None:
    folder = realdata / "strong_motion" / where
    band = {"freqmin": 0.2, "freqmax": 15.0, "corners": 4}
    step = Bandpass(low_hz=band["freqmin"], high_hz=band["freqmax"], order=4)
    compared = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what ObsPy says while reading is not what is tested
        whole = files.read(folder)
    for xml in sorted(folder.glob("*.xml")):
        inventory = obspy.read_inventory(str(xml))
        name = xml.stem.split(".")
        for waveform in whole:
            if waveform.station_id.split(".")[:2] != name or waveform.channels[0][1] != "N":
                continue
            ids = [f"{waveform.station_id}.{code}" for code in waveform.channels]
            told = [responses(xml, one, waveform.start_ns) for one in ids]
            remove = RemoveSensitivity(sensitivity=[one["sensitivity"] for one in told], unit=told[0]["unit"])
            row = of_waveforms([step(remove(waveform))], names=["pga", "pgv"]).iloc[0]
            for letter, code in zip(waveform.components, waveform.channels, strict=True):
                a, v = _by_obspy(folder, f"{waveform.station_id}.{code}", inventory, band)
                assert row[f"pga_{letter}"] == pytest.approx(a, rel=0.01)
                assert row[f"pgv_{letter}"] == pytest.approx(v, rel=0.01)
                compared += 1
    assert compared >= 3


def _by_obspy(folder: Path, seed_id: str, inventory: obspy.Inventory, band: dict[str, float]) -> tuple[float, float]:
    (path,) = folder.glob(f"{seed_id}*mseed")
    (trace,) = obspy.read(str(path)).merge()
    trace.data = trace.data.astype(float)
    trace.remove_sensitivity(inventory)
    trace.detrend("demean")
    trace.filter("bandpass", zerophase=False, **band)
    acceleration = abs(trace.max())
    return acceleration, abs(trace.integrate().max())
