"""Live: a trained live picker becomes a bundle whose network takes hop after hop and carries its state.

Knows no training loop and no recordings.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

import foreshock.bundle as bundles
from foreshock.errors import BundleError, MissingExtraError

try:
    import onnxscript  # noqa: F401  torch's exporter imports it when it is called
    import safetensors.torch
    import torch
    from torch import Tensor
except ModuleNotFoundError as error:
    raise MissingExtraError.of("export of a model", extra="train", package=str(error.name)) from error

from foreshock.bundle.onnx_runtime import onnxruntime
from foreshock.models.picker_hop import LiveHop
from foreshock.models.picker_live import AHEAD, CLASSES, EVERY, HOP, LATER, PickerLive
from foreshock.train.export import VERSIONS
from foreshock.train.network import OPSET, PARITY, cleaned, hushed
from foreshock.train.quiet import quiet

N_HOPS = 40
"""Hops over which network and bundle are compared."""


def hop_to_onnx(hop: LiveHop) -> bytes:
    """Write one hop as ONNX with a free number of stations: ``x``, ``state`` in, ``curves``, ``state_next`` out;
    what it says as ``state_next`` it hears again as parts of later ``state``."""
    inputs = (torch.zeros(2, hop.n_channels, HOP), torch.zeros(2, hop.n_heard))
    with hushed(), quiet(), torch.no_grad():
        program = torch.onnx.export(
            hop.eval(),
            inputs,
            dynamo=True,
            input_names=["x", "state"],
            output_names=["curves", "state_next"],
            dynamic_shapes=[{0: torch.export.Dim("station")}, {0: torch.export.Dim.DYNAMIC}],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    return cleaned(program.model_proto)


def live_bundle(
    model: PickerLive,
    *,
    name: str,
    onsets: Mapping[str, bundles.Onset],
    later_onsets: Mapping[str, bundles.Onset],
    training: Mapping[str, Any] | None = None,
    metrics: Mapping[str, bundles.Measured] | None = None,
    licence: str = "",
) -> bundles.Bundle:
    """Put network, weights and card together.

    Raises:
        BundleError: the network says something else hop by hop than over a whole recording.
    """
    hop = LiveHop(model.eval())
    card = bundles.card_from(
        {
            "name": name,
            "task": "label",
            "problem": "pick",
            "model": "picker-live",
            "classes": CLASSES,
            "rate_hz": 100.0,
            "components": "ZNE",
            "window_samples": HOP,
            "preparation": {"steps": ["onto_grid", "level"]},
            "reach": {
                "stride_samples": HOP,
                "margin_samples": AHEAD,
                "every_samples": EVERY,
                "state_size": hop.n_heard,
                "delays": [{"width": width, "windows": hops} for width, hops in hop.delays],
                "corners": model.corners,
                "later_samples": LATER,
                "onsets": {phase: onset.model_dump() for phase, onset in onsets.items()},
                "later_onsets": {phase: onset.model_dump() for phase, onset in later_onsets.items()},
            },
            "training": dict(training or {}),
            "metrics": {key: value.model_dump() for key, value in (metrics or {}).items()},
            "licence": licence,
            "versions": {"python": platform.python_version()} | {key: version(key) for key in VERSIONS},
        },
        where=f"the trained picker {name}",
    )
    weights = {key: value.contiguous() for key, value in model.state_dict().items()}
    made = bundles.Bundle(card, onnx=hop_to_onnx(hop), weights=safetensors.torch.save(weights))
    _check_parity(model, made)
    return made


def _check_parity(model: PickerLive, bundle: bundles.Bundle) -> None:
    """Compare whole recordings in torch with hops in ONNX Runtime."""
    x = torch.randn(3, model.n_channels, N_HOPS * HOP, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        want = model(x).numpy()
    worst = float(np.abs(by_hops(bundle, x) - want).max() / max(1.0, np.abs(want).max()))
    if not worst <= PARITY:
        raise BundleError(
            f"torch and ONNX Runtime differ by {worst:.2g}",
            f"at most {PARITY:g} is allowed",
            "report this model with its settings",
        )


def by_hops(bundle: bundles.Bundle, x: Tensor) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Run a bundle hop by hop over whole recordings (station, channel, time), with nothing after their end."""
    reach = bundle.card.reach
    assert reach is not None
    session = onnxruntime.InferenceSession(bundle.onnx, providers=["CPUExecutionProvider"])
    long = np.pad(x.numpy(), ((0, 0), (0, 0), (0, reach.later_samples)))
    tape, said = bundles.Tape(reach, len(x)), []
    for first in range(0, long.shape[-1], HOP):
        curves, news = session.run(None, {"x": long[..., first : first + HOP], "state": tape.heard()})
        tape.say(news)
        said.append(curves)
    whole, n = np.concatenate(said, -1), x.shape[-1] // EVERY
    late = (reach.margin_samples // EVERY, reach.later_samples // EVERY)
    return np.stack([whole[:, :, answer, frames : frames + n] for answer, frames in enumerate(late)], 2)
