"""Quiet recordings for pickers: continuous data, the minutes of it that hold no local event, and picks on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from foreshock.collect.files import FileSource
from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.quiet import MINUTE_NS, Quiet, quiet_minutes
from foreshock.predict.pick.sta_lta_aic import StaLtaAic
from foreshock.predict.pick.triggers import triggers
from foreshock.road.recordings import why
from foreshock.types.waveform import Waveform

ON, OFF = 3.0, 1.5
"""Thresholds of the energy ratio whose coincidences make a minute unquiet: lower than those a pick needs."""


@dataclass(frozen=True, eq=False)
class QuietRecordings:
    """Continuous recordings, and what is quiet of them between two times."""

    waves: tuple[Waveform, ...]
    quiet: Quiet
    first_ns: int
    last_ns: int

    def everything(self) -> Quiet:
        """All whole minutes, quiet or not."""
        first_ns = -(-self.first_ns // MINUTE_NS) * MINUTE_NS
        return replace(self.quiet, minutes=tuple(first_ns + k * MINUTE_NS for k in range(self.quiet.n_minutes)))


def quiet_recordings(path: Path, *, first_ns: int | None = None, last_ns: int | None = None) -> QuietRecordings:
    """Read continuous recordings of three stations or more, cut them to a span, and find their quiet minutes.

    A minute is quiet by `evaluate.quiet`, with STA/LTA of 0.5 s and 10 s on 1–20 Hz of the vertical above `ON`. Only
    minutes that all stations recorded count.

    Raises:
        NothingMatchedError: nothing was recorded then, or there is no quiet minute.
        InputError: there are fewer than three stations.
    """
    source = FileSource(path)
    cut = [_cut(record.waveform, first_ns, last_ns) for record in source.records()]
    waves = tuple(wave for wave in cut if wave.n_samples)
    if not waves:
        raise NothingMatchedError(f"recordings {path}", f"none is of that time ({why(source.skipped)})", "correct it")
    if len({wave.station_id for wave in waves}) < len(waves):
        raise InputError(f"recordings {path}", "each station must have one unbroken run", "give a span without a gap")
    begin = max(wave.time_ns(-1) for wave in waves)  # a first sample just after the full minute does not lose it
    end = min(wave.time_ns(wave.n_samples + 1) for wave in waves)
    found = quiet_minutes({wave.station_id: _triggers(wave) for wave in waves}, first_ns=begin, last_ns=end)
    if not found.minutes:
        raise NothingMatchedError(
            f"recordings {path}", f"none of {found.n_minutes} minutes is quiet", "give a longer span"
        )
    return QuietRecordings(waves, found, begin, end)


def _cut(wave: Waveform, first_ns: int | None, last_ns: int | None) -> Waveform:
    first = 0 if first_ns is None else round(wave.sample_at(first_ns))
    last = wave.n_samples if last_ns is None else round(wave.sample_at(last_ns))
    return wave.cut(min(first, wave.n_samples), max(0, last))


def _triggers(wave: Waveform) -> list[int]:
    found = triggers(StaLtaAic().ratio(wave), on=ON, off=OFF)
    return [wave.time_ns(one.on) for one in found]
