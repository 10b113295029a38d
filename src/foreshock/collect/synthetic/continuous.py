"""One station's ground without end: noise that never breaks off, and earthquakes laid onto it. Knows no files.

Noise is made in blocks that fade into each other, each from its own numbers, so that any part of the recording comes
out the same whichever part is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, signal

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import noise, signals, transients
from foreshock.collect.synthetic.audible import BEFORE_S, Heard, some_of
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.draws import ROWS, generator
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.collect.synthetic.stations import Network, noise_amplitude, signal_transfer
from foreshock.types.arrays import Float32, Float64, Ints

NOISE_STREAM, TRANSIENT_STREAM, SIGNAL_STREAM = 23, 24, 25
BLOCK_S, FADE_S = 1140.0, 60.0
TRANSIENT_S = 300.0
"""Transients are drawn for windows of this length and fade at its ends."""
NOISE_BIN_S = 60.0
"""The noise under an arrival is measured over so much."""
P_BAND_HZ = (2.0, 20.0)
P_SPAN_S = 1.5
"""P's own power is taken over this span, or up to S."""
LOUDEST_HOUR = 14.0


@dataclass(frozen=True)
class Site:
    """One station's place in the network and all that its recording needs; `network` holds it alone."""

    settings: NetworkDaySettings
    base: SyntheticSettings
    network: Network
    number: int
    seed: int

    def rng(self, stream: int, group: int) -> np.random.Generator:
        """Random numbers of this station's own."""
        return generator(self.seed, stream, group=self.number * 1_000_000 + group)


@dataclass(frozen=True)
class Part:
    """A stretch of a station's recording before it is digitised: (Z N E, time) from sample `first` of the whole.

    `noise_rms` (bin,) is the vertical noise in `P_BAND_HZ`, a value every `NOISE_BIN_S`.
    """

    first: int
    data: Float32
    noise_rms: Float64


def noise_part(site: Site, first: int, last: int) -> Part:
    """Make noise and transients from sample `first` up to but not including `last` of the whole recording."""
    rate = site.settings.rate_hz
    step, fade = round(BLOCK_S * rate), round(FADE_S * rate)
    data = np.zeros((3, last - first), np.float32)
    frequency = np.asarray(np.fft.rfftfreq(fft.next_fast_len(step + fade, real=True) // 2 * 2, 1 / rate), np.float64)
    amplitude, weight = noise_amplitude(site.network, site.base, frequency), noise.crossover(frequency)
    rise = np.sin(0.5 * np.pi * (np.arange(fade, dtype=np.float32) + 0.5) / fade).astype(np.float32)
    for block in range(max(0, (first - fade) // step), -(-last // step)):
        piece = _block(site, block, amplitude, weight)[:, : step + fade]
        piece[:, :fade] *= rise if block else 1
        piece[:, step:] *= rise[::-1]
        low, high = max(first, block * step), min(last, block * step + piece.shape[1])
        data[:, low - first : high - first] += piece[:, low - block * step : high - block * step]
    return Part(first, data, _band_rms(data[0], rate))


def _block(site: Site, block: int, amplitude: Float32, low_weight: Float32) -> Float32:
    """One block of noise with its transients, (Z N E, time), a little longer than needed."""
    settings, base, rng = site.settings, site.base, site.rng(NOISE_STREAM, block)
    wobble = base.hourly_db_sigma * rng.standard_normal(2)
    hour = (settings.start_ns / (3600 * NS_PER_S) + block * BLOCK_S / 3600 + site.network.longitude[0] / 15) % 24
    swing = settings.daily_db * np.cos(2 * np.pi * (hour - LOUDEST_HOUR) / 24)
    spectra = noise.random_spectra(
        rng,
        amplitude,
        np.zeros(1, np.int64),
        low_gain=np.array([10 ** (wobble[0] / 20)]),
        high_gain=np.array([10 ** ((wobble[1] + swing) / 20)]),
        low_weight=low_weight,
    )
    data: Float32 = fft.irfft(spectra[0], axis=-1, overwrite_x=True, workers=1)
    _add_transients(site, data, site.rng(TRANSIENT_STREAM, block))
    return data


def _add_transients(site: Site, data: Float32, rng: np.random.Generator) -> None:
    rate, base = site.settings.rate_hz, site.base
    n = round(TRANSIENT_S * rate)
    count = data.shape[1] // n
    if not count or not base.transients_per_minute:
        return
    rms = float(np.sqrt(np.mean(data.astype(np.float64) ** 2)))
    added = np.zeros((count, 3, n), np.float32)
    transients.add_transients(
        added,
        rms=np.full(count, rms),
        rate_hz=rate,
        expected=np.full(count, base.transients_per_minute * TRANSIENT_S / 60),
        level_db=(base.transient_db_min, base.transient_db_max),
        rng=rng,
    )
    added *= signal.windows.tukey(n, 10.0 / TRANSIENT_S).astype(np.float32)
    for k in range(count):
        data[:, k * n : (k + 1) * n] += added[k]


def _band(rate_hz: float) -> Float64:
    high = min(P_BAND_HZ[1], 0.4 * rate_hz)
    return np.asarray(signal.butter(3, (P_BAND_HZ[0], high), "bandpass", fs=rate_hz, output="sos"))


def _band_rms(vertical: Float32, rate_hz: float) -> Float64:
    """Root mean square of a long vertical recording in the band of P, a value a bin; the last bin may be shorter."""
    sos, n = _band(rate_hz), round(NOISE_BIN_S * rate_hz)
    state, out = np.zeros((len(sos), 2)), []
    for low in range(0, len(vertical), n):
        heard, state = signal.sosfilt(sos, vertical[low : low + n].astype(np.float64), zi=state)
        out.append(float(np.sqrt(np.mean(heard**2))))
    return np.array(out)


def batches(heard: Heard) -> list[Ints]:
    """Rows of one length that follow each other, at most `ROWS` together; the same whichever part is made."""
    out = []
    for span in np.unique(heard.span_s):
        rows = np.flatnonzero(heard.span_s == span)
        out += [rows[k : k + ROWS] for k in range(0, len(rows), ROWS)]
    return out


def add_earthquakes(site: Site, part: Part, heard: Heard) -> Float64:
    """Lay all that is heard onto a part, in place; give P's signal to noise (row,), NaN for P outside the part."""
    snr = np.full(len(heard), np.nan)
    rate, n = site.settings.rate_hz, part.data.shape[1]
    begin = first_samples(site, heard)
    length = np.rint(heard.span_s * rate).astype(np.int64)
    held: dict[float, tuple[SyntheticSettings, signals.Grid, signals.Complex64]] = {}
    for number, rows in enumerate(batches(heard)):
        inside = (begin[rows] < part.first + n) & (begin[rows] + length[rows] > part.first)
        if not inside.any():
            continue
        span = float(heard.span_s[rows[0]])
        if span not in held:
            held = {span: _tools(site, span)}
        moved = _moved(site, heard, rows, begin[rows], number=number, tools=held[span])
        for at in np.flatnonzero(inside):
            low, high = max(begin[rows[at]], part.first), min(begin[rows[at]] + length[rows[at]], part.first + n)
            first = int(begin[rows[at]])
            part.data[:, low - part.first : high - part.first] += moved[at][:, low - first : high - first]
        snr[rows] = _p_snr(site, part, heard, rows, moved=moved, begin=begin[rows])
    return snr


def first_samples(site: Site, heard: Heard) -> Ints:
    """Where in the whole recording each earthquake's record begins, (row,)."""
    since_s = (heard.p_ns - site.settings.start_ns) / NS_PER_S - BEFORE_S
    return np.floor(since_s * site.settings.rate_hz).astype(np.int64)


def _tools(site: Site, span_s: float) -> tuple[SyntheticSettings, signals.Grid, signals.Complex64]:
    rate = site.base.rate_hz
    settings = site.base.model_copy(update={"span_s": span_s})
    grid = signals.Grid.of(settings)
    frequency = np.asarray(np.fft.rfftfreq(grid.n_fft, 1 / rate), np.float64)
    return settings, grid, signal_transfer(site.network, settings, frequency)


def _moved(
    site: Site,
    heard: Heard,
    rows: Ints,
    begin: Ints,
    *,
    number: int,
    tools: tuple[SyntheticSettings, signals.Grid, signals.Complex64],
) -> Float32:
    """The records of some rows in counts, (row, Z N E, time), fading at both ends."""
    settings, grid, transfer = tools
    scene = signals.take(heard.scene, rows)
    since_origin = (site.settings.start_ns - scene.origin_ns) / NS_PER_S + begin / grid.rate_hz - heard.clock_s[rows]
    waves = signals.Waves(some_of(heard.p, rows), some_of(heard.s, rows), since_origin)
    moved = signals.synthesise_signals(
        settings,
        scene,
        waves,
        network=site.network,
        transfer=np.broadcast_to(transfer, (len(rows), *transfer.shape[1:])),
        grid=grid,
        rng=site.rng(SIGNAL_STREAM, number),
    )
    edge = round(0.5 * BEFORE_S * grid.rate_hz)
    fade = 0.5 - 0.5 * np.cos(np.pi * (np.arange(edge, dtype=np.float32) + 0.5) / edge)
    tail = round(0.2 * grid.n_samples)
    moved[..., :edge] *= fade.astype(np.float32)
    moved[..., -tail:] *= (0.5 + 0.5 * np.cos(np.pi * (np.arange(tail) + 0.5) / tail)).astype(np.float32)
    return moved


def _p_snr(site: Site, part: Part, heard: Heard, rows: Ints, *, moved: Float32, begin: Ints) -> Float64:
    """Root mean square of P alone over that of the noise of its minute, on Z in `P_BAND_HZ`, (row,)."""
    rate = site.settings.rate_hz
    p = (heard.p_ns[rows] - site.settings.start_ns) / NS_PER_S * rate
    lasts = np.minimum(P_SPAN_S, np.maximum(0.2, (heard.s_ns - heard.p_ns)[rows] / NS_PER_S)) * rate
    low, count = np.ceil(p - begin).astype(np.int64), np.rint(lasts).astype(np.int64)
    longest = int((low + count).max())
    band = signal.sosfilt(_band(rate), moved[:, 0, :longest].astype(np.float64), axis=-1)
    rms = np.array([np.sqrt(np.mean(band[k, low[k] : low[k] + count[k]] ** 2)) for k in range(len(rows))])
    at = np.floor(p).astype(np.int64) - part.first
    here = (at >= 0) & (at < part.data.shape[1])
    bins = np.clip(at // round(NOISE_BIN_S * rate), 0, len(part.noise_rms) - 1)
    return np.where(here, rms / part.noise_rms[bins], np.nan)
