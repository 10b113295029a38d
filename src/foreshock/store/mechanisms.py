"""mechanisms.csv: an earthquake a line with both planes of its double couple, or why there is none. Knows no search."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from foreshock.clock import iso_utc
from foreshock.outputs import whole_file
from foreshock.store.plain import distinct
from foreshock.types.solution import Solution

PLANES = ("strike_deg", "dip_deg", "rake_deg", "other_strike_deg", "other_dip_deg", "other_rake_deg")
COLUMNS = ("event_id", "time", *PLANES, "uncertainty_deg", "n_polarities", "misfit", "reason")


def write_mechanisms(path: Path, solutions: Iterable[Solution]) -> None:
    """Write a CSV line an event, whole or not at all; angles to 0.01 degree.

    Raises:
        InputError: two different solutions have one id, or a value cannot be kept.
        OutputError: the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(tuple(_cells(solution)) for solution, _ in distinct(solutions))


def _cells(solution: Solution) -> Iterator[str]:
    found = solution.mechanism
    yield solution.event.event_id
    yield iso_utc(solution.event.time_ns)
    if found is None:
        yield from [""] * (len(COLUMNS) - 3)
        yield solution.no_mechanism
        return
    yield from map(_angle, (found.strike_deg, found.dip_deg, found.rake_deg, *found.other_plane))
    yield _angle(found.uncertainty_deg)
    yield str(found.n_polarities)
    yield "" if math.isnan(found.misfit) else f"{found.misfit:.3f}"
    yield ""


def _angle(value_deg: float) -> str:
    return "" if math.isnan(value_deg) else f"{value_deg:.2f}"
