"""Windows: spans of equal length cut out of recordings and brought to one scale. Knows no labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from foreshock.errors import InputError
from foreshock.prepare.preparation import Preparation, known_context, prepare
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64, Ints
from foreshock.types.examples import Examples
from foreshock.types.waveform import Waveform

SMALLEST_SCALE = 1e-30
"""Windows weaker than this (dead ones) are not scaled; their log10_scale is -30."""


def cut(waveform: Waveform, *, start_ns: int, n_samples: int) -> tuple[Float32, Bools]:
    """Cut `n_samples` from the sample nearest to a time: (channel, time) and its mask; zero and invalid outside.

    Raises:
        InputError: `n_samples` is not positive.

    >>> wave = Waveform(np.arange(4.0)[None], 1.0, 0, "XX.DEMO.", components="Z")
    >>> x, valid = cut(wave, start_ns=-1_000_000_000, n_samples=3)
    >>> x.tolist(), valid.tolist()
    ([[0.0, 0.0, 1.0]], [[False, True, True]])
    """
    if n_samples < 1:
        raise InputError(f"window of {n_samples} samples", "it must have at least one", "ask for a longer window")
    start = np.array([round(waveform.sample_at(start_ns))])
    x, valid = cut_block(waveform.data[None], waveform.valid[None], np.zeros(1, np.int64), start, n_samples)
    return x[0], valid[0]


def cut_block(x: AnyArray, valid: Bools, rows: Ints, starts: Ints, n_samples: int) -> tuple[Float32, Bools]:
    """Cut windows from a block (record, channel, time): window k from record ``rows[k]``, sample ``starts[k]`` on."""
    n = x.shape[-1]
    if n == 0:
        shape = (len(rows), x.shape[1], n_samples)
        return np.zeros(shape, np.float32), np.zeros(shape, bool)
    at = starts[:, None] + np.arange(n_samples)
    inside = (at >= 0) & (at < n)
    where = (rows[:, None, None], np.arange(x.shape[1])[:, None], np.clip(at, 0, n - 1)[:, None, :])
    mask = valid[where] & inside[:, None, :]
    return np.where(mask, x[where], 0).astype(np.float32), mask


def normalise(
    x: AnyArray, how: Literal["peak", "std", "none"], *, valid: Bools | None = None
) -> tuple[Float32, Float64]:
    """Take each channel's mean out and divide each window (example, channel, time) by one scale for all its channels.

    The ratio of channels is kept. Invalid samples count for nothing and are zero. Gives windows and scales (example,);
    ``none`` changes nothing and gives the peak as scale. A dead window stays zero and has the scale 1e-30.

    Raises:
        InputError: `how` is not known.

    >>> x, scale = normalise(np.array([[[0.0, 4.0, 2.0]]]), "peak")
    >>> x.tolist(), scale.tolist()
    ([[[-1.0, 1.0, 0.0]]], [2.0])
    """
    if how not in ("peak", "std", "none"):
        raise InputError(f"normalisation {how!r}", "it must be 'peak', 'std' or 'none'", "choose one of them")
    mask = np.ones(np.shape(x), bool) if valid is None else valid
    count = np.maximum(mask.sum(-1, keepdims=True), 1)
    values = np.where(mask, np.asarray(x, np.float64), 0.0)
    centred = np.where(mask, values - values.sum(-1, keepdims=True) / count, 0.0)
    if how == "std":
        scale = np.sqrt((centred**2).sum((-2, -1)) / np.maximum(mask.sum((-2, -1)), 1))
    else:
        scale = np.abs(centred).max((-2, -1), initial=0.0)
    scale = np.maximum(scale, SMALLEST_SCALE)
    if how == "none":
        return values.astype(np.float32), scale
    return (centred / np.where(scale > SMALLEST_SCALE, scale, 1.0)[..., None, None]).astype(np.float32), scale


def starts(n_samples: int, window_samples: int, hop_samples: int) -> Ints:
    """First samples of windows that cover a record: every hop, and one that ends with the record.

    >>> starts(10, 4, 3).tolist(), starts(11, 4, 3).tolist(), starts(2, 4, 3).tolist()
    ([0, 3, 6], [0, 3, 6, 7], [0])
    """
    last = max(0, n_samples - window_samples)
    regular = np.arange(0, last + 1, hop_samples, dtype=np.int64)
    return regular if regular[-1] == last else np.append(regular, last)


def slide(
    waveform: Waveform, preparation: Preparation, *, hop_s: float, known: Mapping[str, float] | None = None
) -> Examples:
    """Prepare a recording and cut it into overlapping windows, each normalised, for a classifier to run over.

    Every sample lies in at least one window: the last ends with the record, a shorter record is filled with invalid
    zeros. The table has ``trace_id`` and ``event_id`` (the station), ``time_ns`` (of each window's first sample) and
    ``valid_fraction``. `known` gives what the context asks for beside the wave (``distance_km``, ``depth_km``).

    Raises:
        InputError: the hop is shorter than a sample or longer than a window, or the context needs what is not known.

    >>> wave = Waveform(np.ones((3, 1000)), 100.0, 0, "XX.DEMO.")
    >>> slide(wave, Preparation(rate_hz=50.0, window_samples=100), hop_s=1.0).x.shape
    (9, 3, 100)
    """
    ready = prepare(waveform, preparation)
    first = starts(ready.n_samples, preparation.window_samples, _hop_samples(preparation, hop_s))
    return _windows(ready, preparation, first, known or {})


def slide_in_blocks(
    waveform: Waveform,
    preparation: Preparation,
    *,
    hop_s: float,
    block: int = 1024,
    known: Mapping[str, float] | None = None,
) -> Iterator[Examples]:
    """Give the windows of `slide` some at a time, so that a day of recording does not fill the memory."""
    ready = prepare(waveform, preparation)
    first = starts(ready.n_samples, preparation.window_samples, _hop_samples(preparation, hop_s))
    for k in range(0, len(first), block):
        yield _windows(ready, preparation, first[k : k + block], known or {})


def _hop_samples(preparation: Preparation, hop_s: float) -> int:
    hop = round(hop_s * preparation.rate_hz) if np.isfinite(hop_s) else 0
    if not 1 <= hop <= preparation.window_samples:
        raise InputError(
            f"hop is {hop_s} s",
            f"it must be at least one sample and at most one window, {preparation.window_s:g} s",
            "choose a hop in between",
        )
    return hop


def _windows(ready: Waveform, preparation: Preparation, first: Ints, known: Mapping[str, float]) -> Examples:
    rows = np.zeros(len(first), np.int64)
    x, valid = cut_block(ready.data[None], ready.valid[None], rows, first, preparation.window_samples)
    y, scale = normalise(x, preparation.normalise, valid=valid)
    table = pd.DataFrame(
        {
            "trace_id": ready.station_id,
            "event_id": ready.station_id,
            "time_ns": [ready.time_ns(int(k)) for k in first],
            "valid_fraction": valid_fraction(valid),
        }
    )
    return Examples(y, preparation.rate_hz, table, context=_context(scale, preparation, known))


def valid_fraction(valid: Bools) -> Float64:
    """Valid part of each window (example, channel, time), channels without any valid sample left aside."""
    alive = valid.any(-1)
    fraction: Float64 = np.where(alive, valid.mean(-1), 0.0).sum(-1) / np.maximum(alive.sum(-1), 1)
    return fraction


def _context(scale: Float64, preparation: Preparation, known: Mapping[str, float]) -> dict[str, Float32]:
    told = known_context(known, preparation.context)
    for name, value in told.items():
        if value is None or not np.isfinite(value):
            raise InputError(f"context {name!r}", "the model reads it and it is not known", "tell it by `known`")
    columns = {name: np.full(len(scale), value, np.float32) for name, value in told.items()}
    columns["log10_scale"] = np.log10(scale).astype(np.float32)
    return {name: columns[name] for name in preparation.context}
