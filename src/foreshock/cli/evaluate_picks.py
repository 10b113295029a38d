"""The verb `evaluate` for pickers: their scores on labelled records, as a table, as JSON and as a report."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreshock.cli.answer import note, say, say_json, say_table

if TYPE_CHECKING:
    from foreshock.evaluate.bootstrap import Score
    from foreshock.road.pick_assessment import PickAssessment


def evaluate_picks(
    *,
    data: Sequence[Path],
    table: Path | None,
    out: Path | None,
    as_json: bool,
    quiet_from: str | None,
    quiet_to: str | None,
    **told: Any,
) -> None:
    """Score pickers on one data set, and tell the result."""
    from foreshock.clock import utc_ns
    from foreshock.errors import ConfigError
    from foreshock.outputs import claimed_folder
    from foreshock.road.pick_assessment import PickTask, assess_picks, write_pick_assessment

    if table is not None or len(data) != 1:
        raise ConfigError(
            f"--task picks with {len(data)} --data", "it needs exactly one data set and no table", "name one folder"
        )
    from_ns, to_ns = (None if text is None else utc_ns(text) for text in (quiet_from, quiet_to))
    task = PickTask(data[0], quiet_from_ns=from_ns, quiet_to_ns=to_ns, **told)
    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        assessment = assess_picks(task)
        if folder is not None:
            write_pick_assessment(assessment, folder)
            note(f"report: {folder / 'report.html'}")
    if as_json:
        say_json(assessment.as_json())
    else:
        _say(assessment)


def _say(assessment: PickAssessment) -> None:
    scores, task = assessment.scores, assessment.task
    say(
        f"{scores.n_traces} records of {scores.n_events} events, {scores.n_p} P, {scores.n_s} S, split {task.split}, "
        f"threshold {task.threshold:g}, 95 % intervals over events"
    )
    _say_scores({name: said.scores for name, said in scores.pickers.items()})
    if assessment.false_picks:
        say("picks per station-hour")
        _say_scores(assessment.false_picks)
    if assessment.stability:
        say("window shifts")
        _say_scores(assessment.stability)
    for name, said in scores.pickers.items():
        for grouped in said.groups:
            if grouped.worst is not None:
                how = "clearly worse than all" if grouped.clearly else "within what chance allows"
                say(f"{name}: worst {grouped.column} by F1 is {grouped.worst}, {how}")
    for warning in scores.warnings:
        note(f"note: {warning}")
    for item, text in assessment.notes:
        note(f"note {item}: {text}")
    if assessment.skipped:
        note(f"{len(assessment.skipped)} records left out; --json or --out lists them with their reasons")


def _say_scores(pickers: Mapping[str, Mapping[str, Score]]) -> None:
    measures = next(iter(pickers.values()))
    rows = [{"measure": m, **{name: _text(held[m]) for name, held in pickers.items()}} for m in measures]
    say_table(rows)


def _text(score: Score) -> str:
    if not math.isfinite(score.value):
        return "not defined"
    reach = f" [{score.low:.3f}, {score.high:.3f}]" if math.isfinite(score.low) else ""
    return f"{score.value:.3f}{reach} n={score.n}"
