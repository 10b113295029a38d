"""Magnitude: how large an earthquake is, from amplitudes and spectra. Knows no locator and no associator."""

from __future__ import annotations

from foreshock.predict.magnitude.network import (
    AtStation,
    MagnitudeSettings,
    Sized,
    at_station,
    joined,
    seismometers_first,
    sized,
)

__all__ = ["AtStation", "MagnitudeSettings", "Sized", "at_station", "joined", "seismometers_first", "sized"]
