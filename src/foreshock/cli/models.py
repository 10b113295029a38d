"""The verb `models`: what networks can be built, and what a bundle says about itself. Runs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, say, say_json, say_table

app = typer.Typer(no_args_is_help=True, help="Look at the networks and at bundles.")


@app.command(name="list")
def list_models(*, as_json: AsJson = False) -> None:
    """List the networks that can be trained and what each needs."""
    from foreshock.models import NAMES, needs

    rows = [{"model": name, "task": needs(name).task, "shortest_window": needs(name).shortest_window} for name in NAMES]
    if as_json:
        say_json({"schema": "foreshock.models/1", "n": len(rows), "models": rows})
    else:
        say_table(rows)


@app.command()
def show(path: Annotated[Path, typer.Argument(help="A bundle or a run folder.")], *, as_json: AsJson = False) -> None:
    """Check a bundle's hashes and network and print its card."""
    from foreshock.bundle import describe, find_bundle, read_bundle

    bundle = read_bundle(find_bundle(path))
    if as_json:
        say_json({"schema": "foreshock.card/1", "card": bundle.card.model_dump(mode="json")})
    else:
        say(describe(bundle))
