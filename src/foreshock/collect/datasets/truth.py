"""From metadata columns to what is known of each trace: names, times, arrivals, source. Knows no arrays and no HDF5.

Event ids, where ``source_id`` is missing: the origin time to the second (``origin:2020-01-31T00:00:00Z``); else the
longest run of at least 12 digits in the trace's name (``name:20060723155859``); else the trace itself
(``trace:…``). Noise without a source is an event of its own (``noise:…``).
Kinds: ``trace_category`` in lower case (``earthquake_local`` is ``earthquake``); without it a trace with an arrival or
a source is an ``earthquake``, any other ``unknown``. Nothing becomes noise that is not called noise.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.datasets.columns import FIRST_PHASES, NO_TIME, NUMBERS, ColumnMapping, numbers, times_ns
from foreshock.collect.datasets.split import known_split
from foreshock.types.arrays import AnyArray, Float64, Ints
from foreshock.types.record import Truth

_KINDS = {"earthquake_local": "earthquake", "eq": "earthquake", "earthquake local": "earthquake"}
_DIGITS = re.compile(r"\d{12,}")


class Truths:
    """The metadata of a data set as arrays, one value a row, ready to become `Truth`.

    Attributes:
        faults: rows that cannot be used, each with its reason.
        notes: what was derived because the metadata does not say it.
    """

    def __init__(self, frame: pd.DataFrame, mapping: ColumnMapping, *, name: str, rate_hz: float | None) -> None:
        self.faults: dict[int, str] = {}
        self.notes: list[str] = []
        self.source = name
        self._numbers: dict[str, Float64] = {}
        for column in NUMBERS:
            self._numbers[column], wrong = numbers(frame, column)
            self.faults |= wrong
        self.trace_id = self._names(frame, name)
        self.rate_hz = self._rates(rate_hz)
        self.start_ns = self._times(frame, "trace_start_time")
        self.origin_ns = self._times(frame, "source_origin_time")
        self.p_sample, self.p_status = self._arrivals(frame, "p")
        self.s_sample, self.s_status = self._arrivals(frame, "s")
        self.kind = self._kinds(frame, mapping)
        self.event_id = self._events(frame)
        self.split: AnyArray | None = self._splits(frame)
        self.magnitude_type = texts(frame, "source_magnitude_type")
        unknown = int(np.count_nonzero(self.start_ns == NO_TIME))
        if unknown:
            self.notes.append(f"{unknown} records without trace_start_time: set to 1970-01-01T00:00:00Z")
        self._check_ranges()

    def number(self, column: str) -> Float64:
        """A column of numbers, NaN where nothing is said."""
        return self._numbers[column]

    def truth(self, row: int) -> Truth:
        """What is known of one row; `faults` says which rows cannot be asked."""
        start = self._begin(row)
        return Truth(
            trace_id=self.trace_id[row],
            event_id=self.event_id[row],
            kind=self.kind[row],
            split=self.split[row] if self.split is not None and self.split[row] in ("train", "dev", "test") else None,
            p_ns=_arrival_ns(start, self.p_sample[row], self.rate_hz[row]),
            s_ns=_arrival_ns(start, self.s_sample[row], self.rate_hz[row]),
            p_status=self.p_status[row],
            s_status=self.s_status[row],
            magnitude=self._value("source_magnitude", row),
            magnitude_type=self.magnitude_type[row],
            depth_km=self._value("source_depth_km", row),
            distance_km=self._value("path_ep_distance_km", row),
            back_azimuth_deg=self._value("path_back_azimuth_deg", row),
            event_latitude=self._value("source_latitude_deg", row),
            event_longitude=self._value("source_longitude_deg", row),
            origin_ns=int(self.origin_ns[row]) if self.origin_ns[row] != NO_TIME else None,
            snr_db=self._value("trace_snr_db", row),
            source=self.source,
        )

    def start(self, row: int) -> int:
        """When a row's trace starts, UTC nanoseconds; 0 where the metadata does not say."""
        return self._begin(row)

    def _begin(self, row: int) -> int:
        return int(self.start_ns[row]) if self.start_ns[row] != NO_TIME else 0

    def _value(self, column: str, row: int) -> float | None:
        value = float(self._numbers[column][row])
        return None if np.isnan(value) else value

    def _names(self, frame: pd.DataFrame, name: str) -> list[str]:
        own = texts(frame, "trace_original_name")
        if all(text is not None for text in own) and len(set(own)) == len(own) and own:
            return [str(text) for text in own]
        return [f"{name}/{text}" for text in texts(frame, "trace_name")]

    def _rates(self, rate_hz: float | None) -> Float64:
        with np.errstate(divide="ignore"):
            by_step = 1.0 / self._numbers["trace_dt_s"]
        rates = np.where(
            np.isnan(self._numbers["trace_sampling_rate_hz"]), by_step, self._numbers["trace_sampling_rate_hz"]
        )
        rates = np.where(np.isnan(rates), np.nan if rate_hz is None else rate_hz, rates)
        for row in np.flatnonzero(~((rates > 0) & (rates <= 1e6))):
            self.faults.setdefault(int(row), f"sampling rate is {rates[row]} Hz, it must be positive and known")
        return rates

    def _times(self, frame: pd.DataFrame, column: str) -> Ints:
        values, wrong = times_ns(frame, column)
        self.faults |= {row: why for row, why in wrong.items() if row not in self.faults}
        return values

    def _arrivals(self, frame: pd.DataFrame, phase: str) -> tuple[Float64, list[str | None]]:
        """The earliest arrival among the names a first phase goes by, and its status."""
        best = np.full(len(frame), np.nan)
        status: AnyArray = np.full(len(frame), None, object)
        for variant in FIRST_PHASES[phase]:
            samples, wrong = numbers(frame, f"trace_{variant}_arrival_sample")
            seconds, _ = numbers(frame, f"trace_{variant}_arrival_s")
            self.faults |= {row: why for row, why in wrong.items() if row not in self.faults}
            given = np.where(np.isnan(samples), seconds * self.rate_hz, samples)
            earlier = ~np.isnan(given) & ~(best <= given)
            best = np.where(earlier, given, best)
            said = np.array(texts(frame, f"trace_{variant}_status"), object)
            status = np.where(earlier, said, status)
        return best, status.tolist()

    def _kinds(self, frame: pd.DataFrame, mapping: ColumnMapping) -> list[str]:
        said = texts(frame, "trace_category")
        lower = [(text or mapping.data.category or "").strip().lower() for text in said]
        has_source = ~np.isnan(self.p_sample) | ~np.isnan(self._numbers["source_magnitude"])
        has_source |= self.origin_ns != NO_TIME
        guessed = np.where(has_source, "earthquake", "unknown")
        if not all(lower):
            self.notes.append(f"{lower.count('')} records without trace_category: named by whether they have a source")
        return [_KINDS.get(text, text) or str(guess) for text, guess in zip(lower, guessed, strict=True)]

    def _events(self, frame: pd.DataFrame) -> list[str]:
        own = texts(frame, "source_id")
        lost = sum(text is None for text in own)
        if lost and any(kind != "noise" and text is None for kind, text in zip(self.kind, own, strict=True)):
            self.notes.append(
                f"{lost} records without source_id: event taken from origin time, else from the trace name"
            )
        return [text if text is not None else self._event(row) for row, text in enumerate(own)]

    def _event(self, row: int) -> str:
        if self.kind[row] == "noise":
            return f"noise:{self.trace_id[row]}"
        if self.origin_ns[row] != NO_TIME:
            return f"origin:{iso_utc(int(self.origin_ns[row]) // NS_PER_S * NS_PER_S)[:19]}Z"
        digits = _DIGITS.findall(self.trace_id[row])
        return f"name:{max(digits, key=len)}" if digits else f"trace:{self.trace_id[row]}"

    def _splits(self, frame: pd.DataFrame) -> AnyArray | None:
        if "split" not in frame or not frame["split"].notna().any():
            return None
        return np.array([known_split(text) for text in texts(frame, "split")], object)

    def _check_ranges(self) -> None:
        for row in np.flatnonzero(self._numbers["path_ep_distance_km"] < 0):
            why = f"path_ep_distance_km is {self._numbers['path_ep_distance_km'][row]}, it must not be negative"
            self.faults.setdefault(int(row), why)


def texts(frame: pd.DataFrame, column: str) -> list[str | None]:
    """A column as text, None where nothing is said; whole numbers lose the ``.0`` a missing neighbour gave them."""
    if column not in frame:
        return [None] * len(frame)
    return [None if value is pd.NA or value != value else _text(value) for value in frame[column].tolist()]


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _arrival_ns(start_ns: int, sample: float, rate_hz: float) -> int | None:
    return None if np.isnan(sample) else start_ns + round(float(sample) * NS_PER_S / float(rate_hz))
