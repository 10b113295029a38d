"""What models need, what they give, and how many parameters they have. Knows no training."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock import models
from foreshock.errors import ConfigError
from foreshock.models.context import Context
from foreshock.models.summary import count, summary


def build(name: str, *, n_channels: int = 3, n_samples: int = 300, n_outputs: int = 2, context: tuple[str, ...] = ()):
    outputs = 1 if models.needs(name).task == "regress" else n_outputs
    torch.manual_seed(0)
    return models.build(name, n_channels=n_channels, n_samples=n_samples, n_outputs=outputs, context=context)


def keras_conv(n_in: int, n_out: int, kernel: int = 3) -> int:
    return (n_in * kernel + 1) * n_out


def keras_lstm(n_in: int, units: int) -> int:
    return 4 * (units * (n_in + units) + units)


@pytest.mark.parametrize(("name", "filters"), [("cnn", (64, 128, 256)), ("cnn-small", (32, 64, 128))])
@pytest.mark.parametrize(("channels", "samples", "classes"), [(3, 300, 2), (1, 22, 10), (3, 3000, 3)])
def test_the_article_cnn_has_the_parameters_keras_counts(name, filters, channels, samples, classes):
    a, b, c = filters
    left = samples
    for _ in range(3):
        left = (left - 2) // 2
    expected = keras_conv(channels, a) + keras_conv(a, b) + keras_conv(b, c) + (c * left + 1) * classes
    model = build(name, n_channels=channels, n_samples=samples, n_outputs=classes)
    assert count(model) == (expected, 0)


def test_the_article_cnn_at_thirty_seconds_and_ten_hertz_has_141826_parameters():
    assert count(build("cnn"))[0] == 640 + 24_704 + 98_560 + 17_922 == 141_826


@pytest.mark.parametrize(("channels", "classes"), [(3, 2), (1, 5)])
def test_the_article_lstm_trains_what_keras_counts_and_holds_torchs_second_biases(channels, classes):
    expected = keras_lstm(channels, 50) + 2 * keras_lstm(50, 50) + 51 * classes
    assert count(build("lstm", n_channels=channels, n_outputs=classes)) == (expected, 3 * 4 * 50)


def test_a_window_too_short_is_told_at_once():
    with pytest.raises(ConfigError, match=r"window of 12 samples is too short for cnn: it needs ≥ 22"):
        models.needs("cnn", n_samples=12)
    with pytest.raises(ConfigError, match="21 samples"):
        build("cnn", n_samples=21)
    assert build("cnn", n_samples=22)(torch.zeros(1, 3, 22), None).shape == (1, 2)


def test_wrong_names_contexts_and_outputs_are_one_sentence_with_a_remedy():
    with pytest.raises(ConfigError, match="did you mean 'cnn-small'"):
        models.needs("cnn-smal")
    with pytest.raises(ConfigError, match=r"context log10_scale for lstm: it reads the wave only"):
        models.needs("lstm", context=("log10_scale",))
    with pytest.raises(ConfigError, match="3 outputs for cnn-regression"):
        models.build("cnn-regression", n_channels=3, n_samples=300, n_outputs=3)
    with pytest.raises(ConfigError, match="0 channels"):
        models.needs("cnn", n_channels=0)
    with pytest.raises(ConfigError, match="stands twice"):
        models.needs("conv-lstm", context=("a", "a"))


@pytest.mark.parametrize("name", models.NAMES)
@settings(max_examples=6, deadline=None)
@given(batch=st.integers(1, 4), channels=st.integers(1, 4), extra=st.integers(0, 70), classes=st.integers(2, 5))
def test_any_window_that_is_long_enough_gives_one_answer_an_example(name, batch, channels, extra, classes):
    needs = models.needs(name)
    samples = needs.shortest_window + extra
    context = ("a", "b") if needs.reads_context else ()
    model = build(name, n_channels=channels, n_samples=samples, n_outputs=classes, context=context)
    out = model(torch.randn(batch, channels, samples), torch.randn(batch, len(context)))
    assert out.shape == ((batch,) if needs.task == "regress" else (batch, classes))
    assert torch.isfinite(out).all()


@pytest.mark.parametrize("name", models.NAMES)
def test_an_example_alone_gives_what_it_gives_in_a_batch(name):
    context = ("a",) if models.needs(name).reads_context else ()
    model = build(name, context=context).eval()
    x, columns = torch.randn(4, 3, 300), torch.randn(4, len(context))
    with torch.no_grad():
        together = model(x, columns)
        alone = torch.cat([model(x[k : k + 1], columns[k : k + 1]) for k in range(4)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", models.NAMES)
def test_every_trained_weight_gets_a_gradient(name):
    context = ("a",) if models.needs(name).reads_context else ()
    model = build(name, context=context)
    if name == "cnn-regression":  # its last layer starts at zero, so a first step must move it
        torch.nn.init.ones_(model.value.weight)
    model(torch.randn(4, 3, 300), torch.randn(4, len(context))).square().sum().backward()
    still = [key for key, weight in model.named_parameters() if weight.requires_grad and not weight.grad.abs().sum()]
    assert still == []


def test_the_regression_starts_as_a_line_through_its_columns():
    model = build("cnn-regression", context=("log10_scale", "log10_distance_km"))
    columns = torch.randn(5, 2)
    line = model.line(columns)[:, 0] + model.value.bias
    torch.testing.assert_close(model(torch.randn(5, 3, 300), columns), line)


def test_context_is_brought_to_one_scale_and_a_constant_column_stays_finite():
    columns = torch.tensor([[1.0, 7.0], [3.0, 7.0]])
    context = Context(("a", "b"))
    context.learn_scale(columns)
    assert context(columns).tolist() == [[-1.0, 0.0], [1.0, 0.0]]
    assert set(context.state_dict()) == {"mean", "spread"}


def test_the_same_seed_gives_the_same_weights():
    for one, two in zip(build("lstm").parameters(), build("lstm").parameters(), strict=True):
        assert torch.equal(one, two)


def test_the_summary_names_layers_shapes_and_parameters():
    text = summary(build("cnn"), n_channels=3, n_samples=300)
    assert "conv2 (Conv1d)" in text
    assert "(None, 128, 147)" in text
    assert "24,704" in text
    assert "Total params: 141,826" in text
    held = summary(build("lstm"), n_channels=3, n_samples=300)
    assert "Total params: 51,302" in held
    assert "Held at zero: 600" in held


def test_naming_models_loads_no_torch(tmp_path):
    import subprocess
    import sys

    code = "import sys; from foreshock import models; models.needs('cnn'); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
