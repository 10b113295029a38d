"""The classifier is at home for Keras and scikit-learn people, and says what it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

from foreshock.errors import BundleError, ConfigError, InputError, LabelError, StateError
from foreshock.road.classifier import Classifier


def bursts(n: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, and noise with a burst in the middle."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    x = rng.standard_normal((n, 3, 64))
    x[:, :, 24:40] += 4 * y[:, None, None] * np.sin(np.arange(16))
    return x.astype(np.float32), y


@pytest.fixture(scope="module")
def learnt() -> Classifier:
    x, y = bursts(160, seed=0)
    names = np.array(["noise", "burst"])[y]
    return Classifier("cnn-small", epochs=4, progress=False).fit(x, names)


def test_it_learns_what_can_be_learnt_and_beats_chance_with_its_interval(learnt: Classifier) -> None:
    x, y = bursts(80, seed=1)
    scores = learnt.evaluate(x, np.array(["noise", "burst"])[y])
    assert scores["accuracy"].low > 0.7
    assert scores["accuracy"].n == 80


def test_its_rivals_were_tuned_on_the_same_examples(learnt: Classifier) -> None:
    x, y = bursts(40, seed=2)
    scores = learnt.compare(x, np.array(["noise", "burst"])[y])
    assert {"logistic", "majority"} <= set(scores.rivals)


def test_save_load_predict_is_identical(learnt: Classifier, tmp_path: Path) -> None:
    x, _ = bursts(20, seed=3)
    again = Classifier.load(learnt.save(tmp_path / "模型.bundle"))
    assert np.array_equal(again.predict_proba(x), learnt.predict_proba(x))
    assert again.get_params()["epochs"] == 4
    assert again.classes_ == ("burst", "noise")


def test_training_again_gives_the_same_model() -> None:
    x, y = bursts(60, seed=4)
    first, second = (Classifier("lstm", epochs=1, progress=False).fit(x, y) for _ in range(2))
    assert np.array_equal(first.predict_proba(x), second.predict_proba(x))


def test_groups_never_stand_on_both_sides() -> None:
    x, y = bursts(60, seed=5)
    with pytest.raises(LabelError, match="too few"):
        Classifier("cnn-small", epochs=1, progress=False).fit(x, y, groups=["one event"] * 60)


def test_the_summary_looks_like_keras(learnt: Classifier) -> None:
    text = learnt.summary()
    assert "Layer (type)" in text
    assert "Total params" in text


def test_scikit_learn_can_clone_it_and_change_its_settings() -> None:
    other = clone(Classifier("cnn", epochs=3)).set_params(epochs=5)
    assert (other.model, other.epochs) == ("cnn", 5)
    with pytest.raises(ConfigError, match="did you mean 'epochs'"):
        other.set_params(epoch=1)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.array([[1, 0], [0, 1]] * 30), ("0", "1")),
        (np.array([10.0, 9.0] * 30), ("9", "10")),
        (np.array(["地震", "噪声"] * 30), ("噪声", "地震")),
    ],
)
def test_classes_may_be_names_numbers_or_one_hot_rows(labels: np.ndarray, classes: tuple[str, ...]) -> None:
    x, _ = bursts(60, seed=6)
    assert Classifier("cnn-small", epochs=1, progress=False).fit(x, labels).classes_ == classes


def test_what_cannot_be_learnt_or_asked_is_one_sentence(learnt: Classifier, tmp_path: Path) -> None:
    x, y = bursts(40, seed=7)
    for wrong, said in (
        (lambda: Classifier().predict(x), "has not learnt yet"),
        (lambda: Classifier(epochs=1, progress=False).fit(x, np.zeros(40)), "class"),
        (lambda: Classifier(epochs=1, progress=False).fit(x, np.linspace(0, 1, 40)), "fractions"),
        (lambda: Classifier(epochs=1, progress=False).fit(x, y[:-1]), "39 labels"),
        (lambda: Classifier(epochs=1, progress=False).fit(x * np.nan, y), "NaN"),
        (lambda: Classifier(epochs=1, progress=False).fit(x[:, :, :8], y), "too short"),
        (lambda: Classifier("cnm", epochs=1, progress=False).fit(x, y), "did you mean 'cnn'"),
        (lambda: learnt.predict(x[:, :2]), "2 channels"),
        (lambda: learnt.evaluate(x, ["eruption"] * 40), "eruption"),
        (lambda: Classifier.load(_not_a_bundle(tmp_path)), "bundle"),
    ):
        with pytest.raises((InputError, StateError, BundleError), match=said):
            wrong()


def _not_a_bundle(folder: Path) -> Path:
    path = folder / "text.bundle"
    path.write_text("not a bundle")
    return path
