"""Learn: trains source networks on scenes, keeps running means of their weights, goes on after a crash.

Knows no files but its own checkpoint. Adam with decoupled decay (Loshchilov & Hutter 2019, arXiv:1711.05101), a warm
start and a cosine to zero; the answer is the exponential mean of the weights. The loss is the pinball loss of magnitude
and log distance and the negative log likelihood of a von Mises distribution of the back azimuth. Members learn one
after another, each from its own seed; every batch follows from the seed and its number.
"""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from pydantic import Field

from foreshock.config import Settings
from foreshock.errors import MissingExtraError, StateError
from foreshock.outputs import write_bytes

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtraError.of("training", extra="train", package=str(error.name)) from error

from foreshock.models.source import LEVELS, Source, SourceMember
from foreshock.prepare.source_input import N_BEFORE, N_FRAMES, N_LEVELS, N_ROWS
from foreshock.prepare.source_keys import context_names
from foreshock.train.source.scenes import Batch, Scenes
from foreshock.types.arrays import Float32, Float64


class LearnSettings(Settings):
    """How the source network learns.

    Attributes:
        members: networks that are averaged. width, hidden, dropout: of each.
        steps: batches a member. learning_rate, weight_decay: at the top of the schedule.
        warm_steps: until the learning rate is full. keep: of the running mean of weights, each step.
        distance_weight, azimuth_weight: of the losses beside that of the magnitude.
        every: steps between checkpoints and rows of the history.
    """

    members: int = Field(default=4, ge=1, le=16)
    width: int = Field(default=32, ge=4, le=128)
    hidden: int = Field(default=48, ge=4, le=512)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    steps: int = Field(default=4000, ge=1)
    learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=2e-2, ge=0)
    warm_steps: int = Field(default=100, ge=0)
    keep: float = Field(default=0.998, ge=0, lt=1)
    distance_weight: float = Field(default=2.0, ge=0)
    azimuth_weight: float = Field(default=0.1, ge=0)
    every: int = Field(default=500, ge=1)
    seed: int = 0


Row = dict[str, float | int | None]
Tell = Callable[[Row], None]
_DEV_BATCHES = 6


def member_of(settings: LearnSettings, n_instruments: int) -> SourceMember:
    """A network that knows nothing yet."""
    return SourceMember(
        N_ROWS,
        N_FRAMES,
        n_levels=N_LEVELS,
        n_before=N_BEFORE,
        n_context=len(context_names([""] * n_instruments)),
        width=settings.width,
        hidden=settings.hidden,
        dropout=settings.dropout,
    )


def learn(
    scenes: Scenes, dev: Scenes | None, settings: LearnSettings, *, checkpoint: Path, tell: Tell | None = None
) -> tuple[Source, list[Row]]:
    """Train all members, or go on from the checkpoint if it is there, and give the network and its history.

    Raises:
        StateError: the checkpoint is damaged or of another training.
    """
    told: dict[str, Any] = {
        "learn": settings.model_dump(mode="json"),
        "scenes": scenes.settings.model_dump(mode="json"),
    }
    told |= {"data": scenes.seed, "records": len(scenes.shelf), "instruments": list(scenes.instruments)}
    saved = _restored(checkpoint, told)
    done: list[dict[str, Any]] = saved.get("done", [])
    history: list[Row] = saved.get("history", [])
    held_out = [dev.batch(number) for number in range(_DEV_BATCHES)] if dev is not None else []
    for number in range(len(done), settings.members):
        run = _Run(scenes, settings, number)
        run.restore(saved.pop("run", None))
        while run.step < settings.steps:
            run.advance()
            if run.step % settings.every == 0 or run.step == settings.steps:
                history.append(run.row(held_out))
                state = {"told": told, "done": done, "history": history, "run": run.state()}
                _save(checkpoint, state)
                if tell is not None:
                    tell(history[-1])
        done.append(run.mean.state_dict())
    return _assembled(done, settings, len(scenes.instruments)), history


class _Run:
    """One member on its way."""

    def __init__(self, scenes: Scenes, settings: LearnSettings, number: int) -> None:
        self.scenes, self.settings, self.number = scenes, settings, number
        torch.manual_seed(settings.seed * 1000 + number)
        self.model = member_of(settings, len(scenes.instruments))
        _begin(self.model)
        self.mean = copy.deepcopy(self.model)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        self.step, self.heard = 0, 0.0

    def advance(self) -> None:
        """One batch; dropout follows from the seed, the member and the step."""
        settings = self.settings
        torch.manual_seed((settings.seed * 1000 + self.number) * 1_000_000 + self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = _rate(settings, self.step)
        batch = self.scenes.batch(self.number * settings.steps + self.step)
        self.model.train()
        said = loss(self.model(torch.from_numpy(batch.x), torch.from_numpy(batch.context)), batch, settings)
        self.optimiser.zero_grad()
        said.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        _follow(self.mean, self.model, min(settings.keep, self.step / (self.step + 10)))
        self.heard += float(said.detach())
        self.step += 1

    def row(self, held_out: list[Batch]) -> Row:
        """What the history keeps."""
        since = self.step % self.settings.every or min(self.settings.every, self.step)
        row: Row = {
            "member": self.number,
            "step": self.step,
            "train_loss": self.heard / since,
            "dev_loss": score(self.mean, held_out, self.settings),
        }
        self.heard = 0.0
        return row

    def state(self) -> dict[str, Any]:
        """What is needed to go on."""
        return {
            "step": self.step,
            "model": self.model.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }

    def restore(self, state: dict[str, Any] | None) -> None:
        """Go on from there."""
        if state is None:
            return
        self.step = int(state["step"])
        self.model.load_state_dict(state["model"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])


def _begin(model: SourceMember) -> None:
    """Start from a magnitude of 3 ± and a distance of some tens of kilometres."""
    with torch.no_grad():
        middle = len(LEVELS) // 2
        for place, value in ((middle, 3.0), (len(LEVELS) + middle, 1.6)):
            model.straight.bias[place] = value


def loss(said: Tensor, batch: Batch, settings: LearnSettings) -> Tensor:
    """The sum of the three losses, a mean over the examples."""
    magnitude, distance = (torch.from_numpy(v).float() for v in (batch.magnitude, batch.log_distance))
    azimuth = torch.from_numpy(batch.back_azimuth_rad).float()
    total = pinball(said[:, :5], magnitude) + settings.distance_weight * pinball(said[:, 5:10], distance)
    known = torch.isfinite(azimuth)
    return total + settings.azimuth_weight * _von_mises(said[known, 10:], azimuth[known])


def pinball(quantiles: Tensor, truth: Tensor) -> Tensor:
    """Mean pinball loss over examples and levels: (example, level), (example,) → a number.

    >>> round(float(pinball(torch.zeros(1, 5), torch.ones(1))), 3)
    0.5
    """
    levels = torch.tensor(LEVELS)
    miss = truth[:, None] - quantiles
    return torch.maximum(levels * miss, (levels - 1) * miss).mean()


def _von_mises(vector: Tensor, azimuth: Tensor) -> Tensor:
    """Negative log likelihood of directions; the vector is the concentration times (north, east)."""
    if len(azimuth) == 0:
        return vector.sum() * 0.0
    concentration = vector.square().sum(1).add(1e-8).sqrt()
    along = vector[:, 0] * torch.cos(azimuth) + vector[:, 1] * torch.sin(azimuth)
    return (torch.log(torch.special.i0e(concentration)) + concentration - along).mean()


def score(model: SourceMember, batches: list[Batch], settings: LearnSettings) -> float | None:
    """Mean loss over batches; None where there is none."""
    if not batches:
        return None
    model.eval()
    with torch.no_grad():
        said = [(model(torch.from_numpy(b.x), torch.from_numpy(b.context)), b) for b in batches]
        return sum(float(loss(out, batch, settings)) for out, batch in said) / len(said)


def asked(model: nn.Module) -> Callable[[Float32, Float32], Float64]:
    """A network as a function of arrays: (record, row, frame) and (record, fact) to its own numbers."""

    def run(x: Float32, context: Float32) -> Float64:
        with torch.no_grad():
            said: Float64 = model(torch.from_numpy(x), torch.from_numpy(context)).numpy().astype("float64")
        return said

    return run


def _rate(settings: LearnSettings, step: int) -> float:
    warm = min(1.0, (step + 1) / (settings.warm_steps + 1))
    return settings.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / settings.steps))


def _follow(mean: SourceMember, model: SourceMember, keep: float) -> None:
    with torch.no_grad():
        for old, new in zip(mean.parameters(), model.parameters(), strict=True):
            old.lerp_(new, 1 - keep)


def _assembled(states: list[dict[str, Any]], settings: LearnSettings, n_instruments: int) -> Source:
    members = []
    for state in states:
        member = member_of(settings, n_instruments)
        member.load_state_dict(state)
        members.append(member)
    return Source(members).eval()


def _save(path: Path, state: dict[str, Any]) -> None:
    content = io.BytesIO()
    torch.save(state, content)
    write_bytes(path, content.getvalue())


def _restored(path: Path, told: dict[str, Any]) -> dict[str, Any]:
    """The saved state, if there is one."""
    if not path.exists():
        return {}
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError, OSError, KeyError, ValueError) as error:
        raise StateError(f"training state {path}", "it cannot be read", "train again in another folder") from error
    if not isinstance(state, dict) or state.get("told") != told:
        raise StateError(f"training state {path}", "it is of another training", "choose another folder")
    return state
