"""Webhooks meet a real server on this machine: one that takes, one that fails, one that lies, one that never ends."""

from __future__ import annotations

import hmac
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.cap import CapSettings, cap_bytes
from foreshock.deliver.cap_reader import read_cap
from foreshock.deliver.outbox import Outbox
from foreshock.deliver.secret import Secret
from foreshock.deliver.webhook import Webhook, signature
from foreshock.errors import ConfigError, InputError, NetworkError, StateError
from foreshock.types.alert import Alert
from foreshock.types.authority import Exercise

Alerts = Callable[..., list[Alert]]
KEY = Secret(b"0123456789abcdef")


@dataclass
class Receiver:
    """A server's answers, in order, the last one for ever; and what it was sent."""

    answers: list[int] = field(default_factory=lambda: [200])
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    location: str = ""

    def url(self, path: str = "/hook", *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.path, dict(self.headers), body))
            self.send_response(receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0])
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.end_headers()
            self.wfile.write(b"x" * 1_000_000)

        def log_message(self, *told: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a client that does not trust us goes away

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serving() as found:
        yield found


def test_a_message_arrives_signed_with_its_id_and_the_same_at_every_repetition(
    receiver: Receiver, alerts: Alerts, clock: StepClock
) -> None:
    receiver.answers = [503, 429, 200]
    [alert] = alerts(1)
    told: list[str] = []
    box = Outbox(
        [Webhook(receiver.url("/hook?a=b"), key=KEY, allow_private=True)],
        clock=clock,
        report=lambda outcome, *_: told.append(outcome),
    )
    box.put(alert)
    while (pause_s := box.pump()) < float("inf"):
        clock.set(clock.now_ns() + round(pause_s * NS_PER_S))
    assert told == ["delayed", "delayed", "sent"]
    assert len({(path, headers["Idempotency-Key"], body) for path, headers, body in receiver.requests}) == 1
    path, headers, body = receiver.requests[-1]
    assert (path, headers["Idempotency-Key"]) == ("/hook?a=b", alert.message_id)
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert json.loads(body)["alert_id"] == alert.alert_id
    right = signature(KEY, message_id=alert.message_id, issued_at=headers["Foreshock-Issued-At"], body=body)
    assert hmac.compare_digest(headers["Foreshock-Signature"], right)
    assert signature(KEY, message_id=alert.message_id, issued_at="", body=body) != right


def test_a_webhook_can_speak_cap(receiver: Receiver, alerts: Alerts) -> None:
    cap = CapSettings(sender="eew@example.org")
    hook = Webhook(
        receiver.url(),
        allow_private=True,
        write=lambda alert: cap_bytes(alert, cap),
        content_type="application/cap+xml",
    )
    hook.send(alerts(1)[0])
    [(_, headers, body)] = receiver.requests
    assert headers["Content-Type"] == "application/cap+xml"
    assert "Foreshock-Signature" not in headers
    assert read_cap(body).status == "Test"


@pytest.mark.parametrize(("status", "error"), [(301, InputError), (307, InputError), (404, InputError),
    (401, InputError), (500, NetworkError), (408, NetworkError)])  # fmt: skip
def test_redirects_and_refusals_are_final_and_faults_of_the_server_are_not(
    status: int, error: type[Exception], receiver: Receiver, alerts: Alerts
) -> None:
    with serving() as other:
        receiver.answers, receiver.location = [status], other.url()
        with pytest.raises(error, match=str(status)):
            Webhook(receiver.url(), allow_private=True).send(alerts(1)[0])
        assert other.requests == []


def test_no_webhook_leads_to_this_machine_or_network_unless_allowed(receiver: Receiver, alerts: Alerts) -> None:
    for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
        with pytest.raises(InputError, match="private or local"):
            Webhook(receiver.url(host=host)).send(alerts(1)[0])
    assert receiver.requests == []


def test_a_name_that_is_looked_up_is_dialled_where_it_led_when_it_was_judged(
    receiver: Receiver, alerts: Alerts, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []
    lookup = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **more: Any) -> Any:
        """A name server that says a public address first and this machine afterwards."""
        if host == "rebind.example":
            looked_up.append(host)
            return lookup("93.184.216.34" if len(looked_up) == 1 else "127.0.0.1", port, *rest, **more)
        return lookup(host, port, *rest, **more)

    dialled: list[Any] = []

    def dial(address: Any, *rest: Any, **more: Any) -> Any:
        dialled.append(address[0])
        raise TimeoutError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", dial)
    [alert] = alerts(1, by=exercise)
    hook = Webhook(f"https://rebind.example:{receiver.port}/")
    with pytest.raises(NetworkError, match="nobody there"):
        hook.send(alert)
    with pytest.raises(InputError, match="private or local"):
        hook.send(alert)
    assert dialled == ["93.184.216.34"]
    assert receiver.requests == []


def test_a_name_that_leads_outside_and_inside_at_once_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: [*lookup("8.8.8.8", 1), *lookup("10.0.0.1", 1)]
    )
    with pytest.raises(InputError, match=r"10\.0\.0\.1"):
        Webhook("https://both.example/").place()


def test_plain_http_is_for_this_machine_only(alerts: Alerts) -> None:
    with pytest.raises(InputError, match="plain HTTP"):
        Webhook("http://198.51.100.7/", allow_private=True).send(alerts(1)[0])


def test_a_test_does_not_reach_a_webhook_elsewhere(alerts: Alerts) -> None:
    with pytest.raises(StateError, match="tests stay"):
        Webhook("https://198.51.100.7/", allow_private=True).send(alerts(1)[0])


def test_the_environment_has_no_say(receiver: Receiver, alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        Webhook(receiver.url(), allow_private=True).send(alerts(1)[0])
        assert (len(receiver.requests), proxy.requests) == (1, [])


def test_nobody_there_and_no_such_name_are_worth_another_try(alerts: Alerts) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkError, match="no answer"):
            Webhook(f"http://127.0.0.1:{taken.getsockname()[1]}/", allow_private=True).send(alerts(1)[0])
    with pytest.raises(NetworkError, match="not found"):
        Webhook("https://no-such-name.invalid/").place()


@pytest.mark.parametrize(
    "says", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500]
)
def test_a_server_that_talks_nonsense_or_for_ever_is_left_in_time(says: bytes, alerts: Alerts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        stop = threading.Event()

        def answer() -> None:
            line_, _ = server.accept()
            with line_:
                line_.recv(65536)
                try:
                    line_.sendall(says)
                    while not stop.wait(0.05):
                        line_.sendall(b"x")  # a letter at a time: no single wait is ever too long
                except OSError:
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        hook = Webhook(f"http://127.0.0.1:{server.getsockname()[1]}/", allow_private=True, timeout_s=0.5)
        began = time.monotonic()
        with pytest.raises(NetworkError):
            hook.send(alerts(1)[0])
        assert time.monotonic() - began < 5
        stop.set()
        thread.join()


WRONG_URLS = [
    "", "ftp://example.org/", "https://", "https:///x", "https://user:secret-word@example.org/", "https://example.org/#x",
    "https://example.org/a b", "https://example.org/\r\nX: y", "https://exämple.org/", "https://example.org:99999/",
    "https://example.org:0/", "file:///etc/passwd", "https://[::1/",
]  # fmt: skip


@pytest.mark.parametrize("url", WRONG_URLS)
def test_a_url_that_is_none_of_ours_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="webhook") as told:
        Webhook(url)
    assert "secret-word" not in str(told.value)


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for `localhost` that signs itself, and its key beside it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run(["openssl", *words.split(), *names], check=True, capture_output=True)
    return folder / "cert"


@pytest.fixture
def secured(certificate: Path) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key"))
    with serving(context) as found:
        yield found


def test_tls_is_verified_for_the_name_and_the_authority(secured: Receiver, certificate: Path, alerts: Alerts) -> None:
    url = secured.url(scheme="https", host="localhost")
    Webhook(url, allow_private=True, ca_file=certificate).send(alerts(1)[0])
    assert len(secured.requests) == 1
    for wrong in (
        Webhook(url, allow_private=True),
        Webhook(secured.url(scheme="https"), allow_private=True, ca_file=certificate),
    ):
        with pytest.raises(NetworkError, match="certificate verify failed"):
            wrong.send(alerts(1)[0])
    assert len(secured.requests) == 1
