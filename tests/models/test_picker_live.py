"""The live network says the same hop by hop and over whole recordings, and nothing that comes later changes it."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from foreshock.models.picker_hop import LiveHop  # noqa: E402
from foreshock.models.picker_live import AHEAD, EVERY, HOP, LATER, PickerLive  # noqa: E402


@pytest.fixture(scope="module")
def model() -> PickerLive:
    """Random weights and running means that are not those of the beginning."""
    torch.manual_seed(1)
    made = PickerLive(fine=8, coarse=16, since=8).train()
    with torch.no_grad():
        for _ in range(10):
            made(torch.randn(4, 6, 512))
    return made.eval()


def by_hops(model: PickerLive, x: torch.Tensor) -> torch.Tensor:
    hop = LiveHop(model).eval()
    long, said = torch.nn.functional.pad(x, (0, LATER)), []
    past = [[torch.zeros(len(x), width)] * max(hops) for width, hops in hop.delays]
    for first in range(0, long.shape[-1], HOP):
        heard = [line[-ago] for line, (_, hops) in zip(past, hop.delays, strict=True) for ago in hops]
        curves, news = hop(long[..., first : first + HOP], torch.cat(heard, 1))
        for line, new in zip(past, torch.split(news, [width for width, _ in hop.delays], dim=1), strict=True):
            line.append(new)
        said.append(curves)
    whole, n = torch.cat(said, -1), x.shape[-1] // EVERY
    return torch.stack([whole[:, :, k, late // EVERY :][..., :n] for k, late in enumerate((AHEAD, LATER))], 2)


def test_hops_say_what_the_whole_says(model: PickerLive) -> None:
    x = torch.randn(3, 6, 1600)
    with torch.no_grad():
        torch.testing.assert_close(by_hops(model, x), model(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize("told", [{"fine": 8, "coarse": 24}, {"corners": (0.0,)}, {}])
def test_any_width_does_so(told: dict[str, Any]) -> None:
    torch.manual_seed(0)
    model = PickerLive(**told).eval()
    x = torch.randn(2, model.n_channels, 400)
    with torch.no_grad():
        torch.testing.assert_close(by_hops(model, x), model(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("answer", "ahead", "within_s"), [(0, AHEAD, 0.96), (1, LATER, 6.08)])
def test_what_comes_later_than_the_look_ahead_changes_no_answer(
    model: PickerLive, answer: int, ahead: int, within_s: float
) -> None:
    x, frame = torch.randn(1, 6, 1600), 150
    other = x.clone()
    known = frame * EVERY // HOP * HOP + HOP + ahead
    other[..., known:] = torch.randn(1, 6, 1600 - known) * 100
    with torch.no_grad():
        a, b = model(x)[:, :, answer], model(other)[:, :, answer]
    torch.testing.assert_close(a[..., : frame + 1], b[..., : frame + 1], atol=0, rtol=0)
    assert not torch.allclose(a[..., frame + 4 :], b[..., frame + 4 :])
    assert (known - frame * EVERY) / 100 <= within_s


def test_the_second_answer_knows_what_came_after_the_first(model: PickerLive) -> None:
    x, frame = torch.randn(1, 6, 1600), 150
    other = x.clone()
    other[..., frame * EVERY + AHEAD + 3 * HOP :] *= 20
    with torch.no_grad():
        apart = (model(x) - model(other)).abs().amax(1)[0, :, frame]
    assert apart[0] == 0
    assert apart[1] > 0


def test_what_lies_seconds_back_is_remembered(model: PickerLive) -> None:
    x = torch.randn(1, 6, 2400)
    other = x.clone()
    other[..., :100] *= 5
    with torch.no_grad():
        apart = (model(x) - model(other)).abs().amax((0, 1, 2))
    assert apart[10 * 25 + 25] > 1e-6


def test_stations_side_by_side_do_not_see_each_other(model: PickerLive) -> None:
    x = torch.randn(5, 6, 400)
    with torch.no_grad():
        torch.testing.assert_close(by_hops(model, x)[2:3], by_hops(model, x[2:3]), atol=1e-5, rtol=0)
