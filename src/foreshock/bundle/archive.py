"""Archive: a model on disk as one file, read whole in memory and never unpacked. Knows no torch and runs nothing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import safetensors

from foreshock import outputs
from foreshock.bundle.card import FORMAT_VERSION, Card, card_from, card_json, read_json
from foreshock.bundle.network import check_network
from foreshock.errors import BundleError, NotFoundError

SUFFIX = ".bundle"
KIND = "foreshock-bundle"
MANIFEST = "bundle.json"
LIMITS = {MANIFEST: 1 << 16, "card.json": 1 << 24, "model.onnx": 1 << 30, "weights.safetensors": 1 << 30}
"""Members of a bundle and how many bytes each may have."""

MEMBERS = tuple(name for name in LIMITS if name != MANIFEST)
MAX_BYTES = sum(LIMITS.values())
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """A trained model: its card, its network to predict with, its weights to train on from.

    Attributes:
        card: what the model is.
        onnx: bytes of the ONNX model.
        weights: bytes of the safetensors file.
        path, sha256: the file it was read from and that file's hash; None and empty for one made in memory.
    """

    card: Card
    onnx: bytes
    weights: bytes
    path: Path | None = None
    sha256: str = ""


def pack(bundle: Bundle) -> bytes:
    """Give the bytes of a bundle file, having checked the bundle; equal bundles give equal bytes.

    Raises:
        BundleError: the bundle breaks a rule, so that nobody could read it.
    """
    members = {"card.json": card_json(bundle.card), "model.onnx": bundle.onnx, "weights.safetensors": bundle.weights}
    for name, content in members.items():
        _check_length(name, len(content))
    check_network(bundle.onnx, bundle.card)
    _check_weights(bundle.weights)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in members.items()}
    manifest = {"kind": KIND, "format": FORMAT_VERSION, "sha256": hashes}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in {MANIFEST: json.dumps(manifest, indent=1).encode(), **members}.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, content)
    return file.getvalue()


def write_bundle(path: Path, bundle: Bundle) -> str:
    """Write a bundle whole or not at all and give the file's SHA-256.

    Raises:
        BundleError: the name does not end in ``.bundle``, or the bundle breaks a rule.
        OutputError: the file cannot be written.
    """
    if path.suffix != SUFFIX:
        raise BundleError(f"bundle name {path.name!r}", f"it must end in {SUFFIX}", f"call it {path.stem}{SUFFIX}")
    content = pack(bundle)
    outputs.write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def read_bundle(path: Path, *, sha256: str | None = None) -> Bundle:
    """Read a bundle file (or the one in a run's folder) and check everything in it; nothing is unpacked or run.

    Args:
        path: a ``*.bundle`` file or a folder that holds exactly one.
        sha256: what the file's hash must be, when it is known.

    Raises:
        NotFoundError: there is no such file.
        BundleError: the file is not to be trusted; the sentence says why.
    """
    file = find_bundle(path)
    content = _read_file(file)
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and digest != sha256:
        raise BundleError(
            f"{file.name} has SHA-256 {digest[:12]}…", f"{str(sha256)[:12]}… was expected", "fetch that bundle again"
        )
    bundle = unpack(content, where=file.name)
    return Bundle(bundle.card, bundle.onnx, bundle.weights, path=file.resolve(), sha256=digest)


def unpack(content: bytes, *, where: str) -> Bundle:
    """Check the bytes of a bundle file and give what they hold.

    Raises:
        BundleError: see `read_bundle`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_names(archive.infolist(), len(content), where)
            members = {info.filename: archive.read(info) for info in archive.infolist() if info.filename in LIMITS}
            _check_manifest(members, [info.filename for info in archive.infolist()], where)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        if isinstance(error, BundleError):
            raise
        raise BundleError(where, "it is not a whole zip file", "fetch or export the bundle again") from error
    card = card_from(read_json(members["card.json"], where=f"card.json in {where}"), where=where)
    check_network(members["model.onnx"], card)
    _check_weights(members["weights.safetensors"])
    return Bundle(card, members["model.onnx"], members["weights.safetensors"])


def _read_file(file: Path) -> bytes:
    try:
        with file.open("rb") as handle:
            content = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise BundleError(
            f"bundle {file}", f"it cannot be read ({error.strerror})", "check the file and its rights"
        ) from error
    if len(content) > MAX_BYTES:
        raise BundleError(f"{file.name} is over {MAX_BYTES} bytes", "no bundle is so large", "check the file")
    return content


def _check_names(infos: list[zipfile.ZipInfo], n_bytes: int, where: str) -> None:
    """Names that stay inside, each once; plain, stored and no larger than the file itself."""
    remedy = "do not use this file"
    for info in infos:
        parts = PurePosixPath(info.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in info.filename:
            raise BundleError(f"{where} holds {info.filename[:80]!r}", "names must stay inside the bundle", remedy)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size or info.flag_bits & 1:
            raise BundleError(
                f"{where} holds {info.filename[:80]!r} compressed or encrypted",
                "members are stored as they are",
                remedy,
            )
        if info.filename in LIMITS:
            _check_length(f"{info.filename} in {where}", info.file_size, LIMITS[info.filename])
    names = [info.filename for info in infos]
    if len(set(names)) < len(names):
        raise BundleError(f"{where} holds {len(names)} members", "each name may stand once", remedy)
    if sum(info.file_size for info in infos) > n_bytes:
        raise BundleError(f"{where} has {n_bytes} bytes", "its members claim to be larger than the file", remedy)


def _check_length(name: str, n_bytes: int, limit: int | None = None) -> None:
    limit = LIMITS[name] if limit is None else limit
    if n_bytes > limit:
        raise BundleError(f"{name} has {n_bytes} bytes", f"at most {limit} are allowed", "use a smaller model")


def _check_manifest(members: dict[str, bytes], names: list[str], where: str) -> None:
    """The manifest must be there and readable by us, name every other member, and its hashes must hold."""
    if MANIFEST not in members:
        raise BundleError(where, f"it holds no {MANIFEST}, so it is no Foreshock bundle", "export the model again")
    manifest = read_json(members[MANIFEST], where=f"{MANIFEST} in {where}")
    version = manifest.get("format")
    if manifest.get("kind") != KIND or not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise BundleError(f"{MANIFEST} in {where}", f"it does not describe a {KIND}", "export the model again")
    if version > FORMAT_VERSION:
        raise BundleError(
            f"{where} has format version {version}", f"this Foreshock reads up to {FORMAT_VERSION}", "update foreshock"
        )
    _check_members(names, where)
    _check_hashes(members, manifest.get("sha256"), where)


def _check_members(names: list[str], where: str) -> None:
    missing, extra = sorted(set(LIMITS) - set(names)), sorted(set(names) - set(LIMITS))
    if missing:
        raise BundleError(where, f"it lacks {missing[0]}", "fetch or export the bundle again")
    if extra:
        raise BundleError(f"{where} holds {extra[0][:80]!r}", f"only {sorted(LIMITS)} belong there", "remove it")


def _check_hashes(members: dict[str, bytes], hashes: object, where: str) -> None:
    if not isinstance(hashes, dict) or sorted(hashes) != sorted(MEMBERS):
        raise BundleError(f"{MANIFEST} in {where}", f"it must give the SHA-256 of {MEMBERS}", "export the model again")
    for name in MEMBERS:
        if hashlib.sha256(members[name]).hexdigest() != hashes[name]:
            raise BundleError(
                f"{name} in {where}", f"its SHA-256 is not the one in {MANIFEST}", "fetch or export the bundle again"
            )


def _check_weights(content: bytes) -> None:
    try:
        safetensors.deserialize(content)  # type: ignore[no-untyped-call]
    except (safetensors.SafetensorError, ValueError) as error:
        raise BundleError(
            "weights.safetensors", f"it is malformed ({str(error)[:120]})", "fetch or export the bundle again"
        ) from error


def find_bundle(path: Path) -> Path:
    """Give the bundle file a path means: the file itself, or the only ``*.bundle`` in a run's folder.

    Raises:
        NotFoundError: there is no such path, or no bundle in the folder.
        BundleError: the folder holds several.
    """
    if path.is_file():
        return path
    if not path.exists():
        raise NotFoundError(f"bundle {path}", "it does not exist", f"give a {SUFFIX} file or a run's folder")
    found = sorted(item for item in path.glob(f"*{SUFFIX}") if item.is_file() and not item.name.startswith("."))
    if not found:
        raise NotFoundError(f"folder {path}", f"it holds no *{SUFFIX} file", "give a finished run's folder")
    if len(found) > 1:
        names = ", ".join(item.name for item in found[:5])
        raise BundleError(f"folder {path} holds {names}", "it must hold one bundle", "name the one you mean")
    return found[0]


def describe(bundle: Bundle) -> str:
    """Tell in a few lines what a bundle is, for people."""
    card = bundle.card
    rows = [
        ("name", f"{card.name} ({card.model})"),
        ("task", f"{card.problem}: {', '.join(card.classes) or card.target_name or 'value'}"),
        ("input", _input_words(card)),
        ("learnt from", ", ".join(item.name for item in card.training.data) or "not said"),
        ("records", ", ".join(f"{k} {v}" for k, v in card.training.split_sizes.items()) or "not said"),
        ("scores", ", ".join(_score_words(name, m.value, m.low, m.high) for name, m in card.metrics.items()) or "none"),
        ("rivals", ", ".join(card.rivals) or "none"),
        ("licence", card.licence or "not said"),
        *_origin_rows(card),
        ("size", f"network {len(bundle.onnx):,} bytes, weights {len(bundle.weights):,} bytes"),
    ]
    if bundle.sha256:
        rows.append(("sha256", bundle.sha256))
    return "\n".join(f"{key:<12} {text}" for key, text in rows)


def _origin_rows(card: Card) -> list[tuple[str, str]]:
    if card.origin is None:
        return []
    told = " ".join((card.origin.description or card.origin.citation or "nothing is told").split())
    return [("came from", f"{card.origin.family} {card.origin.version}: {card.origin.architecture}"), ("told", told)]


def _input_words(card: Card) -> str:
    if not card.components:
        return f"{card.window_samples} columns"
    if card.source is not None:
        bands = len(card.source.bands_hz)
        return f"{card.components}, {bands} bands in {card.window_samples} frames of {1 / card.rate_hz:g} s about P"
    beside = f", with {', '.join(card.context)}" if card.context else ""
    span_s = card.window_samples / card.rate_hz
    return f"{card.components}, {card.window_samples} samples at {card.rate_hz:g} Hz ({span_s:g} s){beside}"


def _score_words(name: str, value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return f"{name} undefined"
    return f"{name} {value:.3f}" + (f" ({low:.3f}–{high:.3f})" if low is not None and high is not None else "")
