"""QuakeML's bytes as event elements, one at a time. Treats every file as hostile; knows nothing of what events hold.

No document type, no entity, no network; a limit of bytes and of parts in an event; one event is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from foreshock.errors import FormatError
from foreshock.store.hostile import checked_file

MOST_BYTES = 4 * 2**30
MOST_PARTS = 1_000_000
"""Elements in one event; the largest earthquakes of the ISC have some 100,000."""
_BED = "http://quakeml.org/xmlns/bed/"


def each_event(path: Path, *, most_bytes: int = MOST_BYTES) -> Iterator[Any]:
    """Event elements (of lxml), each complete, each forgotten before the next.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not QuakeML, is cut short or too large, or declares a document type.
    """
    what = f"QuakeML file {path}"
    checked_file(path, what=what, most_bytes=most_bytes)
    depth = parts = 0
    wanted: str | None = None
    with path.open("rb") as handle:
        steps = etree.iterparse(
            handle,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            for step, element in steps:
                if step == "start":
                    depth, parts = depth + 1, parts + 1
                    if depth == 1:
                        _check_root(element, what)
                    elif depth == 2 and etree.QName(element).localname == "eventParameters":
                        wanted = f"{{{_namespace(element, what)}}}event"
                    if parts > MOST_PARTS:
                        raise FormatError(what, f"an event has more than {MOST_PARTS} parts", "split it")
                    continue
                depth -= 1
                if depth == 2:
                    if element.tag == wanted:
                        yield element
                    parts = 0
                    _forget(element)
        except etree.XMLSyntaxError as error:
            raise FormatError(what, f"it is not well-formed XML ({error.msg})", "write or download it again") from error
    if wanted is None:
        raise FormatError(what, "it holds no eventParameters", "give a QuakeML file")


def _check_root(root: Any, what: str) -> None:
    if root.getroottree().docinfo.internalDTD is not None or root.getroottree().docinfo.doctype:
        raise FormatError(what, "it declares a document type (entities)", "remove the DOCTYPE; QuakeML needs none")
    if etree.QName(root).localname != "quakeml":
        raise FormatError(what, f"its root is {etree.QName(root).localname[:40]!r}", "give a QuakeML file")


def _namespace(element: Any, what: str) -> str:
    found = etree.QName(element).namespace or ""
    if not found.startswith(_BED):
        raise FormatError(what, f"its events are of {found[:60]!r}", f"give QuakeML's Basic Event Description ({_BED})")
    return found


def _forget(element: Any) -> None:
    parent = element.getparent()
    element.clear()
    while element.getprevious() is not None:
        del parent[0]
