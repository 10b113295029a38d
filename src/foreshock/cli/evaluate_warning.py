"""The verb `evaluate` for warnings: runs of an engine against the truth, beside rivals. Knows no measure."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from foreshock.cli.answer import note, say, say_json, say_table

if TYPE_CHECKING:
    from foreshock.evaluate.warning.measure import Measure
    from foreshock.evaluate.warning.scores import WarningScores


def evaluate_warning(
    *,
    runs: tuple[Path, ...],
    truth: Path | None,
    rivals: Sequence[str],
    out: Path | None,
    as_json: bool,
    within_s: float | None,
    within_km: float | None,
    site_threshold: float | None,
    seed: int,
) -> None:
    """Score runs of warnings, and tell the result."""
    from foreshock.errors import ConfigError
    from foreshock.evaluate.warning.matching import DECLARED
    from foreshock.outputs import claimed_folder
    from foreshock.road.warning_assessment import WarningTask, assess_warnings, write_warning_assessment

    if not runs:
        raise ConfigError("RUNS", "--task warning needs folders of runs", "name what foreshock warn wrote")
    task = WarningTask(
        runs,
        truth,
        _named(rivals),
        within_s=DECLARED.within_s if within_s is None else within_s,
        within_km=DECLARED.within_km if within_km is None else within_km,
        site_threshold=site_threshold,
        seed=seed,
    )
    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        assessment = assess_warnings(task)
        if folder is not None:
            note(f"report: {write_warning_assessment(assessment, folder)}")
    if as_json:
        say_json(assessment.as_json())
    else:
        _say(assessment.scores)


def _named(rivals: Sequence[str]) -> dict[str, Path]:
    """Rivals by name.

    Raises:
        ConfigError: one has no name, or two share one.
    """
    from foreshock.errors import ConfigError

    found: dict[str, Path] = {}
    for text in rivals:
        name, equals, folder = text.partition("=")
        if not (name.strip() and equals and folder) or name in found:
            raise ConfigError(f"--rival {text!r}", "it is NAME=DIR, each name once", "write --rival plum=runs/plum")
        found[name] = Path(folder)
    return found


def _say(scores: WarningScores) -> None:
    counts = scores.counts
    say(scores.statement)
    say(f"{counts['n_runs']} runs, {counts['n_true']} true events, {counts['n_warned']} warned, intervals over events")
    say_table([dict(rule) for rule in scores.ours.rules])
    rows = []
    for name, measure in scores.ours.measures.items():
        if measure:
            others = {who: text(scores.rivals[who].measures[name]) for who in scores.rivals}
            apart = {f"ours-{who}": text(scores.differences[who].get(name)) for who in scores.rivals}
            rows.append({"measure": name, "ours": text(measure), "n": counted(measure), **others, **apart})
    say_table(rows)
    _say_groups(scores.ours.adversaries, "adversaries that were warned of, by kind")
    for sentence in scores.warnings:
        note(f"note: {sentence}")


def _say_groups(told: Mapping[str, Measure], head: str) -> None:
    if told:
        say(head)
        say_table([{"kind": name, "share": text(one), "n": str(one.n)} for name, one in told.items()])


def counted(measure: Measure) -> str:
    """What it rests on: rows, or how often in how much."""
    return str(measure.n) if measure.exposure is None else f"{measure.n} in {measure.exposure:.3g}"


def text(measure: Measure | None) -> str:
    """A measure with its interval; of nothing at all, the bound instead."""
    if measure is None or not math.isfinite(measure.value):
        return "–"
    if measure.upper is not None:
        return f"0 (< {measure.upper:.3g})"
    reach = f" [{measure.low:.3g}, {measure.high:.3g}]" if math.isfinite(measure.low) else ""
    return f"{measure.value:.3g}{reach}"
