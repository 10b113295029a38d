"""Amplitude–distance line: a magnitude from how large and how far. Knows no networks and no features but one size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from foreshock.config import Settings
from foreshock.predict import specimen
from foreshock.predict.answers import valued
from foreshock.predict.rivals.amplitude import Measure, bands, log_amplitude
from foreshock.predict.rivals.labels import learnt, read_settings, target_values, tuning_set
from foreshock.predict.rivals.line import Line, Observed, apply_line, best_line
from foreshock.types.arrays import AnyArray, Float64
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions

DISTANCE = "log10_distance_km"
"""The context that holds log10 of the epicentral distance; without it the table's ``distance_km`` serves."""

STATION_COLUMNS = ("station_id", "instrument", "rate_in_hz")
"""Columns of the table that together name what has a term of its own."""

MEASURES: tuple[Measure, ...] = ("peak", "rms")
MIN_KNOWN = 10
"""Examples with a known distance that a line with distance needs."""


class Learnt(Settings):
    """How size is read, and two lines: one for examples whose distance is known, one for all others."""

    measure: Measure
    band_hz: tuple[float, float] | None
    near: Line | None
    anywhere: Line

    @property
    def dev_mae(self) -> float:
        """The mean error on the development examples of the better informed line."""
        return (self.near or self.anywhere).dev_mae


class AmplitudeDistance:
    """The classic local magnitude, by least squares with station terms held by a ridge.

    After Richter (1935), doi:10.1785/BSSA0250010001, and Hutton & Boore (1987), doi:10.1785/BSSA0770062074. Band,
    measure of size, ridge and near distance are chosen on the development examples by the mean absolute error.
    Reads the wave, the contexts ``log10_scale`` and ``log10_distance_km``, and the table's ``distance_km``,
    ``station_id``, ``instrument`` and ``rate_in_hz``; what is not there is left out of the line.

    Args:
        use_distance: False leaves the distance out even where it is known.
        use_stations: False leaves the station terms out.

    >>> examples = specimen.magnitude_examples()
    >>> said = AmplitudeDistance().fit(examples, specimen.magnitude_examples(seed=1)).predict(examples)
    >>> bool(abs(said.table["value"] - said.table["truth"]).mean() < 0.15)
    True
    """

    name: ClassVar[str] = "amplitude_distance"
    tasks: ClassVar[tuple[str, ...]] = ("regress",)

    def __init__(self, known: Learnt | None = None, *, use_distance: bool = True, use_stations: bool = True) -> None:
        self.use_distance, self.use_stations = use_distance, use_stations
        self._learnt = known

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[AmplitudeDistance]:
        """One with and one without distance."""
        train, dev = cls.trial_examples(), specimen.magnitude_examples(seed=1)
        return [cls().fit(train, dev), cls(use_distance=False, use_stations=False).fit(train, dev)]

    @classmethod
    def trial_examples(cls) -> Examples:
        """Windows with magnitudes, scales, distances and stations."""
        return specimen.magnitude_examples()

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Fit every line on `train`, keep what misses least (mean absolute error) on `dev`.

        Raises:
            LabelError: the examples have no target values.
        """
        target_values(train, who=self.name)
        held_out = tuning_set(train, dev)
        tried = [self._fit_amplitude(m, band, train, held_out) for m in MEASURES for band in bands(train.rate_hz)]
        best = min(tried, key=lambda known: known.dev_mae)
        return type(self)(best, use_distance=self.use_distance, use_stations=self.use_stations)

    def _fit_amplitude(
        self, measure: Measure, band: tuple[float, float] | None, train: Examples, dev: Examples
    ) -> Learnt:
        here, there = (self._observed(examples, measure, band) for examples in (train, dev))
        anywhere = best_line(here.without_distance(), there.without_distance())
        known, seen = here.take(here.has_distance), there.take(there.has_distance)
        near = best_line(known, seen if len(seen) else known) if len(known) >= MIN_KNOWN else None
        return Learnt(measure=measure, band_hz=band, near=near, anywhere=anywhere)

    def _observed(self, examples: Examples, measure: Measure, band: tuple[float, float] | None) -> Observed:
        n = len(examples)
        return Observed(
            log_amplitude=log_amplitude(examples, measure=measure, band_hz=band),
            distance_km=_distance_km(examples) if self.use_distance else np.full(n, np.nan),
            stations=_stations(examples) if self.use_stations else np.full(n, "", object),
            y=None if examples.y is None or examples.classes else np.asarray(examples.y, np.float64),
        )

    def predict(self, examples: Examples) -> Predictions:
        """Give magnitudes with q05 and q95.

        Raises:
            StateError: it has not learnt yet.
            InputError: the sampling rate is too low for the band.
        """
        known = learnt(self._learnt, who=self.name)
        observed = self._observed(examples, known.measure, known.band_hz)
        said, low, high = _said(known.anywhere, observed.without_distance())
        if known.near is not None:
            rows = observed.has_distance
            for all_rows, better in zip((said, low, high), _said(known.near, observed.take(rows)), strict=True):
                all_rows[rows] = better
        return valued(examples, said, residuals=(low, high))

    def settings(self) -> dict[str, Any]:
        """The lines and how amplitude is read."""
        known = learnt(self._learnt, who=self.name).model_dump(mode="json")
        return {"use_distance": self.use_distance, "use_stations": self.use_stations, **known}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The predictor that was learnt before."""
        told = dict(settings)
        switches = {name: bool(told.pop(name, True)) for name in ("use_distance", "use_stations")}
        return cls(read_settings(Learnt, told, who=cls.name), **switches)


def _said(line: Line, observed: Observed) -> tuple[Float64, Float64, Float64]:
    """Values and residual quantiles of a line, (example,) each."""
    n = len(observed)
    return apply_line(line, observed), np.full(n, line.residual_q05), np.full(n, line.residual_q95)


def _distance_km(examples: Examples) -> Float64:
    """Epicentral distance, NaN where unknown."""
    if DISTANCE in examples.context:
        return np.asarray(10.0 ** np.asarray(examples.context[DISTANCE], np.float64), np.float64)
    if "distance_km" in examples.table.columns:
        return examples.table["distance_km"].to_numpy(np.float64, na_value=np.nan)
    return np.full(len(examples), np.nan)


def _stations(examples: Examples) -> AnyArray:
    """What has a term of its own, as text; empty where nothing is known."""
    columns = [examples.table[name].astype("string").fillna("") for name in STATION_COLUMNS if name in examples.table]
    names = [" ".join(parts).strip() for parts in zip(*columns, strict=True)] if columns else [""] * len(examples)
    return np.array(names, object)
