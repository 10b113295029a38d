"""The verb `features`: recordings to a table of amplitudes, frequencies and periods. Knows no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, listed, say, say_json, say_left_out, say_table
from foreshock.cli.prepare import StationsOption


def command(
    path: Annotated[Path | None, typer.Argument(help="A data set, a waveform file or a folder.")] = None,
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A CSV file.")] = None,
    stations: StationsOption = None,
    step: Annotated[
        list[str] | None,
        typer.Option("--step", help="A step before measuring; default highpass:low_hz=0.1 (none: --step '')."),
    ] = None,
    feature: Annotated[list[str] | None, typer.Option("--feature", help="Only these; may be repeated.")] = None,
    list_them: Annotated[bool, typer.Option("--list", help="List the features with unit and source.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure recordings: PGA, PGV, frequencies, periods, durations, polarisation and many more, a row a record."""
    if list_them or path is None:
        _list(as_json=as_json)
        return
    from foreshock.errors import OutputError
    from foreshock.road.measuring import measure, write_table
    from foreshock.road.recordings import station_file
    from foreshock.road.steps import parse_steps

    if out is not None and out.exists():
        raise OutputError(f"--out {out}", "it exists", "choose another name or remove it")
    told = ["highpass:low_hz=0.1"] if step is None else [text for text in step if text]
    measured = measure(path, steps=parse_steps(told), stations=station_file(path, stations), names=feature)
    say_left_out(measured.skipped, measured.notes)
    if out is not None:
        write_table(out, measured.table)
    if as_json:
        rows = measured.table.astype(object).where(measured.table.notna(), None).to_dict("records")
        left_out = {"skipped": listed(measured.skipped), "notes": listed(measured.notes)}
        say_json({"schema": "foreshock.features/1", "n": len(rows), "steps": told, "rows": rows, **left_out})
    elif out is None:
        say(measured.table.to_csv(index=False, float_format="%.6g"))
    else:
        say(f"{len(measured.table)} rows of {measured.table.shape[1]} columns written to {out} (steps: {told})")


def _list(*, as_json: bool) -> None:
    from foreshock.features import catalogue

    rows = [
        {"name": one.name, "unit": one.unit, "group": one.group, "sentence": one.sentence, "source": one.source}
        for one in catalogue()
    ]
    if as_json:
        say_json({"schema": "foreshock.feature_list/1", "n": len(rows), "features": rows})
    else:
        say_table(rows)
