"""Lines: alerts as JSON, one a line, and a chain found again in them. Knows the columns and no file's whereabouts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from foreshock.clock import iso_utc, utc_ns
from foreshock.deliver.append import LONGEST_LINE
from foreshock.deliver.issue import Chain, Message
from foreshock.errors import FormatError, InputError
from foreshock.types.alert import MESSAGE_TYPES, Alert, Area, Reference, SiteForecast
from foreshock.types.authority import STATUSES

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What JSON allows within a text and some readers take for the end of a line."""
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def as_json(alert: Alert, *, most_sites: int | None = None) -> dict[str, Any]:
    """Give the columns of `alerts.jsonl`: times as ISO-8601 UTC, quantiles as objects; of sites the first few only."""
    return {
        "alert_id": alert.alert_id,
        "version": alert.version,
        "event_id": alert.event_id,
        "msg_type": alert.message_type,
        "status": alert.status,
        "issued_at": iso_utc(alert.issued_at_ns),
        "origin_time": iso_utc(alert.origin_time_ns),
        "latitude": alert.latitude,
        "longitude": alert.longitude,
        "depth_km": alert.depth_km,
        "magnitude": {"q05": alert.magnitude_q05, "q50": alert.magnitude_q50, "q95": alert.magnitude_q95},
        "sites": [_site(site) for site in alert.sites[:most_sites]],
        "sites_left_out": alert.sites_left_out,
        "intensity_scale": alert.intensity_scale,
        "confidence": alert.confidence,
        "severity": alert.severity,
        "urgency": alert.urgency,
        "certainty": alert.certainty,
        "area": None if alert.area is None else _area(alert.area),
        "expires_at": _time(alert.expires_at_ns),
        "message_id": alert.message_id,
        "references": [
            {"message_id": reference.message_id, "issued_at": iso_utc(reference.issued_at_ns)}
            for reference in alert.references
        ],
        "reasons": list(alert.reasons),
        "lineage": list(alert.lineage),
        "engine_id": alert.engine_id,
    }


def line(alert: Alert) -> str:
    """Give an alert as one line of JSON, without its end; the same alert, the same letters."""
    return one_line(as_json(alert))


def one_line(content: Any) -> str:
    """Write JSON on one line, whatever its texts hold; NaN and Infinity are refused.

    Raises:
        InputError: a number is none.
    """
    try:
        text = _JSON.encode(content)
    except ValueError as error:
        raise InputError("a line of JSON", f"it cannot be written ({error})", "correct the number") from error
    if text.isascii():
        return text
    return text.translate(_LINE_ENDS).encode("utf-8", "replace").decode("utf-8")


def _site(site: SiteForecast) -> dict[str, Any]:
    return {
        "site_id": site.site_id,
        "name": site.name,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "intensity": {"q05": site.intensity_q05, "q50": site.intensity_q50, "q95": site.intensity_q95},
        "s_arrival": _time(site.s_arrival_ns),
        "threshold": site.threshold,
        "threshold_time": _time(site.threshold_time_ns),
    }


def _area(area: Area) -> dict[str, Any]:
    return {"description": area.description, "circles": area.circles, "rings": area.rings}


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else iso_utc(time_ns)


# -- back again --------------------------------------------------------------------------------------------------------


def read_lines(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Give what lines of `alerts.jsonl` say, as plain columns: what was told is a record, and no alert any more.

    Raises:
        FormatError: a line is no JSON object with an id, a version, an event, a known type and a known status.
    """
    for number, text in enumerate(lines, 1):
        if text.strip():
            yield _read(text, number)


def _read(text: str, number: int) -> dict[str, Any]:
    try:
        told = json.loads(text) if len(text) <= LONGEST_LINE else None
    except (ValueError, RecursionError) as error:
        raise FormatError(f"line {number} of alerts", "it is no JSON", "mend or remove the line") from error
    if not isinstance(told, dict) or not _is_alert(told):
        raise FormatError(
            f"line {number} of alerts",
            f"it is no object with alert_id, version, event_id, msg_type ({', '.join(MESSAGE_TYPES)}) and status",
            "mend or remove the line",
        )
    return told


def _is_alert(told: dict[str, Any]) -> bool:
    texts = ("alert_id", "event_id", "engine_id", "message_id", "issued_at")
    return (
        all(isinstance(told.get(name), str) for name in texts)
        and type(told.get("version")) is int
        and told.get("msg_type") in MESSAGE_TYPES
        and told.get("status") in STATUSES
    )


def chains(told: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Chain]:
    """Find the chains again that lines tell of, by engine and event: an engine that starts anew goes on with them.

    Raises:
        FormatError: versions of an event do not follow one another.
    """
    found: dict[tuple[str, str], Chain] = {}
    for row in told:
        key = (row["engine_id"], row["event_id"])
        chain = found.get(key, Chain(*key))
        if row["version"] != len(chain.messages) + 1:
            raise FormatError(
                f"version {row['version']} of event {row['event_id'][:60]!r}",
                f"version {len(chain.messages) + 1} was to follow",
                "give the whole file, once",
            )
        reference = Reference(row["message_id"], utc_ns(row["issued_at"]))
        message = Message(row["msg_type"], row["status"], reference)
        found[key] = Chain(*key, (*chain.messages, message))
    return found
