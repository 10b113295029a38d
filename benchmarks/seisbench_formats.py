"""Data sets written here open in SeisBench, and both read the same: samples, metadata and splits. Knows no training.

Written by `write_dataset` and opened by SeisBench's `WaveformDataset`: one set in counts (two rates, two lengths, an
incomplete record, masked holes, three splits) and one in m/s. With ``FORESHOCK_DATA`` its folders ``ncedc`` and
``gujarat`` are read by both as well, in Z N E. Any difference ends with exit code 1. Then reading is timed, both ways:

* ours: `Dataset.records` (waveform, mask and truth of every record, checked) and `Dataset.read_block` (arrays only);
* SeisBench: `get_sample` one by one (waveform and metadata, as it comes) and `get_waveforms` of all rows at once.

    pip install 'foreshock[bench]' && FORESHOCK_DATA=... python benchmarks/seisbench_formats.py --json
"""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

from foreshock.collect.datasets import Dataset, write_dataset
from foreshock.types import Record, Truth, Waveform

REAL = ("ncedc", "gujarat")
SPLITS = ("train", "dev", "test")
TIMED_ROWS = 400


def invented(n: int, *, unit: str) -> Iterator[Record]:
    """Records of two rates and lengths; every third has a hole, every fifth no horizontal components."""
    rng = np.random.default_rng(len(unit))
    for k in range(n):
        rate, length = ((100.0, 3000), (50.0, 1500), (100.0, 2000))[k % 3]
        parts = "Z" if k % 5 == 4 else "ZNE"
        data = rng.normal(0, 1000.0, (len(parts), length))
        data = np.rint(data) if unit == "count" else 1e-6 * data
        valid = np.ones(data.shape, bool)
        if k % 3 == 0:
            valid[:, 100 + k % 50 : 180 + k % 50] = False
        wave = Waveform(
            data.astype(np.float32),
            rate,
            1_600_000_000_000_000_000 + k * 3_600_000_000_000,
            f"XX.S{k % 7:02d}.00",
            channels=tuple("HH" + part for part in parts),
            components=parts,
            unit=unit,
            valid=valid,
        )
        yield Record(wave, truth(k, wave))


def truth(k: int, wave: Waveform) -> Truth:
    """The truth of an invented record; every fourth is noise."""
    if k % 4 == 3:
        return Truth(f"trace{k:05d}", f"noise{k:05d}", kind="noise", split=SPLITS[k % 3])
    return Truth(
        f"trace{k:05d}",
        f"event{k:05d}",
        split=SPLITS[k % 3],
        p_ns=wave.time_ns(400),
        s_ns=wave.time_ns(700),
        p_status="manual",
        origin_ns=wave.time_ns(400) - 3_123_456_000,
        magnitude=1.0 + k % 40 / 10,
        distance_km=5.0 + k,
        depth_km=7.5,
        event_latitude=30.0 + k % 5,
        event_longitude=100.25,
    )


def opened(folder: Path, *, cache: str | None = None) -> Any:
    """SeisBench's view of a data set, in Z N E, at the rate of each trace."""
    import seisbench.data as sbd

    return sbd.WaveformDataset(folder, component_order="ZNE", missing_components="pad", cache=cache)


def padded(data: np.ndarray, components: str) -> np.ndarray:
    """Our array on three rows, missing components as zeros, as SeisBench pads them."""
    out = np.zeros((3, data.shape[1]), np.float32)
    for row, part in zip(data, components, strict=True):
        out["ZNE".index(part)] = row
    return out


def waveform_difference(mine: Dataset, other: Any) -> float:
    """Largest difference over all traces, as stored (our SI factor taken out); inf where a shape differs."""
    worst = 0.0
    for row in range(len(mine)):
        ours = padded(mine.read_block([row])[0], mine.components(row)) / mine.unit(row)[1]
        theirs = np.asarray(other.get_waveforms(row))
        if ours.shape != theirs.shape or np.isnan(theirs).any():
            return float("inf")
        worst = max(worst, float(np.abs(ours.astype(np.float64) - theirs).max()))
    return worst


def metadata_differences(mine: Dataset, other: Any) -> list[str]:
    """Columns that both have and that differ, numbers beyond 1e-9 relative, and ours that are not there."""
    wrong = []
    for name in (str(column) for column in mine.metadata.columns):
        if name == "trace_chunk":
            continue
        if name not in other.metadata:
            wrong.append(f"{name} is absent")
        elif not same(mine.metadata[name].to_numpy(), other.metadata[name].to_numpy()):
            wrong.append(name)
    return wrong


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal as times (to 1 µs) where SeisBench made times of the text, as numbers, else as text; empty equals empty."""
    import pandas as pd

    if len(a) != len(b):
        return False
    if isinstance(pd.Series(b).dropna().iloc[:1].max(), pd.Timestamp):
        times = [pd.to_datetime(pd.Series(values), utc=True, errors="coerce", format="ISO8601") for values in (a, b)]
        near = (times[0] - times[1]).abs() <= pd.Timedelta(microseconds=1)
        return bool((near | (times[0].isna() & times[1].isna())).all())
    x, y = (pd.to_numeric(pd.Series(values), errors="coerce") for values in (a, b))
    empty = [pd.isna(pd.Series(values)) | (pd.Series(values).astype(str) == "") for values in (a, b)]
    text = (pd.Series(a).astype(str) == pd.Series(b).astype(str)) | (empty[0] & empty[1])
    return bool((text | np.isclose(x, y, rtol=1e-9, atol=0)).all())


def split_differences(mine: Dataset, other: Any) -> list[str]:
    """Splits whose rows are not the same traces."""
    wrong = []
    for split in SPLITS:
        theirs = set(getattr(other, split)().metadata["trace_name"]) if len(other) else set()
        ours = set(mine.metadata["trace_name"].iloc[mine.rows(split)])
        if ours != theirs:
            wrong.append(split)
    return wrong


def compared(folder: Path) -> dict[str, Any]:
    """All that is compared of one data set."""
    other = opened(folder)
    with Dataset.open(folder) as mine:
        return {
            "traces": [len(mine), len(other)],
            "rates_hz": sorted({float(rate) for rate in mine.truths.rate_hz}),
            "splits": {split: len(mine.rows(split)) for split in SPLITS},
            "largest_difference": waveform_difference(mine, other),
            "metadata_that_differs": metadata_differences(mine, other),
            "splits_that_differ": split_differences(mine, other),
        }


def is_equal(told: dict[str, Any]) -> bool:
    """Whether nothing differs."""
    faults = told["metadata_that_differs"] + told["splits_that_differ"]
    return told["traces"][0] == told["traces"][1] and told["largest_difference"] == 0 and not faults


def written_differs(folder: Path, records: list[Record]) -> float:
    """Largest difference between what was handed to `write_dataset` and what SeisBench reads."""
    other, worst = opened(folder), 0.0
    for row, record in enumerate(records):
        ours = padded(record.waveform.data, record.waveform.components)
        theirs = np.asarray(other.get_waveforms(row))
        if theirs.shape != ours.shape or other.metadata["trace_original_name"].iloc[row] != record.truth.trace_id:
            return float("inf")
        worst = max(worst, float(np.abs(theirs - ours).max()))
    return worst


def timed(folder: Path, *, rounds: int) -> list[fair.Figure]:
    """Records per CPU-second of both, the same rows."""
    other = opened(folder)
    rows = list(range(min(TIMED_ROWS, len(other))))
    with Dataset.open(folder) as mine:
        sides = {
            "ours, records": lambda: sum(1 for _ in mine.records(rows)),
            "SeisBench, get_sample": lambda: sum(other.get_sample(row)[0] is not None for row in rows),
            "ours, arrays": lambda: len(mine.read_block(rows)),
            "SeisBench, get_waveforms of all": lambda: len(other.get_waveforms(np.array(rows))),
        }
        rates = fair.interleaved(sides, rounds=rounds)
    name = folder.name
    figures = [fair.figure(f"{name}: {side}", values, "records/CPU-s") for side, values in rates.items()]
    for a, b in (("ours, records", "SeisBench, get_sample"), ("ours, arrays", "SeisBench, get_waveforms of all")):
        figures.append(fair.figure(f"{name}: {a} / {b}", fair.ratios(rates[a], rates[b]), "×"))
    return figures


def main() -> int:
    """Compare, measure and tell."""
    asked = fair.parser(__doc__, records=60).parse_args()
    fair.peer("seisbench", extra="bench")
    warnings.simplefilter("ignore")  # the peer's own
    with tempfile.TemporaryDirectory() as scratch:
        folders, differences = [], {}
        for name, unit in (("written_counts", "count"), ("written_m_s", "m/s")):
            records = list(invented(asked.records, unit=unit))
            write_dataset(Path(scratch) / name, records, name=name)
            folders.append(Path(scratch) / name)
            differences[name] = written_differs(folders[-1], records)
        data = os.environ.get("FORESHOCK_DATA")
        folders += [Path(data) / name for name in REAL] if data else []
        sets = {folder.name: compared(folder) for folder in folders}
        figures = [
            fair.exact(f"{name}: largest difference", told["largest_difference"], f"of {told['traces'][0]} traces",
                       at_most=0) for name, told in sets.items()
        ]  # fmt: skip
        figures += timed(folders[-1], rounds=asked.rounds)
    return fair.tell(
        "seisbench_formats",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "seisbench", "h5py", "numpy", "pandas"),
        equal=all(map(is_equal, sets.values())) and not any(differences.values()),
        checked="samples, metadata and splits are the same in both, and the samples are those that were written",
        written_against_read=differences,
        real_data="read" if data else "FORESHOCK_DATA is not set: ncedc and gujarat were not compared",
        sets=sets,
    )


if __name__ == "__main__":
    sys.exit(main())
