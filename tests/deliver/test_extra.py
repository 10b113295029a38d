"""Without the extra `live` only its two endpoints are missing, and say what helps."""

from __future__ import annotations

import subprocess
import sys

BLOCKED = """
import importlib, sys
sys.modules["paho"] = sys.modules["websockets"] = None
from foreshock.errors import MissingExtraError
for name in ("cap", "cap_reader", "endpoint", "files", "issue", "ledger", "lines", "outbox", "record", "webhook"):
    importlib.import_module(f"foreshock.deliver.{name}")
for name in ("mqtt", "websocket"):
    try:
        importlib.import_module(f"foreshock.deliver.{name}")
    except MissingExtraError as error:
        print(error)
"""


def test_without_the_extra_a_sentence_says_what_to_install_and_the_other_ways_are_there() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        f"{feature} needs the package {package!r}: it belongs to the extra 'live'; pip install 'foreshock[live]'."
        for feature, package in (("MQTT", "paho-mqtt"), ("WebSocket", "websockets"))
    ]
