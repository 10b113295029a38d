"""The feature table: windows in, one row a window out. Knows nothing about records, files or labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from foreshock.errors import InputError
from foreshock.features import p_wave
from foreshock.features.catalogue import FAMILIES, chosen
from foreshock.features.feature import Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask
from foreshock.types.arrays import AnyArray, Float64, Ints
from foreshock.units import unit as known_unit

BLOCK_SAMPLES: Final = 200_000
"""Samples worked on at once: enough to spread the cost of each call, few enough for some tens of megabytes."""

LARGEST_SAMPLE: Final = 1e60
"""Fourth powers and their sums must stay finite; no record of anything reaches this."""


def table(
    x: Any,
    *,
    rate_hz: float,
    unit: str,
    components: str = "ZNE",
    valid: Any = None,
    p_sample: Any = None,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Measure windows (example, channel, time): one row a window, one column a feature (and component).

    Samples are taken as they are given: prepare them before. Masked samples are left out; what cannot be measured is
    NaN. `unit` may be any known one (``gal``, ``nm/s`` …) and is turned into SI; counts and unit 1 have no PGA, PGV,
    corner frequency or τc.

    Args:
        x: samples (example, channel, time).
        rate_hz: samples per second.
        unit: unit of the samples.
        components: a letter a channel.
        valid: flags (example, channel, time); None: every sample counts.
        p_sample: sample of the P arrival of each example (example,), NaN or negative where unknown.
        names: features or groups; None: all.

    Raises:
        InputError: shapes do not fit, or a sample that counts is NaN or infinite.
        ConfigError: a name is unknown.
        UnitError: the unit is unknown.

    >>> t = np.arange(1000) / 100.0
    >>> table(np.sin(2 * np.pi * 5 * t)[None, None], rate_hz=100.0, unit="m/s2", components="Z",
    ...       names=["dominant_frequency", "pga"]).round(3).to_dict("records")
    [{'dominant_frequency_Z': 5.0, 'pga_Z': 1.0}]
    """
    layout = Layout(float(rate_hz), unit, components)
    features = chosen(names)
    x, mask = _checked(np.asarray(x), valid, layout)
    picks = None if p_sample is None else _arrivals(p_sample, x)
    factor = known_unit(unit).factor
    blocks = [
        _measure(*_block(x, mask, rows, factor), layout, features, None if picks is None else picks[rows])
        for rows in _rows(x)
    ]
    names_out = [column for one in features for column in one.columns(components)]
    values = np.concatenate(blocks) if blocks else np.zeros((0, len(names_out)))
    return pd.DataFrame(values, columns=pd.Index(names_out, dtype="str"))


def _checked(x: AnyArray, valid: Any, layout: Layout) -> tuple[AnyArray, AnyArray | None]:
    if x.ndim != 3 or x.shape[1] != len(layout.components):
        raise InputError(
            f"x has shape {x.shape}",
            f"it must be (example, channel, time) with the {len(layout.components)} channels {layout.components!r}",
            "add the missing axis or name the components",
        )
    if x.dtype.kind not in "iuf":
        raise InputError(f"x holds {x.dtype}", "samples must be real numbers", "convert them to float")
    mask = None if valid is None else np.asarray(valid, bool)
    if mask is not None and mask.shape != x.shape:
        raise InputError(f"valid has shape {mask.shape}", f"it must equal that of x, {x.shape}", "give a flag a sample")
    _check_finite(x, mask, layout)
    return x, mask


def _check_finite(x: AnyArray, mask: AnyArray | None, layout: Layout) -> None:
    fine = np.abs(x) <= LARGEST_SAMPLE if x.dtype.itemsize > 4 else np.isfinite(x)
    bad = ~fine if mask is None else ~fine & mask
    if not bad.any():
        return
    example, channel, sample = (int(k) for k in np.argwhere(bad)[0])
    raise InputError(
        f"sample {sample} of component {layout.components[channel]} of example {example} is "
        f"{float(x[example, channel, sample])}",
        f"every sample that counts must be finite (and no larger than {LARGEST_SAMPLE:g})",
        "mask it by valid, or drop the example",
    )


def _arrivals(p_sample: Any, x: AnyArray) -> Ints:
    """Arrivals as whole samples; -1 where unknown."""
    given = np.asarray(p_sample, np.float64)
    if given.shape != (len(x),):
        raise InputError(
            f"p_sample has shape {given.shape}", f"it must be ({len(x)},)", "give one a window, NaN if unknown"
        )
    known = np.isfinite(given) & (given >= 0) & (given < x.shape[-1])
    return np.where(known, np.rint(np.where(known, given, 0.0)), -1).astype(np.int64)


def _rows(x: AnyArray) -> Iterator[slice]:
    size = max(1, BLOCK_SAMPLES // max(1, x.shape[1] * x.shape[2]))
    return (slice(first, first + size) for first in range(0, len(x), size))


def _block(x: AnyArray, mask: AnyArray | None, rows: slice, factor: float) -> tuple[Float64, Mask]:
    """Some windows in float64 and SI, masked samples zero; the mask is None where all count."""
    y = x[rows].astype(np.float64) * factor if factor != 1 else x[rows].astype(np.float64)
    if mask is None or mask[rows].all():
        return y, None
    return np.where(mask[rows], y, 0.0), mask[rows]


def _measure(x: Float64, valid: Mask, layout: Layout, features: tuple[Feature, ...], picks: Ints | None) -> Float64:
    """Values (example, column)."""
    if not x.shape[-1]:
        return np.full((len(x), sum(len(one.columns(layout.components)) for one in features)), np.nan)
    found: dict[str, Float64] = {}
    for family in FAMILIES:
        if any(one in features for one in family.features):
            found |= family.measure(x, valid, layout)
    if any(one in features for one in p_wave.FEATURES):
        found |= p_wave.measure(x, valid, layout, picks)
    parts = [np.asarray(found[one.name]).reshape(len(x), -1) for one in features]
    return np.concatenate(parts, 1) if parts else np.zeros((len(x), 0))
