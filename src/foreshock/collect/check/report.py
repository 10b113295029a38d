"""What a check found: findings, availability, power of the noise, diversity of the records. Draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from foreshock.clock import iso_utc
from foreshock.collect.check.defects import SEVERITIES, Finding
from foreshock.types.arrays import Float64


@dataclass(frozen=True, eq=False)
class NoiseLevel:
    """Power of the noise of one group of channels.

    Attributes:
        label: station and channel, e.g. ``XX.DEMO.00.HHZ``.
        period_s: (period,), rising.
        low_db, median_db, high_db: 10th, 50th and 90th percentile over windows, (period,).
        absolute: dB relative to 1 (m/s²)²/Hz; otherwise relative to 1 count²/Hz and not comparable with Peterson.
        n_windows: windows that were averaged over.
    """

    label: str
    period_s: Float64
    low_db: Float64
    median_db: Float64
    high_db: Float64
    absolute: bool
    n_windows: int


@dataclass(frozen=True, slots=True)
class Span:
    """One unbroken stretch of data of one line of the availability picture."""

    label: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, eq=False)
class CheckReport:
    """All that a check of one path found.

    Attributes:
        path, kind: what was looked at: ``dataset`` or ``folder``.
        n_items: records or traces that were looked at.
        findings: the gravest first.
        spans: for the availability picture; empty where no times are known.
        noise: for the picture of noise power.
        diversity: one row an item with magnitude, distance_km, depth_km, cell, instrument, snr_db, split, kind.
        notes: what was derived or left out.
    """

    path: str
    kind: str
    n_items: int
    findings: tuple[Finding, ...]
    spans: tuple[Span, ...] = ()
    noise: tuple[NoiseLevel, ...] = ()
    diversity: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that were found."""
        return tuple(finding.code for finding in self.findings)

    def count(self, severity: str) -> int:
        """How many findings have this severity."""
        return sum(finding.severity == severity for finding in self.findings)


def as_json(report: CheckReport) -> dict[str, Any]:
    """The report as plain JSON values, without the curves."""
    return {
        "path": report.path,
        "kind": report.kind,
        "items": report.n_items,
        "counts": {severity: report.count(severity) for severity in SEVERITIES},
        "findings": [asdict(finding) for finding in report.findings],
        "diversity": diversity_summary(report.diversity),
        "span": _span(report.spans),
        "notes": list(report.notes),
    }


def _span(spans: tuple[Span, ...]) -> Mapping[str, str] | None:
    if not spans:
        return None
    return {"start": iso_utc(min(s.start_ns for s in spans)), "end": iso_utc(max(s.end_ns for s in spans))}


def diversity_summary(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One line a quantity: how many records know it, its range and quartiles, or its commonest values."""
    lines: list[dict[str, Any]] = []
    for column in table.columns:
        known = table[column].dropna()
        line: dict[str, Any] = {"quantity": column, "known": len(known), "missing": int(table[column].isna().sum())}
        if len(known) and pd.api.types.is_numeric_dtype(known):
            low, q25, median, q75, high = (float(v) for v in known.quantile([0, 0.25, 0.5, 0.75, 1]))
            line |= {"min": low, "q25": q25, "median": median, "q75": q75, "max": high}
        elif len(known):
            counts = known.value_counts()
            line |= {"different": len(counts), "commonest": {str(k): int(v) for k, v in counts.head(8).items()}}
        lines.append(line)
    return lines
