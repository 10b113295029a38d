"""Ledger: a log that is only ever added to, each line sealed with the one before. Knows no alert and no engine.

A line is a JSON object whose last member, `hash`, is the SHA-256 of the line without it; `previous` is the hash of the
line before. Whoever changes, removes, adds or swaps a line in the middle breaks the chain there. A file that was cut
off at the end is still a chain: keep its last hash (`head`) elsewhere and hand it to `check_ledger`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foreshock.clock import iso_utc
from foreshock.deliver.append import LONGEST_LINE, LineFile
from foreshock.deliver.lines import one_line
from foreshock.errors import FormatError, NotFoundError

FIRST = "0" * 64
"""What the first line names as the hash before it."""
_SEAL = re.compile(r'^(\{"number":.*),"hash":"([0-9a-f]{64})"\}$', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ledger: what happened, when, from which earlier records it follows."""

    number: int
    kind: str
    at: str
    record_id: str
    parents: tuple[str, ...]
    content: Mapping[str, Any]
    digest: str


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What a look at a whole ledger found: `broken_at` is the first wrong line, counted from 1; None when all hold."""

    entries: int
    head: str
    broken_at: int | None = None
    reason: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every line is as it was written, in its place."""
        return self.broken_at is None


class Ledger:
    """A ledger that is being written; threads may share it.

    A line that a crash left unfinished is cut off when the file is opened again, and a line of the kind ``"torn"``
    says so.

    Raises:
        FormatError: the file is there and its chain is broken.
        OutputError: it cannot be written.
    """

    def __init__(self, path: Path, *, at_ns: int) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = LineFile(path)
        found = check_ledger(path)
        if not found.is_whole:
            self.close()
            raise FormatError(f"ledger {path}, line {found.broken_at}", found.reason, "keep it and begin a new one")
        self._number, self._head = found.entries, found.head
        if torn := self._file.torn:
            told = {"bytes": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
            self.write("torn", record_id=f"torn-{self._number + 1}", content=told, at_ns=at_ns)

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._head

    def write(
        self, kind: str, *, record_id: str, content: Mapping[str, Any], at_ns: int, parents: Sequence[str] = ()
    ) -> str:
        """Add a line and give its hash; it has left this process when this returns.

        Raises:
            InputError: the content is no JSON, or too long. OutputError: the disk is full or gone.
        """
        with self._lock:
            number = self._number + 1
            body = one_line(
                {
                    "number": number,
                    "previous": self._head,
                    "kind": kind,
                    "at": iso_utc(at_ns),
                    "id": record_id,
                    "parents": list(parents),
                    "content": content,
                }
            )
            digest = hashlib.sha256(body.encode()).hexdigest()
            self._file.add(f'{body[:-1]},"hash":"{digest}"}}'.encode())
            self._number, self._head = number, digest
            return digest

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()


# -- looking at one ----------------------------------------------------------------------------------------------------


def check_ledger(path: Path, *, head: str | None = None) -> LedgerCheck:
    """Verify a ledger line by line; `head` is the last hash it is known to have had, if that was kept.

    Raises:
        NotFoundError: there is no such file.
    """
    number, previous, seen = 0, FIRST, head in (None, FIRST)
    for number, text in enumerate(_texts(path), 1):
        digest, reason = _sealed(text, number, previous)
        if reason:
            return LedgerCheck(number - 1, previous, number, reason)
        previous = digest
        seen = seen or digest == head
    if not seen:
        return LedgerCheck(number, previous, number + 1, "lines are missing at its end, or it is another ledger")
    return LedgerCheck(number, previous)


def _sealed(text: str, number: int, previous: str) -> tuple[str, str]:
    """The line's hash, and what is wrong with the line."""
    seal = _SEAL.match(text)
    if seal is None:
        return "", "it is no sealed line"
    if hashlib.sha256(f"{seal[1]}}}".encode("utf-8", "replace")).hexdigest() != seal[2]:
        return "", "its content is not what was sealed"
    if not seal[1].startswith(f'{{"number":{number},"previous":"{previous}",'):
        return "", "it does not follow the line before it"
    return seal[2], ""


def read_ledger(path: Path) -> Iterator[Entry]:
    """Give the entries of a ledger whose chain holds.

    Raises:
        NotFoundError: there is no such file. FormatError: a line is broken.
    """
    previous = FIRST
    for number, text in enumerate(_texts(path), 1):
        previous, reason = _sealed(text, number, previous)
        try:
            told = json.loads(text) if not reason else {}
            entry = Entry(
                number, told["kind"], told["at"], told["id"], tuple(told["parents"]), told["content"], previous
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FormatError(
                f"ledger {path}, line {number}", reason or "it lacks a member", "trust what stands before it only"
            ) from error
        yield entry


def lineage(path: Path, record_id: str) -> tuple[Entry, ...]:
    """Give a record and all it follows from, oldest first: of an alert its decision, association, picks and packets.

    Raises:
        NotFoundError: there is no such file or record. FormatError: the chain is broken.
    """
    entries = {entry.record_id: entry for entry in read_ledger(path)}
    if record_id not in entries:
        raise NotFoundError(f"record {record_id[:80]!r} of {path}", "no line has that id", "give the id of an alert")
    wanted, found = [record_id], {}
    while wanted:
        name = wanted.pop()
        if name in entries and name not in found:
            found[name] = entries[name]
            wanted.extend(entries[name].parents)
    return tuple(sorted(found.values(), key=lambda entry: entry.number))


def _texts(path: Path) -> Iterator[str]:
    """The lines of a file, each of a bounded length; bytes that are no UTF-8 spoil the seal and nothing else."""
    try:
        with path.open("rb") as handle:
            while line := handle.readline(LONGEST_LINE + 2):
                whole = line.endswith(b"\n")
                yield line[:-1].decode("utf-8", "replace") if whole else "torn"
    except OSError as error:
        raise NotFoundError(f"ledger {path}", f"it cannot be read ({error.strerror})", "correct the path") from error
