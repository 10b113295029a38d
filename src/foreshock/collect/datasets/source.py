"""A data set as a source of records at the door of sources. Knows no windows and no models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.datasets.dataset import Dataset
from foreshock.collect.datasets.write import write_dataset
from foreshock.collect.left_out import Telling
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform


class DatasetSource(Telling):
    """The records of one data set, or of one split of it; the files are open only while records are given."""

    def __init__(self, path: Path, split: str | None = None, *, mapping: Path | None = None) -> None:
        self.path = Path(path)
        self.split = split
        self.mapping = mapping
        super().__init__()

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[DatasetSource]:
        """A small data set written into `folder`, whole and by split."""
        path = folder / "dataset_specimen"
        if not path.exists():
            write_dataset(path, _specimen_records(), name="specimen")
        return [cls(path), cls(path, "train")]

    def records(self) -> Iterator[Record]:
        """Give every record of the split in the order of the metadata."""
        self._begin()
        with Dataset.open(self.path, mapping=self.mapping) as dataset:
            self._notes = [(dataset.name, note) for note in dataset.notes]
            if self.split is not None:
                unsplit = np.flatnonzero([side is None for side in dataset.splits])
                self._skipped = [(dataset.trace_ids[row], "it names no split, others do") for row in unsplit]
            yield from dataset.records(dataset.rows(self.split), skipped=self._skipped)


def _specimen_records() -> Iterator[Record]:
    rng = np.random.default_rng(0)
    for k in range(6):
        data = rng.integers(-1000, 1000, (3, 200 + 50 * (k % 2))).astype(np.float32)
        start = 1_600_000_000 * NS_PER_S + k * 3600 * NS_PER_S
        wave = Waveform(data, 50.0, start, f"XX.S{k % 3}.00", channels=("HHZ", "HHN", "HHE"))
        split = ("train", "train", "dev", "test")[k // 2]
        yield Record(wave, Truth(f"record-{k}", f"event-{k // 2}", split=split, p_ns=wave.time_ns(80), magnitude=2.0))
