"""Stations: StationXML and CSV read as hostile, responses by channel and time."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from obspy import UTCDateTime, read_inventory
from obspy.core.inventory import Channel, Inventory, Network, Station
from obspy.core.inventory.response import InstrumentSensitivity, PolesZerosResponseStage, Response

from foreshock.clock import utc_ns
from foreshock.collect.response import normalization, responses
from foreshock.collect.stations import parse_stationxml, read_stations
from foreshock.errors import FormatError, InputError, NotFoundError, NothingMatchedError

NOW_NS = utc_ns("2020-06-01T00:00:00Z")


def inventory(**changes: object) -> Inventory:
    given = {
        "code": "HHZ",
        "location_code": "00",
        "latitude": 30.0,
        "longitude": 100.0,
        "elevation": 500.0,
        "depth": 0.0,
        "azimuth": 0.0,
        "dip": -90.0,
        "start_date": UTCDateTime(2019, 1, 1),
        "end_date": UTCDateTime(2021, 1, 1),
        "response": Response(instrument_sensitivity=InstrumentSensitivity(6e8, 1.0, "M/S", "COUNTS")),
    }
    channel = Channel(**{**given, **changes})
    station = Station("AAA", 30.0, 100.0, 500.0, channels=[channel])
    return Inventory([Network("XX", stations=[station])], source="test")


def write(path: Path, **changes: object) -> Path:
    inventory(**changes).write(str(path), format="STATIONXML")
    return path


def test_stationxml_gives_place_direction_gain_and_epoch(tmp_path: Path) -> None:
    (found,) = read_stations(write(tmp_path / "台站.xml")).values()
    assert (found.station_id, found.latitude, found.elevation_m) == ("XX.AAA.00", 30.0, 500.0)
    (channel,) = found.channels
    assert (channel.code, channel.dip_deg, channel.sensitivity, channel.unit) == ("HHZ", -90.0, 6e8, "m/s")
    assert channel.start_ns == utc_ns("2019-01-01T00:00:00Z")


def test_a_folder_of_station_files_is_merged(tmp_path: Path) -> None:
    write(tmp_path / "a.xml")
    write(tmp_path / "b.xml", code="HHN", dip=0.0)
    assert [channel.code for channel in read_stations(tmp_path)["XX.AAA.00"].channels] == ["HHZ", "HHN"]


def test_directions_that_are_not_given_come_from_the_letters_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", code="HHE", azimuth=None, dip=None)
    assert read_stations(path)["XX.AAA.00"].channels[0].azimuth_deg == 90.0
    path = write(tmp_path / "b.xml", code="HH1", azimuth=None, dip=None)
    assert read_stations(path)["XX.AAA.00"].channels == ()


def test_a_document_type_is_refused_before_anything_reads_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden", encoding="utf-8")
    text = write(tmp_path / "a.xml").read_text(encoding="utf-8")
    head, body = text.split("?>", 1)
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for declared in (bomb, f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]>', "<!DOCTYPE x>"):
        path = tmp_path / "hostile.xml"
        path.write_text(f"{head}?>{declared}{body.replace('test', '&a;', 1)}", encoding="utf-8")
        with pytest.raises(FormatError, match="hostile.xml: it declares a document type"):
            read_stations(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not well-formed"),
        (b"<html></html>", "its root is 'html'"),
        (b"<a><b></a>", "not well-formed"),
        (b"not xml at all", "not well-formed"),
        (b'<FDSNStationXML xmlns="http://www.fdsn.org/xml/station/1"></FDSNStationXML>', "damaged StationXML"),
    ],
)
def test_what_is_no_stationxml_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        parse_stationxml(content, where="station file a.xml")


def test_a_truncated_station_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FormatError, match="a.xml: it is not well-formed XML"):
        read_stations(path)


def test_an_epoch_that_ends_before_it_begins_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", end_date=UTCDateTime(2018, 1, 1))
    with pytest.raises(InputError, match="XX.AAA.00.HHZ has an epoch"):
        read_stations(path)


def test_missing_paths_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="gone.xml"):
        read_stations(tmp_path / "gone.xml")
    with pytest.raises(NotFoundError, match="holds no StationXML"):
        read_stations(tmp_path)


def test_a_csv_of_stations_gives_the_same_as_stationxml(tmp_path: Path) -> None:
    path = tmp_path / "stations.csv"
    path.write_text(
        "network,station,location,channel,latitude_deg,longitude_deg,elevation_m,azimuth_deg,dip_deg,sensitivity,"
        "input_units,start,end\nXX,AAA,00,HHZ,30,100,500,0,-90,6e8,M/S,2019-01-01,2021-01-01\n",
        encoding="utf-8-sig",
    )
    assert read_stations(path) == read_stations(write(tmp_path / "a.xml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks the columns"),
        ("network,station\nXX,A\n", "lacks the columns .'latitude', 'longitude'."),
        ("network,station,latitude,longitude\n", "holds no station"),
        ("network,station,latitude,longitude\nXX,A,1\n", "line 2: its row is ragged"),
        ("network,station,latitude,longitude\nXX,A,north,2\n", "north"),
        ("network,station,latitude,longitude\nXX,A,95,2\n", "latitude is 95"),
    ],
)
def test_a_bad_csv_of_stations_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_stations(tmp_path / "s.csv")


def test_a_response_is_found_by_channel_and_time(tmp_path: Path) -> None:
    found = responses(write(tmp_path / "a.xml"), "XX.AAA.00.HHZ", NOW_NS)
    assert found == {"unit": "m/s", "sensitivity": 6e8, "poles": [], "zeros": [], "normalization": 1.0}


def test_a_station_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml")
    assert responses(path, "XX.AAA.00.HHZ", NOW_NS)["sensitivity"] == 6e8
    response = Response(instrument_sensitivity=InstrumentSensitivity(12345.5, 1.0, "M/S", "COUNTS"))
    write(path, response=response)
    assert responses(path, "XX.AAA.00.HHZ", NOW_NS)["sensitivity"] == 12345.5
    with pytest.raises(NotFoundError, match=r"gone\.xml"):
        responses(tmp_path / "gone.xml", "XX.AAA.00.HHZ", NOW_NS)


def test_sensitivities_in_other_units_are_turned_into_si(tmp_path: Path) -> None:
    response = Response(instrument_sensitivity=InstrumentSensitivity(6.0, 1.0, "NM/S", "COUNTS"))
    found = responses(write(tmp_path / "a.xml", response=response), "XX.AAA.00.HHZ", NOW_NS)
    assert found["sensitivity"] == pytest.approx(6e9)


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf")])
def test_a_sensitivity_that_is_no_number_or_zero_is_refused(tmp_path: Path, value: float) -> None:
    response = Response(instrument_sensitivity=InstrumentSensitivity(value, 1.0, "M/S", "COUNTS"))
    path = write(tmp_path / "a.xml", response=response)
    with pytest.raises(FormatError, match="XX.AAA.00.HHZ .*its sensitivity is"):
        responses(path, "XX.AAA.00.HHZ", NOW_NS)


def test_a_response_of_no_ground_motion_is_refused(tmp_path: Path) -> None:
    response = Response(instrument_sensitivity=InstrumentSensitivity(1.0, 1.0, "PA", "COUNTS"))
    path = write(tmp_path / "a.xml", response=response)
    with pytest.raises(FormatError, match="'PA' is no ground motion"):
        responses(path, "XX.AAA.00.HHZ", NOW_NS)


def test_a_wrong_epoch_and_an_unknown_channel_are_told_apart(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml")
    with pytest.raises(NothingMatchedError, match="2022-01-01.*knows it only from 2019-01-01.* to 2021-01-01"):
        responses(path, "XX.AAA.00.HHZ", utc_ns("2022-01-01T00:00:00Z"))
    with pytest.raises(NothingMatchedError, match="XX.AAA.00.HHE .*not in the station file"):
        responses(path, "XX.AAA.00.HHE", NOW_NS)


def test_the_normalization_of_a_one_hertz_seismometer_is_one_at_high_frequency() -> None:
    omega, damping = 2 * math.pi, 0.7
    poles = [[-damping * omega, sign * omega * math.sqrt(1 - damping**2)] for sign in (1, -1)]
    assert normalization(poles, [[0.0, 0.0], [0.0, 0.0]], 1000.0) == pytest.approx(1.0, abs=1e-5)


def test_poles_and_zeros_are_one_where_the_sensitivity_holds(tmp_path: Path) -> None:
    """A sensitivity given at 0.05 Hz, where the sensor has fallen to 0.7, beside a stage normalised at 1 Hz."""
    corner = 2 * math.pi * 0.05
    pole = complex(-corner, 0.0)
    flat = abs(2j * math.pi - pole) / (2 * math.pi)
    stage = PolesZerosResponseStage(1, 1500.0, 1.0, "M/S", "V", "LAPLACE (RADIANS/SECOND)", 1.0, [0j], [pole], flat)
    gain = 1500.0 * flat * corner / abs(1j * corner - pole)
    response = Response(instrument_sensitivity=InstrumentSensitivity(gain, 0.05, "M/S", "V"), response_stages=[stage])
    found = responses(write(tmp_path / "a.xml", response=response), "XX.AAA.00.HHZ", NOW_NS)
    at_one_hz = found["sensitivity"] * found["normalization"] * 2 * math.pi / abs(2j * math.pi - pole)
    assert at_one_hz == pytest.approx(1500.0)


@pytest.mark.realdata
def test_real_responses_agree_with_obspy(realdata: Path) -> None:
    """Poles, zeros and sensitivity against ObsPy's evaluation of every stage, where the FIR filters are flat."""
    hz = np.array([0.5, 1.0, 2.0, 5.0, 10.0])
    folder = realdata / "strong_motion"
    for name, seed_id, day in (
        ("fdsn/nc73300395/BK.VALB.xml", "BK.VALB.40.HN1", "2019-11-03"),
        ("fdsn/ci38457511/CI.CLC.xml", "CI.CLC..HNZ", "2019-07-06"),
        ("clipping_samples/hv70907436/HV.HOVE.xml", "HV.HOVE..HHZ", "2019-04-14"),
        ("fdsn/uw61251926/UW.SP2.xml", "UW.SP2..BHE", "2017-02-23"),
    ):
        ours = responses(folder / name, seed_id, utc_ns(f"{day}T00:00:00Z"))
        theirs = read_inventory(str(folder / name)).get_response(seed_id, UTCDateTime(day))
        output = {"m/s": "VEL", "m/s2": "ACC"}[ours["unit"]]
        expected = theirs.get_evalresp_response_for_frequencies(hz, output=output)
        s = 2j * np.pi * hz
        value = np.full(len(hz), ours["sensitivity"] * ours["normalization"], complex)
        for zero in ours["zeros"]:
            value *= s - complex(*zero)
        for pole in ours["poles"]:
            value /= s - complex(*pole)
        assert np.allclose(np.abs(value), np.abs(expected), rtol=0.03), name


@pytest.mark.realdata
def test_a_real_sensitivity_per_nanometre_is_turned_into_si(realdata: Path) -> None:
    path = realdata / "strong_motion/fdsn/us70008dx7/SL.KOGS.xml"
    found = responses(path, "SL.KOGS..HNZ", utc_ns("2020-03-22T05:24:00Z"))
    assert (found["unit"], found["sensitivity"]) == ("m/s2", pytest.approx(427114.0))


@pytest.mark.realdata
def test_real_station_files_are_read(realdata: Path) -> None:
    assert len(read_stations(realdata / "strong_motion")) > 60
    found = read_stations(realdata / "esec/channels.csv")
    assert len(found) > 100
    assert all(station.channels for station in found.values())
