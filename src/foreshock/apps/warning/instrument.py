"""Instrument: which channels of a station are used, and what their samples mean. Knows no packets in flight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from foreshock.apps.warning.motion import UNITS
from foreshock.types.packet import Packet
from foreshock.types.station import Station

PREFERRED = ("HN", "EN", "SN", "BN", "HL", "EL", "HG", "HH", "EH", "BH", "SH")
"""Band and instrument of the channels that are used, the first of a station's: what does not clip comes first."""
VERTICAL = "Z3"
RATES_HZ = (20.0, 500.0)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a channel's samples are: ground motion in `unit` after division by `counts`."""

    counts: float
    unit: str


def meaning(packet: Packet, station: Station | None) -> Meaning | str:
    """Say what the samples of a packet mean, or why that is not known."""
    if not RATES_HZ[0] <= packet.rate_hz <= RATES_HZ[1]:
        return f"{packet.rate_hz:g} samples a second; {RATES_HZ[0]:g} to {RATES_HZ[1]:g} can be used"
    if station is None:
        return "the station is not in the station file"
    if packet.unit in UNITS:
        return Meaning(1.0, packet.unit)
    if packet.unit != "count":
        return f"its samples are in {packet.unit!r}, no ground motion"
    for channel in station.channels:
        if channel.code == packet.channel and channel.start_ns <= packet.start_ns < channel.end_ns:
            if channel.sensitivity and channel.unit in UNITS:
                return Meaning(channel.sensitivity, channel.unit)
            return "the station file gives it no sensitivity"
    return "the station file has no such channel at that time"


def chosen_band(station: Station) -> str | None:
    """Band and instrument of the channels to use; None where any will do, whatever comes first."""
    bands = {channel.code[:-1] for channel in station.channels if channel.code}
    return min(bands, key=_rank) if bands else None


def _rank(band: str) -> tuple[int, str]:
    return (PREFERRED.index(band) if band in PREFERRED else len(PREFERRED), band)


def positions(stations: Mapping[str, Station]) -> dict[str, int]:
    """Number the stations in the order of their names, whatever order a file has."""
    return {name: k for k, name in enumerate(sorted(stations))}
