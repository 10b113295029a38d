"""Labelled records for pickers: a data set's arrivals, groups and what is good enough to judge by. Asks no picker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.collect.datasets import Dataset
from foreshock.errors import NotFoundError
from foreshock.evaluate.pick_tally import LabelledTrace
from foreshock.prepare.filters import Bandpass
from foreshock.road.gathering import ALL
from foreshock.road.recordings import is_dataset
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

EXACT = frozenset({"manual", "exact"})
"""Statuses of arrivals that a person read."""
SNR_BAND_HZ = (1.0, 20.0)
SNR_SIGNAL_S = 2.0
SNR_NOISE_S = (4.0, 0.5)


@dataclass
class LabelledRecords:
    """The records of a data set that carry a P or an S, each with what it is judged by.

    Attributes:
        path, split: which; split ``all`` takes every record.
        only_good: keep only arrivals that a person read; where the data set says which it checked, those it calls good.
        skipped: (name, reason) of what the last pass left out.
        notes: (name, sentence) of what the data set does not say and was derived.
    """

    path: Path
    split: str = "test"
    only_good: bool = False
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[Record, LabelledTrace]]:
        """Give record by record with its labels.

        Raises:
            NotFoundError: there is no data set.
        """
        if not is_dataset(self.path):
            raise NotFoundError(
                f"data {self.path}", "it is not a data set with labels", "give a folder with metadata.csv"
            )
        self.skipped, self.notes = [], []
        with Dataset.open(self.path) as dataset:
            self.notes = [(dataset.name, note) for note in dataset.notes]
            rows = dataset.rows(None if self.split == ALL else self.split)
            said = {dataset.trace_ids[row]: _said(dataset, int(row)) for row in rows}
            for record in dataset.records(rows, skipped=self.skipped):
                truth = record.truth
                kept = _good(truth, said[truth.trace_id]) if self.only_good else truth
                if kept.p_ns is None and kept.s_ns is None:
                    none = "no arrival is labelled" if truth.p_ns is None and truth.s_ns is None else "no good label"
                    self.skipped.append((truth.trace_id, none))
                    continue
                yield record, _labelled(record.waveform, kept, said[truth.trace_id])


_WANTED = ("trace_source", "trace_pick_checked", "trace_p_checked", "trace_s_checked")


def _said(dataset: Dataset, row: int) -> dict[str, str]:
    """What some data sets say of a record beyond the columns everybody has."""
    told = {name: dataset.metadata[name].iloc[row] for name in _WANTED if name in dataset.metadata}
    return {name: str(value) for name, value in told.items() if value == value}


def _good(truth: Truth, said: Mapping[str, str]) -> Truth:
    """The truth without arrivals that are not good."""
    if said.get("trace_pick_checked", "good") != "good":
        return replace(truth, p_ns=None, s_ns=None)

    def good(phase: str, status: str | None) -> bool:
        checked = said.get(f"trace_{phase}_checked") or said.get("trace_pick_checked")
        return checked == "good" if checked else status in EXACT

    return replace(
        truth,
        p_ns=truth.p_ns if good("p", truth.p_status) else None,
        s_ns=truth.s_ns if good("s", truth.s_status) else None,
    )


def _labelled(wave: Waveform, truth: Truth, said: Mapping[str, str]) -> LabelledTrace:
    there = int(wave.valid.any(axis=1).sum())
    code = wave.channels[0][:2] if len(wave.channels[0]) > 2 else ""
    groups: dict[str, Any] = {
        "origin": said.get("trace_source") or truth.source,
        "network": wave.station_id.split(".")[0],
        "instrument": code,
        "components": str(there),
        "snr_db": truth.snr_db if truth.snr_db is not None else snr_db(wave, truth.p_ns),
    }
    return LabelledTrace(truth.trace_id, truth.event_id, truth.p_ns, truth.s_ns, groups)


def snr_db(wave: Waveform, p_ns: int | None) -> float:
    """Power of the 2 s after P over that of 4 s to 0.5 s before it, all components, 1–20 Hz, in dB; NaN without P."""
    high_hz = min(SNR_BAND_HZ[1], 0.45 * wave.rate_hz)
    if p_ns is None or high_hz <= SNR_BAND_HZ[0]:
        return float("nan")
    x, valid = Bandpass(low_hz=SNR_BAND_HZ[0], high_hz=high_hz, order=2).apply(
        wave.data, rate_hz=wave.rate_hz, valid=wave.valid
    )
    power = np.where(valid, x**2, np.nan)

    def mean(first_s: float, last_s: float) -> float:
        edges = [round(max(0.0, wave.sample_at(p_ns + round(at * NS_PER_S)))) for at in (first_s, last_s)]
        part = power[:, edges[0] : edges[1]]
        return float(np.nanmean(part)) if np.isfinite(part).any() else float("nan")

    signal, noise = mean(0.0, SNR_SIGNAL_S), mean(-SNR_NOISE_S[0], -SNR_NOISE_S[1])
    return float(10 * np.log10(signal / noise)) if signal > 0 and noise > 0 else float("nan")
