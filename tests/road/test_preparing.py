"""Recordings prepared on the road use the station files that lie with them. Knows no feature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from obspy import UTCDateTime
from obspy.core.inventory import Channel, Inventory, Network, Response, Station
from obspy.core.inventory.response import InstrumentSensitivity

from foreshock.collect.obspy_door import to_obspy
from foreshock.road.preparing import Prepared
from foreshock.road.recordings import station_file
from foreshock.types.waveform import Waveform


def put(folder: Path, *, unit: str = "M/S**2") -> Path:
    """A recording of an accelerometer in counts, 1000 to the unit, with its StationXML and another XML file."""
    folder.mkdir(parents=True)
    codes = ("HNZ", "HNN", "HNE")
    data = np.random.default_rng(0).integers(-9, 9, (3, 400)).astype(np.float32)
    to_obspy(Waveform(data, 100.0, 0, "XX.DEMO.", codes)).write(str(folder / "a.mseed"), format="MSEED")
    response = Response(instrument_sensitivity=InstrumentSensitivity(1000.0, 1.0, unit, "COUNTS"))
    start = UTCDateTime(-86400)
    channels = [Channel(code, "", 30, 100, 0, 0, start_date=start, response=response) for code in codes]
    inventory = Inventory([Network("XX", [Station("DEMO", 30, 100, 0, channels=channels)])], source="test")
    inventory.write(str(folder / "station.xml"), format="STATIONXML")
    (folder / "event.xml").write_text("<quakeml/>", encoding="utf-8")
    return folder


@pytest.mark.parametrize("named", ["", "event", "event/a.mseed"])
def test_stationxml_that_lies_with_the_recordings_is_used_without_a_word(tmp_path: Path, named: str) -> None:
    put(tmp_path / "event")
    path = tmp_path / named
    prepared = Prepared(path, stations=station_file(path, None))
    (wave,) = [record.waveform for record in prepared.records()]
    assert wave.unit == "m/s2"
    assert np.abs(wave.data).max() == pytest.approx(0.009)
    assert [item for item, _ in prepared.skipped if item.endswith("station.xml")] == []
    assert prepared.notes == []


def test_only_stationxml_counts_as_a_station_file(tmp_path: Path) -> None:
    (put(tmp_path / "event") / "station.xml").unlink()
    assert station_file(tmp_path, None) is None
    assert station_file(tmp_path / "event" / "a.mseed", None) is None


def test_a_unit_that_does_not_fit_the_instrument_is_told(tmp_path: Path) -> None:
    path = put(tmp_path / "event", unit="M")
    prepared = Prepared(path, stations=path)
    assert [record.waveform.unit for record in prepared.records()] == ["m"]
    ((station, note),) = prepared.notes
    assert station == "XX.DEMO."
    assert "says m" in note
    assert "promise m/s2" in note
