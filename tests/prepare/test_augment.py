"""Augmentation changes what it says, how often it says, and keeps labels true."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.config import settings_from
from foreshock.errors import ConfigError, InputError
from foreshock.prepare import augment as a

X = np.random.default_rng(0).standard_normal((400, 3, 120)).astype(np.float32)
X.flags.writeable = False


def rng() -> np.random.Generator:
    return np.random.default_rng(42)


def changed(y: np.ndarray) -> float:
    return float((y != X).any((1, 2)).mean())


def test_nothing_is_the_default() -> None:
    assert np.array_equal(a.augment(X, rng(), a.Augmentation()), X)


def test_the_same_generator_gives_the_same_windows() -> None:
    told = a.Augmentation(
        shift=1, shift_samples=9, gain=1, rotate=1, flip=0.5, drop=0.5, gaps=0.5, noise=1, superpose=0.5
    )
    noise, events = X[:50], np.arange(400) % 2 == 0
    one, two = (a.augment(X, rng(), told, noise=noise, events=events) for _ in range(2))
    assert np.array_equal(one, two)
    assert one.shape == X.shape
    assert one.dtype == np.float32
    assert changed(one) == 1.0


@pytest.mark.parametrize("name", ["gain", "rotate", "drop", "gaps"])
def test_a_probability_is_how_often_windows_change(name: str) -> None:
    told = settings_from(a.Augmentation, {name: 0.3}, where="test")
    assert changed(a.augment(X, rng(), told)) == pytest.approx(0.3, abs=0.08)


def test_a_shift_moves_the_wave_and_tells_by_how_much() -> None:
    y, moved = a.shift(X, rng(), max_samples=20)
    assert moved.min() == -20
    assert moved.max() == 20
    for k in (0, 5, 9):
        want = np.roll(X[k], moved[k], axis=-1)
        if moved[k] > 0:
            want[:, : moved[k]] = 0
        elif moved[k] < 0:
            want[:, moved[k] :] = 0
        assert np.array_equal(y[k], want)


def test_a_crop_tells_where_it_begins() -> None:
    y, first = a.crop(X, rng(), n_samples=100)
    assert set(first) == set(range(21))
    assert np.array_equal(y[7], X[7, :, first[7] : first[7] + 100])


def test_a_rotation_keeps_the_vertical_and_the_length_of_the_horizontal() -> None:
    y = a.rotate(X, rng())
    assert np.array_equal(y[:, 0], X[:, 0])
    np.testing.assert_allclose((y[:, 1:] ** 2).sum(1), (X[:, 1:] ** 2).sum(1), rtol=1e-4)
    angle = np.arctan2(y[:, 2, 0], y[:, 1, 0]) - np.arctan2(X[:, 2, 0], X[:, 1, 0])
    assert np.histogram(angle % (2 * np.pi), bins=4)[0].min() > 70


def test_a_flip_turns_the_polarity_with_the_wave() -> None:
    y, sign = a.flip(X, rng())
    assert set(sign) == {-1, 1}
    assert np.array_equal(y, X * sign[:, None, None])


def test_gains_are_even_on_a_logarithmic_scale() -> None:
    y = a.gain(X, rng(), decades=2.0)
    decades = np.log10(np.abs(y[:, 0, 0] / X[:, 0, 0]))
    assert np.abs(decades).max() <= 2.0
    assert np.histogram(decades, bins=4, range=(-2, 2))[0].min() > 70


def test_channels_are_dropped_but_never_all() -> None:
    alive = (a.drop_channels(X, rng()) != 0).any(-1)
    assert set(alive.sum(1)) == {1, 2}
    assert alive.any(0).all()
    one = np.ones((4, 1, 5), np.float32)
    assert np.array_equal(a.drop_channels(one, rng()), one)


def test_a_gap_is_one_span_in_all_rows() -> None:
    gone = a.gaps(X, rng(), part=0.25) == 0
    assert np.array_equal(gone[:, 0], gone[:, 2])
    assert gone[:, 0].sum(1).max() <= 30
    assert (np.abs(np.diff(gone[:, 0].astype(int), axis=1)).sum(1) <= 2).all()


def test_noise_is_added_at_the_drawn_ratio_of_powers() -> None:
    noise = 1e4 * np.random.default_rng(1).standard_normal((30, 3, 200))
    added = a.add_noise(X, rng(), noise, snr_db=(3.0, 9.0)) - X
    snr_db = 10 * np.log10((X**2).mean((1, 2)) / (added**2).mean((1, 2)))
    assert snr_db.min() >= 3 - 1e-3
    assert snr_db.max() <= 9 + 1e-3
    assert snr_db.std() > 1.5


def test_dead_noise_and_dead_windows_do_no_harm() -> None:
    dead = np.zeros((3, 3, 120), np.float32)
    assert np.array_equal(a.add_noise(X, rng(), dead, snr_db=(0, 0)), X)
    assert not a.add_noise(dead, rng(), X, snr_db=(0, 0)).any()
    assert not a.superpose(dead, rng()).any()


def test_only_events_are_laid_over_events() -> None:
    events = np.arange(400) < 100
    y = a.augment(X, rng(), a.Augmentation(superpose=1.0), events=events)
    assert np.array_equal(y[~events], X[~events])
    assert (y[events] != X[events]).any((1, 2)).all()
    with pytest.raises(InputError, match="flags of events"):
        a.augment(X, rng(), a.Augmentation(superpose=1.0))


def test_a_superposed_event_is_at_most_as_strong_as_told() -> None:
    added = a.superpose(X, rng(), ratio=0.5) - X
    assert (np.sqrt((added**2).mean((1, 2))) <= 0.5001 * np.sqrt((X**2).mean((1, 2)))).all()


def test_an_empty_batch_stays_empty() -> None:
    told = a.Augmentation(shift=1, shift_samples=9, gain=1, rotate=1, flip=0.5, drop=0.5, gaps=0.5, noise=1)
    assert a.augment(X[:0], rng(), told, noise=X).shape == (0, 3, 120)


@pytest.mark.parametrize(
    "call",
    [
        lambda: a.augment(X, rng(), a.Augmentation(noise=1.0)),
        lambda: a.add_noise(X, rng(), X[:0], snr_db=(0, 1)),
        lambda: a.add_noise(X, rng(), X[..., :50], snr_db=(0, 1)),
        lambda: a.crop(X, rng(), n_samples=121),
        lambda: a.rotate(X[:, :2], rng()),
        lambda: a.gain(X[0], rng(), decades=1),
    ],
)
def test_what_does_not_fit_is_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]


@pytest.mark.parametrize("told", [{"noise_snr_db": (5.0, 1.0)}, {"flip": 1.5}, {"flipp": 0.1}])
def test_wrong_settings_are_refused(told: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        settings_from(a.Augmentation, told, where="test")
