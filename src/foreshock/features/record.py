"""Features of recordings: one row an instrument, with what could not be measured and why. Knows no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pandas as pd

from foreshock.clock import iso_utc
from foreshock.features.catalogue import chosen
from foreshock.features.feature import Feature
from foreshock.features.p_wave import FEATURES as P_WAVE
from foreshock.features.polarisation import FEATURES as POLARISATION
from foreshock.features.waveform import table
from foreshock.types.waveform import Waveform
from foreshock.units import GROUND_MOTION_ORDER

ABOUT = ("station_id", "start_time", "rate_hz", "unit", "components", "span_s")
"""What a row says about its recording before the features."""


def of_waveforms(
    waveforms: Iterable[Waveform],
    *,
    names: Sequence[str] | None = None,
    p_ns: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Measure recordings as they are given: one row a waveform, in their order, whatever their components.

    Columns: `station_id`, `start_time` (ISO-8601), `rate_hz`, `unit`, `components`, `span_s`, the features (of every
    component that any of them has) and `notes`: in words, why features are missing.

    Args:
        waveforms: recordings; prepare them before (response, offset, filter).
        names: features or groups; None: all.
        p_ns: P arrivals in UTC nanoseconds by `station_id`.

    Raises:
        ConfigError: a name is unknown.

    >>> import numpy as np
    >>> wave = Waveform(np.ones((1, 200)), 100.0, 0, "XX.A.", components="Z", unit="count")
    >>> of_waveforms([wave], names=["peak", "pga"]).loc[0, "notes"]
    'unit is count: no ground-motion features'
    """
    features = chosen(names)
    rows = [_row(waveform, features, None if p_ns is None else p_ns.get(waveform.station_id)) for waveform in waveforms]
    return _assembled(rows, features)


def _row(waveform: Waveform, features: tuple[Feature, ...], p_ns: int | None) -> dict[str, object]:
    p_sample = None if p_ns is None else [waveform.sample_at(p_ns)]
    values = table(
        waveform.data[None],
        rate_hz=waveform.rate_hz,
        unit=waveform.unit,
        components=waveform.components,
        valid=waveform.valid[None],
        p_sample=p_sample,
        names=[one.name for one in features],
    )
    about = (
        waveform.station_id,
        iso_utc(waveform.start_ns),
        waveform.rate_hz,
        waveform.unit,
        waveform.components,
        waveform.span_s,
    )
    measured = {str(name): float(values[name].iloc[0]) for name in values.columns}
    told = notes(waveform, features, p_known=p_ns is not None)
    return {**dict(zip(ABOUT, about, strict=True)), **measured, "notes": told}


def notes(waveform: Waveform, features: Sequence[Feature], *, p_known: bool) -> str:
    """Why features of a recording are missing, in words; empty when nothing stands in the way."""
    names = {one.name for one in features}
    reasons = []
    if not waveform.valid.any():
        reasons.append("no valid sample")
    if waveform.unit not in GROUND_MOTION_ORDER and names & GROUND_MOTION:
        reasons.append(f"unit is {waveform.unit}: no ground-motion features")
    if len(waveform.components) < 3 and names & {one.name for one in POLARISATION}:
        reasons.append(f"components are {waveform.components}: no polarisation")
    if not p_known and names & {one.name for one in P_WAVE}:
        reasons.append("no P arrival given: no P-wave features")
    dead = [letter for letter, row in zip(waveform.components, waveform.data, strict=True) if not row.any()]
    if dead:
        reasons.append(f"zero throughout: {''.join(dead)}")
    return "; ".join(reasons)


GROUND_MOTION: Final = frozenset(
    {
        "pga",
        "pgv",
        "pgd",
        "pga_vector",
        "pgv_vector",
        "pgd_vector",
        "arias",
        "cav",
        "cav_standardised",
        "d5_95",
        "d5_75",
    }
    | {"corner_frequency", "mean_period", "tau_c_whole", "tau_p_max_whole"}
    | {"pd", "pv", "pa", "iv2", "tau_c", "tau_p_max"}
)
"""Features that need samples in m, m/s or m/s²."""


def _assembled(rows: list[dict[str, object]], features: tuple[Feature, ...]) -> pd.DataFrame:
    letters = list(dict.fromkeys(letter for row in rows for letter in str(row["components"])))
    columns = [*ABOUT, *(name for one in features for name in one.columns("".join(letters))), "notes"]
    return pd.DataFrame(rows, columns=pd.Index(columns, dtype="str"))
