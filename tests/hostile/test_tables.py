"""Tables that cannot be learnt from: each is refused in one sentence with its place, before anything is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_said import Commands

TRAIN = ("train", "--model", "cnn-small", "--epochs", 1)


def relabelled(rows: list[str], label: Callable[[int], str]) -> list[str]:
    return [rows[0], *(f"{row.rpartition(',')[0]},{label(k)}" for k, row in enumerate(rows[1:]))]


def with_cell(rows: list[str], cell: str) -> list[str]:
    first = rows[20].split(",")
    return [*rows[:20], ",".join([*first[:3], cell, *first[4:]]), *rows[21:]]


SPOILT: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "empty": (lambda _: [], "it is empty"),
    "a header alone": (lambda rows: rows[:1], "a header and no rows"),
    "a word": (lambda rows: with_cell(rows, "abc"), "line 21, column 'c3' holds 'abc'"),
    "NaN": (lambda rows: with_cell(rows, "nan"), "line 21, column 'c3'"),
    "Inf": (lambda rows: with_cell(rows, "-inf"), "line 21, column 'c3'"),
    "nothing": (lambda rows: with_cell(rows, ""), "line 21, column 'c3'"),
    "beyond float64": (lambda rows: with_cell(rows, "1e400"), "line 21, column 'c3'"),
    "beyond float32": (lambda rows: with_cell(rows, "1e300"), r"column 'c3' is 1e\+300: a network computes with"),
    "too many cells": (lambda rows: [*rows[:20], rows[20] + ",1,2", *rows[21:]], "line 21 has 27 cells"),
    "too few cells": (lambda rows: [*rows[:20], "1,2,noise", *rows[21:]], "line 21 has 3 cells"),
    "no label": (lambda rows: [*rows[:20], rows[20].rpartition(",")[0] + ",", *rows[21:]], "its label is empty"),
    "one label": (lambda rows: relabelled(rows, lambda _: "a"), "every label is 'a'"),
    "measurements": (lambda rows: relabelled(rows, lambda k: str(k * 0.37)), "measurements are no classes"),
    "all labels differ": (lambda rows: relabelled(rows, lambda k: f"c{k}"), "labels differ"),
    "a label that cannot be shown": (
        lambda rows: relabelled(rows, lambda k: ("a", "b\x07")[k % 2]), r"class 'b\\x07'.*can be printed",
    ),
    "a label too long": (lambda rows: relabelled(rows, lambda k: ("a", "b" * 999)[k % 2]), "of 999 letters"),
    "two rows": (lambda rows: rows[:3], "is empty|no training row|two classes"),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_table_is_refused_with_its_place(how: str, run: Commands, rows: list[str], tmp_path: Path) -> None:
    spoil, says = SPOILT[how]
    table = tmp_path / "表.csv"
    table.write_text("\n".join(spoil(rows)), encoding="utf-8")
    run.refused(*TRAIN, "--table", table, says=says, out=tmp_path / "out")


@pytest.mark.parametrize("what", ["zip", "zeros", "fifo", "folder", "nothing", "endless"])
def test_what_is_no_text_file_is_refused_at_once(what: str, run: Commands, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    if what == "fifo":
        os.mkfifo(table)
    elif what == "folder":
        table.mkdir()
    elif what in ("zip", "zeros"):
        table.write_bytes({"zip": b"PK\x03\x04" + bytes(range(256)) * 9, "zeros": b"1,2\x00,a\n"}[what])
    path = Path("/dev/zero") if what == "endless" else table
    run.refused(*TRAIN, "--table", path, says=str(path), out=tmp_path / "out")


@pytest.mark.slow
def test_a_row_far_from_those_that_were_learnt_is_refused_rather_than_answered(
    run: Commands, rows: list[str], tmp_path: Path
) -> None:
    still = [rows[0], *(f"{k * 1e-30!r},{row.partition(',')[2]}" for k, row in enumerate(rows[1:]))]
    table, asked = tmp_path / "table.csv", tmp_path / "asked.csv"
    table.write_text("\n".join(still))
    asked.write_text("\n".join([rows[0], f"1e20,{rows[1].partition(',')[2]}", *still[2:20]]))
    run.ok(*TRAIN, "--table", table, "--out", tmp_path / "run")
    run.refused(
        "predict", "--table", asked, "--model", tmp_path / "run", says="row 1, column 'c0' is 1e", out=tmp_path / "out"
    )
    other = tmp_path / "other.csv"
    other.write_text("\n".join(row.partition(",")[2] for row in rows))
    run.refused(
        "predict", "--table", other, "--model", tmp_path / "run", says="'c1': 23 against 24", out=tmp_path / "out"
    )
