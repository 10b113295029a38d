"""Shelf: what the source network learns from: band rasters about P with magnitude, distance and direction, in memory.

Knows no batches and no network. Test data are never read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.datasets import Dataset
from foreshock.collect.synthetic.generate import synthesise
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.errors import InputError, NothingMatchedError
from foreshock.prepare.band_raster import STEP_S, band_raster
from foreshock.prepare.source_input import (
    AFTER_S,
    BEFORE_S,
    N_FRAMES,
    N_LEVELS,
    N_PAIRS,
    STEPS,
    frame_rows,
    source_input,
)
from foreshock.prepare.source_keys import instrument_key
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64, Ints
from foreshock.types.record import Record

EARLIEST_S, LATEST_S = -1.0, 3.0
"""How far P may be moved in training: the raster reaches so much further."""

LEAST_DISTANCE_KM = 1.0
"""Nearer than this, log distance says nothing: depth is what counts."""

LEAST_SIGNAL = 0.15
"""A synthetic record must rise so many decades over its noise within 30 s, or nobody would ask about it."""


@dataclass(frozen=True, eq=False)
class Shelf:
    """Records side by side, (record, …).

    Attributes:
        rows, seen: see `frame_rows`, from `BEFORE_S` − `EARLIEST_S` before P to `AFTER_S` + `LATEST_S` after it.
        bands: see `BandRaster`.
        magnitude, log_distance, back_azimuth_rad: the truth; the back azimuth NaN where unknown.
        picked_s: where P was found by looking, relative to the P of the record; NaN where it was not.
        instrument: `instrument_key` of each. physical: whether powers are those of velocity.
        event, origin, trace: names.
    """

    rows: Float32
    seen: Float32
    bands: Bools
    magnitude: Float64
    log_distance: Float64
    back_azimuth_rad: Float64
    picked_s: Float64
    instrument: AnyArray
    physical: Bools
    event: AnyArray
    origin: AnyArray
    trace: AnyArray

    def __len__(self) -> int:
        return len(self.magnitude)

    def take(self, rows: Ints | Bools) -> Shelf:
        """Some of the records."""
        return Shelf(**{name: getattr(self, name)[rows] for name in self.__dataclass_fields__})


def shelved(records: Iterable[Record], *, origin: str, picked: dict[str, int] | None = None) -> Shelf:
    """Put records with P, magnitude and distance on a shelf; others are left out.

    Arguments:
        picked: P as found by looking, by trace.

    Raises:
        NothingMatchedError: none can be used.
    """
    rows: list[dict[str, Any]] = []
    for record in records:
        row = _row(record, origin, picked or {})
        if row is not None:
            rows.append(row)
    if not rows:
        raise NothingMatchedError(
            f"records of {origin}", "none has P, magnitude, distance and three components", "give other data"
        )
    return Shelf(**{name: np.array([row[name] for row in rows]) for name in Shelf.__dataclass_fields__})


def _row(record: Record, origin: str, picked: dict[str, int]) -> dict[str, Any] | None:
    truth, wave = record.truth, record.waveform
    if truth.p_ns is None or truth.magnitude is None or truth.distance_km is None:
        return None
    try:
        raster = band_raster(wave, truth.p_ns, before_s=BEFORE_S - EARLIEST_S, after_s=AFTER_S + LATEST_S)
    except InputError:
        return None
    rows, seen = frame_rows(raster.power, raster.seen)
    azimuth, found_ns = truth.back_azimuth_deg, picked.get(truth.trace_id)
    oriented = azimuth is not None and raster.oriented
    return {
        "rows": rows,
        "seen": seen,
        "bands": raster.bands,
        "magnitude": float(truth.magnitude),
        "log_distance": float(np.log10(max(truth.distance_km, LEAST_DISTANCE_KM))),
        "back_azimuth_rad": float(np.radians(azimuth)) if oriented and azimuth is not None else np.nan,
        "picked_s": np.nan if found_ns is None else (found_ns - truth.p_ns) / NS_PER_S,
        "instrument": instrument_key(wave),
        "physical": raster.unit == "m/s",
        "event": truth.event_id,
        "origin": origin,
        "trace": truth.trace_id,
    }


def joined(shelves: Sequence[Shelf]) -> Shelf:
    """Several shelves as one."""
    names = Shelf.__dataclass_fields__
    return Shelf(**{name: np.concatenate([getattr(shelf, name) for shelf in shelves]) for name in names})


def catalogued(folder: Path, split: str) -> Iterator[Record]:
    """The records of one side of a data set."""
    with Dataset.open(folder) as data:
        yield from data.records(data.rows(split))


def synthetic(n_records: int, *, seed: int) -> Shelf:
    """Broad synthetic events in ground velocity: near and far networks, hard and soft, each with its own stations."""
    per_set = max(1, n_records // len(_BROAD))
    parts = []
    for k, told in enumerate(_BROAD):
        settings = SyntheticSettings.model_validate({**_COMMON, "records": per_set, **told})
        parts.append(shelved(synthesise(settings, seed=seed + k), origin="synthetic"))
    whole = joined(parts)
    at_p = frame_places(0.0)
    seen = source_input(whole.rows[..., at_p], whole.seen[:, at_p], whole.bands, elapsed_s=AFTER_S)
    return whole.take(np.nan_to_num(seen.signal, nan=9.0) > LEAST_SIGNAL)


def frame_places(shift_s: float) -> Ints:
    """Where a shelf holds the frames of a record whose P is moved."""
    return round((shift_s - EARLIEST_S) / STEP_S) + STEPS * np.arange(N_FRAMES)


_COMMON: dict[str, Any] = {
    "span_s": 60.0,
    "stations": 16,
    "unit": "m/s",
    "noise_fraction": 0.0,
    "magnitude_min": -0.5,
    "magnitude_max": 7.0,
    "p_earliest_fraction": 0.2,
    "p_latest_fraction": 0.35,
    "noise_level_max": 0.9,
    "stress_drop_sigma_log10": 0.4,
    "transients_per_minute": 0.3,
    "glitch_fraction": 0.0,
    "step_fraction": 0.0,
    "gap_fraction": 0.02,
}
_BROAD: tuple[dict[str, Any], ...] = (
    {"distance_min_km": 0.5, "distance_max_km": 30.0, "depth_min_km": 1.0, "magnitude_max": 6.0},
    {"distance_min_km": 10.0, "distance_max_km": 100.0},
    {"distance_min_km": 30.0, "distance_max_km": 250.0, "kappa_median_s": 0.05, "magnitude_min": 1.0},
    {"distance_min_km": 100.0, "distance_max_km": 600.0, "depth_max_km": 60.0, "magnitude_min": 2.0},
    {"distance_min_km": 5.0, "distance_max_km": 120.0, "rate_hz": 50.0, "q_s_at_1_hz": 80.0},
    {"distance_min_km": 5.0, "distance_max_km": 300.0, "depth_min_km": 20.0, "depth_max_km": 100.0, "rate_hz": 40.0},
)


REVERSED_DEG = 120.0
FEWEST = 20
P_STEPS, P_PAIRS = 5, slice(1, 4)
"""Frames that begin within half a second of P, in bands from 1 to 7 Hz: there P's motion is looked at."""


def reversed_instruments(shelf: Shelf) -> tuple[str, ...]:
    """Instruments whose P points away from where it should come from: Z, or both horizontals, are reversed.

    The median angle between particle motion and truth of at least `FEWEST` records with a found P exceeds
    `REVERSED_DEG`.
    """
    usable = np.isfinite(shelf.picked_s) & np.isfinite(shelf.back_azimuth_rad)
    found = []
    for key in np.unique(shelf.instrument[usable].astype(str)):
        rows = np.flatnonzero(usable & (shelf.instrument == key))
        if len(rows) >= FEWEST and np.median([_astray_deg(shelf, int(row)) for row in rows]) > REVERSED_DEG:
            found.append(str(key))
    return tuple(found)


def _astray_deg(shelf: Shelf, row: int) -> float:
    """The angle between the direction P's particle motion points to and the true one."""
    first = round((BEFORE_S - EARLIEST_S + float(shelf.picked_s[row])) / STEP_S)
    cross = shelf.rows[row, N_LEVELS:, first : first + P_STEPS].mean(-1)
    north, east = cross[P_PAIRS].sum(), cross[N_PAIRS:][P_PAIRS].sum()
    away = np.arctan2(-east, -north) - shelf.back_azimuth_rad[row]
    return float(np.degrees(abs(np.angle(np.exp(1j * away)))))
