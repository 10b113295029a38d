"""Alert: what is told to people about an event, in versions. Knows nothing about how it is delivered."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError, StateError
from foreshock.geo import check_place
from foreshock.types.authority import STATUSES, Authority, allowed_status

MESSAGE_TYPES = ("alert", "update", "cancel")
CONFIDENCES = ("provisional", "confirmed")
SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")
URGENCIES = ("immediate", "expected", "future", "past", "unknown")
CERTAINTIES = ("observed", "likely", "possible", "unlikely", "unknown")
INTENSITY_SCALES = ("mmi", "jma", "csis")
"""Modified Mercalli, Japan's, and China's (GB/T 17742-2020) scale."""
LATE_S = 5.0
"""How far the issue of an actual alert may lie from the live clock's present."""
OLDEST_ACTUAL_S = 600.0
"""The oldest event that an actual alert or update may speak of; a cancellation may come later."""
LONGEST_LIFE_S = 86_400.0
LONGEST_NAME = 200
"""Letters of a site's name or id, and of an event's or engine's id."""
FARTHEST_NS = 1 << 62
"""Times of alerts lie between the years 1823 and 2116."""
MOST_REASONS, LONGEST_REASON, MOST_LINEAGE = 100, 1000, 10_000
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:\-]{0,127}")

Place = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True, slots=True)
class Area:
    """The area to be warned, not the epicentre: circles (latitude, longitude, radius in km) and closed rings.

    >>> Area("within 50 km", circles=((30.0, 100.0, 50.0),)).rings
    ()
    """

    description: str
    circles: tuple[tuple[float, float, float], ...] = ()
    rings: tuple[tuple[Place, ...], ...] = ()

    def __post_init__(self) -> None:
        whose = f"area {self.description[:60]!r}"
        for latitude, longitude, radius_km in self.circles:
            check_place(latitude, longitude, whose=whose)
            if not 0 < radius_km <= 20_038:
                raise InputError(
                    f"{whose}: radius {radius_km} km", "it is positive and ends at the antipode", "mend it"
                )
        for ring in self.rings:
            check_place([place[0] for place in ring], [place[1] for place in ring], whose=whose)
            if len(ring) < 4 or ring[0] != ring[-1]:
                raise InputError(
                    f"{whose}: a ring of {len(ring)} places", "it has four at least and ends where it began", "close it"
                )


@dataclass(frozen=True, slots=True)
class SiteForecast:
    """What one site is told: intensity quantiles on the alert's scale, and when S and the threshold are expected.

    `threshold_time_ns` is when the shaking is expected to pass `threshold`; None when it is not expected to.
    """

    site_id: str
    name: str
    latitude: float
    longitude: float
    intensity_q05: float
    intensity_q50: float
    intensity_q95: float
    s_arrival_ns: int | None = None
    threshold: float | None = None
    threshold_time_ns: int | None = None

    def __post_init__(self) -> None:
        if not (-90 <= self.latitude <= 90 and -180 <= self.longitude <= 360):  # without arrays: there may be 100,000
            check_place(self.latitude, self.longitude, whose=f"site {self.site_id[:60]}")
        if len(self.site_id) > LONGEST_NAME or len(self.name) > LONGEST_NAME:
            raise InputError(
                f"site {self.site_id[:60]!r}", f"its id and name have at most {LONGEST_NAME} letters", "shorten them"
            )
        low, middle, high = self.intensity_q05, self.intensity_q50, self.intensity_q95
        if not (low <= middle <= high and abs(low) < 100 and abs(high) < 100):
            raise InputError(
                f"intensity quantiles {low}, {middle}, {high} of site {self.site_id[:60]}",
                "they are numbers that must not fall",
                "correct the forecast",
            )
        times = (self.s_arrival_ns or 0, self.threshold_time_ns or 0)
        if (self.threshold_time_ns is not None and self.threshold is None) or max(map(abs, times)) > FARTHEST_NS:
            raise InputError(
                f"times {times} of site {self.site_id[:60]}",
                "a time to the threshold needs the threshold, and no time lies beyond 2116",
                "correct the forecast",
            )


@dataclass(frozen=True, slots=True)
class Reference:
    """One earlier message of the same event and status: its id and when it was issued."""

    message_id: str
    issued_at_ns: int


def alert_id(engine_id: str, event_id: str, version: int) -> str:
    """Derive an alert's id from the engine, the event and the version: the same three, the same id, wherever.

    >>> alert_id("north", "ev1", 1) == alert_id("north", "ev1", 1) != alert_id("north", "ev1", 2)
    True
    """
    told = "\x1f".join((f"{len(engine_id)}", engine_id, f"{len(event_id)}", event_id, f"{version}"))
    return f"fs-{hashlib.sha256(told.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Alert:
    """One version of a warning; words follow CAP 1.2 (OASIS, 2010).

    `references` are the earlier messages of this event under the same status, oldest first; `lineage` the ids of the
    records in the ledger from which it follows. An alert that is not a test carries the authority it is issued by,
    which is asked when the alert is made; a copy asks again.

    >>> Alert("a", 1, "e", "alert", "test", issued_at_ns=9, origin_time_ns=0, latitude=30.0, longitude=100.0,
    ...       depth_km=10.0, magnitude_q05=4.0, magnitude_q50=4.5, magnitude_q95=5.0).version
    1

    Raises:
        InputError: a value breaks its rule.
        StateError: the status is more than the authority allows now.
    """

    alert_id: str
    version: int
    event_id: str
    message_type: str
    status: str
    issued_at_ns: int
    origin_time_ns: int
    latitude: float
    longitude: float
    depth_km: float
    magnitude_q05: float
    magnitude_q50: float
    magnitude_q95: float
    sites: tuple[SiteForecast, ...] = ()
    sites_left_out: int = 0
    intensity_scale: str = "mmi"
    confidence: str = "provisional"
    severity: str = "unknown"
    urgency: str = "unknown"
    certainty: str = "unknown"
    area: Area | None = None
    expires_at_ns: int | None = None
    references: tuple[Reference, ...] = ()
    reasons: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()
    engine_id: str = ""
    authority: Authority | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_place(self.latitude, self.longitude, whose=f"alert {self.alert_id}")
        self._check_words()
        self._check_numbers()
        self._check_lengths()
        self._check_chain()
        if self.status != "test":
            self._check_authority()

    @property
    def message_id(self) -> str:
        """The id on the wire: that of an exercise or a test never equals that of an actual alert."""
        return self.alert_id if self.status == "actual" else f"{self.alert_id}.{self.status}"

    def is_stale(self, now_ns: int) -> bool:
        """Whether its time to live is over; an alert without one is never too old for a file."""
        return self.expires_at_ns is not None and now_ns >= self.expires_at_ns

    def _check_words(self) -> None:
        if self.message_type not in MESSAGE_TYPES or self.status not in STATUSES:
            raise InputError(
                f"alert {self.alert_id} is {self.message_type!r}, {self.status!r}",
                f"the type is one of {MESSAGE_TYPES}, the status one of {STATUSES}",
                "correct the words",
            )
        known = {"confidence": CONFIDENCES, "severity": SEVERITIES, "urgency": URGENCIES, "certainty": CERTAINTIES}
        for name, words in {**known, "intensity_scale": INTENSITY_SCALES}.items():
            if getattr(self, name) not in words:
                raise InputError(
                    f"{name} {getattr(self, name)!r} of alert {self.alert_id}", f"it is one of {words}", "correct it"
                )

    def _check_numbers(self) -> None:
        if (
            not -FARTHEST_NS < self.origin_time_ns <= self.issued_at_ns < FARTHEST_NS
            or self.version < 1
            or not _ID.fullmatch(self.alert_id)
        ):
            raise InputError(
                f"alert {self.alert_id[:140]!r} version {self.version}",
                "it has an id of letters, digits and ._:-, is issued after the origin time and versions count from 1",
                "correct the engine",
            )
        if not self.magnitude_q05 <= self.magnitude_q50 <= self.magnitude_q95:
            raise InputError(
                f"magnitude quantiles of alert {self.alert_id}", "they must not fall", "sort the quantiles"
            )
        if not (math.isfinite(self.depth_km) and abs(self.magnitude_q05) < 20 and abs(self.magnitude_q95) < 20):
            raise InputError(f"depth or magnitude of alert {self.alert_id}", "they are numbers", "correct the engine")
        longest_ns = self.issued_at_ns + int(LONGEST_LIFE_S * NS_PER_S)
        if self.expires_at_ns is not None and not self.issued_at_ns < self.expires_at_ns <= longest_ns:
            raise InputError(
                f"alert {self.alert_id} expires {(self.expires_at_ns - self.issued_at_ns) / NS_PER_S:g} s after issue",
                f"it lives for some time, and for {LONGEST_LIFE_S:g} s at most",
                "choose another time to live",
            )

    def _check_lengths(self) -> None:
        """What is told has to fit into a message, whoever named the event."""
        ids = (self.event_id, self.engine_id, *self.lineage)
        if (
            len(self.reasons) > MOST_REASONS
            or len(self.lineage) > MOST_LINEAGE
            or any(len(text) > LONGEST_NAME for text in ids)
            or any(len(reason) > LONGEST_REASON for reason in self.reasons)
        ):
            raise InputError(
                f"alert {self.alert_id} with {len(self.reasons)} reasons and {len(self.lineage)} records before it",
                f"{MOST_REASONS} of {LONGEST_REASON} letters, {MOST_LINEAGE} and ids of {LONGEST_NAME} at most",
                "tell less",
            )

    def _check_chain(self) -> None:
        """An alert begins; updates and cancellations name what went before."""
        if (self.message_type == "alert") == bool(self.references):
            raise InputError(
                f"{self.message_type} {self.alert_id} with {len(self.references)} references",
                "an alert has none, an update or a cancellation has those of all earlier messages",
                "let `foreshock.deliver.issue` number the messages",
            )
        times = [reference.issued_at_ns for reference in self.references]
        ids = {reference.message_id for reference in self.references}
        if times != sorted(times) or len(ids) != len(times) or self.message_id in ids or len(times) >= self.version:
            raise InputError(
                f"references of alert {self.alert_id} version {self.version}",
                "they are earlier messages, oldest first, each once",
                "let `foreshock.deliver.issue` number the messages",
            )

    def _check_authority(self) -> None:
        allowed = allowed_status(self.authority)
        if self.authority is None or allowed != self.status:
            doubts = self.authority.doubts() if self.authority else ()
            raise StateError(
                f"status {self.status!r} of alert {self.alert_id}",
                f"what may be said now is {allowed!r}" + "".join(f" ({doubt})" for doubt in doubts[:1]),
                "issue it by a Duty or an Exercise (see docs/concepts/alerts.md)",
            )
        if self.expires_at_ns is None:
            raise InputError(f"alert {self.alert_id}", "what is told to others has a time to live", "let it expire")
        if self.status == "actual":
            self._check_present(self.authority.clock.now_ns())

    def _check_present(self, now_ns: int) -> None:
        """An actual alert is of this moment: neither replayed nor kept."""
        off_s = abs(now_ns - self.issued_at_ns) / NS_PER_S
        age_s = (self.issued_at_ns - self.origin_time_ns) / NS_PER_S
        if off_s > LATE_S or (age_s > OLDEST_ACTUAL_S and self.message_type != "cancel"):
            raise StateError(
                f"actual alert {self.alert_id}, issued {off_s:.0f} s off now and {age_s:.0f} s after its event",
                f"it is issued within {LATE_S:g} s of now and {OLDEST_ACTUAL_S:g} s of its event",
                "issue what is past as an exercise",
            )
