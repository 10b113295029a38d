"""Page: report.html of a catalogue, from what a run holds in hand or, later, from its folder. Knows no stage."""

from __future__ import annotations

import csv
import io
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from foreshock.collect.archive import Unit
from foreshock.errors import FormatError, NotFoundError, StateError
from foreshock.outputs import UNFINISHED_NAME, locked_folder
from foreshock.road.catalogue.manifest import units_of
from foreshock.road.catalogue.writing import CATALOG, NOTES, SKIPPED, Pairs
from foreshock.road.pickers import Picker, picker_of
from foreshock.store.store import Store
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Station

STORE, RUN = "catalogue.db", "run.json"
MOST_BYTES = 1 << 30


@dataclass(frozen=True, eq=False)
class Content:
    """What a page tells.

    Attributes:
        heard_s: seconds of recordings of each station. done: what was done and with what.
        units: where recordings lie. model: of the travel times.
    """

    solutions: Sequence[Solution]
    picks: Sequence[Pick]
    stations: Mapping[str, Station]
    heard_s: Mapping[str, float]
    done: Pairs
    skipped: Pairs
    notes: Pairs
    units: Sequence[Unit]
    model: str


def draw_page(folder: Path, content: Content, picker: Picker, *, pictures: bool) -> Path:
    """Write report.html; for its pictures the recordings of the largest earthquakes are read once more.

    Raises:
        OutputError: the folder cannot be written to.
    """
    # what draws is brought in when all is picked: 110 MB
    from foreshock.evaluate.report.catalogue import CatalogueReport, write_catalogue_report
    from foreshock.road.catalogue.looking import look_again

    seen = (
        look_again(content.solutions, content.units, content.stations, model=content.model, picker=picker)
        if pictures
        else ()
    )
    report = CatalogueReport(
        "A catalogue of earthquakes",
        content.solutions,
        content.picks,
        content.stations,
        content.heard_s,
        content.done,
        content.skipped,
        content.notes,
        seen,
        {"foreshock": version("foreshock"), "python": platform.python_version()},
        pictures,
    )
    return write_catalogue_report(folder, report)


def redraw_page(folder: Path, *, pictures: bool = True) -> Path:
    """Write report.html of a finished catalogue anew, from the files of its folder.

    Recordings that have gone or changed since are left out of the pictures.

    Raises:
        NotFoundError: there is no catalogue, or a file of it is gone. StateError: it is unfinished.
        FormatError: a file of it is damaged. OutputError: the folder is in use or cannot be written to.
    """
    if not (folder / CATALOG).is_file():
        raise NotFoundError(f"folder {folder}", "it holds no catalogue", "make one with foreshock predict")
    if (folder / UNFINISHED_NAME).exists():
        raise StateError(f"folder {folder}", "its run is unfinished", "go on with it by --resume")
    with locked_folder(folder):
        told = _run_of(folder)
        with Store.open(folder / STORE, create=False) as store:
            content = Content(
                tuple(store.solutions()),
                tuple(store.picks()),
                store.stations(),
                told["heard_s"],
                [(str(what), str(with_what)) for what, with_what in told["told"]],
                _pairs(folder / SKIPPED),
                _pairs(folder / NOTES),
                units_of(folder),
                str(told["config"]["velocity_model"]),
            )
        named = told["config"]["picker"]
        picker = picker_of(Path(named) if named is not None and Path(named).exists() else named)
        return draw_page(folder, content, picker, pictures=pictures)


def _run_of(folder: Path) -> dict[str, Any]:
    """What run.json tells."""
    path = folder / RUN
    try:
        told: dict[str, Any] = json.loads(_text(path))
        _ = [told["config"]["velocity_model"], told["config"]["picker"], [float(s) for s in told["heard_s"].values()]]
        _ = [(what, with_what) for what, with_what in told["told"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path, f"{type(error).__name__}: {error}") from error
    return told


def _pairs(path: Path) -> list[tuple[str, str]]:
    try:
        rows: Iterable[list[str]] = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        return [(item, sentence) for item, sentence in rows][1:]
    except (csv.Error, ValueError) as error:
        raise _bad(path, str(error)) from error


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFoundError(f"file {path}", "it belongs to the catalogue and is gone", "make the catalogue anew")
    if path.stat().st_size > MOST_BYTES:
        raise _bad(path, f"it has more than {MOST_BYTES} bytes")
    return path.read_bytes().decode("utf-8")


def _bad(path: Path, why: str) -> FormatError:
    return FormatError(f"file {path}", f"it is not as a catalogue has it ({why})", "make the catalogue anew")
