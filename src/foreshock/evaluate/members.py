"""Members: which metrics are meant when nobody says which, the best-known first. Knows no scores."""

from __future__ import annotations

from foreshock import plugins
from foreshock.plugins import Metric

ORDER = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "macro_roc_auc",
    "macro_average_precision",
    "log_loss",
    "brier",
    "ece",
    "mae",
    "rmse",
    "bias",
    "median_absolute_error",
)
"""Reading order in tables; members of other packages follow by name."""


def metrics_of(task: str) -> tuple[Metric, ...]:
    """Make every installed metric of a task (``classify`` or ``regress``), in reading order.

    >>> [metric.name for metric in metrics_of("regress")]
    ['mae', 'rmse', 'bias', 'median_absolute_error']
    """
    place = {name: k for k, name in enumerate(ORDER)}
    names = sorted(plugins.members("metrics"), key=lambda name: (place.get(name, len(ORDER)), name))
    made: list[Metric] = [plugins.load("metrics", name)() for name in names]
    return tuple(metric for metric in made if metric.task == task)
