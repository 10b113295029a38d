"""The law: what every member of a door must pass. Knows the doors, not their members."""

from __future__ import annotations

from foreshock.law.metric import check_metric
from foreshock.law.predictor import check_predictor
from foreshock.law.source import check_source
from foreshock.law.step import check_step

__all__ = ["check_metric", "check_predictor", "check_source", "check_step"]
