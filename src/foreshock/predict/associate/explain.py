"""Explain: why picks stayed without an event, and what a station's misfits have in common. Knows no search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.predict.associate.geometry import Geometry
from foreshock.predict.associate.result import Associated
from foreshock.predict.associate.sites import site_name
from foreshock.predict.travel.table import PHASES
from foreshock.types.arrays import Float64
from foreshock.types.pick import Pick

_FEWEST = 5
_SPREAD_S = 0.5
_LEAST_JUMP_S = 1.0
_MOST_LATE_S = 15.0


class Explainer:
    """Holds the events about a moment and says what kept a pick from joining one of them."""

    def __init__(self, geometry: Geometry) -> None:
        self._geometry = geometry
        self._late: dict[str, list[float]] = defaultdict(list)
        self._fits: dict[str, int] = defaultdict(int)

    def heard(self, events: Sequence[Associated]) -> None:
        """Count the picks of a station that fitted."""
        for event in events:
            for used in event.picks:
                self._fits[used.pick.trace_id] += 1

    def reasons(self, picks: Sequence[Pick], events: Sequence[Associated], fell: dict[int, str]) -> list[str]:
        """Give a sentence for each pick; `fell` holds what the search itself said of some, by their places."""
        if not picks:
            return []
        if not events:
            return [self._alone(fell.get(i)) for i in range(len(picks))]
        late, best = self._residuals(picks, events)
        out = []
        for i, pick in enumerate(picks):
            event = events[int(best[i])]
            off = float(late[int(best[i]), i])
            if abs(off) > _MOST_LATE_S:
                out.append(self._alone(fell.get(i)))
                continue
            taken = [u for u in event.picks if u.phase == pick.phase and site_name(u.pick.trace_id) == site_name(pick.trace_id)]  # fmt: skip # noqa: E501
            self._late[pick.trace_id].append(off)
            out.append(_beside(pick, event, off, taken[0].residual_s if taken else None, fell.get(i)))
        return out

    def notes(self) -> list[tuple[str, str]]:
        """Name stations most of whose picks come early or late by one and the same time."""
        out = []
        for name in sorted(self._late):
            off = np.array(self._late[name])
            middle = float(np.median(off))
            together = np.abs(off - middle) < _SPREAD_S
            n = int(together.sum())
            if abs(middle) > _LEAST_JUMP_S and n >= max(_FEWEST, 0.6 * len(off)) and n > 0.3 * self._fits[name]:
                side = "late" if middle > 0 else "early"
                out.append((name, f"{n} of its picks come {abs(middle):.1f} s {side}: is its clock right?"))
        return out

    def _residuals(self, picks: Sequence[Pick], events: Sequence[Associated]) -> tuple[Float64, np.ndarray]:
        """Give how late (s) each pick comes in each event (event, pick), and the event that it fits best."""
        g = self._geometry
        slot = np.array([PHASES.index(p.phase) * g.n_sites + g.sites.site_of[p.trace_id] for p in picks], np.int64)
        zero = picks[0].time_ns
        time = np.array([(p.time_ns - zero) / NS_PER_S for p in picks])
        origin = np.array([(e.event.time_ns - zero) / NS_PER_S for e in events])
        late = time - origin[:, None] - g.times(np.array([e.at_km for e in events]), slot)
        return late, np.argmin(np.abs(late), axis=0)

    @staticmethod
    def _alone(fell: str | None) -> str:
        return fell or "no event about its time: too few picks agree on one"


def _beside(pick: Pick, event: Associated, off_s: float, other_s: float | None, fell: str | None) -> str:
    """Say how a pick stands to the event it is nearest to."""
    side = f"{abs(off_s):.2f} s {'late' if off_s > 0 else 'early'}"
    name = event.event.event_id
    if other_s is not None and abs(off_s) < 3 + abs(other_s):
        return f"event {name} has another {pick.phase} of this station, {abs(other_s):.2f} s off; this one comes {side}"
    if fell is not None:
        return fell
    return f"comes {side} for event {name}, the nearest in time"
