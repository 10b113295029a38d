"""Running features: the same formulas on a stream, chunk by chunk, in bounded memory. Knows no files and no pickers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from foreshock.clock import iso_utc
from foreshock.errors import InputError, StateError
from foreshock.features import p_wave
from foreshock.features.catalogue import FAMILIES, Running, chosen
from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.prepare.step import LONGEST_FILLED_GAP_S
from foreshock.types.arrays import Bools, Float64
from foreshock.types.waveform import Waveform, check_same_instrument

PIECE_SAMPLES: Final = 65_536
"""Longer chunks are taken in pieces of this length."""


def running_features() -> tuple[Feature, ...]:
    """The features that a stream can have: those that need neither the whole record's spectrum nor its end."""
    grown = [one for family in FAMILIES if family.running is not None for one in family.features]
    return tuple(grown) + p_wave.FEATURES


class RunningFeatures:
    """Features of a stream so far: chunked in any way they equal those of the whole record (`waveform.table`).

    Args:
        rate_hz: samples per second of the stream.
        unit: unit of the stream.
        components: a letter a channel.
        p_ns: time of the P arrival, UTC nanoseconds; it may lie ahead. None: no parameters of P.
        names: features or groups; None: all that a stream can have.

    Raises:
        ConfigError: a name is unknown or cannot be measured on a stream.

    >>> import numpy as np
    >>> stream = RunningFeatures(10.0, "m/s2", components="Z", names=["pga", "cav"])
    >>> wave = Waveform(np.ones((1, 21), np.float32), 10.0, 0, "XX.A.", components="Z", unit="m/s2")
    >>> stream.update(wave.cut(0, 5)).update(wave.cut(5, 21)).values()
    {'pga_Z': 1.0, 'cav_Z': 2.0}
    """

    def __init__(
        self,
        rate_hz: float,
        unit: str,
        *,
        components: str = "ZNE",
        p_ns: int | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        self.layout = Layout(float(rate_hz), unit, components)
        self.features = chosen(names, among=running_features())
        self._p_ns = p_ns
        self._families: list[Running] = [
            family.running(self.layout)
            for family in FAMILIES
            if family.running is not None and any(one in self.features for one in family.features)
        ]
        self._arrival = _Arrival(self.layout)
        self._like: Waveform | None = None
        self._seen = 0

    def update(self, chunk: Waveform) -> RunningFeatures:
        """Take the next chunk; a hole is filled with masked samples, doubled samples are dropped.

        Raises:
            InputError: the chunk is of another instrument, rate or unit, or follows after more than ten minutes.
        """
        self._check(chunk)
        if self._like is None:
            self._like = chunk.cut(0, 0)
        offset = round(self._like.sample_at(chunk.start_ns)) - self._seen
        if offset > LONGEST_FILLED_GAP_S * self.layout.rate_hz:
            raise InputError(
                f"chunk of {chunk.station_id} at {iso_utc(chunk.start_ns)} leaves a hole of "
                f"{offset / self.layout.rate_hz:.0f} s",
                f"at most {LONGEST_FILLED_GAP_S:g} s are bridged",
                "begin new running features there",
            )
        if offset > 0:
            self._take(np.zeros((len(chunk.data), offset)), np.zeros((len(chunk.data), offset), bool))
        for first in range(max(0, -offset), chunk.n_samples, PIECE_SAMPLES):
            piece = slice(first, first + PIECE_SAMPLES)
            self._take(chunk.data[:, piece].astype(np.float64), chunk.valid[:, piece])
        return self

    def values(self) -> dict[str, float]:
        """Every column of the features so far; NaN where there is nothing to say yet.

        Raises:
            StateError: no chunk has come.
        """
        if self._like is None:
            raise StateError("values before any chunk", "there is nothing to measure", "call update first")
        found: dict[str, Float64] = {} if self._seen else {one.name: np.full(1, np.nan) for one in self.features}
        if self._seen:
            for family in self._families:
                found |= family.values()
            found |= self._arrival.values()
        return {
            column: float(value)
            for one in self.features
            for column, value in _columns(one, self.layout.components, found[one.name])
        }

    def _check(self, chunk: Waveform) -> None:
        if self._like is not None:
            check_same_instrument(self._like, chunk)
        told = (self.layout.rate_hz, self.layout.unit, self.layout.components)
        come = (chunk.rate_hz, chunk.unit, chunk.components)
        if told != come:
            raise InputError(
                f"chunk of {chunk.station_id} has rate, unit and components {come}",
                f"these running features were begun for {told}",
                "begin new ones for this stream",
            )

    def _take(self, x: Float64, valid: Bools) -> None:
        for family in self._families:
            family.update(x, None if valid.all() else valid)
        assert self._like is not None
        p_sample = None if self._p_ns is None else round(self._like.sample_at(self._p_ns))
        self._arrival.update(x, valid, first=self._seen, p_sample=p_sample)
        self._seen += x.shape[1]


def _columns(feature: Feature, components: str, value: Float64) -> list[tuple[str, float]]:
    names = feature.columns(components)
    return list(zip(names, np.broadcast_to(np.ravel(value), len(names)).tolist(), strict=True))


class _Arrival:
    """Gathers the seconds after P and measures them as `p_wave` does; holds no more than those seconds."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.needed = layout.samples(max(p_wave.SPANS))
        self.before = np.zeros((2, len(layout.components)))
        self.window: list[tuple[Float64, Bools]] = []

    def update(self, x: Float64, valid: Bools, *, first: int, p_sample: int | None) -> None:
        """Take the next samples (channel, time), the first of which is number `first`."""
        if p_sample is None or p_sample < 0:
            return
        early = slice(0, max(0, p_sample - first))
        self.before += np.stack([np.where(valid, x, 0.0)[:, early].sum(-1), valid[:, early].sum(-1)])
        after = slice(early.stop, max(0, p_sample + self.needed - first))
        if x[:, after].shape[1]:
            self.window.append((x[:, after].copy(), valid[:, after].copy()))

    def values(self) -> dict[str, Float64]:
        """The parameters of P whose seconds are complete."""
        found = {one.name: np.full(1, np.nan) for one in p_wave.FEATURES}
        if not self.window:
            return found
        x, valid = (np.concatenate(parts, -1)[None] for parts in zip(*self.window, strict=True))
        total, n = self.before
        level = np.divide(total, n, out=np.zeros_like(total), where=n > 0)[None]
        for span_s in p_wave.SPANS:
            size = self.layout.samples(span_s)
            if x.shape[-1] >= size:
                found |= p_wave.of_window(x[..., :size], valid[..., :size], level, self.layout, span_s=span_s)
        return found
