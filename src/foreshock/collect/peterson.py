"""Peterson's low- and high-noise models of ground acceleration. Knows no recordings and draws nothing.

Source: J. Peterson (1993), Observations and modeling of seismic background noise, USGS Open-File Report 93-322
(doi:10.3133/ofr93322), tables 3 and 4: between two periods the power spectral density is A + B·log10(period).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from foreshock.types.arrays import Float64

_NLNM = (
    (0.10, -162.36, 5.64),
    (0.17, -166.70, 0.00),
    (0.40, -170.00, -8.30),
    (0.80, -166.40, 28.90),
    (1.24, -168.60, 52.48),
    (2.40, -159.98, 29.81),
    (4.30, -141.10, 0.00),
    (5.00, -71.36, -99.77),
    (6.00, -97.26, -66.49),
    (10.00, -132.18, -31.57),
    (12.00, -205.27, 36.16),
    (15.60, -37.65, -104.33),
    (21.90, -114.37, -47.10),
    (31.60, -160.58, -16.28),
    (45.00, -187.50, 0.00),
    (70.00, -216.47, 15.70),
    (101.00, -185.00, 0.00),
    (154.00, -168.34, -7.61),
    (328.00, -217.43, 11.90),
    (600.00, -258.28, 26.60),
    (10_000.00, -346.88, 48.75),
)
"""From period (s), A (dB), B (dB a decade): new low-noise model."""

_NHNM = (
    (0.10, -108.73, -17.23),
    (0.22, -150.34, -80.50),
    (0.32, -122.31, -23.87),
    (0.80, -116.85, 32.51),
    (3.80, -108.48, 18.08),
    (4.60, -74.66, -32.95),
    (6.30, 0.66, -127.18),
    (7.90, -93.37, -22.42),
    (15.40, 73.54, -162.98),
    (20.00, -151.52, 10.01),
    (354.80, -206.66, 31.63),
)
"""From period (s), A (dB), B (dB a decade): new high-noise model."""

SHORTEST_PERIOD_S = 0.10
LONGEST_PERIOD_S = 100_000.0


def nlnm_db(period_s: npt.ArrayLike) -> Float64:
    """Give the new low-noise model: acceleration power density in dB relative to 1 (m/s²)²/Hz, shape of `period_s`.

    Outside 0.1 … 100 000 s, where Peterson gives nothing, the values are NaN.

    >>> nlnm_db([0.1, 5.0, 1000.0]).round(2).tolist()
    [-168.0, -141.1, -178.48]
    """
    return _model(period_s, _NLNM)


def nhnm_db(period_s: npt.ArrayLike) -> Float64:
    """Give the new high-noise model: acceleration power density in dB relative to 1 (m/s²)²/Hz, shape of `period_s`.

    Outside 0.1 … 100 000 s, where Peterson gives nothing, the values are NaN.

    >>> nhnm_db([0.1, 5.0, 1000.0]).round(2).tolist()
    [-91.5, -97.69, -111.77]
    """
    return _model(period_s, _NHNM)


def _model(period_s: npt.ArrayLike, table: tuple[tuple[float, float, float], ...]) -> Float64:
    period = np.asarray(period_s, np.float64)
    start, a, b = np.array(table).T
    inside = (period >= SHORTEST_PERIOD_S) & (period <= LONGEST_PERIOD_S)
    safe = np.where(inside, period, 1.0)
    row = np.searchsorted(start, safe, side="right") - 1
    return np.where(inside, a[row] + b[row] * np.log10(safe), np.nan)
