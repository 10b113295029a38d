"""The verb `evaluate`: a bundle and its rivals, pickers, sources, a catalogue or warnings, scored. Knows no network."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json, say_table
from foreshock.cli.train import DataOption, TableOption

ModelOption = Annotated[Path, typer.Option("--model", help="A bundle or a run folder.")]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu or cuda.")]


def command(
    runs: Annotated[
        list[Path] | None, typer.Argument(help="Warning: folders of runs, or folders of such folders.")
    ] = None,
    *,
    model: Annotated[
        Path | None, typer.Option("--model", help="A bundle or a run folder; for picks also a picker's name.")
    ] = None,
    task: Annotated[
        str, typer.Option("--task", help="bundle (a trained model), picks, source, catalogue or warning.")
    ] = "bundle",
    data: DataOption = None,
    table: TableOption = None,
    split: Annotated[str, typer.Option(help="train, dev, test, or all.")] = "test",
    out: Annotated[Path | None, typer.Option("--out", help="A folder for report.html, metrics.json, pictures.")] = None,
    device: DeviceOption = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    picks: Annotated[
        list[Path] | None, typer.Option("--picks", help="Picks: somebody's picks.csv to score too; may be repeated.")
    ] = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Picks: leave out those less probable.")] = 0.0,
    only_good: Annotated[
        bool, typer.Option("--only-good", help="Picks: only labels a person read or checked.")
    ] = False,
    stability: Annotated[bool, typer.Option("--stability", help="Picks: also look through 50 window shifts.")] = False,
    quiet: Annotated[
        Path | None, typer.Option("--quiet", help="Picks: continuous recordings of 3 stations, for false picks.")
    ] = None,
    quiet_from: Annotated[str | None, typer.Option(help="Picks: begin of --quiet, UTC.")] = None,
    quiet_to: Annotated[str | None, typer.Option(help="Picks: end of --quiet, UTC.")] = None,
    use_station: Annotated[
        bool, typer.Option("--use-station/--no-station", help="Source: use the instruments' own terms.")
    ] = True,
    events: Annotated[
        Path | None, typer.Option("--events", help="Catalogue: the folder of a run, or somebody's events.csv.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            help="Catalogue: a CSV file of true earthquakes. Warning: truth.json, a catalogue, or a folder with one "
            "for each run; the run's own truth.json if not told.",
        ),
    ] = None,
    rival: Annotated[
        list[str] | None, typer.Option("--rival", help="Warning: NAME=DIR, runs of another engine; may be repeated.")
    ] = None,
    within_s: Annotated[
        float | None,
        typer.Option(help="Catalogue, warning: found and true may be so far apart in time; 3 and 15 s if not told."),
    ] = None,
    within_km: Annotated[
        float | None, typer.Option(help="And so far in their epicentres; 30 and 60 km if not told.")
    ] = None,
    site_threshold: Annotated[
        float | None,
        typer.Option(help="Warning: intensity of sites of which nobody tells a threshold; MMI 4 if not told."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score a bundle beside its rivals, pickers, sources, a catalogue or warnings, with intervals over events."""
    from foreshock.errors import ConfigError, nearest

    if task != "warning" and (runs or rival):
        raise ConfigError(f"{(runs or rival or [''])[0]}", "only --task warning takes runs and rivals", "add it")
    if task == "picks":
        from foreshock.cli.evaluate_picks import evaluate_picks

        evaluate_picks(
            data=tuple(data or ()),
            table=table,
            out=out,
            as_json=as_json,
            split=split,
            only_good=only_good,
            model=None if model is None else str(model),
            files=tuple(picks or ()),
            threshold=threshold,
            stability=stability,
            quiet=quiet,
            quiet_from=quiet_from,
            quiet_to=quiet_to,
            seed=seed,
        )
        return
    if task == "source":
        from foreshock.cli.evaluate_source import evaluate_source

        evaluate_source(
            data=tuple(data or ()),
            table=table,
            out=out,
            as_json=as_json,
            split=split,
            model=model,
            use_station=use_station,
            seed=seed,
        )
        return
    if task == "catalogue":
        from foreshock.cli.evaluate_catalogue import evaluate_catalogue

        evaluate_catalogue(
            events=events,
            truth=truth,
            out=out,
            as_json=as_json,
            within_s=within_s,
            within_km=within_km,
            seed=seed,
        )
        return
    if task == "warning":
        from foreshock.cli.evaluate_warning import evaluate_warning

        evaluate_warning(
            runs=tuple(runs or ()),
            truth=truth,
            rivals=tuple(rival or ()),
            site_threshold=site_threshold,
            out=out,
            as_json=as_json,
            within_s=within_s,
            within_km=within_km,
            seed=seed,
        )
        return
    if task != "bundle":
        known = ["bundle", "picks", "source", "catalogue", "warning"]
        raise ConfigError(f"--task {task!r}", "it is not known", nearest(task, known))
    if model is None:
        raise ConfigError("--model", "it is missing, and a bundle is to be scored", "name one, or give --task picks")
    _evaluate_bundle(model, data, table, split=split, out=out, device=device, seed=seed, as_json=as_json)


def _evaluate_bundle(
    model: Path,
    data: list[Path] | None,
    table: Path | None,
    *,
    split: str,
    out: Path | None,
    device: str,
    seed: int,
    as_json: bool,
) -> None:
    from foreshock.outputs import claimed_folder
    from foreshock.road.assessment import assess, write_assessment

    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        assessment = assess(model, data=tuple(data or ()), table=table, split=split, device=device, seed=seed)
        if folder is not None:
            write_assessment(assessment, folder)
            note(f"report: {folder / 'report.html'}")
    if as_json:
        say_json(assessment.as_json())
        return
    scores = assessment.scores
    said = {"ours": scores.ours, **scores.rivals}
    rows = [
        {"metric": metric.name, **{who: with_interval(held[metric.name]) for who, held in said.items()}}
        for metric in scores.metrics
    ]
    say(f"{scores.n} examples of {scores.n_events} events, split {split}, 95 % intervals over events")
    say_table(rows)
    for warning in scores.warnings:
        note(f"note: {warning}")
    if assessment.skipped:
        note(f"{len(assessment.skipped)} records left out; --json or --out lists them with their reasons")


def with_interval(score: object) -> str:
    """A score as text with its interval."""
    value, low, high = (getattr(score, name) for name in ("value", "low", "high"))
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"
