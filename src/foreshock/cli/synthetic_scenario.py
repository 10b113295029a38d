"""The verb `collect synthetic-scenario`: one scenario for early warning with its packets and truth. Knows no engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from foreshock.cli.answer import AsJson, say, say_json


def command(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder for the result; it must be new or empty.")],
    kind: Annotated[
        str, typer.Option(help="event, twin, quiet, or adversary:NAME; several adversaries stand with commas.")
    ] = "event",
    magnitude: Annotated[float | None, typer.Option(help="Of every earthquake; drawn where not told.")] = None,
    family: Annotated[str | None, typer.Option(help="A, to fit to, or B, held out.")] = None,
    network: Annotated[str | None, typer.Option(help="grid, random, coast or cluster.")] = None,
    stations: Annotated[int | None, typer.Option(help="How many; 25 unless --settings says otherwise.")] = None,
    spacing_km: Annotated[float | None, typer.Option(help="Between stations; 20 unless --settings says so.")] = None,
    sites: Annotated[int, typer.Option(min=0, max=100_000, help="Cities at which the truth is worked out.")] = 10,
    recordings: Annotated[bool, typer.Option(help="Write the whole recordings as an SDS archive, too.")] = True,
    seed: Annotated[int | None, typer.Option(min=0, help="Same seed, same bytes.")] = None,
    settings: Annotated[Path | None, typer.Option(help="A TOML file with the table scenario.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make one scenario for early warning: what a network sends, packet by packet, and all that is true of it.

    packets.jsonl.gz holds the packets in order of arrival, archive the whole recordings, stations.xml the network,
    truth.json the earthquakes and disturbances, sites.csv and site_truth.csv what cities felt and when.
    """
    from foreshock.collect.synthetic.scenario import ScenarioSettings, make_scenario, write_scenario
    from foreshock.config import read_tables, settings_from
    from foreshock.outputs import claimed_folder

    table: dict[str, Any] = read_tables(settings, ("scenario",))["scenario"] if settings else {}
    given = {"magnitude": magnitude, "family": family, "network": network, "stations": stations}
    given |= {"spacing_km": spacing_km, "seed": seed, **_of_kind(kind)}
    told = {**table, **{name: value for name, value in given.items() if value is not None}}
    scenario = make_scenario(settings_from(ScenarioSettings, told, where="[scenario]"))
    with claimed_folder(out, keep=()) as folder:
        made = write_scenario(scenario, folder, sites=sites, recordings=recordings)
    if as_json:
        counts = {"n": made.n_packets, "n_stations": len(scenario.stations), "n_sites": made.n_sites}
        events = [{"event_id": one.event_id, "magnitude": one.magnitude} for one in scenario.events]
        names = list(scenario.adversaries)
        told = {"events": events, "adversaries": names, "out": str(out), "seed": scenario.settings.seed}
        say_json({"schema": "foreshock.synthetic_scenario/1", **counts, **told})
    else:
        sizes = ", ".join(f"M {one.magnitude:.1f}" for one in scenario.events) or "no earthquake"
        names_said = " with " + ", ".join(scenario.adversaries) if scenario.adversaries else ""
        say(
            f"{sizes}{names_said}: {made.n_packets} packets of {len(scenario.stations)} stations written to {out} "
            f"(family {scenario.settings.family}, seed {scenario.settings.seed})"
        )


def _of_kind(kind: str) -> dict[str, Any]:
    """Settings that a kind of scenario stands for.

    Raises:
        ConfigError: there is no such kind.
    """
    from foreshock.collect.synthetic.scenario import ADVERSARIES
    from foreshock.errors import ConfigError, nearest

    if kind == "event":
        return {}
    if kind in ("twin", "quiet"):
        return {"events": 2 if kind == "twin" else 0}
    start, _, names = kind.partition(":")
    if start == "adversary" and names:
        chosen = tuple(names.split(","))
        for name in chosen:
            if name not in ADVERSARIES:
                raise ConfigError(f"adversary {name!r}", "it is not known", nearest(name, ADVERSARIES))
        return {"events": 0, "adversaries": chosen}
    raise ConfigError(f"kind {kind!r}", "it is not known", nearest(kind, ("event", "twin", "quiet", "adversary:NAME")))
