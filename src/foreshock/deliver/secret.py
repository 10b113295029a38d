"""Secrets: keys and tokens from a file or the environment, never from a command line. Knows nothing of their use."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from foreshock.errors import ConfigError
from foreshock.types.authority import Keys

MOST_BYTES = 4096
SHORTEST = 16
"""Bytes of the shortest secret that is one."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A key or token that does not show itself when printed.

    >>> Secret(b"correct horse battery")
    Secret()
    """

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not SHORTEST <= len(self.value) <= MOST_BYTES or b"\n" in self.value:
            raise ConfigError(
                f"a secret of {len(self.value)} bytes", f"it is one line of {SHORTEST} to {MOST_BYTES}", "make another"
            )


def read_secret(where: str) -> Secret:
    """Read a secret from ``file:PATH`` or ``env:NAME``; white space around it is left away.

    Raises:
        ConfigError: there is none, it is too short, others may read the file, or `where` is the secret itself.
    """
    kind, _, name = where.partition(":")
    if kind == "file" and name:
        return Secret(_from_file(Path(name)).strip())
    if kind == "env" and name:
        if name not in os.environ:
            raise ConfigError(f"secret env:{name}", "there is no such variable", "set it, or use file:PATH")
        return Secret(os.environ[name].strip().encode())
    raise ConfigError("a secret", "it is told as file:PATH or env:NAME, not as itself", "put it into a file")


def read_keys(folder: Path) -> Keys:
    """Read the signers' keys of a folder: `NAME.key` is NAME's, for `foreshock.types.authority.Duty`.

    Raises:
        ConfigError: the folder cannot be read, holds no key, or a key is none or open to others.
    """
    try:
        paths = sorted(folder.glob("*.key"))
    except OSError as error:
        raise ConfigError(
            f"keys in {folder}", f"they cannot be listed ({error.strerror})", "correct the path"
        ) from error
    if not paths:
        raise ConfigError(f"keys in {folder}", "there is no NAME.key", "give the folder of the signers' keys")
    return Keys({path.stem: read_secret(f"file:{path}").value for path in paths})


def _from_file(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            mode = os.fstat(handle.fileno()).st_mode
            content = handle.read(MOST_BYTES + 2)
    except OSError as error:
        raise ConfigError(f"secret file:{path}", f"it cannot be read ({error.strerror})", "correct the path") from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"secret file:{path}", "others than its owner may open it", f"chmod 600 {path}")
    return content
