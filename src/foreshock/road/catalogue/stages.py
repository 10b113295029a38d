"""Stages: one stage of the catalogue's road by itself, from the files of the stage before. Knows no pickers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from foreshock.clock import NS_PER_S
from foreshock.collect.archive import survey
from foreshock.collect.stations import read_stations
from foreshock.errors import ConfigError, NothingMatchedError
from foreshock.outputs import claimed_folder
from foreshock.predict.associate import AssociateSettings, Unused
from foreshock.predict.locate.settings import LocateSettings
from foreshock.predict.magnitude import MagnitudeSettings
from foreshock.predict.mechanism import MechanismSettings
from foreshock.predict.travel.named import travel_times
from foreshock.road.catalogue.archives import Named, archive_of
from foreshock.road.catalogue.sizing import AFTER_S, Scale, join, measure, spans
from foreshock.road.catalogue.solving import associated, located
from foreshock.road.catalogue.writing import UNUSED, write_tables, write_unused
from foreshock.store.lines import event_cells, event_lines
from foreshock.store.quakeml_reader import read_quakeml
from foreshock.store.tables import read_picks
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution

WHOLE_DAYS = 10**15
"""Bytes: a day is not cut, since it is read only where an earthquake lies in it."""


@dataclass(frozen=True)
class Staged:
    """What a stage gave: earthquakes in order of time, and what was left out or belongs to none, with the reasons."""

    out: Path
    stage: str
    solutions: tuple[Solution, ...]
    skipped: tuple[tuple[str, str], ...]
    unused: tuple[Unused, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "schema": "foreshock.catalogue/1",
            "task": self.stage,
            "n": len(self.solutions),
            "out": str(self.out),
            "events": [event_cells(line) for line in event_lines(self.solutions)],
            "skipped": [{"item": item, "reason": reason} for item, reason in self.skipped],
        }

    def sentence(self) -> str:
        """What people are told."""
        kept = {
            "associate": f"{sum(len(one.arrivals) for one in self.solutions)} picks belong to them",
            "locate": f"{sum(one.uncertainty is not None for one in self.solutions)} located",
            "magnitude": f"{sum(one.event.magnitude is not None for one in self.solutions)} with a magnitude",
        }
        n, left = len(self.solutions), len(self.skipped)
        return f"{n} earthquakes, {kept[self.stage]}; {left} items left out (skipped.csv): {self.out}"


def associate_picks(
    picks: Path,
    *,
    stations: Path,
    out: Path,
    velocity_model: str,
    settings: AssociateSettings | None = None,
    explain: bool = False,
) -> Staged:
    """Turn a table of picks into earthquakes; ``skipped.csv`` says of every other pick why it belongs to none.

    Arguments:
        explain: write ``unused_picks.csv``, too: the picks that belong to none, column by column, with the reason.

    Raises:
        NotFoundError, FormatError: a file is not there, or is not what it should be.
        NothingMatchedError: the table holds no pick.
        OutputError: the folder is in use or full.
    """
    lines = read_picks(picks)
    if not lines:
        raise NothingMatchedError(f"picks {picks}", "it holds none", "make some: foreshock pick ARCHIVE --out FILE")
    travel, known = travel_times(velocity_model), read_stations(stations)
    with claimed_folder(out, keep=()) as folder:
        found = associated([line.pick for line in lines], known, travel, model=velocity_model, settings=settings)
        unused = tuple((_named(one.pick), one.reason) for one in found.unused)
        done = Staged(folder, "associate", found.solutions, (*unused, *found.notes), found.unused)
        if explain:
            write_unused(folder / UNUSED, found.unused)
        write_tables(folder, done.solutions, picks=[line.pick for line in lines], skipped=done.skipped)
    return done


def locate_catalog(
    catalog: Path,
    *,
    stations: Path,
    out: Path,
    velocity_model: str,
    settings: LocateSettings | None = None,
    motions: MechanismSettings | None = None,
) -> Staged:
    """Locate the earthquakes of a QuakeML file anew, from their arrivals.

    Raises:
        NotFoundError, FormatError: a file is not there, or is not what it should be.
        OutputError: the folder is in use or full.
    """
    given = read_quakeml(catalog)
    travel, known = travel_times(velocity_model), read_stations(stations)
    with claimed_folder(out, keep=()) as folder:
        solutions = located(given.solutions, known, travel, model=velocity_model, settings=settings, motions=motions)
        left = [(one.event.event_id, one.notes[0]) for one in solutions if one.uncertainty is None and one.notes]
        done = Staged(folder, "locate", solutions, (*given.left_out, *left))
        write_tables(folder, done.solutions, skipped=done.skipped)
    return done


def size_catalog(
    catalog: Path,
    archive: Named,
    *,
    stations: Path,
    out: Path,
    velocity_model: str,
    settings: MagnitudeSettings,
) -> Staged:
    """Give the earthquakes of a QuakeML file magnitudes, from an archive's recordings of the stations that picked them.

    Raises:
        NotFoundError, FormatError: a file is not there, or is not what it should be.
        NothingMatchedError: the archive holds no recording.
        OutputError: the folder is in use or full.
    """
    given = read_quakeml(catalog)
    travel_times(velocity_model)
    read_stations(stations)
    where = archive_of(archive)
    if where.query is not None:
        raise ConfigError(
            f"archive {where.words}",
            "magnitudes need recordings that are here",
            "fetch them first: foreshock collect fdsn",
        )
    units = survey(where.paths, stations=stations, around_ns=round(AFTER_S * NS_PER_S), most_bytes=WHOLE_DAYS)
    if not units.units:
        raise NothingMatchedError(
            f"archive {where.words}", "it holds no recording", "look with: foreshock collect check"
        )
    scale = Scale(str(stations.resolve()), velocity_model, settings)
    with claimed_folder(out, keep=()) as folder:
        bare = tuple(_without_sizes(one) for one in given.solutions)
        parts = [part for span in spans(bare, units.units) for part in measure(span, scale)]
        sized = join(bare, parts, settings)
        skipped = (*given.left_out, *units.skipped, *sized.left_out)
        done = Staged(folder, "magnitude", sized.solutions, skipped)
        write_tables(folder, done.solutions, skipped=done.skipped)
    return done


def _without_sizes(solution: Solution) -> Solution:
    event = replace(solution.event, magnitude=None, magnitude_type=None)
    return replace(solution, event=event, magnitudes=())


def _named(pick: Pick) -> str:
    return f"{pick.trace_id} {pick.phase} {pick.time}"
