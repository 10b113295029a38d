"""The verb `relay`: serve recordings, a packet log or another server by SeedLink. Knows no protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from foreshock.cli.answer import AsJson, note, say, say_json, say_left_out


def command(
    source: Annotated[
        str, typer.Argument(help="Files, a folder, a packet log, seedlink://host:port or datalink://host:port.")
    ],
    *,
    host: Annotated[str | None, typer.Option(help="Where to listen; default: for this machine only.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one and tells it.")] = 18000,
    stream: Annotated[
        list[str] | None, typer.Option(help="Asked of another server: NET.STA.LOC.CHA with * and ?; repeatable.")
    ] = None,
    speed: Annotated[float, typer.Option(min=0.001, max=1e6, help="A replay's speed; 1 is real time.")] = 1.0,
    packet_s: Annotated[float, typer.Option(help="Length of packets made of files, seconds.")] = 1.0,
    latency_s: Annotated[float, typer.Option(min=0, help="From a packet's end to its arrival, median, seconds.")] = 0.0,
    jitter: Annotated[float, typer.Option(min=0, help="Standard deviation of the latency's logarithm.")] = 0.0,
    lost: Annotated[float, typer.Option(min=0, max=1, help="Share of packets that never arrive.")] = 0.0,
    seed: Annotated[int, typer.Option(min=0, help="Of jitter and loss.")] = 0,
    start: Annotated[str | None, typer.Option(help="Only data from this time on, ISO 8601.")] = None,
    end: Annotated[str | None, typer.Option(help="Only data before this time, ISO 8601.")] = None,
    miniseed: Annotated[int, typer.Option(min=2, max=3, help="Version of the records made of files.")] = 2,
    keep: Annotated[int, typer.Option(min=1, help="Records held of each station for those who come back.")] = 600,
    now: Annotated[
        bool, typer.Option("--now", help="Move a replay's times so that it begins now, as if it were live.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Begin a replay when the first client wants data.")] = False,
    until_done: Annotated[bool, typer.Option("--until-done", help="End when all is given and taken.")] = False,
    expose: Annotated[
        str | None, typer.Option(help="Let other machines in: 'accounts' (TLS, a password) or 'anyone'.")
    ] = None,
    accounts: Annotated[Path | None, typer.Option(help="A file of lines 'name password'.")] = None,
    certificate: Annotated[Path | None, typer.Option(help="PEM; the line is encrypted (TLS).")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM; the certificate's key.")] = None,
    login: Annotated[Path | None, typer.Option(help="A file 'name password' for a seedlinks:// source.")] = None,
    as_json: AsJson = False,
) -> None:
    """Serve recordings, a packet log or another server by SeedLink 3 and 4, until Ctrl-C."""
    import asyncio

    from foreshock.clock import LiveClock, utc_ns
    from foreshock.collect.seedlink import Ring, ServerSettings
    from foreshock.config import settings_from
    from foreshock.errors import ConfigError
    from foreshock.road.relay import first_sequence, relay, server_of
    from foreshock.road.relay_feeds import RelaySettings, feed_of

    if expose not in (None, "accounts", "anyone"):
        raise ConfigError(f"--expose {expose}", "it is 'accounts' or 'anyone'", "say who may read")
    if expose == "accounts" and not accounts:
        raise ConfigError("--expose accounts", "it needs --accounts", "give a file of names and passwords")
    told = {
        "speed": speed, "packet_s": packet_s, "latency_s": latency_s, "jitter": jitter, "lost": lost, "seed": seed,
        "start_ns": utc_ns(start) if start else None, "end_ns": utc_ns(end) if end else None, "version": miniseed,
        "kept": keep, "waits": wait, "as_now": now, "until_done": until_done,
    }  # fmt: skip
    settings = settings_from(RelaySettings, told | ({"streams": stream} if stream else {}), where="the command line")
    listening = {"port": port, "is_exposed": expose is not None} | ({"host": host} if host else {})
    serving = settings_from(ServerSettings, listening, where="the command line")
    clock = LiveClock()
    feed = feed_of(source, settings, login=login)
    ring = Ring(records=keep, begin=first_sequence(clock))
    server = server_of(ring, serving, clock=clock, accounts=accounts, certificate=certificate, key=key)
    done = asyncio.run(relay(feed, server, source=source, settings=settings, tell=note))
    if as_json:
        say_json(done.as_json())
    else:
        say_left_out(done.skipped)
        say(done.sentence())
