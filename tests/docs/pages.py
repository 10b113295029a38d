"""The documents as tests see them: pages, code blocks, links and shell lines. Knows nothing of what they say."""

from __future__ import annotations

import importlib.util
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(
    str(path.relative_to(ROOT))
    for path in (ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md")))
)
EXAMPLES = tuple(str(path.relative_to(ROOT)) for path in sorted((ROOT / "examples").glob("*.py")))
TWINS = {
    "README.zh.md": "README.md",
    "docs/article.zh.md": "docs/article.md",
    "docs/models.zh.md": "docs/models.md",
}
"""Chinese pages and the English ones whose code they share."""

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
MARK = re.compile(r"<!-- (?P<mark>[^\n]*?) -->\s*\Z")
INLINE = re.compile(r"(?<!`)`(foreshock [^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
NOT_RUN = "not run: "


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, text, and the comment that stands right before it."""

    page: str
    language: str
    body: str
    mark: str

    @property
    def is_run(self) -> bool:
        """Whether the page promises that it can be run as it stands."""
        return not self.mark.startswith(NOT_RUN)


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


def block_lines(block: Block) -> list[str]:
    """The commands of Foreshock's in a block of shell, without what stands before them on the line."""
    lines = block.body.replace("\\\n", " ").splitlines()
    shown = [line.split("&&")[-1].strip().removeprefix("$ ").removeprefix(".venv/bin/") for line in lines]
    return [line for line in shown if line.startswith("foreshock ")]


def shell_lines(page: str) -> list[str]:
    """Every whole command of Foreshock's on a page: in blocks of shell, or indented."""
    found = [line for block in blocks(page) if block.language in ("sh", "console") for line in block_lines(block)]
    return found + [line.strip() for line in prose(page).splitlines() if line.startswith("    foreshock ")]


def mentions(page: str) -> list[str]:
    """Commands in backticks, which may be cut short."""
    return INLINE.findall(prose(page))


def words(line: str) -> list[str]:
    """The arguments of a shell line, its comment dropped."""
    return shlex.split(line, comments=True)[1:]


def headings(page: str) -> list[tuple[int, str]]:
    """Level and text of every heading."""
    found = re.findall(r"^(#+) (.+)$", prose(page), flags=re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def anchors(page: str) -> set[str]:
    """The anchors that the headings of a page make, as GitHub does."""
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in headings(page)}


def generator() -> ModuleType:
    """`docs/generate.py`, imported."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
