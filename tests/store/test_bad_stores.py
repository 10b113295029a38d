"""Stores that are none, full, closed, gone or contested: one sentence, nothing half-written, no password told."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foreshock.errors import (
    ForeshockError,
    FormatError,
    InputError,
    MissingExtraError,
    NetworkError,
    NotFoundError,
    OutputError,
)
from foreshock.store.address import address_of
from foreshock.store.store import Added, Store
from foreshock.types.solution import Solution

Maker = Callable[..., Solution]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "the store's URL: it cannot be read"),
        ("catalogue.db", "the store's URL: it cannot be read"),
        ("sqlite://", "a store in memory"),
        ("sqlite:///:memory:", "a store in memory"),
        ("sqlite:///a.db?mode=ro", "a store in a file: its URL takes no options"),
        ("mysql://me:secret@host/x", "a store of kind 'mysql': it must be sqlite or postgresql"),
        ("postgresql://me:secret@host:port/x", "the store's URL: it cannot be read"),
    ],
)
def test_a_url_that_is_none_is_told_without_repeating_it(url: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        Store.open(url)
    assert sentence in str(caught.value)
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("event_id,time\n" * 1000)
    (tmp_path / "folder.db").mkdir()
    for name, kind, sentence in [
        ("text.db", FormatError, "it is no SQLite database, or a damaged one"),
        ("folder.db", FormatError, "it is no file"),
        ("far/away.db", OutputError, "its folder does not exist"),
    ]:
        with pytest.raises(kind, match=sentence) as caught:
            Store.open(f"sqlite:///{tmp_path}/{name}")
        assert str(tmp_path / name) in str(caught.value)
    with pytest.raises(NotFoundError, match="there is no such file"):
        Store.open(f"sqlite:///{tmp_path}/new.db", create=False)
    assert not (tmp_path / "new.db").exists()


def test_a_damaged_database_is_told(tmp_path: Path, quake: Maker) -> None:
    path = tmp_path / "a.db"
    with Store.open(f"sqlite:///{path}") as store:
        store.add(quake(i) for i in range(50))
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    path.write_bytes(content)
    with (
        pytest.raises(FormatError, match="it is no SQLite database, or a damaged one"),
        Store.open(f"sqlite:///{path}") as store,
    ):
        list(store.solutions())


def test_a_cut_database_is_told(tmp_path: Path, quake: Maker) -> None:
    path = tmp_path / "a.db"
    with Store.open(f"sqlite:///{path}") as store:
        store.add(quake(i) for i in range(50))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(FormatError, match="damaged"), Store.open(f"sqlite:///{path}") as store:
        store.add(quake(i) for i in range(100))


def test_damage_anywhere_is_one_sentence_or_none(tmp_path: Path, quake: Maker) -> None:
    rng = random.Random(3)
    with Store.open(f"sqlite:///{tmp_path}/a.db") as store:
        store.add(quake(i, n_stations=2) for i in range(5))
    whole = (tmp_path / "a.db").read_bytes()
    told = set()
    for number in range(60):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 3, 30, 300])):
            content[rng.randrange(len(content) if rng.random() < 0.8 else 4096)] = rng.randrange(256)
        path = tmp_path / f"{number}.db"
        path.write_bytes(content)
        try:
            with Store.open(f"sqlite:///{path}") as store:
                list(store.solutions())
                store.add([quake(9)])
        except FormatError as error:
            told.add(str(error).replace(str(path), "PATH").split(" (")[0].split(";")[0])
    assert told >= {"store PATH: it is no SQLite database, or a damaged one", "store PATH: it is damaged"}


def test_a_row_that_breaks_a_rule_is_named(url: str, quake: Maker) -> None:
    with Store.open(url) as store:
        store.add([quake(1)])
        with store._writing() as connection:
            connection.exec_driver_sql("UPDATE origins SET latitude = 123.5")
        with pytest.raises(FormatError, match="is damaged: latitude is 123.5 .event fs00001.*restore it from a copy"):
            list(store.solutions())
        with store._writing() as connection:
            connection.exec_driver_sql("DROP TABLE notes")
        with pytest.raises(FormatError, match="not what was written"):
            store.add([quake(2)])


FILL = """
import resource, sys
sys.path.insert(0, {folder!r})
from conftest import make_quake
from foreshock.errors import OutputError
from foreshock.store.store import Store
store = Store.open({url!r})
store.add([make_quake(0)])
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))
try:
    store.add(make_quake(i) for i in range(1, 2000))
except OutputError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print([s.event.event_id for s in store.solutions()])
print(store.add(make_quake(i) for i in range(3)))
"""


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    code = FILL.format(folder=str(Path(__file__).parent), url=f"sqlite:///{tmp_path}/a.db")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    sentence, held, added = done.stdout.splitlines()
    assert sentence.startswith(f"store {tmp_path}/a.db: ")
    assert "free space" in sentence
    assert held == "['fs00000']"
    assert added == "Added(new=2, known=1)"


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_really_full_leaves_what_was_there(tmp_path: Path, quake: Maker) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        with Store.open(f"sqlite:///{disk}/a.db") as store:
            store.add([quake(0)])
            with pytest.raises(OutputError, match="the disk is full"):
                store.add(quake(i) for i in range(1, 2000))
            assert list(store.solutions()) == [quake(0)]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
@pytest.mark.parametrize("made", [False, True])
def test_a_folder_one_may_not_write_to_is_one_sentence(made: bool, quake: Maker) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        url = f"sqlite:///{folder}/a.db"
        with Store.open(f"sqlite:///{folder}/warm.db") as store:  # all is imported before rights are given up
            store.add([quake(1)])
        Path(folder, "warm.db").unlink()
        if made:
            with Store.open(url) as store:
                store.add([quake(1)])
        Path(folder).chmod(0o555)
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            try:
                with Store.open(url) as store:
                    store.add([quake(2)])
            except OutputError as error:
                os._exit(0 if f"store {folder}/a.db: it" in str(error) else 3)
            except BaseException:
                os._exit(4)
            os._exit(5)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        Path(folder).chmod(0o755)


def test_who_is_killed_while_writing_leaves_all_or_nothing(tmp_path: Path, quake: Maker) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    code = (
        f"import sys, os; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from conftest import make_quake\nfrom foreshock.store.store import Store\n"
        "def killed():\n    yield from map(make_quake, range(250))\n    os.kill(os.getpid(), 9)\n"
        f"s = Store.open({url!r})\ns.add([make_quake(1000)])\ns.add(killed())\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == -9
    with Store.open(url) as store:
        assert list(store.solutions()) == [quake(1000)]
        assert store.add(quake(i) for i in range(250)) == Added(250, 0)


def test_a_file_that_another_program_holds_is_told(tmp_path: Path, quake: Maker, monkeypatch: Any) -> None:
    from foreshock.store import store as module

    monkeypatch.setattr(module, "WAIT_S", 0.1)
    with Store.open(f"sqlite:///{tmp_path}/a.db") as store:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="another program is writing into it"):
            store.add([quake(1)])
        other.execute("ROLLBACK")
        other.close()
        assert store.add([quake(1)]) == Added(1, 0)


def test_programs_that_write_the_same_at_once_write_it_once(url: str, quake: Maker) -> None:
    told: list[Added | ForeshockError] = []
    Store.open(url).close()

    def write(start: int) -> None:
        with Store.open(url) as store:
            try:
                told.append(store.add(quake(i) for i in range(start, start + 120)))
            except ForeshockError as error:
                told.append(error)

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 40, 80, 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(item, Added) for item in told), told
    with Store.open(url) as store:
        assert list(store.solutions()) == [quake(i) for i in range(200)]
        assert sum(item.new for item in told if isinstance(item, Added)) == 200


# -- servers -----------------------------------------------------------------------------------------------------------


def _refused(url: str) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        Store.open(url)
    return caught.value


def _says_nothing(error: BaseException, *secrets: str) -> None:
    told = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    for secret in secrets:
        assert secret not in told, secret


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    pytest.importorskip("psycopg")
    error = _refused("postgresql+psycopg://somebody:hush-hush@127.0.0.1:9/quakes?application_name=tell-tale")
    assert "store postgresql://127.0.0.1:9/quakes: the server is not there or went away" in str(error)
    _says_nothing(error, "somebody", "hush-hush", "tell-tale")


def test_an_option_the_driver_does_not_know_is_told() -> None:
    pytest.importorskip("psycopg")
    url = "postgres://somebody:hush-hush@127.0.0.1:9/quakes?speed=hush-hush"
    with pytest.raises(InputError, match="its URL has an option that the driver does not know") as caught:
        Store.open(url)  # a traceback shows this line
    _says_nothing(caught.value, "somebody", "hush-hush")


def test_without_the_driver_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from foreshock.store.store import Store\n"
        "from foreshock.errors import MissingExtraError\n"
        "try:\n    Store.open('postgresql://u:hush@127.0.0.1/q')\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "pip install 'foreshock[postgres]'" in done.stdout
    assert MissingExtraError.__name__ not in done.stderr
    assert "hush" not in done.stdout + done.stderr


def test_the_driver_is_not_imported_for_a_file(tmp_path: Path) -> None:
    code = (
        "import sys; from foreshock.store.store import Store\n"
        f"Store.open('sqlite:///{tmp_path}/a.db')\n"
        "print([name for name in sys.modules if name.startswith(('psycopg', 'obspy', 'torch'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.slow
def test_who_is_not_let_in_is_told_without_the_password(server: Any) -> None:
    for url in (server.url("postgres", password="wrong-word"), server.url("no_such_database")):
        error = _refused(url)
        assert "the server lets this user do nothing there; check user, password, rights" in str(error)
        _says_nothing(error, "wrong-word", "open&sesame", "open%26sesame", "keeper_of_quakes")
    with Store.open(server.database()) as store:
        for told in (repr(store), str(store), repr(vars(store))):
            assert "sesame" not in told
        assert repr(address_of(server.url("x"))) == f"<store postgresql://127.0.0.1:{server.port}/x>"


@pytest.fixture
def own_server(server: Any) -> Iterator[Any]:
    """The server, running again afterwards whatever a test did to it."""
    yield server
    if subprocess.run([server.programs / "pg_isready", "-h", "127.0.0.1", "-p", str(server.port)]).returncode:
        server.start()


@pytest.mark.slow
def test_a_server_that_goes_away_is_told_and_leaves_all_or_nothing(own_server: Any, quake: Maker) -> None:
    url = own_server.database()
    with Store.open(url) as store:
        store.add([quake(0)])

        def pulled() -> Iterator[Solution]:
            yield from (quake(i) for i in range(1, 300))
            own_server.stop()
            yield from (quake(i) for i in range(300, 600))

        with pytest.raises(NetworkError, match="the server is not there or went away") as caught:
            store.add(pulled())
        _says_nothing(caught.value, "sesame", "keeper_of_quakes")
        own_server.start()
        assert list(store.solutions()) == [quake(0)]
        reading = store.solutions()
        assert next(reading) == quake(0)
        assert store.add([replace(quake(0), model="again")]) == Added(1, 0)
        reading.close()
