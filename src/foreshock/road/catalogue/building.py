"""Building: an archive and its stations to a catalogue on disk, stage after stage. Knows no stage's inside."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from foreshock.collect.archive import Unit
from foreshock.collect.stations import read_stations
from foreshock.errors import ConfigError
from foreshock.outputs import claimed_folder, sayable, write_json
from foreshock.predict.magnitude import AtStation
from foreshock.predict.travel.named import travel_times
from foreshock.road.catalogue.archives import FETCHED, Archive, Named, archive_of, held, stations_beside
from foreshock.road.catalogue.hearing import How
from foreshock.road.catalogue.manifest import NAME as MANIFEST
from foreshock.road.catalogue.manifest import Manifest
from foreshock.road.catalogue.page import RUN, STORE, Content, draw_page
from foreshock.road.catalogue.picked import pick_all, planned, surveyed
from foreshock.road.catalogue.progress import Tell
from foreshock.road.catalogue.recipe import Recipe
from foreshock.road.catalogue.sizing import Scale, Span, join, measure, spans
from foreshock.road.catalogue.solving import solve
from foreshock.road.catalogue.workers import Crew, Lost, done
from foreshock.road.catalogue.writing import NOTES, Pairs, write_pairs, write_tables
from foreshock.road.pickers import Picker, picker_of
from foreshock.store.lines import event_cells, event_lines
from foreshock.store.saving import Run
from foreshock.store.store import Store
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Station


@dataclass(frozen=True)
class Built:
    """A catalogue: its earthquakes and picks in order of time, and what was left out and assumed, with the reasons."""

    out: Path
    solutions: tuple[Solution, ...]
    picks: tuple[Pick, ...]
    picker: str
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    heard_s: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        events = [event_cells(line) for line in event_lines(self.solutions)]
        return {
            "schema": "foreshock.catalogue/1",
            "task": "catalogue",
            "n": len(self.solutions),
            "out": str(self.out),
            "picker": self.picker,
            "n_picks": len(self.picks),
            "events": events,
            "skipped": [{"item": item, "reason": reason} for item, reason in self.skipped],
            "notes": [{"item": item, "note": note} for item, note in self.notes],
        }

    def sentence(self) -> str:
        """What people are told at the end."""
        hours = sum(self.heard_s.values()) / 3600
        sizes = sum(one.event.magnitude is not None for one in self.solutions)
        return (
            f"{len(self.solutions)} earthquakes ({sizes} with a magnitude) of {len(self.picks)} picks in {hours:.1f} "
            f"hours of {len(self.heard_s)} stations; {len(self.skipped)} items left out (skipped.csv): {self.out}"
        )


def build_catalog(
    archive: Named,
    *,
    stations: Path | str | None = None,
    out: Path | str,
    recipe: Recipe | None = None,
    crew: Crew | None = None,
    resume: bool = False,
    pictures: bool = True,
    tell: Tell = lambda _: None,
) -> Built:
    """Pick an archive, associate, locate and size what was picked, and write the catalogue to a folder.

    Arguments:
        archive: a folder of waveform files, an SDS, a file, several of these, ``@FILE`` that lists paths, or the
            address of an FDSN dataselect query, whose recordings are fetched into the folder first.
        stations: StationXML, CSV, or a folder of them; None takes what lies beside the recordings or comes with them.
        out: a new or empty folder; it gets picks.csv, events.csv, catalog.xml (QuakeML 1.2), skipped.csv, a store and
            report.html.
        resume: go on with the unfinished run that lies there.
        pictures: whether any is drawn in report.html, which takes some seconds.
        tell: hears the plan and the progress.

    Raises:
        ConfigError: it is not known where stations stand, or a query is not understood.
        NotFoundError: the archive or the stations are not there.
        NothingMatchedError: there is no recording.
        FormatError: the stations cannot be read, or there is none.
        OutputError: the folder is in use or full. NetworkError: the cluster or the server does not answer.
        StateError: the unfinished run was of other recordings, stations or models.
    """
    told, hands, folder, where = recipe or Recipe(), crew or Crew(), Path(out), archive_of(archive)
    asked = picker_of(_model(told.picker))
    at = _stations(where, stations)
    travel_times(told.velocity_model)
    with claimed_folder(folder, resume=resume, keep=(MANIFEST, FETCHED)):
        here = held(where, folder, stations=at, tell=tell)
        known = read_stations(here.stations)
        how = How(told.picker or asked.name, str(here.stations.resolve()), told.min_probability)
        manifest = surveyed(here.paths, how, asked, crew=hands, folder=folder, skipped=here.skipped)
        try:
            _picked(manifest, how, asked, hands, tell)
            built = _solved(manifest, told, known, how, asked, hands, folder, tell)
            units = manifest.units()
        finally:
            manifest.close()
        what = (("archive", sayable(where.words)), ("stations", _source(at)), *_told(built, told))
        _write(built, told, known, what=what)
        content = Content(
            built.solutions,
            built.picks,
            known,
            built.heard_s,
            what,
            built.skipped,
            built.notes,
            units,
            told.velocity_model,
        )
        draw_page(folder, content, asked, pictures=pictures)
    return built


def _stations(where: Archive, told: Path | str | None) -> Path | None:
    """The station file, if it can be read; None where it comes with what a query fetches."""
    at = Path(told) if told is not None else stations_beside(where)
    if at is not None:
        read_stations(at)
    elif where.query is None:
        raise ConfigError(
            "--stations", "a catalogue needs to know where stations stand", "name a StationXML or CSV file"
        )
    return at


def _source(stations: Path | None) -> str:
    return "fetched with the recordings" if stations is None else sayable(str(stations))


def _model(name: str | None) -> Path | str | None:
    return Path(name) if name is not None and Path(name).exists() else name


def _picked(manifest: Manifest, how: How, picker: Picker, crew: Crew, tell: Tell) -> None:
    plan = planned(manifest, picker, crew=crew)
    if plan is not None:
        tell(plan.sentence())
        pick_all(manifest, how, crew=crew, tell=tell)


def _solved(
    manifest: Manifest,
    recipe: Recipe,
    stations: Mapping[str, Station],
    how: How,
    picker: Picker,
    crew: Crew,
    folder: Path,
    tell: Tell,
) -> Built:
    picks = tuple(manifest.picks())
    found = solve(
        picks,
        stations,
        travel_times(recipe.velocity_model),
        model=recipe.velocity_model,
        associate=recipe.associate,
        locate=recipe.locate,
        motions=recipe.mechanism,
    )
    tell(f"{len(found.solutions)} earthquakes among {len(picks)} picks")
    scale = Scale(how.stations, recipe.velocity_model, recipe.magnitudes)
    parts, lost = _measured(spans(found.solutions, manifest.units()), scale, crew)
    sized = join(found.solutions, parts, recipe.magnitudes)
    unused = [(f"{one.pick.trace_id} {one.pick.phase} {one.pick.time}", one.reason) for one in found.unused]
    return Built(
        folder,
        sized.solutions,
        picks,
        picker.name,
        (*manifest.skipped(), *unused, *lost, *sized.left_out),
        (*manifest.notes(), *found.notes),
        manifest.heard_s(),
    )


def _measured(
    asked: Sequence[Span], scale: Scale, crew: Crew
) -> tuple[list[tuple[str, AtStation]], list[tuple[str, str]]]:
    """What all stations say of all sizes, and the spans whose process died."""
    parts: list[tuple[str, AtStation]] = []
    lost: list[tuple[str, str]] = []
    for answer in done(asked, partial(measure, scale=scale), crew):
        if isinstance(answer, Lost):
            lost.append((_name(answer.task.instruments), f"{answer.reason} twice while it was measured"))
        else:
            parts += answer[1]
    return parts, lost


def _name(instruments: Sequence[Unit]) -> str:
    return instruments[0].name


def _write(built: Built, recipe: Recipe, stations: Mapping[str, Station], *, what: Pairs) -> None:
    """Write all tables, each whole; the store last, since it is what others look at."""
    write_tables(built.out, built.solutions, picks=built.picks, skipped=built.skipped)
    write_pairs(built.out / NOTES, ("item", "note"), built.notes)
    told = _run(built, recipe) | {"told": [list(pair) for pair in what]}
    run = Run("catalogue", config=told["config"] | {"picker": built.picker}, versions=told["versions"])
    with Store.open(built.out / STORE) as store:
        store.add_stations(stations.values())
        store.add(built.solutions, run=run)
        store.add_picks(built.picks)
    write_json(built.out / RUN, told)


def _told(built: Built, recipe: Recipe) -> Pairs:
    """The recipe, for people."""
    return (
        ("picker", built.picker + (", the network that ships" if recipe.picker is None else "")),
        ("picks below this probability left out", f"{recipe.min_probability:g}"),
        ("velocity model", sayable(recipe.velocity_model)),
        ("magnitudes, the preferred first", ", ".join(recipe.magnitudes.kinds)),
    )


def _run(built: Built, recipe: Recipe) -> dict[str, Any]:
    return {
        "schema": "foreshock.catalogue/1",
        "picker": built.picker,
        "config": recipe.as_json(),
        "n_events": len(built.solutions),
        "n_picks": len(built.picks),
        "heard_s": dict(built.heard_s),
        "versions": {"foreshock": version("foreshock"), "python": platform.python_version()},
    }
