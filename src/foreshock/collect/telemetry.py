"""Telemetry: how long packets are on their way, as a function that a replay is given. Knows no packets' content."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError

Telemetry = Callable[[str, int], float | None]
"""Latency in seconds of a channel's packet that ends at a time (UTC nanoseconds), from the end of its data to its
arrival; None where it never arrives. The same question has the same answer."""


def constant(latency_s: float) -> Telemetry:
    """Every packet is on its way equally long.

    >>> constant(0.5)("XX.A..HHZ", 0)
    0.5
    """
    _check(latency_s)
    return lambda name, end_ns: latency_s


def jittered(median_s: float, *, spread: float = 0.3, lost: float = 0.0, seed: int = 0) -> Telemetry:
    """Log-normal latencies, each drawn from the channel, the time and a seed alone, so that order changes nothing.

    Args:
        median_s: of the latency. spread: standard deviation of its logarithm. lost: share that never arrives.
        seed: another one draws others.

    Raises:
        InputError: a value is negative, or more than all are lost.
    """
    _check(median_s)
    if not (spread >= 0 and 0 <= lost <= 1):
        raise InputError(
            f"spread {spread} and share lost {lost}", "they are not negative and at most all is lost", "correct them"
        )

    def latency_s(name: str, end_ns: int) -> float | None:
        drawn = blake2b(f"{seed}/{name}/{end_ns}".encode(), digest_size=16).digest()
        rng = np.random.Generator(np.random.PCG64(int.from_bytes(drawn, "big")))
        if rng.random() < lost:
            return None
        return float(median_s * np.exp(spread * rng.standard_normal()))

    return latency_s


def arrival_ns(telemetry: Telemetry, name: str, end_ns: int) -> int | None:
    """When a packet arrives, UTC nanoseconds."""
    latency_s = telemetry(name, end_ns)
    return None if latency_s is None else end_ns + round(latency_s * NS_PER_S)


def _check(latency_s: float) -> None:
    if not 0 <= latency_s < float("inf"):
        raise InputError(f"latency {latency_s} s", "it is not negative", "give seconds, 0 or more")
