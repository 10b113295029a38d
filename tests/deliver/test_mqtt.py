"""MQTT meets Debian's Mosquitto on this machine: with a password, through an outage, and without a memory."""

from __future__ import annotations

import json
import queue
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foreshock.clock import NS_PER_S, StepClock
from foreshock.deliver.address import Place
from foreshock.deliver.outbox import Outbox
from foreshock.deliver.secret import Secret
from foreshock.errors import ConfigError, InputError, NetworkError, StateError
from foreshock.types.alert import Alert
from foreshock.types.authority import Exercise

paho = pytest.importorskip("paho.mqtt.client", reason="paho-mqtt (extra live) is not installed")
from foreshock.deliver.mqtt import Mqtt  # noqa: E402 - it cannot be imported without paho-mqtt

Alerts = Callable[..., list[Alert]]
WORD = "a password of the engine"
LINES = """listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/rights
persistence false
user {user}
"""
RIGHTS = """user engine
topic write foreshock/alerts/#
user hall
topic read foreshock/#
"""


class Broker:
    """A broker that can be stopped and started again at the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._program, self._folder = program, folder
        told = {"port": self.port, "folder": folder, "user": "root"}
        (folder / "conf").write_text(LINES.format(**told))
        (folder / "rights").write_text(RIGHTS)
        for number, name in enumerate(("engine", "hall")):
            make = ["mosquitto_passwd", "-b", *(["-c"] if number == 0 else []), str(folder / "passwords"), name, WORD]
            subprocess.run(make, check=True, capture_output=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._folder / "conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            with socket.socket() as line_:
                if line_.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the broker does not listen")

    def stop(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if found is None or shutil.which("mosquitto_passwd") is None:
        pytest.skip("Mosquitto is not installed (apt-get install mosquitto)")
    made = Broker(found, tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.stop()


class Hall:
    """Somebody who listens, with a session that the broker remembers or without."""

    def __init__(self, broker: Broker, *, topic: str = "foreshock/alerts/#", session: str = "") -> None:
        self.heard: queue.Queue[Any] = queue.Queue()
        ready: queue.Queue[bool] = queue.Queue()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=session, protocol=paho.MQTTv5)
        self.client.username_pw_set("hall", WORD)
        self.client.on_message = lambda client, data, message: self.heard.put(message)
        self.client.on_subscribe = lambda *told: ready.put(True)
        lasting = paho.Properties(paho.PacketTypes.CONNECT)
        lasting.SessionExpiryInterval = 100 if session else 0
        self.client.connect("127.0.0.1", broker.port, clean_start=not session, properties=lasting)
        self.client.loop_start()
        self.client.subscribe(topic, qos=1)
        assert ready.get(timeout=10)

    def next(self) -> Any:
        return self.heard.get(timeout=10)

    def leave(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def engine(broker: Broker) -> Iterator[Mqtt]:
    with Mqtt("127.0.0.1", broker.port, user="engine", password=Secret(WORD.encode()), timeout_s=3.0) as made:
        yield made


def test_who_listens_hears_the_alert_with_its_id_and_its_time_to_live(
    broker: Broker, engine: Mqtt, alerts: Alerts
) -> None:
    hall, other = Hall(broker), Hall(broker, topic="foreshock/alerts/actual")
    made = alerts(2, life_s=60.0)
    for alert in made:
        engine.send(alert)
    heard = [hall.next(), hall.next()]
    assert [json.loads(message.payload)["alert_id"] for message in heard] == [alert.alert_id for alert in made]
    assert {message.topic for message in heard} == {"foreshock/alerts/test"}
    assert dict(heard[0].properties.UserProperty) == {"message_id": made[0].message_id}
    assert 50 <= heard[0].properties.MessageExpiryInterval <= 60
    assert not heard[0].retain
    assert other.heard.empty()
    hall.leave()
    other.leave()


def test_the_broker_keeps_nothing_for_who_comes_later(broker: Broker, engine: Mqtt, alerts: Alerts) -> None:
    engine.send(alerts(1)[0])
    late = Hall(broker)
    time.sleep(0.3)
    assert late.heard.empty()
    late.leave()


def test_who_was_away_does_not_get_what_has_expired_meanwhile(broker: Broker, engine: Mqtt, alerts: Alerts) -> None:
    away = Hall(broker, session="hall-1")
    away.leave()
    [short] = alerts(1, life_s=2.0)  # issued a second ago
    engine.send(short)
    long = alerts(2, life_s=60.0)[1]
    engine.send(long)
    time.sleep(2.5)
    back = Hall(broker, session="hall-1")
    assert json.loads(back.next().payload)["alert_id"] == long.alert_id
    time.sleep(0.2)
    assert back.heard.empty()
    back.leave()


def test_after_an_outage_the_fresh_ones_come_in_order_and_a_stale_one_never(
    broker: Broker, engine: Mqtt, alerts: Alerts, clock: StepClock
) -> None:
    told: list[tuple[str, int]] = []
    box = Outbox([engine], clock=clock, report=lambda outcome, alert, *_: told.append((outcome, alert.version)))
    made = alerts(4, life_s=4.5)  # issued a second apart, the last one a second ago
    box.put(made[0])
    box.pump()
    broker.stop()
    for alert in made[1:]:
        box.put(alert)
    box.pump()
    clock.set(clock.now_ns() + 7 * NS_PER_S // 4)
    broker.start()
    hall = Hall(broker)
    box.pump()
    heard = [json.loads(hall.next().payload)["version"] for _ in range(2)]
    assert [outcome for outcome in told if outcome[0] != "delayed"] == [
        ("sent", 1),
        ("stale", 2),
        ("sent", 3),
        ("sent", 4),
    ]
    assert heard == [3, 4]
    time.sleep(0.3)
    assert hall.heard.empty()
    hall.leave()


def test_a_wrong_password_or_topic_is_refused_for_good(broker: Broker, alerts: Alerts) -> None:
    secret = Secret(b"not the right password")
    with (
        Mqtt("127.0.0.1", broker.port, user="engine", password=secret) as wrong,
        pytest.raises(InputError, match="refused the connection"),
    ):
        wrong.send(alerts(1)[0])
    told = {"user": "engine", "password": Secret(WORD.encode())}
    with Mqtt("127.0.0.1", broker.port, topic="elsewhere", **told) as wrong, pytest.raises(InputError, match="refused"):  # type: ignore[arg-type]
        wrong.send(alerts(1)[0])


def test_a_broker_that_is_gone_or_silent_is_worth_another_try(alerts: Alerts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with Mqtt("127.0.0.1", port, timeout_s=0.5) as line_, pytest.raises(NetworkError, match="no word"):
            line_.send(alerts(1)[0])
    with Mqtt("127.0.0.1", port, timeout_s=0.5) as line_, pytest.raises(NetworkError, match="no connection"):
        line_.send(alerts(1)[0])


def test_a_broker_elsewhere_needs_tls_and_hears_no_tests(alerts: Alerts, exercise: Exercise) -> None:
    with pytest.raises(InputError, match="without TLS"):
        Mqtt("198.51.100.7").send(alerts(1, by=exercise)[0])
    with pytest.raises(StateError, match="tests stay"):
        Mqtt("198.51.100.7", tls=True).send(alerts(1)[0])


def test_what_is_at_the_other_end_is_looked_at_before_anything_is_published(
    broker: Broker, engine: Mqtt, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = Hall(broker)
    monkeypatch.setattr(engine, "_peer", lambda client: Place("198.51.100.7", 1883))
    with pytest.raises(StateError, match="tests stay"):
        engine.send(alerts(1)[0])
    time.sleep(0.2)
    assert hall.heard.empty()
    hall.leave()


@pytest.mark.parametrize("topic", ["", "a/+", "#", "a\0b", "a\nb"])
def test_a_topic_is_plain(topic: str) -> None:
    with pytest.raises(ConfigError, match="topic"):
        Mqtt("127.0.0.1", topic=topic)
