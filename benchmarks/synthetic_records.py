"""Synthetic records a CPU-second: three components, 60 s at 100 Hz, every ingredient. Knows no peer.

Calls `foreshock.collect.synthetic.synthesise` with its default settings (three records in four hold an earthquake,
the others noise and transients) and once more with earthquakes only. A round makes `--records` records with a seed of
its own, the network's spectra included. Two runs of one seed must give the same bytes, and another seed others.

    python benchmarks/synthetic_records.py --json
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import count

import fair

os.environ.update(fair.ONE_THREAD)

import hashlib

from foreshock.collect.synthetic import SyntheticSettings, synthesise

TARGET = 500.0


def digest(settings: SyntheticSettings, *, seed: int) -> str:
    """One hash of all samples, masks and truths."""
    told = hashlib.sha256()
    for record in synthesise(settings, seed=seed):
        told.update(record.waveform.data.tobytes())
        told.update(record.waveform.valid.tobytes())
        told.update(repr((record.waveform.start_ns, record.waveform.station_id, record.truth)).encode())
    return told.hexdigest()


def maker(settings: SyntheticSettings) -> Callable[[], int]:
    """A round: all records of a seed that was not used before."""
    seeds = count()
    return lambda: sum(1 for _ in synthesise(settings, seed=next(seeds)))


def main() -> int:
    """Measure and tell."""
    asked = fair.parser(__doc__, records=512).parse_args()
    mixed = SyntheticSettings(records=asked.records)
    shaken = SyntheticSettings(records=asked.records, noise_fraction=0.0)
    shape = next(synthesise(mixed, seed=0)).waveform.data.shape
    first, again, other = (digest(SyntheticSettings(records=min(asked.records, 64)), seed=seed) for seed in (1, 1, 2))
    rates = fair.interleaved({"mixed": maker(mixed), "shaken": maker(shaken)}, rounds=asked.rounds)
    return fair.tell(
        "synthetic_records",
        [
            fair.figure("default settings", rates["mixed"], "records/CPU-s", at_least=TARGET),
            fair.figure("earthquakes only", rates["shaken"], "records/CPU-s"),
        ],
        asked=asked,
        versions=fair.versions("foreshock", "numpy", "scipy"),
        equal=first == again and first != other,
        checked="two runs of one seed give the same bytes, another seed gives others",
        records=asked.records,
        shape=list(shape),
    )


if __name__ == "__main__":
    sys.exit(main())
