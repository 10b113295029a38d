"""Report: one self-contained page with scores, pictures and limits. Knows predictions and truth only."""

from __future__ import annotations

from foreshock.evaluate.report.noun import Report
from foreshock.evaluate.report.write import score_report, write_report

__all__ = ["Report", "score_report", "write_report"]
