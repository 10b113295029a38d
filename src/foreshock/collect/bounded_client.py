"""Bounded client: ObsPy's FDSN client with an end to how much a server may send. Knows no requests and no files.

Answers are asked for plain: ObsPy would unpack a compressed one whole, however large it is inside.
"""

from __future__ import annotations

from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import BaseHandler

from obspy.clients.fdsn import Client
from obspy.clients.fdsn.header import FDSNRequestTooLargeException

MOST_BYTES = 2 * 2**30
"""A day of one channel at 1 kHz takes a fifth of this, uncompressed."""


class TooLongError(FDSNRequestTooLargeException, URLError):  # type: ignore[misc]
    """A server sends more than it may.

    It is both what a request that will never fit raises and what ObsPy's threads of discovery catch.
    """


class BoundedClient(Client):  # type: ignore[misc]
    """A client that refuses answers of more than `most_bytes`."""

    def __init__(self, base_url: str, *, most_bytes: int, **told: Any) -> None:
        self.most_bytes = most_bytes
        super().__init__(base_url, use_gzip=False, **told)

    def _set_opener(self, user: str | None, password: str | None) -> None:
        super()._set_opener(user, password)
        self._url_opener.add_handler(_Bound(self.most_bytes))


class _Bound(BaseHandler):
    """Puts an end to what `read` of a response gives."""

    handler_order = 900

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes

    def http_response(self, request: Any, response: Any) -> Any:
        """Take the place of the response's `read`."""
        whole = response.read

        def read() -> bytes:
            try:
                return self._read(response, whole)
            except HTTPException as error:
                raise URLError(f"the answer broke off ({error})") from error
            finally:
                response.close()  # the response holds itself through its new `read`: nothing else would close it

        response.read = read
        return response

    https_response = http_response

    def _read(self, response: Any, whole: Any) -> bytes:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise TooLongError("the answer is compressed although it was asked for plain")
        promised = response.length  # None where the server tells none, or none that is a number
        if promised is not None and promised > self.most_bytes:
            raise TooLongError(f"the answer has {promised} bytes, more than {self.most_bytes}")
        content: bytes = whole(self.most_bytes + 1) if promised is None else whole()  # the latter sees a cut answer
        if len(content) > self.most_bytes:
            raise TooLongError(f"the answer has more than {self.most_bytes} bytes")
        return content
