"""Devices: which accelerators torch can train on here. Knows no training."""

from __future__ import annotations

from foreshock.errors import MissingExtraError

try:
    import torch
except ModuleNotFoundError as error:
    raise MissingExtraError.of("training", extra="train", package=str(error.name)) from error


def accelerators() -> tuple[str, ...]:
    """Names of the accelerators that torch sees; none where it trains on the CPU."""
    found = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append("Apple GPU (mps)")
    return tuple(found)
