"""Alembic's way in: run the migrations on the connection that `upgrade` lends. Does nothing outside Alembic."""

from __future__ import annotations

from alembic import context

from foreshock.store.schema import Row


def run() -> None:
    """Migrate on the connection that lies among the configuration's attributes."""
    lent = context.config.attributes
    table = lent["version_table"]
    context.configure(connection=lent["connection"], target_metadata=Row.metadata, version_table=table)
    context.run_migrations()


if hasattr(context, "config"):
    run()
