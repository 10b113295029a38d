"""FDSN: a real server on loopback that answers, stalls, lies and breaks off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from fdsn_made import Server, send, waveform

from foreshock.clock import NS_PER_S, StepClock, utc_ns
from foreshock.collect.fdsn import Download, download
from foreshock.collect.files import read
from foreshock.errors import FormatError, InputError, NetworkError, NothingMatchedError, OutputError

START_NS = utc_ns("2020-01-01T00:00:00Z")
HOUR_NS = 3600 * NS_PER_S


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = Server()
    yield running
    running.close()


def fetch(server: Server, out: Path, **changes: object) -> Download:
    given = {"network": "XX", "station": "*", "location": "", "channel": "HH?", "span_s": 3600.0, "timeout_s": 10.0}
    given |= {"start_ns": START_NS, "end_ns": START_NS + 2 * HOUR_NS, "clock": StepClock(0)}
    return download(server.url, out, **{**given, **changes})  # type: ignore[arg-type]


def test_what_is_fetched_can_be_read_and_is_in_the_manifest(server: Server, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    result = fetch(server, tmp_path / "下载", progress=lambda done, n: told.append((done, n)))
    assert (len(result.files), result.fetched, result.skipped) == (6, 6, [])
    assert told[-1] == (6, 6)
    waves = read(tmp_path / "下载" / "waveforms", stations=result.stations)
    assert [(one.components, one.n_samples) for one in waves] == [("ZNE", 72_000)]
    manifest = json.loads(result.manifest.read_text(encoding="utf-8"))
    assert len(manifest["files"]) == 7
    assert manifest["request"]["start"] == "2020-01-01T00:00:00.000000Z"
    assert all(len(entry["sha256"]) == 64 for entry in manifest["files"].values())
    assert not list((tmp_path / "下载").rglob("*.part"))


def test_a_second_call_asks_for_nothing(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    before = dict(server.asked)
    result = fetch(server, tmp_path)
    assert (len(result.files), result.fetched) == (6, 0)
    assert dict(server.asked) == before


def test_after_an_interruption_only_what_is_missing_is_fetched(server: Server, tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server, tmp_path, progress=stop)
    assert fetch(server, tmp_path).fetched == 2
    assert all(count == 1 for count in server.asked.values())


def test_files_that_came_before_the_manifest_was_written_are_taken_in(server: Server, tmp_path: Path) -> None:
    result = fetch(server, tmp_path)
    manifest = json.loads(result.manifest.read_text(encoding="utf-8"))
    result.manifest.write_text(json.dumps({**manifest, "files": {}}), encoding="utf-8")
    assert fetch(server, tmp_path).fetched == 0
    assert json.loads(result.manifest.read_text(encoding="utf-8"))["files"] == manifest["files"]


def test_a_changed_file_is_fetched_again(server: Server, tmp_path: Path) -> None:
    victim = fetch(server, tmp_path).files[0]
    good = victim.read_bytes()
    victim.write_bytes(good[:-512])
    assert fetch(server, tmp_path).fetched == 1
    assert victim.read_bytes() == good


def test_a_span_without_data_is_a_reason_and_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    server.empty = {"HHZ 01"}
    result = fetch(server, tmp_path)
    ((item, reason),) = result.skipped
    assert "HHZ__20200101T010000Z" in item
    assert reason == "the server has no data there"
    fetch(server, tmp_path)
    assert server.asked["HHZ 01"] == 1


def breaks_off(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, 200, content[: len(content) // 2 + 7], claimed=len(content))


def breaks_off_unannounced(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2 + 7])


def corrupt(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, 200, content[:600] + b"\x55" * 60 + content[660:])


SPOILERS: dict[str, Callable[[BaseHTTPRequestHandler, bytes], None]] = {
    "breaks off": breaks_off,
    "breaks off unannounced": breaks_off_unannounced,
    "an HTML page": lambda handler, _: send(handler, 200, b"<html><body>Service unavailable</body></html>"),
    "damaged MSEED": corrupt,
    "nothing with 200": lambda handler, _: send(handler, 200, b""),
    "another channel": lambda handler, _: send(
        handler,
        200,
        waveform(
            {
                "network": "XX",
                "station": "AAA",
                "location": "--",
                "channel": "HHX",
                "starttime": "2020-01-01",
                "endtime": "2020-01-01T01:00:00",
            }
        ),
    ),
    "server error": lambda handler, _: send(handler, 500, b"oops"),
    "too busy": lambda handler, _: send(handler, 429, b"slow down"),
}


@pytest.mark.parametrize("how", SPOILERS)
def test_a_spoilt_answer_is_asked_for_again_after_a_wait(server: Server, tmp_path: Path, how: str) -> None:
    def spoil(handler: BaseHTTPRequestHandler, key: str, content: bytes) -> bool:
        if key == "HHZ 00" and server.asked[key] <= 2:
            SPOILERS[how](handler, content)
            return True
        return False

    server.spoil = spoil
    clock = StepClock(0)
    result = fetch(server, tmp_path, clock=clock)
    assert (len(result.files), result.skipped) == (6, [])
    assert server.asked["HHZ 00"] == 3
    assert clock.now_ns() == 6 * NS_PER_S  # 2 s, then 4 s


@pytest.mark.parametrize("how", ["breaks off", "an HTML page", "damaged MSEED", "server error"])
def test_a_span_that_keeps_failing_is_left_out_with_its_reason_and_tried_by_the_next_call(
    server: Server, tmp_path: Path, how: str
) -> None:
    def spoil(handler: BaseHTTPRequestHandler, key: str, content: bytes) -> bool:
        if key == "HHZ 00":
            SPOILERS[how](handler, content)
        return key == "HHZ 00"

    server.spoil = spoil
    result = fetch(server, tmp_path, retries=1)
    assert len(result.files) == 5
    ((item, reason),) = result.skipped
    assert "HHZ__20200101T000000Z" in item
    assert reason.startswith(("it failed", "it answered what cannot be used"))
    assert not (tmp_path / item).exists()
    server.spoil = None
    assert fetch(server, tmp_path).fetched == 1


def test_a_refused_request_is_not_repeated(server: Server, tmp_path: Path) -> None:
    def spoil(handler: BaseHTTPRequestHandler, _: str, __: bytes) -> bool:
        send(handler, 403, b"restricted")
        return True

    server.spoil = spoil
    with pytest.raises(NetworkError, match="all 6 spans with data failed"):
        fetch(server, tmp_path)
    assert set(server.asked.values()) == {1}


def test_no_channel_no_data_and_no_server_are_told_apart(server: Server, tmp_path: Path) -> None:
    with pytest.raises(NothingMatchedError, match="it knows no channel ZZ"):
        fetch(server, tmp_path / "a", network="ZZ")
    server.empty = {f"HH{letter} {hour}" for letter in "ZNE" for hour in ("00", "01")}
    with pytest.raises(NothingMatchedError, match="no data for any span"):
        fetch(server, tmp_path / "b")
    with pytest.raises(NetworkError, match=r"server http://127.0.0.1:9 ?.*try again later"):
        download(
            "http://127.0.0.1:9",
            tmp_path / "c",
            network="XX",
            station="A",
            channel="HHZ",
            start_ns=0,
            end_ns=1,
            clock=StepClock(0),
            retries=1,
        )


def test_a_server_whose_description_is_nonsense_is_told(server: Server, tmp_path: Path) -> None:
    server.wadl = b"<html>welcome</html>"
    with pytest.raises(NetworkError, match="it does not describe its services"):
        fetch(server, tmp_path, retries=0)


def test_impossible_requests_and_foreign_folders_are_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must end after it begins"):
        fetch(server, tmp_path / "a", end_ns=START_NS)
    with pytest.raises(InputError, match="span is 0.0 s"):
        fetch(server, tmp_path / "a", span_s=0.0)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.tex").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="already holds thesis.tex"):
        fetch(server, tmp_path / "b")
    fetch(server, tmp_path / "c")
    with pytest.raises(InputError, match="was downloaded with channel 'HH.'"):
        fetch(server, tmp_path / "c", channel="BH?")
    (tmp_path / "c" / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(FormatError, match=r"manifest.json: it is damaged"):
        fetch(server, tmp_path / "c")


def test_codes_that_would_leave_the_folder_are_refused(server: Server, tmp_path: Path) -> None:
    server.codes = ("../../HHZ",)
    with pytest.raises(FormatError, match="its codes are no letters and digits"):
        fetch(server, tmp_path)
    assert not list((tmp_path / "waveforms").iterdir())


@pytest.mark.parametrize("how", ["told", "untold", "compressed"])
def test_an_answer_that_is_too_long_is_left_out_at_once(server: Server, tmp_path: Path, how: str) -> None:
    def spoil(handler: BaseHTTPRequestHandler, key: str, content: bytes) -> bool:
        if not key.startswith("HHZ 00"):
            return False
        handler.send_response(200)
        if how == "told":
            handler.send_header("Content-Length", str(1 << 40))
        if how == "compressed":
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        if how == "untold":
            handler.wfile.write(bytes(300_000))
        handler.close_connection = True
        return True

    server.spoil = spoil
    result = fetch(server, tmp_path, most_bytes=250_000)
    ((name, reason),) = result.skipped
    assert "HHZ" in name
    assert ("is compressed" if how == "compressed" else "more than 250000") in reason
    assert server.asked["HHZ 00"] == 1
    assert len(result.files) == 5


def test_a_description_that_is_too_long_is_refused(server: Server, tmp_path: Path) -> None:
    server.wadl = b" " * 5000
    with pytest.raises(NetworkError):
        fetch(server, tmp_path, most_bytes=4000, retries=0)
    assert not list(tmp_path.iterdir())


def test_a_request_from_which_nothing_came_leaves_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(NothingMatchedError):
        fetch(server, tmp_path, network="ZZ")
    assert not list(tmp_path.iterdir())


def test_the_remedies_of_a_wrong_request_are_instructions(server: Server, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="give the earlier time as start and the later as end"):
        fetch(server, tmp_path, end_ns=START_NS - 1)
    server.codes = ("../../HHZ",)
    with pytest.raises(FormatError, match="leave it out of the request, and tell the server's operator"):
        fetch(server, tmp_path)
