"""Specimen: small made-up examples and networks on which predictors are tried. Knows no real data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper
import pandas as pd
import safetensors.numpy

from foreshock.bundle import Bundle, Card, write_bundle
from foreshock.types.arrays import AnyArray
from foreshock.types.examples import Examples

RATE_HZ = 20.0
N_SAMPLES = 200
CLASSES = ("noise", "earthquake")
N_EXAMPLES = 24
_OPSET, _IR_VERSION = 17, 8


def wave_examples(n: int = N_EXAMPLES, *, seed: int = 0) -> Examples:
    """Make labelled three-component windows: noise, and noise with a burst whose onset wanders.

    >>> wave_examples(4).x.shape
    (4, 3, 200)
    """
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    x = rng.standard_normal((n, 3, N_SAMPLES))
    time = np.arange(N_SAMPLES) - rng.integers(80, 140, n)[:, None]
    burst = np.where(time > 0, np.exp(-np.clip(time, 0, None) / 30.0), 0.0)
    x += (6 * y[:, None] * burst)[:, None] * rng.standard_normal((n, 3, N_SAMPLES))
    scale = np.abs(x).max(axis=(1, 2))
    return Examples(
        x=(x / scale[:, None, None]).astype(np.float32),
        rate_hz=RATE_HZ,
        table=_table(n),
        y=y,
        classes=CLASSES,
        context={"log10_scale": np.log10(scale).astype(np.float32)},
    )


def magnitude_examples(n: int = 80, *, seed: int = 0) -> Examples:
    """Make windows whose magnitude follows M = log10 A + 1.5 log10 R + 0.002 R + station term, with scatter 0.1."""
    rng = np.random.default_rng(seed)
    log_r = rng.uniform(1, 2.5, n)
    station = rng.integers(0, 3, n)
    log_a = rng.normal(2, 1, n)
    y = log_a + 1.5 * log_r + 0.002 * 10**log_r + np.array([-0.3, 0.0, 0.3])[station] + rng.normal(0, 0.1, n)
    wave = rng.standard_normal((n, 3, N_SAMPLES))
    table = _table(n)
    table["station_id"] = [f"XX.S{k}." for k in station]
    return Examples(
        x=(wave / np.abs(wave).max(axis=(1, 2), keepdims=True)).astype(np.float32),
        rate_hz=RATE_HZ,
        table=table,
        y=y,
        context={"log10_scale": log_a.astype(np.float32), "log10_distance_km": log_r.astype(np.float32)},
    )


def _table(n: int) -> pd.DataFrame:
    names = [f"{k:03d}" for k in range(n)]
    return pd.DataFrame({"trace_id": [f"trace-{k}" for k in names], "event_id": [f"event-{k}" for k in names]})


def network(card: Card, *, seed: int = 0) -> tuple[bytes, dict[str, AnyArray]]:
    """Make a linear network for a card, and its weights: flatten, one matrix, and another for the context.

    >>> card = Card(name="a", task="regress", problem="magnitude", model="line", rate_hz=10, window_samples=50)
    >>> sorted(network(card)[1])
    ['b', 'w']
    """
    rng = np.random.default_rng(seed)
    width = len(card.classes) or 1
    n_inputs = card.n_channels * card.window_samples
    weights = {
        "w": rng.normal(0, 1, (n_inputs, width)).astype(np.float32),
        "b": rng.normal(0, 1, width).astype(np.float32),
    }
    nodes = [
        onnx.helper.make_node("Flatten", ["x"], ["flat"], axis=1),
        onnx.helper.make_node("Gemm", ["flat", "w", "b"], ["wave"]),
    ]
    last = "wave"
    if card.context:
        weights["v"] = rng.normal(0, 1, (len(card.context), width)).astype(np.float32)
        nodes.append(onnx.helper.make_node("Gemm", ["context", "v", "wave"], ["sum"]))
        last = "sum"
    stored = [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()]
    if card.task == "regress":
        stored.append(onnx.numpy_helper.from_array(np.array([1], np.int64), "axis"))
        nodes.append(onnx.helper.make_node("Squeeze", [last, "axis"], ["value"]))
    else:
        nodes.append(onnx.helper.make_node("Identity", [last], ["logits"]))
    return _model(card, nodes, stored).SerializeToString(deterministic=True), weights


def _model(card: Card, nodes: list[onnx.NodeProto], stored: list[onnx.TensorProto]) -> onnx.ModelProto:
    def info(name: str, sizes: list[int]) -> onnx.ValueInfoProto:
        return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["batch", *sizes])

    inputs = [info("x", [card.n_channels, card.window_samples])]
    if card.context:
        inputs.append(info("context", [len(card.context)]))
    outputs = [info(card.output, [len(card.classes)] if card.classes else [])]
    graph = onnx.helper.make_graph(nodes, "specimen", inputs, outputs, initializer=stored)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    return model


def bundle(card: Card, *, seed: int = 0) -> Bundle:
    """Make a bundle around `network`."""
    content, weights = network(card, seed=seed)
    return Bundle(card, content, safetensors.numpy.save(weights))


def card(**changes: object) -> Card:
    """Make the card of a classifier for `wave_examples`, with whatever is to be different."""
    values: dict[str, object] = {
        "name": "specimen",
        "task": "classify",
        "problem": "detect",
        "model": "linear",
        "classes": CLASSES,
        "rate_hz": RATE_HZ,
        "window_samples": N_SAMPLES,
    }
    return Card.model_validate(values | changes)


def write_bundles(folder: Path) -> list[Path]:
    """Write two small classifiers into a folder, one that reads a context."""
    plain, with_context = card(temperature=2.0), card(name="specimen-context", context=("log10_scale",))
    paths = [folder / f"{item.name}.bundle" for item in (plain, with_context)]
    for path, item in zip(paths, (plain, with_context), strict=True):
        write_bundle(path, bundle(item))
    return paths


def labeller(*, window_samples: int = 100, rate_hz: float = 20.0, classes: str = "PSN", **windows: object) -> Bundle:
    """Make a labeller of windows by hand: the curve of class k is component k, where it is positive, and 1 at most.

    With windows scaled by their peak, a lone spike upwards on the vertical is a P of probability 1.

    >>> labeller(overlap_samples=20).card.windows.stacking
    'avg'
    """
    told = {"overlap_samples": 50, "stacking": "avg", "scale": "peak", "onsets": {"P": 0.5, "S": 0.5}} | windows
    made = card(
        name="labeller",
        task="label",
        problem="pick",
        model="clip",
        classes=tuple(classes),
        rate_hz=rate_hz,
        window_samples=window_samples,
        windows=told,
    )
    sizes: list[str | int | None] = ["batch", len(classes), window_samples]
    doors = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, sizes) for name in ("x", made.output)]
    bounds = {"low": np.zeros((), np.float32), "high": np.ones((), np.float32)}
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Clip", ["x", *bounds], [made.output])],
        "labeller",
        doors[:1],
        doors[1:],
        initializer=[onnx.numpy_helper.from_array(value, name) for name, value in bounds.items()],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    return Bundle(made, model.SerializeToString(deterministic=True), safetensors.numpy.save(bounds))
