"""The verb `warn`: early warning from recordings or from a SeedLink server. Knows no engine's inside."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foreshock.cli.answer import AsJson, note, say, say_json, say_left_out

if TYPE_CHECKING:
    from foreshock.apps.warning.settings import WarningSettings
    from foreshock.deliver.endpoint import Endpoint
    from foreshock.road.warning import Warned, Watch


def command(
    *,
    out: Annotated[Path, typer.Option("--out", help="A folder for alerts.jsonl, cap/, tables and the report.")],
    stations: Annotated[
        list[Path] | None, typer.Option("--stations", help="StationXML or CSV; may be repeated.")
    ] = None,
    replay: Annotated[
        Path | None, typer.Option("--replay", help="A packet log, recordings, or a folder of them.")
    ] = None,
    seedlink: Annotated[str | None, typer.Option("--seedlink", help="HOST:PORT of a SeedLink server.")] = None,
    stream: Annotated[
        list[str] | None, typer.Option(help="Live: NET.STA.LOC.CHA with * and ?; may be repeated.")
    ] = None,
    sites: Annotated[Path | None, typer.Option("--sites", help="CSV: id, name, latitude, longitude …")] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.001, max=1e6, help="Replay: so many times as fast; else as fast as can be.")
    ] = None,
    latency_s: Annotated[
        float, typer.Option(min=0, help="Replay of recordings: from a packet's end to its arrival.")
    ] = 0.9,
    packet_s: Annotated[float, typer.Option(help="Replay of recordings: length of packets, seconds.")] = 1.0,
    start: Annotated[str | None, typer.Option(help="Replay of recordings: from this time on, ISO 8601.")] = None,
    end: Annotated[str | None, typer.Option(help="Replay of recordings: before this time, ISO 8601.")] = None,
    for_s: Annotated[float | None, typer.Option("--for-s", min=1, help="Live: end after so many seconds.")] = None,
    velocity_model: Annotated[
        str, typer.Option(help="iasp91_crust, southern_california, iasp91, ak135, or a CSV of layers.")
    ] = "iasp91_crust",
    settings: Annotated[
        Path | None, typer.Option("--settings", help="TOML: [stream] [trigger] [event] [policy], relation = …")
    ] = None,
    relation: Annotated[str | None, typer.Option(help="How first displacements scale with magnitude.")] = None,
    exercise: Annotated[
        str | None, typer.Option(help="Who orders an exercise: alerts may leave this machine then.")
    ] = None,
    webhook: Annotated[list[str] | None, typer.Option(help="POST alerts to this URL; may be repeated.")] = None,
    engine_id: Annotated[str, typer.Option(help="The sender's name in alerts, such as eew@example.org.")] = "foreshock",
    report: Annotated[bool, typer.Option(help="Write the report and its pictures.")] = True,
    resume: Annotated[bool, typer.Option("--resume", help="Go on in a folder that was begun.")] = False,
    as_json: AsJson = False,
) -> None:
    """Warn of earthquakes: replay recordings as if they came now, or follow a SeedLink server live.

    Alerts of a replay are tests. Nobody predicts earthquakes: what is told has begun already.
    """
    from foreshock.errors import ConfigError
    from foreshock.outputs import claimed_folder

    if (replay is None) == (seedlink is None):
        raise ConfigError("--replay and --seedlink", "one of them is needed, not both", "say where packets come from")
    told = _settings(settings, relation)
    with claimed_folder(out, resume=resume) as folder:
        ways: dict[str, Any] = {
            "stations": stations or [], "sites": sites, "velocity_model": velocity_model, "settings": told,
            "exercise": exercise, "engine_id": engine_id, "endpoints": _endpoints(webhook or []),
        }  # fmt: skip
        if replay is not None:
            done = _replayed(folder, replay, ways, speed=speed, cut=(packet_s, latency_s, start, end))
        else:
            assert seedlink is not None
            done = asyncio.run(_followed(folder, seedlink, stream or ["*.*.*.*"], ways, for_s=for_s))
        if report:
            from foreshock.road.warning_report import write_warning_report

            write_warning_report(folder)
    if as_json:
        say_json(done.as_json())
    else:
        say_left_out(list(done.left_out))
        say(done.sentence())


def _settings(path: Path | None, relation: str | None) -> WarningSettings:
    from foreshock.apps.warning.settings import WarningSettings
    from foreshock.config import read_toml, settings_from

    told = read_toml(path) if path else {}
    return settings_from(
        WarningSettings, told | ({"relation": relation} if relation else {}), where=str(path or "the command line")
    )


def _endpoints(webhooks: list[str]) -> list[Endpoint]:
    from foreshock.deliver.webhook import Webhook

    return [Webhook(url) for url in webhooks]


Cut = tuple[float, float, str | None, str | None]


def _replayed(folder: Path, path: Path, ways: dict[str, Any], *, speed: float | None, cut: Cut) -> Warned:
    from foreshock.clock import StepClock, utc_ns
    from foreshock.config import settings_from
    from foreshock.road.recorded import ReplaySettings, recorded
    from foreshock.road.warning import replay
    from foreshock.road.warning_start import first_of, watch_of

    packet_s, latency_s, start, end = cut
    told = {
        "packet_s": packet_s, "latency_s": latency_s,
        "start_ns": utc_ns(start) if start else None, "end_ns": utc_ns(end) if end else None,
    }  # fmt: skip
    source = recorded(path, settings_from(ReplaySettings, told, where="the command line"))
    first, packets = first_of(source.packets())
    clock = StepClock(first.arrived_ns)
    watch: Watch = watch_of(folder, clock=clock, source=str(path), mode="replay", started_ns=first.arrived_ns, **ways)
    done = replay(packets, watch, clock, speed=speed, tell=note)
    for item, reason in source.skipped[:20]:
        note(f"left out: {item}: {reason}")
    return done


async def _followed(
    folder: Path, address: str, streams: list[str], ways: dict[str, Any], *, for_s: float | None
) -> Warned:
    from foreshock.clock import LiveClock
    from foreshock.collect.seedlink import SeedLinkClient
    from foreshock.road.relay import stopped_by_signals
    from foreshock.road.warning import live
    from foreshock.road.warning_start import watch_of

    clock = LiveClock()
    client = SeedLinkClient(address.removeprefix("seedlink://"), streams, clock=clock)
    watch: Watch = watch_of(folder, clock=clock, source=address, mode="live", started_ns=clock.now_ns(), **ways)
    stop = asyncio.Event()
    with stopped_by_signals(stop):
        try:
            return await live(client.packets(), watch, clock=clock, stop=stop, for_s=for_s)
        finally:
            await client.close()
