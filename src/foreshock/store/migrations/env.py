"""Alembic's way in: run the migrations on the connection that `upgrade` lends. Runs only inside Alembic."""

from __future__ import annotations

from alembic import context

from foreshock.store.schema import Row

lent = context.config.attributes
context.configure(connection=lent["connection"], target_metadata=Row.metadata, version_table=lent["version_table"])
context.run_migrations()
