"""Triggers equal ObsPy's and their own definition."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from obspy.signal.trigger import trigger_onset

from foreshock.predict.pick.triggers import triggers


@settings(deadline=None)
@given(seed=st.integers(0, 200), length=st.integers(1, 80))
def test_triggers_equal_obspys(seed: int, length: int) -> None:
    ratio = np.random.default_rng(seed).random(length) * 6
    ours = [(t.on, t.off - 1) for t in triggers(ratio, on=4.0, off=1.5)]
    theirs = [(int(a), int(b)) for a, b in np.asarray(trigger_onset(ratio, np.nextafter(4.0, 0), 1.5)).reshape(-1, 2)]
    assert ours == theirs


def test_a_span_that_never_reaches_the_upper_threshold_is_no_trigger() -> None:
    assert triggers(np.array([0, 2, 3, 2, 0.0]), on=4.0, off=1.5) == []
    assert triggers(np.array([]), on=4.0, off=1.5) == []


def test_a_span_open_at_either_end_counts() -> None:
    found = triggers(np.array([5.0, 3, 1, 3, 6]), on=4.0, off=1.5)
    assert [(t.on, t.off, t.height) for t in found] == [(0, 2, 5.0), (4, 5, 6.0)]
