"""A calculated P gives way to an onset that two pickers share, and to nothing else."""

from __future__ import annotations

import numpy as np

from foreshock.clock import NS_PER_S
from foreshock.road.repick import repicked
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform


def record(onset_s: float | None, *, p_s: float) -> Record:
    n = 6000
    gain = np.ones(n) if onset_s is None else np.where(np.arange(n) < onset_s * 100, 1.0, 40.0)
    data = np.random.default_rng(2).standard_normal((3, n)) * gain
    truth = Truth("a", "e", p_ns=round(p_s * NS_PER_S), s_ns=50 * NS_PER_S)
    return Record(Waveform(data, 100.0, 0, "XX.R."), truth)


def test_p_moves_to_the_onset_and_the_unsure_s_goes() -> None:
    (done,) = repicked([record(30.0, p_s=29.2)])
    assert done.truth.p_ns is not None
    assert abs(done.truth.p_ns / NS_PER_S - 30.0) < 0.05
    assert done.truth.s_ns is None
    assert done.truth.p_status == "repicked"


def test_an_onset_far_from_the_calculated_time_or_none_at_all_is_left_out() -> None:
    assert list(repicked([record(40.0, p_s=30.0), record(None, p_s=30.0)])) == []
