"""What a file's record headers tell is what reading it tells, or nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import obspy
import pytest

from foreshock.collect.files import FileSource
from foreshock.collect.miniseed.spans import recorded

START = obspy.UTCDateTime("2021-02-28T23:59:30.123400")


def written(path: Path, *, holes_s: tuple[float, ...] = (), rate_hz: float = 100.0, **more: object) -> Path:
    """Pieces of a minute, so many seconds apart."""
    stream, start = obspy.Stream(), START
    for k, hole_s in enumerate((*holes_s, 0.0)):
        n = round(60 * rate_hz)
        data = np.random.default_rng(k).integers(-999, 999, n, dtype=np.int32)
        header = {"network": "XX", "station": "A", "channel": "HHZ", "sampling_rate": rate_hz, "starttime": start}
        stream.append(obspy.Trace(data, header))
        start += n / rate_hz + hole_s
    stream.write(str(path), format="MSEED", **{"reclen": 512, **more})
    return path


@pytest.mark.parametrize("rate_hz", [100.0, 0.5, 12.5])
def test_times_and_counts_are_those_of_reading(tmp_path: Path, rate_hz: float) -> None:
    path = written(tmp_path / "a.mseed", holes_s=(10.0, 700.0), rate_hz=rate_hz)
    runs = recorded(path, longest_hole_s=600.0)
    pieces = [piece for piece, _ in FileSource(path).headers()]
    assert runs is not None
    assert [one[:2] for one in runs] == [("XX.A.", "HHZ")] * 2
    assert [one.n_samples for one in runs] == [pieces[0].n_samples * 2, pieces[0].n_samples]
    assert [one.first_ns for one in runs] == pytest.approx([pieces[0].start_ns, pieces[2].start_ns], abs=100_000)
    assert [one.last_ns for one in runs] == pytest.approx([pieces[1].end_ns, pieces[2].end_ns], abs=100_000)


def test_records_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    content = written(tmp_path / "a.mseed", holes_s=(700.0,)).read_bytes()
    parts = [content[at : at + 512] for at in range(0, len(content), 512)]
    (tmp_path / "b.mseed").write_bytes(b"".join(parts[::-1]))
    assert recorded(tmp_path / "b.mseed", longest_hole_s=600.0) == recorded(tmp_path / "a.mseed", longest_hole_s=600.0)


def test_what_these_headers_do_not_tell_is_left_to_others(tmp_path: Path) -> None:
    whole = written(tmp_path / "a.mseed")
    other = written(tmp_path / "b.mseed", reclen=1024)
    content = whole.read_bytes()
    corrected = bytearray(content)
    corrected[40:44] = (5).to_bytes(4, "big")
    for name, held in {
        "cut": content[:-100],
        "two lengths": content + other.read_bytes(),
        "two channels": content + content.replace(b"HHZ", b"HHN"),
        "a correction": bytes(corrected),
        "words": b"no recording " * 100,
        "nothing": b"",
    }.items():
        (tmp_path / name).write_bytes(held)
        assert recorded(tmp_path / name, longest_hole_s=600.0) is None, name
    assert recorded(written(tmp_path / "little", byteorder="<"), longest_hole_s=600.0) is None
    assert recorded(tmp_path / "absent", longest_hole_s=600.0) is None
