"""The first motion in the truth is that of the samples, where nothing hides it."""

from __future__ import annotations

import numpy as np

from foreshock.collect.synthetic import SyntheticSettings, synthesise


def test_the_truth_tells_the_sign_of_the_first_swing() -> None:
    none = dict.fromkeys(
        ("noise_fraction", "transients_per_minute", "glitch_fraction", "step_fraction", "gap_fraction",
         "broadened_fraction", "s_scattering_per_km", "p_scattering_per_km"), 0.0,
    )  # fmt: skip
    told = SyntheticSettings.model_validate({"records": 64, "span_s": 20.0, "noise": False, "unit": "m/s", **none})
    right = []
    for record in synthesise(told, seed=3):
        wave, truth = record.waveform, record.truth
        assert truth.p_ns is not None
        assert truth.polarity in ("up", "down")
        k = round(wave.sample_at(truth.p_ns))
        swing = wave.data[0, k : k + 3].sum()  # a head wave may be followed at once by the direct one
        right.append((swing > 0) == (truth.polarity == "up"))
    assert np.all(right)
    assert len(right) == 64


def test_noise_has_no_first_motion() -> None:
    told = SyntheticSettings(records=16, span_s=20.0, noise_fraction=1.0)
    assert {record.truth.polarity for record in synthesise(told, seed=0)} == {None}
