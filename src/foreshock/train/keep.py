"""Keep: how the state of a training is written and read back. Knows nothing about what is in it.

Files are whole or absent (a crash while writing leaves the state before), and are read as tensors and plain values
only, never as code.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO

from foreshock.errors import StateError
from foreshock.outputs import write_bytes
from foreshock.train.data import Data


class WholeFiles(TorchCheckpointIO):
    """Lightning's way to a checkpoint, through files that are whole or absent."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None) -> None:
        """Write the state.

        Raises:
            OutputError: the disk is full or the folder read-only.
        """
        content = io.BytesIO()  # torch's own writer tells of a full disk by a RuntimeError without a reason
        torch.save(checkpoint, content)
        write_bytes(Path(path), content.getvalue())

    def load_checkpoint(self, path: Any, *ignored: Any, **also_ignored: Any) -> dict[str, Any]:
        """Read a state: tensors and plain values."""
        return _load(Path(path))

    def remove_checkpoint(self, path: Any) -> None:
        """Remove a state."""
        Path(path).unlink(missing_ok=True)


def read_state(path: Path) -> dict[str, Any]:
    """Read a saved state: tensors and plain values.

    Raises:
        StateError: the file is damaged or holds anything else.
    """
    state = _load(path)
    if not {"foreshock", "callbacks", "state_dict"} <= set(state):
        raise StateError(f"training state {path}", "it is not one of Foreshock's", "train again")
    return state


def _load(path: Path) -> dict[str, Any]:
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, UnpicklingError, EOFError, OSError, KeyError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise StateError(f"training state {path}", f"it cannot be read ({reason})", "train again") from error
    return state if isinstance(state, dict) else {}


def fingerprint(*parts: Data) -> str:
    """A hash that tells one set of examples from another: all labels and weights, all of some windows."""
    digest = hashlib.sha256()
    for data in parts:
        digest.update(repr((data.x.shape, str(data.x.dtype))).encode())
        some = np.unique(np.linspace(0, max(0, len(data) - 1), 64).astype(int)) if len(data) else np.arange(0)
        for array in (data.x[some], data.y, data.context, data.weight):
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
