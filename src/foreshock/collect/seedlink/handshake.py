"""Handshake: a client's talk with a SeedLink server before the data, version 3 and 4. Knows no reconnecting."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from foreshock.collect.seedlink.wanted import Asking
from foreshock.collect.seedlink.wire import HEAD4, MOST_PAYLOAD, nonsense
from foreshock.errors import NetworkError

LONGEST_LINE = 4096


@dataclass(slots=True)
class Talk:
    """A line on which commands are said and answers heard."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def say(self, *commands: str) -> None:
        """Send commands."""
        self.writer.write("".join(f"{one}\r\n" for one in commands).encode("ascii"))

    async def line(self) -> str:
        """Hear one line.

        Raises:
            NetworkError: the line is closed, or the answer too long.
        """
        try:
            heard = await self.reader.readuntil(b"\n")
        except asyncio.IncompleteReadError:
            raise NetworkError("the server", "it hung up before it answered", "check host and port") from None
        except asyncio.LimitOverrunError:
            raise nonsense("an answer without an end", f"a line has {LONGEST_LINE} letters at most") from None
        return heard.decode("ascii", "replace").strip()

    async def said(self, command: str) -> str:
        """Send one command and hear its answer."""
        self.say(command)
        return await self.line()

    async def must(self, command: str, *, shown: str = "") -> None:
        """Send a command that must be accepted.

        Raises:
            NetworkError: it is not.
        """
        answer = await self.said(command)
        if answer != "OK":
            raise NetworkError(f"{shown or command}", f"the server answered {answer[:100]!r}", "ask for what it offers")

    async def info4(self, words: str) -> dict[str, Any]:
        """Ask version 4 INFO and give what the server tells; nothing where it will not."""
        self.say(f"INFO {words}")
        head = await self._exactly(HEAD4)
        n_bytes, n_name = int.from_bytes(head[4:8], "little"), head[16]
        if head[:3] != b"SEJ" or n_bytes > MOST_PAYLOAD:
            raise nonsense(f"{head[:4]!r} as the answer to INFO", "it is a packet of JSON")
        payload = (await self._exactly(n_name + n_bytes))[n_name:]
        try:
            told = json.loads(payload)
        except ValueError:
            raise nonsense("the answer to INFO", "it is not JSON") from None
        return told if isinstance(told, dict) and head[3:4] == b"I" else {}

    async def _exactly(self, n_bytes: int) -> bytes:
        try:
            return await self.reader.readexactly(n_bytes)
        except asyncio.IncompleteReadError:
            raise NetworkError("the server", "it hung up in mid-answer", "it will be tried again") from None


async def greet(talk: Talk, *, protocol: int | None) -> int:
    """Say HELLO, and agree on a version.

    Raises:
        NetworkError: the server does not speak SeedLink, or not that version.
    """
    first = await talk.said("HELLO")
    await talk.line()
    if not first.lower().startswith("seedlink"):
        raise nonsense(f"greeting {first[:80]!r}", "it begins with SeedLink")
    speaks4 = "SLPROTO:4" in first
    if protocol == 4 and not speaks4:
        raise NetworkError(f"{first[:80]!r}", "the server does not speak version 4", "use version 3")
    return protocol or (4 if speaks4 else 3)


async def begin4(talk: Talk, *, agent: str, account: tuple[str, str] | None) -> None:
    """Turn to version 4, and say who we are.

    Raises:
        NetworkError: the server does not want that.
    """
    await talk.must("SLPROTO 4.0")
    await talk.must(f"USERAGENT {agent}")
    if account:
        await talk.must(f"AUTH USERPASS {account[0]} {account[1]}", shown=f"AUTH USERPASS {account[0]} …")


async def ends_of(talk: Talk, patterns: Sequence[str]) -> dict[str, int]:
    """The next sequence of every station that fits, as the server tells it."""
    ends: dict[str, int] = {}
    for pattern in patterns:
        for one in (await talk.info4(f"STATIONS {pattern}")).get("station", []):
            if isinstance(one, dict) and isinstance(one.get("id"), str) and isinstance(one.get("end_seq"), int):
                ends[one["id"]] = one["end_seq"]
    return ends


async def ask(talk: Talk, told: Sequence[Asking], *, version: int, is_dialup: bool) -> list[str]:
    """Ask for stations and let the data flow; give what the server refused.

    Raises:
        NetworkError: it refused everything.
    """
    refused: list[str] = []
    taken = 0
    for asking in told:
        answers = await _asked4(talk, asking) if version == 4 else await _asked3(talk, asking)
        wrong = [f"{command}: {answer}" for command, answer in answers if answer != "OK"]
        refused += wrong
        taken += not wrong
    if not taken:
        why = refused[0] if refused else "no station was asked for"
        raise NetworkError("the server", f"it refused all ({why[:120]})", "ask for streams that it has")
    talk.say("ENDFETCH" if is_dialup and version == 4 else "END")
    return refused


async def _asked4(talk: Talk, asking: Asking) -> list[tuple[str, str]]:
    commands = [f"STATION {asking.station}", *(f"SELECT {one}" for one in asking.selectors), asking.data]
    talk.say(*commands)
    return [(command, await talk.line()) for command in commands]


async def _asked3(talk: Talk, asking: Asking) -> list[tuple[str, str]]:
    network, _, station = asking.station.partition("_")
    answers = []
    for command in (f"STATION {station} {network}", *(f"SELECT {one}" for one in asking.selectors), asking.data):
        answers.append((command, await talk.said(command)))
        if answers[-1][1] != "OK":
            break
    return answers
