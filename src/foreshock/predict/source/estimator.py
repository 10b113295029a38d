"""Estimator: what one station says of an earthquake at a time after P. Knows no torch, no data sets and no pickers.

Nothing after P + elapsed is read: the recording is cut there first. So an answer does not change when more comes, and
a live stream gets what an archive gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foreshock.bundle import Bundle
from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import InputError
from foreshock.predict.source.network import Answers, SourceNetwork
from foreshock.prepare.band_raster import LOWEST_RATE_HZ, STEP_S, BandRaster, band_raster, three_rows
from foreshock.prepare.quality import DEFECTS, MarkDefects
from foreshock.prepare.source_input import (
    AFTER_S,
    BEFORE_S,
    FRAME_S,
    STEPS,
    SourceInput,
    frame_rows,
    source_input,
)
from foreshock.prepare.source_keys import context_rows, instrument_key, network_of
from foreshock.types.arrays import Float32
from foreshock.types.pick import Pick
from foreshock.types.source import Direction, Quantiles, SourceEstimate
from foreshock.types.waveform import Waveform

SHORTEST_S = 1.0
"""Less data after P says nothing."""

MOST_MASKED = 0.5
MOST_CLIPPED = 0.5
BEYOND = 0.5
"""Decades beyond all levels that were learnt, from which on a level is not believed."""

CODES = {"unknown": 0, "velocity": 1, "station": 2, "network": 2}

Responses = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A recording ready for the network: its input, how its scale is known, and what has to be told."""

    given: SourceInput
    context: Float32
    scale: str
    elapsed_s: float
    oriented: bool
    notes: tuple[str, ...]


class SourceEstimator:
    """Magnitude, epicentral distance and back azimuth with a bundle made for the problem ``source``.

    Args:
        bundle: what `read_bundle` gave. device, threads: where and with how many threads the network runs.

    Raises:
        BundleError: the bundle is no source estimator, or ONNX Runtime cannot run it.
    """

    def __init__(self, bundle: Bundle, *, device: str = "cpu", threads: int = 1) -> None:
        self.network = SourceNetwork(bundle, device=device, threads=threads)
        self.instruments = self.network.reading.instruments
        self._place = {key: k for k, key in enumerate(self.instruments)}
        self._networks = {network_of(key) for key in self.instruments}

    @property
    def name(self) -> str:
        """The name on the bundle's card."""
        return self.network.card.name

    def estimate(
        self,
        waveform: Waveform,
        p: Pick | int,
        *,
        elapsed_s: float = AFTER_S,
        response: Responses | None = None,
        use_station: bool = True,
    ) -> SourceEstimate:
        """Estimate from the data up to `elapsed_s` after P; an estimate without numbers says its reason.

        Arguments:
            waveform: Z and two horizontals, in counts or ground motion, 10 Hz or more.
            p: the P arrival: a pick, or UTC nanoseconds.
            elapsed_s: seconds after P; more than 30 counts as 30, and what lies between frames of 0.5 s is left out.
            response: of each row (see `foreshock.collect.response.responses`), so that counts become ground velocity.
            use_station: False leaves the instrument's own term out.

        Raises:
            InputError: the elapsed time is negative or no number, or the response does not fit.
            BundleError: the network fails.
        """
        return self.evolving(waveform, p, elapsed_s=[elapsed_s], response=response, use_station=use_station)[0]

    def evolving(
        self,
        waveform: Waveform,
        p: Pick | int,
        *,
        elapsed_s: Sequence[float],
        response: Responses | None = None,
        use_station: bool = True,
    ) -> list[SourceEstimate]:
        """Estimates at several times after P, each what `estimate` gives at that time; the filters run once.

        Raises:
            InputError, BundleError: see `estimate`.
        """
        p_ns = p.time_ns if isinstance(p, Pick) else int(p)
        wrong = [t for t in elapsed_s if not (np.isfinite(t) and t >= 0)]
        if wrong:
            raise InputError(f"elapsed time is {wrong[0]} s", "it is a number of seconds after P", "give 1 to 30")
        whole = _until(waveform, p_ns, max(elapsed_s, default=0.0))
        reason = _unaskable(whole, p_ns)
        if reason:
            return [SourceEstimate(waveform.station_id, p_ns, 0.0, reason=reason) for _ in elapsed_s]
        raster = band_raster(whole, p_ns, before_s=BEFORE_S, after_s=AFTER_S, response=response)
        said = [self._at(_until(whole, p_ns, time_s), p_ns, time_s, raster, use_station) for time_s in elapsed_s]
        return [
            SourceEstimate(waveform.station_id, p_ns, 0.0, reason=one) if isinstance(one, str) else one for one in said
        ]

    def _at(
        self, wave: Waveform, p_ns: int, elapsed_s: float, raster: BandRaster, use_station: bool
    ) -> SourceEstimate | str:
        """What is said at a time, of a recording that ends there."""
        prepared = _silent(raster) or self._prepared(wave, p_ns, elapsed_s, raster, use_station)
        return prepared if isinstance(prepared, str) else self._answered(wave.station_id, p_ns, prepared)

    def _prepared(
        self, wave: Waveform, p_ns: int, elapsed_s: float, raster: BandRaster, use_station: bool
    ) -> Prepared | str:
        """The network's input, or why there is none."""
        there_s = (wave.end_ns - p_ns) / NS_PER_S
        used_s = float(np.floor(min(elapsed_s, AFTER_S, there_s + STEP_S / 2) / FRAME_S + 1e-9) * FRAME_S)
        if used_s < SHORTEST_S:
            return f"only {max(0.0, min(there_s, elapsed_s)):.2f} s after P are there; {SHORTEST_S:g} s are needed"
        given = input_of(raster, used_s)
        expected = round(used_s / FRAME_S)
        if given.n_seen[0] < (1 - MOST_MASKED) * expected or not np.isfinite(given.level[0]):
            return f"{1 - given.n_seen[0] / expected:.0%} of the samples since P are masked or zero"
        clipped = _clipped(wave, p_ns)
        if clipped > MOST_CLIPPED:
            return f"{clipped:.0%} of the samples since P are clipped"
        scale, notes = self._scale(wave, raster, float(given.level[0]), use_station)
        if used_s < min(elapsed_s, AFTER_S) - FRAME_S:
            notes.append(f"the record ends {there_s:.2f} s after P")
        if clipped > 0:
            notes.append(f"{clipped:.1%} of the samples since P are clipped: the magnitude is rather larger")
        if raster.dead:
            notes.append(f"component {raster.dead} is dead: the other horizontal stands for both, no back azimuth")
        elif not raster.oriented:
            notes.append(f"horizontals of {wave.components!r} are not N and E: no back azimuth")
        context = context_rows(
            level=given.level,
            scale=np.array([CODES[scale]]),
            bands=raster.bands[None],
            elapsed_s=np.array([used_s]),
            place=np.array([self._place[instrument_key(wave)] if scale == "station" else -1]),
            n_instruments=len(self.instruments),
        )
        return Prepared(given, context, scale, used_s, raster.oriented, tuple(notes))

    def _scale(self, wave: Waveform, raster: BandRaster, level: float, use_station: bool) -> tuple[str, list[str]]:
        """How amplitudes are to be read, and what has to be told about it."""
        domain = self.network.reading.domain
        known = None if domain is None else domain.velocities if raster.unit == "m/s" else domain.counts
        if domain is not None and known is not None and not known[0] - BEYOND <= level <= known[1] + BEYOND:
            told = f"the amplitude 10^{level:.1f} {raster.unit} lies outside 10^{known[0]:.1f} to 10^{known[1]:.1f}"
            return "unknown", [f"{told}, which was learnt: it is not used"]
        if raster.unit == "m/s":
            return "velocity", ["ground velocity was learnt from synthetic records only: real ones miss by more"]
        if use_station and instrument_key(wave) in self._place:
            return "station", []
        if network_of(wave.station_id) in self._networks:
            return "network", ["this instrument was not learnt from: counts are read as those of its network"]
        return "unknown", ["the counts' scale is not known: give the response for a better magnitude"]

    def _answered(self, station_id: str, p_ns: int, prepared: Prepared) -> SourceEstimate:
        x = prepared.given.x
        strangeness = self.network.strangeness(x, elapsed_s=prepared.elapsed_s)
        said = self.network.answers(
            self.network.raw(x, prepared.context),
            scale=prepared.scale,
            elapsed_s=prepared.elapsed_s,
            strangeness=strangeness,
        )
        notes = list(prepared.notes)
        if strangeness[0] > 1:
            notes.append("the record is unlike those that were learnt from: the intervals were widened")
        return SourceEstimate(
            station_id,
            p_ns,
            prepared.elapsed_s,
            magnitude=_quantiles(said.magnitude[0]),
            distance_km=_quantiles(10.0 ** np.clip(said.log_distance[0], -3, 4.4)),
            back_azimuth=_direction(said) if prepared.oriented else None,
            scale=prepared.scale,
            strangeness=round(float(strangeness[0]), 3),
            notes=tuple(notes),
        )


def input_of(raster: BandRaster, elapsed_s: float) -> SourceInput:
    """The network's input from one raster that begins `BEFORE_S` before P."""
    rows, seen = frame_rows(raster.power, raster.seen)
    return source_input(rows[None, :, ::STEPS], seen[None, ::STEPS], raster.bands[None], elapsed_s=elapsed_s)


def _until(wave: Waveform, p_ns: int, elapsed_s: float) -> Waveform:
    """What was there at a time after P, from a while before P on."""
    last = int(np.ceil(np.clip(wave.sample_at(p_ns + round(elapsed_s * NS_PER_S)), -1, wave.n_samples)))
    first = int(np.clip(wave.sample_at(p_ns) - 3 * BEFORE_S * wave.rate_hz, 0, max(last, 0)))
    return wave.cut(first, last)


def _unaskable(wave: Waveform, p_ns: int) -> str:
    """Why a recording cannot be asked at all; empty where it can."""
    try:
        three_rows(wave)
    except InputError as error:
        return str(error).rstrip(".")
    if not wave.n_samples or not wave.start_ns <= p_ns < wave.end_ns:
        return f"P at {iso_utc(p_ns)} lies outside the record, or nothing was recorded after it"
    if wave.rate_hz < LOWEST_RATE_HZ:
        return f"the sampling rate is {wave.rate_hz:g} Hz; {LOWEST_RATE_HZ:g} Hz are needed"
    return ""


def _silent(raster: BandRaster) -> str:
    """Why a recording with dead components cannot be asked; empty where it can."""
    if "Z" in raster.dead or len(raster.dead) > 1:
        return f"components {' and '.join(raster.dead)} are dead or masked: Z and one horizontal are needed"
    return ""


def _clipped(wave: Waveform, p_ns: int) -> float:
    """The share of samples since P that are clipped, on the worst component."""
    since = wave.cut(int(wave.sample_at(p_ns)), wave.n_samples)
    codes = MarkDefects().codes(since)
    return float(((codes & DEFECTS["clipped"]) > 0).mean(-1).max(initial=0.0))


def _quantiles(values: Any) -> Quantiles:
    return Quantiles(*(round(float(value), 4) for value in np.maximum.accumulate(values)))


def _direction(said: Answers) -> Direction:
    mode, half_50, half_90 = (float(np.degrees(v[0])) for v in (said.azimuth_rad, said.azimuth_50, said.azimuth_90))
    return Direction(round(mode, 2) % 360, round(half_50, 2), round(min(half_90, 180.0), 2))
