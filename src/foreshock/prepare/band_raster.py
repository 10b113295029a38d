"""Band raster: how loud a three-component record is, band by band and step by step from its P on. Knows no networks.

A record is cut at P into steps of `STEP_S` and seen through ten causal band-passes half an octave to two thirds of an
octave wide. Each step holds mean powers and cross powers, so that steps add up to longer frames exactly. Everything is
causal: what is said of a step rests on samples up to its end, whatever comes later. Powers are those of ground velocity
where the unit is one of ground motion (or the response is told), else those of counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError
from foreshock.prepare.filters import Bandpass
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64
from foreshock.types.waveform import Waveform
from foreshock.units import GROUND_MOTION_ORDER

STEP_S = 0.1
WARM_S = 10.0
"""Seconds before the first step through which the filters settle, where the record has them."""

CENTRES_HZ = tuple(0.5 * 1.5**k for k in range(10))
HALF_WIDTH = 1.5**0.5
ORDER = 3
ROOM = 0.96
"""A band must end below this part of half the sampling rate."""

LOWEST_RATE_HZ = 10.0
POWERS = ("zz", "hh", "zn", "ze", "nn_ee", "ne2")
"""Z², (N² + E²) / 2, Z·N, Z·E, N² − E², 2·N·E: levels, and what tells the direction."""

ALIVE_S = 1.0
"""A component that has said nothing until so long after P is dead."""

_ALIVE_NS = round(ALIVE_S * NS_PER_S)

HORIZONTALS = (("N", "E"), ("1", "2"), ("2", "3"), ("R", "T"))
"""Names of two horizontals at right angles; only N and E tell where they point."""


@dataclass(frozen=True, eq=False)
class BandRaster:
    """Mean powers by band and step.

    Attributes:
        power: float64 (power, band, step), see `POWERS`; in (unit)², zero where nothing is known.
        seen: float32 (step,), the share of samples that all three components have.
        bands: bool (band,), which lie below half the sampling rate.
        n_before: steps before P. unit: ``count`` or ``m/s``.
        oriented: whether both horizontals are alive and called N and E.
        dead: letters of components that said nothing until `ALIVE_S` after P.
    """

    power: Float64
    seen: Float32
    bands: Bools
    n_before: int
    unit: str
    oriented: bool
    dead: str = ""


def band_raster(
    waveform: Waveform,
    p_ns: int,
    *,
    before_s: float,
    after_s: float,
    response: Sequence[Mapping[str, Any]] | None = None,
) -> BandRaster:
    """Powers from `before_s` before P to `after_s` after it; steps outside the record are unseen.

    Arguments:
        waveform: three components, Z and two horizontals, of at least `LOWEST_RATE_HZ`.
        p_ns: the P arrival, UTC nanoseconds.
        response: of each row of the waveform, as `collect.response.responses` gives it; only with counts.

    Raises:
        InputError: a component is missing, the rate is too low, or the response does not fit.
    """
    rows, oriented = three_rows(waveform)
    if waveform.rate_hz < LOWEST_RATE_HZ:
        raise InputError(
            f"sampling rate is {waveform.rate_hz:g} Hz ({waveform.station_id})",
            f"a source needs at least {LOWEST_RATE_HZ:g} Hz",
            "use data of a higher rate",
        )
    n_before, n_after = round(before_s / STEP_S), round(after_s / STEP_S)
    first, edges = _edges(waveform, p_ns, n_before=n_before, n_after=n_after)
    last = max(first, min(int(edges[-1]), waveform.n_samples))
    x, valid = waveform.data[rows, first:last].astype(np.float64), waveform.valid[rows, first:last]
    deaf = _dead(x, valid, before=int(np.clip(np.ceil(waveform.sample_at(p_ns + _ALIVE_NS)), 0, last) - first))
    x, valid = _replaced(x, valid, deaf)
    whole = valid.all(0)
    inside = np.clip(edges, first, last) - first
    held = _means(np.asarray(whole, np.float64), inside)
    bands = np.array([centre * HALF_WIDTH < ROOM * waveform.rate_hz / 2 for centre in CENTRES_HZ])
    gains, unit = _gains(waveform, rows, response)
    power = np.zeros((len(POWERS), len(CENTRES_HZ), n_before + n_after))
    for band in np.flatnonzero(bands):
        y: Float64 = _filtered(x, valid, waveform.rate_hz, CENTRES_HZ[band]) / gains[:, band, None]
        products = _products(np.where(whole, y, 0.0), crossed=not deaf.any())
        power[:, band] = np.stack([_means(np.asarray(product), inside) for product in products])
    power = np.divide(power, held, out=np.zeros_like(power), where=held > 0)
    seen = held * _present(edges, waveform.n_samples)
    dead = "".join(waveform.components[row] for row, gone in zip(rows, deaf, strict=True) if gone)
    return BandRaster(power, seen.astype(np.float32), bands, n_before, unit, oriented and not dead, dead)


def three_rows(waveform: Waveform) -> tuple[list[int], bool]:
    """Rows of Z and of two horizontals, and whether these are N and E.

    Raises:
        InputError: there are no such three.
    """
    letters = waveform.components
    for pair in HORIZONTALS:
        vertical = "1" if pair == ("2", "3") and "Z" not in letters else "Z"
        if vertical in letters and set(pair) <= set(letters):
            return [letters.index(letter) for letter in (vertical, *pair)], pair == ("N", "E")
    raise InputError(
        f"components are {letters!r} ({waveform.station_id})",
        "a vertical and two horizontals are needed",
        "give three components",
    )


def _edges(waveform: Waveform, p_ns: int, *, n_before: int, n_after: int) -> tuple[int, AnyArray]:
    """The first sample the filters see, and the first sample of each step (and of what follows)."""
    steps_ns = p_ns + np.arange(-n_before, n_after + 1, dtype=np.int64) * round(STEP_S * NS_PER_S)
    at = (steps_ns - waveform.start_ns).astype(np.float64) * (waveform.rate_hz / NS_PER_S)
    edges = np.ceil(np.clip(at, -1e15, 1e15) - 1e-6).astype(np.int64)
    first = int(np.clip(edges[0] - round(WARM_S * waveform.rate_hz), 0, waveform.n_samples))
    return first, edges


def _filtered(x: Float64, valid: Bools, rate_hz: float, centre_hz: float) -> Float64:
    band = Bandpass(low_hz=centre_hz / HALF_WIDTH, high_hz=centre_hz * HALF_WIDTH, order=ORDER)
    return band.apply(x, rate_hz=rate_hz, valid=valid)[0]


def _dead(x: Float64, valid: Bools, *, before: int) -> Bools:
    """Which components never changed, or were masked, up to a sample; if all are, none is taken to be."""
    said = [held[:before][known[:before]] for held, known in zip(x, valid, strict=True)]
    gone = np.array([not values.size or np.ptp(values) == 0 for values in said])
    return gone & ~gone.all()


def _replaced(x: Float64, valid: Bools, deaf: Bools) -> tuple[Float64, Bools]:
    """A dead horizontal is replaced by the other one; what else is dead stays dead."""
    z, n, e = deaf
    if z or n == e:
        return x, valid
    order = [0, 2, 2] if n else [0, 1, 1]
    return x[order], valid[order]


def _products(y: Float64, *, crossed: bool) -> list[Float64]:
    """The six powers; cross powers are zero where a component is dead."""
    z, n, e = y
    cross = [z * n, z * e, n * n - e * e, 2 * n * e]
    return [z * z, (n * n + e * e) / 2, *(one if crossed else np.zeros_like(one) for one in cross)]


def _means(values: AnyArray, edges: AnyArray) -> Float64:
    """Means between edges; zero where a step holds no sample."""
    sums = np.diff(np.concatenate([[0.0], np.cumsum(values)])[edges])
    count = np.diff(edges)
    return np.divide(sums, count, out=np.zeros(len(count)), where=count > 0)


def _present(edges: AnyArray, n_samples: int) -> Float64:
    """Which steps lie wholly within the record."""
    return ((edges[:-1] >= 0) & (edges[1:] <= n_samples)).astype(np.float64)


def _gains(waveform: Waveform, rows: list[int], response: Sequence[Mapping[str, Any]] | None) -> tuple[Float64, str]:
    """What (component, band) samples are divided by to be velocity, and the unit that results."""
    centres = np.array(CENTRES_HZ)
    if response is not None:
        if waveform.unit != "count" or len(response) != len(waveform.components):
            raise InputError(
                f"{len(response)} responses for {len(waveform.components)} rows in {waveform.unit!r}",
                "a waveform in counts takes one response a row",
                "leave the response out, or give one a row",
            )
        return np.stack([_gain(response[row], centres) for row in rows]), "m/s"
    if waveform.unit in GROUND_MOTION_ORDER:
        order = GROUND_MOTION_ORDER[waveform.unit] - GROUND_MOTION_ORDER["m/s"]
        return np.tile((2 * np.pi * centres) ** order, (3, 1)), "m/s"
    return np.ones((3, len(centres))), "count"


def _gain(response: Mapping[str, Any], centres: Float64) -> Float64:
    """Counts per m/s at the middle of each band, with the sign of the sensitivity."""
    s = 2j * np.pi * centres
    shape = np.full(len(s), complex(response.get("normalization", 1.0)))
    for zero in response.get("zeros", ()):
        shape = shape * (s - complex(*zero))
    for pole in response.get("poles", ()):
        shape = shape / (s - complex(*pole))
    order = GROUND_MOTION_ORDER[str(response["unit"])] - GROUND_MOTION_ORDER["m/s"]
    gain = float(response["sensitivity"]) * np.abs(shape) * (2 * np.pi * centres) ** order
    if not (np.isfinite(gain) & (gain != 0)).all():
        raise InputError(f"response {str(dict(response))[:80]}", "its gain is zero or not finite", "correct the file")
    return np.asarray(gain, np.float64)
