"""The check of waveform files: each defect is created and found; a clean folder shows none."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import obspy
import pytest
from obspy.core.inventory import Channel, InstrumentSensitivity, Inventory, Network, Response, Station
from scipy.signal import butter, sosfilt

from foreshock.collect.check import check_path, draw
from foreshock.errors import NotFoundError, NothingMatchedError

T0 = obspy.UTCDateTime("2020-06-01T00:00:00Z")
SENSITIVITY = 1e9


def stream(seconds: float = 60.0, rate_hz: float = 50.0, *, station: str = "DEMO") -> obspy.Stream:
    """Three channels of microseism in counts, 1e-8 m/s at 1e9 counts per m/s."""
    rng = np.random.default_rng(1)
    sos = butter(2, [0.2, 10], "bandpass", fs=rate_hz, output="sos")
    out = obspy.Stream()
    for letter in "ZNE":
        data = sosfilt(sos, rng.normal(size=round(seconds * rate_hz))) * 100
        head = {
            "network": "XX",
            "station": station,
            "location": "00",
            "channel": f"HH{letter}",
            "starttime": T0,
            "sampling_rate": rate_hz,
        }
        out += obspy.Trace(data.round().astype(np.int32), head)
    return out


def inventory(
    *, value: float = SENSITIVITY, start=T0 - 86400, end=None, letters: str = "ZNE", unit: str = "M/S"
) -> Inventory:
    told = InstrumentSensitivity(value, 1.0, unit, "COUNTS")
    channels = [
        Channel(
            f"HH{c}",
            "00",
            30,
            100,
            0,
            0,
            start_date=start,
            end_date=end,
            response=Response(instrument_sensitivity=told),
        )
        for c in letters
    ]
    return Inventory([Network("XX", [Station("DEMO", 30, 100, 0, channels=channels)])], source="test")


def folder(path: Path, *streams: obspy.Stream, station_file: Inventory | None = None) -> Path:
    path.mkdir()
    for k, part in enumerate(streams):
        part.write(str(path / f"part{k}.mseed"), format="MSEED")
    station_file = inventory() if station_file is None else station_file
    station_file.write(str(path / "stations.xml"), format="STATIONXML")
    return path


def found(path: Path) -> dict[str, object]:
    return {finding.code: finding for finding in check_path(path).findings}


def test_a_clean_folder_shows_no_defect(tmp_path):
    report = check_path(folder(tmp_path / "d", stream()))
    assert report.codes == ()
    assert (report.kind, report.n_items) == ("folder", 3)
    assert [level.absolute for level in report.noise] == [True] * 3


def test_a_single_file_can_be_checked(tmp_path):
    assert check_path(folder(tmp_path / "d", stream()) / "part0.mseed").codes == ()


@pytest.mark.parametrize(("code", "shift_s", "size"), [("GAP", 5.0, "5.00 s"), ("OVERLAP", -5.0, "5.00 s")])
def test_gaps_and_overlaps_are_found_with_their_time_and_size(tmp_path, code, shift_s, size):
    one = stream()
    two = stream(station="DEMO")
    for trace in two:
        trace.data = trace.data[::-1].copy()
        trace.stats.starttime = one[0].stats.endtime + one[0].stats.delta + shift_s
    finding = found(folder(tmp_path / "d", one, two))[code]
    assert finding.count == 3
    assert finding.examples[0].startswith("XX.DEMO.00.HHE at 2020-06-01T00:01:00")
    assert size in finding.examples[0]


def test_pieces_that_follow_each_other_and_far_recordings_are_no_gaps(tmp_path):
    one = stream()
    for name, later in (("joined", 60.0), ("far", 86_400.0)):
        two = stream()
        for trace in two:
            trace.data = trace.data[::-1].copy()
            trace.stats.starttime = T0 + later
        assert found(folder(tmp_path / name, one, two)) == {}


def test_mixed_rates_are_found(tmp_path):
    other = stream(rate_hz=100.0)
    for trace in other:
        trace.stats.starttime = T0 + 60
    finding = found(folder(tmp_path / "d", stream(), other))["MIXED_RATES"]
    assert finding.examples[0] == "XX.DEMO.00.HHE: 50 and 100 Hz"


def _flat(data):
    data[:] = 7


def _span(data):
    data[500:700] = data[500]


def _offset(data):
    data += 100_000


def _clip(data):
    np.clip(data, -30, 30, out=data)


def _spike(data):
    data[500] += 100_000


def _short(data):
    data.resize(50, refcheck=False)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("FLAT_CHANNEL", _flat),
        ("FLAT_SPAN", _span),
        ("DC_OFFSET", _offset),
        ("CLIPPED", _clip),
        ("SPIKE", _spike),
        ("SHORT_RECORD", _short),
    ],
)
def test_a_defect_in_the_samples_is_found_where_it_is(tmp_path, code, change):
    spoilt = stream()
    data = spoilt[1].data.copy()
    change(data)
    spoilt[1].data = data
    assert found(folder(tmp_path / "d", spoilt))[code].examples == ("XX.DEMO.00.HHN (part0.mseed)",)


def test_nan_samples_are_found(tmp_path):
    spoilt = stream()
    for trace in spoilt:
        trace.data = trace.data.astype(np.float32)
    spoilt[0].data[100] = np.nan
    assert found(folder(tmp_path / "d", spoilt))["NAN_SAMPLES"].count == 1


def test_missing_and_equal_components_are_found(tmp_path):
    two = stream()[:2]
    two[1].data = two[0].data.copy()
    got = found(folder(tmp_path / "d", two))
    assert got["MISSING_COMPONENT"].examples == ("XX.DEMO.00.HH has 2",)
    assert got["DUPLICATE_CHANNEL"].examples == ("XX.DEMO.00.HHZ = XX.DEMO.00.HHN",)


def test_the_same_samples_in_two_files_are_found(tmp_path):
    finding = found(folder(tmp_path / "d", stream(), stream()))["DUPLICATE_TRACE"]
    assert finding.count == 3
    assert "part0.mseed" in finding.examples[0]
    assert "part1.mseed" in finding.examples[0]


def test_a_channel_without_a_station_is_found(tmp_path):
    nameless = stream(station="")
    assert found(folder(tmp_path / "d", nameless))["UNNAMED_STATION"].count == 3


@pytest.mark.parametrize(
    ("code", "station_file", "count"),
    [
        ("RESPONSE_MISSING", {"letters": "ZN"}, 1),
        ("RESPONSE_EPOCH", {"end": T0 + 30}, 3),
        ("RESPONSE_EPOCH", {"start": T0 + 1}, 3),
        ("ZERO_SENSITIVITY", {"value": 0.0}, 3),
        ("RESPONSE_UNIT", {"unit": "M"}, 3),
        ("RESPONSE_UNIT", {"unit": "M/S**2"}, 3),
    ],
)
def test_a_response_that_does_not_fit_is_found(tmp_path, code, station_file, count):
    finding = found(folder(tmp_path / "d", stream(), station_file=inventory(**station_file)))[code]
    assert finding.count == count
    assert "XX.DEMO.00.HH" in finding.examples[0]


@pytest.mark.parametrize(("code", "value"), [("BELOW_NLNM", 1e14), ("ABOVE_NHNM", 1e5)])
def test_a_wrong_sensitivity_shows_against_petersons_models(tmp_path, code, value):
    assert found(folder(tmp_path / "d", stream(), station_file=inventory(value=value)))[code].count == 3


def test_without_a_station_file_nothing_is_said_about_responses_or_levels(tmp_path):
    path = folder(tmp_path / "d", stream())
    (path / "stations.xml").unlink()
    report = check_path(path)
    assert report.codes == ()
    assert not any(level.absolute for level in report.noise)


def test_broken_files_are_named_and_the_others_are_looked_at(tmp_path):
    path = folder(tmp_path / "d", stream())
    whole = (path / "part0.mseed").read_bytes()
    (path / "text.mseed").write_text("this is no recording")
    (path / "empty.mseed").write_bytes(b"")
    (path / "cut.sac").write_bytes(whole[:100])
    report = check_path(path)
    finding = next(f for f in report.findings if f.code == "UNREADABLE")
    assert set(finding.examples) == {"text.mseed", "empty.mseed", "cut.sac"}
    assert report.n_items == 3


def test_a_folder_without_recordings_is_an_error(tmp_path):
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(NothingMatchedError, match="holds no waveforms"):
        check_path(tmp_path)
    with pytest.raises(NotFoundError, match="nowhere"):
        check_path(tmp_path / "nowhere")


def test_pictures_show_counts_and_ground_motion(tmp_path):
    path = folder(tmp_path / "d", stream())
    assert len(draw(check_path(path), tmp_path / "with")) == 3
    (path / "stations.xml").unlink()
    assert len(draw(check_path(path), tmp_path / "without")) == 3


def test_japanese_channel_names_are_one_instrument(tmp_path):
    named = stream()
    for trace, code in zip(named, ("UD", "NS", "EW"), strict=True):
        trace.stats.channel = code
    path = folder(tmp_path / "d", named)
    (path / "stations.xml").unlink()
    assert found(path) == {}


def test_the_check_changes_nothing(tmp_path):
    path = folder(tmp_path / "d", stream())
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    check_path(path)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == copy.deepcopy(before)


@pytest.mark.realdata
def test_three_continuous_stations_have_no_gaps(realdata):
    report = check_path(realdata / "luhu_continuous")
    assert report.n_items == 9
    assert "GAP" not in report.codes
