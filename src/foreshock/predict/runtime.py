"""Runtime: runs a bundle's network on ONNX Runtime, the same way for training's check, archives and live streams.

Knows no torch, no files but bundles, and nothing about how examples were cut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from foreshock.bundle import Bundle, Card, read_bundle
from foreshock.errors import BundleError, InputError, StateError
from foreshock.predict import specimen
from foreshock.predict.answers import classified, valued
from foreshock.predict.device import choose
from foreshock.predict.session import FAILURES, first_line, open_session
from foreshock.predict.softmax import softmax
from foreshock.types.arrays import Float32, Float64
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions

RATE_TOLERANCE = 1e-6
"""Relative difference of sampling rates that still counts as equal."""


class BundlePredictor:
    """A trained network behind the predictors' door.

    Args:
        bundle: what `read_bundle` gave.
        device: ``auto``, ``cpu`` or ``cuda``; `device.sentence` says what came of it.
        batch_size: examples run at once; answers do not depend on it (beyond rounding of about 1e-6).
        threads: CPU threads inside an operator.

    Raises:
        BundleError: ONNX Runtime cannot run the network.
        ConfigError: the device is unknown or not there.
    """

    name: ClassVar[str] = "bundle"
    tasks: ClassVar[tuple[str, ...]] = ("classify", "regress")

    def __init__(self, bundle: Bundle, *, device: str = "auto", batch_size: int = 64, threads: int = 1) -> None:
        if batch_size < 1 or threads < 1:
            raise InputError(
                f"batch size is {batch_size}, threads are {threads}", "both must be positive", "use 64 and 1"
            )
        if bundle.card.task not in self.tasks:
            raise InputError(
                f"bundle {bundle.card.name} is made for {bundle.card.problem}",
                "it does not answer for windows",
                "pick with it, or estimate sources with it",
            )
        self.bundle = bundle
        self.batch_size = batch_size
        self._session, self.device = open_session(bundle, choose(device), threads)

    @property
    def card(self) -> Card:
        """The bundle's card."""
        return self.bundle.card

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[BundlePredictor]:
        """Two tiny networks, a classifier without and one with a context, for the law."""
        return [cls(read_bundle(path), device="cpu", batch_size=4) for path in specimen.write_bundles(folder)]

    @classmethod
    def trial_examples(cls) -> Examples:
        """Examples the specimens were made for."""
        return specimen.wave_examples()

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Give itself: a bundle's network has been trained already."""
        return self

    def predict(self, examples: Examples) -> Predictions:
        """Say a class or a value for each example.

        Raises:
            InputError: the examples are not what the network was made for.
            BundleError: the network fails or says NaN.
        """
        return predictions_from(self, examples)

    def outputs(self, examples: Examples) -> Float64:
        """Give the network's own numbers: logits (example, class), or normalised values (example,).

        Raises:
            InputError: the examples are not what the network was made for.
            BundleError: the network fails, or its numbers have a wrong shape or are NaN.
        """
        check_fits(self.card, examples)
        inputs = _inputs(self.card, examples)
        width = (len(self.card.classes),) if self.card.classes else ()
        out = np.empty((len(examples), *width), np.float64)
        for first in range(0, len(examples), self.batch_size):
            rows = slice(first, first + self.batch_size)
            out[rows] = self._run({name: values[rows] for name, values in inputs.items()}, width)
        return out

    def _run(self, inputs: dict[str, Float32], width: tuple[int, ...]) -> Float32:
        try:
            said: Float32 = np.asarray(self._session.run([self.card.output], inputs)[0])
        except FAILURES as error:
            raise BundleError(
                f"network of {self.card.name}", f"it cannot be run ({first_line(error)})", "export the model again"
            ) from error
        if said.shape != (len(inputs["x"]), *width):
            raise BundleError(
                f"network of {self.card.name} said an array of shape {said.shape}",
                f"{(len(inputs['x']), *width)} was due",
                "export the model again",
            )
        if not np.isfinite(said).all():
            raise BundleError(f"network of {self.card.name} said NaN or Inf", "answers are finite", "train it again")
        return said

    def settings(self) -> dict[str, Any]:
        """Where the bundle lies and what its hash is.

        Raises:
            StateError: the bundle has not been written to a file.
        """
        if self.bundle.path is None:
            raise StateError(f"bundle {self.card.name}", "it was never written to a file", "call write_bundle first")
        return {"path": str(self.bundle.path), "sha256": self.bundle.sha256}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """Read the bundle again; its hash must be the one that was kept.

        Raises:
            NotFoundError: the file has gone.
            BundleError: the file is another one, or is not to be trusted.
        """
        return cls(read_bundle(Path(str(settings["path"])), sha256=str(settings["sha256"])))


def predictions_from(predictor: BundlePredictor, examples: Examples) -> Predictions:
    """Run a bundle and read its numbers as its card says: temperature and softmax, or mean, spread and quantiles."""
    card, out = predictor.card, predictor.outputs(examples)
    if card.task == "classify":
        return classified(examples, softmax(out, temperature=card.temperature), classes=card.classes)
    quantiles = None if card.residuals is None else (card.residuals.q05, card.residuals.q95)
    return valued(examples, card.target_mean + card.target_std * out, residuals=quantiles)


def check_fits(card: Card, examples: Examples) -> None:
    """Refuse examples of another rate, shape or context than the network was made for.

    Raises:
        InputError: they differ; the sentence says in what.
    """
    shape, wanted = examples.x.shape[1:], (card.n_channels, card.window_samples)
    if shape != wanted:
        raise InputError(
            f"examples have {shape[0]} channels of {shape[1]} samples",
            f"{card.name} was made for {wanted[0]} of {wanted[1]}",
            "prepare them with the bundle's own preparation",
        )
    if abs(examples.rate_hz - card.rate_hz) > RATE_TOLERANCE * card.rate_hz:
        raise InputError(
            f"examples have {examples.rate_hz:g} Hz", f"{card.name} was made for {card.rate_hz:g} Hz", "resample them"
        )
    missing = [name for name in card.context if name not in examples.context]
    if missing:
        raise InputError(
            f"examples lack the context {missing[0]!r}", f"{card.name} reads {card.context}", "add that column"
        )
    for name in card.context:
        if not np.isfinite(examples.context[name]).all():
            raise InputError(f"context {name!r} holds NaN or Inf", "every value must be finite", "drop such records")


def _inputs(card: Card, examples: Examples) -> dict[str, Float32]:
    inputs: dict[str, Float32] = {"x": np.ascontiguousarray(examples.x, np.float32)}
    if card.context:
        inputs["context"] = np.stack([examples.context[name] for name in card.context], axis=1).astype(np.float32)
    return inputs
