"""The schema by migrations is the models' schema; older databases are brought forward, newer ones refused."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from foreshock.errors import FormatError
from foreshock.store.schema import Row
from foreshock.store.store import Store
from foreshock.store.upgrade import MIGRATIONS, VERSION_TABLE, revision, upgrade
from foreshock.types.solution import Solution

SECOND = '''"""A migration of tomorrow."""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("events", sa.Column("felt", sa.Integer(), nullable=True))
'''


def test_migrations_give_exactly_the_models_schema(url: str) -> None:
    Store.open(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Row.metadata) == []
        assert revision(connection) == "0001"
    made, by_hand = _told(engine), _by_models(url)
    assert made == by_hand
    engine.dispose()


def _by_models(url: str) -> dict[str, object]:
    """The same database emptied and made anew from the models alone."""
    engine = create_engine(url)
    Row.metadata.drop_all(engine)
    Row.metadata.create_all(engine)
    told = _told(engine)
    engine.dispose()
    return told


def _told(engine: Engine) -> dict[str, object]:
    found = inspect(engine)
    tables = sorted(set(found.get_table_names()) - {VERSION_TABLE})
    return {
        table: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
            found.get_pk_constraint(table),
            sorted(found.get_unique_constraints(table), key=str),
            sorted(found.get_foreign_keys(table), key=str),
            sorted(_plainly(index) for index in found.get_indexes(table)),
        )
        for table in tables
    }


def _plainly(index: dict[str, object]) -> str:
    options = {name: str(option) for name, option in sorted(index.get("dialect_options", {}).items())}
    return str((index["name"], index["column_names"], bool(index["unique"]), options))


def test_times_are_64_bits_and_are_indexed_with_places(url: str) -> None:
    Store.open(url).close()
    engine = create_engine(url)
    found = inspect(engine)
    for table in Row.metadata.tables:
        for column in found.get_columns(table):
            if column["name"].endswith("_ns"):
                assert str(column["type"]) == "BIGINT", (table, column)
    indexed = [index["column_names"] for index in found.get_indexes("origins")]
    assert ["time_ns"] in indexed
    assert ["latitude", "longitude"] in indexed
    engine.dispose()


def test_the_database_itself_allows_one_preferred_origin_of_an_event(url: str, quake: Callable[..., Solution]) -> None:
    from dataclasses import replace

    from sqlalchemy.exc import IntegrityError

    with Store.open(url) as store:
        store.add([quake(1)])
        store.add([replace(quake(1), model="other")])
    engine = create_engine(url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE origins SET preferred = true"))
    engine.dispose()


def test_an_older_database_is_brought_forward_with_all_it_holds_and_a_newer_one_is_refused(
    url: str, tmp_path: Path, quake: Callable[..., Solution]
) -> None:
    tomorrow = tmp_path / "tomorrow"
    shutil.copytree(MIGRATIONS, tomorrow)
    (tomorrow / "versions" / "0002_felt.py").write_text(SECOND)
    with Store.open(url) as store:
        store.add([quake(1)])
        with store._writing() as connection:
            upgrade(connection, whose="it", migrations=tomorrow)
            assert revision(connection) == "0002"
        assert list(store.solutions()) == [quake(1)]
    with pytest.raises(FormatError, match="its schema '0002' is newer than this program knows; upgrade foreshock"):
        Store.open(url)


def test_a_migration_that_fails_leaves_the_old_schema(url: str, tmp_path: Path, quake: Callable[..., Solution]) -> None:
    tomorrow = tmp_path / "tomorrow"
    shutil.copytree(MIGRATIONS, tomorrow)
    (tomorrow / "versions" / "0002_felt.py").write_text(SECOND + "    raise RuntimeError('power cut')\n")
    with Store.open(url) as store:
        store.add([quake(1)])
        with pytest.raises(RuntimeError, match="power cut"), store._writing() as connection:
            upgrade(connection, whose="it", migrations=tomorrow)
    with Store.open(url) as store:
        assert list(store.solutions()) == [quake(1)]
        with store._reading() as connection:
            assert "felt" not in {column["name"] for column in inspect(connection).get_columns("events")}


def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE TABLE bookmarks (url TEXT)")
    theirs.close()
    with pytest.raises(FormatError, match="it holds the table 'bookmarks' and is no store"):
        Store.open(f"sqlite:///{path}")
    with sqlite3.connect(path) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    theirs.close()


@pytest.mark.slow
def test_other_tables_may_lie_beside_ours_on_a_server(server: object, quake: Callable[..., Solution]) -> None:
    url = server.database()  # type: ignore[attr-defined]
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bookmarks (url TEXT)"))
    engine.dispose()
    with Store.open(url) as store:
        store.add([quake(1)])
        assert list(store.solutions()) == [quake(1)]


@pytest.mark.slow
def test_programs_that_open_a_new_database_at_once_all_find_it_ready(url: str) -> None:
    code = "import sys; from foreshock.store.store import Store; print(list(Store.open(sys.argv[1]).solutions()))"
    programs = [
        subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for program in programs:
        out, err = program.communicate(timeout=120)
        assert (program.returncode, out) == (0, "[]\n"), err


@pytest.mark.parametrize("name", ["50% of é", "what? is #this", "%2e%2e", "file:a"])
def test_a_folder_of_any_name_is_a_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with Store.open(folder / "a.db") as store:
        assert list(store.solutions()) == []
        assert str(folder / "a.db") in repr(store)
    assert (folder / "a.db").is_file()
    assert [item.name for item in tmp_path.iterdir()] == [name]
