"""Small labelled windows made from a seed, for the tests of training. Knows no recordings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foreshock.types import Examples


def _table(n: int) -> pd.DataFrame:
    ids = [str(k) for k in range(n)]
    return pd.DataFrame({"trace_id": ids, "event_id": ids})


def waves(n: int, seed: int, *, n_samples: int = 64) -> Examples:
    """Noise, half of it with a burst somewhere: two classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = rng.normal(0, 0.3, (n, 3, n_samples))
    time = np.arange(n_samples)
    at = rng.uniform(0.2, 0.8, n)[:, None] * n_samples
    burst = np.exp(-(((time - at) / 5) ** 2)) * np.sin(time * 1.5)
    x += (y[:, None] * burst)[:, None]
    return Examples(x, 10.0, _table(n), y=y, classes=("noise", "earthquake"))


def values(n: int, seed: int, *, n_samples: int = 64) -> Examples:
    """Noise windows with a column that tells a value by a line, to a tenth."""
    rng = np.random.default_rng(seed)
    column = rng.normal(5, 2, n)
    x = rng.normal(0, 0.3, (n, 3, n_samples))
    y = 3 + 0.5 * column + rng.normal(0, 0.1, n)
    return Examples(x, 10.0, _table(n), y=y, context={"log10_scale": column})
