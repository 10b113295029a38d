"""Field: the shaking of one earthquake at places as `Shaking`, a measure each. Knows no uncertainty of the source."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foreshock.errors import InputError
from foreshock.geo import Places
from foreshock.predict.shaking.from_hypocentre import from_hypocentre
from foreshock.predict.shaking.measures import unit_of
from foreshock.predict.shaking.model import Ground, GroundMotionModel
from foreshock.types.arrays import Float64
from foreshock.types.event import Event
from foreshock.types.shaking import Shaking

USUAL_DEPTH_KM = 10.0


def shaking_of(
    event: Event,
    latitude: Float64,
    longitude: Float64,
    *,
    model: GroundMotionModel,
    measures: Sequence[str] = ("PGA", "PGV"),
    ground: Ground | None = None,
    mechanism: str = "unknown",
) -> tuple[Shaking, ...]:
    """Give the median shaking of an earthquake at places (place,), with its spread, a `Shaking` a measure.

    A depth that is not known is taken as 10 km; the rupture is that of `from_hypocentre`.

    Raises:
        InputError: the event has no magnitude, or the model was not published for a measure.

    >>> from foreshock.predict.shaking.boore_2014 import Boore2014
    >>> event = Event("e", 0, 30.0, 100.0, depth_km=10.0, magnitude=6.0, magnitude_type="Mw")
    >>> pga, pgv = shaking_of(event, np.array([30.2]), np.array([100.0]), model=Boore2014())
    >>> pga.unit, pgv.median.round(3).tolist()
    ('m/s2', [0.047])
    """
    if event.magnitude is None:
        raise InputError(f"event {event.event_id} has no magnitude", "shaking needs one", "size it first")
    far = Places(np.asarray(latitude, float), np.asarray(longitude, float)).distance_km(
        np.array(event.latitude), np.array(event.longitude)
    )
    depth_km = USUAL_DEPTH_KM if event.depth_km is None else event.depth_km
    rupture, distances = from_hypocentre(event.magnitude, far, depth_km=depth_km, mechanism=mechanism)
    out = model.predict(measures, rupture, distances=distances, ground=ground or Ground())
    return tuple(
        Shaking(name, unit_of(name), latitude, longitude, np.exp(out.mean_ln[k]), out.tau[k], out.phi[k])
        for k, name in enumerate(out.measures)
    )
