"""Asking: a trained bundle asked about records, tables or continuous recordings, its answers written as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.bundle import Bundle, find_bundle, read_bundle
from foreshock.clock import iso_utc
from foreshock.collect.assemble import describe_id
from foreshock.collect.files import FileSource
from foreshock.errors import ConfigError, InputError, NothingMatchedError
from foreshock.evaluate.tables import write_predictions
from foreshock.outputs import whole_file
from foreshock.predict.probability import preparation_of, sliding
from foreshock.predict.runtime import BundlePredictor
from foreshock.prepare.preparation import map_components
from foreshock.road.gathering import ALL, check_kind, gather_recordings, table_rows
from foreshock.road.problems import problem
from foreshock.road.recordings import is_dataset, station_file, why
from foreshock.types.examples import Examples
from foreshock.types.waveform import Waveform


@dataclass(frozen=True)
class Answer:
    """What was written: the file, its rows, and what was left out."""

    file: str
    n: int
    skipped: tuple[tuple[str, str], ...] = ()
    model: str = ""
    notes: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        skipped, notes = (
            [{"item": item, "reason": reason} for item, reason in told] for told in (self.skipped, self.notes)
        )
        told = {"n": self.n, "file": self.file, "model": self.model, "skipped": skipped, "notes": notes}
        return {"schema": "foreshock.predict/1", **told}

    def sentence(self, out: Path) -> str:
        """One line for people."""
        return f"{self.n} rows written to {out / self.file}, {len(self.skipped)} items left out"


def ask(
    model: Path,
    *,
    path: Path | None,
    table: Path | None,
    folder: Path,
    stations: Path | None = None,
    hop_s: float = 1.0,
    device: str = "auto",
) -> Answer:
    """Ask a bundle; a data set and a table give a row a record, recordings a row a window.

    Recordings are turned to Z, N and E by `stations`, or by the StationXML that lies with them.

    Raises:
        ConfigError: neither or both of `path` and `table` are given, or the bundle answers another kind of question.
        NothingMatchedError: nothing could be asked.
    """
    if (path is None) == (table is None):
        raise ConfigError(f"PATH {path} and --table {table}", "exactly one must be given", "name one of the two")
    bundle = read_bundle(find_bundle(model))
    check_kind(bundle.card, table=table is not None)
    if table is not None:
        return _ask_rows(bundle, table_rows(table, bundle.card, ALL), folder, device)
    assert path is not None
    if is_dataset(path):
        return _ask_records(bundle, path, folder, device)
    source = FileSource(path, stations=station_file(path, stations))
    return _ask_windows(bundle, source, folder, hop_s=hop_s, device=device)


def _ask_rows(
    bundle: Bundle, examples: Examples, folder: Path, device: str, skipped: Sequence[tuple[str, str]] = ()
) -> Answer:
    said = BundlePredictor(bundle, device=device).predict(examples)
    write_predictions(folder / "predictions.csv", said)
    return Answer("predictions.csv", len(said), tuple(skipped), bundle.sha256 or "")


def _ask_records(bundle: Bundle, path: Path, folder: Path, device: str) -> Answer:
    gathered = gather_recordings(
        [path],
        problem(bundle.card.problem),
        preparation_of(bundle.card),
        splits=(ALL,),
        classes=bundle.card.classes or None,
    )
    return _ask_rows(bundle, gathered.splits[ALL], folder, device, gathered.skipped)


def _ask_windows(bundle: Bundle, source: FileSource, folder: Path, *, hop_s: float, device: str) -> Answer:
    if bundle.card.task != "classify":
        raise ConfigError(
            f"{bundle.card.name} gives a {bundle.card.target_name or 'value'}",
            "a continuous recording has no P to start from",
            "give a data set with P, or a model that classifies",
        )
    predictor = BundlePredictor(bundle, device=device)
    wanted = preparation_of(bundle.card).components
    tables, skipped, notes = [], [], []
    for record in source.records():
        try:
            along = sliding(predictor, record.waveform, hop_s=hop_s)
        except InputError as error:
            skipped.append((record.waveform.station_id, str(error)))
            continue
        rows = pd.DataFrame({f"prob_{name}": along.probabilities[:, k] for k, name in enumerate(bundle.card.classes)})
        rows.insert(0, "time", [iso_utc(int(time_ns)) for time_ns in along.times_ns])
        rows.insert(0, "trace_id", record.waveform.station_id)
        tables.append(rows)
        notes += _lacking(record.waveform, wanted)
    skipped += source.skipped
    if not tables:
        raise NothingMatchedError(
            str(source.path), f"no window could be asked ({why(skipped)})", "look with: foreshock collect check"
        )
    table = pd.concat(tables, ignore_index=True)
    with whole_file(folder / "probabilities.csv") as temporary:
        table.to_csv(temporary, index=False, float_format="%.6g")
    return Answer("probabilities.csv", len(table), tuple(skipped), bundle.sha256 or "", (*source.notes, *notes))


def _lacking(wave: Waveform, wanted: str) -> list[tuple[str, str]]:
    """Say which components the model reads and a recording does not have."""
    there = map_components(wave, wanted).valid
    lost = "".join(letter for letter, row in zip(wanted, there, strict=True) if not row.any())
    return [(describe_id(wave), f"it has no {lost}: the model was given zeros there")] if lost else []
