"""The Chinese pages keep step with the English ones: commands, tree, tables and headings. Judges no translation."""

from __future__ import annotations

import re

import pytest
from docs_pages import ROOT, TWINS, blocks, headings, prose, shell_lines, text_of, words

READMES = ("README.md", "README.zh.md")
ENTRY = re.compile(r"^ *([\w.]+(?:\.py|/))(?:\s|$)", re.MULTILINE)
PLACE = re.compile(r"^\| ([^|]+) \|", re.MULTILINE)


def tree(page: str) -> list[str]:
    """The names in the block that draws the folders."""
    [drawn] = [block.body for block in blocks(page, "") if "src/foreshock/" in block.body]
    return ENTRY.findall(drawn)


def test_both_readmes_hold_the_same_marked_commands() -> None:
    english, chinese = (
        {block.mark: block.body for block in blocks(page, "sh") if block.mark.startswith("command: ")}
        for page in READMES
    )
    assert set(english) == {"command: demo", "command: test"}
    assert english == chinese


def test_both_readmes_draw_the_same_tree_and_it_is_that_of_the_repository() -> None:
    english, chinese = (tree(page) for page in READMES)
    assert english == chinese
    package = {one.name + "/" * one.is_dir() for one in (ROOT / "src" / "foreshock").iterdir()}
    package = {name for name in package if not name.startswith("__") and name != "py.typed"}
    assert package <= set(english)
    beside = set(english) - package
    assert {"tests/", "examples/", "docs/"} <= beside
    assert all((ROOT / name).is_dir() for name in beside)


@pytest.mark.parametrize(("page", "twin"), TWINS.items())
def test_headings_and_commands_are_the_same_in_number_and_order(page: str, twin: str) -> None:
    assert [level for level, _ in headings(page)] == [level for level, _ in headings(twin)]
    assert [words(line) for line in shell_lines(page)] == [words(line) for line in shell_lines(twin)]


def test_both_readmes_give_the_same_figures() -> None:
    english, chinese = (sorted(re.findall(r"\d+\.\d+|\d{3,}", prose(page))) for page in READMES)
    assert english == chinese


def test_both_articles_correct_the_same_places() -> None:
    english, chinese = (
        [set(re.findall(r"§[\d.]+", place)) for place in PLACE.findall(prose(page))]
        for page in ("docs/article.md", "docs/article.zh.md")
    )
    assert sum(bool(places) for places in english) > 10
    assert english == chinese


@pytest.mark.parametrize("page", TWINS)
def test_chinese_text_uses_chinese_punctuation(page: str) -> None:
    mixed = re.findall(r"[\u4e00-\u9fff][,:;?!()][\u4e00-\u9fff]", prose(page))
    assert not mixed, f"half-width marks between Chinese characters in {page}: {mixed}"
    assert "。" in text_of(page)
