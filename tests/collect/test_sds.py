"""SDS: archives are written by days and read back without overlap or loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from obspy import Trace, UTCDateTime
from obspy.clients.filesystem.sds import Client

from foreshock.clock import utc_ns
from foreshock.collect.sds import SdsSource, write_sds
from foreshock.errors import InputError, NotFoundError, OutputError
from foreshock.law import check_source
from foreshock.types.waveform import Waveform

EVE_NS = utc_ns("2020-02-28T23:59:50Z")


def wave(n: int = 2000, start_ns: int = EVE_NS, rate_hz: float = 100.0, **changes: object) -> Waveform:
    data = np.random.default_rng(n).integers(-9999, 9999, (3, n))
    given = {"station_id": "XX.AAA.", "channels": ("HHZ", "HHN", "HHE")}
    return Waveform(data, rate_hz, start_ns, **{**given, **changes})  # type: ignore[arg-type]


def test_the_source_obeys_the_law(tmp_path: Path) -> None:
    for specimen in SdsSource.specimens(tmp_path):
        check_source(specimen)


def test_a_record_over_midnight_lies_in_two_day_files_and_comes_back_whole(tmp_path: Path) -> None:
    paths = write_sds(tmp_path, [wave()])
    assert len(paths) == 6
    assert paths[0] == tmp_path / "2020/XX/AAA/HHZ.D/XX.AAA..HHZ.D.2020.059"
    assert paths[-1].name == "XX.AAA..HHE.D.2020.060"
    days = [record.waveform for record in SdsSource(tmp_path).records()]
    assert [day.n_samples for day in days] == [1000, 1000]
    assert days[1].start_ns == utc_ns("2020-02-29T00:00:00Z")
    assert np.array_equal(np.concatenate([day.data for day in days], axis=1), wave().data)


def test_obspy_reads_the_archive_alike(tmp_path: Path) -> None:
    write_sds(tmp_path, [wave()])
    begin = UTCDateTime(ns=EVE_NS)
    stream = Client(str(tmp_path)).get_waveforms("XX", "AAA", "", "HHZ", begin, begin + 19.99)
    assert np.array_equal(stream.merge()[0].data, wave().data[0])


def test_files_that_lap_over_midnight_are_cut_there(tmp_path: Path) -> None:
    data = np.arange(4000, dtype=np.int32)
    for day, first, last in (("059", 0, 1500), ("060", 900, 4000)):
        folder = tmp_path / "2020/XX/AAA/HHZ.D"
        folder.mkdir(parents=True, exist_ok=True)
        header = {"network": "XX", "station": "AAA", "channel": "HHZ", "sampling_rate": 100.0}
        header["starttime"] = UTCDateTime(ns=EVE_NS) + first / 100
        Trace(data[first:last], header).write(str(folder / f"XX.AAA..HHZ.D.2020.{day}"), format="MSEED")
    days = [record.waveform for record in SdsSource(tmp_path).records()]
    assert [day.n_samples for day in days] == [1000, 3000]
    assert np.array_equal(np.concatenate([day.data[0] for day in days]), data)


@pytest.mark.parametrize("offset_ns", [1, 3_333_333, 9_999_999])
def test_samples_off_the_whole_second_are_neither_lost_nor_doubled(tmp_path: Path, offset_ns: int) -> None:
    one = wave(start_ns=EVE_NS + offset_ns // 1000 * 1000)
    write_sds(tmp_path, [one])
    days = [record.waveform for record in SdsSource(tmp_path).records()]
    assert np.array_equal(np.concatenate([day.data for day in days], axis=1), one.data)


def test_what_is_written_twice_is_there_once_and_what_follows_is_joined(tmp_path: Path) -> None:
    whole = wave(1000)
    write_sds(tmp_path, [whole.cut(0, 600)])
    write_sds(tmp_path, [whole.cut(400, 1000)])
    (record,) = SdsSource(tmp_path).records()
    assert np.array_equal(record.waveform.data, whole.data)
    assert record.waveform.valid.all()


def test_gaps_stay_gaps_and_motion_stays_float(tmp_path: Path) -> None:
    valid = np.ones((3, 500), bool)
    valid[:, 100:200] = False
    one = Waveform(np.full((3, 500), 1.5e-6), 100.0, EVE_NS, "XX.A.00", ("HNZ", "HNN", "HNE"), unit="m/s2", valid=valid)
    write_sds(tmp_path, [one])
    (record,) = SdsSource(tmp_path, unit="m/s2").records()
    assert np.array_equal(record.waveform.valid, valid)
    assert np.array_equal(record.waveform.data, one.data)
    assert record.waveform.unit == "m/s2"


def test_patterns_and_times_choose(tmp_path: Path) -> None:
    write_sds(tmp_path, [wave(), wave(station_id="XX.BBB."), wave(station_id="YY.AAA.10")])

    def found(**chosen: object) -> set[str]:
        return {r.waveform.station_id for r in SdsSource(tmp_path, **chosen).records()}  # type: ignore[arg-type]

    assert found() == {"XX.AAA.", "XX.BBB.", "YY.AAA.10"}
    assert found(network="X?", station="B*") == {"XX.BBB."}
    assert found(location="") == {"XX.AAA.", "XX.BBB."}
    source = SdsSource(tmp_path, station="BBB", start_ns=EVE_NS + 5 * 10**9, end_ns=EVE_NS + 12 * 10**9)
    assert [record.waveform.n_samples for record in source.records()] == [500, 200]


def test_foreign_files_are_passed_over_with_a_reason(tmp_path: Path) -> None:
    (path, *_) = write_sds(tmp_path, [wave(900)])
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    (path.parent / "XX.AAA..HHZ.D.2020.400").write_bytes(b"x")
    (path.parent / "XX.AAA..HHN.D.2020.059").write_bytes(path.read_bytes())
    (path.parent / "XX.AAA..HHZ.D.2020.058").write_bytes(b"")
    stranger = path.parent / "XX.AAA..HHZ.D.2020.057"
    stranger.write_bytes((tmp_path / "2020/XX/AAA/HHE.D/XX.AAA..HHE.D.2020.059").read_bytes())
    source = SdsSource(tmp_path)
    assert len(list(source.records())) == 1
    told = {Path(item.split(": ")[0]).name: reason for item, reason in source.skipped}
    assert told["notes.txt"] == "its name is not NET.STA.LOC.CHA.D.YEAR.DAY"
    assert told["XX.AAA..HHZ.D.2020.400"] == "its day 2020.400 does not exist"
    assert told["XX.AAA..HHN.D.2020.059"].startswith("it does not lie in 2020/XX/AAA/HHN.D")
    assert told["XX.AAA..HHZ.D.2020.058"] == "it is empty"
    assert told[stranger.name] == "it lies in the file of XX.AAA..HHZ"


def test_codes_miniseed_cannot_hold_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    for station_id in ("BO.AICH04.", ".AAA.", "XX..", "XX.A/B.", "XX"):
        with pytest.raises(InputError, match="miniSEED keeps|NET.STA.LOC"):
            write_sds(tmp_path / "archive", [wave(station_id=station_id)])
    assert not (tmp_path / "archive").exists()


def test_an_archive_that_is_not_there_or_is_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="gone"):
        list(SdsSource(tmp_path / "gone").records())
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="file"):
        write_sds(tmp_path / "file", [wave()])


@pytest.mark.realdata
def test_real_records_survive_the_archive(realdata: Path, tmp_path: Path) -> None:
    from foreshock.collect.files import read

    waves = read(realdata / "luhu_continuous")
    write_sds(tmp_path, waves)
    back = [record.waveform for record in SdsSource(tmp_path).records()]
    assert sorted(one.station_id for one in back) == sorted(one.station_id for one in waves)
    by_id = {one.station_id: one for one in waves}
    assert all(np.array_equal(one.data, by_id[one.station_id].data) for one in back)
