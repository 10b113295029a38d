"""QuakeML 1.2: an alert as an event message, through ObsPy at the door. Knows no catalogue and no CAP."""

from __future__ import annotations

import io
import re

from obspy import UTCDateTime
from obspy.core.event import (
    Catalog,
    Comment,
    CreationInfo,
    Event,
    Magnitude,
    Origin,
    QuantityError,
    ResourceIdentifier,
)

from foreshock.deliver.words import plain
from foreshock.types.alert import Alert

CONFIDENCE_PERCENT = 90.0
"""What lies between the 5 % and the 95 % quantile."""


def quakeml_bytes(alert: Alert, *, agency: str = "") -> bytes:
    """Write an alert as QuakeML 1.2: one event, one origin, one magnitude; the same alert, the same bytes.

    An event that was withdrawn has the type ``not existing``. What QuakeML has no word for (status, message, id, chain)
    stands in comments, each ``name: value``.
    """
    content = io.BytesIO()
    root = ResourceIdentifier(f"smi:local/alert/{_code(alert.message_id)}")
    Catalog([_event(alert, agency)], resource_id=root).write(content, format="QUAKEML")
    return content.getvalue()


def _event(alert: Alert, agency: str) -> Event:
    name = f"smi:local/event/{_code(alert.event_id)}"
    who = CreationInfo(
        agency_id=plain(agency, longest=64) or None,
        creation_time=UTCDateTime(ns=alert.issued_at_ns),
        version=str(alert.version),
    )
    withdrawn = alert.message_type == "cancel"
    state = "rejected" if withdrawn else "confirmed" if alert.confidence == "confirmed" else "preliminary"
    told = {"evaluation_mode": "automatic", "evaluation_status": state, "creation_info": who}
    origin = Origin(
        resource_id=ResourceIdentifier(f"{name}/origin/{alert.version}"),
        time=UTCDateTime(ns=alert.origin_time_ns),
        latitude=alert.latitude,
        longitude=(alert.longitude + 180) % 360 - 180,
        depth=alert.depth_km * 1000.0,
        depth_type="from location",
        **told,
    )
    magnitude = Magnitude(
        resource_id=ResourceIdentifier(f"{name}/magnitude/{alert.version}"),
        mag=alert.magnitude_q50,
        mag_errors=QuantityError(
            lower_uncertainty=alert.magnitude_q50 - alert.magnitude_q05,
            upper_uncertainty=alert.magnitude_q95 - alert.magnitude_q50,
            confidence_level=CONFIDENCE_PERCENT,
        ),
        magnitude_type="M",
        origin_id=origin.resource_id,
        **told,
    )
    return Event(
        resource_id=ResourceIdentifier(name),
        event_type="not existing" if withdrawn else "earthquake",
        event_type_certainty="known" if withdrawn else "suspected",
        preferred_origin_id=origin.resource_id,
        preferred_magnitude_id=magnitude.resource_id,
        origins=[origin],
        magnitudes=[magnitude],
        comments=_comments(alert, name),
        creation_info=who,
    )


def _comments(alert: Alert, name: str) -> list[Comment]:
    told = {
        "status": alert.status,
        "message type": alert.message_type,
        "message id": alert.message_id,
        "references": " ".join(reference.message_id for reference in alert.references),
        "reasons": "; ".join(plain(reason) for reason in alert.reasons),
    }
    return [
        Comment(
            resource_id=ResourceIdentifier(f"{name}/comment/{alert.version}/{number}"),
            text=f"{key}: {value}",
            force_resource_id=False,
        )
        for number, (key, value) in enumerate(told.items())
        if value
    ]


def _code(text: str) -> str:
    """A part of a QuakeML resource id: three of its letters at least, anything else escaped."""
    escaped = "".join(
        letter if re.fullmatch(r"[A-Za-z0-9._\-]", letter) else f"~{ord(letter):x}~" for letter in text[:200]
    )
    return escaped if len(escaped) >= 3 else f"{escaped}~~~"
