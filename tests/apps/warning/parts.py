"""Stations, packets, ground motion and whole runs that the tests of the warning engine share. Knows no expectation."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np

from foreshock.apps.warning.bank import Bank, Heard
from foreshock.apps.warning.engine import Decision, Engine
from foreshock.apps.warning.settings import StreamSettings, TriggerSettings, WarningSettings
from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, make_scenario
from foreshock.predict.travel import TravelTimes
from foreshock.predict.travel.named import travel_times
from foreshock.types.arrays import Float64
from foreshock.types.packet import Packet
from foreshock.types.pick import Pick
from foreshock.types.station import Channel, Station

T = utc_ns("2024-03-01T12:00:00Z")
EPOCH = (utc_ns("2000-01-01T00:00:00Z"), utc_ns("2100-01-01T00:00:00Z"))
RATE_HZ = 100.0
GAIN = 1e5


def ns(seconds: float) -> int:
    """Seconds as nanoseconds."""
    return round(seconds * NS_PER_S)


@cache
def travel() -> TravelTimes:
    """Times of P and S in the crust."""
    return travel_times("iasp91_crust")


def station(name: str = "XX.A.", *, at: tuple[float, float] = (35.0, -118.0), **told: Any) -> Station:
    """A station with an accelerometer's three channels."""
    told = {"gain": GAIN, "unit": "m/s2", "codes": ("HNZ", "HNN", "HNE"), "epoch": EPOCH} | told
    channels = tuple(
        Channel(code, 0.0, -90.0 if code.endswith("Z") else 0.0, told["gain"], told["unit"], *told["epoch"])
        for code in told["codes"]
    )
    return Station(name, at[0], at[1], channels=channels)


def packet(samples: Any, start_s: float, *, name: str = "XX.A.", latency_s: float = 0.5, **told: Any) -> Packet:
    """Samples that begin so long after T; they come `latency_s` after their end."""
    told = {"channel": "HNZ", "rate_hz": RATE_HZ, "unit": "count"} | told
    samples = np.asarray(samples)
    if samples.dtype.kind == "i":
        samples = samples.astype(np.int32)
    start_ns = T + ns(start_s)
    arrived_ns = told.pop("arrived_ns", start_ns + ns(len(samples) / told["rate_hz"] + latency_s))
    return Packet(name, told["channel"], start_ns, told["rate_hz"], samples, arrived_ns, unit=told["unit"])


def cut(samples: Any, edges: Iterable[int], *, start_s: float = 0.0, **told: Any) -> list[Packet]:
    """Samples cut into packets at these numbers."""
    at = sorted({0, len(samples), *edges})
    rate_hz = told.get("rate_hz", RATE_HZ)
    return [packet(samples[low:high], start_s + low / rate_hz, **told) for low, high in itertools.pairwise(at)]


def seconds_of(samples: Any, *, packet_s: float = 1.0, **told: Any) -> list[Packet]:
    """Samples cut into packets of a length."""
    step = round(packet_s * told.get("rate_hz", RATE_HZ))
    return cut(samples, range(0, len(samples), step), **told)


def noise(n_s: float, *, rms: float = 20.0, seed: int = 0, rate_hz: float = RATE_HZ) -> Float64:
    """White noise, counts."""
    return np.random.default_rng(seed).normal(0, rms, round(n_s * rate_hz))


def p_wave(n_s: float, *, onset_s: float, peak: float, hz: float = 4.0, rate_hz: float = RATE_HZ) -> Float64:
    """A wave that begins at once and goes on for a while, counts."""
    t = np.arange(round(n_s * rate_hz)) / rate_hz - onset_s
    shape = np.exp(-np.maximum(t, 0) / 3.0) * np.sin(2 * np.pi * hz * np.maximum(t, 0))
    return np.where(t > 0, peak * shape, 0.0)


def counted(samples: Float64) -> Any:
    """What a digitiser makes of it."""
    return np.rint(samples).astype(np.int32)


def bank_of(*stations: Station, warm_s: float = 10.0, **told: Any) -> Bank:
    """A bank for stations, one at A if none is told."""
    found = {one.station_id: one for one in stations or (station(),)}
    return Bank(found, stream=StreamSettings(warm_s=warm_s, **told), trigger=TriggerSettings())


def fed(bank: Bank, packets: Sequence[Packet], *, batch: int = 1) -> list[Heard]:
    """Packets in order of arrival, some at a time; what is heard."""
    ordered = sorted(packets, key=lambda one: one.arrived_ns)
    found: list[Heard] = []
    for k in range(0, len(ordered), batch):
        some = ordered[k : k + batch]
        found += bank.take(some, now_ns=some[-1].arrived_ns)
    return found


def heard(name: str, time_s: float, *, snr: float = 30.0, sigma_s: float = 0.05, noise: float = 1e-6) -> Heard:
    """An onset so long after T."""
    time_ns = T + ns(time_s)
    return Heard(Pick(name, "P", time_ns, 0.9, sigma_s, time_ns + ns(1.0)), snr, noise)


@cache
def scenario(**told: Any) -> Scenario:
    """A small scenario of family B, made once."""
    given = {"family": "B", "stations": 12, "magnitude": 5.5, "before_s": 20.0, "after_s": 30.0, "seed": 3} | told
    return make_scenario(ScenarioSettings(**given))


@cache
def packets_of(made: Scenario) -> tuple[Packet, ...]:
    """Its packets, in order of arrival."""
    return tuple(made.packets())


def engine_of(made: Scenario, **told: Any) -> Engine:
    """An engine for a scenario's network."""
    settings = WarningSettings(**{"relation": "synthetic_a"} | told)
    return Engine({one.station_id: one for one in made.stations}, travel=travel(), settings=settings)


def run(engine: Engine, packets: Iterable[Packet]) -> list[Decision]:
    """All that an engine decides."""
    return [one for _, decided in engine.run(packets) for one in decided]
