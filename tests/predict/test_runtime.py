"""The runtime says what the card and the network say, whatever the batch, and refuses what does not fit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnx.helper as oh
import pytest

from foreshock.bundle import Bundle, Card, Residuals, read_bundle, write_bundle
from foreshock.errors import BundleError, InputError, NotFoundError, StateError
from foreshock.law import check_predictor
from foreshock.predict import specimen
from foreshock.predict.runtime import BundlePredictor, predictions_from
from foreshock.types.examples import Examples


def by_hand(card: Card, examples: Examples) -> np.ndarray:
    """The specimen network in NumPy."""
    _, weights = specimen.network(card)
    out = examples.x.reshape(len(examples), -1).astype(np.float64) @ weights["w"] + weights["b"]
    if card.context:
        out = out + np.stack([examples.context[name] for name in card.context], 1) @ weights["v"]
    return out


def test_the_law_of_predictors_holds(tmp_path: Path) -> None:
    for predictor in BundlePredictor.specimens(tmp_path):
        check_predictor(predictor, BundlePredictor.trial_examples())


@pytest.mark.parametrize("context", [(), ("log10_scale",)])
def test_probabilities_are_the_softmax_of_the_networks_logits_over_the_temperature(context: tuple[str, ...]) -> None:
    card, examples = specimen.card(temperature=2.5, context=context), specimen.wave_examples()
    said = BundlePredictor(specimen.bundle(card)).predict(examples).probabilities
    e = np.exp(by_hand(card, examples) / 2.5)
    np.testing.assert_allclose(said, e / e.sum(1, keepdims=True), atol=1e-5)


def test_a_regression_is_brought_back_to_its_unit_with_its_quantiles() -> None:
    card = specimen.card(
        task="regress",
        problem="magnitude",
        classes=(),
        target_mean=3.0,
        target_std=0.5,
        residuals=Residuals(q05=-0.4, q95=0.6),
        context=("log10_distance_km", "log10_scale"),
    )
    examples = specimen.magnitude_examples()
    table = BundlePredictor(specimen.bundle(card)).predict(examples).table
    np.testing.assert_allclose(table["value"], 3.0 + 0.5 * by_hand(card, examples)[:, 0], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(table["q05"], table["value"] - 0.4)
    np.testing.assert_allclose(table["q95"], table["value"] + 0.6)
    np.testing.assert_array_equal(table["truth"], examples.y)


def test_a_row_of_a_table_is_one_channel() -> None:
    card = specimen.card(problem="table", components="", window_samples=7, rate_hz=1.0, columns=tuple("abcdefg"))
    wave = specimen.wave_examples()
    rows = replace(wave, x=wave.x[:, :1, :7], rate_hz=1.0)
    assert len(BundlePredictor(specimen.bundle(card)).predict(rows)) == len(wave)


@pytest.mark.parametrize("batch_size", [1, 2, 7, 23, 24, 1000])
def test_the_batch_size_changes_nothing(batch_size: int) -> None:
    bundle, examples = specimen.bundle(specimen.card()), specimen.wave_examples()
    want = BundlePredictor(bundle, batch_size=64).outputs(examples)
    np.testing.assert_allclose(BundlePredictor(bundle, batch_size=batch_size).outputs(examples), want, atol=2e-6)


def test_no_examples_give_no_answers() -> None:
    none = specimen.wave_examples(2).take(np.array([], int))
    assert len(predictions_from(BundlePredictor(specimen.bundle(specimen.card())), none)) == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"window_samples": 100}, "examples have 3 channels of 200 samples: specimen was made for 3 of 100"),
        ({"components": "ZN"}, "was made for 2 of 200"),
        ({"rate_hz": 100.0}, "examples have 20 Hz: specimen was made for 100 Hz"),
        ({"context": ("depth_km",)}, "examples lack the context 'depth_km'"),
        ({"classes": ("noise", "avalanche")}, "examples have the class 'earthquake'"),
    ],
)
def test_examples_that_do_not_fit_the_card_are_refused(changes: dict[str, object], sentence: str) -> None:
    predictor = BundlePredictor(specimen.bundle(specimen.card(**changes)))
    with pytest.raises(InputError, match=sentence.replace("(", r"\(")):
        predictor.predict(specimen.wave_examples())


def test_a_context_that_is_not_finite_is_refused() -> None:
    examples = specimen.wave_examples(2)
    bad = replace(examples, context={"log10_scale": np.array([0.0, np.nan])})
    with pytest.raises(InputError, match=r"context 'log10_scale' holds NaN"):
        BundlePredictor(specimen.bundle(specimen.card(context=("log10_scale",)))).predict(bad)


def with_nodes(nodes: list[onnx.NodeProto]) -> Bundle:
    made = specimen.bundle(specimen.card())
    model = onnx.load_model_from_string(made.onnx)
    model.graph.node[-1].output[0] = "before"
    model.graph.node.extend(nodes)
    return Bundle(made.card, model.SerializeToString(), made.weights)


def test_a_network_that_says_nan_or_the_wrong_shape_is_refused() -> None:
    examples = specimen.wave_examples(3)
    with pytest.raises(BundleError, match="specimen said NaN or Inf"):
        BundlePredictor(with_nodes([oh.make_node("Sub", ["before", "before"], ["zero"]),
                                    oh.make_node("Div", ["zero", "zero"], ["logits"])])).predict(examples)  # fmt: skip
    with pytest.raises(BundleError, match=r"array of shape \(3, 4\)"):
        BundlePredictor(with_nodes([oh.make_node("Concat", ["before", "before"], ["logits"], axis=1)])).predict(
            examples
        )


def test_a_network_the_runtime_cannot_load_is_refused_in_one_sentence() -> None:
    made = specimen.bundle(specimen.card())
    with pytest.raises(BundleError, match=r"network of specimen: ONNX Runtime .* cannot load it"):
        BundlePredictor(Bundle(made.card, b"\x08\x08garbage", made.weights))


def test_settings_name_the_file_and_its_hash_and_bring_it_back(tmp_path: Path) -> None:
    digest = write_bundle(tmp_path / "m.bundle", specimen.bundle(specimen.card()))
    predictor = BundlePredictor(read_bundle(tmp_path))
    assert predictor.settings() == {"path": str((tmp_path / "m.bundle").resolve()), "sha256": digest}
    write_bundle(tmp_path / "m.bundle", specimen.bundle(specimen.card(), seed=1))
    with pytest.raises(BundleError, match="was expected"):
        BundlePredictor.from_settings(predictor.settings())
    (tmp_path / "m.bundle").unlink()
    with pytest.raises(NotFoundError, match="m.bundle"):
        BundlePredictor.from_settings(predictor.settings())


def test_a_bundle_without_a_file_has_no_settings() -> None:
    with pytest.raises(StateError, match="never written"):
        BundlePredictor(specimen.bundle(specimen.card())).settings()


def test_fit_leaves_a_trained_network_as_it_is() -> None:
    predictor = BundlePredictor(specimen.bundle(specimen.card()))
    assert predictor.fit(specimen.wave_examples(), specimen.wave_examples()) is predictor


@pytest.mark.parametrize("asked", [{"batch_size": 0}, {"threads": 0}])
def test_nonsense_sizes_are_refused(asked: dict[str, int]) -> None:
    with pytest.raises(InputError, match="must be positive"):
        BundlePredictor(specimen.bundle(specimen.card()), **asked)


def test_predicting_loads_neither_torch_nor_lightning(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m.bundle", specimen.bundle(specimen.card()))
    code = (
        "import sys\nfrom pathlib import Path\n"
        "sys.modules['torch'] = sys.modules['lightning'] = None\n"
        "from foreshock.bundle import read_bundle\nfrom foreshock.predict import specimen\n"
        "from foreshock.predict.runtime import BundlePredictor\n"
        f"BundlePredictor(read_bundle(Path({str(tmp_path)!r}))).predict(specimen.wave_examples())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
