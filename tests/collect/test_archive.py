"""An archive is looked through once; then any span of it is read, and what has changed since is refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.collect.archive import Unit, read_unit, survey
from foreshock.collect.files import DAY_NS
from foreshock.collect.obspy_door import to_obspy
from foreshock.collect.sds import write_sds
from foreshock.errors import NotFoundError
from foreshock.types.waveform import Waveform

PLENTY = 10**12
AROUND_NS = 100 * NS_PER_S


def wave(name: str = "XX.AAA.", *, start_s: float = 86_400.0 - 600, span_s: float = 1200.0) -> Waveform:
    data = np.arange(3 * round(span_s * 10), dtype=np.float32).reshape(3, -1)
    return Waveform(data, 10.0, round(start_s * NS_PER_S), name, ("HHZ", "HHN", "HHE"))


def test_every_instrument_has_a_unit_a_day(tmp_path: Path) -> None:
    write_sds(tmp_path / "sds", [wave(), wave("XX.BBB.", start_s=90_000.0)])
    found = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=PLENTY)
    assert [(unit.station_id, unit.first_ns // DAY_NS) for unit in found.units] == [
        ("XX.AAA.", 0),
        ("XX.AAA.", 1),
        ("XX.BBB.", 1),
    ]
    assert found.skipped == ()


def test_units_side_by_side_give_every_sample_once(tmp_path: Path) -> None:
    whole = wave()
    write_sds(tmp_path / "sds", [whole])
    units = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=PLENTY).units
    parts = [read_unit(unit, stations={}).waveforms[0] for unit in units]
    assert sum(part.n_samples for part in parts) == whole.n_samples
    np.testing.assert_array_equal(np.concatenate([part.data for part in parts], 1), whole.data)


def test_a_unit_is_read_with_what_lies_around_it(tmp_path: Path) -> None:
    write_sds(tmp_path / "sds", [wave()])
    first, second = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=PLENTY).units
    (held,) = read_unit(second, before_ns=AROUND_NS, after_ns=0, stations={}).waveforms
    assert held.start_ns == DAY_NS - AROUND_NS
    assert len(first.files) == len(second.files) == 6


def test_days_of_too_many_bytes_are_cut_at_full_hours(tmp_path: Path) -> None:
    write_sds(tmp_path / "sds", [wave(start_s=0.0, span_s=7300.0)])
    n_bytes = 3 * 7300 * 10 * 4
    whole = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=n_bytes)
    cut = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=n_bytes // 20)
    assert [(unit.first_ns, unit.last_ns) for unit in whole.units] == [(0, DAY_NS)]
    hours = [(unit.first_ns // NS_PER_S, unit.last_ns // NS_PER_S) for unit in cut.units]
    assert hours == [(0, 3600), (3600, 7200), (7200, 10_800)]


def test_a_lap_over_midnight_into_a_day_without_files_is_not_lost(tmp_path: Path) -> None:
    stream = to_obspy(wave())
    folder = tmp_path / "sds" / "1970" / "XX" / "AAA"
    for trace in stream:
        (folder / f"{trace.stats.channel}.D").mkdir(parents=True)
        trace.write(str(folder / f"{trace.stats.channel}.D" / f"{trace.id}.D.1970.001"), format="MSEED")
    units = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=PLENTY).units
    assert [unit.first_ns // DAY_NS for unit in units] == [0, 1]
    assert sum(read_unit(unit, stations={}).waveforms[0].n_samples for unit in units) == wave().n_samples


def test_a_folder_of_any_files_will_do_and_what_is_no_recording_is_told(tmp_path: Path) -> None:
    to_obspy(wave()).write(str(tmp_path / "a.mseed"), format="MSEED")
    (tmp_path / "readme.txt").write_text("no recording", encoding="utf-8")
    found = survey(tmp_path, around_ns=AROUND_NS, most_bytes=PLENTY)
    assert [unit.name for unit in found.units] == ["XX.AAA..HH 1970-01-01T00", "XX.AAA..HH 1970-01-02T00"]
    assert [Path(item).name for item, _ in found.skipped] == ["readme.txt"]


def test_a_file_that_changed_since_it_was_looked_at_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    write_sds(tmp_path / "sds", [wave()])
    unit = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=PLENTY).units[0]
    changed, gone = (Path(mark.path) for mark in unit.files[:2])
    os.utime(changed, ns=(1, 1))
    gone.unlink()
    reading = read_unit(unit, stations={})
    assert dict(reading.skipped) == {
        str(changed): "it has changed since it was looked at",
        str(gone): "it is gone or cannot be read (No such file or directory)",
    }
    assert isinstance(unit, Unit)
    assert len(reading.waveforms[0].components) == 2


def test_a_damaged_file_in_an_archive_is_told_when_it_is_read(tmp_path: Path) -> None:
    write_sds(tmp_path / "sds", [wave(start_s=0.0, span_s=600)])
    damaged = next((tmp_path / "sds").rglob("*HHZ.D.1970.001"))
    damaged.write_bytes(b"no miniSEED" * 100)
    (unit,) = survey(tmp_path / "sds", around_ns=AROUND_NS, most_bytes=PLENTY).units
    reading = read_unit(unit, stations={})
    assert [item for item, _ in reading.skipped] == [str(damaged)]
    assert reading.waveforms[0].components == "NE"


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        survey(tmp_path / "nowhere", around_ns=0, most_bytes=1)
