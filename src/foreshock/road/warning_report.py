"""Warning report: the page and the pictures of one run's folder, with the truth or without. Knows files, draws none."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.errors import ForeshockError
from foreshock.evaluate.report.warning.views import Fronts, straight_fronts
from foreshock.evaluate.report.warning.write import RunReport, write_run_report
from foreshock.evaluate.warning.run import WarningRun
from foreshock.predict.travel import TravelTimes
from foreshock.predict.travel.models import PRESETS
from foreshock.predict.travel.named import travel_times
from foreshock.road.assessment import versions
from foreshock.road.warning_runs import ALERTS, read_run
from foreshock.road.warning_truth import read_warning_truth

FALLBACK = "iasp91_crust"
STEP_KM = 1.0


def write_warning_report(run_folder: Path, *, truth: Path | None = None) -> Path:
    """Write report.html and a PNG a picture into the folder of a run; give the page.

    Args:
        run_folder: what `foreshock warn` wrote. truth: truth.json, QuakeML or a CSV of events, if there is one.

    Raises:
        NotFoundError: the folder holds no alerts, or there is no such truth. FormatError: a file is damaged.
        OutputError: the folder cannot be written to.
    """
    run = read_run(run_folder)
    known = None if truth is None else read_warning_truth(truth, scale_name=run.intensity_scale)
    inputs = {ALERTS: hashlib.sha256((run_folder / ALERTS).read_bytes()).hexdigest()}
    if truth is not None and known is not None:
        inputs[truth.name] = hashlib.sha256(truth.read_bytes()).hexdigest()
    fronts, rock = fronts_of(run)
    return write_run_report(run_folder, RunReport(run, known, fronts, rock, versions(), inputs))


def fronts_of(run: WarningRun) -> tuple[Fronts, str]:
    """How far waves have come, by the velocity model that the run's settings name, and what that model is called.

    A model that is not told or not known here gives way to `FALLBACK`.
    """
    named = _named(run.info.get("settings"))
    for name in (named, FALLBACK):
        if name is not None:
            try:
                return _Fronts(travel_times(name)), f"the velocity model {name}"
            except ForeshockError:
                continue
    return straight_fronts, "6.0 and 3.5 km/s"


def _named(settings: Any) -> str | None:
    """The value of the first key ``velocity_model`` among nested settings, if it names a preset or a global model."""
    if not isinstance(settings, dict):
        return None
    told = settings.get("velocity_model")
    if isinstance(told, str) and (told in PRESETS or told in ("iasp91", "ak135")):
        return told
    return next((name for inner in settings.values() if (name := _named(inner)) is not None), None)


class _Fronts:
    """Radii of P and S on the surface by travel times."""

    def __init__(self, times: TravelTimes) -> None:
        self.times = times
        self.km = np.arange(0.0, times.max_distance_km, STEP_KM)

    def __call__(self, depth_km: float, after_origin_s: float) -> tuple[float, float]:
        deep = np.full(len(self.km), np.clip(depth_km, 0.0, self.times.max_depth_km))
        return self._radius("P", deep, after_origin_s), self._radius("S", deep, after_origin_s)

    def _radius(self, phase: str, deep: np.ndarray[Any, np.dtype[np.float64]], after_s: float) -> float:
        reached = self.times.time_s(phase, self.km, deep) <= after_s
        return float(self.km[reached].max()) if reached.any() else 0.0
