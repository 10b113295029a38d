"""Files from anywhere, looked at before they are read: there, plain, and not too large. Knows no format."""

from __future__ import annotations

from pathlib import Path

from foreshock.errors import FormatError, NotFoundError


def checked_file(path: Path, *, what: str, most_bytes: int) -> None:
    """See that a path is a plain, readable file of at most so many bytes.

    Raises:
        NotFoundError: it is not there or cannot be read. FormatError: it is too large.
    """
    try:
        if not path.is_file():
            raise NotFoundError(what, "there is no such file", "correct the path")
        if path.stat().st_size > most_bytes:
            raise FormatError(
                what, f"it has {path.stat().st_size} bytes, of which at most {most_bytes} are read", "split it"
            )
        with path.open("rb"):
            return
    except (OSError, ValueError) as error:
        if isinstance(error, NotFoundError | FormatError):
            raise
        raise NotFoundError(what, "it cannot be read", "correct the path or its rights") from error
