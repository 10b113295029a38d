"""Answers: the one way a verb speaks, to people or to machines. Knows no verb."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from foreshock.errors import ForeshockError

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


def say(text: str) -> None:
    """Write a line for people to the standard output."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Write a line to the standard error, so that `--json` stays pure."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def say_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object; numbers JSON cannot say are refused rather than invented."""
    sys.stdout.write(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False, default=str) + "\n")


def say_table(rows: Sequence[Mapping[str, Any]], *, columns: Sequence[str] | None = None) -> None:
    """Print rows as a plain table with aligned columns."""
    if not rows:
        return
    names = list(columns or rows[0])
    cells = [[_cell(row.get(name)) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[k]) for line in cells)) for k, name in enumerate(names)]
    for line in [names, *cells]:
        say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def say_left_out(skipped: Sequence[tuple[str, str]], notes: Sequence[tuple[str, str]] = ()) -> None:
    """Tell what was left out and what was assumed, a line each, on the standard error."""
    for item, reason in skipped:
        note(f"skipped {item}: {reason}")
    for item, text in notes:
        note(f"note {item}: {text}")


def listed(skipped: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """What was left out, as JSON objects."""
    return [{"item": item, "reason": reason} for item, reason in skipped]


def say_error(error: ForeshockError, *, as_json: bool, aloud: bool = True) -> None:
    """Tell a failure: a sentence for people (where it is not told `aloud` already), the same in parts for machines."""
    if aloud:
        with contextlib.suppress(OSError):  # a standard error that is full or closed must not hide the exit code
            note(f"foreshock: {error}")
    if as_json:
        parts = {"value": error.value, "rule": error.rule, "remedy": error.remedy}
        say_json({"error": {"kind": type(error).__name__, **parts}})
