"""A real server of the FDSN web services on loopback, for tests. Knows nothing of what is asked of it.

Imported as ``fdsn_made`` (see `tests/conftest.py`).
"""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import numpy as np
from obspy import Trace, UTCDateTime
from obspy.core.inventory import Channel, Inventory, Network, Station
from obspy.core.inventory.response import InstrumentSensitivity, Response

NAMES = "network station location channel starttime endtime"
WADL = (
    '<?xml version="1.0"?><application xmlns="http://wadl.dev.java.net/2009/02">'
    '<resources base="{base}"><resource path="">'
    '<resource path="query"><method name="GET" id="query"><request>{params}</request></method></resource>'
    '<resource path="version"><method name="GET"/></resource></resource></resources></application>'
)


class Server:
    """A small fdsnws with three channels; `spoil` may change what one waveform request gets.

    `stations` and `samples` may be others': StationXML, and miniSEED by request (None: no data).
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.spoil: Callable[[BaseHTTPRequestHandler, str, bytes], bool] | None = None
        self.empty: set[str] = set()
        self.codes: tuple[str, ...] = ("HHE", "HHN", "HHZ")
        self.wadl = b""
        self.stations: Callable[[], bytes] = lambda: stationxml(self.codes)
        self.samples: Callable[[dict[str, str]], bytes | None] = waveform
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.httpd.server_address[1]}"
        self.thread = threading.Thread(target=self.httpd.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.httpd.shutdown()
        self.httpd.server_close()
        self.thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlparse(handler.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path.endswith("application.wadl"):
            kind, names = ("station", f"{NAMES} level") if "station" in url.path else ("dataselect", NAMES)
            params = "".join(f'<param name="{name}" style="query" type="xs:string"/>' for name in names.split())
            send(handler, 200, self.wadl or WADL.format(params=params, base=kind).encode())
        elif url.path == "/fdsnws/station/1/query":
            self.asked["station"] += 1
            if query["network"] == "ZZ":
                send(handler, 204, b"")
            else:
                send(handler, 200, self.stations())
        elif url.path == "/fdsnws/dataselect/1/query":
            key = f"{query['channel']} {query['starttime'][11:13]}"
            self.asked[key] += 1
            content = self.samples(query)
            if content is None or key in self.empty:
                send(handler, 204, b"")
            elif self.spoil is None or not self.spoil(handler, key, content):
                send(handler, 200, content)
        else:
            send(handler, 404, b"no such service")


def send(handler: BaseHTTPRequestHandler, code: int, content: bytes, *, claimed: int | None = None) -> None:
    handler.send_response(code)
    handler.send_header("Content-Length", str(len(content) if claimed is None else claimed))
    handler.end_headers()
    handler.wfile.write(content)


def stationxml(codes: tuple[str, ...]) -> bytes:
    response = Response(instrument_sensitivity=InstrumentSensitivity(1e6, 1.0, "M/S", "COUNTS"))
    channels = [
        Channel(code, "", 30.0, 100.0, 0.0, 0.0, azimuth, dip, start_date=UTCDateTime(2019, 1, 1), response=response)
        for code, azimuth, dip in zip(codes, (90.0, 0.0, 0.0), (0.0, 0.0, -90.0), strict=False)
    ]
    content = io.BytesIO()
    station = Station("AAA", 30.0, 100.0, 0.0, channels=channels)
    Inventory([Network("XX", stations=[station])], source="test").write(content, format="STATIONXML")
    return content.getvalue()


def waveform(query: dict[str, str]) -> bytes:
    start, end = UTCDateTime(query["starttime"]), UTCDateTime(query["endtime"])
    data = (np.arange(round((end - start) * 10)) + ord(query["channel"][-1])).astype(np.int32)
    location = query["location"].replace("--", "")
    header = {"network": query["network"], "station": query["station"], "location": location, "starttime": start}
    content = io.BytesIO()
    Trace(data, {**header, "channel": query["channel"], "sampling_rate": 10.0}).write(content, "MSEED", reclen=512)
    return content.getvalue()
