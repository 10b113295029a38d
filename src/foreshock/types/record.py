"""Record: a waveform with what is known to be true about it. Knows nothing about data sets or models."""

from __future__ import annotations

from dataclasses import dataclass, field

from foreshock.errors import LabelError
from foreshock.types.waveform import Waveform

SPLITS = ("train", "dev", "test")
MAGNITUDES = (-10.0, 11.0)
"""From cracks in a stone of a laboratory to more than the Earth can break; beyond stands a fault of the metadata."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The label of a record; what is not known is None.

    Attributes:
        trace_id: the record's own name.
        event_id: the event it shows; records of noise have an id of their own.
        kind: ``earthquake``, ``noise`` or another class name.
        split: ``train``, ``dev``, ``test`` or None.
        p_ns, s_ns: arrivals, UTC nanoseconds; p_status tells where they come from (``manual``, ``calculated`` …).
        magnitude, magnitude_type, depth_km, distance_km (epicentral), back_azimuth_deg: of the event.
        snr_db: signal to noise, 10·log10 of the power ratio.
        source: the data set or generator.
        polarity: first motion of P on Z, ``up`` or ``down``.
    """

    trace_id: str
    event_id: str
    kind: str = "earthquake"
    split: str | None = None
    p_ns: int | None = None
    s_ns: int | None = None
    p_status: str | None = None
    s_status: str | None = None
    magnitude: float | None = None
    magnitude_type: str | None = None
    depth_km: float | None = None
    distance_km: float | None = None
    back_azimuth_deg: float | None = None
    event_latitude: float | None = None
    event_longitude: float | None = None
    origin_ns: int | None = None
    snr_db: float | None = None
    source: str = ""
    polarity: str | None = None

    def __post_init__(self) -> None:
        if self.split is not None and self.split not in SPLITS:
            raise LabelError(
                f"split of {self.trace_id} is {self.split!r}", f"it must be one of {SPLITS}", "correct the metadata"
            )
        low, high = MAGNITUDES
        if self.magnitude is not None and not low <= self.magnitude <= high:
            raise LabelError(
                f"magnitude of {self.trace_id} is {self.magnitude:g}",
                f"it must lie between {low} and {high}",
                "correct the metadata",
            )
        if self.distance_km is not None and not self.distance_km >= 0:
            raise LabelError(
                f"distance of {self.trace_id} is {self.distance_km} km",
                "it must not be negative",
                "correct the metadata",
            )


@dataclass(frozen=True, slots=True)
class Record:
    """A waveform and its truth."""

    waveform: Waveform
    truth: Truth = field(default_factory=lambda: Truth("", ""))
