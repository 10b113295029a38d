"""Synthetic records: events, stations, signals, noise and defects put together, block by block. Knows no files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import fft

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import defects, events, noise, signals, transients
from foreshock.collect.synthetic.draws import ROWS, generator, normal
from foreshock.collect.synthetic.instrument import band_code
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.collect.synthetic.stations import Network, build_network, noise_amplitude, signal_transfer
from foreshock.errors import ConfigError
from foreshock.types.arrays import Bools, Float32, Float64, Ints
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

SIGNAL_STREAM, NOISE_STREAM, DEFECT_STREAM = 5, 6, 7
SNR_SPAN_S = 5.0
"""Signal power is taken over this span after S, or after P where S lies outside the record."""


@dataclass(frozen=True)
class Bench:
    """What all blocks of one set share."""

    settings: SyntheticSettings
    seed: int
    network: Network
    grid: signals.Grid
    transfer: signals.Complex64
    noise_amplitude: Float32
    low_weight: Float32

    @classmethod
    def of(cls, settings: SyntheticSettings, *, seed: int) -> Bench:
        """Build the network and its spectra."""
        network, grid = build_network(settings, seed=seed), signals.Grid.of(settings)
        frequency = np.asarray(np.fft.rfftfreq(grid.n_fft, 1 / settings.rate_hz), np.float64)
        return cls(
            settings=settings,
            seed=seed,
            network=network,
            grid=grid,
            transfer=signal_transfer(network, settings, frequency),
            noise_amplitude=noise_amplitude(network, settings, frequency),
            low_weight=noise.crossover(frequency),
        )


def synthesise(settings: SyntheticSettings, *, seed: int) -> Iterator[Record]:
    """Give `settings.records` synthetic records; record k depends on the settings, the seed and k alone.

    The same seed gives the same bytes, however many records are asked for. Signals are ground motion at the station
    times the instrument, in `settings.unit`; arrivals in the truth are the exact ones of the generator.

    Raises:
        ConfigError: the seed is negative.

    >>> settings = SyntheticSettings(records=3, span_s=20.0, rate_hz=20.0)
    >>> [record.truth.kind for record in synthesise(settings, seed=1)]
    ['earthquake', 'earthquake', 'earthquake']
    """
    if seed < 0:
        raise ConfigError(f"seed {seed}", "it must not be negative", "give 0 or more")
    bench = Bench.of(settings, seed=seed)
    for group in range(-(-settings.records // ROWS)):
        yield from _records(bench, group)


def _records(bench: Bench, group: int) -> Iterator[Record]:
    """The records of one block, as many as are asked for; the block itself is always made whole."""
    settings = bench.settings
    index = np.arange(group * ROWS, (group + 1) * ROWS)
    scene = events.build_scene(settings, bench.network, seed=bench.seed, index=index)
    waves = signals.travel(settings, scene)
    shaken = np.flatnonzero(~scene.quiet)
    signal = _signals(bench, scene, waves, shaken, group)
    data, background = _noise(bench, scene, group)
    rms = np.sqrt(np.einsum("rct,rct->r", data, data) / data[0].size, dtype=np.float64)
    snr = signal_to_noise_db(bench, waves, shaken, signal=signal, noise_power=background)
    data[shaken] += signal
    valid = _spoil(bench, scene, waves, data, rms=rms, group=group)
    upward = signals.first_motion(settings, scene, waves, bench.network)
    for k in range(min(ROWS, settings.records - group * ROWS)):
        moved = "up" if upward[k] > 0 else "down"
        yield _record(bench, scene, waves, k, data=data, valid=valid, snr_db=snr[k], polarity=moved)


def _signals(bench: Bench, scene: events.Scene, waves: signals.Waves, shaken: Ints, group: int) -> Float32:
    if not len(shaken):
        return np.zeros((0, 3, bench.grid.n_samples), np.float32)
    part = signals.take(scene, shaken)
    return signals.synthesise_signals(
        bench.settings,
        part,
        signals.travel(bench.settings, part),
        network=bench.network,
        transfer=bench.transfer[part.station],
        grid=bench.grid,
        rng=generator(bench.seed, SIGNAL_STREAM, group=group),
    )


def _noise(bench: Bench, scene: events.Scene, group: int) -> tuple[Float32, Float64]:
    """Background noise (record, Z N E, time) and its mean power (record,)."""
    grid, settings = bench.grid, bench.settings
    if not settings.noise:
        return np.zeros((ROWS, 3, grid.n_samples), np.float32), np.zeros(ROWS)
    rng = generator(bench.seed, NOISE_STREAM, group=group)
    natural, cultural = (10 ** (settings.hourly_db_sigma * normal(scene.u[k]) / 20) for k in (1, 2))
    spectra = noise.random_spectra(
        rng,
        bench.noise_amplitude,
        scene.station,
        low_gain=natural,
        high_gain=cultural,
        low_weight=bench.low_weight,
    )
    whole = fft.irfft(spectra, grid.n_fft, axis=-1, overwrite_x=True, workers=1)
    data = np.ascontiguousarray(whole[..., : grid.n_samples])
    return data, np.einsum("rct,rct->r", data, data).astype(np.float64) / data[0].size


def signal_to_noise_db(
    bench: Bench, waves: signals.Waves, shaken: Ints, *, signal: Float32, noise_power: Float64
) -> list[float | None]:
    """Mean power of the signal over `SNR_SPAN_S` against that of the background noise, dB; None without either."""
    rate, n = bench.settings.rate_hz, bench.grid.n_samples
    out: list[float | None] = [None] * ROWS
    for row, k in enumerate(shaken):
        begin = round((waves.s.first.time_s[k] - waves.start_s[k]) * rate)
        if begin > n - rate:
            begin = round((waves.p.first.time_s[k] - waves.start_s[k]) * rate)
        piece = signal[row, :, begin : begin + round(SNR_SPAN_S * rate)]
        power = float(np.einsum("ct,ct->", piece, piece)) / max(piece.size, 1)
        if power > 0 and noise_power[k] > 0:
            out[k] = float(10 * np.log10(power / noise_power[k]))
    return out


def _spoil(
    bench: Bench, scene: events.Scene, waves: signals.Waves, data: Float32, *, rms: Float64, group: int
) -> Bools | None:
    """Add transients and defects in place; give the mask of good samples, None when all are."""
    settings, rng = bench.settings, generator(bench.seed, DEFECT_STREAM, group=group)
    per_minute = np.where(scene.quiet, settings.noise_transients_per_minute, settings.transients_per_minute)
    transients.add_transients(
        data,
        rms=rms,
        rate_hz=settings.rate_hz,
        expected=per_minute * settings.span_s / 60,
        level_db=(settings.transient_db_min, settings.transient_db_max),
        rng=rng,
    )
    defects.add_glitches(data, rms=rms, fraction=settings.glitch_fraction, rng=rng)
    defects.add_steps(data, rms=rms, fraction=settings.step_fraction, rng=rng)
    valid = defects.holes(settings, data.shape, rng, p_s=waves.p.first.time_s - waves.start_s)
    if settings.unit == "count":
        limits = np.array([bench.network.instruments[k].clip_counts for k in scene.station])
        clipped = defects.digitise(data, limits)
        if settings.mask_clipped and clipped.any():
            valid = ~clipped if valid is None else valid & ~clipped
    return valid


def _record(
    bench: Bench,
    scene: events.Scene,
    waves: signals.Waves,
    k: int,
    *,
    data: Float32,
    valid: Bools | None,
    snr_db: float | None,
    polarity: str,
) -> Record:
    """Put record k of a block together."""
    settings, station = bench.settings, int(scene.station[k])
    sensor = bench.network.instruments[station]
    code = band_code(sensor, rate_hz=settings.rate_hz) + sensor.code
    start_ns = int(scene.origin_ns[k]) + round(float(waves.start_s[k]) * NS_PER_S)
    waveform = Waveform(
        data[k],
        settings.rate_hz,
        start_ns,
        bench.network.codes[station],
        channels=(code + "Z", code + "N", code + "E"),
        unit=settings.unit,
        valid=np.ones(data[k].shape, bool) if valid is None else valid[k],
    )
    return Record(waveform, _truth(bench, scene, waves, k, waveform=waveform, snr_db=snr_db, polarity=polarity))


def _truth(
    bench: Bench,
    scene: events.Scene,
    waves: signals.Waves,
    k: int,
    *,
    waveform: Waveform,
    snr_db: float | None,
    polarity: str,
) -> Truth:
    settings = bench.settings
    prefix = f"{settings.network}{bench.seed}"
    trace_id = f"{prefix}_{int(scene.index[k]):07d}"
    if scene.quiet[k]:
        return Truth(trace_id, f"{trace_id}_noise", kind="noise", split=settings.split, source="synthetic")
    origin_ns = int(scene.origin_ns[k])
    p_ns = origin_ns + round(float(waves.p.first.time_s[k]) * NS_PER_S)
    s_ns = origin_ns + round(float(waves.s.first.time_s[k]) * NS_PER_S)
    seen = s_ns < waveform.end_ns
    return Truth(
        trace_id,
        f"{prefix}_event{int(scene.event[k]):07d}",
        kind="earthquake",
        split=settings.split,
        p_ns=p_ns,
        s_ns=s_ns if seen else None,
        p_status="exact",
        s_status="exact" if seen else None,
        magnitude=float(scene.magnitude[k]),
        magnitude_type="Mw",
        depth_km=float(scene.depth_km[k]),
        distance_km=float(scene.distance_km[k]),
        back_azimuth_deg=float(scene.back_azimuth_deg[k]),
        event_latitude=float(scene.latitude[k]),
        event_longitude=float(scene.longitude[k]),
        origin_ns=origin_ns,
        snr_db=snr_db,
        source="synthetic",
        polarity=polarity,
    )


class SyntheticSource:
    """Synthetic records at the door of sources: settings and a seed; every pass gives the same bytes."""

    def __init__(self, settings: SyntheticSettings | None = None, *, seed: int = 0) -> None:
        self.settings = settings or SyntheticSettings()
        self.seed = seed

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[SyntheticSource]:
        """A few records of two kinds for the law."""
        single = SyntheticSettings(records=5, span_s=20.0, rate_hz=20.0, noise_fraction=0.4)
        network = SyntheticSettings(records=6, span_s=20.0, rate_hz=50.0, stations_per_event=3, unit="m/s")
        return [cls(single, seed=1), cls(network, seed=2)]

    def records(self) -> Iterator[Record]:
        """Give every record."""
        return synthesise(self.settings, seed=self.seed)

    @property
    def skipped(self) -> Sequence[tuple[str, str]]:
        """Nothing is ever left out."""
        return ()
