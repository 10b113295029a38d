"""The app: verbs gathered, errors turned into one sentence and an exit code. Knows no stage's inside.

Exit codes: 0 ok, 1 failed, 2 wrong usage. A defect of Foreshock is one sentence too; where FORESHOCK_TRACEBACK is set,
Python tells the rest.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, TextIO

import typer

from foreshock import __version__
from foreshock.cli import (
    collect,
    demo,
    doctor,
    evaluate,
    features,
    models,
    pick,
    predict,
    prepare,
    relay,
    report,
    stages,
    train,
    warn,
)
from foreshock.cli.answer import say, say_error
from foreshock.errors import ConfigError, ForeshockError, InputError, OutputError, StateError

STOPPED = 130
"""The exit code by which the parser tells of Ctrl-C."""

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
app.command("pick")(pick.command)
app.command("associate")(stages.associate)
app.command("locate")(stages.locate)
app.command("magnitude")(stages.magnitude)
app.command("report")(report.command)
app.command("evaluate")(evaluate.command)
app.command("relay")(relay.command)
app.command("warn")(warn.command)
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
    _ready_streams()
    with _stoppable(), warnings.catch_warnings():
        for of_programmers in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
            warnings.simplefilter("ignore", of_programmers)  # of libraries; nobody at a terminal can heed them
        code = _run(told)
    try:
        sys.stderr.flush()
    except OSError:  # nobody hears the sentence; the exit code still tells
        _give_up(sys.stderr)
    sys.exit(code)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let SIGTERM stop a verb as Ctrl-C does, so that nothing half-written stays."""
    before = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or before is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _ready_streams() -> None:
    """Give closed streams a place to go, and show a question mark where a terminal has no Unicode."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _run(told: list[str]) -> int:
    try:
        code = _asked(told)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader (`| head`) has seen enough
        _give_up(sys.stdout)
        return 1
    except OSError as error:
        _give_up(sys.stdout)
        return _failed(_unwritten(error), told)


def _give_up(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that Python does not try and fail again when it ends."""
    with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


def _asked(told: list[str]) -> int:
    try:
        app(args=told, prog_name="foreshock")
    except SystemExit as leave:
        return _left(leave, told)
    except KeyboardInterrupt:
        return _failed(_stopped(told), told)
    except ForeshockError as error:
        return _failed(error, told)
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            raise  # a stream
        if os.environ.get("FORESHOCK_TRACEBACK"):
            raise
        return _failed(_unforeseen(error), told)
    return 0


def _left(leave: SystemExit, told: list[str]) -> int:
    """The exit code of a verb or of the parser, which says by itself what is wrong with the words it was given."""
    code = leave.code if isinstance(leave.code, int) else int(leave.code is not None)
    if code == STOPPED:
        return _failed(_stopped(told), told)
    if code == 2 and "--json" in told:
        wrong = ConfigError(f"foreshock {' '.join(told)}", "these words are no command", "see: foreshock --help")
        say_error(wrong, as_json=True, aloud=False)
    return code


def _failed(error: ForeshockError, told: list[str]) -> int:
    say_error(error, as_json="--json" in told)
    return 1


def _stopped(told: list[str]) -> ForeshockError:
    return StateError(
        f"foreshock {told[0] if told else ''}".strip(),
        "it was stopped from outside",
        "run it again, with --resume where the verb offers it",
    )


def _unwritten(error: OSError) -> ForeshockError:
    reason = error.strerror or str(error)
    return OutputError(
        "the standard output or a file", f"it cannot be written ({reason})", "free space or send it elsewhere"
    )


def _unforeseen(error: Exception) -> ForeshockError:
    """Put what nobody foresaw into words."""
    text = " ".join(str(error).split())[:300].rstrip(".")
    if isinstance(error, OSError):
        return InputError(str(error.filename), f"the system refused it ({error.strerror})", "check the path")
    if isinstance(error, MemoryError):
        return StateError("the memory", f"it is too small for this ({text or 'out of memory'})", "give less at a time")
    return StateError(
        f"{type(error).__name__} {text}".strip(),
        "this is a defect of Foreshock",
        "report it with what FORESHOCK_TRACEBACK=1 shows",
    )
