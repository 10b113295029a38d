"""Trying: how well a network of stations would associate, on a day that is drawn on it. Knows no real picks."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from foreshock.collect.stations import read_stations
from foreshock.predict.associate import AssociateSettings, TrialResult, scene_for, settings_for, trial
from foreshock.predict.travel.named import travel_times

MOST_LOST = 10
"""Lost events that people are told of."""


@dataclass(frozen=True)
class Tried:
    """How a network associates what was drawn on it."""

    stations: int
    settings: AssociateSettings
    result: TrialResult

    def as_json(self) -> dict[str, Any]:
        """For machines; what has no value is null."""
        found = {item.name: getattr(self.result, item.name) for item in fields(self.result)}
        found |= {"recall": self.result.recall, "precision": self.result.precision, "lost": list(self.result.lost)}
        known = {name: None if isinstance(v, float) and math.isnan(v) else v for name, v in found.items()}
        told = self.settings.model_dump(mode="json")
        head = {"schema": "foreshock.trial/1", "task": "associate --self-test", "n": self.result.found}
        return head | {"stations": self.stations, "settings": told, **known}

    def sentence(self) -> str:
        """What people are told."""
        told = self.settings
        head = (
            f"{self.stations} stations, cells of {told.cell_km:.3g} km, {told.margin_km:.3g} km around them and "
            f"{told.max_depth_km:.3g} km deep; a day drawn in rock 4 % slower than the model"
        )
        found = self.result
        if not found.possible:
            return f"{head}: no earthquake had six picks; there are too few stations, or they stand too far apart"
        said = (
            f"{found.recalled:,} of {found.possible:,} earthquakes with six picks or more came back "
            f"({found.recall:.1%}); {found.false:,} of {found.found:,} given are false; of {found.picks:,} picks "
            f"{found.kept:.1%} of the true ones stand with their earthquake"
        )
        said += f"; half of the places are within {found.location_error_km:.1f} km" if found.recalled else ""
        lost = [f"not found: {one}" for one in found.lost[:MOST_LOST]]
        more = [f"and {len(found.lost) - MOST_LOST} more"] if len(found.lost) > MOST_LOST else []
        return "\n".join([head, said, *lost, *more])


def try_association(
    stations: Path, *, velocity_model: str, settings: AssociateSettings | None = None, events: int = 500, seed: int = 0
) -> Tried:
    """Draw a day of earthquakes and noise on stations, associate it, and say what came back.

    Raises:
        NotFoundError, FormatError: a file is not there, or is not what it should be.
        InputError: no station can be used.
    """
    travel, known = travel_times(velocity_model), read_stations(stations)
    filled = settings_for(known, travel, settings=settings)
    scene = scene_for(known, travel, events=events)
    return Tried(len(known), filled, trial(known, travel, scene=scene, seed=seed, settings=settings))
