"""Network: a source bundle run on its input, and its numbers read as quantiles. Knows no records and no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.bundle import Bundle, Card, Margins, SourceReading
from foreshock.errors import BundleError
from foreshock.predict.device import choose
from foreshock.predict.session import FAILURES, first_line, open_session
from foreshock.prepare.band_raster import CENTRES_HZ
from foreshock.prepare.source_input import N_BEFORE, N_FRAMES, N_ROWS
from foreshock.prepare.source_input import N_LEVELS as N_LEVEL_ROWS
from foreshock.prepare.source_keys import context_names
from foreshock.types.arrays import AnyArray, Float32, Float64

N_LEVELS = 5
BATCH = 256
WIDEST = 4.0
"""Intervals outside the training domain are widened up to so many times."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What was said of several records.

    Attributes:
        magnitude, log_distance: (record, 5), rising.
        azimuth_rad: (record,). azimuth_50, azimuth_90: half widths, radians (record,).
    """

    magnitude: Float64
    log_distance: Float64
    azimuth_rad: Float64
    azimuth_50: Float64
    azimuth_90: Float64


class SourceNetwork:
    """A bundle made for the problem ``source``, ready to run.

    Raises:
        BundleError: the bundle is no source estimator or was made for other rows, or ONNX Runtime cannot run it.
    """

    def __init__(self, bundle: Bundle, *, device: str = "cpu", threads: int = 1) -> None:
        self.card, self.reading = bundle.card, _reading(bundle.card)
        self._session, self.device = open_session(bundle, choose(device), threads)

    def raw(self, x: Float32, context: Float32) -> Float64:
        """The network's own numbers, (record, 2 × 5 + 2).

        Raises:
            BundleError: the network fails, or says NaN or numbers of another shape.
        """
        parts = [self._run(x[k : k + BATCH], context[k : k + BATCH]) for k in range(0, len(x), BATCH)]
        return np.concatenate(parts) if parts else np.empty((0, self.reading.n_out))

    def _run(self, x: Float32, context: Float32) -> Float64:
        fed = {"x": np.ascontiguousarray(x), "context": np.ascontiguousarray(context)}
        try:
            said = np.asarray(self._session.run([self.card.output], fed)[0], np.float64)
        except FAILURES as error:
            raise BundleError(
                f"network of {self.card.name}", f"it cannot be run ({first_line(error)})", "export the model again"
            ) from error
        if said.shape != (len(x), self.reading.n_out) or not np.isfinite(said).all():
            raise BundleError(
                f"network of {self.card.name} said an array of shape {said.shape} or NaN",
                f"finite numbers of shape {(len(x), self.reading.n_out)} were due",
                "export the model again",
            )
        return said

    def answers(self, raw: Float64, *, scale: str, elapsed_s: float, strangeness: Float64) -> Answers:
        """Read the numbers: margins added, intervals outside the domain widened."""
        at = declared(self.reading, elapsed_s)
        wider = np.clip(strangeness, 1.0, WIDEST)
        margins = {str(way): held for way, held in self.reading.margins.items()}
        return read_out(raw, margins.get(scale), at=at, wider=wider)

    def strangeness(self, x: Float32, *, elapsed_s: float) -> Float64:
        """How far outside the training domain each record lies, 1 at its edge; 0 where the bundle knows none."""
        domain = self.reading.domain
        if domain is None:
            return np.zeros(len(x))
        away = summary(x) - np.array(domain.mean)
        return (
            spread_of(away, np.array(domain.axes), np.array(domain.spread), domain.rest)
            / domain.limits[declared(self.reading, elapsed_s)]
        )


def declared(reading: SourceReading, elapsed_s: float) -> int:
    """The number of the last declared time that has passed; the first where none has."""
    return max(0, int(np.searchsorted(np.array(reading.elapsed_s), elapsed_s + 1e-6, side="right")) - 1)


def read_out(raw: Float64, margins: Margins | None, *, at: int, wider: AnyArray) -> Answers:
    """Quantiles with margins at their ends; they stay in order, the middle one stays where it is."""
    magnitude, distance = raw[:, :N_LEVELS], raw[:, N_LEVELS : 2 * N_LEVELS]
    vector = raw[:, 2 * N_LEVELS :]
    size = np.hypot(vector[:, 0], vector[:, 1])
    spread = wider / np.sqrt(1 + size)
    azimuth = np.arctan2(vector[:, 1], vector[:, 0]) % (2 * np.pi)
    if margins is None:
        return Answers(magnitude, distance, azimuth, np.minimum(0.67 * spread, np.pi), np.minimum(2 * spread, np.pi))
    half_50 = np.minimum(margins.azimuth_50[at] * spread, np.pi)
    return Answers(
        _moved(magnitude, margins.magnitude_90[at], margins.magnitude_50[at], wider),
        _moved(distance, margins.distance_90[at], margins.distance_50[at], wider),
        azimuth,
        half_50,
        np.maximum(half_50, np.minimum(margins.azimuth_90[at] * spread, np.pi)),
    )


def _moved(quantiles: Float64, outer: float, inner: float, wider: AnyArray) -> Float64:
    middle = quantiles[:, 2:3]
    below = np.maximum(middle - quantiles[:, :2] + np.array([outer, inner]), 0.0) * wider[:, None]
    above = np.maximum(quantiles[:, 3:] - middle + np.array([inner, outer]), 0.0) * wider[:, None]
    below[:, 0], above[:, 1] = below.max(1), above.max(1)
    return np.concatenate([middle - below, middle, middle + above], 1)


def summary(x: Float32) -> Float64:
    """What the domain is measured in: loudest level since P and mean level before it, by band, (record, number)."""
    levels, there = x[:, :N_LEVEL_ROWS].astype(np.float64), x[:, -1:].astype(np.float64)
    known = np.where((there > 0) & (levels != 0), levels, np.nan)
    since, before = known[..., N_BEFORE:], known[..., :N_BEFORE]
    loudest = np.where(np.isnan(since), -np.inf, since).max(-1)
    count = (~np.isnan(before)).sum(-1)
    quiet = np.nansum(before, -1) / np.maximum(count, 1)
    return np.concatenate([np.where(np.isfinite(loudest), loudest, np.nan), np.where(count > 0, quiet, np.nan)], 1)


def spread_of(away: Float64, axes: AnyArray, spread: AnyArray, rest: float) -> Float64:
    """Distance from the mean in spreads; what is unknown counts as mean."""
    known = np.nan_to_num(away)
    along = known @ axes.T
    beside = known - along @ axes
    size = np.square(along / spread).mean(1) + np.square(beside / rest).mean(1)
    return np.asarray(np.sqrt(size), np.float64)


def _reading(card: Card) -> SourceReading:
    if card.problem != "source" or card.source is None:
        raise BundleError(
            f"bundle {card.name} is made for {card.problem}", "it estimates no source", "give a source estimator"
        )
    reading = card.source
    wanted = (N_ROWS, N_FRAMES, N_LEVELS, len(CENTRES_HZ), context_names(reading.instruments))
    have = (reading.rows, card.window_samples, len(reading.levels), len(reading.bands_hz), card.context)
    if have != wanted or not np.allclose(reading.bands_hz, CENTRES_HZ, rtol=1e-3):
        raise BundleError(
            f"bundle {card.name} reads {reading.rows} rows of {len(reading.bands_hz)} bands in "
            f"{card.window_samples} frames",
            f"this installation makes {N_ROWS} rows of {len(CENTRES_HZ)} bands in {N_FRAMES} frames",
            "train it again with this version",
        )
    return reading
