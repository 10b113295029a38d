"""What was done is known after any end of a run, and what it gave with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreshock.collect.archive import FileMark, Unit
from foreshock.errors import OutputError, StateError
from foreshock.road.catalogue.manifest import NAME, Heard, Manifest
from foreshock.types.pick import Pick

TOLD = {"archive": "/data", "model": "picker"}
UNITS = [Unit("XX.A.", "HH", day, day + 1, (FileMark("/data/a", 10, 3),), 99) for day in (0, 1)]
OPEN_FILES = Path("/proc/self/fd")
LATE = Pick("XX.A.", "P", 7, 0.9, 0.1, 12, "up", 0.95, 0.5)
EARLY = Pick("XX.A.", "S", 5, 0.8, 0.2, 11)


def begun(folder: Path) -> Manifest:
    return Manifest.begun(folder, TOLD, UNITS, [("readme.txt", "no recording")])


def test_what_is_done_stays_done(tmp_path: Path) -> None:
    manifest = begun(tmp_path)
    (first, _), (second, unit) = manifest.open_units()
    manifest.done(first, Heard((LATE, EARLY), (("/data/b", "gone"),), (("XX.A.", "turned"),), 86_400.0))
    manifest.close()
    again = Manifest.found(tmp_path, TOLD)
    assert again is not None
    assert again.open_units() == [(second, unit)]
    assert list(again.picks()) == [EARLY, LATE]
    assert again.skipped() == [("readme.txt", "no recording"), ("/data/b", "gone")]
    assert again.notes() == [("XX.A.", "turned")]
    assert again.heard_s() == {"XX.A.": 86_400.0}


def test_a_run_of_other_data_is_not_gone_on_with(tmp_path: Path) -> None:
    begun(tmp_path).close()
    with pytest.raises(StateError, match="archive is '/other': the unfinished run had '/data'"):
        Manifest.found(tmp_path, {**TOLD, "archive": "/other"})


def test_where_there_is_none_there_is_nothing_to_go_on_with(tmp_path: Path) -> None:
    assert Manifest.found(tmp_path, TOLD) is None
    (tmp_path / NAME).touch()
    assert Manifest.found(tmp_path, TOLD) is None


def test_a_damaged_one_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"nonsense" * 1000)
    with pytest.raises(StateError, match=f"{NAME}: it is damaged"):
        Manifest.found(tmp_path, TOLD)


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="the system does not list a process's open files")
def test_a_damaged_one_and_one_of_other_data_are_let_go(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"nonsense" * 1000)
    with pytest.raises(StateError, match="it is damaged") as told:
        Manifest.found(tmp_path, TOLD)
    assert held_open(tmp_path) == []
    (tmp_path / NAME).unlink()
    begun(tmp_path).close()
    with pytest.raises(StateError, match="the unfinished run had"):
        Manifest.found(tmp_path, {**TOLD, "archive": "/other"})
    assert held_open(tmp_path) == []
    assert told.tb is not None  # the frame that raised still lives, so nothing was closed by its end


def held_open(folder: Path) -> list[str]:
    links = [str(one.readlink()) for one in OPEN_FILES.iterdir() if one.is_symlink()]
    return [link for link in links if link.startswith(str(folder))]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        begun(tmp_path / "nowhere")
