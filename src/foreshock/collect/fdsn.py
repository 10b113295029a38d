"""FDSN: waveforms and station files from a web service, resumable and checked. Knows no archives and no labels.

What lies in the folder afterwards: ``stations.xml``, ``waveforms/NET.STA.LOC.CHA__START__END.mseed`` and
``manifest.json`` with the request, the SHA-256 of every file, the spans without data and those that failed. A second
call with the same request fetches only what is missing or whose checksum no longer fits.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, TypeAlias
from urllib.error import URLError

from obspy import UTCDateTime
from obspy.clients.fdsn.header import (
    FDSNBadRequestException,
    FDSNException,
    FDSNForbiddenException,
    FDSNInvalidRequestException,
    FDSNNoDataException,
    FDSNNotImplementedException,
    FDSNRedirectException,
    FDSNRequestTooLargeException,
    FDSNUnauthorizedException,
)

from foreshock.clock import NS_PER_S, Clock, iso_utc
from foreshock.collect.bounded_client import MOST_BYTES, BoundedClient
from foreshock.collect.manifest import STATIONS_NAME, Manifest, Request, check_bytes
from foreshock.collect.stations import parse_stationxml
from foreshock.errors import (
    ForeshockError,
    FormatError,
    NetworkError,
    NothingMatchedError,
)
from foreshock.outputs import explained, write_bytes

FdsnClient: TypeAlias = Any
"""An ``obspy.clients.fdsn.Client``; ObsPy has no annotations."""

SPAN_S = 86_400.0
RETRIES = 4
FIRST_WAIT_S = 2.0
TIMEOUT_S = 60.0
SAVE_EVERY = 20
"""The manifest is written after this many files, and always at the end; files not yet in it are checked again."""
_FINAL = (
    FDSNBadRequestException,
    FDSNForbiddenException,
    FDSNInvalidRequestException,
    FDSNNotImplementedException,
    FDSNRedirectException,
    FDSNRequestTooLargeException,
    FDSNUnauthorizedException,
)
"""Answers that another try will not change."""
_PASSING = (FDSNException, HTTPException, URLError, OSError, EOFError, ForeshockError)
_CODE = re.compile(r"[A-Za-z0-9_-]{0,8}")


@dataclass(eq=False)
class Download:
    """What came of a download.

    Attributes:
        files: every waveform file of the request now in the folder.
        fetched: how many of them this call brought.
        skipped: spans without data or that failed, each with its reason.
        stations: the station file.
        manifest: the manifest.
    """

    files: list[Path] = field(default_factory=list)
    fetched: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    stations: Path = Path()
    manifest: Path = Path()


def download(
    base_url: str,
    out: Path | str,
    *,
    network: str,
    station: str,
    location: str = "*",
    channel: str,
    start_ns: int,
    end_ns: int,
    clock: Clock,
    span_s: float = SPAN_S,
    retries: int = RETRIES,
    timeout_s: float = TIMEOUT_S,
    most_bytes: int = MOST_BYTES,
    progress: Callable[[int, int], None] | None = None,
) -> Download:
    """Fetch station metadata and waveforms into a folder; call again to go on after an interruption.

    A span that fails is tried `retries` times more, with waits of 2, 4, 8 … seconds on the `clock`; it is then left out
    with its reason, and tried again by the next call. A span whose answer is longer than `most_bytes` is left out at
    once. `progress` is told how many of how many spans are done.

    Raises:
        InputError: the request is impossible, or the folder holds another request's download.
        NetworkError: the server cannot be reached, refuses the request, or every span failed.
        NothingMatchedError: the server has no such channels, or no data for any span.
        OutputError: the folder cannot be written to.
    """
    request = Request(base_url, network, station, location, channel, start_ns, end_ns, span_s)
    out = Path(out)
    with explained(out):
        (out / "waveforms").mkdir(parents=True, exist_ok=True)
    manifest = Manifest.open(out, request)
    line = _Line(request, clock=clock, retries=retries, timeout_s=timeout_s, most_bytes=most_bytes)
    try:
        _fetch_stations(out, manifest, line)
        spans = list(_spans(out, request))
        for done, (seed_id, low, high) in enumerate(spans):
            _fetch_span(manifest, line, seed_id, low, high)
            if progress is not None:
                progress(done + 1, len(spans))
    finally:
        manifest.save()
    return _outcome(manifest)


def _outcome(manifest: Manifest) -> Download:
    result = Download(
        files=[manifest.out / name for name in manifest.files if name != STATIONS_NAME],
        fetched=manifest.fetched,
        skipped=[*manifest.no_data.items(), *manifest.failed.items()],
        stations=manifest.out / STATIONS_NAME,
        manifest=manifest.path,
    )
    if result.files:
        return result
    server = f"server {manifest.request.base_url}"
    if manifest.failed:
        name, reason = next(iter(manifest.failed.items()))
        raise NetworkError(
            server, f"all {len(manifest.failed)} spans with data failed (first: {name}: {reason})", "try again later"
        )
    raise NothingMatchedError(server, "it has no data for any span of the request", "ask for other times or channels")


# -- the server --------------------------------------------------------------------------------------------------------


class _Line:
    """The line to a server: connects when first needed, tries again after waiting."""

    def __init__(self, request: Request, *, clock: Clock, retries: int, timeout_s: float, most_bytes: int) -> None:
        self.request, self.clock, self.retries = request, clock, retries
        self.timeout_s, self.most_bytes = timeout_s, most_bytes
        self._client: FdsnClient | None = None

    def client(self) -> FdsnClient:
        """The server, whose description is read when first needed.

        Raises:
            FDSNException: it cannot be reached.
            FormatError: its description cannot be read.
        """
        if self._client is None:
            self._client = self._connect()
        return self._client

    def _connect(self) -> FdsnClient:
        url = self.request.base_url.rstrip("/")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return BoundedClient(
                    url,
                    most_bytes=self.most_bytes,
                    timeout=self.timeout_s,
                    user_agent="foreshock",
                    service_mappings={"event": None},
                )
            except _PASSING:
                raise
            except Exception as error:  # ObsPy's reader of descriptions raises whatever its parser meets
                raise FormatError(
                    f"server {url}", "it does not describe its services", "give the address before /fdsnws"
                ) from error

    def fetch(self, ask: Callable[[FdsnClient, io.BytesIO], object], check: Callable[[bytes], None]) -> bytes:
        """Ask, check the answer, and ask again after a wait while it fails for a reason that may pass.

        Raises:
            FDSNNoDataException: the server has nothing there.
            NetworkError: it failed for good; the rule says why.
        """
        for attempt in range(self.retries + 1):
            try:
                answer = io.BytesIO()
                ask(self.client(), answer)
                check(answer.getvalue())
                return answer.getvalue()
            except FDSNNoDataException:
                raise
            except _FINAL as error:
                raise self._failure(error) from error
            except _PASSING as error:
                if attempt == self.retries:
                    raise self._failure(error) from error
                self.clock.sleep_until(self.clock.now_ns() + round(FIRST_WAIT_S * 2**attempt * NS_PER_S))
        raise self._failure(None)

    def _failure(self, error: BaseException | None) -> NetworkError:
        if isinstance(error, ForeshockError):
            reason = f"it answered what cannot be used: {error.rule}"
        else:
            lines = str(error).strip().splitlines()
            reason = f"it failed ({lines[0][:200].rstrip('.') if lines else type(error).__name__})"
        return NetworkError(f"server {self.request.base_url}", reason, "check the request, or try again later")


def _fetch_stations(out: Path, manifest: Manifest, line: _Line) -> None:
    if manifest.holds(STATIONS_NAME):
        return
    asked = line.request

    def ask(client: FdsnClient, answer: io.BytesIO) -> None:
        client.get_stations(
            network=asked.network,
            station=asked.station,
            location=_dashes(asked.location),
            channel=asked.channel,
            starttime=UTCDateTime(ns=asked.start_ns),
            endtime=UTCDateTime(ns=asked.end_ns),
            level="response",
            filename=answer,
        )

    def check(content: bytes) -> None:
        parse_stationxml(content, where="the server's answer")

    try:
        content = line.fetch(ask, check)
    except FDSNNoDataException as error:
        raise NothingMatchedError(
            f"server {asked.base_url}",
            f"it knows no channel {asked.network}.{asked.station}.{asked.location}.{asked.channel} at that time",
            "ask for other codes or times",
        ) from error
    write_bytes(out / STATIONS_NAME, content)
    manifest.take_in(STATIONS_NAME)
    manifest.save()  # a folder without it counts as somebody else's


def _dashes(location: str) -> str:
    """An empty location is asked for as ``--`` (FDSN web services 1.2)."""
    return location or "--"


def _spans(out: Path, request: Request) -> Iterator[tuple[str, int, int]]:
    """Every channel the server knows, span by span, within its epochs."""
    inventory = parse_stationxml((out / STATIONS_NAME).read_bytes(), where=f"station file {out / 'stations.xml'}")
    epochs: dict[str, list[tuple[int, int]]] = {}
    for network in inventory:
        for station in network:
            for channel in station:
                codes = (network.code, station.code, channel.location_code, channel.code)
                if not all(_CODE.fullmatch(code) for code in codes):
                    raise FormatError(
                        f"channel {'.'.join(codes)!r} of the server's station file",
                        "its codes are no letters and digits (at most 8), and they become file names",
                        "leave it out of the request, and tell the server's operator",
                    )
                low = request.start_ns if channel.start_date is None else int(channel.start_date.ns)
                high = request.end_ns if channel.end_date is None else int(channel.end_date.ns)
                epochs.setdefault(".".join(codes), []).append((low, high))
    step = round(request.span_s * NS_PER_S)
    for low in range(request.start_ns, request.end_ns, step):
        high = min(low + step, request.end_ns)
        for seed_id, known in sorted(epochs.items()):
            if any(begin < high and end > low for begin, end in known):
                yield seed_id, low, high


def _fetch_span(manifest: Manifest, line: _Line, seed_id: str, low: int, high: int) -> None:
    name = f"waveforms/{seed_id}__{_compact(low)}__{_compact(high)}.mseed"
    if name in manifest.no_data or manifest.holds(name):
        return
    network, station, location, channel = seed_id.split(".")

    def ask(client: FdsnClient, answer: io.BytesIO) -> None:
        times = (UTCDateTime(ns=low), UTCDateTime(ns=high))
        client.get_waveforms(network, station, _dashes(location), channel, *times, filename=answer)

    try:
        content = line.fetch(ask, lambda content: check_bytes(name, content))
    except FDSNNoDataException:
        manifest.no_data[name] = "the server has no data there"
    except NetworkError as error:
        manifest.failed[name] = error.rule
    else:
        write_bytes(manifest.out / name, content)
        manifest.take_in(name)
        manifest.fetched += 1
        if manifest.fetched % SAVE_EVERY == 0:
            manifest.save()


def _compact(time_ns: int) -> str:
    return re.sub(r"[-:]", "", iso_utc(time_ns)).replace(".000000", "")
