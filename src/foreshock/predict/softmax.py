"""Softmax: scores turned into probabilities. Knows no examples and no tables."""

from __future__ import annotations

import numpy as np

from foreshock.types.arrays import Float64, Floats


def softmax(logits: Floats, *, temperature: float = 1.0, axis: int = 1) -> Float64:
    """Turn scores (example, class), or with classes along another axis, into probabilities, however large they are.

    >>> softmax(np.array([[1000.0, 1000.0]])).tolist()
    [[0.5, 0.5]]
    """
    z = np.asarray(logits, np.float64)
    if temperature != 1.0:
        z = z / temperature
    e: Float64 = z - z.max(axis=axis, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(axis=axis, keepdims=True)
    return e
