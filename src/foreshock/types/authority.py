"""Authority: what an alert may be called, actual, exercise or test. Knows clocks and signers; no alert, no endpoint.

Nothing here reads a setting, a file or the environment: what may be said follows from which objects there are.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, final

from foreshock.clock import NS_PER_S, Clock, LiveClock, iso_utc
from foreshock.errors import InputError, StateError

STATUSES = ("actual", "exercise", "test")
SHORTEST_KEY = 16
"""Bytes of the shortest key that may sign."""
CONFIRM_S = 900.0
"""How long after its start a duty can be confirmed."""


@dataclass(frozen=True, slots=True)
class StartUp:
    """One start of a warning engine, which two people confirm by signing its challenge.

    >>> StartUp("eew@example.org", started_at_ns=0, nonce="b1946ac92492d234").challenge
    'foreshock actual eew@example.org 1970-01-01T00:00:00.000000Z b1946ac92492d234'
    """

    sender: str
    started_at_ns: int
    nonce: str

    def __post_init__(self) -> None:
        if not self.sender or len(self.nonce) < 16:
            raise InputError(
                f"start-up of {self.sender!r} with {len(self.nonce)} letters of chance",
                "it names its sender and carries at least 16 letters drawn for this start",
                "use secrets.token_hex(16)",
            )

    @property
    def challenge(self) -> str:
        """What both signers sign."""
        return f"foreshock actual {self.sender} {iso_utc(self.started_at_ns)} {self.nonce}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A named person's signature under a start-up's challenge."""

    name: str
    digest: str


def sign(start: StartUp, *, name: str, key: bytes) -> Signature:
    """Sign a start-up's challenge: HMAC-SHA256 (RFC 2104) over the name and the challenge.

    Raises:
        InputError: the key is shorter than `SHORTEST_KEY` bytes, or the name is empty.
    """
    if len(key) < SHORTEST_KEY or not _person(name):
        raise InputError(
            f"key of {len(key)} bytes for signer {name!r}",
            f"a signer has a name and a key of at least {SHORTEST_KEY} bytes",
            "make a longer key",
        )
    told = f"{name}\n{start.challenge}".encode()
    return Signature(name, hmac.new(key, told, hashlib.sha256).hexdigest())


class Keys:
    """The signers' keys, by name; they do not show and do not leave this process.

    >>> Keys({"Ana": b"0123456789abcdef"})
    Keys of 1 signers
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    def key(self, name: str) -> bytes:
        """Give a signer's key; none is empty."""
        return self._keys.get(name, b"")

    def __repr__(self) -> str:
        return f"Keys of {len(self._keys)} signers"

    def __deepcopy__(self, memo: object) -> Keys:
        return self

    def __reduce__(self) -> NoReturn:
        raise StateError(f"{self}", "they stay in their process", "send alerts as lines or CAP")


class Authority:
    """What an alert may be called, asked anew each time; see `Rehearsal`, `Exercise` and `Duty`."""

    def status(self) -> str:
        """Give the status that an alert may have now: one of `STATUSES`."""
        raise NotImplementedError

    def doubts(self) -> tuple[str, ...]:
        """Say why the status is not what it could be; empty when nothing is amiss."""
        return ()

    @property
    def clock(self) -> Clock:
        """The clock by which alerts are issued and expire."""
        raise NotImplementedError


@final
@dataclass(frozen=True, slots=True)
class Rehearsal(Authority):
    """Any clock, nobody to be told: alerts are tests, and go to files, standard output and this machine only.

    >>> from foreshock.clock import StepClock
    >>> Rehearsal(StepClock(0)).status()
    'test'
    """

    by: Clock

    def status(self) -> str:
        """Give ``"test"``."""
        return "test"

    @property
    def clock(self) -> Clock:
        """The clock it was made with."""
        return self.by


@final
@dataclass(frozen=True, slots=True)
class Exercise(Authority):
    """Any clock, and somebody who ordered that others be told: alerts are exercises, wherever they go."""

    by: Clock
    ordered_by: str

    def __post_init__(self) -> None:
        if not _person(self.ordered_by):
            raise InputError(f"exercise ordered by {self.ordered_by!r}", "somebody must answer for it", "name them")

    def status(self) -> str:
        """Give ``"exercise"``."""
        return "exercise"

    @property
    def clock(self) -> Clock:
        """The clock it was made with."""
        return self.by


@final
@dataclass(frozen=True, slots=True)
class Duty(Authority):
    """The live clock and two people: alerts are actual for as long as the clock is not in doubt.

    All of it is looked at when the duty is made and again whenever it is asked for its status, so that a duty that was
    copied, restored or put together by other means says no more than one that was made here.

    Raises:
        StateError: the clock is no `LiveClock`, is in doubt now, or the confirmation comes too late.
        InputError: the signatures are not those of two different people with two different keys.
    """

    by: LiveClock
    start: StartUp
    confirmed: Signature
    seconded: Signature
    keys: Keys

    def __post_init__(self) -> None:
        _check_live(self.by)
        _check_signed(self.start, self.confirmed, self.seconded, self.keys)
        since_s = (self.by.now_ns() - self.start.started_at_ns) / NS_PER_S
        if not 0 <= since_s <= CONFIRM_S:
            raise StateError(
                f"start-up of {iso_utc(self.start.started_at_ns)}, {since_s:.0f} s ago",
                f"it is confirmed within {CONFIRM_S:.0f} s",
                "start again and sign the new challenge",
            )
        if doubts := self.doubts():
            raise StateError(f"the machine's clock: {doubts[0]}", "a duty begins with a clock beyond doubt", "set it")

    def status(self) -> str:
        """Give ``"actual"``, or ``"test"`` while the clock is in doubt."""
        _check_live(self.by)
        _check_signed(self.start, self.confirmed, self.seconded, self.keys)
        return "test" if self.doubts() else "actual"

    def doubts(self) -> tuple[str, ...]:
        """Say what speaks against the clock now."""
        return self.by.health().doubts

    @property
    def clock(self) -> LiveClock:
        """The machine's clock."""
        return self.by


def allowed_status(authority: Authority | None) -> str:
    """Give the status that an authority allows now; nobody's word, or a stranger's, allows a test.

    >>> allowed_status(None)
    'test'

    Raises:
        StateError, InputError: a duty is not what it claims to be.
    """
    if authority is None or type(authority) not in (Rehearsal, Exercise, Duty):
        return "test"
    return authority.status()


def _check_live(clock: object) -> None:
    """A clock that is like the live one, or derived from it, is not the live one."""
    if type(clock) is not LiveClock:
        raise StateError(
            f"a {type(clock).__name__}", "actual alerts need the machine's own clock (LiveClock)", "call it an exercise"
        )


def _check_signed(start: StartUp, confirmed: Signature, seconded: Signature, keys: Keys) -> None:
    for signature in (confirmed, seconded):
        key = keys.key(signature.name)
        right = key and sign(start, name=signature.name, key=key).digest
        if not right or not hmac.compare_digest(right.encode(), signature.digest.encode("utf-8", "replace")):
            raise InputError(
                f"signature of {signature.name!r}", "it is none of a known signer under this start-up", "sign again"
            )
    if _person(confirmed.name) == _person(seconded.name) or keys.key(confirmed.name) == keys.key(seconded.name):
        raise InputError(
            f"signers {confirmed.name!r} and {seconded.name!r}",
            "two people confirm, each with a key of their own",
            "let somebody else sign",
        )


def _person(name: str) -> str:
    """A name such that ways of writing it do not make two people of one."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
