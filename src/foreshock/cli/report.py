"""The verb `report`: the page of a finished catalogue drawn anew. Knows no picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, say, say_json


def command(
    folder: Annotated[Path, typer.Argument(help="The folder of a finished catalogue.")],
    *,
    no_pictures: Annotated[bool, typer.Option("--no-pictures", help="Tables only, some seconds sooner.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write report.html of a catalogue anew from its folder, with pictures though it was made without."""
    from foreshock.road.catalogue.page import redraw_page

    page = redraw_page(folder, pictures=not no_pictures)
    if as_json:
        say_json({"schema": "foreshock.report/1", "n": 1, "out": str(page), "pictures": not no_pictures})
    else:
        say(f"written: {page}")
