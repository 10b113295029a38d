"""Noise: how often picks come that belong to no event, learnt from what was left over. Knows no search."""

from __future__ import annotations

import math

import numpy as np

from foreshock.predict.associate.geometry import Geometry
from foreshock.types.arrays import Float64, Ints

ECHO_S = 1.5
"""About an arrival pickers make more picks of it; so near they are counted apart."""


class Noise:
    """The rate of picks that belong to no event, of every slot, learnt from what was left over.

    A slot's rate is drawn towards that of its phase in the whole network until it has counted for `_OWN_S`.
    """

    _OWN_S = 3600.0

    def __init__(self, geometry: Geometry) -> None:
        told = geometry.settings
        self._n_sites = geometry.n_sites
        self._memory_s = told.noise_memory_hours * 3600
        self._count = np.zeros((2, self._n_sites))
        self._heard_s = 0.0
        self._prior_hz = told.noise_per_hour / 3600
        self._held = self._echoes = 0.0

    def learn(self, slots: Ints, span_s: float) -> None:
        """Count picks that stayed over in a stretch of time."""
        fade = math.exp(-span_s / self._memory_s)
        self._count *= fade
        self._held *= fade
        self._echoes *= fade
        self._heard_s = self._heard_s * fade + span_s
        self._count += np.bincount(slots, minlength=2 * self._n_sites).reshape(2, -1)

    def learn_echoes(self, held: int, echoes: int) -> None:
        """Count the picks that events hold, and those of no event within `ECHO_S` of one of them."""
        self._held += held
        self._echoes += echoes

    def echo_hz(self, held: int, echoes: int) -> float:
        """Give the rate of more picks about one that an event holds, with what a block has shown so far."""
        return (self._echoes + echoes + 1) / ((self._held + held + 1) * 2 * ECHO_S)

    def rate_hz(self) -> Float64:
        """Give the rate of each slot."""
        told_s = 600.0
        mean = self._count.mean(1, keepdims=True)
        usual = (mean + self._prior_hz * told_s) / (self._heard_s + told_s)
        return np.asarray((self._count + usual * self._OWN_S) / (self._heard_s + self._OWN_S)).ravel()
