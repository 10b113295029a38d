"""Per class: which classes are taken for which, and how each fares. Knows tables only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foreshock.evaluate.metric import ratio
from foreshock.evaluate.ranks import Curve, average_precisions, precision_recall_curve, roc_areas, roc_curve
from foreshock.types.arrays import Ints
from foreshock.types.predictions import Predictions


def confusion(predictions: Predictions) -> Ints:
    """Count rows by true class (down) and named class (across): (class, class).

    >>> table = pd.DataFrame({"trace_id": ["a", "b"], "event_id": ["1", "2"], "truth": ["x", "y"],
    ...                       "prob_x": [0.9, 0.8], "prob_y": [0.1, 0.2]})
    >>> confusion(Predictions(table, classes=("x", "y"))).tolist()
    [[1, 0], [1, 0]]
    """
    k = len(predictions.classes)
    cells = predictions.truth_numbers * k + predictions.predicted
    return np.bincount(cells, minlength=k * k).reshape(k, k).astype(np.int64)


def per_class(predictions: Predictions) -> pd.DataFrame:
    """A row a class: ``class, support, named, precision, recall, f1, roc_auc, average_precision``.

    ``support`` counts true rows, ``named`` rows given this class. NaN marks what is not defined: the precision of a
    class never named, the recall of one that never occurs.
    """
    counts = confusion(predictions).astype(float)
    right, support, named = np.diag(counts), counts.sum(1), counts.sum(0)
    p, truth, ones = predictions.probabilities, predictions.truth_numbers, np.ones((1, len(predictions)))
    classes = range(len(predictions.classes))
    return pd.DataFrame(
        {
            "class": list(predictions.classes),
            "support": support.astype(np.int64),
            "named": named.astype(np.int64),
            "precision": ratio(right, named),
            "recall": ratio(right, support),
            "f1": ratio(2 * right, support + named),
            "roc_auc": [float(roc_areas(p[:, k], truth == k, ones)[0]) for k in classes],
            "average_precision": [float(average_precisions(p[:, k], truth == k, ones)[0]) for k in classes],
        }
    )


def roc_curves(predictions: Predictions) -> dict[str, Curve]:
    """The ROC curve of each class against the rest; classes without both sides are left out."""
    p, truth = predictions.probabilities, predictions.truth_numbers
    return {
        name: roc_curve(p[:, k], truth == k)
        for k, name in enumerate(predictions.classes)
        if 0 < int((truth == k).sum()) < len(truth)
    }


def precision_recall_curves(predictions: Predictions) -> dict[str, Curve]:
    """The precision-recall curve of each class against the rest; classes that never occur are left out."""
    p, truth = predictions.probabilities, predictions.truth_numbers
    return {
        name: precision_recall_curve(p[:, k], truth == k)
        for k, name in enumerate(predictions.classes)
        if (truth == k).any()
    }
