"""Warning: what was warned of, and when, against what truly happened. Knows tables and truth, no engine and no file."""

from __future__ import annotations

from foreshock.evaluate.warning.matching import DECLARED, SHAKEALERT, Rule
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.scores import WarningScores, score_warnings
from foreshock.evaluate.warning.truth import WarningTruth

__all__ = ["DECLARED", "SHAKEALERT", "Rule", "WarningRun", "WarningScores", "WarningTruth", "score_warnings"]
