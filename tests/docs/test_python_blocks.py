"""Every block of Python on the pages runs as it stands, in the order of its page. Judges no style."""

from __future__ import annotations

import ast
import csv
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docs_pages import EXAMPLES, PAGES, ROOT, TWINS, Block, blocks, text_of

import foreshock as fs

CUT = "cut: "
WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]


def readers_arrays(folder: Path) -> dict[str, Any]:
    """The arrays that a reader of the README brings: noise, and noise with a burst, two windows an event."""
    rng = np.random.default_rng(0)
    y = np.tile([0, 0, 1, 1], 12)
    x = rng.standard_normal((len(y), 3, 100))
    x[y == 1, :, 30:60] *= 8
    event_ids = [f"event-{k // 2}" for k in range(len(y))]
    return {"x": x, "y": y, "event_ids": event_ids, "x_test": x[:8], "y_test": y[:8]}


def readers_table(folder: Path) -> dict[str, Any]:
    """The article's CSV table: thirty columns and a label."""
    rng = np.random.default_rng(0)
    with (folder / "earthquake_data.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow([*(f"x{k}" for k in range(30)), "label"])
        for k in range(120):
            writer.writerow([*(rng.standard_normal(30) + k % 2).round(4), k % 2])
    return {}


def readers_mapping(folder: Path) -> dict[str, Any]:
    """The mapping file that the page itself shows."""
    [mapping] = blocks("docs/how-to/import-a-data-set-in-another-order.md", "toml")
    (folder / "mapping.toml").write_text(mapping.body, encoding="utf-8")
    return {}


def readers_archive(folder: Path) -> dict[str, Any]:
    """A recording of one station, and where it stands."""
    (folder / "archive").mkdir()
    for trace in fs.to_obspy(fs.example_waveform()):
        trace.write(str(folder / "archive" / f"{trace.id}.mseed"), format="MSEED")
    (folder / "stations.csv").write_text("network,station,latitude,longitude\nBW,RJOB,47.7,12.8\n", encoding="utf-8")
    return {}


READER_HAS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "README.md": readers_arrays,
    "docs/article.md": readers_table,
    "docs/how-to/build-a-catalogue.md": readers_archive,
    "docs/how-to/import-a-data-set-in-another-order.md": readers_mapping,
}
"""What a page takes for granted that its reader has."""


def code_of(block: Block) -> ast.Module:
    return ast.parse(textwrap.dedent(block.body), filename=block.page)


@pytest.mark.parametrize("page", [page for page in WITH_PYTHON if page not in TWINS])
def test_the_python_on_a_page_runs_from_top_to_bottom(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    has = READER_HAS.get(page, lambda _: {})
    space: dict[str, Any] = {"__name__": "page", **has(tmp_path)}
    for block in blocks(page, "python"):
        code = compile(code_of(block), page, "exec")
        if block.is_run and not block.mark.startswith(CUT):
            exec(code, space)


@pytest.mark.parametrize(("page", "twin"), TWINS.items())
def test_the_chinese_page_holds_the_same_code_as_the_english_one(page: str, twin: str) -> None:
    ours, theirs = ([ast.dump(code_of(block)) for block in blocks(one, "python")] for one in (page, twin))
    assert ours
    assert ours == theirs


@pytest.mark.parametrize(
    "block", [block for page in WITH_PYTHON for block in blocks(page, "python") if block.mark.startswith(CUT)]
)
def test_a_block_cut_from_an_example_stands_there_word_for_word(block: Block) -> None:
    named = block.mark.removeprefix(CUT)
    assert named in EXAMPLES
    assert block.body in (ROOT / named).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_a_block_that_is_not_run_says_why(page: str) -> None:
    marks = [block.mark for block in blocks(page) if not block.is_run]
    assert all(len(mark) > len("not run: ") + 5 for mark in marks)
    assert text_of(page).count("<!-- not run") == len(marks), "a mark stands before no block"
