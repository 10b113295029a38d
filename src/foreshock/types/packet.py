"""Packet: a piece of one channel as it came, with when it was taken and when it could be known. Knows no wire.

Data time and arrival time are two things: `start_ns` says when the ground moved, `arrived_ns` when anybody here could
first have known. A replay keeps the second as it was, or as its telemetry model says; neither is the wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import InputError
from foreshock.types.arrays import AnyArray
from foreshock.types.waveform import COMPONENTS, Waveform

SAMPLE_TYPES = frozenset(map(np.dtype, (np.int32, np.float32, np.float64)))


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """Samples of one channel without a hole, and their two times.

    Attributes:
        station_id: ``NET.STA.LOC`` (an empty location stays: ``IU.ANMO.``).
        channel: full channel code, e.g. ``HHZ``.
        start_ns: UTC nanoseconds of sample 0.
        rate_hz: samples per second.
        samples: int32, float32 or float64, (time,), read-only; the array that was given, not a copy.
        arrived_ns: UTC nanoseconds when it could first have been known here.
        source: where it came from, in words.
        sequence: its number at the source, where the source counts.
        unit: ``count``, ``m/s``, ``m/s2`` …

    Raises:
        InputError: a name, rate, shape or type is wrong, or a sample is NaN or infinite.

    >>> one = Packet("XX.DEMO.", "HHZ", start_ns=0, rate_hz=100.0, samples=np.zeros(50, np.int32), arrived_ns=900)
    >>> one.n_samples, one.end_ns, one.samples.flags.writeable
    (50, 500000000, False)
    """

    station_id: str
    channel: str
    start_ns: int
    rate_hz: float
    samples: AnyArray
    arrived_ns: int
    source: str = ""
    sequence: int | None = None
    unit: str = "count"

    def __post_init__(self) -> None:
        samples = self.samples
        if samples.ndim != 1 or samples.dtype not in SAMPLE_TYPES or not len(samples):
            raise InputError(
                f"packet of {self.station_id}.{self.channel} holds {samples.dtype} of shape {samples.shape}",
                "samples must be int32, float32 or float64, one or more in a row",
                "convert them at the door",
            )
        if not (self.rate_hz > 0 and isfinite(self.rate_hz)):
            raise InputError(
                f"sampling rate is {self.rate_hz} Hz ({self.station_id}.{self.channel})",
                "it must be positive",
                "correct the header",
            )
        if self.station_id.count(".") != 2 or not self.channel:
            raise InputError(
                f"packet of {self.station_id!r} {self.channel!r}",
                "it must be named NET.STA.LOC and a channel",
                "write 'XX.DEMO.' and 'HHZ'",
            )
        if samples.dtype.kind == "f" and not np.isfinite(samples).all():
            raise InputError(
                f"packet of {self.station_id}.{self.channel} at {iso_utc(self.start_ns)} holds NaN or Inf",
                "every sample must be a finite number",
                "drop the packet",
            )
        if samples.flags.writeable:
            view = samples.view()
            view.flags.writeable = False
            object.__setattr__(self, "samples", view)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return len(self.samples)

    @property
    def span_s(self) -> float:
        """Length in seconds: the number of samples divided by the rate."""
        return len(self.samples) / self.rate_hz

    @property
    def end_ns(self) -> int:
        """UTC nanoseconds of the sample after the last one."""
        return self.start_ns + round(len(self.samples) * NS_PER_S / self.rate_hz)

    @property
    def latency_s(self) -> float:
        """Seconds from the end of its data to its arrival; negative where a clock is wrong."""
        return (self.arrived_ns - self.end_ns) / NS_PER_S

    def waveform(self) -> Waveform:
        """The same samples as a waveform of one row, as a live picker takes them.

        Raises:
            InputError: the channel's last letter is no direction.
        """
        letter = self.channel[-1].upper()
        if letter not in COMPONENTS:
            raise InputError(
                f"channel {self.channel!r} of {self.station_id}", "its name gives no direction", "leave it out"
            )
        return Waveform(
            self.samples[None], self.rate_hz, self.start_ns, self.station_id, (self.channel,), letter, self.unit
        )

    def __repr__(self) -> str:
        return (
            f"Packet({self.station_id}.{self.channel} {iso_utc(self.start_ns)} {len(self.samples)} × {self.rate_hz:g} "
            f"Hz, arrived {iso_utc(self.arrived_ns)})"
        )
