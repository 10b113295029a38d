"""Terms: what each station says too much or too little, learnt from many events. Knows no waveforms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from foreshock.types.solution import Magnitude

ROUNDS = 10


def station_terms(sizes: Iterable[Magnitude], *, fewest: int = 5) -> dict[str, float]:
    """Give the term to add to each station's magnitude, so that stations agree; their median is zero.

    Events and stations are taken in turn: an event's size is the median over its stations with their terms, a station's
    term the median of what it lacks. Stations with fewer than `fewest` events get none. What the values already have
    in them is taken out first, so that the terms replace `corrections`, not add to them.

    Arguments:
        sizes: one type of magnitude of many events; stations that were not used do not count.
    """
    seen = [{one.trace_id: one.value - one.correction for one in size.stations if one.used} for size in sizes]
    count: dict[str, int] = defaultdict(int)
    for event in seen:
        for name in event:
            count[name] += 1
    terms = dict.fromkeys(sorted(name for name, n in count.items() if n >= fewest), 0.0)
    for _ in range(ROUNDS):
        lacks: dict[str, list[float]] = defaultdict(list)
        for event in seen:
            known = {name: value for name, value in event.items() if name in terms}
            if len(known) < 2:
                continue
            size = float(np.median([value + terms[name] for name, value in known.items()]))
            for name, value in known.items():
                lacks[name].append(size - value)
        terms = {name: float(np.median(held)) for name, held in sorted(lacks.items()) if len(held) >= fewest}
        middle = float(np.median(list(terms.values()))) if terms else 0.0
        terms = {name: value - middle for name, value in terms.items()}
    return {name: round(value, 4) for name, value in terms.items()}
