"""Take-off: the angle at which a first arrival leaves its source, from travel times alone. Knows no rays."""

from __future__ import annotations

import numpy as np

from foreshock.predict.travel.table import TravelTimes
from foreshock.types.arrays import Float64

FLAT_STEP_KM = 0.5
DEEP_STEP_KM = 0.2


def takeoff_deg(travel: TravelTimes, phase: str, distance_km: Float64, depth_km: float) -> Float64:
    """Give take-off angles from straight down (0..180; beyond 90 the ray goes up), NaN where no time is known.

    The gradient of travel time at the source is the slowness vector there: sin i = v ∂t/∂x and cos i = −v ∂t/∂z, with x
    the distance and z the depth, so that i needs no velocity.

    >>> from foreshock.predict.travel import LayeredTimes, VelocityModel
    >>> half_space = LayeredTimes(VelocityModel((0.0,), (6.0,), (3.4,)), max_distance_km=100.0, max_depth_km=30.0)
    >>> takeoff_deg(half_space, "P", np.array([10.0]), 10.0).round(0).tolist()
    [135.0]
    """
    distance = np.asarray(distance_km, np.float64)
    near, far = np.maximum(distance - FLAT_STEP_KM, 0), distance + FLAT_STEP_KM
    depth = max(depth_km, 0.0)
    high, low = max(depth - DEEP_STEP_KM, 0.0), min(depth + DEEP_STEP_KM, travel.max_depth_km)
    time = travel.time_s
    flat = (time(phase, far, np.array(depth)) - time(phase, near, np.array(depth))) / (far - near)
    down = (time(phase, distance, np.array(low)) - time(phase, distance, np.array(high))) / (low - high)
    return np.asarray(np.degrees(np.arctan2(np.maximum(flat, 0), -down)))
