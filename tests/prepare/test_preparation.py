"""A preparation is plain values that make the same windows again; records prepared together equal records alone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from foreshock.config import settings_from
from foreshock.errors import ConfigError, PluginError, UnitError
from foreshock.prepare.preparation import Preparation, known_context, map_components, prepare, prepare_block
from foreshock.prepare.step import Chain
from foreshock.types.waveform import Waveform, concatenate

STEPS: tuple[dict[str, Any], ...] = (
    {"step": "quality"},
    {"step": "detrend", "span_s": 5.0},
    {"step": "bandpass", "low_hz": 1.0, "high_hz": 20.0},
)
PLAN = Preparation(rate_hz=40.0, window_samples=100, steps=STEPS)


def recording(seed: int = 0, *, n: int = 1500, components: str = "ZNE", unit: str = "count") -> Waveform:
    rng = np.random.default_rng(seed)
    data = 200 * rng.standard_normal((len(components), n)) + 4000
    valid = np.ones(data.shape, bool)
    valid[0, 300:340] = False
    return Waveform(data, 100.0, 10**18 + 7, "XX.A.", components=components, unit=unit, valid=valid)


def test_it_survives_json() -> None:
    again = settings_from(Preparation, json.loads(json.dumps(PLAN.model_dump())), where="card")
    assert again == PLAN


def test_records_prepared_together_equal_records_prepared_alone() -> None:
    waves = [recording(k) for k in range(5)]
    x, valid, unit = prepare_block(
        np.stack([w.data for w in waves]),
        np.stack([w.valid for w in waves]),
        rate_hz=100.0,
        unit="count",
        steps=PLAN.build(),
    )
    for k, wave in enumerate(waves):
        alone = prepare(wave, PLAN)
        assert np.array_equal(alone.data, x[k])
        assert np.array_equal(alone.valid, valid[k])
        assert (alone.rate_hz, alone.unit) == (40.0, unit)


def test_a_step_that_is_no_array_step_runs_record_by_record() -> None:
    waves = [recording(k) for k in range(3)]
    x, valid, _ = prepare_block(
        np.stack([w.data for w in waves]),
        np.stack([w.valid for w in waves]),
        rate_hz=100.0,
        unit="count",
        steps=[Chain(PLAN.build())],
    )
    assert np.array_equal(x[1], prepare(waves[1], PLAN).data)
    assert np.array_equal(valid[1], prepare(waves[1], PLAN).valid)


def test_live_chunks_give_what_the_whole_record_gives() -> None:
    wave, live = recording(), PLAN.chain()
    pieces = [live.update(wave.cut(k, k + 170)) for k in range(0, wave.n_samples, 170)]
    got, want = concatenate([*pieces, live.flush()]), prepare(wave, PLAN)
    assert np.array_equal(got.valid, want.valid)
    np.testing.assert_allclose(got.data, want.data, atol=1e-3)


def test_times_stay_true_through_all_steps() -> None:
    out = prepare(recording(), PLAN)
    assert out.start_ns == recording().start_ns
    assert out.n_samples == 600


def test_missing_components_are_zero_and_invalid_and_order_is_kept() -> None:
    wave = recording(components="EZ")
    out = map_components(wave, "ZNE")
    assert out.channels == ("Z", "N", "E")
    assert np.array_equal(out.data[[0, 2]], wave.data[[1, 0]])
    assert out.valid.any(1).tolist() == [True, False, True]
    assert not prepare(wave, PLAN).valid[1].any()


def test_unturned_sensors_stand_in_for_north_and_east() -> None:
    out = map_components(recording(components="Z12"), "ZNE")
    assert out.valid.all(1).tolist() == [False, True, True]
    assert out.channels == ("Z", "1", "2")


def test_an_unknown_step_is_named() -> None:
    with pytest.raises(PluginError, match="did you mean 'bandpass'"):
        prepare(recording(), Preparation(rate_hz=50.0, window_samples=10, steps=({"step": "bandpas"},)))


def test_a_step_that_refuses_the_record_says_why() -> None:
    plan = Preparation(rate_hz=50.0, window_samples=10, steps=({"step": "integrate"},))
    with pytest.raises(UnitError, match="'count'"):
        prepare(recording(), plan)
    with pytest.raises(UnitError, match="'count'"):
        prepare_block(np.ones((1, 3, 9)), np.ones((1, 3, 9), bool), rate_hz=50.0, unit="count", steps=plan.build())


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"rate_hz": 0.0}, "rate_hz"),
        ({"components": "ZZ"}, "components"),
        ({"steps": ({"name": "bandpass"},)}, "steps"),
        ({"p_from": 0.8}, "Preparation"),
        ({"context": ("distance",)}, "context"),
        ({"windows": 3}, "windows"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        settings_from(Preparation, {"rate_hz": 50.0, "window_samples": 10} | changes, where="a file")


def test_a_preparation_is_frozen() -> None:
    with pytest.raises(ValidationError):
        PLAN.rate_hz = 1.0  # type: ignore[misc]


def test_context_is_told_from_what_is_known() -> None:
    assert known_context({"distance_km": 0.2}, ("log10_distance_km", "depth_km")) == {
        "log10_distance_km": 0.0,
        "depth_km": None,
    }
    assert known_context({"distance_km": 5.0}, ("log10_scale",)) == {}
