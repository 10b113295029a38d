"""Problems: what can be learnt from recordings, with the rivals and the preparation each begins with. Runs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from foreshock.config import settings_from
from foreshock.errors import ConfigError, nearest
from foreshock.prepare.preparation import Preparation


@dataclass(frozen=True)
class Problem:
    """A question asked of recordings.

    Attributes:
        name: ``detect``, ``classify``, ``magnitude`` or ``table``.
        task: ``classify`` or ``regress``.
        sentence: what is asked.
        rivals: predictors that are tuned on the same examples.
        classes: fixed classes, or none when the data bring them.
        preparation: settings of `Preparation` to begin with.
    """

    name: str
    task: str
    sentence: str
    rivals: tuple[str, ...]
    classes: tuple[str, ...] | None = None
    preparation: dict[str, Any] = field(default_factory=dict)

    def prepared(self, **changes: Any) -> Preparation:
        """The preparation, with changes.

        Raises:
            ConfigError: a setting is unknown or out of range.
        """
        return settings_from(Preparation, {**self.preparation, **changes}, where="[prepare]")


DETECT = Problem(
    "detect",
    "classify",
    "Does this window hold the onset of an earthquake, or noise?",
    rivals=("sta_lta", "logistic", "majority"),
    classes=("noise", "earthquake"),
    preparation={
        "rate_hz": 50.0,
        "window_samples": 500,
        "steps": ({"step": "quality"}, {"step": "bandpass", "low_hz": 1.0, "high_hz": 20.0}),
        "normalise": "peak",
    },
)
CLASSIFY = Problem(
    "classify",
    "classify",
    "What kind of signal does this window hold?",
    rivals=("logistic", "majority"),
    preparation={
        "rate_hz": 50.0,
        "window_samples": 1500,
        "steps": ({"step": "quality"}, {"step": "bandpass", "low_hz": 1.0, "high_hz": 20.0}),
        "normalise": "peak",
    },
)
MAGNITUDE = Problem(
    "magnitude",
    "regress",
    "How large is the earthquake whose P begins in this window?",
    rivals=("amplitude_distance", "median"),
    preparation={
        "rate_hz": 50.0,
        "window_samples": 2500,
        "before_s": 5.0,
        "steps": ({"step": "bandpass", "low_hz": 0.5, "high_hz": 20.0},),
        "normalise": "peak",
        "context": ("log10_scale", "log10_distance_km"),
    },
)
TABLE = Problem(
    "table",
    "classify",
    "Which class does this row of numbers belong to?",
    rivals=("logistic", "majority"),
)
PROBLEMS = MappingProxyType({one.name: one for one in (DETECT, CLASSIFY, MAGNITUDE, TABLE)})


def problem(name: str) -> Problem:
    """Look a problem up.

    Raises:
        ConfigError: there is no such problem.
    """
    if name not in PROBLEMS:
        raise ConfigError(f"--task {name!r}", "it is not known", nearest(name, PROBLEMS))
    return PROBLEMS[name]
