"""Links lead somewhere, names in the text exist, and no page speaks of one machine. Opens no socket."""

from __future__ import annotations

import importlib
import os.path
import re
from functools import cache
from pathlib import Path

import pytest
from docs_pages import EXAMPLES, LINK, PAGES, ROOT, anchors, prose, text_of

OTHERS = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")
NAME = re.compile(r"`(foreshock(?:\.\w+)+)`")
MACHINE = re.compile(
    r"(?<![\w.])/(?:work|opt|root|home|Users|mnt|private)/|/tmp/|[A-Z]:\\"
    r"|pypi\.org|pythonhosted\.org|download\.pytorch\.org|conda\.anaconda\.org|index-url|localhost|127\.0\.0\.1"
)


@pytest.mark.parametrize("page", [*PAGES, *OTHERS])
def test_links_and_anchors_resolve(page: str) -> None:
    for link in LINK.findall(prose(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = os.path.normpath(Path(page).parent / path) if path else page
        assert (ROOT / target).exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in anchors(target), f"{page} links to {link}"


def test_every_page_is_reached_from_the_first() -> None:
    reached, new = set(), {"README.md"}
    while new:
        reached |= new
        links = {(page, link.partition("#")[0]) for page in new for link in LINK.findall(prose(page))}
        found = {os.path.normpath(Path(page).parent / link) for page, link in links if "://" not in link}
        found |= {f"{one}/README.md" for one in found if (ROOT / one / "README.md").is_file()}
        found |= {"docs/README.md"}  # a folder's first page is what a reader of the folder sees
        new = {one for one in found if one in PAGES} - reached
    assert reached == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_names_of_foreshock_in_the_text_exist(page: str) -> None:
    for name in NAME.findall(text_of(page)):
        assert exists(name), f"{page} speaks of {name}"


@cache
def exists(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    module, _, last = name.rpartition(".")
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return bool(module) and hasattr(importlib.import_module(module), last)
    return True


@pytest.mark.parametrize("page", [*PAGES, *EXAMPLES, "docs/generate.py"])
def test_no_page_speaks_of_one_machine_or_of_the_hosts_of_registries(page: str) -> None:
    assert MACHINE.search(text_of(page)) is None


@pytest.mark.parametrize(
    "text", ["see /home/me/x", "cd /work/main", "--index-url https://x", "from https://pypi.org/x"]
)
def test_such_a_thing_would_be_found(text: str) -> None:
    assert MACHINE.search(text)
