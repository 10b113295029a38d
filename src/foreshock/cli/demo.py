"""The verb `demo`: the whole road without a network. Knows no stage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json


def command(
    *,
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder.")] = Path("foreshock-demo"),
    seed: Annotated[int, typer.Option(min=0, help="Of records and weights.")] = 0,
    epochs: Annotated[int, typer.Option(min=1, help="At most so many for each network.")] = 12,
    full_rate: Annotated[
        bool, typer.Option("--full-rate", help="Train on 100 Hz instead of 10 Hz; the estimated time is printed.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the unfinished demo in --out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Walk the whole road: synthetic set, CNN, LSTM and rival, scores, report, and a real recording at the end."""
    from foreshock.outputs import claimed_folder
    from foreshock.road.demo import run_demo

    with claimed_folder(out, resume=resume, keep=("**/last.ckpt",)) as folder:
        done = run_demo(folder, seed=seed, epochs=epochs, full_rate=full_rate, resume=resume, tell=note)
    if as_json:
        say_json(done.as_json())
    else:
        for line in done.lines():
            say(line)
        say(f"report: {(out / 'report.html').resolve()}")
