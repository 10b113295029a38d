"""STA/LTA rival: the largest energy ratio in a window, turned into a probability. Knows no networks and no features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from foreshock.config import Settings
from foreshock.errors import InputError
from foreshock.predict import specimen
from foreshock.predict.answers import classified
from foreshock.predict.energy_ratio import MovingSums, classic_of, growing_of
from foreshock.predict.rivals.amplitude import banded, bands, blocks
from foreshock.predict.rivals.labels import class_numbers, learnt, matrix, read_settings, tuning_set
from foreshock.predict.rivals.softmax_line import fit_softmax, log_loss, probabilities
from foreshock.types.arrays import Float64, Floats
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions

MIN_SAMPLES = 12

BIN_S = 0.05
"""Energy is averaged over bins of at most this length: a quarter of the shortest STA, and much faster."""

LEAST_BINS = 60
"""Short windows are binned less, or not at all."""

MAX_TUNING = 1_000
"""Examples at most from which settings are chosen; the calibration uses all."""

WIDE_C = 1e4
"""A ridge so weak that it only keeps separable examples from running to infinity."""

Of = Literal["sum", "best"]
Layout = Literal["behind", "across"]
OF: tuple[Of, ...] = ("sum", "best")
LAYOUT: tuple[Layout, ...] = ("behind", "across")


class RatioSettings(Settings):
    """How the ratio is taken.

    Attributes:
        sta_s, lta_s: lengths of the averages. band_hz: corners of a band-pass, None for the wave as it is.
        of: energy of all channels together, or the largest of the channels' own ratios.
        layout: ``behind`` has both averages end at one sample (Allen 1978), ``across`` puts the short one after it.
    """

    sta_s: float = Field(default=0.5, gt=0)
    lta_s: float = Field(default=5.0, gt=0)
    band_hz: tuple[float, float] | None = None
    of: Of = "sum"
    layout: Layout = "across"


class Learnt(Settings):
    """Chosen ratio, classes, and the line from log10 ratio to the logits of the classes."""

    ratio: RatioSettings
    classes: tuple[str, ...] = Field(min_length=2)
    centre: float
    spread: float = Field(gt=0)
    weights: tuple[tuple[float, ...], ...]
    dev_log_loss: float


class StaLta:
    """Says earthquake where the energy in a window rises suddenly.

    Settings are chosen from a grid by the log-loss on the development examples, after the line from log10 of the
    largest ratio to the classes' logits (Platt 1999) has been fitted on the training examples.

    >>> examples = specimen.wave_examples()
    >>> said = StaLta().fit(examples, examples).predict(examples)
    >>> bool((said.predicted == examples.y).mean() > 0.9)
    True
    """

    name: ClassVar[str] = "sta_lta"
    tasks: ClassVar[tuple[str, ...]] = ("classify",)

    def __init__(self, known: Learnt | None = None) -> None:
        self._learnt = known

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[StaLta]:
        """One that has learnt from `trial_examples`."""
        return [cls().fit(cls.trial_examples(), specimen.wave_examples(seed=1))]

    @classmethod
    def trial_examples(cls) -> Examples:
        """Windows of noise and of bursts."""
        return specimen.wave_examples()

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Choose the ratio on `dev`, fit the line on `train`.

        Raises:
            LabelError: the examples have no classes.
            InputError: the windows are too short for any ratio.
        """
        class_numbers(train, who=self.name)
        held_out = tuning_set(train, dev)
        if train.x.shape[2] < MIN_SAMPLES:
            raise InputError(
                f"windows of {train.x.shape[2]} samples", f"STA/LTA needs {MIN_SAMPLES} or more", "use longer windows"
            )
        tried = _candidates(train, _thinned(train), _thinned(held_out))
        _, ratio = min(tried, key=lambda pair: pair[0])
        return type(self)(_fit_line(ratio, train, held_out))

    def predict(self, examples: Examples) -> Predictions:
        """Give class probabilities.

        Raises:
            StateError: it has not learnt yet.
            InputError: the windows are too short for the ratio, or the rate too low for the band.
        """
        known = learnt(self._learnt, who=self.name)
        feature = (log_ratio(examples, known.ratio) - known.centre) / known.spread
        p = probabilities(feature[:, None], matrix(known.weights, what="weights"))
        return classified(examples, p, classes=known.classes)

    def settings(self) -> dict[str, Any]:
        """The chosen ratio and the line."""
        return learnt(self._learnt, who=self.name).model_dump(mode="json")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The predictor that was learnt before."""
        return cls(read_settings(Learnt, settings, who=cls.name))


def log_ratio(examples: Examples, ratio: RatioSettings) -> Float64:
    """Give log10 of the largest energy ratio of each window, (example,).

    Raises:
        InputError: the averages do not fit into the window, or the band into the rate.
    """
    return _features(examples, ratio.band_hz, [ratio])[:, 0]


def _features(examples: Examples, band: tuple[float, float] | None, choices: list[RatioSettings]) -> Float64:
    """log10 of the largest ratio for several settings of one band, (example, setting); sums are shared."""
    out = np.empty((len(examples), len(choices)))
    for rows in blocks(examples):
        energy, rate_hz = _energy(examples.x[rows], band, examples.rate_hz)
        sums = {"best": MovingSums(energy), "sum": MovingSums(energy.sum(axis=1, keepdims=True))}
        for k, ratio in enumerate(choices):
            out[rows, k] = _largest(sums[ratio.of], ratio, rate_hz)
    return out


def _energy(x: Floats, band_hz: tuple[float, float] | None, rate_hz: float) -> tuple[Float64, float]:
    """Energy of the banded wave averaged over bins of about `BIN_S`, and how many bins there are in a second."""
    energy = banded(x, band_hz, rate_hz) ** 2
    n_bin = max(1, min(int(BIN_S * rate_hz), energy.shape[-1] // LEAST_BINS))
    n_whole = energy.shape[-1] // n_bin * n_bin
    binned = energy[..., :n_whole].reshape(*energy.shape[:-1], -1, n_bin).mean(axis=-1)
    return np.asarray(binned, np.float64), rate_hz / n_bin


def _largest(sums: MovingSums, ratio: RatioSettings, rate_hz: float) -> Float64:
    n_sta, n_lta = max(1, round(ratio.sta_s * rate_hz)), max(2, round(ratio.lta_s * rate_hz))
    if 3 * n_sta > sums.x.shape[-1]:
        raise InputError(
            f"window of {sums.x.shape[-1] / rate_hz:g} s",
            f"an STA of {ratio.sta_s:g} s does not fit",
            "use longer windows",
        )
    if ratio.layout == "across":
        along = growing_of(sums, n_sta=n_sta, n_lta=n_lta)
    else:
        along = classic_of(sums, n_sta=n_sta, n_lta=n_lta, n_warm=2 * n_sta)
    return np.asarray(np.log10(np.maximum(along.max(axis=(1, 2)), 1e-6)), np.float64)


# -- tuning ------------------------------------------------------------------------------------------------------


def grid(rate_hz: float, n_samples: int) -> dict[tuple[float, float] | None, list[RatioSettings]]:
    """Every setting that fits a window, by band."""
    span_s = n_samples / rate_hz
    stas = [s for s in (0.2, 0.5, 1.0, 2.0) if s * rate_hz >= 2 and 6 * s <= span_s] or [span_s / 6]
    ltas = [s for s in (3.0, 6.0, 12.0) if s < span_s] or [span_s / 2]
    return {
        band: [
            RatioSettings(sta_s=sta, lta_s=lta, band_hz=band, of=of, layout=layout)
            for sta, lta, of, layout in product(stas, ltas, OF, LAYOUT)
            if lta > 2 * sta
        ]
        for band in bands(rate_hz)
    }


def _candidates(whole: Examples, train: Examples, dev: Examples) -> Iterator[tuple[float, RatioSettings]]:
    """Each setting of the grid with its log-loss on the development examples; a band is filtered once."""
    for band, choices in grid(whole.rate_hz, whole.x.shape[2]).items():
        here, there = (_features(examples, band, choices) for examples in (train, dev))
        for k, ratio in enumerate(choices):
            yield _line_loss(here[:, k], there[:, k], train, dev), ratio


def _line_loss(here: Float64, there: Float64, train: Examples, dev: Examples) -> float:
    centre, spread = _scale(here)
    weights = _weights((here - centre) / spread, train)
    return log_loss(probabilities(((there - centre) / spread)[:, None], weights), class_numbers(dev, who=StaLta.name))


def _fit_line(ratio: RatioSettings, train: Examples, dev: Examples) -> Learnt:
    here, there = log_ratio(train, ratio), log_ratio(dev, ratio)
    centre, spread = _scale(here)
    weights = _weights((here - centre) / spread, train)
    return Learnt(
        ratio=ratio,
        classes=train.classes,
        centre=centre,
        spread=spread,
        weights=tuple(map(tuple, weights.tolist())),
        dev_log_loss=_line_loss(here, there, train, dev),
    )


def _weights(feature: Float64, train: Examples) -> Float64:
    numbers = class_numbers(train, who=StaLta.name)
    return fit_softmax(feature[:, None], numbers, n_classes=len(train.classes), c=WIDE_C / len(feature))


def _scale(feature: Float64) -> tuple[float, float]:
    spread = float(feature.std())
    return float(feature.mean()), spread if spread > 0 else 1.0


def _thinned(examples: Examples) -> Examples:
    """Every so many examples, so that no more than `MAX_TUNING` are left."""
    if len(examples) <= MAX_TUNING:
        return examples
    return examples.take(np.linspace(0, len(examples) - 1, MAX_TUNING).astype(np.int64))
