"""The verbs `associate`, `locate` and `magnitude`: the catalogue's stages one by one. Knows no stage's inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json

StationsNeeded = Annotated[Path, typer.Option("--stations", help="StationXML, CSV, or a folder of StationXML.")]
OutFolder = Annotated[Path, typer.Option("--out", help="A new or empty folder.")]
VelocityModel = Annotated[
    str, typer.Option(help="iasp91_crust, southern_california, iasp91, ak135, or a CSV file of layers.")
]
Catalog = Annotated[Path, typer.Argument(help="A QuakeML file with picks and arrivals.")]


def associate(
    picks: Annotated[Path, typer.Argument(help="A table of picks, as `pick` and `predict` write it.")],
    *,
    stations: StationsNeeded,
    out: OutFolder,
    velocity_model: VelocityModel = "iasp91_crust",
    false_per_day: Annotated[float, typer.Option(min=1e-6, help="False events that chance may make a day.")] = 0.1,
    min_picks: Annotated[int, typer.Option(min=4, help="Fewer picks make no event.")] = 5,
    explain: Annotated[bool, typer.Option("--explain", help="Say of every pick left over why it is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Find the earthquakes among picks."""
    from foreshock.config import settings_from
    from foreshock.predict.associate import AssociateSettings
    from foreshock.road.catalogue.stages import associate_picks

    told = {"false_per_day": false_per_day, "min_picks": min_picks}
    settings = settings_from(AssociateSettings, told, where="the command line")
    done = associate_picks(picks, stations=stations, out=out, velocity_model=velocity_model, settings=settings)
    if explain:
        for item, reason in done.skipped:
            note(f"{item}: {reason}")
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
    fixed_depth_km: Annotated[float | None, typer.Option(help="Do not seek the depth; it is this.")] = None,
    deepest_km: Annotated[float, typer.Option(min=1, max=700, help="Depths are sought down to here.")] = 50.0,
    as_json: AsJson = False,
) -> None:
    """Locate the earthquakes of a catalogue anew, from their arrivals."""
    from foreshock.config import settings_from
    from foreshock.predict.locate.settings import LocateSettings
    from foreshock.road.catalogue.stages import locate_catalog

    told = {"fixed_depth_km": fixed_depth_km, "deepest_km": deepest_km}
    settings = settings_from(LocateSettings, told, where="the command line")
    done = locate_catalog(catalog, stations=stations, out=out, velocity_model=velocity_model, settings=settings)
    if as_json:
        say_json(done.as_json())
    else:
        say(done.sentence())


def magnitude(
    catalog: Catalog,
    archive: Annotated[
        list[str], typer.Argument(help="The recordings: folders, an SDS, files, @FILE that lists them.")
    ],
    *,
    stations: StationsNeeded,
    out: OutFolder,
    velocity_model: VelocityModel = "iasp91_crust",
    kind: Annotated[list[str] | None, typer.Option(help="ML or Mw, the preferred one first; repeatable.")] = None,
    curve: Annotated[str | None, typer.Option(help="Attenuation curve of ML; default: the region's.")] = None,
    fewest: Annotated[int, typer.Option(min=1, help="Stations that a magnitude needs.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Size the earthquakes of a catalogue from their recordings."""
    from foreshock.config import settings_from
    from foreshock.predict.magnitude import MagnitudeSettings
    from foreshock.road.catalogue.stages import size_catalog

    told = {"kinds": kind or ["ML", "Mw"], "local": {"curve": curve}, "fewest": fewest}
    settings = settings_from(MagnitudeSettings, told, where="the command line")
    done = size_catalog(catalog, archive, stations=stations, out=out, velocity_model=velocity_model, settings=settings)
    if as_json:
        say_json(done.as_json())
    else:
        say(done.sentence())
