"""Learn: trains the picker on scenes, keeps a running mean of its weights, goes on after a crash. Knows no files but
its own checkpoint.

Adam with decoupled decay (Loshchilov & Hutter 2019, arXiv:1711.05101), a warm start and a cosine to zero; the answer is
the exponential mean of the weights (Polyak & Juditsky 1992, doi:10.1137/0330046). Every batch follows from the seed and
its number, so a training that was broken off ends where an unbroken one does.
"""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Annotated, Any

from pydantic import Field

from foreshock.config import Settings
from foreshock.errors import MissingExtraError, StateError
from foreshock.outputs import write_bytes

try:
    import torch
    from torch import Tensor, nn
except ModuleNotFoundError as error:
    raise MissingExtraError.of("training", extra="train", package=str(error.name)) from error

from foreshock.models.picker import WIDTHS, Picker
from foreshock.train.picker.scenes import Batch, Scenes

Width = Annotated[int, Field(ge=1, le=512)]


class LearnSettings(Settings):
    """How the picker learns.

    Attributes:
        widths: of the network. steps: batches. learning_rate, weight_decay: at the top of the schedule.
        warm_steps: until the learning rate is full. keep: of the running mean of weights, each step.
        every: steps between checkpoints and rows of the history.
        bf16: learn with short floats where processors have them: 1.5 times as fast there, slower elsewhere.
    """

    widths: tuple[Width, Width, Width] = WIDTHS
    steps: int = Field(default=3600, ge=1)
    learning_rate: float = Field(default=3e-3, gt=0)
    weight_decay: float = Field(default=1e-2, ge=0)
    warm_steps: int = Field(default=100, ge=0)
    keep: float = Field(default=0.995, ge=0, lt=1)
    every: int = Field(default=100, ge=1)
    bf16: bool = False
    seed: int = 0


Row = dict[str, float | int | None]
Tell = Callable[[Row], None]


def learn(
    scenes: Scenes,
    dev: Sequence[Batch],
    settings: LearnSettings,
    *,
    checkpoint: Path,
    build: Callable[[], nn.Module] | None = None,
    device: str = "auto",
    tell: Tell | None = None,
) -> tuple[nn.Module, list[Row]]:
    """Train, or go on from the checkpoint if it is there, and give the mean network and its history.

    Arguments:
        build: makes the network, (batch, 3, time) → logits (batch, 3, time / its `stride_out`); by default a `Picker`.
        device: ``cpu``, ``cuda``, or ``auto``: the GPU if torch finds one. The checkpoint of one goes on on the other.

    Raises:
        StateError: the checkpoint is damaged or of another training.
    """
    torch.manual_seed(settings.seed)
    model = Picker(widths=settings.widths) if build is None else build()
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    model.to(_device(device))
    mean = copy.deepcopy(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    history: list[Row] = []
    told = settings.model_dump(mode="json") | {"scenes": scenes.settings.model_dump(mode="json"), "data": scenes.seed}
    first = _restored(checkpoint, told, model, mean, optimiser, history)
    heard = 0.0
    for step in range(first, settings.steps):
        heard += _step(model, optimiser, scenes.batch(step), rate=_rate(settings, step), bf16=settings.bf16)
        _follow(mean, model, min(settings.keep, step / (step + 10)))
        if (step + 1) % settings.every == 0 or step + 1 == settings.steps:
            row: Row = {
                "step": step + 1,
                "train_loss": heard / (step % settings.every + 1),
                "dev_loss": score(mean, dev),
            }
            heard = 0.0
            history.append(row)
            _save(checkpoint, told, model, mean, optimiser, history)
            if tell is not None:
                tell(row)
    return mean.cpu().eval(), history


def _device(told: str) -> torch.device:
    if told == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(told)


def _on(model: nn.Module) -> torch.device:
    return next(model.parameters()).device


def _step(
    model: nn.Module, optimiser: torch.optim.Optimizer, batch: Batch, *, rate: float, bf16: bool = False
) -> float:
    for group in optimiser.param_groups:
        group["lr"] = rate
    model.train()
    where = _on(model)
    with torch.autocast(where.type, torch.bfloat16, enabled=bf16):
        logits = model(torch.from_numpy(batch.x).to(where))
    said = loss(logits.float(), batch, every=every_of(model))
    optimiser.zero_grad()
    said.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(said.detach())


def every_of(model: nn.Module) -> int:
    """How many samples lie between two answers of a network."""
    return int(getattr(model, "stride_out", 1))


def loss(logits: Tensor, batch: Batch, *, every: int = 1) -> Tensor:
    """Cross entropy with soft labels over the answers that can be checked, in nats an answer.

    Arguments:
        logits: (batch, 3, time), or (batch, 3, answer, time) of a network that answers more than once.
    """
    y, weight = (torch.from_numpy(part[..., ::every]).to(logits.device) for part in (batch.y, batch.weight))
    if logits.ndim == 4:
        y, weight = y.unsqueeze(2), weight.unsqueeze(1).expand(-1, logits.shape[2], -1)
    each = -(y * torch.log_softmax(logits, 1)).sum(1)
    return (each * weight).sum() / weight.sum().clamp(min=1)


def score(model: nn.Module, batches: Sequence[Batch]) -> float | None:
    """Mean loss over batches; None where there is none."""
    if not batches:
        return None
    model.eval()
    with torch.no_grad():
        return sum(
            float(loss(model(torch.from_numpy(batch.x).to(_on(model))), batch, every=every_of(model)))
            for batch in batches
        ) / len(batches)


def _rate(settings: LearnSettings, step: int) -> float:
    warm = min(1.0, (step + 1) / (settings.warm_steps + 1))
    return settings.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / settings.steps))


def _follow(mean: nn.Module, model: nn.Module, keep: float) -> None:
    """Move the running mean a little towards the present weights; counters are copied."""
    with torch.no_grad():
        for old, new in zip(mean.state_dict().values(), model.state_dict().values(), strict=True):
            if old.is_floating_point():
                old.lerp_(new, 1 - keep)
            else:
                old.copy_(new)


def _save(
    path: Path,
    told: dict[str, Any],
    model: nn.Module,
    mean: nn.Module,
    optimiser: torch.optim.Optimizer,
    history: list[Row],
) -> None:
    state = {
        "told": told,
        "model": model.state_dict(),
        "mean": mean.state_dict(),
        "optimiser": optimiser.state_dict(),
        "history": history,
    }
    content = io.BytesIO()
    torch.save(state, content)
    write_bytes(path, content.getvalue())


def _restored(
    path: Path,
    told: dict[str, Any],
    model: nn.Module,
    mean: nn.Module,
    optimiser: torch.optim.Optimizer,
    history: list[Row],
) -> int:
    """Take up a saved state, if there is one; give the step to go on from."""
    if not path.exists():
        return 0
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError, OSError, KeyError, ValueError) as error:
        raise StateError(f"training state {path}", "it cannot be read", "train again in another folder") from error
    if not isinstance(state, dict) or state.get("told") != told:
        raise StateError(f"training state {path}", "it is of another training", "choose another folder")
    model.load_state_dict(state["model"])
    mean.load_state_dict(state["mean"])
    optimiser.load_state_dict(state["optimiser"])
    history.extend(state["history"])
    return int(history[-1]["step"] or 0) if history else 0
