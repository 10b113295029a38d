"""Mechanism: how a fault slipped, from first motions. Knows no waveforms and no magnitudes."""

from __future__ import annotations

from foreshock.predict.mechanism.search import MechanismSettings, NoMechanism, mechanism

__all__ = ["MechanismSettings", "NoMechanism", "mechanism"]
