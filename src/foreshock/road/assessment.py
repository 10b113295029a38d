"""Assessment: a bundle and its rivals asked about data, scored, and written down as a report. Knows no command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock import __version__
from foreshock.bundle import Bundle, Card, find_bundle, read_bundle
from foreshock.errors import ConfigError
from foreshock.evaluate.report import Report, write_report
from foreshock.evaluate.scores import Scores, score_all
from foreshock.evaluate.tables import write_predictions
from foreshock.predict.probability import preparation_of
from foreshock.road.experiment import predict_all, rivals_of
from foreshock.road.gathering import check_kind, gather_recordings, table_rows
from foreshock.road.problems import problem
from foreshock.road.recordings import fingerprints
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions


@dataclass(frozen=True, eq=False)
class Assessment:
    """What a bundle and its rivals said about data, and their scores."""

    bundle: Bundle
    ours: Predictions
    rivals: Mapping[str, Predictions]
    scores: Scores
    split: str | None
    skipped: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        return self.scores.as_json() | {"split": self.split, "notes": list(self.notes)}


LIMITS = (
    "Scores hold for stations, regions and sizes like those scored here; elsewhere they can be worse. Measure there.",
)


def history_of(card: Card) -> list[dict[str, Any]]:
    """The rows of a training, without its cost in time."""
    return [{name: value for name, value in row.items() if name != "cpu_s"} for row in card.training.history]


def versions() -> dict[str, str]:
    """Versions of what computes the numbers."""
    import numpy
    import scipy

    from foreshock.bundle.onnx_runtime import onnxruntime

    return {
        "foreshock": __version__,
        "numpy": numpy.__version__,
        "onnxruntime": onnxruntime.__version__,
        "scipy": scipy.__version__,
    }


def assess(
    model: Path,
    *,
    data: Sequence[Path] = (),
    table: Path | None = None,
    split: str = "test",
    device: str = "auto",
    seed: int = 0,
) -> Assessment:
    """Ask a bundle and its rivals about a split of recordings or of a table, and score them.

    Raises:
        ConfigError: neither or both of `data` and `table` are given.
        BundleError, NothingMatchedError, InputError: the model or the data cannot be used.
    """
    if bool(data) == (table is not None):
        raise ConfigError(
            f"--data {[str(p) for p in data]} and --table {table}", "exactly one must be given", "name one of the two"
        )
    bundle = read_bundle(find_bundle(model))
    check_kind(bundle.card, table=table is not None)
    if table is not None:
        examples = table_rows(table, bundle.card, split)
        return assess_examples(bundle, examples, split=split, device=device, seed=seed, inputs=fingerprints([table]))
    gathered = gather_recordings(
        data,
        problem(bundle.card.problem),
        preparation_of(bundle.card),
        splits=(split,),
        classes=bundle.card.classes or None,
    )
    return assess_examples(
        bundle,
        gathered.splits[split],
        split=split,
        device=device,
        seed=seed,
        skipped=gathered.skipped,
        notes=gathered.notes,
        inputs=gathered.inputs,
    )


def assess_examples(
    bundle: Bundle,
    examples: Examples,
    *,
    split: str | None,
    device: str = "auto",
    seed: int = 0,
    skipped: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
    inputs: Mapping[str, str] | None = None,
) -> Assessment:
    """Ask a bundle and its rivals about examples, and score them."""
    ours, rivals = predict_all(bundle, rivals_of(bundle), examples, device=device)
    told = {"model": bundle.sha256, **(inputs or {})}
    scores = score_all(ours, rivals, seed=seed, skipped=skipped, inputs=told, versions=versions())
    return Assessment(bundle, ours, rivals, scores, split, skipped, notes, told)


def write_assessment(assessment: Assessment, folder: Path, *, lang: str = "en") -> list[Path]:
    """Write report.html, metrics.json, the pictures and every predictor's table into a folder."""
    card = assessment.bundle.card
    report = Report(
        title=f"{card.name} on {assessment.split or 'given'} examples",
        task=card.task,
        question=problem(card.problem).sentence,
        target=card.target_name or "value",
        ours=assessment.ours,
        ours_name=card.model,
        rivals={name: (said, dict(card.rivals.get(name, {}))) for name, said in assessment.rivals.items()},
        settings=dict(card.training.settings) | {"preparation": dict(card.preparation)},
        splits={name: {"examples": n} for name, n in card.training.split_sizes.items()}
        | {f"{assessment.split or 'given'} (scored here)": {"examples": assessment.scores.n}},
        history=history_of(card),
        skipped=list(assessment.skipped),
        inputs=dict(assessment.inputs),
        versions=versions(),
        limits=LIMITS,
        lang=lang,
    )
    written = write_report(folder, report)
    write_predictions(folder / "predictions.csv", assessment.ours)
    return [*written, folder / "predictions.csv"]
