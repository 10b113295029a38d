"""Append: a file to which whole lines are added, and nothing else is done. Knows nothing of what lines say."""

from __future__ import annotations

import os
from pathlib import Path

from foreshock.errors import InputError, OutputError
from foreshock.outputs import explained

LONGEST_LINE = 1 << 24
"""Bytes of a line that is still written and read."""


class LineFile:
    """A file of lines, open for adding; a line that could not be written whole is taken back.

    What a crash left of a last line is cut off when the file is opened, and kept in `torn`.

    Raises:
        OutputError: it is no plain file or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with explained(path):
            if path.exists() and not path.is_file():
                raise OutputError(f"{path}", "it is no plain file", "choose another name")
            self._file = path.open("a+b", buffering=0)
            try:
                self.torn = self._cut()
            except BaseException:
                self._file.close()
                raise

    def _cut(self) -> bytes:
        """Cut what follows the last end of a line, if anything does, and give it."""
        end = self._file.seek(0, os.SEEK_END)
        start = self._file.seek(max(0, end - LONGEST_LINE))
        tail = self._file.read(end - start) or b""
        cut = tail.rfind(b"\n") + 1
        if cut < len(tail):
            self._file.truncate(start + cut)
        return tail[cut:]

    def add(self, line: bytes) -> None:
        """Add one line; it has left this process when this returns.

        Raises:
            InputError: it is too long. OutputError: the disk is full or gone.
        """
        if len(line) >= LONGEST_LINE or b"\n" in line:
            raise InputError(
                f"a line of {len(line)} bytes for {self._path}", f"at most {LONGEST_LINE}, on one line", "tell less"
            )
        with explained(self._path):
            before = self._file.seek(0, os.SEEK_END)
            try:
                written = self._file.write(line + b"\n")
            except OSError:
                written = -1
                raise
            finally:
                if written != len(line) + 1:
                    self._file.truncate(before)
            if written != len(line) + 1:
                raise OutputError(f"cannot write {self._path}", "the disk is full", "free space")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
