"""Picks on disk: one CSV file, a row a pick. Knows no pickers; treats every file as hostile.

The catalogue's `store.tables` writes the same columns and `event_id`, with all digits, because a store gives back what
it got. Here picks belong to no earthquake yet, and people read them: six digits. Evaluation and store stand beside each
other on one floor and do not import each other; a test holds the columns together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from foreshock.clock import iso_utc, utc_ns
from foreshock.errors import FormatError, InputError, NotFoundError
from foreshock.outputs import whole_file
from foreshock.types.pick import Pick

COLUMNS = (
    "trace_id",
    "phase",
    "time",
    "sigma_s",
    "probability",
    "polarity",
    "polarity_probability",
    "novelty",
    "available_at",
)
NEEDED = COLUMNS[:3]
MAX_BYTES = 4_000_000_000


@dataclass(frozen=True)
class PickTable:
    """The picks of a file, and whether it tells their probabilities (without them each has 1)."""

    picks: tuple[Pick, ...]
    has_probabilities: bool


def pick_row(pick: Pick) -> dict[str, str | float]:
    """A pick as plain values under the names of `COLUMNS`."""
    return {
        "trace_id": pick.trace_id,
        "phase": pick.phase,
        "time": pick.time,
        "sigma_s": round(pick.sigma_s, 6),
        "probability": round(pick.probability, 6),
        "polarity": pick.polarity,
        "polarity_probability": round(pick.polarity_probability, 3),
        "novelty": round(pick.novelty, 3),
        "available_at": iso_utc(pick.available_at_ns),
    }


def write_picks(path: Path, picks: Iterable[Pick]) -> None:
    """Write picks as UTF-8 CSV with the columns `COLUMNS`; times are UTC, sigmas and probabilities to 1e-6.

    Raises:
        OutputError: the file cannot be written.
    """
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", errors="replace", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(pick_row(pick) for pick in picks)


def read_picks(path: Path) -> PickTable:
    """Read what `write_picks` wrote, or any CSV with ``trace_id``, ``phase`` and ``time`` (ISO-8601, UTC).

    Where a column is not there, or a cell is empty, sigma is 0, the polarity unknown, and the pick known when it
    arrives.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not such a table; the sentence names the file and the line.
    """
    if not path.is_file():
        raise NotFoundError(f"picks {path}", "there is no such file", "give the path of a CSV file")
    if path.stat().st_size > MAX_BYTES:
        raise _bad(path, f"it has {path.stat().st_size} bytes", f"at most {MAX_BYTES} are read")
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            header = list(rows.fieldnames or ())
            missing = [name for name in NEEDED if name not in header]
            if missing or len(set(header)) < len(header):
                raise _bad(path, f"its columns are {header[:12]}", f"it needs {', '.join(NEEDED)}, each once")
            return PickTable(tuple(_picks(path, rows)), "probability" in header)
    except UnicodeDecodeError as error:
        raise _bad(path, f"byte {error.start} is not UTF-8", "a table of picks is UTF-8 text") from error
    except csv.Error as error:
        raise _bad(path, f"it is not CSV ({error})", "a table of picks is comma-separated") from error


def _picks(path: Path, rows: csv.DictReader[str]) -> Iterator[Pick]:
    for row in rows:
        if None in row or None in row.values():
            raise _bad(path, f"line {rows.line_num} has another number of cells than the header", "each needs one")
        try:
            yield _pick(row)
        except ValueError as error:
            why = f"{error.value}: {error.rule}" if isinstance(error, InputError) else str(error)
            raise _bad(path, f"line {rows.line_num}", why) from error


def _pick(row: Mapping[str, str]) -> Pick:
    for name in ("trace_id", "phase"):
        if not row[name].strip():
            raise ValueError(f"{name} is empty")
    time_ns = utc_ns(row["time"])
    return Pick(
        trace_id=row["trace_id"],
        phase=row["phase"].strip(),
        time_ns=time_ns,
        probability=float(row.get("probability") or 1.0),
        sigma_s=float(row.get("sigma_s") or 0.0),
        available_at_ns=utc_ns(row["available_at"]) if row.get("available_at") else time_ns,
        polarity=row.get("polarity") or "unknown",
        polarity_probability=float(row.get("polarity_probability") or 0.5),
        novelty=float(row.get("novelty") or 0.0),
    )


def _bad(path: Path, value: str, rule: str) -> FormatError:
    return FormatError(f"picks {path}: {value}", rule, "write the table with foreshock pick, or correct it")
