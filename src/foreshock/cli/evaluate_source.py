"""The verb `evaluate` for sources: magnitude, distance and direction beside rivals, as a table, JSON and a report."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreshock.cli.answer import note, say, say_json, say_table

if TYPE_CHECKING:
    from foreshock.evaluate.bootstrap import Score
    from foreshock.road.source_assessment import SourceAssessment


def evaluate_source(*, data: Sequence[Path], table: Path | None, out: Path | None, as_json: bool, **told: Any) -> None:
    """Score a source bundle on one data set, and tell the result."""
    from foreshock.errors import ConfigError
    from foreshock.outputs import claimed_folder
    from foreshock.road.source_assessment import SourceTask, assess_sources, write_source_assessment

    if table is not None or len(data) != 1:
        raise ConfigError(
            f"--task source with {len(data)} --data", "it needs exactly one data set and no table", "name one folder"
        )
    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        assessment = assess_sources(SourceTask(data[0], **told))
        if folder is not None:
            write_source_assessment(assessment, folder)
            note(f"report: {folder / 'report.html'}")
    if as_json:
        say_json(assessment.as_json())
    else:
        _say(assessment)


def _say(assessment: SourceAssessment) -> None:
    scores = assessment.scores
    last = max(scores.elapsed_s)
    say(
        f"{scores.n_records} records of {scores.n_events} events, split {assessment.task.split}, {last:g} s after P, "
        "95 % intervals over events"
    )
    measures = scores.predictors[scores.ours][last]
    say_table(
        [
            {"measure": m, **{name: _text(held.get(last, {}).get(m)) for name, held in scores.predictors.items()}}
            for m in measures
        ]
    )
    say("the rival's error minus ours: above zero, ours is better")
    gained = next(iter(scores.gains.values()), {}).get(last, {})
    say_table(
        [
            {"measure": m, **{name: _text(held.get(last, {}).get(m)) for name, held in scores.gains.items()}}
            for m in gained
        ]
    )
    say("as time passes")
    say_table(
        [
            {"after P": f"{t:g} s", **{m: _text(held[m]) for m in ("magnitude_mae", "magnitude_coverage_90")}}
            | {m: _text(held[m]) for m in ("distance_median_relative_error", "azimuth_median_error_deg")}
            for t, held in scores.predictors[scores.ours].items()
        ]
    )
    for warning in scores.warnings:
        note(f"note: {warning}")
    if assessment.skipped:
        note(f"{len(assessment.skipped)} records left out; --json or --out lists them with their reasons")


def _text(score: Score | None) -> str:
    if score is None or not math.isfinite(score.value):
        return "–"
    reach = f" [{score.low:.3f}, {score.high:.3f}]" if math.isfinite(score.low) else ""
    return f"{score.value:.3f}{reach}"
