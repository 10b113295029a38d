"""A network whose last convolution goes several frames a step says what it said; others are left alone."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from foreshock.bundle import shipped
from foreshock.bundle.onnx_runtime import onnxruntime
from foreshock.predict.pick.several_frames import several_frames


def model(*, classes: int = 3, kernel: int = 5, stride: int = 1) -> bytes:
    weight = np.random.default_rng(0).standard_normal((classes, 8, 1, kernel)).astype(np.float32)
    bias = np.arange(classes, dtype=np.float32)
    half = kernel // 2
    nodes = [
        helper.make_node("Relu", ["x"], ["seen"]),
        helper.make_node("Conv", ["seen", "w", "b"], ["wide"], pads=[0, half, 0, half], strides=[1, stride]),
        helper.make_node("Squeeze", ["wide", "axis"], ["curves"]),
    ]
    tensors = {"w": weight, "b": bias, "axis": np.array([2])}
    graph = helper.make_graph(
        nodes,
        "head",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 8, 1, "frames"])],
        [helper.make_tensor_value_info("curves", TensorProto.FLOAT, ["batch", classes, "frames"])],
        [numpy_helper.from_array(values, name) for name, values in tensors.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(made)
    return made.SerializeToString()


def said(content: bytes, x: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(["curves"], {"x": x})[0])


@pytest.mark.parametrize(("classes", "kernel"), [(3, 5), (2, 1), (4, 7)])
@pytest.mark.parametrize("batch", [1, 3])
def test_the_rewritten_network_says_the_same(classes: int, kernel: int, batch: int) -> None:
    content = model(classes=classes, kernel=kernel)
    rewritten = several_frames(content, output="curves")
    x = np.random.default_rng(1).standard_normal((batch, 8, 1, 64)).astype(np.float32)
    assert rewritten != content
    onnx.checker.check_model(onnx.load_model_from_string(rewritten))
    np.testing.assert_allclose(said(rewritten, x), said(content, x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("other", [{"classes": 5}, {"stride": 2}, {"kernel": 4}])
def test_a_network_that_ends_otherwise_stays_as_it_is(other: dict[str, int]) -> None:
    content = model(**other)
    assert several_frames(content, output="curves") == content


def test_the_picker_that_ships_is_rewritten_and_the_live_one_is_not() -> None:
    picker, live = shipped("picker"), shipped("picker-live")
    assert several_frames(picker.onnx, output=picker.card.output) != picker.onnx
    assert several_frames(live.onnx, output=live.card.output) == live.onnx
