"""Source keys: which instruments have a term of their own, and the facts a source network reads. Knows no networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foreshock.prepare.band_raster import CENTRES_HZ
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64
from foreshock.types.waveform import Waveform

FACTS = ("is_velocity", "log_velocity", "is_count", "log_count", "log_elapsed")
"""Facts before those of the bands and of the instruments."""

MIDDLE_VELOCITY, MIDDLE_COUNT = -5.0, 4.0
"""What is subtracted from log10 levels in m/s and in counts."""


def instrument_key(waveform: Waveform) -> str:
    """What has a scale of its own: station, location and sampling rate.

    >>> instrument_key(Waveform(np.zeros((1, 1)), 50.0, 0, "XX.A.00", components="Z"))
    'XX.A.00 50'
    """
    return f"{waveform.station_id} {waveform.rate_hz:g}"


def network_of(key: str) -> str:
    """The network code of an instrument key or station id."""
    return key.split(".", 1)[0]


def context_names(instruments: Sequence[str]) -> tuple[str, ...]:
    """Names of the facts, in order."""
    return (*FACTS, *(f"band {hz:.2f} Hz" for hz in CENTRES_HZ), *(f"is {key}" for key in instruments))


def context_rows(
    *, level: Float64, scale: AnyArray, bands: Bools, elapsed_s: AnyArray, place: AnyArray, n_instruments: int
) -> Float32:
    """The facts of several records, (record, fact).

    Arguments:
        level: log10 of the loudest frame. scale: 0 unknown, 1 velocity, 2 counts. bands: (record, band).
        place: number of the instrument among those that were learnt, −1 for others.
    """
    velocity, count = scale == 1, scale == 2
    known = np.nan_to_num(level)
    first = np.stack(
        [
            velocity,
            np.where(velocity, known - MIDDLE_VELOCITY, 0.0),
            count,
            np.where(count, known - MIDDLE_COUNT, 0.0),
            np.log10(np.maximum(elapsed_s, 0.5)),
        ],
        1,
    )
    one_hot = (np.asarray(place)[:, None] == np.arange(n_instruments)).astype(np.float64)
    return np.concatenate([first, bands, one_hot], 1).astype(np.float32)
