"""The documents as tests see them: pages, code blocks, links and shell lines. Knows nothing of what they say."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md")))
)
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"<!-- (?P<mark>[^\n]*?) -->\s*\Z")
INLINE = re.compile(r"(?<!`)`(foreshock [^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, text, and the comment that stands right before it."""

    page: str
    language: str
    body: str
    mark: str


def text_of(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page."""
    text = text_of(page)
    found = []
    for fence in FENCE.finditer(text):
        mark = MARK.search(text[: fence.start()])
        found.append(Block(page, fence["language"], fence["body"], mark["mark"] if mark else ""))
    return [one for one in found if language is None or one.language == language]


def prose(page: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text_of(page))


def shell_lines(page: str) -> list[str]:
    """Every command of Foreshock's on a page: in blocks of shell, indented, or in backticks."""
    lines = [line for block in blocks(page) if block.language in ("sh", "console") for line in block.body.splitlines()]
    lines += [line[4:] for line in prose(page).splitlines() if line.startswith("    ")]
    shown = [line.split("&&")[-1].strip().removeprefix("$ ").removeprefix(".venv/bin/") for line in lines]
    return [line for line in [*shown, *INLINE.findall(prose(page))] if line.startswith("foreshock ")]


def words(line: str) -> list[str]:
    """The arguments of a shell line, its comment dropped."""
    return shlex.split(line, comments=True)[1:]


def anchors(page: str) -> set[str]:
    """The anchors that the headings of a page make, as GitHub does."""
    heads = re.findall(r"^#+ (.+)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
