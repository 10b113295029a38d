"""The verb `evaluate`: a bundle and its rivals scored on data. Knows no network."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json, say_table
from foreshock.cli.train import DataOption, TableOption

ModelOption = Annotated[Path, typer.Option("--model", help="A bundle or a run folder.")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu or cuda.")]


def command(
    *,
    model: ModelOption,
    data: DataOption = None,
    table: TableOption = None,
    split: Annotated[str, typer.Option(help="train, dev, test, or all.")] = "test",
    out: Annotated[Path | None, typer.Option("--out", help="A folder for report.html, metrics.json, pictures.")] = None,
    device: DeviceOption = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Score a bundle beside its rivals, with intervals over events, by group, and write a report."""
    from foreshock.outputs import claimed_folder
    from foreshock.road.assessment import assess, write_assessment

    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        assessment = assess(model, data=tuple(data or ()), table=table, split=split, device=device, seed=seed)
        if folder is not None:
            write_assessment(assessment, folder)
            note(f"report: {folder / 'report.html'}")
    if as_json:
        say_json(assessment.as_json())
        return
    scores = assessment.scores
    said = {"ours": scores.ours, **scores.rivals}
    rows = [
        {"metric": metric.name, **{who: _with_interval(held[metric.name]) for who, held in said.items()}}
        for metric in scores.metrics
    ]
    say(f"{scores.n} examples of {scores.n_events} events, split {split}, 95 % intervals over events")
    say_table(rows)
    for warning in scores.warnings:
        note(f"note: {warning}")
    if assessment.skipped:
        note(f"{len(assessment.skipped)} records left out; --json or --out lists them with their reasons")


def _with_interval(score: object) -> str:
    value, low, high = (getattr(score, name) for name in ("value", "low", "high"))
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"
