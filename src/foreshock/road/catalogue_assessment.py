"""Assessment of catalogues: found earthquakes read from a run's folder, joined with a true catalogue, scored."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.errors import FormatError, NotFoundError
from foreshock.evaluate.event_matching import WITHIN_KM, WITHIN_S
from foreshock.evaluate.events import EventScores, score_events
from foreshock.outputs import whole_file, write_json
from foreshock.road.assessment import versions
from foreshock.road.catalogue.writing import CATALOG, EVENTS
from foreshock.store.lines import EventLine, event_cells
from foreshock.store.quakeml_reader import read_quakeml
from foreshock.store.tables import read_events
from foreshock.types.solution import Solution

SCORES, PAIRS = "catalogue_scores.json", "pairs.csv"


@dataclass(frozen=True)
class CatalogueTask:
    """What is to be scored.

    Attributes:
        events: a catalogue run's folder, or an events.csv. truth: a CSV file of true earthquakes.
        within_s, within_km: how far apart a found and a true earthquake may be. seed: of the bootstrap.
    """

    events: Path
    truth: Path
    within_s: float = WITHIN_S
    within_km: float = WITHIN_KM
    seed: int = 0


@dataclass(frozen=True, eq=False)
class CatalogueAssessment:
    """The scores of a catalogue, and what of it could not be read."""

    task: CatalogueTask
    scores: EventScores
    skipped: Sequence[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        told = {"events": str(self.task.events), "truth": str(self.task.truth), "versions": versions()}
        skipped = [{"item": item, "reason": reason} for item, reason in self.skipped]
        return self.scores.as_json() | told | {"skipped": skipped}


def assess_catalogue(task: CatalogueTask) -> CatalogueAssessment:
    """Score a catalogue against the truth.

    The folder's ``catalog.xml`` adds to ``events.csv`` what only it tells: the standard deviations of depth and time,
    and magnitudes of every type.

    Raises:
        NotFoundError: a file is not there. FormatError: it is no such table.
        InputError, NothingMatchedError: see `score_events`.
    """
    found, sizes, skipped = read_found(task.events)
    scores = score_events(
        found,
        read_truth(task.truth),
        magnitudes=sizes,
        within_s=task.within_s,
        within_km=task.within_km,
        seed=task.seed,
    )
    return CatalogueAssessment(task, scores, skipped)


def write_catalogue_assessment(assessment: CatalogueAssessment, folder: Path) -> None:
    """Write the scores, and every matched earthquake with its errors, into a folder."""
    write_json(folder / SCORES, assessment.as_json())
    with whole_file(folder / PAIRS) as temporary:
        assessment.scores.pairs.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")


def read_found(path: Path) -> tuple[pd.DataFrame, pd.DataFrame | None, tuple[tuple[str, str], ...]]:
    """Read found earthquakes: the table `score_events` takes, magnitudes of all types if told, what was left out."""
    if not path.exists():
        raise NotFoundError(f"catalogue {path}", "there is no such file or folder", "give a run's folder or events.csv")
    table = _table(read_events(path / EVENTS if path.is_dir() else path))
    if not path.is_dir() or not (path / CATALOG).is_file():
        return table, None, ()
    reading = read_quakeml(path / CATALOG)
    sure = pd.DataFrame([_sigmas(one) for one in reading.solutions], columns=["event_id", *_SIGMAS])
    sizes = [(one.event.event_id, m.kind, m.value) for one in reading.solutions for m in one.magnitudes]
    joined = table.merge(sure, on="event_id", how="left", validate="one_to_one")
    return joined, pd.DataFrame(sizes, columns=["event_id", "magnitude_type", "magnitude"]), reading.left_out


_SIGMAS = ("depth_sigma_km", "time_sigma_s")


def _sigmas(solution: Solution) -> tuple[str, float | None, float | None]:
    known = solution.uncertainty
    return solution.event.event_id, known.depth_km if known else None, known.time_s if known else None


def _table(lines: Iterable[EventLine]) -> pd.DataFrame:
    rows: list[Mapping[str, Any]] = [event_cells(line) for line in lines]
    names = ["event_id", "time", "latitude", "longitude", "depth_km", "magnitude", "magnitude_type"]
    names += ["major_km", "minor_km", "azimuth_deg", "gap_deg", "quality"]
    table = pd.DataFrame(rows, columns=names).rename(columns={"time": "time_ns"})
    numbers = [name for name in names if name.endswith(("_km", "_deg")) or name == "magnitude"]
    return table.astype(dict.fromkeys(numbers, float) | {"time_ns": "int64"})


def read_truth(path: Path) -> pd.DataFrame:
    """Read true earthquakes: events.csv's columns, and ``n_stations`` where it is told.

    Raises:
        NotFoundError: there is no such file. FormatError: it is no such table.
    """
    table = _table(read_events(path))
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle, strict=True))
    if not rows or "n_stations" not in rows[0]:
        return table
    try:
        seen = [float(row["n_stations"] or "nan") for row in rows]
    except ValueError as error:
        raise FormatError(f"truth {path}", f"n_stations is no number ({error})", "correct that cell") from error
    return table.assign(n_stations=seen)
