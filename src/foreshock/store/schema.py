"""The schema: what a catalogue database holds, table by table. Knows no dialect, no query and no migration.

Times are UTC nanoseconds in 64 bits. An event has an id and one or more origins, of which one is preferred; all that
an origin rests on hangs from it. A unique key stands wherever a thing has a natural one, so that writing a thing
twice is seen by the database itself. ``key`` columns hold fingerprints (see `plain.fingerprint`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Number = BigInteger().with_variant(Integer, "sqlite")
"""A row's number: SQLite counts up by itself only in a column it calls INTEGER."""
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(DeclarativeBase):
    """What every table shares: types by annotation and names of constraints that both dialects agree on."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {int: BigInteger(), float: Double(), str: Text()}  # noqa: RUF012 - SQLAlchemy's own form


class RunRow(Row):
    """What made solutions: a name, its resolved config and versions as JSON, and when the store first heard of it."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    config: Mapped[str]
    versions: Mapped[str]
    inputs: Mapped[str]
    added_ns: Mapped[int]


class StationRow(Row):
    """A place with an instrument."""

    __tablename__ = "stations"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    station_id: Mapped[str] = mapped_column(unique=True)
    latitude: Mapped[float]
    longitude: Mapped[float]
    elevation_m: Mapped[float]


class ChannelRow(Row):
    """One channel of a station over one epoch."""

    __tablename__ = "channels"
    station_pk: Mapped[int] = mapped_column(ForeignKey("stations.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    azimuth_deg: Mapped[float]
    dip_deg: Mapped[float]
    sensitivity: Mapped[float]
    unit: Mapped[str]
    start_ns: Mapped[int]
    end_ns: Mapped[int]


class PickRow(Row):
    """An arrival as a picker told it; one row however many origins use it."""

    __tablename__ = "picks"
    __table_args__ = (Index(None, "time_ns"), Index(None, "trace_id", "time_ns"))
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    trace_id: Mapped[str]
    phase: Mapped[str]
    time_ns: Mapped[int]
    probability: Mapped[float]
    sigma_s: Mapped[float]
    available_at_ns: Mapped[int]
    polarity: Mapped[str]
    polarity_probability: Mapped[float]
    novelty: Mapped[float]


class EventRow(Row):
    """An earthquake: nothing but its id; what is known of it stands in its origins."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)


class OriginRow(Row):
    """One solution of an event: where, when, how large, how sure; the event's preferred one is marked."""

    __tablename__ = "origins"
    __table_args__ = (
        UniqueConstraint("event_pk", "key"),
        Index(
            "uq_origins_preferred",
            "event_pk",
            unique=True,
            sqlite_where=text("preferred"),
            postgresql_where=text("preferred"),
        ),
        Index(None, "time_ns"),
        Index(None, "latitude", "longitude"),
        Index(None, "magnitude"),
    )
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    event_pk: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    key: Mapped[str]
    preferred: Mapped[bool]
    run_pk: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    added_ns: Mapped[int]
    time_ns: Mapped[int]
    latitude: Mapped[float]
    longitude: Mapped[float]
    depth_km: Mapped[float | None]
    magnitude: Mapped[float | None]
    magnitude_type: Mapped[str | None]
    depth_fixed: Mapped[bool]
    model: Mapped[str]
    major_km: Mapped[float | None]
    minor_km: Mapped[float | None]
    azimuth_deg: Mapped[float | None]
    time_error_s: Mapped[float | None]
    gap_deg: Mapped[float | None]
    rms_s: Mapped[float | None]
    quality: Mapped[str | None]
    depth_error_km: Mapped[float | None]


class ArrivalRow(Row):
    """A pick taken for a phase of an origin."""

    __tablename__ = "arrivals"
    origin_pk: Mapped[int] = mapped_column(ForeignKey("origins.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    pick_pk: Mapped[int] = mapped_column(ForeignKey("picks.id"), index=True)
    phase: Mapped[str]
    distance_km: Mapped[float | None]
    azimuth_deg: Mapped[float | None]
    residual_s: Mapped[float | None]
    weight: Mapped[float]


class MagnitudeRow(Row):
    """A size of one type, from many stations."""

    __tablename__ = "magnitudes"
    __table_args__ = (UniqueConstraint("origin_pk", "position"),)
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    origin_pk: Mapped[int] = mapped_column(ForeignKey("origins.id", ondelete="CASCADE"))
    position: Mapped[int]
    kind: Mapped[str]
    value: Mapped[float]
    uncertainty: Mapped[float | None]
    n_stations: Mapped[int]
    method: Mapped[str]


class StationMagnitudeRow(Row):
    """What one station says of the size."""

    __tablename__ = "station_magnitudes"
    __table_args__ = (UniqueConstraint("magnitude_pk", "position"),)
    id: Mapped[int] = mapped_column(Number, primary_key=True)
    magnitude_pk: Mapped[int] = mapped_column(ForeignKey("magnitudes.id", ondelete="CASCADE"))
    position: Mapped[int]
    trace_id: Mapped[str]
    value: Mapped[float]
    correction: Mapped[float]
    used: Mapped[bool]
    reason: Mapped[str]


class AmplitudeRow(Row):
    """What was measured on one channel for a station's magnitude."""

    __tablename__ = "amplitudes"
    station_magnitude_pk: Mapped[int] = mapped_column(
        ForeignKey("station_magnitudes.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    trace_id: Mapped[str]
    channel: Mapped[str]
    kind: Mapped[str]
    value: Mapped[float]
    unit: Mapped[str]
    time_ns: Mapped[int]
    period_s: Mapped[float | None]
    snr: Mapped[float | None]


class MechanismRow(Row):
    """The double couple of an origin."""

    __tablename__ = "mechanisms"
    origin_pk: Mapped[int] = mapped_column(ForeignKey("origins.id", ondelete="CASCADE"), primary_key=True)
    strike_deg: Mapped[float]
    dip_deg: Mapped[float]
    rake_deg: Mapped[float]
    uncertainty_deg: Mapped[float | None]
    n_polarities: Mapped[int]
    misfit: Mapped[float | None]


class NoteRow(Row):
    """What was left out, repaired or assumed for an origin."""

    __tablename__ = "notes"
    origin_pk: Mapped[int] = mapped_column(ForeignKey("origins.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str]
