"""Recordings are drawn with their arrivals, however short, masked or silent they are."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.evaluate.report.catalogue.noun import Heard, Seen, Trace
from foreshock.evaluate.report.catalogue.waves import probabilities, record_section
from foreshock.evaluate.report.style import LIGHT, png
from foreshock.types.waveform import Waveform

ORIGIN_NS = utc_ns("2021-06-01T00:00:00Z")


def wave(name: str = "XX.A.", *, n: int = 12_000, rate_hz: float = 100.0, components: str = "ZNE") -> Waveform:
    data = np.random.default_rng(7).normal(0, 1, (len(components), n)) + 1e6
    return Waveform(data, rate_hz, ORIGIN_NS - 60 * NS_PER_S, name, components=components)


def test_a_section_marks_picks_and_predictions_at_their_times() -> None:
    times = (("P", ORIGIN_NS + 4 * NS_PER_S), ("S", ORIGIN_NS + 7 * NS_PER_S))
    traces = [Trace(wave("XX.B."), 40.0, times[:1], times), Trace(wave("XX.A."), 20.0, times, times)]
    sketch = record_section(Seen("ML 3.0", ORIGIN_NS, traces))
    assert "2 stations in order of distance" in sketch.caption
    assert "3 picks (lines) and 4 predicted arrivals (triangles)" in sketch.caption
    assert sketch.draw is not None
    axes = sketch.draw(LIGHT).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["XX.A  20 km", "XX.B  40 km"]
    marked = sorted(float(line.get_segments()[0][0][0]) for line in axes.collections)  # type: ignore[attr-defined]
    assert marked == pytest.approx([4.0, 4.0, 7.0])
    low, high = axes.get_xlim()
    assert low <= 0
    assert high >= 17


@pytest.mark.parametrize("rate_hz", [1.0, 2.5, 100.0, 5000.0])
def test_recordings_of_any_rate_and_of_gaps_can_be_drawn(rate_hz: float) -> None:
    held = wave(rate_hz=rate_hz)
    valid = np.ones(held.data.shape, bool)
    valid[:, 3000:9000] = False
    gappy = Waveform(held.data, rate_hz, held.start_ns, "XX.$.", components="ZNE", valid=valid)
    silent = Waveform(np.zeros((1, 500)), rate_hz, ORIGIN_NS, "XX.C.", components="Z")
    gone = Waveform(np.zeros((3, 500)), rate_hz, ORIGIN_NS, "XX.D.", valid=np.zeros((3, 500), bool))
    short = wave(n=1, rate_hz=rate_hz)
    sketch = record_section(Seen("x", ORIGIN_NS, [Trace(one, 1.0) for one in (gappy, silent, gone, short)]))
    assert sketch.draw is not None
    assert png(sketch.draw, LIGHT).startswith(b"\x89PNG")


def test_an_onset_is_not_moved_ahead_by_the_filter() -> None:
    data = np.zeros((1, 4000))
    data[0, 2000:] = np.sin(np.arange(2000) * 0.3) * 100
    step = Waveform(data, 100.0, ORIGIN_NS, "XX.A.", components="Z")
    sketch = record_section(Seen("x", ORIGIN_NS, [Trace(step, 1.0, (("P", ORIGIN_NS + 20 * NS_PER_S),))]))
    assert sketch.draw is not None
    line = sketch.draw(LIGHT).axes[0].lines[0]
    times, values = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    assert np.abs(values[times < 19.99]).max() < 1e-6
    assert np.abs(values[times > 20.1]).max() == pytest.approx(0.42, rel=0.01)


def test_a_later_larger_earthquake_does_not_hide_one() -> None:
    data = np.zeros((1, 6000))
    data[0, 2000:2300] = np.sin(np.arange(300) * 0.3)
    data[0, 4000:] = 1e4 * np.sin(np.arange(2000) * 0.3)
    both = Waveform(data, 100.0, ORIGIN_NS, "XX.A.", components="Z")
    late = Trace(Waveform(data, 100.0, ORIGIN_NS, "XX.B.", components="Z"), 9.0, (("P", ORIGIN_NS + 45 * NS_PER_S),))
    sketch = record_section(Seen("x", ORIGIN_NS, [Trace(both, 1.0, (("P", ORIGIN_NS + 20 * NS_PER_S),)), late]))
    assert sketch.draw is not None
    line = sketch.draw(LIGHT).axes[0].lines[0]
    times, values = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    early = np.abs(values[(times > 20) & (times < 23)]).max()
    assert early == pytest.approx(0.42, rel=0.01)
    assert np.abs(values).max() == pytest.approx(0.42 * 1.15, rel=0.01)


def test_curves_stand_below_their_recording() -> None:
    curve = np.linspace(0, 1, 3000)
    heard = Heard(wave(), {"P": curve, "S": curve[::-1]}, ORIGIN_NS - 60 * NS_PER_S, 25.0, (("P", ORIGIN_NS),))
    sketch = probabilities(heard, title="<ML> 3")
    assert "3,000 values each" in sketch.caption
    assert sketch.draw is not None
    assert png(sketch.draw, LIGHT)
    line = sketch.draw(LIGHT).axes[1].lines[0]
    assert np.asarray(line.get_xdata(), float)[-1] == pytest.approx(2999 / 25)


def test_nothing_read_is_told() -> None:
    assert "no recording was read again" in record_section(Seen("ML 3.0", ORIGIN_NS, [])).caption
    assert probabilities(Heard(wave(n=0), {}, 0, 1.0), title="x").draw is None
