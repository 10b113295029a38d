"""Gathering: recordings or a table to the examples of each split, with what was left out. Knows no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from foreshock.bundle import Card
from foreshock.collect.datasets.split import check_split_name
from foreshock.collect.table import read_table
from foreshock.errors import ConfigError, NothingMatchedError
from foreshock.prepare.labels import examples_from
from foreshock.prepare.placing import Task
from foreshock.prepare.preparation import Preparation
from foreshock.road.problems import Problem
from foreshock.road.recordings import Recordings, fingerprints
from foreshock.road.tables import scaling_from, scaling_of, split_rows, table_examples
from foreshock.types.examples import Examples
from foreshock.types.record import SPLITS

ALL = "all"
"""In place of a split: every record, whatever side it stands on."""


@dataclass(frozen=True, eq=False)
class Gathered:
    """Examples by split, and how they came to be.

    Attributes:
        splits: examples by the name of their split.
        preparation: plain values from which the same examples can be made again.
        skipped: (name, reason) of every record left out, by split.
        notes: sentences about shape, scaling and split, for people.
        data: one entry a data set, for a bundle's card.
        inputs: SHA-256 of every file read.
        columns: names of a table's columns.
    """

    splits: Mapping[str, Examples]
    preparation: Mapping[str, Any]
    skipped: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    data: Sequence[Mapping[str, Any]] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def gather_recordings(
    paths: Sequence[Path],
    problem: Problem,
    preparation: Preparation,
    *,
    splits: Sequence[str] = SPLITS,
    classes: tuple[str, ...] | None = None,
    seed: int = 0,
) -> Gathered:
    """Cut the examples of each asked split out of recordings.

    Raises:
        NothingMatchedError: a split gives no example; the commonest reason is told.
        LabelError: labels or splits cannot be used.
    """
    recordings = Recordings(paths)
    examples: dict[str, Examples] = {}
    skipped: list[tuple[str, str]] = []
    notes: list[str] = []
    known = classes or problem.classes
    task = cast(Task, problem.name)
    for split in splits:
        given, left_out = examples_from(
            recordings.records(None if split == ALL else split),
            preparation,
            task=task,
            classes=known,
            seed=seed,
        )
        skipped += [*left_out, *recordings.skipped]
        notes += [f"{name}: {note}" for name, note in recordings.notes]
        if not len(given):
            raise _empty(split, paths, left_out)
        examples[split] = given
        known = known or given.classes or None
    hashes = fingerprints(paths)
    return Gathered(
        examples,
        preparation.model_dump(mode="json"),
        skipped=skipped,
        notes=[*dict.fromkeys(notes), *(_sentence(split, one) for split, one in examples.items())],
        data=[{"name": path.resolve().name, "n_records": _records_of(path, paths, examples)} for path in paths],
        inputs=hashes,
    )


def _records_of(path: Path, paths: Sequence[Path], examples: Mapping[str, Examples]) -> int:
    """How many records of a path stand among the examples (two windows of one record count once)."""
    prefix = f"{path.resolve().name}/" if len(paths) > 1 else ""
    names = {str(name).removesuffix("/noise") for one in examples.values() for name in one.table["trace_id"]}
    return sum(name.startswith(prefix) for name in names)


def _empty(split: str, paths: Sequence[Path], left_out: Sequence[tuple[str, str]]) -> NothingMatchedError:
    what = ", ".join(str(path) for path in paths)
    reasons = [reason for _, reason in left_out]
    common = max(set(reasons), key=reasons.count) if reasons else "no record is of that split"
    return NothingMatchedError(
        f"split {split!r} of {what}", f"it gives no example ({common})", "look with: foreshock collect check PATH"
    )


def _sentence(split: str, examples: Examples) -> str:
    n, channels, samples = examples.x.shape
    events = examples.table["event_id"].nunique()
    text = f"{split}: {n} examples of {events} events, "
    text += f"{channels} channels × {samples} samples at {examples.rate_hz:g} Hz"
    if examples.classes and examples.y is not None:
        counts = ", ".join(f"{name} {int((examples.y == k).sum())}" for k, name in enumerate(examples.classes))
        text += f" ({counts})"
    return text


def gather_table(path: Path, *, seed: int = 0) -> Gathered:
    """Make the examples of train, dev and test from a CSV table; says what was done about shape, scaling and split."""
    table = read_table(path)
    rows = split_rows(table, seed=seed)
    scaling = scaling_of(table, rows["train"])
    examples = table_examples(table, scaling)
    splits = {split: examples.take(chosen) for split, chosen in rows.items()}
    whose = "the column of groups" if table.groups is not None else "row content (equal rows stay together)"
    return Gathered(
        splits,
        scaling.as_dict() | {"split_seed": seed},
        notes=[
            *table.notes,
            f"Shape: each row became one channel of {examples.x.shape[2]} samples.",
            "Scaling: each column was shifted by the mean and divided by the standard deviation of the training rows.",
            f"Split by {whose}: " + ", ".join(f"{name} {len(one)}" for name, one in splits.items()) + " rows.",
        ],
        data=[{"name": path.name, "n_records": len(table)}],
        inputs=fingerprints([path]),
        columns=table.columns,
    )


def table_rows(path: Path, card: Card, split: str) -> Examples:
    """Make examples from a table for a trained bundle: all rows, or those of the split it was trained with."""
    table = read_table(path, columns=card.columns)
    scaling = scaling_from(card.columns, dict(card.preparation))
    examples = table_examples(table, scaling, classes=card.classes)
    if split == ALL:
        return examples
    return examples.take(split_rows(table, seed=split_seed(card))[check_split_name(split)])


def check_kind(card: Card, *, table: bool) -> None:
    """Refuse to ask a model of tables about recordings, or the other way round.

    Raises:
        ConfigError: they do not fit.
    """
    if card.problem == "pick":
        raise ConfigError(
            f"{card.name} was trained for picks", "it labels samples, not records", "pick with foreshock.predict.pick"
        )
    if card.problem == "source":
        raise ConfigError(
            f"{card.name} was trained for sources",
            "it answers at a time after a P, not for windows",
            "use foreshock.estimate_source, or foreshock evaluate --task source",
        )
    if (card.problem == "table") != table:
        raise ConfigError(
            f"{card.name} was trained for {card.problem} and is asked about {'a table' if table else 'recordings'}",
            "a model of tables reads tables, a model of recordings reads recordings",
            "give the other kind of input",
        )


def split_seed(card: Card) -> int:
    """The seed with which a table was split when the bundle was trained."""
    seed = card.preparation.get("split_seed", 0)
    return int(seed) if isinstance(seed, int | float) else 0
