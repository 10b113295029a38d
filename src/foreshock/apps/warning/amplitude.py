"""Amplitude: the displacement that stations of one event have seen of its P so far. Knows no magnitude."""

from __future__ import annotations

import numpy as np

from foreshock.apps.warning.bank import Bank, Heard
from foreshock.apps.warning.size import Displacements
from foreshock.clock import NS_PER_S
from foreshock.types.arrays import Float64

LONGEST_S = 20.0
SHORTEST_S = 0.3
BEFORE_S = 0.3
"""The window of P ends so long before S is expected."""
NOISE_S = (8.0, 0.5)
"""Noise is measured from so long to so long before P."""
NOISE_FACTOR = 2.0
"""A peak that is not so many times the noise's peak is taken for noise."""


Measure = tuple[float, float, bool]
"""log10 of the peak displacement (m), seconds seen, whether it is only noise."""


def key(heard: Heard) -> str:
    """Name an onset by its station and time."""
    return f"{heard.station_id}/{heard.pick.time_ns}"


def displacements(
    bank: Bank,
    onsets: list[Heard],
    *,
    s_after_p_s: Float64,
    longest_s: float = LONGEST_S,
    known: dict[str, Measure] | None = None,
) -> tuple[list[int], Displacements]:
    """Measure the vertical's peak displacement after each onset, up to S or to where data end.

    Args:
        s_after_p_s: (onset,), how long after P its S is expected.
        known: what was measured before, by `key`; it serves where samples have left the rings, and is kept up to date.

    Returns:
        which onsets there is a measure of, and the measures.
    """
    rows = []
    for k, one in enumerate(onsets):
        if bank.holds(one.station_id, one.pick.time_ns - round(NOISE_S[0] * NS_PER_S)) or known is None:
            found = _measured(bank, one, longest_s=min(longest_s, float(s_after_p_s[k]) - BEFORE_S))
        else:
            found = known.get(key(one))
        if known is not None and found is not None:
            known[key(one)] = found
        if found is not None:
            rows.append((k, *found))
    if not rows:
        return [], Displacements(np.zeros(0), np.zeros(0), np.zeros(0, bool))
    which, log_pd, seen_s, is_noise = zip(*rows, strict=True)
    return list(which), Displacements(np.array(log_pd), np.array(seen_s), np.array(is_noise, bool))


def _measured(bank: Bank, one: Heard, *, longest_s: float) -> Measure | None:
    time_ns, name = one.pick.time_ns, one.station_id
    longest_s = max(longest_s, 2 * SHORTEST_S)
    after = bank.after(
        name,
        "displacement",
        first_ns=time_ns,
        last_ns=time_ns + round(longest_s * NS_PER_S),
        verticals=True,
    )
    if not after:
        return None
    rate_hz, samples = after[0]
    seen_s = len(samples) / rate_hz
    if seen_s < SHORTEST_S:
        return None
    low, high = (time_ns - round(s * NS_PER_S) for s in NOISE_S)
    before = bank.after(name, "displacement", first_ns=low, last_ns=high, verticals=True)
    noise = float(np.abs(before[0][1]).max()) if before else 0.0
    peak = float(np.abs(samples).max())
    is_noise = peak < NOISE_FACTOR * noise
    if is_noise and seen_s < 1.0:
        return None
    return float(np.log10(max(peak, noise, 1e-12))), seen_s, is_noise
