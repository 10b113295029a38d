"""Assessment of warnings: runs and their truth read, scored beside rivals, written as tables, JSON and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.errors import ConfigError
from foreshock.evaluate.report.warning.scores_page import write_scores_page
from foreshock.evaluate.warning.matching import DECLARED, Rule
from foreshock.evaluate.warning.measure import Draws
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.scores import WarningScores, score_warnings
from foreshock.evaluate.warning.truth import WarningTruth
from foreshock.outputs import whole_file, write_json
from foreshock.road.assessment import versions
from foreshock.road.warning_runs import find_runs, read_run
from foreshock.road.warning_truth import read_warning_truth, truth_of

SCORES = "warning_scores.json"


@dataclass(frozen=True)
class WarningTask:
    """What is to be scored.

    Attributes:
        runs: folders of runs, or folders of such folders. truth: of all runs, or a folder with one for each by name;
            without it each run's own truth.json. rivals: name → folders of its runs.
        within_s, within_km: how far apart a warned and a true event may be.
        site_threshold: intensity of sites of which nobody tells one; `FELT` if None. seed: of the bootstrap.
    """

    runs: tuple[Path, ...]
    truth: Path | None = None
    rivals: Mapping[str, Path] = field(default_factory=dict)
    within_s: float = DECLARED.within_s
    within_km: float = DECLARED.within_km
    site_threshold: float | None = None
    seed: int = 0
    resamples: int = 1000

    @property
    def rule(self) -> Rule:
        """The declared rule, or the user's own."""
        own = Rule("own", self.within_s, self.within_km)
        return DECLARED if (own.within_s, own.within_km) == (DECLARED.within_s, DECLARED.within_km) else own


@dataclass(frozen=True, eq=False)
class WarningAssessment:
    """The scores of runs of a warning engine, and which files they rest on."""

    task: WarningTask
    scores: WarningScores
    inputs: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        return self.scores.as_json() | {
            "skipped": [],
            "site_threshold": self.task.site_threshold,
            "versions": versions(),
            "inputs": dict(self.inputs),
        }


def assess_warnings(task: WarningTask) -> WarningAssessment:
    """Score runs, and rivals on the same true events.

    Raises:
        NotFoundError: a run or its truth is not there. FormatError: a file is not as it should be.
        ConfigError: a rival is called ``ours``. InputError, NothingMatchedError: see `score_warnings`.
    """
    if "ours" in task.rivals:
        raise ConfigError("--rival ours=…", "that name is taken", "call it something else")
    reader = _Reader(task.truth, task.site_threshold)
    pairs = reader.pairs(task.runs)
    rivals = {name: reader.pairs((folder,)) for name, folder in sorted(task.rivals.items())}
    scores = score_warnings(pairs, rivals=rivals, rule=task.rule, draw=Draws(seed=task.seed, n=task.resamples))
    return WarningAssessment(task, scores, reader.inputs)


def write_warning_assessment(assessment: WarningAssessment, folder: Path) -> Path:
    """Write the scores, the tables they rest on and report.html into a folder; give the page."""
    scores, judged = assessment.scores, assessment.scores.ours.judged
    write_json(folder / SCORES, assessment.as_json())
    tables = {"events": judged.events, "seconds": judged.seconds, "sites": judged.sites, "runs": judged.runs}
    tables |= {"false_and_split": judged.warnings, "twins": judged.twins, "by_second": scores.ours.by_second}
    for name, table in tables.items():
        _write(folder / f"{name}.csv", table)
    return write_scores_page(folder, scores, versions=versions(), inputs=assessment.inputs)


def _write(path: Path, table: pd.DataFrame) -> None:
    told = table.drop(columns=[name for name in ("cluster",) if name in table])
    with whole_file(path) as temporary:
        told.to_csv(temporary, index=False, float_format="%.6g", lineterminator="\n")


class _Reader:
    """Reads runs with their truths, each truth once."""

    def __init__(self, truth: Path | None, site_threshold: float | None) -> None:
        self.given = truth
        self.site_threshold = site_threshold
        self.truths: dict[tuple[Path, str], WarningTruth] = {}
        self.inputs: dict[str, str] = {}

    def pairs(self, paths: Sequence[Path]) -> list[tuple[WarningRun, WarningTruth]]:
        """Runs in order of their names; equal names are told apart by their folders."""
        folders = find_runs(paths)
        names = [folder.name for folder in folders]
        return [
            self._pair(folder, name if names.count(name) == 1 else str(folder))
            for folder, name in zip(folders, names, strict=True)
        ]

    def _pair(self, folder: Path, name: str) -> tuple[WarningRun, WarningTruth]:
        run = read_run(folder, name=name, site_threshold=self.site_threshold)
        key = truth_of(folder, self.given), run.intensity_scale
        if key not in self.truths:
            self.truths[key] = read_warning_truth(key[0], scale_name=key[1])
            self.inputs[str(key[0])] = self.truths[key].name
        return run, self.truths[key]
