"""From a trained model to a bundle: the same answers, free batches, honest calibration. Knows no recordings."""

from __future__ import annotations

import copy
import logging
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.torch
import torch
from scipy.special import log_softmax
from train_made import values, waves

from foreshock import models
from foreshock.bundle import read_bundle, write_bundle
from foreshock.errors import BundleError, LabelError
from foreshock.train.calibrate import residual_quantiles, temperature
from foreshock.train.export import to_bundle
from foreshock.train.fit import TrainSettings, fit
from foreshock.train.network import check_parity, to_onnx


@cache
def trained(name: str):
    make = values if models.needs(name).task == "regress" else waves
    told = TrainSettings(model=name, epochs=1, accelerator="cpu", tensorboard=False)
    dev = make(40, 1)
    with tempfile.TemporaryDirectory() as work:
        return fit(make(32, 0), dev, told, work=Path(work)), dev


@cache
def bundle_of(name: str):
    model, dev = trained(name)
    task = "magnitude" if models.needs(name).task == "regress" else "detect"
    rivals = {"sta_lta": {"threshold": 3.0}}
    return model, dev, to_bundle(model, dev, task=task, preparation={"rate_hz": 10.0}, data=[], rivals=rivals)


@pytest.mark.parametrize("name", models.NAMES)
def test_a_bundle_says_what_the_trained_network_said(name, tmp_path, caplog):
    model, dev, bundle = bundle_of(name)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    write_bundle(tmp_path / "a.bundle", bundle)
    back = read_bundle(tmp_path / "a.bundle")
    session = onnxruntime.InferenceSession(back.onnx, providers=["CPUExecutionProvider"])
    for n in (1, 3, 32):
        some = dev.take(np.arange(n))
        feed = {"x": some.x}
        if back.card.context:
            feed["context"] = np.column_stack([some.context[key] for key in back.card.context])
        said = session.run(None, feed)[0]
        np.testing.assert_allclose(said, model.outputs(some), atol=1e-4)
        assert said.shape == ((n,) if back.card.task == "regress" else (n, 2))
    graph = onnx.load_from_string(back.onnx)
    assert {node.domain for node in graph.graph.node} == {""}
    assert b"foreshock/" not in back.onnx
    assert b".py" not in back.onnx


def test_an_lstm_is_written_as_onnxs_own_operator_not_unrolled():
    torch.manual_seed(0)
    model = models.build("lstm", n_channels=3, n_samples=300, n_outputs=2).eval()
    content = to_onnx(model, n_channels=3, n_samples=300, n_context=0, classify=True)
    operators = [node.op_type for node in onnx.load_from_string(content).graph.node]
    assert operators.count("LSTM") == 3
    assert len(operators) < 20
    assert check_parity(model, content, x=torch.randn(32, 3, 300), context=torch.zeros(32, 0)) <= 1e-4
    assert isinstance(model.lstm1, torch.nn.LSTM)


def test_two_exports_of_one_model_are_equal_byte_for_byte():
    model, dev, one = bundle_of("cnn-small")
    two = to_bundle(model, dev, task="detect", preparation={"rate_hz": 10.0}, data=[])
    assert one.onnx == two.onnx
    assert one.weights == two.weights


def test_a_network_that_says_anything_else_is_refused():
    model, dev, bundle = bundle_of("cnn-small")
    other = copy.deepcopy(model.model)
    with torch.no_grad():
        other.dense.bias.add_(0.01)
    with pytest.raises(BundleError, match=r"torch and ONNX Runtime differ by 0\.0"):
        check_parity(other, bundle.onnx, x=torch.from_numpy(dev.x.copy()), context=torch.zeros(40, 0))


def test_the_weights_rebuild_the_network():
    model, dev, bundle = bundle_of("cnn-regression")
    card = bundle.card
    again = models.build(
        card.model, n_channels=3, n_samples=card.window_samples, n_outputs=1, context=tuple(card.context)
    )
    again.load_state_dict(safetensors.torch.load(bundle.weights))
    with torch.no_grad():
        column = torch.from_numpy(np.array(dev.context["log10_scale"]))[:, None]
        said = again.eval()(torch.from_numpy(dev.x.copy()), column)
    np.testing.assert_allclose(said, model.outputs(dev), atol=1e-6)


def test_the_card_tells_history_sizes_settings_and_versions():
    model, _, bundle = bundle_of("cnn-small")
    card = bundle.card
    assert (card.name, card.model, card.problem, card.classes) == (
        "cnn-small-detect",
        "cnn-small",
        "detect",
        model.classes,
    )
    assert card.training.split_sizes == {"train": 32, "dev": 40}
    assert card.training.history[0]["dev_loss"] == model.history[0]["dev_loss"]
    assert card.training.settings["learning_rate"] == 1e-3
    assert card.rivals == {"sta_lta": {"threshold": 3.0}}
    assert {"foreshock", "torch", "python"} <= set(card.versions)


def test_residuals_are_quantiles_in_the_unit_of_the_target():
    model, dev, bundle = bundle_of("cnn-regression")
    residual = np.asarray(dev.y) - (model.target_mean + model.target_std * model.outputs(dev))
    assert bundle.card.residuals.q05 == pytest.approx(np.quantile(residual, 0.05))
    assert (bundle.card.target_mean, bundle.card.target_std) == (model.target_mean, model.target_std)


def test_calibration_needs_labels():
    model, dev = trained("cnn-small")
    blind = type(dev)(dev.x, dev.rate_hz, dev.table, classes=dev.classes)
    with pytest.raises(LabelError, match="40 development examples: calibration needs labelled ones"):
        to_bundle(model, blind, task="detect", preparation={}, data=[])


def test_a_temperature_undoes_a_known_overconfidence_and_never_worsens_the_likelihood():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 1.5, (20_000, 3))
    p = np.exp(log_softmax(honest, axis=1))
    y = (rng.random(len(p))[:, None] > p.cumsum(1)).sum(1).clip(0, 2)
    assert temperature(4.0 * honest, y) == pytest.approx(4.0, rel=0.05)
    assert temperature(honest, y) == pytest.approx(1.0, rel=0.05)


def test_quantiles_of_residuals_are_in_order_and_signed_as_truth_minus_value():
    low, middle, high = residual_quantiles(np.array([3.0, 4.0, 5.0]), np.array([2.0, 2.0, 2.0]))
    assert 1.0 <= low <= middle == 2.0 <= high <= 3.0
