"""WebSocket: a server that pushes alerts to whoever is connected. Knows no replies; needs the extra `live`.

It binds to this machine by default. Bound elsewhere it wants a token from every client, and as every listener
elsewhere it gets no tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import threading
from collections import deque
from concurrent.futures import TimeoutError as NotInTime
from http import HTTPStatus
from pathlib import Path

from foreshock.deliver.address import Place, resolved
from foreshock.deliver.endpoint import Endpoint, admit
from foreshock.deliver.lines import line
from foreshock.deliver.secret import Secret
from foreshock.deliver.tls import server_tls
from foreshock.errors import ConfigError, MissingExtraError, NetworkError, OutputError, StateError
from foreshock.types.alert import Alert

try:
    from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
    from websockets.exceptions import ConnectionClosed
    from websockets.http11 import Request, Response
except ImportError as missing:  # pragma: no cover
    raise MissingExtraError.of("WebSocket", extra="live", package="websockets") from missing

MOST_CLIENTS = 1000
MOST_BUFFERED = 1 << 20
"""Bytes that may wait for one client; who reads more slowly is let go."""
KEPT = 100
"""Latest messages that who comes later still gets, as long as they live."""


class WebSocket(Endpoint):
    """A WebSocket server; each message is one line of `alerts.jsonl`.

    Who connects gets what still lives, then what comes. A client says ``Authorization: Bearer TOKEN`` where there is a
    token; pages of other sites (an `Origin` that is not among `origins`) are refused.

    Args:
        host, port: where to listen; port 0 takes a free one (see `port`).
        token: what clients must say.
        origins: web pages that may connect. cert_file, key_file: for TLS.

    Raises:
        ConfigError: it would listen beyond this machine without a token. OutputError: it cannot listen there.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: Secret | None = None,
        origins: tuple[str, ...] = (),
        cert_file: Path | None = None,
        key_file: Path | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        place = resolved(host, port, allow_private=True)
        if not place.is_local and token is None:
            raise ConfigError(f"WebSocket on {host}:{port}", "others can reach it, and there is no token", "give one")
        self._token, self._origins, self._timeout_s = token, origins, timeout_s
        self._tls = server_tls(cert_file, key_file) if cert_file is not None else None
        self._kept: deque[Alert] = deque(maxlen=KEPT)
        self._clients: set[ServerConnection] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="websocket", daemon=True)
        self._thread.start()
        self._server = self._started(place)
        self.port = int(next(iter(self._server.sockets)).getsockname()[1])
        self.name = f"websocket {host}:{self.port}"
        self._place = Place(place.address, self.port)

    def place(self) -> Place:
        """Say where it listens."""
        return self._place

    def deliver(self, alert: Alert, place: Place) -> None:
        """Push to all who are connected."""
        try:
            asyncio.run_coroutine_threadsafe(self._push(alert), self._loop).result(self._timeout_s)
        except (NotInTime, RuntimeError) as error:
            raise NetworkError(self.name, "the server does not answer", "try again") from error

    def clients(self) -> int:
        """Say how many are connected."""
        return len(self._clients)

    def close(self) -> None:
        """Say goodbye to all and stop."""
        if self._loop.is_closed():
            return
        with contextlib.suppress(NotInTime, RuntimeError):
            asyncio.run_coroutine_threadsafe(self._stopped(), self._loop).result(self._timeout_s)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(self._timeout_s)
        self._loop.close()

    # -- in the server's thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _started(self, place: Place) -> Server:
        try:
            return asyncio.run_coroutine_threadsafe(self._serve(place), self._loop).result(self._timeout_s)
        except OSError as error:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(self._timeout_s)
            self._loop.close()
            reason = f"it cannot listen there ({error.strerror or error})"
            raise OutputError(f"WebSocket on {place.address}:{place.port}", reason, "choose another port") from error

    async def _serve(self, place: Place) -> Server:
        return await serve(
            self._met,
            place.address,
            place.port,
            process_request=self._asked,
            origins=[None, *self._origins],  # type: ignore[list-item]
            ssl=self._tls,
            max_size=1024,
            max_queue=4,
            close_timeout=1,
            server_header=None,
        )

    async def _stopped(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    def _asked(self, connection: ServerConnection, request: Request) -> Response | None:
        if len(self._clients) >= MOST_CLIENTS:
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many clients\n")
        said = " ".join(request.headers.get_all("Authorization")).encode("utf-8", "replace")
        if self._token is not None and not hmac.compare_digest(said, b"Bearer " + self._token.value):
            return connection.respond(HTTPStatus.UNAUTHORIZED, "a token is needed\n")
        return None

    async def _met(self, connection: ServerConnection) -> None:
        """Tell a new client what still lives, and keep it until it goes; what it says is not listened to."""
        with contextlib.suppress(ConnectionClosed):
            kept = tuple(self._kept)
            self._clients.add(connection)  # from here on it gets what comes, perhaps before the older ones below
            try:
                for alert in kept:
                    with contextlib.suppress(StateError):
                        admit(alert, self._place)
                        await connection.send(line(alert))
                async for _ in connection:
                    pass
            finally:
                self._clients.discard(connection)

    async def _push(self, alert: Alert) -> None:
        if alert.message_id not in {kept.message_id for kept in self._kept}:
            self._kept.append(alert)
        for connection in tuple(self._clients):
            if connection.transport.get_write_buffer_size() > MOST_BUFFERED:
                self._clients.discard(connection)
                connection.transport.abort()
        broadcast(self._clients, line(alert))
