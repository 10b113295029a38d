"""Webhook: alerts by HTTP POST, signed, to the address that was looked up and no other. Knows one try."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from foreshock.clock import iso_utc
from foreshock.deliver.address import Place, resolved
from foreshock.deliver.endpoint import Endpoint
from foreshock.deliver.lines import line
from foreshock.deliver.secret import Secret
from foreshock.deliver.tls import client_tls
from foreshock.errors import ConfigError, InputError, NetworkError
from foreshock.types.alert import Alert

_TRY_AGAIN = frozenset({408, 425, 429})


class Webhook(Endpoint):
    """A receiver of HTTP POST: one JSON object (or what `write` makes) a message.

    Headers: `Idempotency-Key` is the message's id, the same at every repetition; `Foreshock-Issued-At` its time;
    `Foreshock-Signature` (when there is a `key`) what `signature` gives. The host is looked up anew for each try, its
    address is judged and then dialled as it stands; redirects are not followed; TLS is verified; proxies and the
    environment are not asked. Plain HTTP is for this machine only.

    Args:
        url: `https://…`, or `http://…` on this machine; no user, no fragment.
        key: signs the messages.
        allow_private: let it lead to private and loopback addresses.
        timeout_s: for a whole try.
        ca_file: certificates to trust in place of the system's.
        write: makes the body. content_type: what that is.

    Raises:
        ConfigError: the URL is none of these.
    """

    def __init__(
        self,
        url: str,
        *,
        key: Secret | None = None,
        allow_private: bool = False,
        timeout_s: float = 5.0,
        ca_file: Path | None = None,
        write: Callable[[Alert], bytes] = lambda alert: line(alert).encode(),
        content_type: str = "application/json",
    ) -> None:
        self._is_tls, self._host, self._port, self._path = _parts(url)
        self.name = f"webhook {self._host}:{self._port}"
        self._key, self._allow_private, self._timeout_s = key, allow_private, timeout_s
        self._write, self._content_type = write, content_type
        self._tls = client_tls(ca_file) if self._is_tls else None
        self._turn = 0

    def place(self) -> Place:
        """Look the host up."""
        place = resolved(self._host, self._port, allow_private=self._allow_private, turn=self._turn)
        if not self._is_tls and not place.is_local:
            raise InputError(self.name, "plain HTTP is for this machine only", "use https")
        return place

    def deliver(self, alert: Alert, place: Place) -> None:
        """Post once.

        Raises:
            NetworkError: no answer, or one that says later (408, 425, 429, 5xx).
            InputError: an answer that says no, or sends us elsewhere.
        """
        body = self._write(alert)
        try:
            status = self._answer(body, self._headers(alert, body), place)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._turn += 1
            raise NetworkError(self.name, f"no answer ({error or type(error).__name__})", "try again") from error
        if status in _TRY_AGAIN or status >= 500:
            raise NetworkError(self.name, f"it answered {status}", "try again")
        if not 200 <= status < 300:
            raise InputError(self.name, f"it answered {status}; only 2xx is taken", "correct the URL or the receiver")

    def _headers(self, alert: Alert, body: bytes) -> dict[str, str]:
        issued_at = iso_utc(alert.issued_at_ns)
        told = {
            "Content-Type": self._content_type,
            "Content-Length": str(len(body)),
            "User-Agent": "foreshock",
            "Connection": "close",
            "Idempotency-Key": alert.message_id,
            "Foreshock-Issued-At": issued_at,
        }
        if self._key is not None:
            told["Foreshock-Signature"] = signature(
                self._key, message_id=alert.message_id, issued_at=issued_at, body=body
            )
        return told

    def _answer(self, body: bytes, headers: dict[str, str], place: Place) -> int:
        connection = http.client.HTTPConnection(self._host, self._port)
        with self._dialled(place) as line_:
            connection.sock = line_
            connection.auto_open = 0  # never dials by itself
            connection.request("POST", self._path, body=body, headers=headers)
            return connection.getresponse().status  # what else it says is not read

    @contextlib.contextmanager
    def _dialled(self, place: Place) -> Iterator[socket.socket]:
        """A connection to that address, for `timeout_s` altogether: one that answers a byte a second is cut."""
        bare = socket.create_connection((place.address, place.port), timeout=self._timeout_s)
        over = threading.Event()
        deadline = threading.Timer(self._timeout_s, _cut, [bare, over])
        deadline.daemon = True
        deadline.start()
        try:
            with bare if self._tls is None else self._tls.wrap_socket(bare, server_hostname=self._host) as secured:
                yield secured
            if over.is_set():  # an answer that was cut looks as if it had ended
                raise TimeoutError(f"not within {self._timeout_s:g} s")
        finally:
            deadline.cancel()
            bare.close()


def _cut(line_: socket.socket, over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):
        line_.shutdown(socket.SHUT_RDWR)


def signature(key: Secret, *, message_id: str, issued_at: str, body: bytes) -> str:
    """Give the signature of a message: HMAC-SHA256 (RFC 2104) over id, time and body, a new line between them.

    A receiver makes the same from the headers and the body, and compares the two with `hmac.compare_digest`.
    """
    told = message_id.encode() + b"\n" + issued_at.encode() + b"\n" + body
    return f"sha256={hmac.new(key.value, told, hashlib.sha256).hexdigest()}"


def _parts(url: str) -> tuple[bool, str, int, str]:
    """Whether it is TLS, host, port, and path with query."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused(url) from error
    wrong = parts.username is not None or parts.password is not None or parts.fragment or port == 0
    signs = any(not "!" <= letter <= "~" for letter in url)
    if parts.scheme not in ("http", "https") or not parts.hostname or wrong or signs:
        raise _refused(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    is_tls = parts.scheme == "https"
    return is_tls, parts.hostname, port or (443 if is_tls else 80), path


def _refused(url: str) -> ConfigError:
    return ConfigError(
        f"webhook {url.partition('?')[0].rpartition('@')[2][:200]!r}",
        "it is http(s)://host[:port]/path without user, password, fragment and signs beyond ASCII",
        "correct the URL; secrets go into a file",
    )
