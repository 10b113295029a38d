"""The verbs `associate`, `locate` and `magnitude`: the catalogue's stages one by one. Knows no stage's inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json
from foreshock.errors import ConfigError

if TYPE_CHECKING:
    from foreshock.predict.associate import AssociateSettings
    from foreshock.road.catalogue.stages import Staged

StationsNeeded = Annotated[Path, typer.Option("--stations", help="StationXML, CSV, or a folder of StationXML.")]
OutFolder = Annotated[Path, typer.Option("--out", help="A new or empty folder.")]
VelocityModel = Annotated[
    str, typer.Option(help="iasp91_crust, southern_california, iasp91, ak135, or a CSV file of layers.")
]
Catalog = Annotated[Path, typer.Argument(help="A QuakeML file with picks and arrivals.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option("--settings", help="TOML with tables [associate], [locate], [mechanism], [magnitude]; flags win."),
]


def associate(
    picks: Annotated[Path | None, typer.Argument(help="A table of picks, as `pick` and `predict` write it.")] = None,
    *,
    stations: StationsNeeded,
    out: Annotated[Path | None, typer.Option("--out", help="A new or empty folder.")] = None,
    velocity_model: VelocityModel = "iasp91_crust",
    settings: SettingsFile = None,
    false_per_day: Annotated[
        float | None, typer.Option(min=1e-6, help="False events that chance may make a day; default: 0.1.")
    ] = None,
    min_picks: Annotated[int | None, typer.Option(min=4, help="Fewer picks make no event; default: 5.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Write unused_picks.csv: of every pick left over, why it is.")
    ] = False,
    self_test: Annotated[
        bool, typer.Option("--self-test", help="Take no picks: draw a day of earthquakes on these stations and try.")
    ] = False,
    events: Annotated[int, typer.Option(min=1, max=20_000, help="Self-test: earthquakes in the drawn day.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Self-test: of the drawing.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Find the earthquakes among picks; or try how well these stations would find any."""
    from foreshock.road.catalogue.recipe import stage_settings
    from foreshock.road.catalogue.stages import associate_picks

    flags = {"false_per_day": false_per_day, "min_picks": min_picks}
    told = stage_settings(settings, associate=flags).associate
    if self_test:
        _try(picks, stations, velocity_model, told, events=events, seed=seed, as_json=as_json)
        return
    if picks is None or out is None:
        raise ConfigError(
            "PICKS and --out", "both are needed but for a self-test", "name a table of picks and a folder"
        )
    done = associate_picks(
        picks, stations=stations, out=out, velocity_model=velocity_model, settings=told, explain=explain
    )
    if explain:
        _count_reasons(done)
    _tell(done, as_json=as_json)


def _try(
    picks: Path | None,
    stations: Path,
    velocity_model: str,
    settings: AssociateSettings | None,
    *,
    events: int,
    seed: int,
    as_json: bool,
) -> None:
    from foreshock.road.catalogue.trying import try_association

    if picks is not None:
        raise ConfigError(f"picks {picks}", "a self-test draws its own", "leave them out, or leave out --self-test")
    tried = try_association(stations, velocity_model=velocity_model, settings=settings, events=events, seed=seed)
    if as_json:
        say_json(tried.as_json())
    else:
        say(tried.sentence())


def _count_reasons(done: Staged) -> None:
    """How often each reason is, the commonest first."""
    from foreshock.evaluate.report.catalogue.reasons import kinds

    for kind in kinds([(str(one), one.reason) for one in done.unused]):
        note(f"{kind.n} × {kind.pattern} (such as {kind.item})")


def _tell(done: Staged, *, as_json: bool) -> None:
    if as_json:
        say_json(done.as_json())
    else:
        say(done.sentence())


def locate(
    catalog: Catalog,
    *,
    stations: StationsNeeded,
    out: OutFolder,
    velocity_model: VelocityModel = "iasp91_crust",
    settings: SettingsFile = None,
    fixed_depth_km: Annotated[float | None, typer.Option(help="Do not seek the depth; it is this.")] = None,
    deepest_km: Annotated[
        float | None, typer.Option(min=1, max=700, help="Depths are sought down to here; default: 50.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Locate the earthquakes of a catalogue anew, from their arrivals, and find their mechanisms."""
    from foreshock.road.catalogue.recipe import stage_settings
    from foreshock.road.catalogue.stages import locate_catalog

    told = stage_settings(settings, locate={"fixed_depth_km": fixed_depth_km, "deepest_km": deepest_km})
    done = locate_catalog(
        catalog,
        stations=stations,
        out=out,
        velocity_model=velocity_model,
        settings=told.locate,
        motions=told.mechanism,
    )
    _tell(done, as_json=as_json)


def magnitude(
    catalog: Catalog,
    archive: Annotated[list[str], typer.Argument(help="The recordings: folders, an SDS, files, or @FILE with a list.")],
    *,
    stations: StationsNeeded,
    out: OutFolder,
    velocity_model: VelocityModel = "iasp91_crust",
    settings: SettingsFile = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="ML, Mw or M, the preferred one first; repeatable; default: ML, Mw.")
    ] = None,
    curve: Annotated[str | None, typer.Option(help="Attenuation curve of ML; default: the region's.")] = None,
    fewest: Annotated[int | None, typer.Option(min=1, help="Stations that a magnitude needs; default: 3.")] = None,
    as_json: AsJson = False,
) -> None:
    """Size the earthquakes of a catalogue from their recordings."""
    from foreshock.road.catalogue.recipe import stage_settings
    from foreshock.road.catalogue.stages import size_catalog

    local = None if curve is None else {"curve": curve}
    told = stage_settings(settings, magnitude={"kinds": kind, "local": local, "fewest": fewest}).magnitudes
    done = size_catalog(catalog, archive, stations=stations, out=out, velocity_model=velocity_model, settings=told)
    _tell(done, as_json=as_json)
