"""Wire: SeedLink packets as bytes, version 3 and 4, made and taken apart as they come. Knows no sockets.

Version 3: ``SL`` and six hexadecimal digits, then a miniSEED 2 record of 512 bytes. Version 4: ``SE``, format,
subformat, length, sequence and station, then a payload of any length. Source: SeedLink protocol (FDSN,
https://docs.fdsn.org/projects/seedlink).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from foreshock.errors import NetworkError

RECORD3 = 512
"""Bytes of every version 3 record."""
WRAP3 = 1 << 24
"""Version 3 sequences count to here and begin again."""
MOST_PAYLOAD = 1 << 24
"""A packet that says it is longer is none; INFO of ten thousand streams is 2 MB."""

_HEAD4 = struct.Struct("<2s1s1sIQB")
HEAD4 = _HEAD4.size


class Frame(NamedTuple):
    """One packet off the wire.

    Attributes:
        kind: ``2D``, ``3D`` …: format and subformat; ``JI``, ``JE`` answers to INFO in version 4; ``info`` and
            ``info*`` parts of one in version 3, the star where more follow; ``end``, ``error``.
        sequence: at the server. station: ``NET_STA``, empty in version 3. payload: the record.
    """

    kind: str
    sequence: int
    station: str
    payload: bytes


def head3(sequence: int) -> bytes:
    """The 8 bytes before a version 3 record.

    >>> head3(0x1FF890D)
    b'SLFF890D'
    """
    return b"SL%06X" % (sequence % WRAP3)


def head4(kind: str, sequence: int, *, station: str, n_bytes: int) -> bytes:
    """The bytes before a version 4 payload.

    >>> head4("2D", 7, station="XX_A", n_bytes=512)[:10], len(head4("2D", 7, station="XX_A", n_bytes=512))
    (b'SE2D\\x00\\x02\\x00\\x00\\x07\\x00', 21)
    """
    coded = station.encode("ascii")
    return _HEAD4.pack(b"SE", kind[0].encode(), kind[1].encode(), n_bytes, sequence, len(coded)) + coded


class Frames:
    """Takes bytes as they come and gives the packets that are whole."""

    def __init__(self, version: int) -> None:
        self.version = version
        self._rest = b""

    def feed(self, content: bytes) -> list[Frame]:
        """Take some bytes, give the packets they complete.

        Raises:
            NetworkError: what stands where a packet should begin is none.

        >>> Frames(4).feed(head4("2D", 7, station="XX_A", n_bytes=2) + b"ab")
        [Frame(kind='2D', sequence=7, station='XX_A', payload=b'ab')]
        """
        content = self._rest + content if self._rest else content
        found: list[Frame] = []
        at, one = 0, self._one4 if self.version == 4 else self._one3
        while True:
            frame, size = one(content, at)
            if frame is None:
                break
            found.append(frame)
            at += size
        self._rest = content[at:]
        return found

    def _one4(self, content: bytes, at: int) -> tuple[Frame | None, int]:
        if len(content) - at < HEAD4:
            return self._word(content, at)
        mark, form, sub, n_bytes, sequence, n_name = _HEAD4.unpack_from(content, at)
        if mark != b"SE":
            return self._word(content, at)
        if n_bytes > MOST_PAYLOAD:
            raise nonsense(f"a packet of {n_bytes} bytes", f"none is longer than {MOST_PAYLOAD}")
        first = at + HEAD4 + n_name
        if len(content) < first + n_bytes:
            return None, 0
        station = content[at + HEAD4 : first].decode("ascii", "replace")
        kind = (form + sub).decode("ascii", "replace")
        return Frame(kind, sequence, station, content[first : first + n_bytes]), first - at + n_bytes

    def _one3(self, content: bytes, at: int) -> tuple[Frame | None, int]:
        if len(content) - at < 8:
            return self._word(content, at)
        head = content[at : at + 8]
        if head[:2] != b"SL":
            return self._word(content, at)
        if len(content) < at + 8 + RECORD3:
            return None, 0
        record = content[at + 8 : at + 8 + RECORD3]
        if head[2:6] == b"INFO":
            return Frame("info*" if head[7:8] == b"*" else "info", 0, "", record), 8 + RECORD3
        try:
            return Frame("2D", int.from_bytes(bytes.fromhex(head[2:].decode("ascii"))), "", record), 8 + RECORD3
        except ValueError:
            raise nonsense(f"packet header {head!r}", "its sequence is not hexadecimal") from None

    def _word(self, content: bytes, at: int) -> tuple[Frame | None, int]:
        """``END`` and ``ERROR`` stand where a packet could begin; nothing else does."""
        left = content[at : at + 8]
        if left[:3] == b"END":
            return Frame("end", 0, "", b""), 5 if left[3:5] == b"\r\n" else 3
        if left[:5] == b"ERROR":
            line = content[at:].partition(b"\n")[0]
            return Frame("error", 0, "", line.strip()), min(len(line) + 1, len(content) - at)
        mark = b"SE" if self.version == 4 else b"SL"
        if left[:2] == mark[: len(left)] or (len(left) < 5 and (b"END".startswith(left) or b"ERROR".startswith(left))):
            return None, 0
        raise nonsense(f"{left!r} where a packet should begin", "a packet begins with SL or SE")


def nonsense(value: str, rule: str) -> NetworkError:
    """The error about a server that does not speak SeedLink."""
    return NetworkError(value, rule, "check that the server speaks SeedLink")
