"""Network: checks that an ONNX model is plain, bounded and what its card says. Runs nothing, reads no files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import onnx
import onnx.checker
import onnx.defs
import onnx.shape_inference
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from foreshock.bundle.card import Card
from foreshock.errors import BundleError

MAX_ELEMENTS = 1 << 28
"""Largest tensor allowed, in elements for one example: 1 GiB of float32."""

MAX_NODES = 100_000
DOMAINS = frozenset({"", "ai.onnx"})
"""Only the standard operators: anything else would need foreign code to run."""

UNBOUNDED = frozenset({"Loop", "Scan", "SequenceMap"})
"""Operators that run others as often as a number says; no network of Foreshock needs them."""

OLDEST_OPSET = 7


def check_network(content: bytes, card: Card) -> None:
    """Refuse an ONNX model that reaches outside itself, is absurdly large, or does not fit its card.

    Args:
        content: the bytes of an ONNX model.
        card: what the model claims to be.

    Raises:
        BundleError: external data, other operator domains, local functions, unknown operators or opsets, absurd sizes,
            a model ONNX itself calls invalid, inputs or outputs that are not the card's.
    """
    model = _parsed(content)
    _check_versions(model)
    graphs = list(_graphs(model))
    _check_nodes(model, graphs)
    _check_tensors(graphs)
    _check_valid(model)
    _check_doors(model, card)


def _refuse(value: str, rule: str) -> BundleError:
    return BundleError(f"model.onnx {value}", rule, "export the model again with foreshock")


def _parsed(content: bytes) -> Any:
    try:
        model = onnx.load_model_from_string(content)
    except (DecodeError, ValueError) as error:
        raise _refuse("cannot be parsed", "it is not an ONNX model") from error
    if not model.graph.node:
        raise _refuse("holds no operator", "a network computes something")
    return model


def _check_versions(model: Any) -> None:
    if not 3 <= model.ir_version <= onnx.IR_VERSION:
        raise _refuse(f"has IR version {model.ir_version}", f"this installation reads 3..{onnx.IR_VERSION}")
    if model.functions:
        raise _refuse(f"defines the function {model.functions[0].name[:80]!r}", "local functions are not allowed")
    if len(model.training_info):
        raise _refuse("holds training steps", "a bundle only predicts")
    newest = onnx.defs.onnx_opset_version()
    for opset in model.opset_import:
        _check_domain(opset.domain, "imports")
        if not OLDEST_OPSET <= opset.version <= newest:
            raise _refuse(f"uses opset {opset.version}", f"this installation knows {OLDEST_OPSET}..{newest}")
    if len(model.opset_import) != 1:
        raise _refuse(f"names {len(model.opset_import)} operator sets", "it must name the standard one once")


def _check_domain(domain: str, verb: str) -> None:
    if domain not in DOMAINS:
        raise _refuse(f"{verb} the operator domain {domain[:80]!r}", "only standard ONNX operators are allowed")


def _graphs(model: Any) -> Iterator[Any]:
    """Every graph of a model: the main one and those inside attributes, however deep."""
    waiting = [model.graph]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                waiting.extend(attribute.graphs)
                if attribute.HasField("g"):
                    waiting.append(attribute.g)


def _check_nodes(model: Any, graphs: list[Any]) -> None:
    opset = model.opset_import[0].version
    n_nodes = sum(len(graph.node) for graph in graphs)
    if n_nodes > MAX_NODES:
        raise _refuse(f"has {n_nodes} operators", f"at most {MAX_NODES} are allowed")
    for node in (node for graph in graphs for node in graph.node):
        _check_domain(node.domain, f"node {node.op_type[:80]!r} uses")
        try:
            onnx.defs.get_schema(node.op_type, max_inclusive_version=opset)
        except onnx.defs.SchemaError as error:
            raise _refuse(f"uses the operator {node.op_type[:80]!r}", f"it is unknown in ONNX opset {opset}") from error
    for node in (node for graph in graphs for node in graph.node):
        if node.op_type in UNBOUNDED:
            raise _refuse(f"uses the operator {node.op_type!r}", "nobody can tell how often it would turn")


def _tensors(graphs: list[Any]) -> Iterator[Any]:
    """Every stored tensor, sparse ones by their parts."""
    for graph in graphs:
        sparse = list(graph.sparse_initializer)
        yield from graph.initializer
        for attribute in (attribute for node in graph.node for attribute in node.attribute):
            yield from attribute.tensors
            yield attribute.t
            sparse += [*attribute.sparse_tensors, attribute.sparse_tensor]
        for item in sparse:
            _check_size(item.dims, "a sparse tensor")
            yield from (item.values, item.indices)


def _check_tensors(graphs: list[Any]) -> None:
    for tensor in _tensors(graphs):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or len(tensor.external_data):
            raise _refuse(f"keeps {tensor.name[:80]!r} in another file", "all weights must lie inside the bundle")
        _check_size(tensor.dims, f"tensor {tensor.name[:80]!r}")


def _check_size(dims: Any, what: str) -> None:
    shape = [int(d) for d in dims]
    if any(d < 0 for d in shape) or math.prod(shape) > MAX_ELEMENTS:
        raise _refuse(f"has {what} of shape {shape[:8]}", f"sizes must lie in 0..{MAX_ELEMENTS} elements")


def _check_valid(model: Any) -> None:
    """Let ONNX judge the model, then look at every size it can infer."""
    try:
        onnx.checker.check_model(model)
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, RuntimeError, ValueError) as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0][:160]
        raise _refuse("is not valid", f"ONNX refuses it ({reason.rstrip('.')})") from error
    for info in (*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output):
        _check_size([d or 0 if d is not None else 1 for d in _shape(info) or []], f"{info.name[:80]!r}")


def _shape(info: Any) -> list[int | None] | None:
    """Sizes of a declared tensor, None for a free one; None when no shape is declared."""
    tensor = info.type.tensor_type
    if not tensor.HasField("shape"):
        return None
    return [d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim]


def _check_doors(model: Any, card: Card) -> None:
    """Inputs and outputs must be those of the card: names, element type, number of axes, sizes, a free batch axis."""
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = [info for info in model.graph.input if info.name not in stored]
    bands = len(card.reach.corners) if card.reach else 1
    wanted: dict[str, list[int]] = {"x": [card.n_channels * bands, card.window_samples]}
    if card.context:
        wanted["context"] = [len(card.context)]
    keeps = card.reach is not None and card.reach.state_size > 0
    if card.reach and keeps:
        wanted["state"] = [card.reach.state_size]
    _check_infos(inputs, wanted, "inputs")
    twice = [2] if card.reach and card.reach.later_samples else []
    sizes = {"classify": [len(card.classes)], "regress": [], "label": [len(card.classes), *twice, _frames(card)]}
    if card.source is not None:
        sizes["source"] = [card.source.n_out]
    outputs = {card.output: sizes[card.task]}
    if card.reach and keeps:
        outputs["state_next"] = [card.reach.n_said]
    _check_infos(list(model.graph.output), outputs, "outputs")


def _frames(card: Card) -> int:
    """Answers a labeller gives for a window."""
    return card.window_samples // (card.reach.every_samples if card.reach else 1)


def _check_infos(infos: list[Any], wanted: dict[str, list[int]], what: str) -> None:
    names = sorted(info.name[:80] for info in infos)
    if names != sorted(wanted):
        raise _refuse(f"has the {what} {names}", f"the card asks for {sorted(wanted)}")
    for info in infos:
        if info.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
            raise _refuse(f"{what} {info.name!r} is not float32", "all inputs and outputs are float32")
        shape, sizes = _shape(info), wanted[info.name]
        if shape is None or len(shape) != 1 + len(sizes) or not _fits(shape[1:], sizes):
            raise _refuse(f"{info.name!r} has shape {_words(shape)}", f"the card asks for {_words([None, *sizes])}")
        if shape[0] is not None:
            raise _refuse(f"{info.name!r} takes {shape[0]} examples at a time", "the number of examples must be free")


def _fits(shape: list[int | None], sizes: list[int]) -> bool:
    return all(have is None or have == want for have, want in zip(shape, sizes, strict=True))


def _words(shape: Sequence[int | None] | None) -> str:
    if shape is None:
        return "unknown"
    return "[" + ", ".join("free" if size is None else str(size) for size in shape[:8]) + "]"
