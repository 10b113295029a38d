"""The benchmarks of live input run small, compare before they tell, and say what they must reach. Measures no time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def answer(name: str, *options: str) -> dict[str, Any]:
    """The JSON of a run that must succeed."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--json", "--rounds", "1", *options]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_all_decoders_give_equal_samples_and_ours_must_make_3000_packets_a_cpu_second() -> None:
    told = answer("miniseed", "--records", "40")
    assert told["equal"]
    ours = [one for one in told["figures"] if one["name"].startswith("ours, ") and one["unit"] == "packets/CPU-s"]
    assert [one["at_least"] for one in ours] == [3000.0] * 3


def test_every_client_of_the_relay_has_every_record_once() -> None:
    told = answer("relay", "--streams", "40", "--clients", "3", "--seconds", "1")
    assert told["equal"]
    assert "each of 3 clients has each of 40 records" in told["checked"]
    assert [one["at_most"] for one in told["figures"][:2]] == [1.0, 3.0]


def test_our_client_has_every_packet_and_its_share_of_a_core_is_bounded() -> None:
    told = answer("live_client", "--stations", "20", "--seconds", "1")
    assert told["equal"]
    assert [one["at_most"] for one in told["figures"]] == [None, 0.35]
