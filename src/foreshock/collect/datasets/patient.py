"""A file that HDF5 can write to when the disk is full: the failure is kept and told later. Knows no HDF5.

HDF5 cannot close a file whose last writes are refused, and the process may crash. Here a refused write is held in
memory, so that the library closes in peace; whoever writes asks `check` and throws the file away.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any


class PatientFile(io.RawIOBase):
    """A binary file open for writing and reading whose writes never raise.

    Attributes:
        error: the first refusal of the operating system, or None.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._raw = path.open("w+b", buffering=0)
        self._at = 0
        self._held: list[tuple[int, bytes]] = []
        self.error: OSError | None = None

    def check(self) -> None:
        """Raise the first refusal, if there was one."""
        if self.error is not None:
            raise OSError(self.error.errno, self.error.strerror)

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
        super().close()

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read or write begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; the end is that of the file and of what is held."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._end()}[whence]
        self._at = base + offset
        return self._at

    def _end(self) -> int:
        ends = [at + len(data) for at, data in self._held]
        return max([os.fstat(self._raw.fileno()).st_size, *ends])

    def write(self, data: Any) -> int:
        """Write all of `data`, to disk or, after a refusal, to memory."""
        view = memoryview(data).cast("B")
        if self.error is None:
            try:
                self._write(view)
            except OSError as error:
                self.error = error
        if self.error is not None:
            self._held.append((self._at, bytes(view)))
        self._at += len(view)
        return len(view)

    def _write(self, view: memoryview) -> None:
        self._raw.seek(self._at)
        while len(view):
            view = view[self._raw.write(view) :]

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer` what was written, from disk and memory."""
        view = memoryview(buffer).cast("B")
        self._raw.seek(self._at)
        got = self._raw.readinto(view)
        for at, data in self._held:
            low, high = max(at, self._at), min(at + len(data), self._at + len(view))
            if low < high:
                view[low - self._at : high - self._at] = data[low - at : high - at]
                got = max(got, high - self._at)
        self._at += got
        return got

    def truncate(self, size: int | None = None) -> int:
        """Cut or stretch the file."""
        wanted = self._at if size is None else size
        try:
            if self.error is None:
                self._raw.truncate(wanted)
        except OSError as error:
            self.error = error
        return wanted

    def flush(self) -> None:
        """Nothing waits in memory but what was refused."""
