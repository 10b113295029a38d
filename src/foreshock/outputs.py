"""Results on disk: a folder claimed for one run, files that are whole or absent. Knows nothing of their content."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foreshock.errors import ForeshockError, OutputError

LOCK_NAME = ".foreshock.lock"
UNFINISHED_NAME = ".foreshock.unfinished"


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Lend a temporary name beside `path`; rename it to `path` when the block ends well, remove it when it does not.

    Raises:
        OutputError: the folder is not there, cannot be written to, or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with explained(path):
            yield temporary
            temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all (see `whole_file`)."""
    with whole_file(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a UTF-8 text file whole or not at all (see `whole_file`)."""
    write_bytes(path, content.encode("utf-8"))


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file whole or not at all; NaN and Infinity are refused."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals inside the block into one sentence about `path`.

    Raises:
        OutputError: anything of the operating system's that stops a write.
    """
    try:
        yield
    except ForeshockError:
        raise
    except OSError as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: OSError) -> OutputError:
    what = f"cannot write {path}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(what, "the disk is full", "free space or choose another --out")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(what, "the folder is read-only", "choose a folder you may write to")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return OutputError(what, "its folder does not exist", "create the folder or correct the path")
    return OutputError(what, f"the system refused ({error.strerror or error})", "choose another --out")


@contextlib.contextmanager
def claimed_folder(out: Path, *, resume: bool = False) -> Iterator[Path]:
    """Hold `out` for one run: nobody else may write into it, and it must be new, empty or resumable.

    A folder is resumable while the mark of an unfinished run lies in it; the mark goes when the block ends well.

    Raises:
        OutputError: `out` is a file, holds finished results, is in use, or cannot be written to.
    """
    mark = out / UNFINISHED_NAME
    _check_free(out, mark, resume=resume)
    fresh = not out.exists()
    try:
        with locked_folder(out):
            with explained(mark):
                mark.touch()
            yield out
            mark.unlink(missing_ok=True)
    finally:
        _forget_if_empty(out, mark, fresh=fresh)


@contextlib.contextmanager
def locked_folder(out: Path) -> Iterator[Path]:
    """Hold `out`, made if need be, so that no other process writes into it; its content is nobody's business here.

    Raises:
        OutputError: `out` is a file, is in use, or cannot be written to.
    """
    with explained(out):
        out.mkdir(parents=True, exist_ok=True)
        lock = _lock(out)
    try:
        yield out
    finally:
        with contextlib.suppress(OSError):
            (out / LOCK_NAME).unlink()
        lock.close()


def _check_free(out: Path, mark: Path, *, resume: bool) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError(f"--out {out}", "it is a file, not a folder", "choose another name")
    if not out.exists() or (resume and mark.exists()):
        return
    held = [item.name for item in out.iterdir() if item.name not in (LOCK_NAME, UNFINISHED_NAME)]
    if held and mark.exists():
        raise OutputError(f"--out {out}", "it holds an unfinished run", "add --resume or choose another folder")
    if held:
        raise OutputError(f"--out {out}", f"it already holds {min(held)}", "choose a new or empty folder")


def _lock(out: Path) -> Any:
    """Take the folder's lock; the operating system lets it go when this process ends, however it ends."""
    handle = (out / LOCK_NAME).open("a+b")
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise OutputError(
            f"--out {out}", "another run is writing into it", "wait for it or choose another folder"
        ) from error
    return handle


def _forget_if_empty(out: Path, mark: Path, *, fresh: bool) -> None:
    """Leave no empty folder behind when a run that made it failed before it wrote anything."""
    if fresh and mark.exists() and [item.name for item in out.iterdir()] == [mark.name]:
        mark.unlink()
        with contextlib.suppress(OSError):
            out.rmdir()
