"""Export: a trained picker becomes a bundle, its thresholds and probabilities set on development records.

Knows no training loop and reads no test data.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

import foreshock.bundle as bundles
from foreshock.clock import NS_PER_S
from foreshock.errors import LabelError, MissingExtraError
from foreshock.types.arrays import Bools, Float64
from foreshock.types.record import Record

try:
    import onnxscript  # noqa: F401  torch's exporter imports it when it is called
    import safetensors.torch
    import torch
    from torch import nn
except ModuleNotFoundError as error:
    raise MissingExtraError.of("export of a model", extra="train", package=str(error.name)) from error

from foreshock.models.picker import CLASSES, CORNERS, EVERY, MARGIN, STRIDE
from foreshock.train.export import VERSIONS
from foreshock.train.network import OPSET, cleaned, hushed
from foreshock.train.quiet import quiet

WINDOW_SAMPLES = 4096
"""What the card calls a window; the network takes any multiple of its stride."""

PHASES = ("P", "S")


def picker_to_onnx(model: nn.Module, *, n_channels: int = 3 * len(CORNERS)) -> bytes:
    """Write a picker as ONNX with free batch and time: ``x`` in, ``curves`` (batch, class, time / 4) out."""
    free = {0: torch.export.Dim("batch"), 2: STRIDE * torch.export.Dim("hops", min=2)}
    with hushed(), quiet(), torch.no_grad():
        program = torch.onnx.export(
            model.eval(),
            (torch.zeros(2, n_channels, 4 * STRIDE),),
            dynamo=True,
            input_names=["x"],
            output_names=["curves"],
            dynamic_shapes=[free],
            opset_version=OPSET,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    return cleaned(program.model_proto)


def picker_bundle(
    model: nn.Module,
    *,
    name: str,
    onsets: Mapping[str, bundles.Onset],
    training: Mapping[str, Any] | None = None,
    metrics: Mapping[str, bundles.Measured] | None = None,
    domain: bundles.Domain | None = None,
    licence: str = "",
) -> bundles.Bundle:
    """Put network, weights and card together."""
    card = bundles.card_from(
        {
            "name": name,
            "task": "label",
            "problem": "pick",
            "model": "picker",
            "classes": CLASSES,
            "rate_hz": 100.0,
            "components": "ZNE",
            "window_samples": WINDOW_SAMPLES,
            "preparation": {"steps": ["onto_grid", "bands", "level"]},
            "reach": {
                "stride_samples": STRIDE,
                "margin_samples": MARGIN,
                "every_samples": EVERY,
                "corners": CORNERS,
                "domain": None if domain is None else domain.model_dump(),
                "onsets": {phase: onset.model_dump() for phase, onset in onsets.items()},
            },
            "training": dict(training or {}),
            "metrics": {key: value.model_dump() for key, value in (metrics or {}).items()},
            "licence": licence,
            "versions": {"python": platform.python_version()} | {key: version(key) for key in VERSIONS},
        },
        where=f"the trained picker {name}",
    )
    weights = {key: value.contiguous() for key, value in model.state_dict().items()}
    return bundles.Bundle(card, onnx=picker_to_onnx(model), weights=safetensors.torch.save(weights))


@dataclass(frozen=True, eq=False)
class Peaks:
    """Peaks of one phase's curve on labelled records: heights, whether each is right, residuals over width.

    Attributes:
        n_truth: arrivals there were. spread: |residual| / sigma as the bundle gives it without a factor.
    """

    height: Float64
    right: Bools
    spread: Float64
    n_truth: int


GRID = tuple(float(x) for x in np.round(np.arange(0.14, 0.91, 0.02), 2))


@dataclass(frozen=True, eq=False)
class Quiet:
    """Heights of one phase's peaks where there was nothing, and how many hours of it."""

    height: Float64
    hours: float

    def per_hour(self, threshold: float) -> float:
        """Peaks an hour that reach a threshold."""
        return float((self.height >= threshold).sum() / self.hours) if self.hours else 0.0


def onset_from(peaks: Peaks, quiet: Quiet, *, most_per_hour: float) -> bundles.Onset:
    """Choose the threshold by a rate of picks where there is nothing, and fit probability and spread.

    Raises:
        LabelError: there is no right peak.
    """
    if not peaks.right.any():
        raise LabelError(
            f"{len(peaks.height)} peaks", "none is right: there is nothing to calibrate on", "train longer"
        )
    threshold = quiet_threshold(quiet, most_per_hour)
    offset, slope = logistic_fit(np.log(peaks.height / (1 - peaks.height)), peaks.right)
    said = 1 / (1 + np.exp(-(offset + slope * np.log(peaks.height / (1 - peaks.height)))))
    spread = float(np.median(peaks.spread[peaks.right]) / 0.6745)
    return bundles.Onset(
        threshold=threshold,
        offset=offset,
        slope=slope,
        sigma_factor=float(np.clip(spread, 0.05, 20.0)),
        false_per_hour=quiet.per_hour(threshold),
        quiet_hours=quiet.hours,
        reliability=reliability(said, peaks.right),
    )


Peak = tuple[int, float, float]
"""A peak's time (UTC nanoseconds), height and spread (seconds)."""


def quiet_threshold(quiet: Quiet, most_per_hour: float) -> float:
    """The lowest height that no more peaks of an hour reach; the highest there is where all are reached more often.

    >>> quiet_threshold(Quiet(np.array([0.2, 0.5, 0.7]), hours=1.0), 1.0)
    0.52
    """
    return next((height for height in GRID if quiet.per_hour(height) <= most_per_hour), GRID[-1])


def reliability(said: Float64, right: Bools, *, n_bins: int = 10) -> tuple[bundles.ReliabilityBin, ...]:
    """Probabilities in bins of equal width against the share that was right.

    >>> [one.n for one in reliability(np.array([0.05, 0.95, 0.92]), np.array([False, True, True]))]
    [1, 2]
    """
    number = np.minimum((said * n_bins).astype(int), n_bins - 1)
    return tuple(
        bundles.ReliabilityBin(n=int(held.sum()), said=float(said[held].mean()), right=float(right[held].mean()))
        for held in (number == k for k in range(n_bins))
        if held.any()
    )


def calibration_error(bins: Sequence[bundles.ReliabilityBin]) -> float:
    """Mean distance between what was said and what was right (expected calibration error)."""
    total = sum(one.n for one in bins)
    return sum(one.n * abs(one.said - one.right) for one in bins) / total if total else 0.0


OUTERMOST = 0.02
"""Share of the picks learnt from that lie beyond a distance of 1."""


def domain_from(descriptions: Float64, *, ridge: float = 1e-3) -> bundles.Domain:
    """Mean, whitening and limit of the descriptions of picks that were learnt from, (pick, feature).

    >>> domain = domain_from(np.random.default_rng(0).standard_normal((500, 2)) * [1.0, 9.0])
    >>> 2.5 < domain.limit < 3.2
    True
    """
    mean = descriptions.mean(0)
    spread = np.cov(descriptions.T) + ridge * np.eye(len(mean))
    values, vectors = np.linalg.eigh(spread)
    root = (vectors / np.sqrt(values)).T
    apart = np.sqrt(((descriptions - mean) @ root.T) ** 2 @ np.ones(len(mean)))
    return bundles.Domain(
        mean=tuple(mean.tolist()),
        root=tuple(tuple(row) for row in root.tolist()),
        limit=float(np.quantile(apart, 1 - OUTERMOST)),
        n=len(descriptions),
    )


def logistic_fit(x: Float64, right: Bools, *, ridge: float = 1.0) -> tuple[float, float]:
    """Offset and slope of the log odds by Newton steps, drawn to 0 and 1 by a ridge (Platt 1999).

    >>> x = np.linspace(-4, 4, 200)
    >>> offset, slope = logistic_fit(x, x > 0)
    >>> abs(offset) < 0.1, slope > 1
    (True, True)
    """
    rows, prior = np.stack([np.ones_like(x), x]), np.array([0.0, 1.0])
    theta = prior.copy()
    for _ in range(50):
        p = 1 / (1 + np.exp(-theta @ rows))
        slope = rows @ (p - right) + ridge * (theta - prior)
        bend = (rows * np.maximum(p * (1 - p), 1e-9)) @ rows.T + ridge * np.eye(2)
        step = np.linalg.solve(bend, slope)
        theta -= np.clip(step, -1, 1)
    return float(np.clip(theta[0], -100, 100)), float(np.clip(theta[1], 0.05, 100))


def peaks_of(said: Sequence[Sequence[Peak]], truth: Sequence[Record], phase: str, *, tolerance_s: float = 0.5) -> Peaks:
    """Peaks of a phase against the truth, record by record, where the arrival of the phase is known."""
    height, right, spread, n_truth = [], [], [], 0
    for peaks, record in zip(said, truth, strict=True):
        true_ns = record.truth.p_ns if phase == "P" else record.truth.s_ns
        if true_ns is None:
            continue
        n_truth += 1
        apart_s = [abs(time_ns - true_ns) / NS_PER_S for time_ns, _, _ in peaks]
        for far_s, (_, high, sigma_s) in zip(apart_s, peaks, strict=True):
            height.append(high)
            right.append(far_s == min(apart_s) and far_s <= tolerance_s)
            spread.append(far_s / max(sigma_s, 1e-6))
    return Peaks(np.clip(np.array(height, float), 1e-6, 1 - 1e-6), np.array(right, bool), np.array(spread), n_truth)
