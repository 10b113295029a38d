"""Network: a torch model written as plain ONNX bytes, and compared with it. Knows no bundles and no training.

torch's exporter would unroll an LSTM into its steps (44 s of CPU time for three layers over 300 steps, and hundreds of
warnings). So LSTM layers are first exchanged for ones that call ONNX's own LSTM operator.
"""

from __future__ import annotations

import contextlib
import copy
import logging
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from foreshock.bundle.onnx_runtime import onnxruntime
from foreshock.errors import BundleError
from foreshock.train.quiet import quiet

OPSET = 18
PARITY = 1e-4
"""Largest difference allowed between torch and ONNX Runtime, relative to the larger of 1 and the largest output."""

BATCHES = (1, 3, 32)


class OnnxLstm(nn.Module):
    """A trained LSTM layer as ONNX's operator; its gates are ordered input, output, forget, cell."""

    weight: Tensor
    recurrent: Tensor
    bias: Tensor

    def __init__(self, layer: nn.LSTM) -> None:
        super().__init__()
        self.units = layer.hidden_size
        kernel, recurrent, *biases = (_reordered(weight.detach()) for _, weight in layer.named_parameters())
        self.register_buffer("weight", kernel[None])
        self.register_buffer("recurrent", recurrent[None])
        self.register_buffer("bias", torch.cat(biases)[None])

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        """(batch, time, n_in) → (batch, time, units)."""
        n_batch, n_time, _ = x.shape
        y = torch.onnx.ops.symbolic(
            "LSTM",
            (x.transpose(0, 1), self.weight, self.recurrent, self.bias),
            attrs={"hidden_size": self.units},
            dtype=torch.float32,
            shape=(n_time, 1, n_batch, self.units),
        )
        return y[:, 0].transpose(0, 1), None


def _reordered(weight: Tensor) -> Tensor:
    inputs, forget, cell, output = weight.chunk(4)
    return torch.cat([inputs, output, forget, cell])


class _Doors(nn.Module):
    """The model with the doors a bundle promises: ``x`` and, where it is read, ``context``."""

    def __init__(self, model: nn.Module, *, classify: bool) -> None:
        super().__init__()
        self.model = model
        self.classify = classify

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        out: Tensor = self.model(x, context)
        return out if self.classify else out.reshape(x.shape[0])


def to_onnx(model: nn.Module, *, n_channels: int, n_samples: int, n_context: int, classify: bool) -> bytes:
    """Write a model as ONNX with a free batch axis: ``x`` (and ``context``) in, ``logits`` or ``value`` out."""
    doors = _Doors(_exchanged(copy.deepcopy(model)), classify=classify).eval()
    free = [torch.export.Dim("batch"), torch.export.Dim.DYNAMIC]
    names = ["x", "context"][: 2 if n_context else 1]
    inputs = (torch.zeros(2, n_channels, n_samples), torch.zeros(2, n_context))[: len(names)]
    with hushed(), quiet(), torch.no_grad():
        program = torch.onnx.export(
            doors,
            inputs,
            dynamo=True,
            input_names=names,
            output_names=["logits" if classify else "value"],
            dynamic_shapes=[{0: axis} for axis in free[: len(names)]],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    content: bytes = cleaned(program.model_proto)
    return content


def cleaned(proto: object) -> bytes:
    """Drop what only tells where in our source each operator came from, and machine paths with it."""
    graph = proto.graph  # type: ignore[attr-defined]
    for node in graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in (*graph.value_info, *graph.input, *graph.output, *graph.initializer):
        value.ClearField("metadata_props")
        value.ClearField("doc_string")
    graph.ClearField("metadata_props")
    proto.ClearField("metadata_props")  # type: ignore[attr-defined]
    content: bytes = proto.SerializeToString(deterministic=True)  # type: ignore[attr-defined]
    return content


def _exchanged(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        setattr(module, name, OnnxLstm(child) if isinstance(child, nn.LSTM) else _exchanged(child))
    return module


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Keep the exporter from telling everybody that torchvision is not installed."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def largest_difference(model: nn.Module, onnx: bytes, *, x: Tensor, context: Tensor) -> float:
    """Largest difference between torch and ONNX Runtime over batches of 1, 3 and 32 drawn from `x` (repeated if short).

    It is relative to the larger of 1 and the largest output.
    """
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    worst = 0.0
    for n in BATCHES:
        rows = torch.arange(n) % len(x)
        with torch.no_grad():
            want = model(x[rows], context[rows]).numpy().reshape(n, -1)
        feed = {"x": x[rows].numpy(), "context": context[rows].numpy()}
        got = session.run(None, {door.name: feed[door.name] for door in session.get_inputs()})[0].reshape(n, -1)
        worst = max(worst, float(np.abs(got - want).max() / max(1.0, np.abs(want).max())))
    return worst


def check_parity(model: nn.Module, onnx: bytes, *, x: Tensor, context: Tensor) -> float:
    """Refuse an ONNX model that says anything else than the torch model; give the largest difference.

    Raises:
        BundleError: they differ by more than `PARITY`.
    """
    worst = largest_difference(model, onnx, x=x, context=context)
    if not worst <= PARITY:
        raise BundleError(
            f"torch and ONNX Runtime differ by {worst:.2g}",
            f"at most {PARITY:g} is allowed",
            "report this model with its settings",
        )
    return worst
