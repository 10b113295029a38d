"""Data sets in SeisBench's format: read, written and kept ready for training. Knows no network and no model."""

from __future__ import annotations

from foreshock.collect.datasets.columns import ColumnMapping, read_mapping
from foreshock.collect.datasets.dataset import Dataset
from foreshock.collect.datasets.memmap import MemmapBlock, open_memmap, to_memmap
from foreshock.collect.datasets.source import DatasetSource
from foreshock.collect.datasets.split import check_splits, event_split
from foreshock.collect.datasets.write import write_dataset

__all__ = [
    "ColumnMapping",
    "Dataset",
    "DatasetSource",
    "MemmapBlock",
    "check_splits",
    "event_split",
    "open_memmap",
    "read_mapping",
    "to_memmap",
    "write_dataset",
]
