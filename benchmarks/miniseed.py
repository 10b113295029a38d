"""miniSEED records into packets: ours together and one by one, beside ObsPy and pymseed on the same records.

Records are miniSEED 2 of 512 bytes, Steim-2, 100 samples, of 300 stations: what a network at 100 Hz sends each second.
Ours checks names, times, rates and frames, and makes packets; the peers' samples and times are taken as they give them.
ObsPy is run as its SeedLink client does it, a record at a time, and as it is fastest, all bytes in one read; pymseed
(libmseed, `pip install pymseed`) a record at a time and all in one buffer. Before timing, all samples are compared.
Knows no network.

    python benchmarks/miniseed.py --json
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from io import BytesIO
from types import ModuleType

import fair

os.environ.update(fair.ONE_THREAD)

# the number of threads is fixed before NumPy comes in
import numpy as np
import obspy
from obspy.clients.seedlink.slpacket import SLPacket

from foreshock.collect.miniseed import decode, encode2
from foreshock.types.packet import Packet

T = 1_700_000_000 * 10**9
NEEDED = 3000.0
Samples = list[np.ndarray]


def records_of(n: int, *, seed: int = 0) -> list[bytes]:
    """So many seconds of noise, a station each up to 300."""
    rng = np.random.default_rng(seed)
    told = []
    for k in range(n):
        samples = np.cumsum(rng.normal(0, 100, 100)).astype(np.int32)
        told += encode2(Packet(f"XX.S{k % 300:03d}.00", "HHZ", T + k // 300 * 10**9, 100.0, samples, arrived_ns=T))
    return told


def ours(records: list[bytes], together: int) -> Samples:
    """Ours, so many records at a time."""
    return [
        one.samples
        for first in range(0, len(records), together)
        for one in decode(records[first : first + together], arrived_ns=T).packets
    ]


def obspy_packets(records: list[bytes]) -> Samples:
    """ObsPy's SeedLink client: a trace a record."""
    return [SLPacket(b"SL000000" + record, 0).get_trace().data for record in records]


def obspy_read(records: list[bytes]) -> Samples:
    """ObsPy's reader on all bytes; consecutive records would be joined, so each second is read by itself."""
    found: Samples = []
    for first in range(0, len(records), 300):
        found += [trace.data for trace in obspy.read(BytesIO(b"".join(records[first : first + 300])), format="MSEED")]
    return found


def with_pymseed(peer: ModuleType) -> dict[str, Callable[[list[bytes]], Samples]]:
    """Its two ways."""

    def singly(records: list[bytes]) -> Samples:
        return [peer.MS3Record.parse(record, unpack_data=True).np_datasamples.copy() for record in records]

    def in_one_buffer(records: list[bytes]) -> Samples:
        content = b"".join(records)
        return [one.np_datasamples.copy() for one in peer.MS3Record.from_buffer(content, unpack_data=True)]

    return {"pymseed, one by one": singly, "pymseed, one buffer": in_one_buffer}


def main() -> int:
    """Measure and tell."""
    asked = fair.parser(__doc__, records=3000).parse_args()
    records = records_of(asked.records)
    ways: dict[str, Callable[[list[bytes]], Samples]] = {
        "ours, 100 together": lambda all_of: ours(all_of, 100),
        "ours, 10 together": lambda all_of: ours(all_of, 10),
        "ours, one by one": lambda all_of: ours(all_of, 1),
        "ObsPy SLPacket": obspy_packets,
        "ObsPy read": obspy_read,
    }
    try:
        ways |= with_pymseed(importlib.import_module("pymseed"))
    except ImportError:
        print("peer pymseed: it is not installed and left out", file=sys.stderr)
    found = {name: way(records) for name, way in ways.items()}
    first = found["ours, 100 together"]
    equal = all(len(one) == len(first) and all(map(np.array_equal, one, first)) for one in found.values())
    sides = {name: (lambda way=way: len(way(records))) for name, way in ways.items()}
    rates = fair.interleaved(sides, rounds=asked.rounds)
    figures = [
        fair.figure(name, rates[name], "packets/CPU-s", **({"at_least": NEEDED} if name.startswith("ours") else {}))
        for name in ways
    ]
    quick = rates["ours, 100 together"]
    figures += [
        fair.figure(f"ours, 100 together / {name}", fair.ratios(quick, rates[name]), "×") for name in list(ways)[3:]
    ]
    return fair.tell(
        "miniseed",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "numpy", "obspy", "pymseed"),
        equal=equal,
        checked="all samples of all sides are equal",
        records=asked.records,
    )


if __name__ == "__main__":
    sys.exit(main())
