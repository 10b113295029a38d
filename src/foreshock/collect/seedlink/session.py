"""Session: what a SeedLink server answers to each line of a client, version 3 and 4. Knows no sockets and no clocks.

Source: SeedLink protocol (FDSN), and for version 3 what SeisComP, ringserver and ObsPy say and expect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from foreshock.collect.seedlink.asked import Request, put_data3, put_data4, put_time3
from foreshock.collect.seedlink.info import Server, info3, info4
from foreshock.collect.seedlink.names import checked, selector3, selector4
from foreshock.errors import ForeshockError

MOST_REQUESTS = 20_000
MOST_SELECTORS = 100
CAPABILITIES4 = "SLPROTO:4.0 SLPROTO:3.1 TIME SEQWILDCARD"
OK = b"OK\r\n"


class DeniedError(Exception):
    """A command that is not accepted, by version 4's code and in words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code, words)
        self.code, self.words = code, words


@dataclass(slots=True)
class Session:
    """The state of one conversation.

    Attributes:
        server: what is told of the server. check: says whether a name and password are known; None where everyone
            may read. is_private: whether the line is encrypted. version: 3 until the client asks for 4.
        requests: what was asked for. is_streaming: whether data flow. is_dialup: whether they end at the ring's end.
        agent: who the client says it is. is_over: whether it said goodbye.
    """

    server: Server
    check: Callable[[str, str], bool] | None = None
    is_private: bool = False
    version: int = 3
    requests: list[Request] = field(default_factory=list)
    is_streaming: bool = False
    is_dialup: bool = False
    is_known: bool = False
    is_over: bool = False
    agent: str = ""
    _current: Request | None = None
    _is_quiet: bool = False

    def answer(self, line: str) -> bytes:
        """Take one line, give what is sent back."""
        word, _, rest = line.strip().replace("\t", " ").partition(" ")
        told = rest.split()
        name = word.upper()
        if self.is_streaming and name not in ("INFO", "BYE"):
            return b""  # the protocol has no answer here
        was_quiet = self._is_quiet
        try:
            known = _VERBS4 if self.version == 4 else _VERBS3
            if name not in known:
                raise DeniedError("UNSUPPORTED", f"{name[:32]} is not known")
            reply = known[name](self, told)
        except DeniedError as denied:
            return self._denied(denied.code, denied.words)
        except ForeshockError as error:
            return self._denied("ARGUMENTS", str(error))
        return b"" if was_quiet and reply == OK else reply

    def _denied(self, code: str, words: str) -> bytes:
        if self._is_quiet:
            return b""
        plain = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in words)[:200]
        return f"ERROR {code} {plain}\r\n".encode() if self.version == 4 else b"ERROR\r\n"

    # -- both versions -------------------------------------------------------------------------------------------------

    def _hello(self, told: list[str]) -> bytes:
        more = " AUTH:USERPASS" if self.check else ""
        first = f"SeedLink v4.0 ({self.server.software}) :: {CAPABILITIES4}{more} BATCH NSWILDCARD MULTISTATION"
        return f"{first}\r\n{self.server.organization}\r\n".encode()

    def _bye(self, told: list[str]) -> bytes:
        self.is_over = True
        return b""

    def _may_read(self) -> None:
        if self.check and not self.is_known:
            raise DeniedError("UNAUTHORIZED", "say AUTH USERPASS first")

    def _asked(self, station: str) -> bytes:
        self._may_read()
        self._current = None
        if len(self.requests) >= MOST_REQUESTS:
            raise DeniedError("LIMIT", f"no more than {MOST_REQUESTS} stations")
        self._current = Request(checked(station))
        self.requests.append(self._current)
        return OK

    def _of_station(self) -> Request:
        self._may_read()
        if self._current is None:
            if self.version == 4 or self.requests:
                raise DeniedError("UNEXPECTED", "say STATION first")
            self._current = Request("*")  # version 3 with one station
            self.requests.append(self._current)
        return self._current

    def _flow(self, *, is_dialup: bool) -> bytes:
        self._may_read()
        self.is_streaming, self.is_dialup = True, self.is_dialup or is_dialup
        return b""

    def _end(self, told: list[str]) -> bytes:
        if self.version == 4 and not self.requests:
            raise DeniedError("UNEXPECTED", "say STATION first")
        for one in self.requests if self.version == 4 else ():
            one.is_accepted = True
        return self._flow(is_dialup=False)

    # -- version 4 -----------------------------------------------------------------------------------------------------

    def _protocol(self, told: list[str]) -> bytes:
        if told not in (["4.0"], ["3.0"], ["3.1"]):
            raise DeniedError("UNSUPPORTED", "versions are 4.0, 3.1 and 3.0")
        if self.requests:
            raise DeniedError("UNEXPECTED", "say SLPROTO first")
        self.version = int(told[0][0])
        return OK

    def _useragent(self, told: list[str]) -> bytes:
        self.agent = " ".join(told)[:200]
        return OK

    def _auth(self, told: list[str]) -> bytes:
        if self.check is None or not told or told[0].upper() != "USERPASS":
            raise DeniedError("UNSUPPORTED", "no such way to say who you are")
        if not self.is_private:
            raise DeniedError("UNEXPECTED", "a password is taken over TLS only")
        if len(told) != 3 or not self.check(told[1], told[2]):
            raise DeniedError("AUTH", "name or password is wrong")
        self.is_known = True
        return OK

    def _capabilities(self, told: list[str]) -> bytes:
        return f"{CAPABILITIES4}{' AUTH:USERPASS' if self.check else ''}\r\n".encode()

    def _station4(self, told: list[str]) -> bytes:
        if len(told) != 1:
            raise DeniedError("ARGUMENTS", "STATION takes one pattern")
        return self._asked(told[0])

    def _select4(self, told: list[str]) -> bytes:
        request = self._of_station()
        if not told:
            raise DeniedError("ARGUMENTS", "SELECT takes a pattern")
        if len(request.selectors) + len(told) > MOST_SELECTORS:
            raise DeniedError("LIMIT", f"no more than {MOST_SELECTORS} patterns of a station")
        request.selectors += [selector4(one) for one in told]
        return OK

    def _data4(self, told: list[str]) -> bytes:
        put_data4(self._of_station(), told)
        return OK

    def _endfetch(self, told: list[str]) -> bytes:
        self._end(told)
        return self._flow(is_dialup=True)

    def _info4(self, told: list[str]) -> bytes:
        if self.check and not self.is_known and [one.upper() for one in told[:1]] not in (["ID"], ["CAPABILITIES"]):
            return info4(self.server, [], denied="UNAUTHORIZED")
        return info4(self.server, told)

    # -- version 3 -----------------------------------------------------------------------------------------------------

    def _batch(self, told: list[str]) -> bytes:
        self._is_quiet = True
        return OK

    def _may(self, told: list[str]) -> bytes:
        unknown = [
            one for one in told if one.partition(":")[0] not in ("SLPROTO", "BATCH", "NSWILDCARD", "MULTISTATION")
        ]
        if unknown:
            raise DeniedError("UNSUPPORTED", unknown[0])
        return OK

    def _station3(self, told: list[str]) -> bytes:
        if len(told) not in (1, 2):
            raise DeniedError("ARGUMENTS", "STATION takes a station and a network")
        return self._asked(f"{told[1] if len(told) == 2 else '*'}_{told[0]}")

    def _select3(self, told: list[str]) -> bytes:
        request = self._of_station()
        if len(request.selectors) + len(told) > MOST_SELECTORS:
            raise DeniedError("LIMIT", f"no more than {MOST_SELECTORS} patterns of a station")
        request.selectors = [*request.selectors, *map(selector3, told)] if told else []
        return OK

    def _data3(self, told: list[str]) -> bytes:
        return self._accepted3(told, put_data3)

    def _fetch3(self, told: list[str]) -> bytes:
        self.is_dialup = True
        return self._accepted3(told, put_data3)

    def _time3(self, told: list[str]) -> bytes:
        return self._accepted3(told, put_time3)

    def _accepted3(self, told: list[str], put: Callable[[Request, list[str]], None]) -> bytes:
        request = self._of_station()
        is_alone = len(self.requests) == 1 and request.station == "*"
        put(request, told)
        request.is_accepted = True
        return self._flow(is_dialup=False) if is_alone else OK

    def _info3(self, told: list[str]) -> bytes:
        if self.check and [one.upper() for one in told[:1]] not in (["ID"], ["CAPABILITIES"]):
            raise DeniedError("UNAUTHORIZED", "")
        return info3(self.server, told)


Verb = Callable[[Session, list[str]], bytes]
_VERBS4: Mapping[str, Verb] = {
    "HELLO": Session._hello, "BYE": Session._bye, "SLPROTO": Session._protocol, "USERAGENT": Session._useragent,
    "AUTH": Session._auth, "GETCAPABILITIES": Session._capabilities, "STATION": Session._station4,
    "SELECT": Session._select4, "DATA": Session._data4, "END": Session._end, "ENDFETCH": Session._endfetch,
    "INFO": Session._info4,
}  # fmt: skip
_VERBS3: Mapping[str, Verb] = {
    "HELLO": Session._hello, "BYE": Session._bye, "SLPROTO": Session._protocol, "USERAGENT": Session._useragent,
    "CAPABILITIES": Session._may, "BATCH": Session._batch, "STATION": Session._station3, "SELECT": Session._select3,
    "DATA": Session._data3, "FETCH": Session._fetch3, "TIME": Session._time3, "END": Session._end,
    "INFO": Session._info3,
}  # fmt: skip


def lines_of(content: bytes) -> tuple[Sequence[str], bytes]:
    """Whole lines, ended by carriage return or line feed or both, and what is left over; empty lines go.

    >>> lines_of(b"HELLO\\r\\nSLPROTO 4.0\\rEN")
    (['HELLO', 'SLPROTO 4.0'], b'EN')
    """
    *whole, rest = content.replace(b"\r", b"\n").split(b"\n")
    return [line.decode("ascii", "replace") for line in whole if line.strip()], rest
