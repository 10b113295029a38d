"""The verb `prepare`: recordings through steps. Knows no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, listed, say, say_json, say_left_out

StepsOption = Annotated[
    list[str], typer.Option("--step", help="A step in order, e.g. bandpass:low_hz=1,high_hz=20; may be repeated.")
]
StationsOption = Annotated[
    Path | None, typer.Option("--stations", help="StationXML; otherwise what lies with the recordings.")
]


def command(
    path: Annotated[Path, typer.Argument(help="A data set, a waveform file or a folder.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder.")],
    step: StepsOption,
    stations: StationsOption = None,
    as_json: AsJson = False,
) -> None:
    """Prepare recordings: detrend, filter, resample, remove the response, integrate, mark defects."""
    from foreshock.outputs import claimed_folder
    from foreshock.road.preparing import Prepared, write_prepared
    from foreshock.road.recordings import station_file
    from foreshock.road.steps import parse_steps

    prepared = Prepared(path, parse_steps(step), station_file(path, stations))
    with claimed_folder(out, keep=()) as folder:
        n = write_prepared(prepared, folder)
    say_left_out(prepared.skipped, prepared.notes)
    if as_json:
        told = {"n": n, "out": str(out), "skipped": listed(prepared.skipped), "notes": listed(prepared.notes)}
        say_json({"schema": "foreshock.prepare/1", **told})
    else:
        say(f"{n} records prepared into {out}, {len(prepared.skipped)} skipped")
