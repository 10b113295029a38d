"""Convert: SeisBench's weights become a bundle, checked against SeisBench itself. Knows no recordings.

SeisBench is under the GPL-3, Foreshock under Apache-2.0. So no file of this package imports it: `_seisbench` asks
Python for it by name, when a person who has installed it wants weights converted. Nothing goes into the bundle but the
weights, which belong to whoever trained them, and ONNX's own operators; and the bundle runs without SeisBench.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import platform
import re
import warnings
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any

import numpy as np

import foreshock.bundle as bundles
from foreshock.errors import BundleError, ConfigError, FormatError, MissingExtraError

try:
    import onnxscript  # noqa: F401  torch's exporter imports it when it is called
    import safetensors.torch
    import torch
    from torch import nn
except ModuleNotFoundError as error:
    raise MissingExtraError.of("import of a model", extra="seisbench", package=str(error.name)) from error

from foreshock.bundle.onnx_runtime import onnxruntime
from foreshock.prepare.window_scale import scale
from foreshock.train.foreign.arguments import FAMILY, Arguments, arguments_from, check_architecture
from foreshock.train.foreign.eqtransformer import FlatEqTransformer
from foreshock.train.foreign.files import WeightFiles
from foreshock.train.foreign.phasenet import FlatPhaseNet
from foreshock.train.network import OPSET, cleaned, hushed
from foreshock.train.quiet import quiet

PARITY, SILENT = 1e-5, 5e-4
"""Largest difference between a probability of SeisBench and one of the bundle; where every sample of a window is zero.

Silence is where a network with normalisation is least certain of itself: PhaseNet trained for a benchmark changed its
answer by 1.4e-5 for noise of 1e-7, and by 1e-4 when its normalisation was folded into its convolutions.
"""

FLAT: Mapping[str, type[nn.Module]] = MappingProxyType({"PhaseNet": FlatPhaseNet, "EQTransformer": FlatEqTransformer})
VERSIONS = ("foreshock", "seisbench", "torch", "onnx", "onnxruntime", "numpy")
_SENTENCE = re.compile(r"(?<=[.;])\s+|\n")
_LICENCE = re.compile(r"licen[cs]e|CC[ -]BY|public domain", re.IGNORECASE)


def converted(
    architecture: str,
    files: WeightFiles,
    *,
    name: str = "",
    arguments: Mapping[str, Any] | None = None,
    licence: str = "",
) -> bundles.Bundle:
    """Make a bundle of SeisBench's weights.

    Args:
        architecture: ``PhaseNet`` or ``EQTransformer``. files: see `read_weights`.
        name: of the bundle; made of both where it is empty.
        arguments: what the files do not say, or say wrongly. licence: of the weights, where the files do not tell.

    Raises:
        ConfigError: no such architecture, or an argument is unknown, missing or out of range.
        FormatError: the weights cannot be read, or belong to another architecture.
        BundleError: SeisBench and ONNX Runtime differ by more than `PARITY`.
        MissingExtraError: SeisBench is not installed.
    """
    check_architecture(architecture)
    values = {key: value for key, value in files.told.get("model_args", {}).items() if not key.startswith("_")}
    values |= dict(arguments or {})
    if "model_args" not in files.told and "phases" not in values:
        raise ConfigError(
            f"weights {files.name}", "their order of phases cannot be seen in them", "tell it, e.g. by --set phases=PSN"
        )
    told = arguments_from(architecture, values, where=f"the files of {files.name}")
    weights = _read(files)
    values = _as_weights_say(told, weights)
    model = _built(architecture, values, weights, files.name)
    flat = FLAT[architecture](model).eval()
    windows = told.windows(_defaults(files))
    card = bundles.card_from(
        {
            "name": name or f"{FAMILY}-{architecture.lower()}-{files.name}",
            "task": "label",
            "problem": "pick",
            "model": architecture,
            "classes": told.curves(),
            "rate_hz": told.sampling_rate,
            "components": told.component_order,
            "window_samples": told.length,
            "windows": windows.model_dump(),
            "origin": _origin(architecture, files, values, model),
            "licence": licence or _licence(files),
            "versions": {"python": platform.python_version()} | {key: _version(key) for key in VERSIONS},
        },
        where=f"the imported {files.name}",
    )
    content = _to_onnx(flat, n_channels=told.in_channels, n_samples=told.length)
    check_parity(model, content, windows)
    return bundles.Bundle(card, onnx=content, weights=safetensors.torch.save(weights))


def _seisbench() -> Any:
    """SeisBench's models, asked for by name and only now: see above.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module("seisbench.models")
    except ImportError as error:
        raise MissingExtraError.of("import of a SeisBench model", extra="seisbench", package="seisbench") from error


def _read(files: WeightFiles) -> dict[str, torch.Tensor]:
    try:
        held = torch.load(io.BytesIO(files.weights), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises whatever its readers meet in a damaged file
        reason = (str(error).strip().splitlines() or ["no reason given"])[0][:120].rstrip(".")
        raise FormatError(f"weights {files.name}", f"torch cannot read them ({reason})", "fetch them again") from error
    if not isinstance(held, dict) or not all(isinstance(value, torch.Tensor) for value in held.values()):
        raise FormatError(f"weights {files.name}", "they are no table of tensors", "save model.state_dict()")
    wrong = [key for key, value in held.items() if value.is_floating_point() and not torch.isfinite(value).all()]
    if wrong:
        raise FormatError(f"weights {files.name}", f"{wrong[0][:80]!r} holds NaN or Inf", "fetch them again")
    return {str(key): value.contiguous() for key, value in held.items()}


def _as_weights_say(told: Arguments, weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """The arguments to build with: old files call the original EQTransformer compatible without saying which one."""
    values = told.model_dump(exclude_unset=True)
    if values.get("original_compatible") is True and "pick_lstms.0.cell_f.weight_ih" in weights:
        values["original_compatible"] = "conservative"
    return values


def _built(architecture: str, values: Mapping[str, Any], weights: Mapping[str, Any], name: str) -> Any:
    models = _seisbench()
    with _hushed_seisbench():
        model = getattr(models, architecture)(**values)
    try:
        model.load_state_dict(dict(weights))
    except RuntimeError as error:
        reason = (str(error).strip().splitlines()[1:] or ["names or sizes differ"])[0].strip()[:160].rstrip(".")
        raise FormatError(
            f"weights {name}",
            f"they are not those of {architecture} as their JSON describes it ({reason})",
            "name their own architecture, or correct its arguments by --set",
        ) from error
    return model.eval()


@contextlib.contextmanager
def _hushed_seisbench() -> Iterator[None]:
    logger = logging.getLogger("seisbench")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _to_onnx(flat: nn.Module, *, n_channels: int, n_samples: int) -> bytes:
    with hushed(), quiet(), torch.no_grad():
        program = torch.onnx.export(
            flat,
            (torch.zeros(2, n_channels, n_samples),),
            dynamo=True,
            input_names=["x"],
            output_names=["curves"],
            dynamic_shapes=[{0: torch.export.Dim("batch")}],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    return cleaned(program.model_proto)


def check_parity(model: Any, content: bytes, told: bundles.Windows, *, seed: int = 0) -> float:
    """Compare SeisBench with what the bundle will do, scaling and network, on made-up windows; give the difference.

    The last window is silent; its difference counts as so many times less as `SILENT` is more than `PARITY`.

    Raises:
        BundleError: they differ by more than `PARITY`.
    """
    x = _made_up(model.in_channels, model.in_samples, seed)
    with torch.no_grad():
        said = model(model.annotate_batch_pre(torch.from_numpy(x.copy()), argdict={}))
    want = (torch.stack(said, dim=1) if isinstance(said, tuple) else said).numpy()
    scale(x, told)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    got = np.concatenate([session.run(None, {"x": part})[0] for part in (x[:1], x[1:])])
    apart = np.abs(got - want).max(axis=(1, 2))
    worst = max(float(apart[:-1].max()), float(apart[-1]) * PARITY / SILENT)
    if not worst <= PARITY:
        raise BundleError(
            f"SeisBench {_version('seisbench')} and ONNX Runtime differ by {worst:.2g}",
            f"at most {PARITY:g} is allowed",
            "report these weights",
        )
    return worst


def _made_up(n_channels: int, n_samples: int, seed: int) -> Any:
    """Noise with an onset, an offset and a slope; a component that is dead; silence."""
    rng = np.random.default_rng(seed)
    time = np.linspace(0, 1, n_samples)
    x = rng.standard_normal((5, n_channels, n_samples)) * np.where(time > 0.5, 20 * np.exp(3 - 6 * time), 1.0)
    x[1] += 100 + 50 * time
    x[2] *= 1e-6
    x[3, 0] = 0
    x[4] = 0
    return x.astype(np.float32)


def _defaults(files: WeightFiles) -> Mapping[str, Any]:
    told = files.told.get("default_args") or files.told.get("model_args", {}).get("default_args") or {}
    if not isinstance(told, dict):
        raise ConfigError(f"default_args {told!r} of {files.name}", "it must be an object", "correct the JSON")
    return told


def _origin(architecture: str, files: WeightFiles, values: Mapping[str, Any], model: Any) -> dict[str, Any]:
    return {
        "family": FAMILY,
        "architecture": architecture,
        "version": _version("seisbench"),
        "description": str(files.told.get("docstring") or "")[:10_000],
        "citation": str(getattr(model, "citation", "") or "")[:10_000],
        "files": files.files,
        "arguments": dict(values),
    }


def _licence(files: WeightFiles) -> str:
    """The sentence of the description that speaks of a licence."""
    sentences = _SENTENCE.split(str(files.told.get("docstring") or ""))
    found = next((sentence.strip() for sentence in sentences if _LICENCE.search(sentence)), "")
    return f"as its files say: {found[:1000]}" if found else "its files do not tell"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
