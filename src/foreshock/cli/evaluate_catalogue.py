"""The verb `evaluate` for catalogues: found earthquakes against true ones, as a table, as JSON and as files."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

from foreshock.cli.answer import note, say, say_json, say_left_out, say_table

if TYPE_CHECKING:
    from foreshock.evaluate.bootstrap import Score
    from foreshock.evaluate.events import EventScores


def evaluate_catalogue(
    *,
    events: Path | None,
    truth: Path | None,
    out: Path | None,
    as_json: bool,
    within_s: float | None,
    within_km: float | None,
    seed: int,
) -> None:
    """Score one catalogue, and tell the result."""
    from foreshock.errors import ConfigError
    from foreshock.evaluate.event_matching import WITHIN_KM, WITHIN_S
    from foreshock.outputs import claimed_folder
    from foreshock.road.catalogue_assessment import CatalogueTask, assess_catalogue, write_catalogue_assessment

    if events is None or truth is None:
        lacking = "--events" if events is None else "--truth"
        raise ConfigError(lacking, "--task catalogue needs --events and --truth", "name a run's folder and truth.csv")
    task = CatalogueTask(
        events,
        truth,
        within_s=WITHIN_S if within_s is None else within_s,
        within_km=WITHIN_KM if within_km is None else within_km,
        seed=seed,
    )
    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        assessment = assess_catalogue(task)
        if folder is not None:
            write_catalogue_assessment(assessment, folder)
            note(f"written: {folder}")
    say_left_out(assessment.skipped)
    if as_json:
        say_json(assessment.as_json())
    else:
        _say(assessment.scores)


def _say(scores: EventScores) -> None:
    rule = scores.rule
    say(
        f"{scores.n_found} found, {scores.n_truth} true, {len(scores.pairs)} matched within {rule['within_s']:g} s and "
        f"{rule['within_km']:g} km, 95 % intervals over earthquakes"
    )
    say_table([{"measure": name, **_cells(score)} for name, score in scores.measures.items()])
    for what, groups in scores.recall_by.items():
        say(f"recall by {what}")
        say_table([{what: name, **_cells(score)} for name, score in groups.items()])
    for kind, held in scores.magnitudes.items():
        say(f"{kind} minus true magnitude")
        said = {name: held[name] for name in ("bias", "median", "mae")} | held["by_magnitude"]
        say_table([{"of": name, **_cells(score)} for name, score in said.items()])
    if scores.by_quality:
        say("by quality")
        say_table(
            [{"class": q, **{name: _text(s) for name, s in held.items()}} for q, held in scores.by_quality.items()]
        )
    for warning in scores.warnings:
        note(f"note: {warning}")


def _cells(score: Score) -> dict[str, str]:
    return {"value": _text(score), "n": str(score.n)}


def _text(score: Score) -> str:
    if not math.isfinite(score.value):
        return "–"
    reach = f" [{score.low:.3f}, {score.high:.3f}]" if math.isfinite(score.low) else ""
    return f"{score.value:.3f}{reach}"
