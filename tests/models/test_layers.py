"""The article's layer formulas on small numbers, by hand, against torch's layers. Knows no whole network."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from foreshock.models import after_pool, after_valid_convolution, keras_start


def convolution(x: list[list[float]], weight: list[list[list[float]]], bias: list[float]) -> list[list[float]]:
    """out[k][t] = bias[k] + Σ_c Σ_j weight[k][c][j] · x[c][t + j], no padding."""
    kernel = len(weight[0][0])
    return [
        [
            bias[k] + sum(weight[k][c][j] * x[c][t + j] for c in range(len(x)) for j in range(kernel))
            for t in range(len(x[0]) - kernel + 1)
        ]
        for k in range(len(weight))
    ]


def max_pool(x: list[float], size: int = 2) -> list[float]:
    return [max(x[t : t + size]) for t in range(0, len(x) - size + 1, size)]


def average_pool(x: list[float], size: int = 2) -> list[float]:
    return [sum(x[t : t + size]) / size for t in range(0, len(x) - size + 1, size)]


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def recurrent(steps: list[float], weight: list[list[float]], bias: list[float], sigma) -> list[list[float]]:
    """h_t = σ(W·[h_{t-1}, x_t] + b) from h_0 = 0, as §4.2.1 has it."""
    state, states = [0.0] * len(weight), []
    for step in steps:
        joined = [*state, step]
        state = [
            sigma(sum(w * v for w, v in zip(row, joined, strict=True)) + b) for row, b in zip(weight, bias, strict=True)
        ]
        states.append(state)
    return states


X = [[1.0, 2.0, -1.0, 0.5, 3.0], [0.0, 1.0, 4.0, -2.0, 1.0]]
WEIGHT = [[[1.0, 0.0, -1.0], [0.5, 0.5, 0.5]], [[0.0, 2.0, 0.0], [1.0, -1.0, 0.0]]]
BIAS = [0.1, -0.2]


def test_a_convolution_sums_over_channels_and_kernel_and_shortens_by_two():
    by_hand = [[4.6, 3.1, -2.4], [2.8, -5.2, 6.8]]
    for k in range(2):
        assert convolution(X, WEIGHT, BIAS)[k] == pytest.approx(by_hand[k])
    layer = keras_start.conv1d(2, 2, kernel=3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(WEIGHT))
        layer.bias.copy_(torch.tensor(BIAS))
    torch.testing.assert_close(layer(torch.tensor([X]))[0], torch.tensor(by_hand))


def test_the_articles_convolution_formula_without_the_kernel_sum_is_a_kernel_of_one():
    weight = [[[2.0], [-1.0]]]
    assert convolution(X, weight, [0.5])[0] == pytest.approx([2 * a - b + 0.5 for a, b in zip(*X, strict=True)])


def test_max_pooling_takes_the_larger_of_each_pair_and_drops_the_odd_one():
    assert max_pool(X[0]) == [2.0, 0.5]
    assert nn.MaxPool1d(2)(torch.tensor([X]))[0].tolist() == [max_pool(row) for row in X]


def test_average_pooling_takes_the_mean_of_each_pair():
    assert average_pool(X[1]) == [0.5, 1.0]
    assert nn.AvgPool1d(2)(torch.tensor([X]))[0].tolist() == [average_pool(row) for row in X]


def test_average_pooling_of_a_two_by_two_square_divides_by_four_as_the_article_writes():
    square = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
    assert nn.AvgPool2d(2)(square).item() == (1 + 2 + 3 + 6) / (2 * 2)


def test_lengths_are_those_that_the_layers_leave():
    for n in range(3, 40):
        x = torch.zeros(1, 1, n)
        conv = nn.Conv1d(1, 1, 3)(x)
        assert conv.shape[-1] == after_valid_convolution(n, kernel=3)
        if conv.shape[-1] >= 2:
            assert nn.MaxPool1d(2)(conv).shape[-1] == after_pool(conv.shape[-1])


def test_the_articles_example_gives_one_half_for_the_logistic_function_and_zero_only_for_tanh():
    zero = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    steps = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert recurrent(steps, zero, [0.0, 0.0], logistic) == [[0.5, 0.5]] * 5
    assert recurrent(steps, zero, [0.0, 0.0], math.tanh) == [[0.0, 0.0]] * 5
    output = [logistic(0.0 * h1 + 0.0 * h2 + 0.0) for h1, h2 in recurrent(steps, zero, [0.0, 0.0], logistic)]
    assert output == [0.5] * 5


def test_five_inputs_make_five_steps_and_a_joined_vector_of_three():
    """The article stops after four steps and multiplies a row of two; [h, x] of two states and a scalar x has three."""
    layer = nn.RNN(1, 2, batch_first=True)
    states, _ = layer(torch.tensor([[[1.0], [2.0], [3.0], [4.0], [5.0]]]))
    assert states.shape == (1, 5, 2)
    assert layer.weight_hh_l0.shape[1] + layer.weight_ih_l0.shape[1] == 3
    with pytest.raises(ValueError):
        recurrent([1.0], [[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], logistic)


def test_the_recurrent_state_and_output_are_those_of_torch():
    weight, bias = [[0.5, -0.25, 0.1], [0.2, 0.3, -0.4]], [0.05, -0.1]
    states = recurrent([1.0, 2.0, 3.0, 4.0, 5.0], weight, bias, math.tanh)
    layer = nn.RNN(1, 2, batch_first=True)
    with torch.no_grad():
        layer.weight_hh_l0.copy_(torch.tensor(weight)[:, :2])
        layer.weight_ih_l0.copy_(torch.tensor(weight)[:, 2:])
        layer.bias_ih_l0.copy_(torch.tensor(bias))
        layer.bias_hh_l0.zero_()
    got, _ = layer(torch.arange(1.0, 6.0).reshape(1, 5, 1))
    torch.testing.assert_close(got[0], torch.tensor(states))
    output = keras_start.dense(2, 1)
    with torch.no_grad():
        output.weight.copy_(torch.tensor([[1.0, -2.0]]))
        output.bias.fill_(0.3)
    by_hand = [logistic(h1 - 2 * h2 + 0.3) for h1, h2 in states]
    torch.testing.assert_close(torch.sigmoid(output(got))[0, :, 0], torch.tensor(by_hand))


def test_an_lstm_step_is_its_four_gates_by_hand():
    layer = keras_start.lstm(1, 1, steps=10)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor([[0.1], [0.2], [0.3], [0.4]]))
        layer.weight_hh_l0.copy_(torch.tensor([[-0.1], [0.5], [0.7], [0.2]]))
        layer.bias_ih_l0.copy_(torch.tensor([0.0, 1.0, -0.5, 0.25]))
    h = c = 0.0
    for x in (1.0, 2.0, 3.0):
        i, f = logistic(0.1 * x - 0.1 * h), logistic(0.2 * x + 0.5 * h + 1.0)
        g, o = math.tanh(0.3 * x + 0.7 * h - 0.5), logistic(0.4 * x + 0.2 * h + 0.25)
        c = f * c + i * g
        h = o * math.tanh(c)
    sequence, (_, cell) = layer(torch.tensor([[[1.0], [2.0], [3.0]]]))
    assert sequence[0, -1].item() == pytest.approx(h, abs=1e-6)
    assert cell.item() == pytest.approx(c, abs=1e-6)


def test_an_lstm_starts_orthogonal_with_memories_from_short_to_the_whole_window():
    torch.manual_seed(0)
    layer = keras_start.lstm(3, 50, steps=300)
    for gate in layer.weight_hh_l0.reshape(4, 50, 50):
        assert torch.linalg.matrix_norm(gate, 2) <= 1 + 1e-5
    whole = layer.weight_hh_l0
    torch.testing.assert_close(whole.T @ whole, torch.eye(50), atol=1e-5, rtol=0)
    memory = 1 / (1 - torch.sigmoid(layer.bias_ih_l0[50:100]))
    assert memory.min() >= 2
    assert 200 < memory.max() <= 301
    assert layer.bias_hh_l0.abs().max() == 0
    assert not layer.bias_hh_l0.requires_grad
