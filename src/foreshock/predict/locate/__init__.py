"""Where and when an earthquake began, from picks. Knows no waveforms, no association and no magnitudes."""

from __future__ import annotations

from foreshock.predict.locate.locator import Locator
from foreshock.predict.locate.origin import Origin, Residual, Unlocated
from foreshock.predict.locate.settings import LocateSettings

__all__ = ["LocateSettings", "Locator", "Origin", "Residual", "Unlocated"]
