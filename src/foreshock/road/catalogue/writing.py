"""Writing: a catalogue's tables into a folder, each whole. Knows no stage."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from foreshock.outputs import whole_file
from foreshock.predict.associate import Unused
from foreshock.store.mechanisms import write_mechanisms
from foreshock.store.quakeml import write_quakeml
from foreshock.store.tables import write_events, write_picks
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution

EVENTS, PICKS, CATALOG, SKIPPED = "events.csv", "picks.csv", "catalog.xml", "skipped.csv"
MECHANISMS, UNUSED, NOTES = "mechanisms.csv", "unused_picks.csv", "notes.csv"
UNUSED_COLUMNS = ("trace_id", "phase", "time", "sigma_s", "probability", "reason")

Pairs = Sequence[tuple[str, str]]


def write_tables(folder: Path, solutions: Sequence[Solution], *, picks: Iterable[Pick] = (), skipped: Pairs) -> None:
    """Write earthquakes, their mechanisms, all picks, QuakeML, and what was left out.

    Raises:
        OutputError: the folder cannot be written to.
    """
    used = {arrival.pick for solution in solutions for arrival in solution.arrivals}
    write_picks(folder / PICKS, solutions, unused=[pick for pick in picks if pick not in used])
    write_events(folder / EVENTS, solutions)
    write_mechanisms(folder / MECHANISMS, solutions)
    write_quakeml(folder / CATALOG, solutions)
    write_pairs(folder / SKIPPED, ("item", "reason"), skipped)


def write_unused(path: Path, unused: Iterable[Unused]) -> None:
    """Write the picks that belong to no earthquake as CSV, each with the reason.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", errors="replace", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(UNUSED_COLUMNS)
        for one in unused:
            pick = one.pick
            told = (pick.trace_id, pick.phase, pick.time, f"{pick.sigma_s:.6g}", f"{pick.probability:.6g}", one.reason)
            writer.writerow(told)


def write_pairs(path: Path, names: tuple[str, str], pairs: Pairs) -> None:
    """Write items, each with a sentence, as CSV."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", errors="replace", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(pairs)
