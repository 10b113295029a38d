"""MQTT: alerts published to a broker, version 5, quality of service 1. Knows one try, no repetition; needs `live`.

Nothing is left to the client library's own memory: it neither reconnects by itself nor keeps what was not
acknowledged, nothing is retained by the broker, and every message expires there when the alert does.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from foreshock.clock import NS_PER_S
from foreshock.deliver.address import Place, resolved
from foreshock.deliver.endpoint import Endpoint, admit
from foreshock.deliver.lines import line
from foreshock.deliver.secret import Secret
from foreshock.deliver.tls import client_tls
from foreshock.errors import ConfigError, ForeshockError, InputError, MissingExtraError, NetworkError
from foreshock.types.alert import Alert

try:
    from paho.mqtt import client as paho
    from paho.mqtt.enums import CallbackAPIVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties
except ImportError as missing:  # pragma: no cover
    raise MissingExtraError.of("MQTT", extra="live", package="paho-mqtt") from missing

KEEP_ALIVE_S = 15


class Mqtt(Endpoint):
    """A broker of MQTT 5; an alert goes to the topic ``TOPIC/STATUS``, so that who listens to one hears no other.

    A connection is kept while it holds; any fault ends it, and the next try makes another. Without TLS it is for this
    machine only.

    Args:
        host, port: the broker. topic: without wildcards.
        user, password: how to log in.
        tls: verify the broker's certificate for `host`, by the system's or `ca_file`'s authorities.
        timeout_s: for connecting and for each acknowledgement.
    """

    def __init__(
        self,
        host: str,
        port: int = 1883,
        *,
        topic: str = "foreshock/alerts",
        user: str = "",
        password: Secret | None = None,
        tls: bool = False,
        ca_file: Path | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        if not topic or any(letter in topic for letter in "+#\0") or not topic.isprintable():
            raise ConfigError(f"MQTT topic {topic[:60]!r}", "it has no wildcards (+ and #)", "choose a plain topic")
        self.name = f"mqtt {host}:{port}"
        self._host, self._port, self._topic, self._timeout_s = host, port, topic, timeout_s
        self._user, self._password = user, password
        self._tls = client_tls(ca_file) if tls else None
        self._client: paho.Client | None = None
        self._answers: dict[int, Any] = {}
        self._answered = threading.Condition()

    def place(self) -> Place:
        """Look the broker up; brokers of one's own network are meant to be reached."""
        place = resolved(self._host, self._port, allow_private=True)
        if self._tls is None and not place.is_local:
            raise InputError(self.name, "without TLS it is for this machine only", "use TLS")
        return place

    def deliver(self, alert: Alert, place: Place) -> None:
        """Publish once and wait for the broker's word.

        Raises:
            NetworkError: no connection, or no acknowledgement in time.
            InputError: the broker refused.
            StateError: the connection leads to where this alert must not go.
        """
        try:
            client = self._connected(place)
            admit(alert, self._peer(client))
            self._publish(client, alert)
        except ForeshockError:
            self.close()
            raise
        except (OSError, ValueError) as error:
            self.close()
            raise NetworkError(self.name, f"no connection ({error})", "try again") from error

    def _peer(self, client: paho.Client) -> Place:
        """Who is at the other end of the connection that is held."""
        line_: Any = client.socket()
        if line_ is None:
            raise NetworkError(self.name, "the connection was lost", "try again")
        return Place(str(line_.getpeername()[0]), self._port)

    def _connected(self, place: Place) -> paho.Client:
        if self._client is not None and self._client.is_connected():
            return self._client
        self.close()
        client = paho.Client(
            CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5, reconnect_on_failure=False, transport="tcp"
        )
        client.connect_timeout = self._timeout_s
        if self._user:
            client.username_pw_set(self._user, self._password.value.decode() if self._password else None)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        said = _Said()
        client.on_connect = said.on_connect
        client.on_publish = self._on_publish
        self._client = client
        # a certificate is for a name, which is then dialled by name; the peer is looked at before anything is published
        client.connect(self._host if self._tls else place.address, self._port, keepalive=KEEP_ALIVE_S, clean_start=True)
        client.loop_start()
        said.check(self.name, self._timeout_s)
        return client

    def _publish(self, client: paho.Client, alert: Alert) -> None:
        told = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        told.MessageExpiryInterval = _left_s(alert)
        told.ContentType = "application/json"
        told.UserProperty = [("message_id", alert.message_id)]
        payload = line(alert).encode()
        sent = client.publish(f"{self._topic}/{alert.status}", payload, qos=1, retain=False, properties=told)
        with self._answered:
            if not self._answered.wait_for(lambda: sent.mid in self._answers, self._timeout_s):
                raise NetworkError(self.name, f"no acknowledgement within {self._timeout_s:g} s", "try again")
            reason = self._answers.pop(sent.mid)
        if reason.is_failure:
            raise InputError(self.name, f"the broker refused ({reason})", "give the right to publish there")

    def _on_publish(self, client: paho.Client, userdata: object, mid: int, reason: Any, properties: object) -> None:
        with self._answered:
            self._answers[mid] = reason
            self._answered.notify_all()

    def close(self) -> None:
        """End the connection and forget what was not acknowledged."""
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            client.loop_stop()
        self._answers.clear()


class _Said:
    """What the broker said to the wish to connect."""

    def __init__(self) -> None:
        self._come = threading.Event()
        self._reason: Any = None

    def on_connect(self, client: paho.Client, userdata: object, flags: object, reason: Any, properties: object) -> None:
        self._reason = reason
        self._come.set()

    def check(self, name: str, timeout_s: float) -> None:
        if not self._come.wait(timeout_s):
            raise NetworkError(name, f"no word from the broker within {timeout_s:g} s", "try again")
        if self._reason.is_failure:
            refused = f"the broker refused the connection ({self._reason})"
            if self._reason.value in (0x86, 0x87, 0x8C):  # bad user name or password, not authorised, bad method
                raise InputError(name, refused, "correct user and password")
            raise NetworkError(name, refused, "try again")


def _left_s(alert: Alert) -> int:
    """Whole seconds of the alert's life that are left, one at least: zero would be for ever."""
    if alert.expires_at_ns is None:
        return 60
    now_ns = alert.authority.clock.now_ns() if alert.authority else alert.issued_at_ns
    return max(1, (alert.expires_at_ns - now_ns) // NS_PER_S)
