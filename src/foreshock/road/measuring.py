"""Measuring: recordings in, a table of features out. Knows no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.errors import NothingMatchedError
from foreshock.features.record import of_waveforms
from foreshock.outputs import whole_file
from foreshock.road.preparing import Prepared
from foreshock.road.recordings import why


@dataclass(frozen=True)
class Measured:
    """A table with one row a record, and what was left out."""

    table: pd.DataFrame
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...] = ()


def measure(
    path: Path, *, steps: Sequence[dict[str, Any]], stations: Path | None, names: Sequence[str] | None
) -> Measured:
    """Compute the features of every record under a path.

    Raises:
        NothingMatchedError: no record could be measured.
    """
    prepared = Prepared(path, steps, stations)
    named: list[str] = []

    def waveforms() -> Any:
        for record in prepared.records():
            named.append(record.truth.trace_id)
            yield record.waveform

    table = of_waveforms(waveforms(), names=names)
    if table.empty:
        raise NothingMatchedError(
            str(path), f"nothing could be measured ({why(prepared.skipped)})", "look with: foreshock collect check"
        )
    table.insert(0, "trace_id", named)
    return Measured(table, tuple(prepared.skipped), tuple(prepared.notes))


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, whole or not at all."""
    with whole_file(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.9g")
