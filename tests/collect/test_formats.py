"""Formats: every file is opened as if it were hostile."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import obspy
import pytest
from obspy import Stream, Trace, UTCDateTime, read

from foreshock.collect.formats import SAFE_FORMATS, detect, read_traces
from foreshock.errors import FormatError, NotFoundError


def stream(n: int = 2000, **codes: str) -> Stream:
    header = {"network": "XX", "station": "AAA", "location": "00", "channel": "HHZ", "sampling_rate": 100.0, **codes}
    header["starttime"] = UTCDateTime(2020, 1, 1)
    return Stream([Trace(np.arange(n, dtype=np.int32) % 997, header)])


@pytest.mark.parametrize("kind", ["MSEED", "SAC", "GSE2", "SLIST", "TSPAIR", "AH"])
def test_formats_that_obspy_writes_are_recognised_and_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"记录 [1].{kind.lower()}"
    one = stream()
    if kind in ("SAC", "AH"):
        one[0].data = one[0].data.astype(np.float32)
    one.write(str(tmp_path / "plain"), format=kind)
    (tmp_path / "plain").rename(path)
    assert detect(path) == kind
    assert np.array_equal(read_traces(path)[0].data, one[0].data)


def test_headers_alone_tell_the_length(tmp_path: Path) -> None:
    stream().write(str(tmp_path / "a.mseed"), format="MSEED")
    (trace,) = read_traces(tmp_path / "a.mseed", headers_only=True)
    assert trace.stats.npts == 2000
    assert len(trace.data) == 0


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path(tmp_path / "burnt").touch, ())

    assert "PICKLE" not in SAFE_FORMATS
    (tmp_path / "a.mseed").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(FormatError, match="a\\.mseed: it is not a waveform file \\(it looks like a Python pickle"):
        read_traces(tmp_path / "a.mseed")
    assert not (tmp_path / "burnt").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"000001D XX station list, not miniSEED\n" * 40, "it looks like text"),
        (b"time,value\n0,1\n1,2\n", "it looks like text"),
        (b"<html><body>504 Gateway</body></html>" * 20, "it looks like an HTML page"),
        (b'{"a": 1}', "it looks like JSON"),
        (b"\x1f\x8b" + b"\x00" * 600, "compressed"),
        (b"\x89HDF\r\n\x1a\n" + b"\x00" * 600, "HDF5"),
        (bytes(range(256)) * 16, "no known format|damaged"),
        (b"\x00" * 8192, "no known format|damaged"),
        (b"\xff" * 8192, "no known format|damaged"),
    ],
)
def test_what_only_looks_like_a_recording_is_refused_with_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "day.mseed"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        read_traces(path)
    assert "day.mseed" in str(caught.value)


def test_random_bytes_are_refused_one_way_or_another(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for size in (1, 11, 127, 512, 5000):
        path = tmp_path / f"{size}.bin"
        path.write_bytes(rng.bytes(size))
        with pytest.raises(FormatError, match=f"{size}\\.bin"):
            read_traces(path)


@pytest.mark.parametrize("cut", [1, 100, 511, 3000])
def test_a_truncated_miniseed_file_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.mseed"
    stream(20_000).write(str(path), format="MSEED", reclen=512)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(FormatError, match="a\\.mseed"):
        read_traces(path)


@pytest.mark.parametrize("kind", ["SAC", "GSE2", "SLIST", "TSPAIR"])
def test_other_truncated_files_are_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.dat"
    one = stream()
    if kind == "SAC":
        one[0].data = one[0].data.astype(np.float32)
    one.write(str(path), format=kind)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FormatError, match="a\\.dat"):
        read_traces(path)


@pytest.mark.parametrize("kind", ["GSE2"])
def test_a_gse_file_that_would_overrun_the_decompressor_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.gse"
    stream().write(str(path), format=kind)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([*lines[:4], lines[4] * 50, *lines[5:]]))
    with pytest.raises(FormatError, match="line 5 is longer than 82 bytes"):
        read_traces(path)
    stream(1).write(str(path), format=kind)
    with pytest.raises(FormatError, match="fewer than 2 samples"):
        read_traces(path)


@pytest.mark.parametrize(
    ("name", "n_traces"),
    [
        ("ah/tests/data/ah1.f", 4),
        ("gse2/tests/data/boa___00_07a.gse", 1),
        ("gse2/tests/data/loc_STAU20031119011659.z", 1),
        ("kinemetrics/tests/data/BI008_MEMA-04823.evt", 3),
        ("mseed/tests/data/microsecond_wrap.mseed", 1),
        ("mseed/tests/data/gecko_non_ascii_header.ms", 1),
        ("nied/tests/data/test.knet", 1),
        ("pdas/tests/data/p1246001.108", 1),
        ("sac/tests/data/test.sac.swap", 1),
        ("seg2/tests/data/20180307_031245000.0.seg2", 1),
        ("seisan/tests/data/2011-09-06-1311-36S.A1032_001BH_Z", 1),
        ("sh/tests/data/QFILE-TEST.QHD", 3),
        ("y/tests/data/YAYT_BHZ_20021223.124800", 1),
    ],
)
def test_the_files_obspy_tests_itself_on_are_read(name: str, n_traces: int) -> None:
    path = Path(obspy.__file__).parent / "io" / name
    if not path.exists():
        pytest.skip(f"this ObsPy came without {name}")
    assert len(read_traces(path)) == n_traces


def test_damage_inside_a_miniseed_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mseed"
    stream(20_000).write(str(path), format="MSEED", reclen=512, encoding="STEIM2")
    content = bytearray(path.read_bytes())
    content[512 + 200 : 512 + 260] = b"\x55" * 60
    path.write_bytes(bytes(content))
    with pytest.raises(FormatError, match="damaged MSEED"):
        read_traces(path)


def test_records_of_two_lengths_in_one_file_are_whole(tmp_path: Path) -> None:
    stream(3000).write(str(tmp_path / "a"), format="MSEED", reclen=4096)
    stream(300, station="BBB").write(str(tmp_path / "b"), format="MSEED", reclen=512)
    path = tmp_path / "both.mseed"
    path.write_bytes((tmp_path / "a").read_bytes() + (tmp_path / "b").read_bytes())
    assert {trace.stats.station for trace in read_traces(path)} == {"AAA", "BBB"}


def test_a_header_that_claims_too_many_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sac"
    one = stream()
    one[0].data = one[0].data.astype(np.float32)
    one.write(str(path), format="SAC")
    content = bytearray(path.read_bytes())
    content[79 * 4 : 80 * 4] = np.array([2**31 - 1], np.int32).tobytes()
    path.write_bytes(bytes(content))
    with pytest.raises(FormatError, match="a\\.sac"):
        read_traces(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="gone\\.mseed"):
        read_traces(tmp_path / "gone.mseed")
    with pytest.raises(NotFoundError, match="no such file"):
        detect(tmp_path)


@pytest.mark.realdata
def test_a_cut_knet_file_is_refused(realdata: Path, tmp_path: Path) -> None:
    whole = (realdata / "strong_motion/knet/usb000syza/CHB0031412312349.UD").read_bytes()
    for keep in (len(whole) // 2, 400):
        (tmp_path / "cut.UD").write_bytes(whole[:keep])
        with pytest.raises(FormatError, match="cut\\.UD"):
            read_traces(tmp_path / "cut.UD")


@pytest.mark.realdata
def test_real_miniseed_is_read_as_obspy_reads_it(realdata: Path) -> None:
    path = realdata / "esec/waveforms/79.mseed"
    ours, theirs = read_traces(path), read(str(path))
    assert [trace.id for trace in ours] == [trace.id for trace in theirs]
    assert all(np.array_equal(a.data, b.data) for a, b in zip(ours, theirs, strict=True))
