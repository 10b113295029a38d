"""The verb `train`: recordings or a table to a bundle. Knows no network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from foreshock.cli.answer import AsJson, note, say, say_json

RECIPES = ("picker", "picker-live", "source")

DataOption = Annotated[list[Path] | None, typer.Option("--data", help="A data set; may be repeated.")]
TableOption = Annotated[Path | None, typer.Option("--table", help="A CSV table with the label in the last column.")]


def command(
    *,
    out: Annotated[Path, typer.Option("--out", help="A new or empty folder for the bundle.")],
    data: DataOption = None,
    table: TableOption = None,
    task: Annotated[str | None, typer.Option(help="detect, classify or magnitude; a table is its own task.")] = None,
    model: Annotated[str | None, typer.Option(help="See: foreshock models list.")] = None,
    settings: Annotated[
        Path | None, typer.Option(help="A TOML file with the tables prepare and train; flags win over it.")
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many passes over the examples.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Examples a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Adam's; default: the model's own.")] = None,
    patience: Annotated[int | None, typer.Option(min=1, help="Epochs without progress before it stops.")] = None,
    class_weights: Annotated[str | None, typer.Option(help="none or balanced.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order, windows and splits.")] = 0,
    devices: Annotated[int | None, typer.Option(min=1, help="How many devices share each batch.")] = None,
    search: Annotated[int, typer.Option(min=0, help="Try so many settings first (Optuna).")] = 0,
    profile: Annotated[bool, typer.Option("--profile", help="Write a trace of the first steps.")] = False,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="picker, picker-live (P and S) or source (magnitude, distance), from the one folder of --data."
        ),
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option("--leave-out", help="A folder of sets that a recipe must not read; repeatable.")
    ] = None,
    bf16: Annotated[
        bool, typer.Option("--bf16", help="A recipe learns with short floats, where processors have them.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the unfinished run in --out.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a network, tune its rivals on the same examples, and write one bundle with both."""
    if recipe is not None:
        unheeded: dict[str, Any] = {
            "--table": table,
            "--task": task,
            "--model": model,
            "--settings": settings,
            "--epochs": epochs,
            "--batch-size": batch_size,
            "--learning-rate": learning_rate,
            "--patience": patience,
            "--class-weights": class_weights,
            "--devices": devices,
            "--search": search or None,
            "--profile": profile or None,
        }
        if recipe == "source":
            unheeded |= {"--leave-out": leave_out, "--bf16": bf16 or None}
        _refuse(unheeded, f"--recipe {recipe}")
        told = {"seed": seed, "bf16": bf16}
        _by_recipe(recipe, data or [], out=out, learn=told, leave_out=leave_out or [], resume=resume, as_json=as_json)
        return
    _refuse({"--leave-out": leave_out, "--bf16": bf16 or None}, "a training without --recipe")
    from foreshock.road.training import Wish, train

    flags: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "patience": patience,
        "class_weights": class_weights,
        "devices": devices,
        "profile": profile or None,
    }
    wish = Wish(
        data=tuple(data or ()),
        table=table,
        task=task,
        model=model,
        settings=settings,
        seed=seed,
        training={name: value for name, value in flags.items() if value is not None},
    )
    done = train(wish, out=out, search=search, resume=resume, tell=note)
    if as_json:
        say_json(done.as_json())
    else:
        say(done.sentence())


def _refuse(flags: dict[str, Any], what: str) -> None:
    """Say which of the flags given would have no effect."""
    from foreshock.errors import ConfigError

    given = [name for name, value in flags.items() if value is not None]
    if given:
        raise ConfigError(", ".join(given), f"{what} does not heed it", "leave it out")


def _by_recipe(
    name: str, data: list[Path], *, out: Path, learn: dict[str, Any], leave_out: list[str], resume: bool, as_json: bool
) -> None:
    """Train what has a recipe of its own; the other flags are the recipe's business."""
    from foreshock.errors import ConfigError, nearest

    if name not in RECIPES:
        raise ConfigError(f"--recipe {name!r}", "it is not known", nearest(name, RECIPES))
    if len(data) != 1:
        raise ConfigError(f"--data was given {len(data)} times", "the recipe reads one folder of sets", "name it once")
    if name == "source":
        _source(data[0], out=out, seed=learn["seed"], resume=resume, as_json=as_json)
        return
    from foreshock.road.picker import train_picker, whole_recordings
    from foreshock.road.picker_live import hop_by_hop
    from foreshock.road.picker_stock import OWNERS, Wish
    from foreshock.train.picker.learn import LearnSettings

    for folder in leave_out:
        if folder not in OWNERS:
            raise ConfigError(f"--leave-out {folder!r}", "the recipe reads no such folder", nearest(folder, OWNERS))
    making = {"picker": whole_recordings, "picker-live": hop_by_hop}[name]()
    told = LearnSettings(**learn)
    wish = Wish(leave_out=tuple(leave_out))
    done = train_picker(data[0], out=out, settings=told, wish=wish, making=making, resume=resume, tell=note)
    if as_json:
        onsets = {phase: onset.model_dump() for phase, onset in done.onsets.items()}
        say_json({"schema": "foreshock.train/1", "out": str(out), "sha256": done.bundle.sha256, "onsets": onsets})
    else:
        say(done.sentence())


def _source(data: Path, *, out: Path, seed: int, resume: bool, as_json: bool) -> None:
    from foreshock.road.source import train_source
    from foreshock.train.source.learn import LearnSettings

    done = train_source(data, out=out, settings=LearnSettings(seed=seed), resume=resume, tell=note)
    if as_json:
        say_json({"schema": "foreshock.train/1", "out": str(out), "sha256": done.bundle.sha256, "dev": dict(done.dev)})
    else:
        say(done.sentence())
