"""Bundles on disk: what is written is read back, and everything hostile is refused in one sentence."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreshock.bundle import Bundle, describe, find_bundle, pack, read_bundle, unpack, write_bundle
from foreshock.bundle.archive import LIMITS, MANIFEST
from foreshock.errors import BundleError, NotFoundError, OutputError
from foreshock.predict import specimen

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def good() -> bytes:
    return pack(specimen.bundle(specimen.card()))


def members_of(content: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: Members, compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def names_in(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def rehashed(members: Members) -> bytes:
    """A bundle whose manifest agrees with its members, whatever they are."""
    others = {name: content for name, content in members.items() if name != MANIFEST}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in others.items()}
    manifest = json.loads(members[MANIFEST]) | {"sha256": hashes}
    return zipped({MANIFEST: json.dumps(manifest).encode(), **others})


def with_manifest(members: Members, **changes: object) -> bytes:
    return zipped(members | {MANIFEST: json.dumps(json.loads(members[MANIFEST]) | changes).encode()})


def with_card(members: Members, **changes: object) -> bytes:
    card = json.loads(members["card.json"]) | changes
    return rehashed(members | {"card.json": json.dumps(card).encode()})


def refused(content: bytes, *words: str) -> None:
    """It is refused in one sentence that holds the words, and in bounded length."""
    with pytest.raises(BundleError) as caught:
        unpack(content, where="bad.bundle")
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 700
    for word in words:
        assert word in sentence


# -- what is written is read back --------------------------------------------------------------------------------


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    made = specimen.bundle(specimen.card(context=("log10_scale",), temperature=1.5))
    digest = write_bundle(tmp_path / "m.bundle", made)
    read = read_bundle(tmp_path / "m.bundle")
    assert (read.card, read.onnx, read.weights) == (made.card, made.onnx, made.weights)
    assert read.sha256 == digest == hashlib.sha256((tmp_path / "m.bundle").read_bytes()).hexdigest()
    assert read.path == (tmp_path / "m.bundle").resolve()
    assert names_in(tmp_path) == ["m.bundle"]


def test_equal_bundles_give_equal_bytes(good: bytes) -> None:
    assert pack(specimen.bundle(specimen.card())) == good
    assert pack(unpack(good, where="x")) == good


def test_members_are_stored_with_a_fixed_date(good: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == list(LIMITS)
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}


def test_a_bundle_is_found_in_the_folder_of_its_run(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "cnn.bundle").write_bytes(good)
    (tmp_path / "metrics.json").write_text("{}")
    assert find_bundle(tmp_path) == find_bundle(tmp_path / "cnn.bundle") == tmp_path / "cnn.bundle"
    assert read_bundle(tmp_path).card.name == "specimen"


def test_a_folder_with_no_bundle_or_with_two_is_refused(tmp_path: Path, good: bytes) -> None:
    with pytest.raises(NotFoundError, match=r"holds no \*\.bundle"):
        find_bundle(tmp_path)
    for name in ("a.bundle", "b.bundle"):
        (tmp_path / name).write_bytes(good)
    with pytest.raises(BundleError, match=r"a\.bundle, b\.bundle"):
        find_bundle(tmp_path)
    with pytest.raises(NotFoundError, match="nowhere"):
        find_bundle(tmp_path / "nowhere")


def test_a_description_names_model_classes_input_and_hash(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m.bundle", specimen.bundle(specimen.card(licence="CC BY 4.0")))
    text = describe(read_bundle(tmp_path))
    for word in ("specimen", "noise, earthquake", "ZNE, 200 samples at 20 Hz (10 s)", "CC BY 4.0", "sha256"):
        assert word in text


def test_a_name_without_the_suffix_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    made = specimen.bundle(specimen.card())
    with pytest.raises(BundleError, match=r"model\.zip.*\.bundle"):
        write_bundle(tmp_path / "model.zip", made)
    with pytest.raises(OutputError, match="nowhere"):
        write_bundle(tmp_path / "nowhere" / "m.bundle", made)
    assert names_in(tmp_path) == []


def test_a_bundle_nobody_could_read_is_not_written(tmp_path: Path) -> None:
    made = specimen.bundle(specimen.card())
    with pytest.raises(BundleError, match="card asks for"):
        write_bundle(tmp_path / "m.bundle", Bundle(specimen.card(window_samples=100), made.onnx, made.weights))
    assert names_in(tmp_path) == []


# -- what is hostile is refused ----------------------------------------------------------------------------------


def test_another_hash_than_was_kept_is_refused(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "m.bundle").write_bytes(good)
    with pytest.raises(BundleError, match=r"m\.bundle has SHA-256.*000000000000… was expected"):
        read_bundle(tmp_path, sha256="0" * 64)


@pytest.mark.parametrize("name", ["card.json", "model.onnx", "weights.safetensors"])
def test_a_changed_member_is_refused_by_its_name(good: bytes, name: str) -> None:
    members = members_of(good)
    members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])
    refused(zipped(members), name, "SHA-256")


@pytest.mark.parametrize("name", list(LIMITS))
def test_a_missing_member_is_refused_by_its_name(good: bytes, name: str) -> None:
    members = members_of(good)
    del members[name]
    refused(zipped(members), name)


def test_an_extra_member_is_refused_by_its_name(good: bytes) -> None:
    refused(zipped(members_of(good) | {"run_me.py": b"import os"}), "run_me.py")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../evil", "..\\evil", "C:\\evil", "\\\\host\\share"])
def test_a_name_that_escapes_is_refused(good: bytes, name: str, tmp_path: Path) -> None:
    refused(zipped(members_of(good) | {name: b"x"}), "must stay inside")
    assert names_in(tmp_path) == []


def test_a_newer_format_is_refused_even_with_members_we_do_not_know(good: bytes) -> None:
    members = members_of(good)
    refused(with_manifest(members, format=2), "format version 2", "up to 1", "update foreshock")
    refused(with_manifest(members | {"calibration.json": b"{}"}, format=99), "format version 99")


@pytest.mark.parametrize(
    "changes", [{"kind": "other"}, {"format": "1"}, {"format": True}, {"format": 0}, {"sha256": []}, {"sha256": {}}]
)
def test_a_manifest_that_describes_something_else_is_refused(good: bytes, changes: dict[str, object]) -> None:
    refused(with_manifest(members_of(good), **changes), MANIFEST)


def test_a_compressed_bomb_is_refused_before_it_is_unpacked(good: bytes) -> None:
    bomb = zipped(members_of(good) | {"card.json": b" " * 50_000_000}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 200_000
    refused(bomb, "stored as they are")


def test_members_that_claim_to_be_larger_than_the_file_are_refused(good: bytes) -> None:
    lying = bytearray(good)
    at = lying.rindex(b"PK\x01\x02", 0, lying.rindex(b"weights.safetensors"))
    struct.pack_into("<II", lying, at + 20, 1 << 29, 1 << 29)
    refused(bytes(lying), "larger than the file")


def test_a_name_that_stands_twice_is_refused(good: bytes) -> None:
    members = members_of(good)
    doubled = zipped(members | {"card.jsom": members["card.json"]}).replace(b"card.jsom", b"card.json")
    refused(doubled, "each name may stand once")


def test_an_oversized_member_is_refused_by_its_name(good: bytes) -> None:
    refused(zipped(members_of(good) | {MANIFEST: b" " * (LIMITS[MANIFEST] + 1)}), MANIFEST, "at most 65536")


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip at all", b"\x00" * 10_000, b"PK\x05\x06" + b"\x00" * 18])
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    refused(content, "bad.bundle")


def test_every_truncation_is_refused(good: bytes) -> None:
    for n in [*range(0, len(good), 997), len(good) - 1]:
        refused(good[:n])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10**9), value=st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_changes_nothing(good: bytes, at: int, value: int) -> None:
    bad = bytearray(good)
    bad[at % len(good)] ^= value
    try:
        read = unpack(bytes(bad), where="bad.bundle")
    except BundleError:
        return
    assert pack(read) == good


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "m.bundle"
    file.write_bytes(b"")
    with pytest.raises(BundleError, match=r"m\.bundle"):
        read_bundle(file)


# -- cards -------------------------------------------------------------------------------------------------------


def test_an_unknown_key_is_refused_with_the_nearest_one(good: bytes) -> None:
    refused(with_card(members_of(good), temperatur=1.0), "'temperatur'", "did you mean 'temperature'?")


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"temperature": 0}, "temperature"),
        ({"rate_hz": -1}, "rate_hz"),
        ({"window_samples": 10**12}, "window_samples"),
        ({"task": "generate"}, "task"),
        ({"classes": ["noise"]}, "two classes"),
        ({"classes": ["noise", "noise"]}, "twice"),
        ({"classes": ["noise", "a\nb"]}, "classes"),
        ({"components": "ZZ"}, "twice"),
        ({"components": "ZNX"}, "letters"),
        ({"task": "regress"}, "problem 'detect'"),
        ({"problem": "table"}, "a table has none"),
        ({"residuals": {"q05": 1, "q95": -1}}, "fall"),
        ({"training": {"sed": 1}}, "sed"),
        ({"name": ""}, "name"),
        ({"preparation": [1]}, "preparation"),
    ],
)
def test_a_card_that_breaks_a_rule_is_refused(good: bytes, changes: dict[str, object], word: str) -> None:
    refused(with_card(members_of(good), **changes), word)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_not_finite_is_refused(good: bytes, number: str) -> None:
    members = members_of(good)
    for old in (b'"temperature": 1.0', b'"preparation": {}'):
        assert old in members["card.json"]
        key = old.split(b":")[0]
        new = key + (b': {"a": [%s]}' if old.endswith(b"{}") else b": %s") % number.encode()
        refused(rehashed(members | {"card.json": members["card.json"].replace(old, new)}), "strict JSON")


@pytest.mark.parametrize(
    "card", [b"", b"[]", b"\xff\xfe", b'{"a": 1, "a": 2}', b"[" * 100_000, b'{"a": ' * 50_000, b"{} {}", b"1" * 5000]
)
def test_a_card_that_is_no_strict_json_object_is_refused(good: bytes, card: bytes) -> None:
    refused(rehashed(members_of(good) | {"card.json": card}), "card.json", "strict JSON")


def test_settings_nested_without_end_are_refused(good: bytes) -> None:
    deep: object = 1
    for _ in range(40):
        deep = {"a": deep}
    refused(with_card(members_of(good), preparation=deep), "levels")


# -- weights -----------------------------------------------------------------------------------------------------


def header(content: dict[str, object], tail: bytes = b"") -> bytes:
    text = json.dumps(content).encode()
    return struct.pack("<Q", len(text)) + text + tail


@pytest.mark.parametrize(
    "weights",
    [
        b"",
        b"\x08",
        struct.pack("<Q", 1 << 60),
        struct.pack("<Q", 4) + b"{{{{",
        header({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 1 << 40]}}),
        header({"w": {"dtype": "F32", "shape": [1 << 60, 1 << 60], "data_offsets": [0, 4]}}, b"1234"),
        header({"w": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}, b"1234"),
        header({}, b"left over"),
    ],
)
def test_malformed_weights_are_refused(good: bytes, weights: bytes) -> None:
    refused(rehashed(members_of(good) | {"weights.safetensors": weights}), "weights.safetensors", "malformed")


def test_weights_are_what_was_given() -> None:
    made = specimen.bundle(specimen.card())
    weights = safetensors.numpy.load(made.weights)
    assert sorted(weights) == ["b", "w"]
    assert weights["w"].dtype == np.float32


def test_a_refusal_costs_no_more_memory_than_a_few_times_the_file(good: bytes) -> None:
    tracemalloc.start()
    try:
        refused(good[:-5])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 * len(good) + 2_000_000
