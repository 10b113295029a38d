"""The verb `predict`: an archive to a catalogue; a bundle asked about recordings or a table. Knows no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json, say_left_out
from foreshock.cli.evaluate import DeviceOption
from foreshock.cli.prepare import StationsOption
from foreshock.cli.stages import SettingsFile
from foreshock.cli.train import TableOption
from foreshock.errors import ConfigError

if TYPE_CHECKING:
    from foreshock.road.catalogue.recipe import Recipe
    from foreshock.road.catalogue.workers import Crew


def command(
    archive: Annotated[
        list[str] | None,
        typer.Argument(
            help="An archive (folders, files, @FILE that lists them, or an FDSN dataselect query), a data set, a file."
        ),
    ] = None,
    *,
    model: Annotated[
        str | None, typer.Option("--model", help="A bundle, a run folder or a picker; default: the picker that ships.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder.")],
    table: TableOption = None,
    stations: StationsOption = None,
    hop_s: Annotated[float, typer.Option(help="Seconds between windows on continuous recordings.")] = 1.0,
    device: DeviceOption = "auto",
    min_probability: Annotated[float, typer.Option(min=0, max=1, help="Catalogue: leave out picks below.")] = 0.0,
    velocity_model: Annotated[
        str, typer.Option(help="Catalogue: iasp91_crust, southern_california, iasp91, ak135, or a CSV of layers.")
    ] = "iasp91_crust",
    magnitudes: Annotated[
        str | None,
        typer.Option(help="Catalogue: of ML, Mw and M (see docs), the preferred one first; default: ML,Mw."),
    ] = None,
    settings: SettingsFile = None,
    workers: Annotated[int, typer.Option(min=1, help="Catalogue: processes of this machine.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(help="Catalogue: a Dask scheduler, tcp://host:port, in place of them.")
    ] = None,
    memory_mb: Annotated[int, typer.Option(min=250, help="Catalogue: about what a worker may take in all.")] = 400,
    resume: Annotated[
        bool, typer.Option("--resume", help="Catalogue: go on with the unfinished run in --out.")
    ] = False,
    no_pictures: Annotated[
        bool, typer.Option("--no-pictures", help="Catalogue: report.html without pictures, some seconds sooner.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a catalogue of earthquakes from an archive, or ask a trained bundle about recordings or a table.

    With a picker (the default) and stations: pick, associate, locate, size. With another bundle: a row a record or a
    row of a table; probabilities along time on recordings.
    """
    paths = archive or []
    if _is_picker(model) and paths and table is None:
        from foreshock.road.catalogue.recipe import Recipe, stage_settings
        from foreshock.road.catalogue.workers import Crew

        kinds = None if magnitudes is None else [kind.strip() for kind in magnitudes.split(",")]
        told = stage_settings(settings, magnitude={"kinds": kinds})
        recipe = Recipe(
            picker=model,
            min_probability=min_probability,
            velocity_model=velocity_model,
            associate=told.associate,
            locate=told.locate,
            mechanism=told.mechanism,
            magnitudes=told.magnitudes,
        )
        crew = Crew(workers=workers, cluster=cluster, memory_mb=memory_mb)
        _catalogue(
            paths, stations, out=out, recipe=recipe, crew=crew, resume=resume, pictures=not no_pictures, as_json=as_json
        )
        return
    if model is None:
        raise ConfigError("--model", "rows of a table need a bundle", "name one, or an archive with --stations")
    if len(paths) > 1:
        raise ConfigError(f"{len(paths)} paths", "a bundle is asked about one data set, file or folder", "name one")
    path = Path(paths[0]) if paths else None
    _ask(Path(model), path, out=out, table=table, stations=stations, hop_s=hop_s, device=device, as_json=as_json)


def _is_picker(model: str | None) -> bool:
    """Whether picks are what the model gives; what is wrong with a bundle is told when it is asked."""
    from foreshock.bundle import find_bundle, read_bundle
    from foreshock.errors import ForeshockError
    from foreshock.road.pickers import PICKERS

    if model is None or model in PICKERS:
        return True
    try:
        return read_bundle(find_bundle(Path(model))).card.problem == "pick"
    except ForeshockError:
        return False


def _catalogue(
    archive: list[str],
    stations: Path | None,
    *,
    out: Path,
    recipe: Recipe,
    crew: Crew,
    resume: bool,
    pictures: bool,
    as_json: bool,
) -> None:
    from foreshock.road.catalogue.building import build_catalog

    built = build_catalog(
        archive, stations=stations, out=out, recipe=recipe, crew=crew, resume=resume, pictures=pictures, tell=note
    )
    if as_json:
        say_json(built.as_json())
    else:
        say(built.sentence())


def _ask(
    model: Path,
    path: Path | None,
    *,
    out: Path,
    table: Path | None,
    stations: Path | None,
    hop_s: float,
    device: str,
    as_json: bool,
) -> None:
    from foreshock.outputs import claimed_folder
    from foreshock.road.asking import ask

    with claimed_folder(out, keep=()) as folder:
        answer = ask(model, path=path, table=table, folder=folder, stations=stations, hop_s=hop_s, device=device)
    say_left_out(answer.skipped, answer.notes)
    if as_json:
        say_json(answer.as_json())
    else:
        say(answer.sentence(out))
