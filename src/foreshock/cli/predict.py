"""The verb `predict`: a bundle asked about recordings, records of a data set or rows of a table. Knows no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, say, say_json, say_left_out
from foreshock.cli.evaluate import DeviceOption, ModelOption
from foreshock.cli.prepare import StationsOption
from foreshock.cli.train import TableOption


def command(
    path: Annotated[Path | None, typer.Argument(help="A data set, a waveform file or a folder.")] = None,
    *,
    model: ModelOption,
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder.")],
    table: TableOption = None,
    stations: StationsOption = None,
    hop_s: Annotated[float, typer.Option(help="Seconds between windows on continuous recordings.")] = 1.0,
    device: DeviceOption = "auto",
    as_json: AsJson = False,
) -> None:
    """Ask a trained bundle: a row a record or a row of a table; probabilities along time on recordings."""
    from foreshock.outputs import claimed_folder
    from foreshock.road.asking import ask

    with claimed_folder(out, keep=()) as folder:
        answer = ask(model, path=path, table=table, folder=folder, stations=stations, hop_s=hop_s, device=device)
    say_left_out(answer.skipped, answer.notes)
    if as_json:
        say_json(answer.as_json())
    else:
        say(answer.sentence(out))
