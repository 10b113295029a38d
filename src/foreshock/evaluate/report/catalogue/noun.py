"""What a page about a catalogue is made of. Knows nothing of how it is drawn or written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from foreshock.evaluate.report.style import Look, drawable
from foreshock.types.arrays import Float64
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

Pairs = Sequence[tuple[str, str]]
Moments = Sequence[tuple[str, int]]
"""Phases and when they come, UTC nanoseconds."""


@dataclass(frozen=True, eq=False)
class Sketch:
    """A picture that can be drawn, or, without `draw`, the sentence that stands in its place.

    Attributes:
        name: of a file. section: where on the page. caption: what it shows, and of how many.
    """

    name: str
    section: str
    caption: str
    draw: Callable[[Look], Figure] | None = None


@dataclass(frozen=True, eq=False)
class Trace:
    """One station's recording of an earthquake, with what was picked and what a travel-time model says."""

    wave: Waveform
    distance_km: float
    picked: Moments = ()
    predicted: Moments = ()


@dataclass(frozen=True, eq=False)
class Heard:
    """What a picker thought along one recording.

    Attributes:
        curves: probability of each phase, (frame,). start_ns, rate_hz: of the frames.
    """

    wave: Waveform
    curves: Mapping[str, Float64]
    start_ns: int
    rate_hz: float
    picked: Moments = ()


@dataclass(frozen=True, eq=False)
class Seen:
    """Recordings of one earthquake. `name`: what it is called on the page."""

    name: str
    origin_ns: int
    traces: Sequence[Trace]
    heard: Sequence[Heard] = ()


@dataclass(frozen=True, eq=False)
class CatalogueReport:
    """What one page is about.

    Attributes:
        title: heading of the page. stations: by ``NET.STA.LOC``. heard_s: seconds of recordings of each.
        done: what was done and with what, (name, value). skipped, notes: (item, sentence).
        seen: earthquakes whose recordings are shown. pictures: whether any is drawn.
    """

    title: str
    solutions: Sequence[Solution] = ()
    picks: Sequence[Pick] = ()
    stations: Mapping[str, Station] = field(default_factory=dict)
    heard_s: Mapping[str, float] = field(default_factory=dict)
    done: Pairs = ()
    skipped: Pairs = ()
    notes: Pairs = ()
    seen: Sequence[Seen] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    pictures: bool = True


def station_names(stations: Iterable[str]) -> list[str]:
    """How stations are written in pictures: ``CI.CCC`` for ``CI.CCC.``, and what no font can draw by its number.

    >>> station_names(["CI.CCC.", "XX.A.00"])
    ['CI.CCC', 'XX.A.00']
    """
    held = list(stations)
    written = drawable((name.rstrip(".") for name in held), word="station")
    return [written[name.rstrip(".")] for name in held]


def counted(n: int, one: str, *, many: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "earthquake"), counted(1200, "pick")
    ('1 earthquake', '1,200 picks')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"
