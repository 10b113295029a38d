"""Settings: what a SeedLink server and a client can be told. Knows no sockets."""

from __future__ import annotations

import ipaddress
from typing import Literal

from pydantic import Field

from foreshock.config import Settings
from foreshock.errors import ConfigError


class ServerSettings(Settings):
    """What a server can be told.

    Attributes:
        host, port: where it listens; port 0 takes a free one. is_exposed: others than this machine may come.
        most_clients: more are turned away. stalled_s: a client whose line is full for so long is let go.
        handshake_s: a client that has not asked for data or INFO for so long is let go.
        turn_bytes: what one client is given before the others have their turn. line_bytes: what waits on its line.
        organization: second line of HELLO.
    """

    host: str = "127.0.0.1"
    port: int = 18000
    is_exposed: bool = False
    most_clients: int = 500
    stalled_s: float = 60.0
    handshake_s: float = 120.0
    turn_bytes: int = 1 << 17
    line_bytes: int = 1 << 18
    organization: str = "Foreshock relay"


class ClientSettings(Settings):
    """What a client can be told.

    Attributes:
        protocol: version; the highest that the server speaks where None. begin: from what comes next, or from all that
            the server holds. start_ns, end_ns: only data of this time. is_dialup: end where the server's ring ends.
        connect_s: how long connecting and the talk before the data may take. keepalive_s: after such a silence the
            server is asked whether it is there; after another it is held for dead. stale_s: silence that is told.
        gather_s: rest after each look at the line; what comes meanwhile is decoded together, at a fraction of the cost.
        retry_s, most_retry_s: the first wait before connecting again, doubled each time up to the second.
        most_retries: failures in a row after which it gives up; never where None.
    """

    protocol: Literal[3, 4] | None = None
    begin: Literal["next", "all"] = "next"
    start_ns: int | None = None
    end_ns: int | None = None
    is_dialup: bool = False
    connect_s: float = Field(default=15.0, gt=0)
    keepalive_s: float = Field(default=30.0, gt=0)
    stale_s: float = Field(default=10.0, gt=0)
    gather_s: float = Field(default=0.005, ge=0)
    retry_s: float = Field(default=1.0, gt=0)
    most_retry_s: float = Field(default=60.0, gt=0)
    most_retries: int | None = Field(default=None, ge=0)


def check_exposure(host: str, *, is_exposed: bool) -> None:
    """Refuse an address that others than this machine can reach, unless that was asked for.

    Raises:
        ConfigError: it is one.

    >>> check_exposure("127.0.0.1", is_exposed=False)
    """
    try:
        own = ipaddress.ip_address(host).is_loopback
    except ValueError:
        own = host == "localhost"
    if not own and not is_exposed:
        raise ConfigError(
            f"--host {host}", "others than this machine could read there", "use 127.0.0.1, or say --expose"
        )
