"""Export: a trained model becomes a bundle: ONNX, weights and a card that says what it is. Knows no recordings."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

import foreshock.bundle as bundles
from foreshock.errors import LabelError, MissingExtraError
from foreshock.train.calibrate import residual_quantiles, temperature
from foreshock.types import Examples

try:
    import onnxscript  # noqa: F401  torch's exporter imports it when it is called
    import safetensors.torch
    import torch
except ModuleNotFoundError as error:
    raise MissingExtraError.of("export of a model", extra="train", package=str(error.name)) from error

from foreshock.train.network import check_parity, to_onnx
from foreshock.train.trained import Trained

VERSIONS = ("foreshock", "torch", "lightning", "onnx", "onnxruntime", "numpy")


def to_bundle(
    trained: Trained,
    dev: Examples,
    *,
    task: str,
    preparation: Mapping[str, Any],
    data: Sequence[Mapping[str, Any]],
    name: str = "",
    components: str = "ZNE",
    columns: Sequence[str] = (),
    target_name: str = "",
    split_sizes: Mapping[str, int] | None = None,
    licence: str = "",
    rivals: Mapping[str, Mapping[str, Any]] | None = None,
) -> bundles.Bundle:
    """Make a bundle of a trained model, calibrated on the development examples.

    Arguments:
        trained: see `foreshock.train.fit.fit`.
        dev: the examples its best epoch was chosen on; the temperature or the residual quantiles are found on them.
        task: ``detect``, ``classify``, ``magnitude`` or ``table``.
        preparation: how its windows were made, plain values.
        data: what it was learnt from, one mapping a data set (see `foreshock.bundle.DataUsed`).
        name: of the bundle; the model's and the task's where it is empty.
        components: of a window, in order; not used for a table, whose columns may be named by `columns`.
        target_name: of a regression.
        split_sizes: number of examples a split; training and development where not given.
        rivals: settings of simple predictors tuned on the same data.

    Raises:
        LabelError: the development examples are not labelled.
        BundleError: torch and ONNX Runtime do not agree to 1e-4 on batches of 1, 3 and 32 of these examples.
    """
    if dev.y is None or len(dev) == 0:
        raise LabelError(f"{len(dev)} development examples", "calibration needs labelled ones", "check the split")
    onnx = to_onnx(
        trained.model,
        n_channels=trained.n_channels,
        n_samples=trained.n_samples,
        n_context=len(trained.context),
        classify=bool(trained.classes),
    )
    _check(trained, onnx, dev)
    card = bundles.card_from(
        {
            "name": name or f"{trained.settings.model}-{task}",
            "task": "classify" if trained.classes else "regress",
            "problem": task,
            "model": trained.settings.model,
            "classes": trained.classes,
            "rate_hz": trained.rate_hz,
            "components": "" if task == "table" else components,
            "window_samples": trained.n_samples,
            "columns": tuple(columns),
            "context": trained.context,
            "preparation": dict(preparation),
            "target_name": target_name or ("" if trained.classes else task),
            "target_mean": trained.target_mean,
            "target_std": trained.target_std,
            **_calibration(trained, dev),
            "training": _training(trained, data, split_sizes),
            "rivals": {key: dict(value) for key, value in (rivals or {}).items()},
            "licence": licence,
            "versions": {"python": platform.python_version()} | {key: version(key) for key in VERSIONS},
        },
        where=f"the trained {trained.settings.model}",
    )
    weights = {key: value.contiguous() for key, value in trained.model.state_dict().items()}
    return bundles.Bundle(card, onnx=onnx, weights=safetensors.torch.save(weights))


def _check(trained: Trained, onnx: bytes, dev: Examples) -> float:
    some = dev.take(np.arange(min(32, len(dev))))
    columns = [some.context[name] for name in trained.context]
    context = np.column_stack(columns) if columns else np.zeros((len(some), 0), np.float32)
    return check_parity(
        trained.model, onnx, x=torch.from_numpy(np.array(some.x)), context=torch.from_numpy(np.array(context))
    )


def _calibration(trained: Trained, dev: Examples) -> dict[str, Any]:
    said, y = trained.outputs(dev), np.asarray(dev.y)
    if trained.classes:
        return {"temperature": temperature(said, y)}
    low, middle, high = residual_quantiles(y, trained.target_mean + trained.target_std * said)
    return {"residuals": {"q05": low, "q50": middle, "q95": high}}


def _training(
    trained: Trained, data: Sequence[Mapping[str, Any]], split_sizes: Mapping[str, int] | None
) -> dict[str, Any]:
    sizes = {"train": trained.n_train, "dev": trained.n_dev} if split_sizes is None else dict(split_sizes)
    return {
        "data": [dict(item) for item in data],
        "split_sizes": sizes,
        "settings": trained.settings.model_dump(mode="json"),
        "seed": trained.settings.seed,
        "history": [dict(row) for row in trained.history],
    }
