"""Results on disk: a folder claimed for one run, files that are whole or absent. Knows nothing of their content."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
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
    """Write a UTF-8 text file whole or not at all (see `whole_file`); what `sayable` cannot say is a question mark."""
    write_bytes(path, content.encode("utf-8", "replace"))


def sayable(name: str) -> str:
    """A name as UTF-8 can say it: bytes of a file's name that are no UTF-8 become question marks.

    >>> sayable("caf\udce9"), sayable("地震")
    ('caf?', '地震')
    """
    return name.encode("utf-8", "replace").decode("utf-8")


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
def claimed_folder(out: Path, *, resume: bool = False, keep: Sequence[str] = ("*",)) -> Iterator[Path]:
    """Hold `out` for one run: nobody else may write into it, and it must be new, empty or resumable.

    A folder is resumable while the mark of an unfinished run lies in it; the mark goes when the block ends well.

    Args:
        out: the folder.
        resume: go on where the mark of an unfinished run lies.
        keep: patterns of what a later run can go on from; a run that fails and left none of it leaves nothing at all.

    Raises:
        OutputError: `out` is a file, holds finished results, is in use, or cannot be written to.
    """
    mark = out / UNFINISHED_NAME
    with explained(out):
        _check_free(out, mark, resume=resume, resumable=bool(keep))
        fresh = not out.exists()
    try:
        with locked_folder(out):
            with explained(mark):
                mark.touch()
            try:
                yield out
            except BaseException:
                if not any(True for pattern in keep for _ in out.glob(pattern)):
                    _empty(out)
                raise
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
        fresh = not out.exists()
        out.mkdir(parents=True, exist_ok=True)
        lock = _lock(out)
    try:
        yield out
    finally:
        with contextlib.suppress(OSError):
            (out / LOCK_NAME).unlink()
        lock.close()
        if fresh:
            with contextlib.suppress(OSError):  # not empty: something was written
                out.rmdir()


def _empty(out: Path) -> None:
    """Remove what a run wrote into a folder that was its own; the lock stays."""
    for item in out.iterdir():
        if item.is_dir() and not item.is_symlink():
            shutil.rmtree(item, ignore_errors=True)
        elif item.name != LOCK_NAME:
            with contextlib.suppress(OSError):
                item.unlink()


def _check_free(out: Path, mark: Path, *, resume: bool, resumable: bool) -> None:
    if out.exists() and not out.is_dir():
        raise OutputError(f"--out {out}", "it is a file, not a folder", "choose another name")
    if not out.exists() or (resume and mark.exists()):
        return
    held = [item.name for item in out.iterdir() if item.name not in (LOCK_NAME, UNFINISHED_NAME)]
    if held and mark.exists():
        remedy = "add --resume" if resumable else "remove it"
        raise OutputError(f"--out {out}", "it holds an unfinished run", f"{remedy} or choose another folder")
    if held:
        raise OutputError(f"--out {out}", f"it already holds {min(held)}", "choose a new or empty folder")


def _lock(out: Path) -> Any:
    """Take the folder's lock; the operating system lets it go when this process ends, however it ends.

    A lock that its holder removed between our opening and taking it guards nothing: then we begin again.
    """
    while True:
        handle = _taken(out)
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), (out / LOCK_NAME).stat()):
                return handle
        handle.close()


def _taken(out: Path) -> Any:
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
