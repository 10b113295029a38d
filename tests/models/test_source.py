"""The source network: quantiles rise whatever comes in, and turned ground turns what the motion points to."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from foreshock.models.source import LEVELS, N_OUT, Source, SourceMember  # noqa: E402
from foreshock.prepare.source_input import N_BEFORE, N_FRAMES, N_LEVELS, N_ROWS, turned  # noqa: E402


def member(seed: int = 0) -> SourceMember:
    torch.manual_seed(seed)
    return SourceMember(N_ROWS, N_FRAMES, n_levels=N_LEVELS, n_before=N_BEFORE, n_context=7).eval()


@pytest.mark.parametrize("scale", [0.0, 1.0, 1e3])
def test_quantiles_rise(scale: float) -> None:
    with torch.no_grad():
        said = member()(scale * torch.randn(16, N_ROWS, N_FRAMES), scale * torch.randn(16, 7))
    assert said.shape == (16, N_OUT)
    for first in (0, len(LEVELS)):
        assert (said[:, first : first + 5].diff(dim=1) >= 0).all()


def test_what_the_motion_points_to_turns_with_the_ground() -> None:
    network = member()
    x = np.random.default_rng(0).normal(size=(3, N_ROWS, N_FRAMES)).astype(np.float32)
    angle = np.array([0.3, 2.0, -1.0])
    gates = torch.randn(3, network.n_pairs * 12)
    with torch.no_grad():
        plain, moved = (network._pointed(torch.from_numpy(one), gates).numpy() for one in (x, turned(x, angle)))
    c, s = np.cos(angle), np.sin(angle)
    north, east = plain.T
    np.testing.assert_allclose(moved, np.stack([c * north - s * east, s * north + c * east], 1), rtol=1e-4, atol=1e-5)


def test_several_members_say_their_mean() -> None:
    members = [member(1), member(2)]
    x, context = torch.randn(4, N_ROWS, N_FRAMES), torch.randn(4, 7)
    with torch.no_grad():
        one, two = (m(x, context) for m in members)
        torch.testing.assert_close(Source(members)(x, context), (one + two) / 2)
