"""Several frames: the last convolution of a network is given several frames to compute at once. Knows no picks.

A convolution of 3 classes costs ONNX Runtime as much as one of 16, since it computes channels by sixteens. Written as
one of 12 channels that goes 4 frames a step, it costs 0.4 of that; each curve's value is the same sum of the same
products. A network whose end looks otherwise stays as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from foreshock.types.arrays import Float32

FRAMES = 4
LANES = 16
"""Channels that ONNX Runtime computes at least."""


def several_frames(content: bytes, *, output: str) -> bytes:
    """Rewrite an ONNX model whose output (batch, class, frame) is a plain convolution squeezed; else give it back.

    The number of frames must be a multiple of `FRAMES`.
    """
    model = onnx.load_model_from_string(content)
    graph = model.graph
    makers = {name: node for node in graph.node for name in node.output}
    readers = [name for node in graph.node for name in node.input]
    last = makers.get(output)
    head = None if last is None or last.op_type != "Squeeze" else makers.get(last.input[0])
    weights = {tensor.name: tensor for tensor in graph.initializer}
    if last is None or head is None or not _is_plain(head, weights) or readers.count(head.output[0]) > 1:
        return content
    weight, bias = (numpy_helper.to_array(weights[name]) for name in head.input[1:])
    for node in (head, last):
        graph.node.remove(node)
    nodes, tensors = _rewritten(head.input[0], output, weight=weight, bias=bias)
    graph.node.extend(nodes)
    graph.initializer.extend(tensors)
    rewritten: bytes = model.SerializeToString()
    return rewritten


def _rewritten(source: str, output: str, *, weight: Float32, bias: Float32) -> tuple[list[Any], list[Any]]:
    """Nodes and tensors that do the same, `FRAMES` frames a step, and then put the frames one after another."""
    n_classes, half = len(weight), weight.shape[-1] // 2
    tensors = {
        "weight": _spread(weight),
        "bias": np.repeat(bias, FRAMES),
        "apart": np.array([0, n_classes, FRAMES, -1]),
        "in_line": np.array([0, n_classes, -1]),
    }
    name = {what: f"{output}.{what}" for what in (*tensors, "several", "by_class", "by_step")}
    nodes = [
        helper.make_node(
            "Conv",
            [source, name["weight"], name["bias"]],
            [name["several"]],
            kernel_shape=[1, weight.shape[-1] + FRAMES - 1],
            strides=[1, FRAMES],
            pads=[0, half, 0, half],
        ),
        helper.make_node("Reshape", [name["several"], name["apart"]], [name["by_class"]]),
        helper.make_node("Transpose", [name["by_class"]], [name["by_step"]], perm=[0, 1, 3, 2]),
        helper.make_node("Reshape", [name["by_step"], name["in_line"]], [output]),
    ]
    return nodes, [numpy_helper.from_array(values, name[what]) for what, values in tensors.items()]


def _is_plain(head: Any, weights: dict[str, Any]) -> bool:
    """Whether it is a convolution along time whose frames are as many as it reads, and that is worth the change."""
    if head.op_type != "Conv" or len(head.input) != 3 or not set(head.input[1:]) <= weights.keys():
        return False
    shape = tuple(weights[head.input[1]].dims)
    if len(shape) != 4 or shape[2] != 1 or shape[3] % 2 == 0 or shape[0] * FRAMES > LANES:
        return False
    told = {one.name: helper.get_attribute_value(one) for one in head.attribute}
    half = shape[3] // 2
    plain = {"group": 1, "auto_pad": b"NOTSET", "strides": [1, 1], "dilations": [1, 1]}
    return told.get("pads") == [0, half, 0, half] and all(
        told.get(name, value) == value for name, value in plain.items()
    )


def _spread(weight: Float32) -> Float32:
    """Weights of class · frame: the same kernel, a sample later for each frame."""
    n_classes, n_channels, _, kernel = weight.shape
    wide = np.zeros((n_classes, FRAMES, n_channels, 1, kernel + FRAMES - 1), weight.dtype)
    for k in range(FRAMES):
        wide[:, k, ..., k : k + kernel] = weight
    return wide.reshape(n_classes * FRAMES, *wide.shape[2:])
