"""The picker sees no further than it says, and moves with its input by whole strides."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from foreshock.models.picker import EVERY, MARGIN, STRIDE, Picker, influence  # noqa: E402


@pytest.fixture(scope="module")
def model() -> Picker:
    torch.manual_seed(0)
    return Picker(widths=(8, 16, 32)).eval()


def test_nothing_beyond_the_margin_has_an_influence() -> None:
    assert influence(4 * MARGIN // STRIDE * STRIDE) <= MARGIN
    assert MARGIN % STRIDE == 0
    assert MARGIN <= 1500


def test_shifting_by_a_stride_shifts_the_answer(model: Picker) -> None:
    x = torch.randn(1, 6, 2 * MARGIN + 20 * STRIDE)
    with torch.no_grad():
        a, b = model(x)[..., STRIDE // EVERY :], model(x[..., STRIDE:])
    inner = slice(MARGIN // EVERY, -MARGIN // EVERY)
    torch.testing.assert_close(a[..., inner], b[..., inner], atol=1e-5, rtol=1e-5)


def test_there_is_an_answer_every_four_samples_and_the_network_is_small(model: Picker) -> None:
    assert model(torch.zeros(2, 6, 7 * STRIDE)).shape == (2, 3, 7 * STRIDE // EVERY)
    assert sum(weight.numel() for weight in Picker().parameters()) * 4 < 2_000_000
