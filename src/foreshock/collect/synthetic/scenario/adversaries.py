"""The adversaries by name: what looks like an earthquake and is none, and what else goes wrong. Knows no engine."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from foreshock.collect.synthetic.scenario import packet_faults, upsets
from foreshock.collect.synthetic.scenario.far_waves import teleseism
from foreshock.collect.synthetic.scenario.near_waves import footsteps, quarry_blast, regional, sonic_boom, traffic
from foreshock.collect.synthetic.scenario.stage import PacketAdversary, WaveformAdversary
from foreshock.errors import ConfigError, nearest

WAVEFORM: Mapping[str, WaveformAdversary] = MappingProxyType(
    {
        "teleseism": teleseism,
        "regional": regional,
        "quarry_blast": quarry_blast,
        "sonic_boom": sonic_boom,
        "footsteps": footsteps,
        "traffic": traffic,
        "calibration_one": upsets.calibration_one,
        "calibration_all": upsets.calibration_all,
        "spikes": upsets.spikes,
        "glitch": upsets.glitch,
        "lightning": upsets.lightning,
        "flat_line": upsets.flat_line,
        "dropout": upsets.dropout,
        "dc_jump": upsets.dc_jump,
        "gain_change": upsets.gain_change,
        "polarity": upsets.polarity,
    }
)
"""Those that change samples, in the order in which they act."""
PACKETS: Mapping[str, PacketAdversary] = MappingProxyType(
    {
        "half_packets": packet_faults.half_packets,
        "clock_jump": packet_faults.clock_jump,
        "from_1970": packet_faults.from_1970,
        "from_future": packet_faults.from_future,
        "wrong_rate": packet_faults.wrong_rate,
        "backlog": packet_faults.backlog,
        "out_of_order": packet_faults.out_of_order,
        "duplicates": packet_faults.duplicates,
    }
)
"""Those that change packets, in the order in which they act."""
NAMES = (*WAVEFORM, *PACKETS)


def check_names(names: tuple[str, ...]) -> None:
    """Refuse adversaries that are not known.

    Raises:
        ConfigError: there is no such adversary.
    """
    for name in names:
        if name not in NAMES:
            raise ConfigError(f"adversary {name!r}", "it is not known", nearest(name, NAMES))
