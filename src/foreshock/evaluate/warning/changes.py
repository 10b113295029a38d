"""Changes: how steadily an event was told of, message by message. Knows messages and beliefs, no truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from foreshock.evaluate.warning.beliefs import held_at
from foreshock.geo import distance_km

MATERIAL_MAGNITUDE, MATERIAL_KM = 0.3, 10.0
"""A message that differs from the one before it by so much, or that cancels, changes what people are told."""


def course(told: pd.DataFrame, sites: pd.DataFrame) -> dict[str, float]:
    """How many messages an event had, how many of them changed matters, and how often sites changed sides.

    Args:
        told: the messages of one event in order. sites: what they said of sites.
    """
    size = np.abs(np.diff(told["magnitude_q50"].to_numpy(float)))
    lat, lon = (told[name].to_numpy(float) for name in ("latitude", "longitude"))
    moved = distance_km(lat[:-1], lon[:-1], lat[1:], lon[1:]) if len(told) > 1 else np.zeros(0)
    cancels = (told["message_type"] == "cancel").to_numpy(bool)
    material = (size >= MATERIAL_MAGNITUDE - 1e-9) | (moved >= MATERIAL_KM) | cancels[1:]
    return {
        "n_messages": float(len(told)),
        "material_changes": float(material.sum()),
        "site_flips": float(_flips(sites)),
        "cancelled": float(cancels.any()),
    }


def drift(beliefs: pd.DataFrame, from_ns: float) -> dict[str, float]:
    """How far the last magnitude and epicentre lie from those held at a moment; NaN where nothing was held."""
    nothing = {"drift_magnitude": float("nan"), "drift_km": float("nan")}
    kept = beliefs[beliefs["state"] != "withdrawn"].reset_index(drop=True)
    if not len(kept):
        return nothing
    row = int(held_at(beliefs, np.array([from_ns]))[0])
    if row < 0:
        return nothing
    then, last = beliefs.iloc[row], kept.iloc[-1]
    size = abs(float(last["magnitude_q50"]) - float(then["magnitude_q50"]))
    places = [float(one[name]) for one in (then, last) for name in ("latitude", "longitude")]
    moved = float(distance_km(*places)) if np.isfinite(places).all() else float("nan")
    return {"drift_magnitude": size, "drift_km": moved}


def _flips(sites: pd.DataFrame) -> int:
    """How often the middle forecast of a site passed its threshold, up or down, from one message to the next."""
    known = sites[sites["threshold"].notna()].sort_values(["site_id", "version"], kind="stable")
    above = (known["intensity_q50"] >= known["threshold"]).astype(int)
    return int(above.groupby(known["site_id"]).diff().abs().sum())
