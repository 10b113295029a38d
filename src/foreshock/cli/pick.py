"""The verb `pick`: P and S on files, folders and data sets. Knows no picker."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, listed, say, say_json, say_left_out
from foreshock.cli.prepare import StationsOption


def command(
    path: Annotated[Path, typer.Argument(help="A data set, a waveform file or a folder.")],
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A CSV file for the picks.")] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "--picker", help="A picker's name or a bundle; default: the network that ships."),
    ] = None,
    stations: StationsOption = None,
    min_probability: Annotated[float, typer.Option(min=0, max=1, help="Leave out picks below.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Pick P and S with time, uncertainty and probability; where there is none, the reason is told."""
    from foreshock.errors import OutputError
    from foreshock.evaluate.pick_tables import pick_row, write_picks
    from foreshock.road.picking import pick_path

    if out is not None and out.exists():
        raise OutputError(f"--out {out}", "it exists", "choose another name or remove it")
    picks = pick_path(path, model, stations=stations, min_probability=min_probability)
    if out is not None:
        write_picks(out, picks)
    say_left_out(picks.skipped, picks.notes)
    if as_json:
        told = {"n": len(picks), "picker": picks.picker, "min_probability": min_probability}
        rows = [pick_row(pick) for pick in picks]
        left_out = {name: listed(getattr(picks, name)) for name in ("reasons", "skipped", "notes")}
        say_json({"schema": "foreshock.pick/1", **told, "out": str(out) if out else None, "picks": rows, **left_out})
    elif out is None:
        say(str(picks))
    else:
        empty = len(picks.reasons)
        say(f"{len(picks)} picks by {picks.picker} written to {out}; {empty} recordings without a pick")
