"""FDSN query: an address as people paste it, of a dataselect service, read as a request. Asks no server.

Names are those of "FDSN Web Service Specifications", version 1.2 (https://www.fdsn.org/webservices), long or short.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from foreshock.clock import utc_ns
from foreshock.collect.fdsn import SPAN_S
from foreshock.collect.manifest import Request
from foreshock.errors import ConfigError, nearest

PREFIX = "fdsn:"
SCHEMES = ("http://", "https://")
EXAMPLE = "write https://host/fdsnws/dataselect/1/query?network=XX&station=*&channel=HH?&starttime=…&endtime=…"
_LONG = {
    "net": "network",
    "sta": "station",
    "loc": "location",
    "cha": "channel",
    "start": "starttime",
    "end": "endtime",
}
_NEEDED = ("network", "station", "channel", "starttime", "endtime")
_KNOWN = (*_NEEDED, "location")
_SAME = {"format": ("miniseed", "mseed"), "nodata": ("204", "404")}
"""Parameters that change nothing of what is asked for, with the values they may have."""


def is_query(text: str) -> bool:
    """Whether a text means a server rather than a path.

    >>> is_query("https://host/fdsnws/dataselect/1/query?net=XX"), is_query("fdsn:https://host?net=XX"), is_query("a/b")
    (True, True, False)
    """
    return text.removeprefix(PREFIX).lower().startswith(SCHEMES)


def query_of(text: str, *, span_s: float = SPAN_S) -> Request:
    """Read ``https://host/fdsnws/dataselect/1/query?network=…&starttime=…``, with ``fdsn:`` before it or not.

    What stands before ``/fdsnws`` is the server. Network, station, channel and both times are needed; a location that
    is not there means all.

    Raises:
        ConfigError: a parameter is missing, unknown, empty or doubled, or the address holds a password.
        InputError: a time cannot be read, or the end lies before the beginning.

    >>> query_of("https://host/fdsnws/dataselect/1/query?net=XX&sta=A&cha=HH?&start=2020-01-01&end=2020-01-02").base_url
    'https://host'
    """
    try:
        address = urlsplit(text.removeprefix(PREFIX))
    except ValueError as error:
        raise ConfigError(f"FDSN query {text!r}", f"it is no address ({error})", EXAMPLE) from error
    before, _, service = address.path.partition("/fdsnws/")
    if service and not service.startswith("dataselect/"):
        raise ConfigError(f"FDSN query {text!r}", "it asks no dataselect service, which gives waveforms", EXAMPLE)
    if "@" in address.netloc:
        raise ConfigError(
            "the address of the FDSN query",
            "it holds a user's name or password, which would be written down with the results",
            "take it out; only open data can be asked for",
        )
    server = f"{address.scheme}://{address.netloc}{before.rstrip('/')}"
    told = _parameters(address.query, server)
    return Request(
        server,
        told["network"],
        told["station"],
        _location(told.get("location", "*")),
        told["channel"],
        utc_ns(told["starttime"]),
        utc_ns(told["endtime"]),
        span_s,
    )


def _location(told: str) -> str:
    """Dashes mean an empty code."""
    return "" if told == "--" else told


def _parameters(query: str, server: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for short, value in parse_qsl(query, keep_blank_values=True):
        name = _LONG.get(short.lower(), short.lower())
        if name in _SAME and value.lower() in _SAME[name]:
            continue
        if name not in _KNOWN:
            raise ConfigError(f"{short}={value} in the query to {server}", "it is not known", nearest(name, _KNOWN))
        if name in found or not value.strip():
            raise ConfigError(f"{name} of the query to {server}", "it must stand once and not be empty", "correct it")
        found[name] = value.strip()
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise ConfigError(
            f"the query to {server}",
            f"it says no {missing[0]}",
            EXAMPLE,
        )
    return found
