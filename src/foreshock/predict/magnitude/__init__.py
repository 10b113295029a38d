"""Magnitude: how large an earthquake is, from amplitudes and spectra. Knows no locator and no associator."""

from __future__ import annotations

from foreshock.predict.magnitude.network import MagnitudeSettings, Sized, magnitudes, sized

__all__ = ["MagnitudeSettings", "Sized", "magnitudes", "sized"]
