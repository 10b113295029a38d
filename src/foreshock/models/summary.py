"""Summary: a model's layers, shapes and parameters as a table of text, the way Keras prints it. Knows no training."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

LINE = 72


def count(model: nn.Module) -> tuple[int, int]:
    """Trained parameters, and those held fixed (torch's second LSTM bias, which Keras does not have)."""
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return trained, sum(p.numel() for p in model.parameters()) - trained


def summary(model: nn.Module, *, n_channels: int, n_samples: int, n_context: int = 0) -> str:
    """Layer by layer: its name and kind, its output shape (batch first, then channel and time), its parameters.

    >>> from foreshock import models
    >>> cnn = models.build("cnn", n_channels=3, n_samples=300, n_outputs=2)
    >>> print(summary(cnn, n_channels=3, n_samples=300).splitlines()[-2])
    Total params: 141,826
    """
    rows = _rows(model, n_channels=n_channels, n_samples=n_samples, n_context=n_context)
    trained, held = count(model)
    text = [f"Model: {type(model).__name__}", "=" * LINE, _row("Layer (type)", "Output shape", "Params"), "=" * LINE]
    text += [_row(*row) for row in rows]
    text += ["=" * LINE, f"Total params: {trained:,}"]
    text += [f"Held at zero: {held:,} (torch's second LSTM bias; Keras has one)" if held else "All are trained."]
    return "\n".join(text)


def _row(layer: str, shape: str, params: str) -> str:
    return f"{layer:<32}{shape:<24}{params:>16}"


def _rows(model: nn.Module, *, n_channels: int, n_samples: int, n_context: int) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []

    def note(name: str) -> Any:
        def hook(layer: nn.Module, _given: Any, out: Any) -> None:
            first = out[0] if isinstance(out, tuple) else out
            shape = f"(None, {', '.join(str(n) for n in first.shape[1:])})"
            rows.append((f"{name} ({type(layer).__name__})", shape, f"{count(layer)[0]:,}"))

        return hook

    leaves = [(name, layer) for name, layer in model.named_modules() if name and not list(layer.children())]
    handles = [layer.register_forward_hook(note(name)) for name, layer in leaves]
    was_training = model.training
    try:
        model.eval()
        like = next(model.parameters())
        with torch.no_grad():
            model(like.new_zeros(1, n_channels, n_samples), like.new_zeros(1, n_context))
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return rows
