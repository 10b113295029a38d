"""Spikes, steps, holes and clipping do what they say. Knows no ground motion."""

from __future__ import annotations

import numpy as np

from foreshock.collect.synthetic import SyntheticSettings, defects, synthesise


def test_clipping_holds_the_level_and_says_where() -> None:
    data = np.array([[[0.4, 12.0, -99.0, 7.6]], [[0.4, 12.0, -99.0, 7.6]]], np.float32)
    clipped = defects.digitise(data, np.array([10.0, np.inf]))
    assert data.tolist() == [[[0, 10, -10, 8]], [[0, 12, -99, 8]]]
    assert clipped.tolist() == [[[False, True, True, False]], [[False] * 4]]


def test_a_spike_touches_one_to_three_samples_of_one_channel() -> None:
    data = np.zeros((200, 3, 300), np.float32)
    defects.add_glitches(data, rms=np.ones(200), fraction=0.5, rng=np.random.default_rng(0))
    touched = (data != 0).sum(2)
    hit = touched.sum(1) > 0
    assert 70 < hit.sum() < 130
    assert ((touched > 0).sum(1)[hit] == 1).all()
    assert set(touched.max(1)[hit].tolist()) == {1, 2, 3}


def test_a_step_lasts_to_the_end() -> None:
    data = np.zeros((100, 3, 300), np.float32)
    defects.add_steps(data, rms=np.ones(100), fraction=1.0, rng=np.random.default_rng(0))
    moved = data.any(2)
    assert (moved.sum(1) == 1).all()
    assert (np.abs(data[moved][:, -1]) > 1).all()
    assert (np.count_nonzero(np.diff(data[moved], axis=1), axis=1) <= 1).all()


def test_holes_are_as_many_and_as_long_as_asked() -> None:
    settings = SyntheticSettings(gap_fraction=0.5, gap_longest_s=2.0)
    valid = defects.holes(settings, (400, 3, 6000), np.random.default_rng(1), p_s=np.full(400, 20.0))
    assert valid is not None
    lost = (~valid).sum(2)
    assert (lost == lost[:, :1]).all()
    assert 160 < (lost[:, 0] > 0).sum() < 240
    assert lost.max() <= 200
    whole = SyntheticSettings(gap_fraction=0.0)
    assert defects.holes(whole, (4, 3, 6000), np.random.default_rng(1), p_s=np.full(4, 20.0)) is None


def test_a_late_start_hides_the_beginning_and_never_p() -> None:
    settings = SyntheticSettings(gap_fraction=0.0, late_start_fraction=0.5)
    p_s = np.linspace(0.0, 50.0, 400)
    valid = defects.holes(settings, (400, 3, 6000), np.random.default_rng(2), p_s=p_s)
    assert valid is not None
    begins = valid[:, 0].argmax(1)
    assert (valid == (np.arange(6000) >= begins[:, None, None])).all()
    assert 150 < (begins > 0).sum() < 220
    assert (begins / 100.0 <= np.maximum(0.0, p_s - defects.QUIET_S)).all()


def test_noise_begins_late_as_often_as_earthquakes_so_that_it_tells_nothing() -> None:
    settings = SyntheticSettings(
        records=600, rate_hz=10.0, span_s=30.0, noise_fraction=0.5, gap_fraction=0.0, late_start_fraction=0.4
    )
    late: dict[str, list[int]] = {"earthquake": [], "noise": []}
    for record in synthesise(settings, seed=3):
        late[record.truth.kind].append(int(record.waveform.valid[0].argmax()))
    part = {kind: np.mean(np.array(begins) > 0) for kind, begins in late.items()}
    assert abs(part["earthquake"] - part["noise"]) < 0.1
    assert 0.3 < part["noise"] < 0.45
