"""Address: where a name leads on the network, and whether that is this machine. Knows no alert and sends nothing."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from foreshock.errors import InputError, NetworkError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert goes: a file (no address) or one address, which is dialled as it stands.

    >>> Place("127.0.0.1", 80).is_local, Place("192.0.2.1", 80).is_local, Place().is_local
    (True, False, True)
    """

    address: str = ""
    port: int = 0

    @property
    def is_file(self) -> bool:
        """Whether nobody listens at the other end: a file or standard output."""
        return not self.address

    @property
    def is_local(self) -> bool:
        """Whether it is a file or a loopback address of this machine."""
        return self.is_file or true_address(self.address).is_loopback


def true_address(text: str) -> IPAddress:
    """Read an address; one of IPv4 that is wrapped in IPv6 (mapped, 6to4, NAT64) is unwrapped.

    >>> true_address("::ffff:10.0.0.1").is_private
    True
    """
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


def resolved(host: str, port: int, *, allow_private: bool = False, turn: int = 0) -> Place:
    """Look a host up once; what comes back is what is to be dialled.

    Every address the name has is judged, and one is taken, by `turn` the first, the second and so on: a name that
    leads outside and to this network at once is refused.

    Raises:
        NetworkError: the name leads nowhere.
        InputError: it leads to a private, loopback, link-local or reserved address and that was not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NetworkError(f"host {host[:200]!r}", f"it was not found ({error})", "correct the name") from error
    addresses = [str(item[4][0]) for item in found]
    if not allow_private:
        for address in addresses:
            true = true_address(address)
            if not true.is_global or true.is_multicast:
                raise InputError(
                    f"host {host[:200]!r} is {address}", "it is a private or local address", "allow it by name if meant"
                )
    return Place(addresses[turn % len(addresses)], port)
