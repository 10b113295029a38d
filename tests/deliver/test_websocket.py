"""WebSocket clients on this machine: they hear what comes and what still lives, with the right token, however slow."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.address import Place
from foreshock.deliver.secret import Secret
from foreshock.errors import ConfigError, OutputError, StateError
from foreshock.types.alert import Alert
from foreshock.types.authority import Exercise

pytest.importorskip("websockets", reason="websockets (extra live) is not installed")
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from foreshock.deliver import websocket
from foreshock.deliver.websocket import WebSocket

Alerts = Callable[..., list[Alert]]
TOKEN = "0123456789abcdef"


@pytest.fixture
def server() -> Iterator[WebSocket]:
    with WebSocket() as made:
        yield made


@contextmanager
def joined(server: WebSocket, **told: object) -> Iterator[ClientConnection]:
    """A client that the server has met."""
    before = server.clients()
    with connect(f"ws://127.0.0.1:{server.port}/", proxy=None, **told) as client:  # type: ignore[arg-type]
        until(lambda: server.clients() > before)
        yield client


def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come true within five seconds")


def heard(client: ClientConnection) -> int:
    return int(json.loads(client.recv(timeout=10))["version"])


def test_all_who_are_connected_hear_every_alert_in_order(server: WebSocket, alerts: Alerts) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(joined(server)) for _ in range(3)]
        for alert in alerts(3, cancel=True):
            server.send(alert)
        for client in clients:
            assert [heard(client) for _ in range(3)] == [1, 2, 3]
    until(lambda: server.clients() == 0)


def test_who_comes_later_hears_what_still_lives_and_nothing_stale(
    server: WebSocket, alerts: Alerts, clock: StepClock
) -> None:
    made = alerts(3, life_s=3.0)
    for alert in (*made[1:], made[2]):
        server.send(alert)
    with pytest.raises(StateError, match="time to live"):
        server.send(made[0])
    clock.set(clock.now_ns() + NS_PER_S)
    with joined(server) as client:
        assert heard(client) == 3
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.2)


def test_beyond_this_machine_a_token_is_needed_and_no_test_is_told(alerts: Alerts, exercise: Exercise) -> None:
    with pytest.raises(ConfigError, match="there is no token"):
        WebSocket("0.0.0.0")
    with WebSocket("0.0.0.0", token=Secret(TOKEN.encode())) as server:
        assert not server.place().is_local
        for headers in ({}, {"Authorization": TOKEN}, {"Authorization": "Bearer 0123456789abcdeF"}):
            with pytest.raises(InvalidStatus, match="401"), joined(server, additional_headers=headers):
                pass
        with joined(server, additional_headers={"Authorization": f"Bearer {TOKEN}"}) as client:
            with pytest.raises(StateError, match="tests stay"):
                server.send(alerts(1)[0])
            server.send(alerts(2, by=exercise)[1])
            assert heard(client) == 2


def test_pages_of_other_sites_do_not_listen_in(alerts: Alerts) -> None:
    with WebSocket(origins=("https://console.example.org",)) as server:
        with pytest.raises(InvalidStatus, match="403"), joined(server, origin="https://evil.example"):
            pass
        with joined(server, origin="https://console.example.org") as client:
            server.send(alerts(1)[0])
            assert heard(client) == 1


def test_a_client_that_stops_reading_is_let_go_and_keeps_nobody_waiting(
    server: WebSocket, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MOST_BUFFERED", 100_000)
    key = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    key += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(key.encode())
        until(lambda: server.clients() == 1)
        with joined(server) as listener:
            for alert in alerts(200, life_s=600.0, reasons=("x" * 1000,) * 50):
                server.send(alert)
                assert heard(listener) == alert.version
            until(lambda: server.clients() == 1)


@pytest.mark.parametrize("says", [b"\x00" * 100, b"GET / HTTP/1.1\r\n\r\n", b"x" * 100_000, b""])
def test_nonsense_at_the_door_stops_nothing(says: bytes, server: WebSocket, alerts: Alerts) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as line_:
        line_.sendall(says)
    with joined(server) as client:
        client.send("x" * 100)  # what a client says is not listened to
        server.send(alerts(1)[0])
        assert heard(client) == 1


def test_a_port_in_use_is_told(server: WebSocket) -> None:
    with pytest.raises(OutputError, match="cannot listen"):
        WebSocket(port=server.port)


def test_a_server_that_was_closed_says_goodbye_and_may_be_closed_again() -> None:
    server = WebSocket()
    with joined(server) as client:
        assert server.place() == Place("127.0.0.1", server.port)
        server.close()
        server.close()
        with pytest.raises(ConnectionClosed, match="1001"):
            client.recv(timeout=5)
