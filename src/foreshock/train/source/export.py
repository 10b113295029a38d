"""Export: a trained source network becomes a bundle. Knows no training loop and reads no data."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import foreshock.bundle as bundles
from foreshock.errors import MissingExtraError

try:
    import onnxscript  # noqa: F401  torch's exporter imports it when it is called
    import safetensors.torch
    import torch
except ModuleNotFoundError as error:
    raise MissingExtraError.of("export of a model", extra="train", package=str(error.name)) from error

from foreshock.models.source import LEVELS, Source
from foreshock.prepare.band_raster import CENTRES_HZ
from foreshock.prepare.source_input import FRAME_S, N_FRAMES, N_ROWS
from foreshock.prepare.source_keys import context_names
from foreshock.train.export import VERSIONS
from foreshock.train.network import OPSET, check_parity, cleaned, hushed
from foreshock.train.quiet import quiet
from foreshock.train.source.scenes import ELAPSED_S


def source_to_onnx(model: Source, *, n_context: int) -> bytes:
    """Write a source network as ONNX with a free batch: ``x`` and ``context`` in, ``source`` out.

    Raises:
        BundleError: torch and ONNX Runtime do not agree.
    """
    generator = torch.Generator().manual_seed(0)
    x, context = (torch.randn(8, *shape, generator=generator) for shape in ((N_ROWS, N_FRAMES), (n_context,)))
    with hushed(), quiet(), torch.no_grad():
        program = torch.onnx.export(
            model.eval(),
            (x[:2], context[:2]),
            dynamo=True,
            input_names=["x", "context"],
            output_names=["source"],
            dynamic_shapes=[{0: torch.export.Dim("batch")}, {0: torch.export.Dim.DYNAMIC}],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    content = cleaned(program.model_proto)
    check_parity(model, content, x=x, context=context)
    return content


def source_bundle(
    model: Source,
    *,
    name: str,
    instruments: Sequence[str],
    margins: Mapping[str, bundles.Margins] | None = None,
    domain: bundles.SourceDomain | None = None,
    training: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    licence: str = "",
) -> bundles.Bundle:
    """Put network, weights and card together."""
    context = context_names(instruments)
    card = bundles.card_from(
        {
            "name": name,
            "task": "source",
            "problem": "source",
            "model": "source",
            "rate_hz": 1 / FRAME_S,
            "components": "ZNE",
            "window_samples": N_FRAMES,
            "context": context,
            "preparation": {"steps": ["band_raster", "source_input"]},
            "source": {
                "rows": N_ROWS,
                "levels": LEVELS,
                "elapsed_s": ELAPSED_S,
                "bands_hz": CENTRES_HZ,
                "instruments": tuple(instruments),
                "margins": {way: held.model_dump() for way, held in (margins or {}).items()},
                "domain": None if domain is None else domain.model_dump(),
            },
            "training": dict(training or {}),
            "metrics": dict(metrics or {}),
            "licence": licence,
            "versions": {"python": platform.python_version()} | {key: version(key) for key in VERSIONS},
        },
        where=f"the trained source network {name}",
    )
    weights = {key: value.contiguous() for key, value in model.state_dict().items()}
    return bundles.Bundle(
        card, onnx=source_to_onnx(model, n_context=len(context)), weights=safetensors.torch.save(weights)
    )
