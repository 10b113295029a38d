"""Where a store lies: its URL taken apart, its name without credentials, and a database's refusals as sentences.

Knows the two dialects and what they say when they refuse; knows no tables. Nothing here ever repeats a URL or a
driver's own words, which may hold a user's name or password.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from foreshock.errors import (
    ForeshockError,
    FormatError,
    InputError,
    NetworkError,
    NotFoundError,
    OutputError,
    StateError,
)

EXAMPLES = "write sqlite:///catalogue.db or postgresql+psycopg://user:password@host/database"
RESTORE = "restore it from a copy"
_SQLITE_REFUSALS = {
    "SQLITE_FULL": ("the disk is full", "free space and add them again: nothing was half-written"),
    "SQLITE_IOERR": ("the system refused to write (disk full or damaged)", "free space, then add them again"),
    "SQLITE_READONLY": ("it is read-only", "choose a file and folder you may write to"),
    "SQLITE_CANTOPEN": ("it cannot be opened", "choose a file and folder you may read and write"),
    "SQLITE_PERM": ("it is read-only", "choose a file and folder you may write to"),
    "SQLITE_BUSY": ("another program is writing into it", "wait for it"),
}
_NO_DATABASE = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_GONE = ("57P01", "57P02", "57P03", "08")
"""SQLSTATE of a server that shuts down or a connection that broke (PostgreSQL manual, appendix A)."""
_NOT_LET_IN = ("28", "3D000", "42501")
_FULL = ("53100",)
_CONTESTED = ("40",)


@dataclass(frozen=True, repr=False)
class Address:
    """A database's URL, and a name for it that may be shown to anybody."""

    url: URL

    @property
    def name(self) -> str:
        """The store's name without user, password or options."""
        if self.is_sqlite:
            return f"store {self.url.database}"
        port = f":{self.url.port}" if self.url.port else ""
        return f"store postgresql://{self.url.host or ''}{port}/{self.url.database or ''}"

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.get_backend_name() == "sqlite"

    def __repr__(self) -> str:
        return f"<{self.name}>"


def address_of(url: str | Path) -> Address:
    """Take a store's URL apart; a path is that of a SQLite file, whatever letters its name has.

    Raises:
        InputError: it is no URL of SQLite or PostgreSQL; the sentence never repeats it.
    """
    if isinstance(url, Path):
        return Address(URL.create("sqlite", database=str(url)))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError, TypeError):
        raise InputError("the store's URL", "it cannot be read", EXAMPLES) from None
    backend = {"postgres": "postgresql"}.get(parsed.drivername, parsed.get_backend_name())
    if backend not in ("sqlite", "postgresql"):
        raise InputError(f"a store of kind {backend[:20]!r}", "it must be sqlite or postgresql", EXAMPLES)
    if backend == "sqlite" and (parsed.database or ":memory:") == ":memory:":
        raise InputError("a store in memory", "a store lies in a file", EXAMPLES)
    if backend == "sqlite" and parsed.query:
        raise InputError("a store in a file", "its URL takes no options", EXAMPLES)
    return Address(parsed.set(drivername="sqlite" if backend == "sqlite" else "postgresql+psycopg"))


def check_place(address: Address, *, create: bool) -> None:
    """See that a file store's folder is there, and the file too unless it may be made.

    Raises:
        OutputError: its folder is not there. NotFoundError: it is not there and must be. FormatError: it is no file.
    """
    path = Path(str(address.url.database))
    try:
        if path.exists() and not path.is_file():
            raise FormatError(address.name, "it is no file", "give the path of a file")
        if not path.exists() and not create:
            raise NotFoundError(address.name, "there is no such file", "correct the path, or add a catalogue first")
        if not path.parent.is_dir():
            raise OutputError(address.name, "its folder does not exist", "create the folder or correct the path")
    except ForeshockError:
        raise
    except (OSError, ValueError):
        raise OutputError(address.name, "it cannot be reached", "correct the path or its rights") from None


@contextlib.contextmanager
def refusals_explained(address: Address) -> Iterator[None]:
    """Turn what a database refuses inside the block into one sentence; a driver's own words are never repeated.

    Raises:
        OutputError: it cannot be written. NetworkError: the server is not there, went away or lets nobody in.
        FormatError: the file is no database, or a damaged one. StateError: the store's own rows clash.
    """
    try:
        yield
    except DBAPIError as error:
        raise (_sqlite if address.is_sqlite else _postgresql)(address, error) from None
    except PoolTimeoutError:
        raise NetworkError(address.name, "all its connections are in use", "read one list to its end first") from None


@contextlib.contextmanager
def damage_explained(address: Address) -> Iterator[None]:
    """Turn what cannot be made of a database's own content inside the block into one sentence.

    Raises:
        FormatError: a row breaks a rule that it kept when it was written, or cannot be understood at all.
    """
    try:
        yield
    except FormatError:
        raise
    except InputError as error:
        raise FormatError(f"{address.name} is damaged: {error.value}", error.rule, RESTORE) from error
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        if isinstance(error, ForeshockError):
            raise
        raise FormatError(address.name, f"it is damaged ({type(error).__name__})", RESTORE) from error


def _sqlite(address: Address, error: DBAPIError) -> Exception:
    code = str(getattr(error.orig, "sqlite_errorname", ""))
    if code.startswith(_NO_DATABASE):
        return FormatError(address.name, "it is no SQLite database, or a damaged one", "give a store's file")
    for start, (rule, remedy) in _SQLITE_REFUSALS.items():
        if code.startswith(start):
            return OutputError(address.name, rule, remedy)
    if code in ("", "SQLITE_ERROR"):
        return FormatError(address.name, "its tables or texts are not what was written", RESTORE)
    return StateError(address.name, f"the database refused ({code})", "report this")


def _postgresql(address: Address, error: DBAPIError) -> Exception:
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state.startswith(_NOT_LET_IN) or _never_let_in(error):
        return NetworkError(address.name, "the server lets this user do nothing there", "check user, password, rights")
    if state.startswith(_FULL):
        return OutputError(address.name, "the server's disk is full", "free space there, then add them again")
    if state.startswith("42"):
        return FormatError(address.name, "its tables are not what was written", RESTORE)
    if state.startswith(_CONTESTED):
        return OutputError(address.name, "another program wrote the same at the same time", "add them again")
    if not state and isinstance(error, ProgrammingError):
        return InputError(address.name, "its URL has an option that the driver does not know", "remove it")
    if error.connection_invalidated or state.startswith(_GONE) or (not state and _is_about_connection(error)):
        return NetworkError(address.name, "the server is not there or went away", "start it, then try again")
    return StateError(address.name, f"the database refused (SQLSTATE {state or 'unknown'})", "report this")


def _never_let_in(error: DBAPIError) -> bool:
    """Psycopg tells no SQLSTATE of a connection that was refused: only the server's words say which refusal it is."""
    words = str(error.orig)
    return not getattr(error.orig, "sqlstate", None) and any(
        sign in words for sign in ("authentication failed", "does not exist", "no pg_hba.conf", "no password supplied")
    )


def _is_about_connection(error: Any) -> bool:
    return isinstance(error, OperationalError | InterfaceError)
