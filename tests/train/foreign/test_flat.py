"""Layers laid flat say what torch's own layers say."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from foreshock.train.foreign.eqtransformer import Lstm, Norm
from foreshock.train.foreign.flat import Conv, Doubled, Up


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def used(channels: int) -> nn.BatchNorm1d:
    """A normalisation that has seen something."""
    norm = nn.BatchNorm1d(channels, eps=1e-3)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.1, 2)
    nn.init.uniform_(norm.weight)
    return norm.eval()


@torch.no_grad()
@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(7, 1, "same"), (7, 4, 3), (7, 4, 0), (2, 1, 0), (1, 1, "same")]
)
@pytest.mark.parametrize("bias", [True, False])
def test_a_flat_convolution_with_its_normalisation(kernel: int, stride: int, padding: str | int, bias: bool) -> None:
    layer, norm = nn.Conv1d(3, 5, kernel, stride, padding=padding, bias=bias), used(5)
    x = torch.randn(2, 3, 101)
    assert torch.allclose(Conv(layer, norm)(x.unsqueeze(2)).squeeze(2), norm(layer(x)), atol=1e-5)
    assert torch.allclose(Conv(layer)(x.unsqueeze(2)).squeeze(2), layer(x), atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize(("kernel", "stride"), [(7, 4), (8, 4), (5, 2), (3, 3)])
def test_a_flat_step_up_is_the_middle_of_a_transposed_convolution(kernel: int, stride: int) -> None:
    layer, norm = nn.ConvTranspose1d(6, 4, kernel, stride, bias=False), used(4)
    x = torch.randn(2, 6, 33)
    whole = torch.relu(norm(layer(x)))[..., 1:-2]
    length = whole.shape[-1] - 5
    got = Up(layer, norm)(x.unsqueeze(2), length).squeeze(2)
    assert torch.allclose(got, whole[..., 2 : 2 + length], atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 9, 11])
def test_a_doubled_series_need_not_be_made(kernel: int) -> None:
    layer = nn.Conv1d(4, 6, kernel, padding=kernel // 2)
    x = torch.randn(2, 4, 29)
    want = torch.relu(layer(F.interpolate(x, scale_factor=2.0, mode="nearest")))
    assert torch.allclose(Doubled(layer)(x.unsqueeze(2)).squeeze(2), want, atol=1e-5)


@torch.no_grad()
def test_a_normalisation_is_a_factor_and_a_term() -> None:
    norm, x = used(4), torch.randn(2, 4, 9)
    assert torch.allclose(Norm(norm)(x.unsqueeze(2)).squeeze(2), norm(x), atol=1e-6)


def test_an_lstm_with_gates_onnx_does_not_know_is_refused() -> None:
    class Cell:
        weight_ih = weight_hh = torch.zeros(8, 2)
        bias_ih = bias_hh = torch.zeros(8)
        gate_activation = staticmethod(torch.tanh)

    class Custom:
        cell_f = Cell()
        bidirectional = False

    with pytest.raises(ValueError, match="ONNX has sigmoid and hard sigmoid only"):
        Lstm(Custom())
