"""Magnitude: how large an earthquake is, from amplitudes and spectra. Knows no locator and no associator."""
