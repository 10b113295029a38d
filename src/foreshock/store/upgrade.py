"""Bring a database to the schema this program knows, or refuse it with a sentence. Knows Alembic; knows no rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from foreshock.errors import FormatError
from foreshock.store.schema import Row

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "foreshock_schema"
"""Alembic's own table, by a name of our own: a PostgreSQL database may hold other programs' tables beside ours."""
_UPGRADE_LOCK = 7_305_511_846_214_020
"""A number for PostgreSQL's advisory lock: two programs that open a new database at once take turns."""


def up_to_date(connection: Connection) -> bool:
    """Whether a database has this program's schema."""
    head = ScriptDirectory.from_config(_config(connection, MIGRATIONS)).get_current_head()
    return revision(connection) == head


def upgrade(connection: Connection, *, whose: str, migrations: Path = MIGRATIONS) -> None:
    """Migrate to the newest schema of `migrations`, inside the connection's transaction.

    Raises:
        FormatError: the database was written by a newer program, or is another program's.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _UPGRADE_LOCK})
    config = _config(connection, migrations)
    scripts = ScriptDirectory.from_config(config)
    now = revision(connection)
    if now == scripts.get_current_head():
        return
    if now is None:
        _check_free(connection, whose)
    elif now not in {script.revision for script in scripts.walk_revisions()}:
        raise FormatError(whose, f"its schema {now[:20]!r} is newer than this program knows", "upgrade foreshock")
    command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """The name of the last migration a database went through, or None."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    heads = context.get_current_heads()
    return heads[0] if heads else None


def _config(connection: Connection, migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config


def _check_free(connection: Connection, whose: str) -> None:
    """A database without our mark must hold nothing of our names, and a file nothing at all."""
    held: Any = set(inspect(connection).get_table_names()) - {VERSION_TABLE}
    strange = held if connection.dialect.name == "sqlite" else held & set(Row.metadata.tables)
    if strange:
        raise FormatError(
            whose, f"it holds the table {min(strange)!r} and is no store", "give another database or a new file"
        )
