"""Windows lie where their task wants them, whatever the record's length, rate and arrival."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S
from foreshock.prepare.placing import EARTHQUAKE, NOISE, P_MARGIN_S, P_MARGIN_UNKNOWN_S, Placing, drawn
from foreshock.prepare.preparation import Preparation
from foreshock.types.record import Truth
from foreshock.types.waveform import Waveform

RATE_HZ = 50.0
PLAN = Preparation(rate_hz=RATE_HZ, window_samples=500)


def placed(p_s: float, span_s: float, *, status: str = "manual", name: str = "t", kind: str = EARTHQUAKE) -> list:
    wave = Waveform(np.zeros((1, round(span_s * 100))), 100.0, 0, "XX.A.", components="Z")
    truth = Truth(name, "e", kind, p_ns=round(p_s * NS_PER_S), p_status=status)
    return Placing(PLAN, "detect", 0).windows(truth, wave, round(span_s * RATE_HZ))


@given(
    p_s=st.integers(0, 120_000).map(lambda ms: ms / 1000),
    after_s=st.floats(0.1, 120),
    status=st.sampled_from(["manual", "automatic", "calculated", "?"]),
    name=st.text(max_size=5),
)
def test_p_lies_in_its_part_and_noise_ends_before_the_earliest_p(
    p_s: float, after_s: float, status: str, name: str
) -> None:
    n = round((p_s + after_s) * RATE_HZ)
    quake, *quiet = placed(p_s, p_s + after_s, status=status, name=name)
    assert 49 <= quake.p - quake.start <= 301
    if p_s >= 10 and after_s >= 9.5:
        assert quake.start >= 0
        assert quake.start + 500 <= n + 1
    margin_s = P_MARGIN_S.get(status, P_MARGIN_UNKNOWN_S)
    assert len(quiet) == (int((p_s - margin_s) * RATE_HZ + 1e-9) - 500 - 50 >= 0)
    for window in quiet:
        assert window.start >= 50
        assert window.start + 500 <= (p_s - margin_s) * RATE_HZ + 1e-9
        assert window.suffix == f"/{NOISE}"


@pytest.mark.parametrize("span_s", [0.01, 3.0, 10.0, 10.5, 60.0])
def test_noise_is_cut_inside_the_record_when_it_is_long_enough(span_s: float) -> None:
    [window] = placed(0.0, span_s, kind=NOISE)
    assert 0 <= window.start <= max(0, span_s * RATE_HZ - 500)


def test_draws_are_uniform_and_differ_between_purposes() -> None:
    values = np.array([[drawn(3, f"trace {k}", what) for what in (NOISE, EARTHQUAKE)] for k in range(4000)])
    assert np.histogram(values[:, 0], bins=8, range=(0, 1))[0].min() > 420
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.06


def test_a_draw_is_the_same_on_every_machine() -> None:
    assert drawn(0, "trace", "noise") == 0.7998291377288075
    assert drawn(0, "a", "b") != drawn(0, "ab", "")
