"""Live revision: a network's first answers are told at once, its second ones settle them. Knows no waveforms.

Both answers are followed as rises. What the first one tells waits until the second one has passed the same frames:
where that rises too, it goes on under the first one's name and has the last word; where it does not, the pick is
withdrawn. What only the second one sees is told late. Everything goes frame by frame, so that it does not matter in how
many pieces they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from foreshock.predict.pick.live_rises import Rise, Said
from foreshock.types.arrays import AnyArray, Float64

TOGETHER_FRAMES = 12
"""A rise of the first answer and one of the second belong together if they are told this near to each other: half a
second."""

FIRST, SECOND = 0, 1


@dataclass(frozen=True, slots=True)
class Word:
    """Something to tell of an arrival: under which name, and whether the first or the second answer says it.

    What is withdrawn is withdrawn by the second answer, which has no height of its own there.
    """

    name: str
    said: Said
    answer: int


@dataclass(slots=True)
class Arrivals:
    """One phase of one station, followed on both answers.

    Attributes:
        first, second: the rises. revises: whether the second answer is asked.
        waiting: what was told of the first answer's rises that the second has not passed, by their numbers.
        name: of the second answer's rise, once it is told.
    """

    revises: bool = True
    first: Rise = field(default_factory=Rise)
    second: Rise = field(default_factory=Rise)
    waiting: dict[int, Said] = field(default_factory=dict)
    name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether frames must be followed even where they are low."""
        return self.first.is_open or self.second.is_open or bool(self.waiting)

    def follow(
        self, curves: Float64, firsts: tuple[int, int], *, on: tuple[float, float], grows: float
    ) -> Iterator[Word]:
        """Take the next frames of both answers, (answer, frame), and give what is to be told.

        Arguments:
            firsts: the number of the first frame of each. on: the upper threshold of each. grows: see `Rise.follow`.
        """
        for k in range(curves.shape[1]):
            frames = [curves[answer, k : k + 1] for answer in (FIRST, SECOND)]
            yield from self._early(self.first.follow(frames[FIRST], firsts[FIRST] + k, on=on[FIRST], grows=grows))
            if self.revises:
                now = firsts[SECOND] + k
                yield from self._late(self.second.follow(frames[SECOND], now, on=on[SECOND], grows=grows))
                yield from self._given_up(now)

    def close(self, ats: tuple[int, int], *, on: tuple[float, float]) -> Iterator[Word]:
        """End what is open; what the second answer never rose for is withdrawn."""
        yield from self._early(self.first.close(ats[FIRST], on=on[FIRST]))
        if not self.revises:
            return
        yield from self._late(self.second.close(ats[SECOND], on=on[SECOND]))
        yield from self._given_up(ats[SECOND] + TOGETHER_FRAMES + 1, all_of_them=True)

    def _early(self, says: Iterator[Said]) -> Iterator[Word]:
        for said in says:
            if not self.revises:
                yield Word(str(said.number), said, FIRST)
            elif said.kind == "started" or said.number in self.waiting:
                self.waiting[said.number] = said
                yield Word(str(said.number), replace(said, kind="started" if said.kind == "started" else "updated"), 0)

    def _late(self, says: Iterator[Said]) -> Iterator[Word]:
        for said in says:
            kind = said.kind
            if kind == "started":
                known = self._same(said)
                kind = "started" if known is None else "updated"
                self.name = f"{said.number}-2" if known is None else str(known)
            yield Word(self.name, replace(said, kind=kind), SECOND)

    def _same(self, said: Said) -> int | None:
        """The waiting rise that the second answer's goes on with, which then waits no longer."""
        near = [number for number in self.waiting if self._since(said) <= number <= said.at + TOGETHER_FRAMES]
        if not near:
            return None
        found = min(near, key=lambda number: (abs(number - said.number), number))
        del self.waiting[found]
        return found

    def _since(self, said: Said) -> int:
        return min(self.second.first, said.number) - TOGETHER_FRAMES

    def _given_up(self, now: int, *, all_of_them: bool = False) -> Iterator[Word]:
        """Withdraw what the second answer has passed, unless it is just rising."""
        if not self.waiting or (self.second.first >= 0 and self.second.told < 0 and not all_of_them):
            return
        for number in [number for number in self.waiting if all_of_them or number + TOGETHER_FRAMES < now]:
            said = self.waiting.pop(number)
            yield Word(str(number), replace(said, kind="withdrawn", at=now), SECOND)

    def state(self) -> dict[str, AnyArray]:
        """What must be kept to go on later."""
        parts = {"first": self.first.state(), "second": self.second.state()}
        kept: dict[str, AnyArray] = {
            f"{part}.{key}": value for part, held in parts.items() for key, value in held.items()
        }
        rows = [[said.number, said.at, said.frame, said.height, said.width] for said in self.waiting.values()]
        return kept | {"waiting": np.array(rows, np.float64).reshape(-1, 5), "name": np.array(self.name)}

    @classmethod
    def restored(cls, state: Mapping[str, AnyArray], *, revises: bool) -> Arrivals:
        """Arrivals that go on from a saved state."""
        first, second = (
            Rise.restored({key: state[f"{part}.{key}"] for key in ("numbers", "heights")})
            for part in ("first", "second")
        )
        says = [
            Said("updated", int(number), int(at), float(frame), float(height), float(width))
            for number, at, frame, height, width in np.asarray(state["waiting"])
        ]
        return cls(revises, first, second, {said.number: said for said in says}, str(state["name"]))
