"""Picking: a picker asked about waveforms, streams, files, folders and data sets. Knows no particular picker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from foreshock.collect.assemble import Reading, describe_id
from foreshock.collect.obspy_door import reading_from_obspy
from foreshock.errors import InputError, NothingMatchedError
from foreshock.road.finding import Found, find, find_on
from foreshock.road.pickers import AnyPicker, Picker, picker_of
from foreshock.road.recordings import is_dataset, notes_of, source_of, station_file, why
from foreshock.types.pick import Picks
from foreshock.types.record import Record
from foreshock.types.waveform import Waveform


def pick(wave: Any, model: AnyPicker = None) -> Picks:
    """Find P and S on a waveform, a list of waveforms or an ObsPy stream.

    Args:
        wave: a `Waveform`, several, or an ``obspy.Stream``. Those of one instrument that follow each other are joined.
        model: a picker, its name, or a bundle; by default the network that ships; ``sta_lta_aic`` has learnt nothing.

    Returns:
        Picks in order of station and time, each with `.trace_id` (``NET.STA.LOC``), `.phase`, `.time`, `.sigma_s` and
        `.probability`; `.reasons` tells of every recording without a pick, `.picker` who was asked.

    Raises:
        InputError: it is nothing of the kind, or holds nothing that can be used.
        ConfigError: there is no such picker.

    >>> import foreshock as fs
    >>> [pick.phase for pick in fs.pick(fs.example_waveform())]
    ['P', 'S']
    """
    asked = picker_of(model)
    reading = _reading(wave)
    if not reading.waveforms:
        raise InputError("recording", why(reading.skipped), "give waveforms with samples")
    found = list(find(sorted(reading.waveforms, key=lambda one: one.start_ns), asked))
    return _gathered(found, asked, skipped=reading.skipped, notes=reading.notes)


def pick_path(
    path: Path, model: AnyPicker = None, *, stations: Path | None = None, min_probability: float = 0.0
) -> Picks:
    """Find P and S on what lies at a path: a file, a folder or a data set.

    A record of a data set is a recording of its own and gives its picks its name; files that follow each other are
    joined. Picks below `min_probability` are left out.

    Raises:
        NotFoundError: there is no such path.
        NothingMatchedError: nothing there can be asked.
        ConfigError: there is no such picker, or the probability is not in 0..1.
    """
    asked = picker_of(model)
    if not 0 <= min_probability <= 1:
        raise InputError(f"probability {min_probability:g}", "it must lie in 0..1", "use 0.5")
    source = source_of(path, stations=None if is_dataset(path) else station_file(path, stations))
    notes: list[tuple[str, str]] = []
    if is_dataset(path):
        found = [find_on(record, asked) for record in source.records()]
    else:
        heard = _Heard(source.records())
        found = list(find(heard, asked))
        notes = heard.notes()
    if not found:
        raise NothingMatchedError(
            str(path), f"no recording could be used ({why(source.skipped)})", "look with: foreshock collect check"
        )
    kept = [_above(one, min_probability) for one in found]
    return _gathered(kept, asked, skipped=source.skipped, notes=[*notes_of(source), *notes])


def _above(found: Found, min_probability: float) -> Found:
    kept = tuple(pick for pick in found.picks if pick.probability >= min_probability)
    if kept or not found.picks:
        return replace(found, picks=kept)
    best = max(pick.probability for pick in found.picks)
    reason = f"no pick reached the probability {min_probability:g}; the best had {best:.3f}"
    return Found(found.name, (), reason)


def _gathered(
    found: Sequence[Found],
    picker: Picker,
    *,
    skipped: Iterable[tuple[str, str]] = (),
    notes: Iterable[tuple[str, str]] = (),
) -> Picks:
    picks = [pick for one in found for pick in one.picks]
    notes = [*notes, *_strange(found)]
    reasons = [(one.name, one.reason) for one in found if not one.picks]
    return Picks(picks, picker=picker.name, reasons=reasons, skipped=skipped, notes=notes)


def _strange(found: Sequence[Found]) -> Iterator[tuple[str, str]]:
    """Say where most picks lie outside what the picker has learnt from."""
    for one in found:
        outside = sum(pick.novelty > 1 for pick in one.picks)
        if 2 * outside > len(one.picks):
            yield (
                one.name,
                f"{outside} of {len(one.picks)} picks are unlike all that the picker has learnt from; "
                "their probabilities and times are widened",
            )


def _reading(wave: Any) -> Reading:
    if isinstance(wave, Waveform):
        return Reading([wave])
    if hasattr(wave, "stats"):
        return reading_from_obspy([wave])
    if isinstance(wave, str | bytes | Path) or not isinstance(wave, Iterable):
        raise InputError(
            f"{type(wave).__name__} {str(wave)[:60]!r}",
            "picks are sought on a Waveform, a list of them or an ObsPy Stream",
            "read files with foreshock.read",
        )
    held = list(wave)
    if all(isinstance(one, Waveform) for one in held):
        return Reading(held)
    strange = next((one for one in held if not hasattr(one, "stats")), None)
    if strange is not None:
        raise InputError(
            f"list with a {type(strange).__name__}",
            "picks are sought on waveforms or on traces of ObsPy",
            "give one kind",
        )
    return reading_from_obspy(held)


class _Heard:
    """Waveforms on their way to the picker, whose instruments are remembered."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self._instruments: list[tuple[str, str]] = []

    def __iter__(self) -> Iterator[Waveform]:
        for record in self._records:
            self._instruments.append((record.waveform.station_id, describe_id(record.waveform)))
            yield record.waveform

    def notes(self) -> list[tuple[str, str]]:
        """Say where picks of several instruments bear one name."""
        several = []
        for station, held in groupby(sorted(set(self._instruments)), key=lambda pair: pair[0]):
            names = [name for _, name in held]
            if len(names) > 1:
                several.append((station, f"picks of {' and '.join(names)} bear the same name"))
        return several
