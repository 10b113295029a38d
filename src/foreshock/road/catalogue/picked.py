"""Picked: the first stage, an archive's picks, unit by unit, on as many workers as are given. Knows no earthquakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from foreshock.collect.archive import Unit, survey
from foreshock.collect.stations import station_files
from foreshock.errors import NothingMatchedError
from foreshock.outputs import sayable
from foreshock.road.catalogue.hearing import How, around_ns, hear_all
from foreshock.road.catalogue.manifest import Heard, Manifest, Pairs
from foreshock.road.catalogue.plan import Plan, plan_of, unit_bytes
from foreshock.road.catalogue.progress import Progress, Tell
from foreshock.road.catalogue.workers import Crew, Lost, done
from foreshock.road.pickers import Picker
from foreshock.road.recordings import sha256_of, why

Task = tuple[tuple[int, Unit], ...]

MOST_TOGETHER = 24
"""Units that share their files are one task, up to so many."""


def surveyed(
    archive: Path | Sequence[Path],
    how: How,
    picker: Picker,
    *,
    crew: Crew,
    folder: Path,
    skipped: Pairs = (),
) -> Manifest:
    """Go on with what lies in a folder, or look through the archive and write down what is to be done.

    Arguments:
        skipped: what was left out of the archive before, with the reasons.

    Raises:
        NotFoundError: there is no archive. NothingMatchedError: it holds no recording.
        StateError: what lies there is of another run.
    """
    paths = tuple(path.resolve() for path in ([archive] if isinstance(archive, Path) else archive))
    whole = paths[0] if len(paths) == 1 else paths
    told = {
        "archive": sayable(named(whole)),
        "stations": sayable(how.stations),
        "picker": picker.name,
        "model": sayable(how.model),
        "content of the model": _content(how.model),
        "content of the stations": _content(how.stations),
        "min_probability": repr(how.min_probability),
    }
    known = Manifest.found(folder, told)
    if known is not None:
        return known
    stations = Path(how.stations) if how.stations else None
    most = unit_bytes(crew.memory_mb)
    found = survey(whole, stations=stations, around_ns=max(around_ns(picker)), most_bytes=most)
    if not found.units:
        raise NothingMatchedError(
            f"archive {named(whole)}",
            f"it holds no recording ({why(found.skipped)})",
            "look with: foreshock collect check",
        )
    return Manifest.begun(folder, told, found.units, (*skipped, *found.skipped))


def named(archive: Path | Sequence[Path]) -> str:
    """What an archive is called: its path, or how many there are, the first, and a digest of all.

    >>> named(Path("a")), named([Path("a"), Path("b")])
    ('a', '2 paths (a …, 7e18f737)')
    """
    if isinstance(archive, Path):
        return str(archive)
    digest = sha256("\n".join(map(str, archive)).encode("utf-8", "surrogateescape")).hexdigest()
    return f"{len(archive)} paths ({archive[0]} …, {digest[:8]})"


def _content(named: str) -> str:
    """A digest of the files that a path means, or the version whose member a name is."""
    path = Path(named)
    if not named or not path.exists():
        return f"foreshock {version('foreshock')}" if named else ""
    files = station_files(path) if path.is_dir() else [path]
    return sha256(" ".join(sha256_of(file) for file in files).encode()).hexdigest()


def planned(manifest: Manifest, picker: Picker, *, crew: Crew) -> Plan | None:
    """What is left to do; None where all is done."""
    units = [unit for _, unit in manifest.open_units()]
    return plan_of(units, picker, workers=crew.workers) if units else None


def pick_all(manifest: Manifest, how: How, *, crew: Crew, tell: Tell) -> None:
    """Hear every unit that is not done.

    A unit whose process dies twice, the second time alone, is left out with the reason.

    Raises:
        NetworkError: the cluster does not answer. OutputError: the disk is full. BundleError: the network fails.
    """
    units = manifest.open_units()
    progress = Progress(len(units), "picked {} of {} units", tell)
    for answer in done(_tasks(units), partial(hear_all, how=how), crew, parts=_one_by_one):
        heard = _of_lost(answer) if isinstance(answer, Lost) else answer[1]
        for number, found in heard:
            manifest.done(number, found)
        progress.more(len(heard))


def _one_by_one(task: Task) -> list[Task]:
    return [(one,) for one in task]


def _of_lost(lost: Lost[Task]) -> list[tuple[int, Heard]]:
    return [
        (number, Heard(skipped=((unit.name, f"{lost.reason} twice while it was heard"),))) for number, unit in lost.task
    ]


def _tasks(units: Iterable[tuple[int, Unit]]) -> list[Task]:
    """Neighbours that lie in the same files together, the others alone."""
    tasks: list[Task] = []
    for _, group in groupby(units, key=lambda one: one[1].files):
        held = list(group)
        tasks += [tuple(held[k : k + MOST_TOGETHER]) for k in range(0, len(held), MOST_TOGETHER)]
    return tasks
