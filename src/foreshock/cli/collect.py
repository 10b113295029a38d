"""The verb `collect`: look at, check, download, synthesise and convert recordings. Knows no model."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli import synthetic_network, synthetic_scenario
from foreshock.cli.answer import AsJson, listed, note, say, say_json, say_left_out, say_table

app = typer.Typer(no_args_is_help=True, help="Collect recordings: scan, check, download, synthesise, convert.")

PathArgument = Annotated[Path, typer.Argument(help="A file, a folder, an SDS archive or a data set.")]
OutOption = Annotated[Path, typer.Option("--out", help="The folder for the result; it must be new or empty.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with an unfinished run in --out.")]


@app.command()
def scan(path: PathArgument, *, as_json: AsJson = False) -> None:
    """List what a file or folder holds: a line a channel, with span, rate, gaps, and what cannot be read."""
    from foreshock.collect.files import describe
    from foreshock.errors import NothingMatchedError
    from foreshock.road.recordings import why

    rows = describe(path)
    unusable = [(str(row["path"]), str(row["reason"])) for row in rows if row["reason"]]
    if not as_json:
        say_left_out(unusable)
    if len(rows) == len(unusable):
        raise NothingMatchedError(str(path), f"it holds no channel ({why(unusable)})", "give waveform files")
    if as_json:
        say_json({"schema": "foreshock.scan/1", "n": len(rows) - len(unusable), "channels": rows})
    else:
        say_table([row for row in rows if not row["reason"]], columns=("id", "start", "end", "rate_hz", "gaps", "path"))
        say(f"{len(rows) - len(unusable)} channels, {len(unusable)} items skipped")


@app.command()
def check(
    path: PathArgument,
    *,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for the pictures and tables.")] = None,
    stations: Annotated[Path | None, typer.Option(help="StationXML, for waveform files.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find the defects of recordings and labels, and draw availability, noise and diversity."""
    from foreshock.collect.check import as_json as plain
    from foreshock.collect.check import check_path, draw
    from foreshock.outputs import claimed_folder, write_json

    with contextlib.nullcontext() if out is None else claimed_folder(out, keep=()) as folder:
        report = check_path(path, stations=stations)
        told = {"schema": "foreshock.check/1", "n": report.n_items, **plain(report)}
        drawn = [] if folder is None else draw(report, folder)
        if folder is not None:
            write_json(folder / "check.json", told)
    if out is not None:
        note("drawn: " + (", ".join(str(item) for item in drawn) or "nothing, for nothing could be read"))
    if as_json:
        say_json(told)
        return
    for finding in report.findings:
        figures = f" ({finding.detail})" if finding.detail else ""
        say(f"{finding.severity:7} {finding.code:20} ×{finding.count}: {finding.sentence}{figures} → {finding.remedy}")
    for line in report.notes:
        say(line)
    say(f"{report.n_items} records or traces looked at, {len(report.findings)} kinds of defect found")


@app.command()
def synthetic(
    *,
    out: OutOption,
    records: Annotated[int, typer.Option(min=1, help="How many records.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    settings: Annotated[Path | None, typer.Option(help="A TOML file with the table synthetic.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make records of synthetic earthquakes and noise, every one with its truth, as a data set."""
    from foreshock.collect.datasets import write_dataset
    from foreshock.collect.synthetic import SyntheticSettings, synthesise
    from foreshock.config import read_tables, settings_from
    from foreshock.outputs import claimed_folder

    told = read_tables(settings, ("synthetic",))["synthetic"] if settings else {}
    chosen = settings_from(SyntheticSettings, {**told, "records": records}, where="[synthetic]")
    with claimed_folder(out, keep=()) as folder:
        written = write_dataset(folder / "dataset", synthesise(chosen, seed=seed), name="synthetic")
    if as_json:
        say_json({"schema": "foreshock.synthetic/1", "n": written, "out": str(out / "dataset"), "seed": seed})
    else:
        say(f"{written} records written to {out / 'dataset'} (seed {seed})")


app.command("synthetic-network")(synthetic_network.command)
app.command("synthetic-scenario")(synthetic_scenario.command)


@app.command()
def fdsn(
    *,
    base_url: Annotated[str, typer.Option(help="The server, e.g. https://service.iris.edu.")],
    network: Annotated[str, typer.Option(help="Its code; * and ? stand for any letters.")],
    station: Annotated[str, typer.Option(help="Likewise.")] = "*",
    location: Annotated[str, typer.Option(help="Likewise; -- for none.")] = "*",
    channel: Annotated[str, typer.Option(help="Likewise, e.g. HH?.")] = "*",
    start: Annotated[str, typer.Option(help="UTC, e.g. 2020-06-23T15:00:00Z.")],
    end: Annotated[str, typer.Option(help="UTC.")],
    out: OutOption,
    resume: ResumeOption = False,
    most_bytes: Annotated[int, typer.Option(min=1, help="Leave out spans with a longer answer.")] = 2 * 2**30,
    as_json: AsJson = False,
) -> None:
    """Download waveforms and station files from an FDSN server, with checksums; an interrupted one resumes."""
    from foreshock.clock import LiveClock, utc_ns
    from foreshock.collect.fdsn import download
    from foreshock.errors import OutputError
    from foreshock.outputs import locked_folder

    if out.is_dir() and any(out.iterdir()) and not resume:
        raise OutputError(f"--out {out}", "it holds something already", "add --resume or choose another folder")
    with locked_folder(out):
        result = download(
            base_url,
            out,
            network=network,
            station=station,
            location=location,
            channel=channel,
            start_ns=utc_ns(start),
            end_ns=utc_ns(end),
            clock=LiveClock(),
            most_bytes=most_bytes,
            progress=lambda done, of: note(f"{done} of {of} spans"),
        )
    say_left_out(result.skipped)
    if as_json:
        files = [str(file) for file in result.files]
        say_json({"schema": "foreshock.fdsn/1", "n": len(files), "files": files, "skipped": listed(result.skipped)})
    else:
        say(f"{len(result.files)} files in {out}, {result.fetched} of them new; {len(result.skipped)} spans skipped")


@app.command()
def convert(
    path: PathArgument,
    *,
    out: OutOption,
    mapping: Annotated[Path | None, typer.Option(help="A TOML file that names columns and component order.")] = None,
    stations: Annotated[Path | None, typer.Option(help="StationXML or CSV, for waveform files.")] = None,
    to: Annotated[str, typer.Option(help="dataset (SeisBench format) or sds (day files).")] = "dataset",
    as_json: AsJson = False,
) -> None:
    """Turn recordings of any kind into a data set in Z N E order, or into an SDS archive."""
    from foreshock.collect.datasets import write_dataset
    from foreshock.collect.sds import write_sds
    from foreshock.errors import ConfigError
    from foreshock.outputs import claimed_folder
    from foreshock.road.recordings import at_least_one, name_of, notes_of, source_of

    if to not in ("dataset", "sds"):
        raise ConfigError(f"--to {to}", "it is neither dataset nor sds", "choose one of the two")
    source = source_of(path, stations=stations, mapping=mapping)
    with claimed_folder(out, keep=()) as folder:
        if to == "dataset":
            n = write_dataset(folder / "dataset", at_least_one(source, path), name=name_of(path))
        else:
            n = len(write_sds(folder, (record.waveform for record in at_least_one(source, path))))
    say_left_out(source.skipped, notes_of(source))
    if as_json:
        told = {"n": n, "out": str(out), "skipped": listed(source.skipped), "notes": listed(notes_of(source))}
        say_json({"schema": "foreshock.convert/1", **told})
    else:
        say(f"{n} {'records' if to == 'dataset' else 'files'} written to {out}, {len(source.skipped)} items skipped")
