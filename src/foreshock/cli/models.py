"""The verb `models`: what networks can be built, what a bundle says about itself, and those of others. Runs nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from foreshock.cli.answer import AsJson, say, say_json, say_table
from foreshock.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Look at the networks and at bundles; import other people's.")


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


@app.command(name="import")
def import_(
    what: Annotated[str, typer.Argument(help="seisbench:PhaseNet or seisbench:EQTransformer.")],
    *,
    weights: Annotated[Path, typer.Option(help="A .pt file with its .json beside it, or the folder of one pair.")],
    out: Annotated[Path | None, typer.Option("--out", help="The bundle's file; default: here.")] = None,
    name: Annotated[str, typer.Option(help="What the bundle calls itself; default: after architecture and file.")] = "",
    licence: Annotated[str, typer.Option(help="Of the weights, where their files do not tell.")] = "",
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="What the JSON lacks of the architecture, as key=value; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a bundle of a network trained with other software; it then picks without that software."""
    from foreshock.bundle import describe
    from foreshock.road.importing import import_model

    file = out or Path(f"{name or default_name(what, weights)}.bundle")
    bundle = import_model(what, weights, file, name=name, arguments=dict(map(_pair, settings or [])), licence=licence)
    if as_json:
        told = {"out": str(file), "sha256": bundle.sha256}
        say_json({"schema": "foreshock.import/1", **told, "card": bundle.card.model_dump(mode="json")})
    else:
        say(f"{describe(bundle)}\nwritten to {file}; try: foreshock pick RECORDING --picker {file}")


def default_name(what: str, weights: Path) -> str:
    """A file's name made of the architecture and the weights: no path, no colon.

    >>> default_name("seisbench:EQTransformer", Path("peers/original.pt"))
    'seisbench-eqtransformer-original'
    """
    stem = weights.name.replace(".pt", "").replace(".json", "")
    return f"{what.replace(':', '-').lower()}-{stem}" if stem else what.replace(":", "-").lower()


def _pair(text: str) -> tuple[str, Any]:
    """A key and its value: JSON where it is any, else the text itself."""
    key, is_told, value = text.partition("=")
    if not key or not is_told:
        raise ConfigError(f"--set {text!r}", "it must be key=value", "write --set norm=std")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
