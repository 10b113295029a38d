"""Travel times of first arrivals through one-dimensional models. Knows no picks and no events."""

from __future__ import annotations

from foreshock.predict.travel.layered import LayeredTimes
from foreshock.predict.travel.models import PRESETS, VelocityModel
from foreshock.predict.travel.table import TravelTimes

__all__ = ["PRESETS", "LayeredTimes", "TravelTimes", "VelocityModel"]
