"""ONNX in a bundle: whatever reaches outside, needs foreign code or does not fit the card is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnx.helper as oh
import pytest

from foreshock.bundle import Card
from foreshock.bundle.network import MAX_ELEMENTS, check_network
from foreshock.errors import BundleError
from foreshock.predict import specimen

FLOAT = onnx.TensorProto.FLOAT


def model(card: Card | None = None) -> Any:
    return onnx.load_model_from_string(specimen.network(card or specimen.card())[0])


def refused(bad: Any, *words: str, card: Card | None = None) -> None:
    content = bad if isinstance(bad, bytes) else bad.SerializeToString()
    with pytest.raises(BundleError) as caught:
        check_network(content, card or specimen.card())
    sentence = str(caught.value)
    assert sentence.startswith("model.onnx")
    assert "\n" not in sentence
    assert len(sentence) < 600
    for word in words:
        assert word in sentence


@pytest.mark.parametrize(
    "card",
    [
        specimen.card(),
        specimen.card(context=("log10_scale", "depth_km")),
        specimen.card(task="regress", problem="magnitude", classes=()),
        specimen.card(problem="table", components="", window_samples=7, classes=("a", "b", "c")),
    ],
)
def test_a_plain_network_that_fits_its_card_is_welcome(card: Card) -> None:
    check_network(model(card).SerializeToString(), card)


@pytest.mark.parametrize("content", [b"", b"\x00", b"hello, I am a network", b"\xff" * 1000])
def test_bytes_that_are_no_model_are_refused(content: bytes) -> None:
    refused(content)


# -- external data -----------------------------------------------------------------------------------------------


def external(tensor: Any, location: str) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location


@pytest.mark.parametrize("location", ["weights.bin", "../../etc/passwd", "/etc/passwd"])
def test_weights_in_another_file_are_refused(location: str) -> None:
    bad = model()
    external(bad.graph.initializer[0], location)
    refused(bad, "'w'", "another file")


def test_an_external_name_alone_is_refused_even_when_the_data_is_inside() -> None:
    bad = model()
    entry = bad.graph.initializer[0].external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    refused(bad, "another file")


def constant(tensor: Any) -> Any:
    return oh.make_node("Constant", [], ["unused"], value=tensor)


def test_a_constant_in_another_file_is_refused() -> None:
    tensor = onnx.numpy_helper.from_array(np.ones(3, np.float32), "hidden")
    external(tensor, "x.bin")
    bad = model()
    bad.graph.node.append(constant(tensor))
    refused(bad, "'hidden'", "another file")


def branch(node: Any, *, stored: Any = None) -> Any:
    """An If whose branches are graphs with a node in them, and another If around it."""
    inner = oh.make_graph([node], "inner", [], [oh.make_tensor_value_info("unused", FLOAT, None)])
    if stored is not None:
        inner.initializer.append(stored)
    flag = oh.make_node("Constant", [], ["flag"], value=oh.make_tensor("flag", onnx.TensorProto.BOOL, [], [True]))
    choice = oh.make_node("If", ["flag"], ["unused"], then_branch=inner, else_branch=inner)
    outer = oh.make_graph([flag, choice], "outer", [], [oh.make_tensor_value_info("unused", FLOAT, None)])
    flag_2 = oh.make_node("Constant", [], ["flag2"], value=oh.make_tensor("f", onnx.TensorProto.BOOL, [], [True]))
    bad = model()
    bad.graph.node.extend([flag_2, oh.make_node("If", ["flag2"], ["result"], then_branch=outer, else_branch=outer)])
    return bad


def test_a_tensor_deep_inside_branches_in_another_file_is_refused() -> None:
    tensor = onnx.numpy_helper.from_array(np.ones(3, np.float32), "deep")
    external(tensor, "x.bin")
    refused(branch(constant(tensor)), "'deep'", "another file")
    plain = constant(onnx.numpy_helper.from_array(np.ones(3, np.float32), "plain"))
    refused(branch(plain, stored=tensor), "'deep'", "another file")


# -- foreign operators -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["com.microsoft", "evil.ops", "ai.onnx.contrib", "ai.onnx.ml"])
def test_an_operator_of_another_domain_is_refused(domain: str) -> None:
    bad = model()
    bad.graph.node.append(oh.make_node("Run", ["x"], ["unused"], domain=domain))
    refused(bad, repr(domain))
    imported = model()
    imported.opset_import.append(oh.make_opsetid(domain, 1))
    refused(imported, repr(domain))


def test_a_foreign_operator_deep_inside_branches_is_refused() -> None:
    refused(branch(oh.make_node("Run", [], ["unused"], domain="evil.ops")), "'evil.ops'")


def test_an_operator_nobody_knows_is_refused() -> None:
    bad = model()
    bad.graph.node.append(oh.make_node("PythonOp", ["x"], ["unused"]))
    refused(bad, "'PythonOp'", "unknown in ONNX opset 17")
    newer = model()
    newer.graph.node.append(oh.make_node("Gelu", ["x"], ["unused"]))
    refused(newer, "'Gelu'")


def test_local_functions_are_refused_even_one_that_calls_itself() -> None:
    bad = model()
    node = oh.make_node("Again", ["a"], ["b"])
    bad.functions.append(oh.make_function("", "Again", ["a"], ["b"], [node], [oh.make_opsetid("", 17)]))
    refused(bad, "'Again'", "functions are not allowed")


@pytest.mark.parametrize("version", [0, 6, 10_000, -1])
def test_an_unknown_opset_is_refused_by_its_number(version: int) -> None:
    bad = model()
    bad.opset_import[0].version = version
    refused(bad, f"opset {version}")


def test_a_newer_ir_version_is_refused() -> None:
    bad = model()
    bad.ir_version = 9_999
    refused(bad, "IR version 9999")


def test_a_model_that_names_no_operator_set_or_holds_training_is_refused() -> None:
    bad = model()
    bad.ClearField("opset_import")
    refused(bad, "0 operator sets")
    bad = model()
    bad.training_info.add().algorithm.CopyFrom(bad.graph)
    refused(bad, "training")


# -- absurd sizes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dims", [[1 << 40], [1 << 32, 1 << 32], [MAX_ELEMENTS + 1], [-1]])
def test_a_tensor_of_absurd_size_is_refused(dims: list[int]) -> None:
    bad = model()
    del bad.graph.initializer[0].dims[:]
    bad.graph.initializer[0].dims.extend(dims)
    refused(bad, str(dims[0]))


def test_a_tensor_whose_bytes_do_not_fit_its_shape_is_refused() -> None:
    bad = model()
    bad.graph.initializer[0].raw_data = b"1234"
    refused(bad, "ONNX refuses it")


def test_a_small_file_that_unfolds_to_an_absurd_tensor_is_refused() -> None:
    bad = model()
    shape = onnx.numpy_helper.from_array(np.array([1 << 20, 1 << 20], np.int64), "shape")
    bad.graph.initializer.append(shape)
    bad.graph.node.append(oh.make_node("ConstantOfShape", ["shape"], ["huge"]))
    refused(bad, "'huge'")


def test_a_sparse_tensor_of_absurd_size_is_refused() -> None:
    bad = model()
    values = onnx.numpy_helper.from_array(np.ones(1, np.float32), "values")
    indices = onnx.numpy_helper.from_array(np.zeros(1, np.int64), "indices")
    bad.graph.sparse_initializer.append(oh.make_sparse_tensor(values, indices, [1 << 45]))
    refused(bad, "a sparse tensor")


# -- inputs and outputs ------------------------------------------------------------------------------------------


def renamed(kind: str, name: str) -> Any:
    bad = model()
    old = getattr(bad.graph, kind)[0].name
    getattr(bad.graph, kind)[0].name = name
    for node in bad.graph.node:
        for names in (node.input, node.output):
            names[:] = [name if item == old else item for item in names]
    return bad


def resized(kind: str, axis: int, size: int) -> Any:
    bad = model()
    dimension = getattr(bad.graph, kind)[0].type.tensor_type.shape.dim[axis]
    dimension.dim_value = size
    return bad


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: renamed("input", "signal"), ["['signal']", "['x']"]),
        (lambda: renamed("output", "answer"), ["['answer']", "['logits']"]),
        (lambda: model(specimen.card(context=("depth_km",))), ["['context', 'x']"]),
        (lambda: model(specimen.card(window_samples=100)), ["[free, 3, 100]", "[free, 3, 200]"]),
        (lambda: model(specimen.card(components="Z")), ["[free, 1, 200]"]),
        (lambda: model(specimen.card(classes=("a", "b", "c"))), ["[free, 3]", "[free, 2]"]),
        (lambda: resized("input", 0, 1), ["1 examples at a time"]),
    ],
)
def test_inputs_and_outputs_that_are_not_the_cards_are_refused(make: Callable[[], Any], words: list[str]) -> None:
    refused(make(), *words)


def test_inputs_of_another_element_type_are_refused() -> None:
    bad = model()
    bad.graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    refused(bad)


def test_a_graph_that_reads_what_nobody_gives_is_refused() -> None:
    bad = model()
    bad.graph.node[0].input[0] = "nowhere"
    refused(bad, "ONNX refuses it")
