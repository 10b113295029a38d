"""The verb `collect synthetic-network`: a continuous recording of a network with exact truth. Knows no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from foreshock.cli.answer import AsJson, note, say, say_json


def command(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder for the result; it must be new or empty.")],
    stations: Annotated[int | None, typer.Option(help="How many; 50 unless --settings says otherwise.")] = None,
    events: Annotated[int | None, typer.Option(help="How many earthquakes; 2000 unless --settings says so.")] = None,
    span_s: Annotated[float | None, typer.Option(help="Length in seconds; a day unless --settings says so.")] = None,
    start: Annotated[str | None, typer.Option(help="First sample, UTC; 2021-05-01T00:00:00Z by itself.")] = None,
    every_s: Annotated[float | None, typer.Option(help="Events evenly spaced in time, in place of --events.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 0,
    settings: Annotated[Path | None, typer.Option(help="A TOML file with the table network_day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a network's continuous recording: an SDS archive, stations.xml, and the truth as tables.

    Earthquakes follow Gutenberg-Richter and Omori laws; stations have delays, clock errors, gaps and noise of day and
    night. truth.csv is what `foreshock evaluate --task catalogue` scores a catalogue against.
    """
    from foreshock.collect.synthetic.day_settings import NetworkDaySettings
    from foreshock.collect.synthetic.network_day import write_network_day
    from foreshock.config import read_tables, settings_from
    from foreshock.outputs import claimed_folder

    table: dict[str, Any] = read_tables(settings, ("network_day",))["network_day"] if settings else {}
    given = {"stations": stations, "events": events, "span_s": span_s, "start": start, "every_s": every_s}
    told = {**table, **{name: value for name, value in given.items() if value is not None}}
    chosen = settings_from(NetworkDaySettings, told, where="[network_day]")
    with claimed_folder(out, keep=()) as folder:
        made = write_network_day(folder, chosen, seed=seed, tell=note)
    counts = {"n": made.n_events, "n_seen": made.n_seen, "n_stations": made.n_stations, "n_waves": made.n_waves}
    if as_json:
        say_json({"schema": "foreshock.synthetic_network/1", **counts, "out": str(out), "seed": seed})
    else:
        say(
            f"{made.n_events} earthquakes, {made.n_seen} of them seen, at {made.n_stations} stations for "
            f"{chosen.span_s:g} s written to {out} (seed {seed})"
        )
