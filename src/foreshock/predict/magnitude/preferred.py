"""Preferred: which of an earthquake's magnitudes it goes by. Knows no amplitudes.

A Wood-Anderson seismograph writes waves of about a second. A large earthquake radiates ever more of its energy below
that, so that ML grows too slowly from about 6 on and hardly at all beyond 7 (Hanks & Kanamori 1979, J. Geophys. Res.
84, 2348-2350, doi:10.1029/JB084iB05p02348). Mw does not saturate, but a small earthquake's spectrum is lost in noise.
"""

from __future__ import annotations

from collections.abc import Sequence

from foreshock.types.solution import Magnitude

SATURATED = 6.0


def preferred_first(sizes: Sequence[Magnitude], *, saturated: float = SATURATED) -> tuple[Magnitude, ...]:
    """Magnitudes in the order given, but Mw before ML where either of them reaches `saturated`.

    Whichever comes first of those that there are is the one an earthquake goes by.

    >>> sizes = [Magnitude("ML", 5.8, 0.1, 9, ""), Magnitude("Mw", 6.1, 0.1, 9, "")]
    >>> [size.kind for size in preferred_first(sizes)], [size.kind for size in preferred_first(sizes, saturated=6.5)]
    (['Mw', 'ML'], ['ML', 'Mw'])
    """
    kinds = [size.kind for size in sizes]
    if "ML" not in kinds or "Mw" not in kinds or kinds.index("Mw") < kinds.index("ML"):
        return tuple(sizes)
    moment = sizes[kinds.index("Mw")]
    if max(moment.value, sizes[kinds.index("ML")].value) < saturated:
        return tuple(sizes)
    rest = [size for size in sizes if size is not moment]
    rest.insert(kinds.index("ML"), moment)
    return tuple(rest)
