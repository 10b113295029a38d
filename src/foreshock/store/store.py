"""The catalogue store: solutions in and out of SQLite or PostgreSQL, the same schema. Knows no format and no picker."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event

from foreshock.clock import Clock, LiveClock
from foreshock.errors import MissingExtraError
from foreshock.store import loading, saving
from foreshock.store.address import Address, address_of, check_place, damage_explained, refusals_explained
from foreshock.store.loading import Box, Kept, Range
from foreshock.store.plain import distinct, plain
from foreshock.store.saving import Run
from foreshock.store.upgrade import up_to_date, upgrade
from foreshock.types.pick import Pick
from foreshock.types.solution import Solution
from foreshock.types.station import Station

AT_ONCE = 200
"""Solutions written by one round of statements; all rounds of one `add` are one transaction."""
PICKS_AT_ONCE = 5000
WAIT_S = 30
"""How long a write waits for another program's, and a connection for a server."""
ItemT = TypeVar("ItemT")
Between = tuple[int | None, int | None]
"""From (inclusive) to (exclusive), UTC nanoseconds; None is no limit."""


@dataclass(frozen=True)
class Added:
    """How many solutions were new to the store, and how many it held already."""

    new: int
    known: int


class Store:
    """A catalogue on disk or on a server; make one with `Store.open`.

    >>> import tempfile
    >>> from foreshock.types.event import Event
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Store.open(f"sqlite:///{folder.name}/catalogue.db") as store:
    ...     print(store.add([Solution(Event("e1", 0, 30.0, 100.0))]))
    ...     [solution.event.event_id for solution in store.solutions()]
    Added(new=1, known=0)
    ['e1']
    >>> folder.cleanup()
    """

    def __init__(self, engine: Engine, address: Address, *, clock: Clock) -> None:
        self._engine = engine
        self._address = address
        self._clock = clock

    @classmethod
    def open(cls, url: str | Path, *, create: bool = True, clock: Clock | None = None) -> Store:
        """Open a store, made if need be, and bring it to this program's schema.

        Args:
            url: ``sqlite:///catalogue.db`` or ``postgresql+psycopg://user:password@host/database``, or a file's path.
            create: make the file when it is not there; a PostgreSQL database must be there.
            clock: tells when a solution was added.

        Raises:
            InputError: the URL cannot be read. NotFoundError, OutputError: the file is not there or cannot be made.
            FormatError: it is no store, or a newer program's. NetworkError: the server does not answer.
            MissingExtraError: PostgreSQL's driver is not installed.
        """
        address = address_of(url)
        if address.is_sqlite:
            check_place(address, create=create)
        store = cls(_engine(address), address, clock=clock or LiveClock())
        try:
            store._upgrade()
        except BaseException:
            store.close()
            raise
        return store

    def add(self, solutions: Iterable[Solution], *, run: Run | None = None) -> Added:
        """Write solutions, all or none; each becomes the preferred one of its event, earlier ones are kept.

        What the store holds already changes nothing, however often it is added.

        Raises:
            InputError: two different solutions have one id, or a value cannot be kept.
            OutputError, NetworkError: the disk is full, the file read-only, the server gone; nothing was written.
        """
        new = known = 0
        with self._writing() as connection:
            now_ns = self._clock.now_ns()
            run_pk = None if run is None else saving.save_run(connection, run, added_ns=now_ns)
            for batch in _batches(distinct(solutions), AT_ONCE):
                fresh = saving.save_solutions(connection, batch, run_pk=run_pk, added_ns=now_ns)
                new, known = new + fresh, known + len(batch) - fresh
        return Added(new, known)

    def add_picks(self, picks: Iterable[Pick]) -> None:
        """Write picks, all or none, whether an earthquake uses them or not; known ones change nothing."""
        with self._writing() as connection:
            for batch in _batches((plain(pick, whose=f"pick at {pick.trace_id}") for pick in picks), PICKS_AT_ONCE):
                saving.save_picks(connection, batch)

    def add_stations(self, stations: Iterable[Station]) -> None:
        """Write stations, all or none; a known one is replaced."""
        with self._writing() as connection:
            saving.save_stations(connection, [plain(item, whose=f"station {item.station_id}") for item in stations])

    def solutions(
        self, *, between: Between | None = None, region: Box | None = None, magnitude: Range | None = None
    ) -> Iterator[Solution]:
        """Preferred solutions in order of time (then id), read as they are asked for, as of the first one's moment.

        Args:
            between: times. region: a box. magnitude: from, to, both inclusive; None is no limit.
        """
        asked = loading.wanted(between=between, region=region, magnitude=magnitude)
        with self._reading() as connection:
            yield from loading.load_solutions(connection, asked)

    def history(self, event_id: str) -> list[Kept]:
        """Every solution an event ever had, in the order in which they came; empty where it is not known."""
        with self._reading() as connection:
            return loading.load_history(connection, event_id)

    def picks(self, *, between: Between | None = None, trace_ids: Sequence[str] | None = None) -> Iterator[Pick]:
        """Picks in order of time (then instrument and phase), read as they are asked for."""
        with self._reading() as connection:
            yield from loading.load_picks(connection, between=between, trace_ids=trace_ids)

    def stations(self) -> dict[str, Station]:
        """Stations by id, in order of id."""
        with self._reading() as connection:
            return loading.load_stations(connection)

    def runs(self) -> list[Run]:
        """What made the solutions, in the order in which they came."""
        with self._reading() as connection:
            return loading.load_runs(connection)

    def close(self) -> None:
        """Let the database go."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, way: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self._address)

    def _upgrade(self) -> None:
        with self._reading() as connection:
            if up_to_date(connection):
                return
        with self._writing() as connection:
            upgrade(connection, whose=self._address.name)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Connection]:
        with refusals_explained(self._address):
            with damage_explained(self._address):
                connection = self._engine.connect()
            with connection, connection.begin():
                yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Lend a connection on which all that is read is of one moment."""
        alike: dict[str, Any] = {} if self._address.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        told = refusals_explained(self._address), damage_explained(self._address)
        with told[0], told[1], self._engine.connect() as connection:
            yield connection.execution_options(reads=True, **alike)


def _engine(address: Address) -> Engine:
    try:
        if address.is_sqlite:
            engine = create_engine(address.url, hide_parameters=True, connect_args={"timeout": WAIT_S})
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        wait = {"connect_timeout": WAIT_S}
        return create_engine(address.url, hide_parameters=True, pool_pre_ping=True, connect_args=wait)
    except ModuleNotFoundError:
        raise MissingExtraError.of("a store on PostgreSQL", extra="postgres", package="psycopg") from None


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Leave transactions to us, guard foreign keys, and let readers read while one writes."""
    connection.isolation_level = None
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock at once: two that began as readers could never both go on."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _batches(items: Iterable[ItemT], size: int) -> Iterator[list[ItemT]]:
    held: list[ItemT] = []
    for item in items:
        held.append(item)
        if len(held) == size:
            yield held
            held = []
    if held:
        yield held
