"""Station files that lie: no wrong number is made of them without a word."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hostile_said import Commands, Recording

HEAD = '<?xml version="1.0"?>'


def stationxml(
    *,
    head: str = "",
    name: str = "a",
    value: str = "1e9",
    unit: str = "M/S",
    start: str = "2019-01-01T00:00:00",
    end: str = "2030-01-01T00:00:00",
    station: str = "ABC",
    letters: str = "ZNE",
    latitude: str = "30",
) -> str:
    place = f"<Latitude>{latitude}</Latitude><Longitude>100</Longitude><Elevation>0</Elevation>"
    way = {"Z": ("0", "-90"), "N": ("0", "0"), "E": ("90", "0")}
    channels = "".join(
        f'<Channel code="HH{letter}" locationCode="" startDate="{start}" endDate="{end}">{place}<Depth>0</Depth>'
        f"<Azimuth>{way[letter][0]}</Azimuth><Dip>{way[letter][1]}</Dip><SampleRate>50</SampleRate><Response>"
        f"<InstrumentSensitivity><Value>{value}</Value><Frequency>1</Frequency><InputUnits><Name>{unit}</Name>"
        "</InputUnits><OutputUnits><Name>COUNTS</Name></OutputUnits></InstrumentSensitivity></Response></Channel>"
        for letter in letters
    )
    return (
        f'{HEAD}{head}<FDSNStationXML xmlns="http://www.fdsn.org/xml/station/1" schemaVersion="1.1"><Source>x</Source>'
        f'<Created>2020-01-01T00:00:00</Created><Network code="XX"><Station code="{station}">{place}<Site><Name>{name}'
        f"</Name></Site>{channels}</Station></Network></FDSNStationXML>"
    )


BOMB = '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;&l;&l;&l;">]>'
ELSEWHERE = '<!DOCTYPE a [<!ENTITY l SYSTEM "file:///etc/passwd">]>'
SPOILT = {
    "zero": (stationxml(value="0"), r"its sensitivity is 0\.0"),
    "NaN": (stationxml(value="NaN"), "its sensitivity is (nan|None)"),
    "Inf": (stationxml(value="INF"), "its sensitivity is (inf|None)"),
    "absurdly small": (stationxml(value="1e-300"), "its sensitivity is 1e-300, which is absurd"),
    "a word": (stationxml(value="abc"), "sensitivity"),
    "no ground motion": (stationxml(unit="PA"), "'PA' is no ground motion"),
    "an unknown unit": (stationxml(unit="FURLONG"), "'FURLONG' is no ground motion"),
    "another epoch": (stationxml(end="2019-06-01T00:00:00"), "knows it only from .* to 2019-06-01"),
    "a reversed epoch": (stationxml(start="2030-01-01T00:00:00", end="2019-01-01T00:00:00"), "must end after it beg"),
    "another station": (stationxml(station="ZZZ"), "it is not in the station file"),
    "no place on Earth": (stationxml(latitude="200"), "latitude|damaged StationXML"),
    "a bomb": (stationxml(head=BOMB, name="&m;"), "it declares a document type"),
    "a way to other files": (stationxml(head=ELSEWHERE, name="&l;"), "it declares a document type"),
    "cut": (stationxml()[:600], "it is not well-formed XML"),
    "HTML": ("<html></html>", "its root is 'html'"),
    "text": ("hi", "it is not well-formed XML"),
    "empty": ("", "it is not well-formed XML"),
    "endless depth": ("<FDSNStationXML>" + "<a>" * 100_000, "it is not well-formed XML|damaged StationXML"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_station_file_gives_no_amplitude(
    how: str, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    content, says = SPOILT[how]
    stations = tmp_path / "stations" / "bad.xml"
    stations.parent.mkdir()
    stations.write_text(content)
    told = ["features", recording(), "--stations", stations, "--feature", "pga"]
    run.refused(*told, says=says, out=tmp_path / "out.csv")


@pytest.mark.parametrize("how", ["zero", "NaN", "absurdly small"])
def test_a_check_finds_a_sensitivity_that_is_none(
    how: str, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    wave = recording("wave/a.mseed")
    (wave.parent / "stations.xml").write_text(SPOILT[how][0])
    told = run.ok("collect", "check", wave.parent, "--out", tmp_path / "out", "--json").told
    assert "ZERO_SENSITIVITY" in {finding["code"] for finding in told["findings"]}


def test_a_check_opens_no_entity(run: Commands, recording: Recording, tmp_path: Path) -> None:
    wave = recording("wave/a.mseed")
    (wave.parent / "stations.xml").write_text(SPOILT["a bomb"][0])
    told = run.ok("collect", "check", wave.parent, "--json").told
    assert any("it declares a document type" in note for note in told["notes"])


@pytest.mark.parametrize("what", ["fifo", "loop", "nothing", "endless", "vast"])
def test_what_is_no_station_file_is_refused_at_once(
    what: str, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    path = tmp_path / "there" / "stations.xml"
    path.parent.mkdir()
    if what == "fifo":
        os.mkfifo(path)
    elif what == "loop":
        path.symlink_to(path)
    elif what == "vast":
        with path.open("wb") as handle:
            handle.truncate(3 << 30)
    elif what == "endless":
        path = Path("/dev/zero")
    says = "larger than" if what == "vast" else str(path)
    run.refused("features", recording(), "--stations", path, says=says, out=tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("network,station,latitude,longitude\nXX,ABC,north,100\n", "a cell is not a number"),
        ("a,b\n1,2\n", "it lacks the columns"),
        ("network,station,latitude,longitude\nXX,ABC\n", "its row is ragged"),
        ("", "it lacks the columns|it holds no station"),
    ],
)
def test_a_spoilt_table_of_stations_is_named(
    text: str, says: str, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    stations = tmp_path / "stations.csv"
    stations.write_text(text)
    told = ["collect", "convert", recording("wave/a.mseed"), "--stations", stations]
    run.refused(*told, says=says, out=tmp_path / "out")
