"""The page of a finished catalogue can be drawn anew from its folder, the same one, or with pictures it had not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from foreshock.errors import ForeshockError, FormatError, NotFoundError, OutputError, StateError
from foreshock.outputs import UNFINISHED_NAME, locked_folder
from foreshock.road.catalogue.building import build_catalog
from foreshock.road.catalogue.manifest import NAME, units_of
from foreshock.road.catalogue.page import redraw_page

STATIONS = "network,station,latitude,longitude\nXX,AAA,30.0,100.0\nXX,BBB,30.1,100.1\n"


@pytest.fixture(scope="module")
def built(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue whose page was made without pictures."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "stations.csv").write_text(STATIONS, encoding="utf-8")
    build_catalog(archive, stations=folder / "stations.csv", out=folder / "out", pictures=False)
    return folder / "out"


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "copy"))


def test_the_same_page_is_drawn_anew(folder: Path) -> None:
    before = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    assert redraw_page(folder, pictures=False) == folder / "report.html"
    assert (folder / "report.html").read_bytes() == before


@pytest.mark.slow
def test_by_command_with_pictures_though_made_without(folder: Path) -> None:
    command = [sys.executable, "-m", "foreshock", "report", str(folder), "--json"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["pictures"] is True
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Pictures were not asked for." not in page
    assert "<img" in page


def test_what_is_no_finished_catalogue_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="it holds no catalogue"):
        redraw_page(tmp_path)
    (folder / UNFINISHED_NAME).touch()
    with pytest.raises(StateError, match="its run is unfinished"):
        redraw_page(folder)


def test_a_folder_in_use_is_left_alone(folder: Path) -> None:
    with locked_folder(folder), pytest.raises(OutputError, match="another run is writing into it"):
        redraw_page(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", b"{"),
        ("run.json", b"[]"),
        ("run.json", b'{"config": {"velocity_model": "iasp91", "picker": null}, "heard_s": {"a": "b"}, "told": []}'),
        ("run.json", b"\xff"),
        ("skipped.csv", b"item,reason\na,b,c\n"),
        ("notes.csv", b'item,note\na,"b\n'),
        ("catalogue.db", b"nonsense" * 999),
    ],
)
def test_a_damaged_file_is_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ForeshockError, match=name):
        redraw_page(folder, pictures=False)


@pytest.mark.parametrize("name", ["run.json", "skipped.csv", "notes.csv", "catalogue.db"])
def test_a_file_that_is_gone_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises((NotFoundError, FormatError), match=name):
        redraw_page(folder, pictures=False)


def test_without_a_manifest_there_are_no_recordings_to_show(folder: Path) -> None:
    assert len(units_of(folder)) == 6
    (folder / NAME).write_bytes(b"nonsense" * 999)
    assert units_of(folder) == []
    (folder / NAME).unlink()
    assert units_of(folder) == []
    redraw_page(folder, pictures=False)


@pytest.mark.realdata
def test_ridgecrests_page_is_drawn_anew_to_the_same_bytes(realdata: Path, tmp_path: Path) -> None:
    archive = realdata / "strong_motion" / "multiple_events" / "ci38457511"
    build_catalog(archive, out=tmp_path / "out")
    before = (tmp_path / "out" / "report.html").read_bytes()
    redraw_page(tmp_path / "out")
    assert (tmp_path / "out" / "report.html").read_bytes() == before
