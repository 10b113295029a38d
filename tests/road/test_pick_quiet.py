"""Quiet recordings are cut to their span; what cannot be quiet is refused with the reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.collect.obspy_door import to_obspy
from foreshock.errors import InputError, NothingMatchedError
from foreshock.road.pick_quiet import quiet_recordings
from foreshock.types.waveform import Waveform

BEGIN_NS = 1_585_400_400 * NS_PER_S


def write(folder: Path, n_stations: int, *, shaken_s: float | None = 130.0, seconds: int = 600) -> None:
    for k in range(n_stations):
        data = np.random.default_rng(k).normal(0, 100, (3, seconds * 50))
        if shaken_s is not None:
            first = round((shaken_s + 0.5 * k) * 50)
            data[:, first : first + 200] *= 50
        wave = Waveform(np.rint(data), 50.0, BEGIN_NS, f"XX.S{k}.", ("HHZ", "HHN", "HHE"))
        to_obspy(wave).write(str(folder / f"{k}.mseed"), format="MSEED")


def test_the_minute_of_an_event_seen_by_three_is_not_quiet(tmp_path: Path) -> None:
    write(tmp_path, 3)
    found = quiet_recordings(tmp_path)
    minutes = [(minute - BEGIN_NS) // (60 * NS_PER_S) for minute in found.quiet.minutes]
    assert 2 not in minutes
    assert {4, 5, 6, 7, 8} <= set(minutes)
    assert len(found.everything().minutes) == found.quiet.n_minutes >= 9


def test_a_span_is_cut_out(tmp_path: Path) -> None:
    write(tmp_path, 3)
    found = quiet_recordings(tmp_path, first_ns=BEGIN_NS + 300 * NS_PER_S, last_ns=BEGIN_NS + 540 * NS_PER_S)
    assert found.quiet.n_minutes == 4
    assert all(wave.span_s == pytest.approx(240) for wave in found.waves)


def test_two_stations_a_wrong_span_or_an_event_a_minute_are_refused(tmp_path: Path) -> None:
    write(tmp_path, 2)
    with pytest.raises(InputError, match="2 stations"):
        quiet_recordings(tmp_path)
    with pytest.raises(NothingMatchedError, match="none is of that time"):
        quiet_recordings(tmp_path, first_ns=BEGIN_NS + 10**15)
    write(tmp_path, 3, shaken_s=60.0, seconds=130)
    with pytest.raises(NothingMatchedError, match="none of 2 minutes is quiet"):
        quiet_recordings(tmp_path)
