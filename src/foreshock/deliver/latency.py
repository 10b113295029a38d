"""Latency: where the time went between the ground and the alert. Knows eight moments and no clock."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, fields

from foreshock.errors import InputError

COLUMNS = ("packet_ms", "decode_ms", "features_ms", "pick_ms", "associate_ms", "decide_ms", "send_ms", "total_ms")


@dataclass(frozen=True, slots=True)
class Stamps:
    """Moments on the way of the last packet that an alert needed, in UTC nanoseconds of one clock.

    `sampled_ns` is the time of that packet's last sample by the data; the others are read from the engine's clock when
    a stage is done.

    >>> Stamps(0, 400_000_000, 401_000_000, 402_000_000, 404_000_000, 405_000_000, 406_000_000, 410_000_000).row()
    {'packet_ms': 400.0, 'decode_ms': 1.0, 'features_ms': 1.0, 'pick_ms': 2.0, 'associate_ms': 1.0, \
'decide_ms': 1.0, 'send_ms': 4.0, 'total_ms': 410.0}
    """

    sampled_ns: int
    arrived_ns: int
    decoded_ns: int
    featured_ns: int
    picked_ns: int
    associated_ns: int
    decided_ns: int
    sent_ns: int

    def __post_init__(self) -> None:
        after = self._moments()[1:]  # a station's clock may run ahead of ours: the first difference may be negative
        if list(after) != sorted(after):
            raise InputError(f"stages {after}", "a stage ends after the one before it", "stamp them in order")

    def _moments(self) -> tuple[int, ...]:
        return tuple(getattr(self, item.name) for item in fields(self))

    def row(self) -> dict[str, float]:
        """Give the columns of the latency ledger, in milliseconds."""
        moments = self._moments()
        passed = [after - before for before, after in itertools.pairwise(moments)]
        return dict(zip(COLUMNS, [ns * 1e-6 for ns in (*passed, moments[-1] - moments[0])], strict=True))
