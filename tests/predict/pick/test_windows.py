"""A labeller from elsewhere is asked over windows; its picks are peaks over the threshold of its card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from foreshock.bundle import shipped
from foreshock.errors import BundleError, ConfigError
from foreshock.predict import specimen
from foreshock.predict.pick.window_blocks import Block, blocks
from foreshock.predict.pick.windows import WindowPicker, WindowPickerSettings
from foreshock.types.waveform import Waveform

RATE_HZ = 20.0


def spikes(n: int = 400, *, p: int = 150, s: int = 180, components: str = "ZNE", **changes: Any) -> Waveform:
    """Silence, a spike on Z and one on N: what the hand-made labeller calls P and S, of probability 0.8."""
    data = np.zeros((len(components), n), np.float32)
    data[0, p], data[0, p + 5] = 10.0, -12.5
    if len(components) > 1:
        data[1, s], data[1, s + 5] = 5.0, -6.25
    return Waveform(data, RATE_HZ, 0, "XX.A.", components=components, **changes)


def picker(batch: int = 8, **told: Any) -> WindowPicker:
    return WindowPicker(specimen.labeller(**told), WindowPickerSettings(batch=batch))


def test_picks_stand_at_the_peaks_with_their_heights() -> None:
    p, s = picker().pick(spikes()).picks
    assert (p.phase, p.time_ns, s.phase, s.time_ns) == ("P", 150 * 50_000_000, "S", 180 * 50_000_000)
    assert p.probability == pytest.approx(0.8, abs=0.01)
    assert p.time_ns <= p.available_at_ns <= (150 + 1 + 100) * 50_000_000
    assert p.trace_id == "XX.A."


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_answers_do_not_depend_on_how_many_windows_run_at_once(batch: int) -> None:
    rng = np.random.default_rng(0)
    valid = np.ones((3, 5000), bool)
    valid[:, 1000:1200] = valid[1, 3000:3100] = False
    wave = Waveform(rng.standard_normal((3, 5000)), RATE_HZ, 0, "XX.A.", valid=valid)
    few, many = list(picker(batch).curves(wave)), list(picker().curves(wave))
    assert len(few) == len(many) == 2
    for one, other in zip(few, many, strict=True):
        assert one.block.start_ns == other.block.start_ns
        assert np.array_equal(one.probability, other.probability)
    assert picker(batch).pick(wave) == picker().pick(wave)


@pytest.mark.parametrize("stacking", ["avg", "max"])
def test_curves_equal_a_plain_loop_over_windows(stacking: str) -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 777))
    told = {"stacking": stacking, "blinded_samples": (7, 5), "overlap_samples": 60}
    (curves,) = picker(**told).curves(Waveform(x, RATE_HZ, 0, "XX.A."), classes=("P", "S", "N"))
    table = []
    for first in [*range(0, 678, 40), 677]:
        part = x[:, first : first + 100]
        part = part - part.mean(-1, keepdims=True)
        row = np.full((3, 777), np.nan)
        row[:, first + 7 : first + 95] = np.clip(part / np.abs(part).max(-1, keepdims=True), 0, 1)[:, 7:95]
        table.append(row)
    inner = np.array(table)[..., 7:-5]
    want = np.nanmean(inner, 0) if stacking == "avg" else np.nanmax(inner, 0)
    assert np.allclose(curves.probability[:, 7:-5], want, atol=1e-6)
    assert np.isnan(curves.probability[:, :7]).all()
    assert np.isnan(curves.probability[:, -5:]).all()


def test_the_last_window_ends_with_the_record() -> None:
    (found,) = picker().pick(spikes(437, p=430, components="Z")).picks
    assert found.time_ns == 430 * 50_000_000


def test_a_missing_component_is_silent_and_the_others_still_speak() -> None:
    assert [pick.phase for pick in picker().pick(spikes(components="Z")).picks] == ["P"]
    assert [pick.phase for pick in picker().pick(spikes(components="Z1")).picks] == ["P", "S"]


def test_thresholds_come_from_the_card_and_can_be_told() -> None:
    wave = spikes()
    assert not picker(onsets={"P": 0.9, "S": 0.9}).pick(wave).picks
    bundle = specimen.labeller(onsets={"P": 0.9, "S": 0.9})
    told = WindowPicker(bundle, WindowPickerSettings(p_threshold=0.5))
    assert [pick.phase for pick in told.pick(wave).picks] == ["P"]


def test_a_peak_as_high_as_the_threshold_is_no_pick() -> None:
    wave = spikes(components="Z")
    (height,) = [pick.probability for pick in picker().pick(wave).picks]
    assert not WindowPicker(specimen.labeller(), WindowPickerSettings(p_threshold=height)).pick(wave).picks
    less = float(np.nextafter(np.float32(height), np.float32(0)))
    assert WindowPicker(specimen.labeller(), WindowPickerSettings(p_threshold=less)).pick(wave).picks


def test_detections_are_spans_with_their_height() -> None:
    held = picker(classes="PSD", detection="D", onsets={"P": 0.5, "S": 0.5})
    data = np.zeros((3, 400), np.float32)
    data[2, 200:210] = 3.0
    (found,) = held.detections(Waveform(data, RATE_HZ, 0, "XX.A."))
    assert (found.first_ns, found.last_ns) == (200 * 50_000_000, 209 * 50_000_000)
    assert 0.8 < found.probability <= 1
    assert picker().detections(spikes()) == []


@pytest.mark.parametrize(
    ("wave", "said"),
    [
        (spikes(components="RT"), "none of the components RT is one of ZNE"),
        (spikes(90, p=5, s=6), "its longest unbroken stretch has 4.50 s: windows have 5.00 s"),
        (spikes(valid=np.zeros((3, 400), bool)), "every sample is masked"),
        (Waveform(np.zeros((3, 400)), RATE_HZ, 0, "XX.A."), "P reached 0.00 of 0.50 at 1970-01-01T00:00:00"),
    ],
)
def test_where_there_is_no_pick_the_reason_is_told(wave: Waveform, said: str) -> None:
    result = picker().pick(wave)
    assert result.picks == ()
    assert said in result.reason


def test_another_overlap_can_be_told_but_not_one_as_long_as_the_window() -> None:
    dense = WindowPicker(specimen.labeller(), WindowPickerSettings(overlap_samples=90))
    assert [pick.phase for pick in dense.pick(spikes()).picks] == ["P", "S"]
    with pytest.raises(ConfigError, match="windows of 100 samples overlap by 100"):
        WindowPicker(specimen.labeller(), WindowPickerSettings(overlap_samples=100))


def test_a_bundle_that_picks_otherwise_is_refused() -> None:
    with pytest.raises(BundleError, match="does not say how windows are asked"):
        WindowPicker(shipped("picker"))


def test_no_more_blocks_are_held_than_windows_run_at_once() -> None:
    valid = np.ones((3, 60_000), bool)
    valid[:, ::150] = False
    wave = Waveform(np.ones((3, 60_000)), RATE_HZ, 0, "XX.A.", valid=valid)
    held = picker(batch=8)
    drawn = 0

    def counted() -> Iterator[Block]:
        nonlocal drawn
        for block in blocks(wave, order="ZNE", rate_hz=RATE_HZ, filters=(), zerophase=True, shortest=100):
            drawn += 1
            yield block

    begins = []
    for given, curves in enumerate(held._answered(counted(), ("P",))):
        assert drawn - given <= 8
        begins.append(curves.block.start_ns)
    assert len(begins) == 400
    assert begins == sorted(begins)
