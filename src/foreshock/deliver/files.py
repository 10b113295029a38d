"""Alerts into files and standard output, which every clock may do. Knows no format: who makes it says how to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from foreshock.deliver.address import Place
from foreshock.deliver.append import LONGEST_LINE, LineFile
from foreshock.deliver.endpoint import Endpoint
from foreshock.deliver.lines import line, read_lines
from foreshock.outputs import explained, write_bytes
from foreshock.types.alert import Alert

NAME = "alerts.jsonl"


class Files(Endpoint):
    """A folder with `alerts.jsonl`, to which a line is added for each message, and a folder for each further format.

    `formats` names them and says how an alert is written: ``{"cap": lambda alert: cap_bytes(alert, settings)}`` makes
    `cap/MESSAGE_ID.xml`. The line comes last: a message with a line has all its files. Nothing is ever taken away; a
    withdrawn alert stays, and its cancellation follows it.

    Raises:
        FormatError: the folder has an `alerts.jsonl` that is none. OutputError: it cannot be written.
    """

    is_file = True

    def __init__(self, folder: Path, *, formats: Mapping[str, Callable[[Alert], bytes]] | None = None) -> None:
        self.name = "files"
        self._folder = folder
        self._formats = dict(formats or {})
        self._path = folder / NAME
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            for name in self._formats:
                (folder / name).mkdir(exist_ok=True)
        self._lines = LineFile(self._path)
        try:
            self._told = self._already()
        except BaseException:
            self._lines.close()
            raise

    def _already(self) -> set[str]:
        """Ids of what an earlier run has told."""
        with self._path.open(encoding="utf-8", errors="replace", newline="\n") as handle:
            return {str(row["message_id"]) for row in read_lines(iter(lambda: handle.readline(LONGEST_LINE), ""))}

    def place(self) -> Place:
        """Say that it is files."""
        return Place()

    def deliver(self, alert: Alert, place: Place) -> None:
        """Write the files of an alert and then its line, unless that is there."""
        if alert.message_id in self._told:
            return
        for name, written in self._formats.items():
            write_bytes(self._folder / name / f"{_file_name(alert)}.xml", written(alert))
        self._lines.add(line(alert).encode())
        self._told.add(alert.message_id)

    def close(self) -> None:
        """Let go of the file."""
        self._lines.close()


def _file_name(alert: Alert) -> str:
    """The message's id; a colon has a meaning in names on some systems."""
    return alert.message_id.replace(":", "_")


class Lines(Endpoint):
    """Lines into a stream of text that is open already, such as standard output."""

    is_file = True

    def __init__(self, stream: IO[str], *, name: str = "stdout") -> None:
        self.name = name
        self._stream = stream

    def place(self) -> Place:
        """Say that nobody listens."""
        return Place()

    def deliver(self, alert: Alert, place: Place) -> None:
        """Write one line."""
        with explained(Path(self.name)):
            self._stream.write(line(alert) + "\n")
            self._stream.flush()
