"""The estimator answers from the past alone, says how it read amplitudes, and gives a reason where it says nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from foreshock.bundle import Bundle
from foreshock.clock import NS_PER_S
from foreshock.errors import BundleError, InputError
from foreshock.predict.source.estimator import SourceEstimator
from foreshock.types.pick import Pick
from foreshock.types.source import SourceEstimate
from foreshock.types.waveform import Waveform

RATE = 50.0
P_S = 25.0
P_NS = round(P_S * NS_PER_S)


@pytest.fixture(scope="module")
def estimator(source_bundle_read: Bundle) -> SourceEstimator:
    return SourceEstimator(source_bundle_read)


def shaken(seed: int = 0, *, span_s: float = 70.0, gain: float = 100.0, rate_hz: float = RATE) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(int(span_s * rate_hz)) / rate_hz
    size = np.where(t < P_S, 1.0, 1.0 + 30.0 * np.exp(-np.maximum(t - P_S, 0) / 8.0))
    return (gain * size * rng.normal(size=(3, len(t)))).astype(np.float32)


def wave(data: np.ndarray, *, name: str = "XX.KNOWN.00", unit: str = "count", rate_hz: float = RATE) -> Waveform:
    return Waveform(data, rate_hz, 0, name, channels=("BHZ", "BHN", "BHE"), unit=unit)


def numbers(said: SourceEstimate) -> tuple[object, ...]:
    return (said.magnitude, said.distance_km, said.back_azimuth, said.elapsed_s, said.scale, said.strangeness)


def test_what_comes_later_changes_no_answer(estimator: SourceEstimator) -> None:
    data = shaken()
    for elapsed_s in (1.0, 3.0, 10.0):
        other, at = data.copy(), int(np.ceil((P_S + elapsed_s) * RATE))
        other[:, at:] = 1e7 * np.random.default_rng(9).normal(size=other[:, at:].shape)
        first, second = (estimator.estimate(wave(one), P_NS, elapsed_s=elapsed_s) for one in (data, other))
        assert first == second


def test_answers_at_many_times_are_those_at_each(estimator: SourceEstimator) -> None:
    times = [1.0, 2.5, 7.0, 30.0]
    together = estimator.evolving(wave(shaken()), P_NS, elapsed_s=times)
    alone = [estimator.estimate(wave(shaken()), P_NS, elapsed_s=t) for t in times]
    assert together == alone


def test_a_record_that_ends_early_gives_what_the_whole_gave_then(estimator: SourceEstimator) -> None:
    whole = wave(shaken())
    early = estimator.estimate(whole.cut(0, int((P_S + 5.0) * RATE)), P_NS)
    assert numbers(early) == numbers(estimator.estimate(whole, P_NS, elapsed_s=5.0))
    assert any("the record ends 5.00 s after P" in note for note in early.notes)


def test_where_the_record_begins_has_no_say(estimator: SourceEstimator) -> None:
    whole = wave(shaken())
    late = estimator.estimate(whole.cut(int(3.0 * RATE), whole.n_samples), P_NS)
    assert late.magnitude is not None
    assert late.magnitude.q50 == pytest.approx(estimator.estimate(whole, P_NS).magnitude.q50, abs=2e-3)  # type: ignore[union-attr]


def test_between_two_frames_the_earlier_one_is_used(estimator: SourceEstimator) -> None:
    said = estimator.estimate(wave(shaken()), P_NS, elapsed_s=4.7)
    assert said.elapsed_s == 4.5
    assert numbers(said) == numbers(estimator.estimate(wave(shaken()), P_NS, elapsed_s=4.5))


def test_a_pick_will_do_for_its_time(estimator: SourceEstimator) -> None:
    pick = Pick("XX.KNOWN.00", "P", P_NS, probability=0.9, sigma_s=0.1, available_at_ns=P_NS)
    assert estimator.estimate(wave(shaken()), pick) == estimator.estimate(wave(shaken()), P_NS)


@pytest.mark.parametrize(
    ("told", "scale", "note"),
    [
        ({}, "station", None),
        ({"name": "XX.NEW."}, "network", "counts are read as those of its network"),
        ({"name": "ZZ.NEW."}, "unknown", "scale is not known"),
        ({"unit": "m/s"}, "velocity", None),
    ],
)
def test_the_scale_is_what_is_known_of_it(
    estimator: SourceEstimator, told: dict[str, str], scale: str, note: str | None
) -> None:
    gain = 1e-5 if told.get("unit") == "m/s" else 100.0
    said = estimator.estimate(wave(shaken(gain=gain), **told), P_NS)
    assert said.scale == scale
    assert note is None or any(note in one for one in said.notes)


def test_without_a_scale_a_gain_changes_nothing(estimator: SourceEstimator) -> None:
    one, other = (estimator.estimate(wave(shaken(gain=g), name="ZZ.NEW."), P_NS) for g in (64.0, 64.0 * 16))
    assert one.magnitude is not None
    assert other.magnitude is not None
    assert other.magnitude.q50 == pytest.approx(one.magnitude.q50, abs=1e-3)


def test_a_response_makes_counts_velocity(estimator: SourceEstimator) -> None:
    flat = {"unit": "m/s", "sensitivity": 1e8, "poles": [], "zeros": [], "normalization": 1.0}
    counts = estimator.estimate(wave(shaken(gain=1e3)), P_NS, response=[flat] * 3)
    ground = estimator.estimate(wave(shaken(gain=1e3) / np.float32(1e8), unit="m/s"), P_NS)
    assert counts.scale == "velocity"
    assert counts.magnitude is not None
    assert ground.magnitude is not None
    assert counts.magnitude.q50 == pytest.approx(ground.magnitude.q50, abs=1e-3)


def test_less_known_means_wider(estimator: SourceEstimator) -> None:
    known, new = (estimator.estimate(wave(shaken(), name=n), P_NS) for n in ("XX.KNOWN.00", "XX.NEW."))
    assert known.magnitude is not None
    assert new.magnitude is not None
    assert new.magnitude.width_90 > known.magnitude.width_90


def test_outside_the_domain_it_says_so_and_widens(source_bundle_read: Bundle) -> None:
    source = source_bundle_read.card.source
    assert source is not None
    assert source.domain is not None
    near = source.domain.model_copy(update={"limits": (0.01,) * 10})
    card = source_bundle_read.card.model_copy(update={"source": source.model_copy(update={"domain": near})})
    strange = SourceEstimator(replace(source_bundle_read, card=card)).estimate(wave(shaken()), P_NS)
    usual = SourceEstimator(source_bundle_read).estimate(wave(shaken()), P_NS)
    assert strange.out_of_domain
    assert not usual.out_of_domain
    assert strange.magnitude is not None
    assert usual.magnitude is not None
    assert strange.magnitude.width_90 > 1.5 * usual.magnitude.width_90
    assert any("unlike those" in note for note in strange.notes)


def test_horizontals_1_and_2_have_no_back_azimuth_and_say_so(estimator: SourceEstimator) -> None:
    said = estimator.estimate(replace(wave(shaken()), components="Z12"), P_NS)
    assert said.magnitude is not None
    assert said.back_azimuth is None
    assert any("not N and E" in note for note in said.notes)


def test_a_dead_horizontal_is_told_and_stood_in_for(estimator: SourceEstimator) -> None:
    data = shaken()
    data[2] = -8.25e6
    said = estimator.estimate(wave(data), P_NS)
    assert said.magnitude is not None
    assert any("component E is dead" in note for note in said.notes)


def test_clipping_is_told(estimator: SourceEstimator) -> None:
    t = np.arange(3500) / RATE
    data = shaken()
    data[1] = np.clip(3e4 * np.sin(2 * np.pi * 0.5 * t) * (t > P_S) + data[1], -8000, 8000)
    assert any("clipped" in note for note in estimator.estimate(wave(data), P_NS).notes)


def masked(data: np.ndarray, share: float) -> Waveform:
    valid = np.ones(data.shape, bool)
    valid[:, int(P_S * RATE) : int((P_S + 30 * share) * RATE)] = False
    return replace(wave(data), valid=valid)


@pytest.mark.parametrize(
    ("record", "p_s", "elapsed_s", "reason"),
    [
        (Waveform(shaken()[:1], RATE, 0, "XX.A.", components="Z"), P_S, 30.0, "two horizontals are needed"),
        (wave(shaken()), 500.0, 30.0, "outside the record"),
        (wave(shaken()), -5.0, 30.0, "outside the record"),
        (wave(shaken()), P_S, 0.0, "outside the record, or nothing was recorded after it"),
        (wave(shaken()), P_S, 0.9, "only 0.90 s after P"),
        (wave(shaken()).cut(0, int((P_S + 0.5) * RATE)), P_S, 30.0, "only 0.50 s after P"),
        (masked(shaken(), 0.6), P_S, 30.0, "60% of the samples since P are masked"),
        (wave(np.zeros((3, 3500), np.float32)), P_S, 30.0, "masked or zero"),
        (wave(shaken()[:, ::50], rate_hz=1.0), P_S, 30.0, "the sampling rate is 1 Hz"),
        (wave(np.zeros((3, 0), np.float32)), P_S, 30.0, "outside the record"),
    ],
)
def test_where_nothing_can_be_said_the_reason_is(
    estimator: SourceEstimator, record: Waveform, p_s: float, elapsed_s: float, reason: str
) -> None:
    said = estimator.estimate(record, round(p_s * NS_PER_S), elapsed_s=elapsed_s)
    assert said.magnitude is None
    assert reason in said.reason


@pytest.mark.parametrize("gain", [1e-12, 1e12, 1e30])
def test_an_absurd_amplitude_is_not_believed(estimator: SourceEstimator, gain: float) -> None:
    said = estimator.estimate(wave(shaken(gain=gain)), P_NS)
    assert said.magnitude is not None
    assert said.scale == "unknown"
    assert any("is not used" in note for note in said.notes)


@pytest.mark.parametrize("rate_hz", [10.0, 20.0, 31.25, 100.0, 1000.0])
def test_any_rate_from_10_hz_is_answered(estimator: SourceEstimator, rate_hz: float) -> None:
    said = estimator.estimate(wave(shaken(rate_hz=rate_hz), rate_hz=rate_hz), P_NS)
    assert said.magnitude is not None
    assert said.elapsed_s == 30.0


@pytest.mark.parametrize("elapsed_s", [-1.0, float("nan")])
def test_an_impossible_elapsed_time_is_refused(estimator: SourceEstimator, elapsed_s: float) -> None:
    with pytest.raises(InputError, match="elapsed time is"):
        estimator.estimate(wave(shaken()), P_NS, elapsed_s=elapsed_s)


def test_a_bundle_that_was_made_for_other_bands_is_refused(source_bundle_read: Bundle) -> None:
    source = source_bundle_read.card.source
    assert source is not None
    other = source.model_copy(update={"bands_hz": tuple(2 * hz for hz in source.bands_hz)})
    card = source_bundle_read.card.model_copy(update={"source": other})
    with pytest.raises(BundleError, match="train it again with this version"):
        SourceEstimator(replace(source_bundle_read, card=card))
