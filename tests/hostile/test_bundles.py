"""Bundles that were tampered with: none is trusted, none is run, and the sentence says what is wrong."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hostile_said import Commands, Recording

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members(detector: Path) -> Members:
    with zipfile.ZipFile(detector / "model.bundle") as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def sealed(members: Members) -> Members:
    """The same members with a manifest whose hashes hold: tampering by somebody who knows the format."""
    manifest = json.loads(members["bundle.json"])
    manifest["sha256"] = {name: hashlib.sha256(members.get(name, b"")).hexdigest() for name in manifest["sha256"]}
    return {**members, "bundle.json": json.dumps(manifest).encode()}


def packed(path: Path, members: Members, *, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as bundle:
        for name, content in members.items():
            bundle.writestr(name, content)
    return path


def card(change: Callable[[dict[str, Any]], Any]) -> Callable[[Members], Members]:
    def spoil(members: Members) -> Members:
        told = json.loads(members["card.json"])
        change(told)
        return sealed({**members, "card.json": json.dumps(told).encode()})

    return spoil


def network(change: Callable[[Any], Any]) -> Callable[[Members], Members]:
    def spoil(members: Members) -> Members:
        model = onnx.load_from_string(members["model.onnx"])
        change(model)
        return sealed({**members, "model.onnx": model.SerializeToString()})

    return spoil


def member(name: str, content: bytes) -> Callable[[Members], Members]:
    return lambda members: sealed({**members, name: content})


def manifest(**changes: Any) -> Callable[[Members], Members]:
    return lambda members: {
        **members, "bundle.json": json.dumps({**json.loads(members["bundle.json"]), **changes}).encode()
    }  # fmt: skip


def elsewhere(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def vast(model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.dims[0] = 10**12


def grows(model: Any) -> None:
    size = onnx.numpy_helper.from_array(np.array([10**12], np.int64), "size")
    model.graph.initializer.append(size)
    model.graph.node.append(onnx.helper.make_node("ConstantOfShape", ["size"], ["bomb"]))


def counts_long(model: Any) -> None:
    """A loop of 2^62 turns that an honest network would never need."""
    value = onnx.helper.make_tensor_value_info
    body = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["go"], ["on"]), onnx.helper.make_node("Identity", ["x0"], ["x1"])],
        "body",
        [value("i", 7, []), value("go", 9, []), value("x0", 1, [1])],
        [value("on", 9, []), value("x1", 1, [1])],
    )
    helper = onnx.numpy_helper.from_array
    model.graph.initializer.extend(
        [helper(np.array(2**62), "turns"), helper(np.array(True), "yes"), helper(np.zeros(1, np.float32), "start")]
    )
    model.graph.node.append(onnx.helper.make_node("Loop", ["turns", "yes", "start"], ["bomb"], body=body))


def of_nan(model: Any) -> None:
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            values = onnx.numpy_helper.to_array(tensor) * np.float32("nan")
            tensor.CopyFrom(onnx.numpy_helper.from_array(values, tensor.name))


def of_evil(model: Any) -> None:
    model.graph.node[0].domain = "evil"
    model.opset_import.append(onnx.helper.make_opsetid("evil", 1))


HUGE = json.dumps({"a": {"dtype": "F32", "shape": [10**15], "data_offsets": [0, 4]}}).encode()

SPOILT: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a wrong hash": (lambda held: {**held, "card.json": held["card.json"] + b" "}, "its SHA-256 is not the one"),
    "a newer format": (manifest(format=2), "has format version 2: this Foreshock reads up to 1; update"),
    "no format": (manifest(format=None), "does not describe a foreshock-bundle"),
    "no card": (lambda held: {k: v for k, v in held.items() if k != "card.json"}, "it lacks card.json"),
    "a way out": (lambda held: {**held, "../../evil": b"x"}, "holds '../../evil': names must stay inside"),
    "an absolute name": (lambda held: {**held, "/etc/evil": b"x"}, "holds '/etc/evil': names must stay inside"),
    "something more": (lambda held: {**held, "run.py": b"x"}, "holds 'run.py': only"),
    "a card with a strange key": (card(lambda told: told.update(run="x")), "'run'"),
    "a card with a wrong value": (card(lambda told: told.update(rate_hz=-1)), "'rate_hz' = -1"),
    "a card that nests deep": (member("card.json", b"[" * 100_000), "nested too deeply|not strict JSON"),
    "a card with NaN": (card(lambda told: told.update(rate_hz=float("nan"))), "card.json"),
    "a card that says more classes": (card(lambda told: told.update(classes=["a", "b", "c"])), "3|classes|output"),
    "an operator of its own": (network(of_evil), "operator domain 'evil': only standard"),
    "a later opset": (network(lambda model: setattr(model.opset_import[0], "version", 999)), "uses opset 999"),
    "weights elsewhere": (network(elsewhere), "in another file: all weights must lie inside"),
    "vast shapes": (network(vast), r"of shape \[1000000000000"),
    "a network that grows": (network(grows), "'bomb' of shape"),
    "no network": (member("model.onnx", b"hello"), "model.onnx cannot be parsed|not an ONNX model"),
    "half a network": (lambda held: member("model.onnx", held["model.onnx"][:5000])(held), "model.onnx"),
    "no weights": (member("weights.safetensors", b""), "weights.safetensors: it is malformed"),
    "vast weights": (member("weights.safetensors", struct.pack("<Q", len(HUGE)) + HUGE + bytes(4)), "malformed"),
    "pickled weights": (member("weights.safetensors", b"\x80\x04."), "weights.safetensors: it is malformed"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_bundle_is_refused_before_anything_is_read(
    how: str, members: Members, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    spoil, says = SPOILT[how]
    bad = packed(tmp_path / "bad.bundle", spoil(members))
    run.refused("models", "show", bad, says=says)
    run.refused("predict", recording(), "--model", bad, says=says, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (network(of_nan), "said NaN or Inf: answers are finite"),
        (card(lambda told: told["preparation"].update(foo=1)), "setting 'foo' in .*it is not known"),
        (card(lambda told: told["preparation"].update(steps=[{"step": "evil"}])), "'evil' at door 'steps'"),
        (card(lambda told: told["preparation"].update(window_samples=100)), "samples: .* was made for"),
    ],
    ids=["NaN", "a strange setting", "a strange step", "another window"],
)
def test_what_shows_only_when_it_is_asked_is_refused_then(
    spoil: Any, says: str, members: Members, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    bad = packed(tmp_path / "bad.bundle", spoil(members))
    run.refused("predict", recording(), "--model", bad, says=says, out=tmp_path / "out")


def test_rivals_that_are_none_are_refused(members: Members, run: Commands, dataset: Path, tmp_path: Path) -> None:
    for change, says in (
        (lambda told: told["rivals"].update(evil={}), "'evil' at door 'predictors'"),
        (lambda told: told["rivals"].update(logistic={}), "rival 'logistic'"),
        (lambda told: told["rivals"].update(sta_lta={"x": "y"}), "'x' in settings of rival 'sta_lta'"),
    ):
        bad = packed(tmp_path / "bad.bundle", card(change)(members))
        run.refused("evaluate", "--model", bad, "--data", dataset, says=says, out=tmp_path / "out")


def test_a_network_with_a_loop_without_end_is_refused(members: Members, run: Commands, tmp_path: Path) -> None:
    bad = packed(tmp_path / "bad.bundle", network(counts_long)(members))
    run.refused("models", "show", bad, says="Loop")


def test_what_is_no_whole_zip_is_refused(members: Members, run: Commands, tmp_path: Path) -> None:
    whole = packed(tmp_path / "whole.bundle", members).read_bytes()
    lying = bytearray(whole)
    at = lying.find(b"PK\x01\x02")
    lying[at + 20 : at + 28] = struct.pack("<II", 2**31, 2**31)
    bad = tmp_path / "bad.bundle"
    for content, says in ((whole[:-99], "whole zip"), (b"hi", "whole zip"), (b"", "zip"), (bytes(lying), "bytes")):
        bad.write_bytes(content)
        run.refused("models", "show", bad, says=says)
    packed(bad, members, compression=zipfile.ZIP_DEFLATED)
    run.refused("models", "show", bad, says="compressed or encrypted: members are stored as they are")


def test_a_path_that_is_no_bundle_is_named(run: Commands, tmp_path: Path) -> None:
    loop, fifo = tmp_path / "loop.bundle", tmp_path / "fifo.bundle"
    loop.symlink_to(loop)
    os.mkfifo(fifo)
    for path in (loop, fifo, tmp_path, tmp_path / "none.bundle", Path("/dev/zero")):
        run.refused("models", "show", path, says=str(path))
