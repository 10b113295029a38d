"""The check of collected data: what is wrong with recordings and labels, with pictures. Repairs nothing."""

from __future__ import annotations

from foreshock.collect.check.defects import DEFECTS, Defect, Finding
from foreshock.collect.check.path_check import check_path
from foreshock.collect.check.pictures import draw
from foreshock.collect.check.report import CheckReport, NoiseLevel, Span, as_json, diversity_summary

__all__ = [
    "DEFECTS",
    "CheckReport",
    "Defect",
    "Finding",
    "NoiseLevel",
    "Span",
    "as_json",
    "check_path",
    "diversity_summary",
    "draw",
]
