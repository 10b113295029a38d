"""The first schema: runs, stations, picks, events with their origins, and all that an origin rests on.

A migration tells what a schema was on its day: it never imports the models, which go on changing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_events_event_id")),
    )
    op.create_table(
        "picks",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("time_ns", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("sigma_s", sa.Double(), nullable=False),
        sa.Column("available_at_ns", sa.BigInteger(), nullable=False),
        sa.Column("polarity", sa.Text(), nullable=False),
        sa.Column("polarity_probability", sa.Double(), nullable=False),
        sa.Column("novelty", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picks")),
        sa.UniqueConstraint("key", name=op.f("uq_picks_key")),
    )
    op.create_index(op.f("ix_picks_time_ns"), "picks", ["time_ns"], unique=False)
    op.create_index(op.f("ix_picks_trace_id_time_ns"), "picks", ["trace_id", "time_ns"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("key", name=op.f("uq_runs_key")),
    )
    op.create_table(
        "stations",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("station_id", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("elevation_m", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stations")),
        sa.UniqueConstraint("station_id", name=op.f("uq_stations_station_id")),
    )
    op.create_table(
        "channels",
        sa.Column("station_pk", NUMBER, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("azimuth_deg", sa.Double(), nullable=False),
        sa.Column("dip_deg", sa.Double(), nullable=False),
        sa.Column("sensitivity", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("start_ns", sa.BigInteger(), nullable=False),
        sa.Column("end_ns", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_pk"], ["stations.id"], name=op.f("fk_channels_station_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("station_pk", "position", name=op.f("pk_channels")),
    )
    op.create_table(
        "origins",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("event_pk", NUMBER, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("run_pk", NUMBER, nullable=True),
        sa.Column("added_ns", sa.BigInteger(), nullable=False),
        sa.Column("time_ns", sa.BigInteger(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("depth_km", sa.Double(), nullable=True),
        sa.Column("magnitude", sa.Double(), nullable=True),
        sa.Column("magnitude_type", sa.Text(), nullable=True),
        sa.Column("depth_fixed", sa.Boolean(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("major_km", sa.Double(), nullable=True),
        sa.Column("minor_km", sa.Double(), nullable=True),
        sa.Column("azimuth_deg", sa.Double(), nullable=True),
        sa.Column("time_error_s", sa.Double(), nullable=True),
        sa.Column("gap_deg", sa.Double(), nullable=True),
        sa.Column("rms_s", sa.Double(), nullable=True),
        sa.Column("quality", sa.Text(), nullable=True),
        sa.Column("depth_error_km", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["event_pk"], ["events.id"], name=op.f("fk_origins_event_pk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_pk"], ["runs.id"], name=op.f("fk_origins_run_pk")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_origins")),
        sa.UniqueConstraint("event_pk", "key", name=op.f("uq_origins_event_pk_key")),
    )
    op.create_index(op.f("ix_origins_latitude_longitude"), "origins", ["latitude", "longitude"], unique=False)
    op.create_index(op.f("ix_origins_magnitude"), "origins", ["magnitude"], unique=False)
    op.create_index(op.f("ix_origins_run_pk"), "origins", ["run_pk"], unique=False)
    op.create_index(op.f("ix_origins_time_ns"), "origins", ["time_ns"], unique=False)
    op.create_index(
        "uq_origins_preferred",
        "origins",
        ["event_pk"],
        unique=True,
        sqlite_where=sa.text("preferred"),
        postgresql_where=sa.text("preferred"),
    )
    op.create_table(
        "arrivals",
        sa.Column("origin_pk", NUMBER, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("pick_pk", NUMBER, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("distance_km", sa.Double(), nullable=True),
        sa.Column("azimuth_deg", sa.Double(), nullable=True),
        sa.Column("residual_s", sa.Double(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["origin_pk"], ["origins.id"], name=op.f("fk_arrivals_origin_pk"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pick_pk"], ["picks.id"], name=op.f("fk_arrivals_pick_pk")),
        sa.PrimaryKeyConstraint("origin_pk", "position", name=op.f("pk_arrivals")),
    )
    op.create_index(op.f("ix_arrivals_pick_pk"), "arrivals", ["pick_pk"], unique=False)
    op.create_table(
        "magnitudes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("origin_pk", NUMBER, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("uncertainty", sa.Double(), nullable=True),
        sa.Column("n_stations", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["origin_pk"], ["origins.id"], name=op.f("fk_magnitudes_origin_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_magnitudes")),
        sa.UniqueConstraint("origin_pk", "position", name=op.f("uq_magnitudes_origin_pk_position")),
    )
    op.create_table(
        "mechanisms",
        sa.Column("origin_pk", NUMBER, nullable=False),
        sa.Column("strike_deg", sa.Double(), nullable=False),
        sa.Column("dip_deg", sa.Double(), nullable=False),
        sa.Column("rake_deg", sa.Double(), nullable=False),
        sa.Column("uncertainty_deg", sa.Double(), nullable=True),
        sa.Column("n_polarities", sa.BigInteger(), nullable=False),
        sa.Column("misfit", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["origin_pk"], ["origins.id"], name=op.f("fk_mechanisms_origin_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("origin_pk", name=op.f("pk_mechanisms")),
    )
    op.create_table(
        "notes",
        sa.Column("origin_pk", NUMBER, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["origin_pk"], ["origins.id"], name=op.f("fk_notes_origin_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("origin_pk", "position", name=op.f("pk_notes")),
    )
    op.create_table(
        "station_magnitudes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("magnitude_pk", NUMBER, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("correction", sa.Double(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["magnitude_pk"], ["magnitudes.id"], name=op.f("fk_station_magnitudes_magnitude_pk"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_magnitudes")),
        sa.UniqueConstraint("magnitude_pk", "position", name=op.f("uq_station_magnitudes_magnitude_pk_position")),
    )
    op.create_table(
        "amplitudes",
        sa.Column("station_magnitude_pk", NUMBER, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("time_ns", sa.BigInteger(), nullable=False),
        sa.Column("period_s", sa.Double(), nullable=True),
        sa.Column("snr", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_magnitude_pk"],
            ["station_magnitudes.id"],
            name=op.f("fk_amplitudes_station_magnitude_pk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("station_magnitude_pk", "position", name=op.f("pk_amplitudes")),
    )
