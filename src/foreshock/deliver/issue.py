"""Issue: what an engine wants to say becomes the next message of a chain. Knows no format and no endpoint."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError, StateError
from foreshock.types.alert import LONGEST_LIFE_S, Alert, Area, Reference, SiteForecast, alert_id
from foreshock.types.authority import Authority, allowed_status

MOST_SITES = 1000
"""Sites that one message tells of, the most shaken first; the others are counted."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an engine wants to say of an event now; see `Alert` for the words and units."""

    origin_time_ns: int
    latitude: float
    longitude: float
    depth_km: float
    magnitude_q05: float
    magnitude_q50: float
    magnitude_q95: float
    sites: tuple[SiteForecast, ...] = ()
    intensity_scale: str = "mmi"
    confidence: str = "provisional"
    severity: str = "unknown"
    urgency: str = "immediate"
    certainty: str = "possible"
    area: Area | None = None
    reasons: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()
    life_s: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.life_s <= LONGEST_LIFE_S:
            raise InputError(
                f"time to live of {self.life_s} s", f"it is positive and at most {LONGEST_LIFE_S:g} s", "choose another"
            )


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chain that has been issued."""

    message_type: str
    status: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class Chain:
    """All that has been issued of one event by one engine, oldest first."""

    engine_id: str
    event_id: str
    messages: tuple[Message, ...] = ()

    def open_references(self, status: str) -> tuple[Reference, ...]:
        """Give the earlier messages under a status that have not been cancelled."""
        found: list[Reference] = []
        for message in self.messages:
            if message.status == status:
                found = [] if message.message_type == "cancel" else [*found, message.reference]
        return tuple(found)

    def followed_by(self, alert: Alert) -> Chain:
        """Give the chain with one more message."""
        reference = Reference(alert.message_id, alert.issued_at_ns)
        message = Message(alert.message_type, alert.status, reference)
        return Chain(self.engine_id, self.event_id, (*self.messages, message))


def issue(draft: Draft, chain: Chain, *, authority: Authority, cancel: bool = False) -> tuple[Alert, Chain]:
    """Make the next message of a chain: its id, version, type, references and time; also the chain with it.

    The status is the one that the authority allows now. References stay within a status: when the clock becomes
    doubtful in mid-event, what follows is a chain of tests, and the actual chain goes on when the doubt is over.

    Raises:
        StateError: there is nothing to cancel under the present status.
        InputError: the draft breaks a rule of `Alert`.
    """
    try:
        alert = _issued(draft, chain, authority, cancel=cancel)
    except StateError:  # the clock may have come into doubt between two looks at it: the status is asked once more
        alert = _issued(draft, chain, authority, cancel=cancel)
    return alert, chain.followed_by(alert)


def _issued(draft: Draft, chain: Chain, authority: Authority, *, cancel: bool) -> Alert:
    status = allowed_status(authority)
    references = chain.open_references(status)
    if cancel and not references:
        raise StateError(
            f"cancellation of event {chain.event_id[:60]!r} as {status!r}",
            "nothing has been told under this status that could be cancelled",
            "wait until the status is the earlier one, or let the messages expire",
        )
    version = len(chain.messages) + 1
    latest_ns = chain.messages[-1].reference.issued_at_ns if chain.messages else 0
    now_ns = max(authority.clock.now_ns(), latest_ns)  # a clock that was stepped back does not turn the chain round
    sites = strongest(draft.sites)
    return Alert(
        alert_id(chain.engine_id, chain.event_id, version),
        version,
        chain.event_id,
        "cancel" if cancel else "update" if references else "alert",
        status,
        issued_at_ns=now_ns,
        origin_time_ns=draft.origin_time_ns,
        latitude=draft.latitude,
        longitude=draft.longitude,
        depth_km=draft.depth_km,
        magnitude_q05=draft.magnitude_q05,
        magnitude_q50=draft.magnitude_q50,
        magnitude_q95=draft.magnitude_q95,
        sites=sites,
        sites_left_out=len(draft.sites) - len(sites),
        intensity_scale=draft.intensity_scale,
        confidence=draft.confidence,
        severity=draft.severity,
        urgency="past" if cancel else draft.urgency,
        certainty="unlikely" if cancel else draft.certainty,
        area=draft.area,
        expires_at_ns=now_ns + round(draft.life_s * NS_PER_S),
        references=references,
        reasons=draft.reasons,
        lineage=draft.lineage,
        engine_id=chain.engine_id,
        authority=authority,
    )


def strongest(sites: tuple[SiteForecast, ...], *, most: int = MOST_SITES) -> tuple[SiteForecast, ...]:
    """Give the most shaken sites, the most shaken first, ties by id."""
    return tuple(heapq.nsmallest(most, sites, key=lambda site: (-site.intensity_q50, site.site_id)))
