"""How diverse a data set is: a table of what matters for learning, one row a record. Knows no samples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foreshock.collect.check.metadata import distances_km
from foreshock.collect.datasets.dataset import Dataset
from foreshock.types.arrays import AnyArray, Float64

CELL_DEG = 1.0


def diversity_table(dataset: Dataset, *, snr_db: AnyArray) -> pd.DataFrame:
    """Give magnitude, distance, depth, SNR, region cell (1°), instrument, station, kind and split of each record."""
    number = dataset.truths.number
    told = number("trace_snr_db")
    return pd.DataFrame(
        {
            "magnitude": number("source_magnitude"),
            "distance_km": distances_km(dataset),
            "depth_km": number("source_depth_km"),
            "snr_db": np.where(np.isnan(snr_db), told, snr_db),
            "cell": _cells(number("source_latitude_deg"), number("source_longitude_deg")),
            "instrument": [dataset.instrument(row) for row in range(len(dataset))],
            "station": [dataset.station_id(row) for row in range(len(dataset))],
            "kind": dataset.truths.kind,
            "split": dataset.splits,
        }
    )


def _cells(latitude: Float64, longitude: Float64) -> list[str | None]:
    """Name the 1° cell of each place by its south-west corner, e.g. ``N23 E070``."""
    return [_cell(a, b) for a, b in zip(latitude, longitude, strict=True)]


def _cell(latitude: float, longitude: float) -> str | None:
    if np.isnan(latitude) or np.isnan(longitude):
        return None
    south, west = int(np.floor(latitude / CELL_DEG)), int(np.floor(((longitude + 180) % 360 - 180) / CELL_DEG))
    return f"{'N' if south >= 0 else 'S'}{abs(south):02d} {'E' if west >= 0 else 'W'}{abs(west):03d}"
