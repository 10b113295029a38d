"""The app: verbs gathered, errors turned into one sentence and an exit code. Knows no stage's inside.

Exit codes: 0 ok, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from foreshock import __version__
from foreshock.cli import collect, demo, doctor, evaluate, features, models, predict, prepare, train
from foreshock.cli.answer import note, say, say_error
from foreshock.errors import ForeshockError

app = typer.Typer(
    name="foreshock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ground motion from sensor to decision: collect → prepare → features → train → predict → evaluate.",
)
app.add_typer(collect.app, name="collect")
app.command("prepare")(prepare.command)
app.command("features")(features.command)
app.command("train")(train.command)
app.command("predict")(predict.command)
app.command("evaluate")(evaluate.command)
app.add_typer(models.app, name="models")
app.command("demo")(demo.command)
app.command("doctor")(doctor.command)


def _version(wanted: bool) -> None:
    if wanted:
        say(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the options that stand before a verb."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    told = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows a question mark, not a crash
    sys.exit(_run(told))


def _run(told: list[str]) -> int:
    try:
        app(args=told, prog_name="foreshock")
    except ForeshockError as error:
        say_error(error, as_json="--json" in told)
        return 1
    except SystemExit as leave:
        return leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    except KeyboardInterrupt:
        note("foreshock: stopped by you; what was finished is kept, and --resume goes on where a verb offers it.")
        return 1
    return 0
