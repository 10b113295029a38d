"""The amplitude–distance line finds the line it was made with, with and without distance and stations."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from foreshock.errors import ConfigError, LabelError, StateError
from foreshock.law import check_predictor
from foreshock.predict import specimen
from foreshock.predict.rivals.amplitude import bands, log_amplitude
from foreshock.predict.rivals.amplitude_distance import AmplitudeDistance
from foreshock.predict.rivals.line import Observed, apply_line, fit_line
from foreshock.types.examples import Examples

TRAIN, DEV, TEST = (specimen.magnitude_examples(300, seed=seed) for seed in range(3))


def mae(rival: AmplitudeDistance, examples: Examples = TEST) -> float:
    table = rival.predict(examples).table
    return float(np.abs(table["value"] - table["truth"]).mean())


def test_the_law_of_predictors_holds(tmp_path: Path) -> None:
    for predictor in AmplitudeDistance.specimens(tmp_path):
        check_predictor(predictor, AmplitudeDistance.trial_examples())


def test_a_line_without_scatter_is_found_again() -> None:
    rng = np.random.default_rng(0)
    a, r = rng.normal(0, 1, 500), rng.uniform(5, 300, 500)
    stations = np.array([f"S{k % 4}" for k in range(500)], object)
    term = {"S0": -0.3, "S1": 0.1, "S2": 0.2, "S3": 0.0}
    y = 0.9 * a + 1.6 * np.log10(np.hypot(r, 5)) + 0.003 * np.hypot(r, 5) - 2 + [term[s] for s in stations]
    line = fit_line(Observed(a, r, stations, y), near_km=5.0, ridge=1e-6)
    assert (line.amplitude, line.log_distance, line.distance) == pytest.approx((0.9, 1.6, 0.003), abs=1e-4)
    assert line.stations["S2"] - line.stations["S0"] == pytest.approx(0.5, abs=1e-4)
    np.testing.assert_allclose(apply_line(line, Observed(a, r, stations)), y, atol=1e-4)


def test_a_station_term_keeps_n_over_n_plus_ridge_of_itself() -> None:
    """Two stations half a unit either side of a known constant; the closed form of a ridge on balanced groups."""
    n, ridge = 10, 5.0
    stations = np.array(["A"] * n + ["B"] * n, object)
    y = np.where(stations == "A", 0.5, -0.5)
    nowhere = np.full(2 * n, np.nan)
    line = fit_line(Observed(np.zeros(2 * n), nowhere, stations, y), near_km=1.0, ridge=ridge)
    assert line.stations["A"] == pytest.approx(0.5 * n / (n + ridge), abs=1e-6)
    assert line.constant == pytest.approx(0.0, abs=1e-6)


def test_what_is_known_makes_the_line_better() -> None:
    errors = [
        mae(AmplitudeDistance(use_distance=distance, use_stations=stations).fit(TRAIN, DEV))
        for distance, stations in ((True, True), (True, False), (False, False))
    ]
    assert errors[0] == pytest.approx(0.1 * np.sqrt(2 / np.pi), rel=0.25)
    assert errors[0] < errors[1] < errors[2]


def test_a_station_that_was_not_seen_has_no_term() -> None:
    rival = AmplitudeDistance().fit(TRAIN, DEV)
    known = rival.predict(TEST).table["value"]
    foreign = rival.predict(replace(TEST, table=TEST.table.assign(station_id="XX.NEW."))).table["value"]
    assert 0.1 < np.abs(known - foreign).mean() < 0.5


def test_rows_without_distance_are_answered_by_the_line_that_needs_none() -> None:
    rival = AmplitudeDistance().fit(TRAIN, DEV)
    some = np.array(TEST.context["log10_distance_km"])
    some[::2] = np.nan
    said = rival.predict(replace(TEST, context={**TEST.context, "log10_distance_km": some})).table
    np.testing.assert_allclose(said["value"][1::2], rival.predict(TEST).table["value"][1::2])
    blind = rival.predict(replace(TEST, context={"log10_scale": TEST.context["log10_scale"]})).table
    np.testing.assert_allclose(said["value"][::2], blind["value"][::2])
    assert (said["q95"] - said["q05"])[0] > (said["q95"] - said["q05"])[1]


def test_a_tables_distance_serves_where_the_context_has_none() -> None:
    def moved(examples: Examples) -> Examples:
        table = examples.table.assign(distance_km=10.0 ** examples.context["log10_distance_km"].astype(float))
        return replace(examples, table=table, context={"log10_scale": examples.context["log10_scale"]})

    want = AmplitudeDistance().fit(TRAIN, DEV).predict(TEST).table["value"]
    got = AmplitudeDistance().fit(moved(TRAIN), moved(DEV)).predict(moved(TEST)).table["value"]
    np.testing.assert_allclose(got, want, atol=1e-4)


@pytest.mark.parametrize("measure", ["peak", "rms"])
def test_amplitude_is_the_same_however_windows_were_normalised(measure: str) -> None:
    wave = np.random.default_rng(0).standard_normal((6, 3, 400)) * 10.0 ** np.arange(-2, 4)[:, None, None]
    wave -= wave.mean(-1, keepdims=True)
    peak, std = np.abs(wave).max((1, 2)), wave.std((1, 2))
    base = specimen.magnitude_examples(6)
    for band in [None, (1.0, 8.0)]:
        sizes = []
        for divisor, told in ((peak, peak), (std, std), (np.ones(6), peak), (np.ones(6), None)):
            context = {} if told is None else {"log10_scale": np.log10(told).astype(np.float32)}
            x = (wave / divisor[:, None, None]).astype(np.float32)
            sizes.append(log_amplitude(replace(base, x=x, context=context), measure=measure, band_hz=band))
        for other in sizes[1:]:
            np.testing.assert_allclose(other, sizes[0], atol=1e-5)


def test_a_sine_has_its_own_amplitude() -> None:
    time = np.arange(4000) / 20.0
    x = np.zeros((1, 3, 4000), np.float32)
    x[0, 0] = 3 * np.sin(2 * np.pi * 2.03 * time)
    one = replace(specimen.magnitude_examples(1), x=x, context={})
    assert 10 ** log_amplitude(one, measure="peak", band_hz=None)[0] == pytest.approx(3, rel=1e-3)
    assert 10 ** log_amplitude(one, measure="rms", band_hz=None)[0] == pytest.approx(3 / np.sqrt(2), rel=1e-3)
    assert 10 ** log_amplitude(one, measure="rms", band_hz=(1.0, 4.0))[0] == pytest.approx(3 / np.sqrt(2), rel=0.02)
    assert 10 ** log_amplitude(one, measure="rms", band_hz=(5.0, 8.0))[0] < 0.4


@pytest.mark.parametrize("rate_hz", [0.5, 5.0, 20.0, 100.0, 500.0])
def test_bands_lie_below_half_the_rate(rate_hz: float) -> None:
    assert bands(rate_hz)[0] is None
    assert all(band is None or 0 < band[0] < band[1] < rate_hz / 2 for band in bands(rate_hz))


def test_dead_windows_get_a_finite_answer() -> None:
    rival = AmplitudeDistance().fit(TRAIN, DEV)
    dead = replace(TEST, x=np.zeros_like(TEST.x))
    assert np.isfinite(rival.predict(dead).table["value"]).all()


def test_classes_and_spoilt_settings_are_refused() -> None:
    waves = specimen.wave_examples(5)
    with pytest.raises(LabelError, match="amplitude_distance got 5 examples"):
        AmplitudeDistance().fit(waves, waves)
    with pytest.raises(StateError, match="not learnt"):
        AmplitudeDistance().predict(TEST)
    with pytest.raises(ConfigError, match="rival 'amplitude_distance'"):
        AmplitudeDistance.from_settings({"measure": "peak"})


@pytest.mark.slow
@pytest.mark.realdata
def test_the_line_reaches_the_known_errors_on_real_records(realdata: Path) -> None:
    from foreshock.collect.datasets import Dataset
    from foreshock.predict.rivals.constant import Median
    from foreshock.prepare.labels import examples_from
    from foreshock.prepare.preparation import Preparation

    plan = Preparation(
        rate_hz=50.0,
        window_samples=3000,
        before_s=5.0,
        steps=({"step": "highpass", "low_hz": 0.5},),
        context=("log10_scale", "log10_distance_km"),
    )
    with Dataset.open(realdata / "gujarat") as dataset:
        train, dev, test = (
            examples_from(dataset.records(dataset.rows(split=split)), plan, task="magnitude")[0]
            for split in ("train", "dev", "test")
        )
    assert len(test) == 277
    assert mae(AmplitudeDistance().fit(train, dev), test) < 0.206
    assert mae(AmplitudeDistance(use_distance=False).fit(train, dev), test) < 0.241
    table = Median().fit(train, dev).predict(test).table
    assert np.abs(table["value"] - table["truth"]).mean() == pytest.approx(0.729, abs=0.001)
