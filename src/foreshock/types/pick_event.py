"""Pick event: what a live picker says about one arrival as it learns more. Knows nothing of how it was found."""

from __future__ import annotations

from dataclasses import dataclass

from foreshock.errors import InputError
from foreshock.types.pick import Pick

KINDS = ("started", "updated", "ended", "withdrawn")


@dataclass(frozen=True, slots=True)
class PickEvent:
    """One of the things said about an arrival: first that there is one, then better times, last the final word.

    Attributes:
        kind: ``started``, ``updated``, and last ``ended`` where the arrival stands or ``withdrawn`` where it does not.
        pick: the arrival as it is known now; its `available_at_ns` is the time of the last sample that was needed.
        pick_id: the same for all that is said of one arrival, and of no other.

    >>> pick = Pick("XX.DEMO.", "P", time_ns=0, probability=0.9, sigma_s=0.1, available_at_ns=10**9)
    >>> print(PickEvent("started", pick, pick_id="XX.DEMO./P/0"))
    started  XX.DEMO.  P  1970-01-01T00:00:00.000000Z  ± 0.100 s  probability 0.90
    """

    kind: str
    pick: Pick
    pick_id: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"kind of pick event is {self.kind!r}", f"it must be one of {KINDS}", "use 'ended'")

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be said of this arrival."""
        return self.kind in ("ended", "withdrawn")

    @property
    def stands(self) -> bool:
        """Whether this is the final word of an arrival that was not withdrawn."""
        return self.kind == "ended"

    def __str__(self) -> str:
        return f"{self.kind}  {self.pick}"
