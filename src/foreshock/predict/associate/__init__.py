"""Associate: which picks belong to one earthquake. Knows no waveforms, no magnitudes and no final locations."""

from __future__ import annotations

from foreshock.predict.associate.associator import Associator, associate
from foreshock.predict.associate.draw import Scene, scene_for
from foreshock.predict.associate.geometry import settings_for
from foreshock.predict.associate.result import Associated, Associations, Unused, UsedPick
from foreshock.predict.associate.settings import AssociateSettings
from foreshock.predict.associate.trial import TrialResult, trial

__all__ = [
    "AssociateSettings",
    "Associated",
    "Associations",
    "Associator",
    "Scene",
    "TrialResult",
    "Unused",
    "UsedPick",
    "associate",
    "scene_for",
    "settings_for",
    "trial",
]
