"""Files: a file or a folder becomes waveforms, one run of one instrument at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from obspy import Stream, Trace, UTCDateTime

from foreshock.clock import utc_ns
from foreshock.collect.files import UNLABELLED, FileSource, describe, read
from foreshock.collect.obspy_door import to_obspy
from foreshock.errors import FormatError, NotFoundError, NothingMatchedError
from foreshock.law import check_source
from foreshock.types.waveform import Waveform

START_NS = utc_ns("2020-01-01T12:00:00Z")


def wave(station: str = "AAA", start_ns: int = START_NS, n: int = 500, seed: int = 0, band: str = "HH") -> Waveform:
    data = np.random.default_rng(seed).integers(-9999, 9999, (3, n))
    return Waveform(data, 50.0, start_ns, f"XX.{station}.", tuple(band + c for c in "ZNE"))


def write(path: Path, *waves: Waveform, kind: str = "MSEED") -> Path:
    stream = Stream()
    for one in waves:
        stream += to_obspy(one)
    stream.write(str(path), format=kind)
    return path


def test_the_source_obeys_the_law(tmp_path: Path) -> None:
    for specimen in FileSource.specimens(tmp_path):
        check_source(specimen)


def test_a_file_of_several_stations_gives_a_waveform_each(tmp_path: Path) -> None:
    waves = read(write(tmp_path / "多站 [1].mseed", wave("AAA"), wave("BBB", seed=1), wave("AAA", band="HN", seed=2)))
    assert [(one.station_id, one.channels[0]) for one in waves] == [
        ("XX.AAA.", "HHZ"),
        ("XX.AAA.", "HNZ"),
        ("XX.BBB.", "HHZ"),
    ]
    assert np.array_equal(waves[0].data, wave("AAA").data)


def test_components_in_files_of_their_own_come_together(tmp_path: Path) -> None:
    for trace in to_obspy(wave()):
        trace.data = trace.data.astype(np.float32)
        trace.write(str(tmp_path / f"{trace.id}.sac"), format="SAC")
    (one,) = read(tmp_path)
    assert one.components == "ZNE"
    assert one.rate_hz == 50.0
    assert np.array_equal(one.data, wave().data)


def test_a_folder_of_day_files_is_cut_at_midnight_without_loss(tmp_path: Path) -> None:
    total = 3 * 86_400
    data = np.arange(total, dtype=np.int32)
    start = UTCDateTime("2020-01-01T06:00:00.5")
    for k, first in enumerate(range(0, total, total // 4)):
        header = {"network": "XX", "station": "A", "channel": "LHZ", "starttime": start + first}
        Trace(data[first : first + total // 4 + 50], header).write(str(tmp_path / f"{k}.mseed"), format="MSEED")
    waves = read(tmp_path)
    assert len(waves) == 4
    assert [one.start_ns for one in waves[1:]] == [utc_ns(f"2020-01-0{day}T00:00:00.5Z") for day in (2, 3, 4)]
    assert np.array_equal(np.concatenate([one.data[0] for one in waves]), data.astype(np.float32))
    assert all(one.valid.all() for one in waves)


def test_a_bad_file_in_a_folder_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    write(tmp_path / "good.mseed", wave())
    (tmp_path / "empty.mseed").write_bytes(b"")
    (tmp_path / "text.mseed").write_text("000001D nothing of the kind " * 50, encoding="ascii")
    cut = write(tmp_path / "cut.mseed", wave("BBB"))
    cut.write_bytes(cut.read_bytes()[:-10])
    source = FileSource(tmp_path)
    assert [record.waveform.station_id for record in source.records()] == ["XX.AAA."]
    told = {Path(item).name: reason for item, reason in source.skipped}
    assert set(told) == {"empty.mseed", "text.mseed", "cut.mseed"}
    assert told["empty.mseed"] == "it is empty"


def test_one_bad_trace_does_not_spoil_its_file(tmp_path: Path) -> None:
    good = to_obspy(wave())
    for trace in good:
        trace.data = trace.data.astype(np.float32)
    header = {"network": "XX", "station": "BAD", "channel": "HHZ", "starttime": UTCDateTime(0)}
    good += Trace(np.array([1.0, np.nan, 2.0], np.float32), header)
    good += Trace(np.array([1], np.float32), {**header, "station": "ONE"})
    good.write(str(tmp_path / "a.mseed"), format="MSEED")
    source = FileSource(tmp_path / "a.mseed")
    assert len(list(source.records())) == 1
    assert {(item.split(".")[1], reason) for item, reason in source.skipped} == {
        ("BAD", "1 of its 3 samples are NaN or Inf"),
        ("ONE", "it holds one sample, at least 2 are needed"),
    }


def test_the_same_recording_in_two_files_is_one_waveform(tmp_path: Path) -> None:
    write(tmp_path / "a.mseed", wave())
    write(tmp_path / "copy.mseed", wave())
    (one,) = read(tmp_path)
    assert one.valid.all()


def test_contradicting_copies_are_masked_and_noted(tmp_path: Path) -> None:
    write(tmp_path / "a.mseed", wave())
    write(tmp_path / "b.mseed", wave(start_ns=START_NS + 8 * 10**9, seed=3))
    source = FileSource(tmp_path)
    (record,) = source.records()
    assert (~record.waveform.valid[0]).sum() > 95
    assert any("different values: masked" in reason for _, reason in source.notes)


def test_gaps_and_missing_components_stay_visible(tmp_path: Path) -> None:
    valid = np.ones((2, 500), bool)
    valid[0, 200:300] = False
    one = Waveform(np.ones((2, 500)), 50.0, START_NS, "XX.A.", ("HHZ", "HHN"), "ZN", valid=valid)
    (back,) = read(write(tmp_path / "a.mseed", one))
    assert back.components == "ZN"
    assert np.array_equal(back.valid, valid)


def test_unusable_input_is_one_sentence_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        read(tmp_path / "gone")
    (tmp_path / "空的.mseed").write_bytes(b"")
    with pytest.raises(FormatError, match="空的.mseed: it is empty"):
        read(tmp_path / "空的.mseed")
    with pytest.raises(NothingMatchedError, match="none of its 1 items can be used .first: .*空的.mseed: it is empty"):
        read(tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(NothingMatchedError, match="it holds no file"):
        read(tmp_path / "none")
    header = {"network": "XX", "station": "ONE", "channel": "HHZ"}
    Trace(np.array([1], np.int32), header).write(str(tmp_path / "one.mseed"), format="MSEED")
    with pytest.raises(FormatError, match=r"one.mseed: XX.ONE..HHZ: it holds one sample"):
        read(tmp_path / "one.mseed")


def test_a_record_without_labels_says_so_and_has_a_name_of_its_own(tmp_path: Path) -> None:
    (record,) = FileSource(write(tmp_path / "a.mseed", wave())).records()
    assert record.truth.kind == UNLABELLED
    assert record.truth.trace_id == "XX.AAA..HHZ+HHN+HHE.50Hz.2020-01-01T12:00:00.000000Z"


def test_describe_lists_channels_gaps_overlaps_and_reasons(tmp_path: Path) -> None:
    valid = np.ones((3, 500), bool)
    valid[0, 200:300] = False
    gapped = wave()
    write(tmp_path / "a.mseed", gapped.with_data(gapped.data, valid=valid))
    (tmp_path / "b.txt").write_text("no", encoding="utf-8")
    rows = describe(tmp_path)
    by_id = {row["id"]: row for row in rows}
    vertical = by_id["XX.AAA..HHZ"]
    assert (vertical["gaps"], vertical["gap_s"], vertical["samples"], vertical["rate_hz"]) == (1, 2.0, 400, 50.0)
    assert (vertical["start"], vertical["end"]) == ("2020-01-01T12:00:00.000000Z", "2020-01-01T12:00:10.000000Z")
    assert (vertical["format"], vertical["component"], vertical["overlaps"]) == ("MSEED", "Z", 0)
    assert "it is not a waveform file" in by_id[""]["reason"]
    assert len({tuple(row) for row in rows}) == 1


def test_the_unit_of_samples_can_be_said(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.mseed", wave()), unit="cm/s2")[0].unit == "m/s2"


@pytest.mark.realdata
def test_knet_time_gain_and_event_agree_with_the_header(realdata: Path) -> None:
    source = FileSource(realdata / "strong_motion/knet")
    records = {record.waveform.station_id: record for record in source.records()}
    record = records["BO.CHB003."]
    one = record.waveform
    assert (one.components, one.channels, one.unit) == ("ZNE", ("UD", "NS", "EW"), "m/s2")
    # Record Time 2014/12/31 23:50:11 JST, less the recorder's 15 s, less 9 h
    assert one.start_ns == utc_ns("2014-12-31T14:49:56Z")
    peak_gal = np.abs(one.data[0].astype(float) - one.data[0].mean(dtype=float)).max() * 100
    assert peak_gal == pytest.approx(2.425, rel=0.01)  # Max. Acc. (gal)
    assert (record.truth.magnitude, record.truth.event_latitude) == (4.2, 35.785)
    assert record.truth.distance_km == pytest.approx(15.35, abs=0.1)
    assert record.truth.kind == "earthquake"


@pytest.mark.realdata
def test_kiknet_stations_are_two_instruments_with_locations(realdata: Path) -> None:
    waves = read(realdata / "strong_motion/kiknet/usp000hzq8")
    assert [(one.station_id, one.channels) for one in waves] == [
        ("BO.NGNH31.01", ("UD1", "NS1", "EW1")),
        ("BO.NGNH31.02", ("UD2", "NS2", "EW2")),
        ("BO.NGNH35.01", ("UD1", "NS1", "EW1")),
        ("BO.NGNH35.02", ("UD2", "NS2", "EW2")),
    ]


@pytest.mark.realdata
def test_a_vertical_named_hn1_is_found_by_the_station_file(realdata: Path) -> None:
    folder = realdata / "strong_motion/fdsn/nc73300395"
    (named,) = read(folder)
    assert named.components == "312"
    source = FileSource(folder, stations=folder)
    (record,) = source.records()
    turned = record.waveform
    assert (turned.components, turned.channels) == ("ZNE", ("HN1", "HN2", "HN3"))
    by_name = dict(zip(named.channels, named.data.astype(float), strict=True))
    north = np.cos(np.radians(336)) * by_name["HN2"] + np.cos(np.radians(246)) * by_name["HN3"]
    assert np.allclose(turned.data[0], by_name["HN1"])
    assert np.allclose(turned.data[1], north, rtol=1e-5, atol=0.5)
    assert "rotated" in source.notes[0][1]


@pytest.mark.realdata
def test_every_real_strong_motion_file_is_read(realdata: Path) -> None:
    source = FileSource(realdata / "strong_motion", stations=realdata / "strong_motion")
    waves = [record.waveform for record in source.records()]
    assert len(waves) == 47
    assert {Path(item).suffix for item, _ in source.skipped} == {".json"}
    assert sum(one.components == "ZNE" for one in waves) >= 40
    assert all(one.valid.mean() > 0.98 for one in waves)  # two stations' components begin and end apart


@pytest.mark.realdata
def test_eighty_minutes_of_real_stream_come_as_one_waveform_a_station(realdata: Path) -> None:
    waves = read(realdata / "luhu_continuous")
    assert [(one.components, one.n_samples) for one in waves] == [("ZNE", 480_001)] * 3
