"""Accounts: who may read from a server, by name and password. Knows no protocol. Passwords are kept only as digests."""

from __future__ import annotations

import hmac
from hashlib import sha256
from pathlib import Path

from foreshock.errors import ConfigError, NotFoundError

MOST_BYTES = 1 << 20


class Accounts:
    """Names and the digests of their passwords.

    >>> known = Accounts({"ann": "sesame"})
    >>> known.knows("ann", "sesame"), known.knows("ann", "Sesame"), known.knows("bob", "sesame")
    (True, False, False)
    """

    def __init__(self, passwords: dict[str, str]) -> None:
        self._digests = {name: sha256(word.encode()).digest() for name, word in passwords.items()}

    def knows(self, name: str, password: str) -> bool:
        """Whether a name has this password, in a time that does not tell how much of it was right."""
        held = self._digests.get(name, bytes(32))
        return hmac.compare_digest(held, sha256(password.encode()).digest()) and name in self._digests


def read_accounts(path: Path) -> Accounts:
    """Read a file of lines ``name password``.

    Raises:
        NotFoundError: there is no such file.
        ConfigError: a line is not a name and a password, or there is none.
    """
    try:
        content = path.read_text("utf-8")[:MOST_BYTES]
    except (OSError, UnicodeDecodeError) as error:
        raise NotFoundError(f"accounts {path}", f"they cannot be read ({error})", "give a text file") from error
    passwords: dict[str, str] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            name, _, password = line.strip().partition(" ")
            if not password or " " in password:
                raise ConfigError(f"line {number} of {path}", "it is not a name and a password", "write: ann sesame")
            passwords[name] = password
    if not passwords:
        raise ConfigError(f"accounts {path}", "they hold no name", "write lines of a name and a password")
    return Accounts(passwords)
