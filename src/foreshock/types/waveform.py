"""Waveform: the ground motion of one instrument over one span of time. Knows no files, no filters and no plots."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import InputError
from foreshock.types.arrays import AnyArray, Bools, Float32, frozen
from foreshock.units import unit as known_unit

COMPONENTS = "ZNE123RTUVWQL"
"""Letters a component may have; indoors the order is Z N E."""


_EVERYTHING = cast("AnyArray", None)
"""No mask given: all samples are valid."""


@dataclass(frozen=True, eq=False, repr=False)
class Waveform:
    """Samples of one instrument: an array (channel, time) with its rate, start, names, unit and mask.

    Attributes:
        data: float32, (channel, time); zero where `valid` is False.
        rate_hz: samples per second.
        start_ns: UTC nanoseconds of sample 0.
        station_id: ``NET.STA.LOC`` (an empty location stays: ``IU.ANMO.``).
        channels: full channel codes as they came, one a row, e.g. ``("HHZ", "HHN", "HHE")``.
        components: one letter a row, e.g. ``"ZNE"``.
        unit: ``count``, ``m``, ``m/s``, ``m/s2`` or ``1``.
        valid: bool, (channel, time); everything when it is not given; False in gaps, glitches and clipped spans.

    Raises:
        InputError: a shape, rate, name or unit is wrong, or a valid sample is NaN or infinite.

    >>> wave = Waveform(np.zeros((3, 200), np.float32), rate_hz=100.0, start_ns=0, station_id="XX.DEMO.")
    >>> wave.span_s, wave.components, bool(wave.valid.all())
    (2.0, 'ZNE', True)
    """

    data: AnyArray
    rate_hz: float
    start_ns: int
    station_id: str
    channels: tuple[str, ...] = ()
    components: str = "ZNE"
    unit: str = "count"
    valid: AnyArray = _EVERYTHING

    def __post_init__(self) -> None:
        data = np.asarray(self.data, dtype=np.float32)
        if data.ndim != 2 or data.shape[0] == 0:
            raise InputError(
                f"waveform of {self.station_id} has shape {data.shape}",
                "it must be (channel, time) with at least one channel",
                "give one row a channel",
            )
        valid = np.ones(data.shape, bool) if self.valid is None else np.asarray(self.valid, bool)
        put = object.__setattr__
        put(self, "rate_hz", float(self.rate_hz))
        put(self, "start_ns", int(self.start_ns))
        put(self, "channels", tuple(self.channels) or tuple(self.components))
        self._check(data, valid)
        if not valid.all():
            data = np.where(valid, data, np.float32(0))
        put(self, "data", frozen(data, np.float32))
        put(self, "valid", frozen(valid, bool))
        put(self, "unit", known_unit(self.unit).si)

    def _check(self, data: Float32, valid: Bools) -> None:
        if not (np.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise InputError(
                f"sampling rate is {self.rate_hz} Hz ({self.station_id})", "it must be positive", "correct the header"
            )
        if len(self.channels) != len(data) or len(self.components) != len(data):
            raise InputError(
                f"{self.station_id} has {len(data)} rows, channels {self.channels} and components {self.components!r}",
                "each row needs one channel code and one component letter",
                "name every row once",
            )
        if set(self.components) - set(COMPONENTS) or len(set(self.components)) < len(self.components):
            raise InputError(
                f"components are {self.components!r} ({self.station_id})",
                f"each must be a different letter of {COMPONENTS}",
                "map the channel names first",
            )
        if valid.shape != data.shape:
            raise InputError(
                f"mask of {self.station_id} has shape {valid.shape}",
                f"it must equal the data's {data.shape}",
                "give one flag a sample",
            )
        if not np.isfinite(data).all() and not np.isfinite(data[valid]).all():
            raise InputError(
                f"waveform of {self.station_id} holds NaN or Inf at {iso_utc(self.start_ns)}",
                "every valid sample must be a finite number",
                "mark such samples invalid or drop the record",
            )

    @property
    def n_samples(self) -> int:
        """Number of samples of each channel."""
        return int(self.data.shape[1])

    @property
    def span_s(self) -> float:
        """Length in seconds: the number of samples divided by the rate."""
        return self.n_samples / self.rate_hz

    @property
    def end_ns(self) -> int:
        """UTC nanoseconds of the sample after the last one."""
        return self.time_ns(self.n_samples)

    def time_ns(self, sample: float) -> int:
        """UTC nanoseconds of a sample, which may be fractional."""
        return self.start_ns + round(sample * NS_PER_S / self.rate_hz)

    def sample_at(self, time_ns: int) -> float:
        """The fractional sample at a time; outside the record it is negative or beyond the end."""
        return (time_ns - self.start_ns) * self.rate_hz / NS_PER_S

    def with_data(self, data: Any, **changes: Any) -> Waveform:
        """The same waveform with other samples (and whatever else is named); a mask of another shape is dropped."""
        if "valid" not in changes and np.shape(data) != self.valid.shape:
            changes["valid"] = None
        return replace(self, data=data, **changes)

    def cut(self, first: int, last: int) -> Waveform:
        """The samples `first` up to but not including `last`, both clipped to the record."""
        first, last = max(0, first), min(self.n_samples, last)
        part = copy.copy(self)  # of what was checked; nothing need be checked again
        object.__setattr__(part, "data", self.data[:, first:last])
        object.__setattr__(part, "valid", self.valid[:, first:last])
        object.__setattr__(part, "start_ns", self.time_ns(first))
        return part

    def __repr__(self) -> str:
        gone = 1 - float(self.valid.mean()) if self.valid.size else 0.0
        return (
            f"Waveform({self.station_id} {self.components} {iso_utc(self.start_ns)} {self.span_s:.2f} s "
            f"{self.rate_hz:g} Hz {self.unit}, {gone:.1%} masked)"
        )


def concatenate(pieces: list[Waveform]) -> Waveform:
    """Join pieces of one instrument that follow each other without gap or overlap, in order.

    Raises:
        InputError: there is no piece, or they differ in rate, channels or unit.

    >>> a = Waveform(np.zeros((1, 3)), 1.0, 0, "XX.A.", components="Z")
    >>> concatenate([a.cut(0, 1), a.cut(1, 3)]).n_samples
    3
    """
    if not pieces:
        raise InputError("no piece of waveform", "there must be at least one", "check what was read")
    first = pieces[0]
    for other in pieces[1:]:
        check_same_instrument(first, other)
    held = [piece for piece in pieces if piece.n_samples] or pieces[:1]
    return replace(
        first,
        start_ns=held[0].start_ns,
        data=np.concatenate([piece.data for piece in held], axis=1),
        valid=np.concatenate([piece.valid for piece in held], axis=1),
    )


def check_same_instrument(first: Waveform, other: Waveform) -> None:
    """Refuse two waveforms that cannot belong to one stream.

    Raises:
        InputError: rate, station, channels or unit differ.
    """
    for name in ("rate_hz", "station_id", "channels", "components", "unit"):
        if getattr(first, name) != getattr(other, name):
            raise InputError(
                f"{name} changes from {getattr(first, name)!r} to {getattr(other, name)!r} ({first.station_id})",
                "one stream keeps its rate, channels and unit",
                "split the stream there, or resample first",
            )
