"""A run of the warning engine: its files, the same bytes however it is read, tests that stay here, live and real."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest
from lxml import etree

from foreshock.apps.warning.engine import Engine
from foreshock.apps.warning.settings import WarningSettings
from foreshock.clock import NS_PER_S, LiveClock, StepClock, utc_ns
from foreshock.collect.seedlink import ClientSettings, Ring, SeedLinkClient, ServerSettings
from foreshock.collect.stations import read_stations
from foreshock.collect.synthetic.scenario import Scenario, ScenarioSettings, make_scenario
from foreshock.deliver.address import Place
from foreshock.deliver.endpoint import Endpoint
from foreshock.deliver.ledger import check_ledger, lineage, read_ledger
from foreshock.errors import NotFoundError, NothingMatchedError
from foreshock.geo.place import Places
from foreshock.predict.travel.named import travel_times
from foreshock.road.recorded import recorded
from foreshock.road.relay import relay, server_of
from foreshock.road.relay_feeds import RelaySettings, feed_of
from foreshock.road.warning import Warned, Watch, live, replay
from foreshock.road.warning_start import first_of
from foreshock.types.alert import Alert
from foreshock.types.authority import Exercise, Rehearsal
from foreshock.types.packet import Packet

FILES = {"alerts.jsonl", "ledger.jsonl", "estimates.csv", "picks.csv", "latency.csv", "warn.json"}


@cache
def scenario() -> Scenario:
    told = {"family": "B", "stations": 9, "magnitude": 5.5, "before_s": 20.0, "after_s": 12.0, "seed": 3}
    return make_scenario(ScenarioSettings(**told))


@cache
def packets() -> tuple[Packet, ...]:
    return tuple(scenario().packets())


def watch_of(
    folder: Path, clock: Any, *, exercise: str = "", endpoints: tuple[Endpoint, ...] = (), made: Scenario | None = None
) -> Watch:
    stations = {one.station_id: one for one in (made or scenario()).stations}
    settings = WarningSettings(relation="synthetic_a")
    engine = Engine(stations, travel=travel_times("iasp91_crust"), settings=settings)
    authority = Exercise(clock, exercise) if exercise else Rehearsal(clock)
    folder.mkdir(parents=True, exist_ok=True)
    return Watch(engine, folder, authority, "test", endpoints)


def replayed(folder: Path, some: Iterable[Packet] | None = None, *, speed: float | None = None, **told: Any) -> Warned:
    clock = StepClock(packets()[0].arrived_ns)
    return replay(packets() if some is None else some, watch_of(folder, clock, **told), clock, speed=speed)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Warned:
    """One replay, told as tests."""
    return replayed(tmp_path_factory.mktemp("run") / "out")


def alerts(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "alerts.jsonl").read_text().splitlines()]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# -- what is written ---------------------------------------------------------------------------------------------------


def test_all_files_of_a_run_are_there(done: Warned) -> None:
    assert {one.name for one in done.out.iterdir() if one.is_file()} >= FILES
    assert done.alerts == len(alerts(done.out)) >= 2
    assert done.packets == len(packets())
    assert done.onsets == len(rows(done.out / "picks.csv"))
    told = json.loads((done.out / "warn.json").read_text())
    assert (told["schema"], told["end"], told["ledger_faults"]) == ("foreshock.warn/1", "the packets ended", 0)
    assert {one["station_id"] for one in told["stations"]} == {one.station_id for one in scenario().stations}
    assert {one["state"] for one in told["stations"]} == {"good"}


def test_what_a_run_came_to_is_said_to_people_and_machines(done: Warned) -> None:
    assert done.sentence().startswith(f"{len(packets())} packets, {done.onsets} onsets, ")
    assert done.as_json()["alerts"] == done.alerts


def test_alerts_are_versions_of_one_event_in_order_of_time(done: Warned) -> None:
    told = alerts(done.out)
    assert [one["version"] for one in told] == list(range(1, len(told) + 1))
    assert len({one["event_id"] for one in told}) == 1
    issued = [one["issued_at"] for one in told]
    assert issued == sorted(issued)
    assert [one["msg_type"] for one in told] == ["alert"] + ["update"] * (len(told) - 1)


def test_a_replay_tells_tests_and_an_exercise_exercises(done: Warned, tmp_path: Path) -> None:
    assert {one["status"] for one in alerts(done.out)} == {"test"}
    replayed(tmp_path / "out", exercise="the drill of March")
    assert {one["status"] for one in alerts(tmp_path / "out")} == {"exercise"}
    whole = b"".join(one.read_bytes() for one in (tmp_path / "out").rglob("*") if one.is_file())
    assert b'"actual"' not in whole
    assert b"<status>Actual" not in whole


def test_every_cap_message_is_valid(done: Warned) -> None:
    files = sorted((done.out / "cap").rglob("*.xml"))
    assert len(files) == done.alerts
    text = resources.files("foreshock.deliver").joinpath("cap-1.2.xsd").read_bytes()
    schema = etree.XMLSchema(etree.fromstring(text))
    for one in files:
        schema.assertValid(etree.fromstring(one.read_bytes()))


def test_the_ledger_is_whole_and_leads_from_an_alert_to_its_picks(done: Warned) -> None:
    path = done.out / "ledger.jsonl"
    assert check_ledger(path).is_whole
    last = [one for one in read_ledger(path) if one.kind == "alert"][-1]
    found = lineage(path, last.record_id)
    picks = [one for one in found if one.kind == "pick"]
    assert len(picks) >= 4
    heard = {(row["trace_id"], row["time"]) for row in rows(done.out / "picks.csv")}
    assert {(one.content["station_id"], one.content["time"]) for one in picks} <= heard
    assert all(one.number < last.number for one in picks)


def test_estimates_say_which_of_them_were_told(done: Warned) -> None:
    told = [row for row in rows(done.out / "estimates.csv") if row["alert_version"]]
    assert {row["alert_version"] for row in told} == {str(one["version"]) for one in alerts(done.out)}
    for row in rows(done.out / "estimates.csv"):
        low, middle, high = (float(row[f"magnitude_q{level}"]) for level in ("05", "50", "95"))
        assert low <= middle <= high
        assert 0 <= float(row["probability_real"]) <= 1


def test_every_alert_has_its_latencies(done: Warned) -> None:
    found = rows(done.out / "latency.csv")
    assert [row["version"] for row in found] == [str(one["version"]) for one in alerts(done.out)]
    assert all(float(value) >= 0 for row in found for name, value in row.items() if name.endswith("_ms"))


# -- the same bytes ----------------------------------------------------------------------------------------------------


def shuffled() -> Iterator[Packet]:
    rng, tick_ns = np.random.default_rng(0), NS_PER_S // 50
    for _, batch in groupby(packets(), key=lambda one: one.arrived_ns // tick_ns):
        some = list(batch)
        yield from (some[k] for k in rng.permutation(len(some)))


@pytest.mark.parametrize("way", ["again", "at speed", "shuffled within ticks"])
def test_the_same_packets_make_the_same_bytes(done: Warned, tmp_path: Path, way: str) -> None:
    some = shuffled() if way == "shuffled within ticks" else iter(packets())
    replayed(tmp_path / "out", some, speed=1000.0 if way == "at speed" else None)
    for name in ("alerts.jsonl", "picks.csv", "estimates.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (done.out / name).read_bytes()


# -- who is told -------------------------------------------------------------------------------------------------------


class Listener(Endpoint):
    """A place that notes what reaches it."""

    def __init__(self, *, is_here: bool) -> None:
        self.name = "here" if is_here else "elsewhere"
        self._at = Place("127.0.0.1", 80) if is_here else Place("192.0.2.7", 80)
        self.taken: list[Alert] = []

    def place(self) -> Place:
        return self._at

    def deliver(self, alert: Alert, place: Place) -> None:
        self.taken.append(alert)


def test_no_listener_elsewhere_gets_tests_and_the_ledger_says_so(tmp_path: Path) -> None:
    elsewhere, here = Listener(is_here=False), Listener(is_here=True)
    done = replayed(tmp_path / "out", endpoints=(elsewhere, here))
    assert elsewhere.taken == []
    assert len(here.taken) == done.alerts
    assert {one.status for one in here.taken} == {"test"}
    assert check_ledger(tmp_path / "out" / "ledger.jsonl").is_whole


# -- resuming ----------------------------------------------------------------------------------------------------------


def test_a_run_that_is_begun_again_goes_on_with_its_chain(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = replayed(out)
    before = alerts(out)
    second = replayed(out)
    both = alerts(out)
    assert both[: len(before)] == before
    assert len(both) == first.alerts + second.alerts
    assert [one["version"] for one in both] == list(range(1, len(both) + 1))
    assert len({one["message_id"] for one in both}) == len(both)
    assert both[len(before)]["msg_type"] == "update"
    issued = [one["issued_at"] for one in both]
    assert issued == sorted(issued)
    assert check_ledger(out / "ledger.jsonl").is_whole


# -- sources -----------------------------------------------------------------------------------------------------------


def test_a_source_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nowhere"):
        recorded(tmp_path / "nowhere")


def test_nothing_to_replay_is_refused() -> None:
    with pytest.raises(NothingMatchedError):
        first_of(iter(()))
    first, rest = first_of(iter(packets()[:3]))
    assert [id(one) for one in rest] == [id(one) for one in packets()[:3]]
    assert first is packets()[0]


# -- live --------------------------------------------------------------------------------------------------------------


async def _followed(given: list[Packet], watch: Watch, *, broken: bool = False) -> Warned:
    async def source() -> Any:
        for one in given:
            yield one
            await asyncio.sleep(0)
        await asyncio.sleep(0.1)
        if broken:
            raise OSError("the cable is cut")

    return await live(source(), watch, clock=watch.authority.clock, stop=asyncio.Event())


def now_dated() -> list[Packet]:
    """The packets as if the record had just come: their last arrival was a moment ago."""
    shift_ns = LiveClock().now_ns() - packets()[-1].arrived_ns - NS_PER_S
    return [
        Packet(
            one.station_id, one.channel, one.start_ns + shift_ns, one.rate_hz, one.samples, one.arrived_ns + shift_ns
        )
        for one in packets()
    ]


def test_live_packets_are_told_as_tests_and_all_is_written_at_the_end(tmp_path: Path) -> None:
    watch = watch_of(tmp_path / "out", LiveClock())
    done = asyncio.run(_followed(now_dated(), watch))
    assert done.packets == len(packets())
    assert done.alerts >= 1
    assert {one["status"] for one in alerts(done.out)} == {"test"}
    assert json.loads((done.out / "warn.json").read_text())["end"] == "the source ended"


def test_a_source_that_breaks_leaves_all_files_behind(tmp_path: Path) -> None:
    watch = watch_of(tmp_path / "out", LiveClock())
    with pytest.raises(OSError, match="the cable is cut"):
        asyncio.run(_followed(now_dated(), watch, broken=True))
    assert {one.name for one in (tmp_path / "out").iterdir()} >= FILES
    assert check_ledger(tmp_path / "out" / "ledger.jsonl").is_whole


@pytest.mark.slow
def test_a_seedlink_server_that_replays_fast_leads_to_an_alert(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    parts: dict[tuple[str, str], list[Packet]] = {}
    for one in now_dated():
        parts.setdefault((one.station_id, one.channel), []).append(one)
    for (name, code), some in parts.items():
        some.sort(key=lambda one: one.start_ns)
        network, station, _ = name.split(".")
        told = {"network": network, "station": station, "channel": code, "sampling_rate": some[0].rate_hz}
        samples = np.concatenate([one.samples for one in some])
        trace = obspy.Trace(samples, told | {"starttime": obspy.UTCDateTime(ns=some[0].start_ns)})
        trace.write(str(folder / f"{station}.{code}.mseed"), format="MSEED")

    async def both() -> Warned:
        settings = RelaySettings(speed=20.0, waits=True, until_done=True)
        server = server_of(Ring(begin=5), ServerSettings(port=0), clock=LiveClock())
        said: list[str] = []
        serving = asyncio.create_task(
            relay(feed_of(str(folder), settings), server, source=str(folder), settings=settings, tell=said.append)
        )
        while not said:
            await asyncio.sleep(0.005)
        clock = LiveClock()
        client = SeedLinkClient(
            f"127.0.0.1:{server.port}", clock=clock, settings=ClientSettings(begin="all", retry_s=0.05)
        )
        watch, stop = watch_of(tmp_path / "out", clock), asyncio.Event()
        following = asyncio.create_task(live(client.packets(), watch, clock=clock, stop=stop, for_s=60.0))
        await serving
        await asyncio.sleep(1.0)
        stop.set()
        done = await following
        await client.close()
        return done

    done = asyncio.run(asyncio.wait_for(both(), 90))
    assert done.packets > 0
    assert done.alerts >= 1
    assert {one["status"] for one in alerts(done.out)} == {"test"}


# -- real packets ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.realdata
def test_the_oaxaca_earthquake_of_2020_is_told_from_its_own_packets(realdata: Path, tmp_path: Path) -> None:
    places = rows(realdata / "openeew_2020" / "devices_locations.csv")
    lines = [f"OE,{row['device_id']},,{row['latitude']},{row['longitude']}" for row in places]
    (tmp_path / "stations.csv").write_text("\n".join(["network,station,location,latitude,longitude", *lines, ""]))
    engine = Engine(read_stations(tmp_path / "stations.csv"), travel=travel_times("iasp91_crust"))
    first, some = first_of(recorded(realdata / "openeew_2020").packets())
    clock = StepClock(first.arrived_ns)
    (tmp_path / "out").mkdir()
    replay(some, Watch(engine, tmp_path / "out", Rehearsal(clock), "test"), clock)
    told = alerts(tmp_path / "out")
    assert len({one["event_id"] for one in told}) == 1
    after_s = (utc_ns(told[0]["issued_at"]) - utc_ns("2020-06-23T15:29:04Z")) / NS_PER_S
    assert 0 < after_s < 30
    there = Places(np.array([15.9]), np.array([-96.0]))
    last = told[-1]
    far = there.distance_km(np.array([last["latitude"]]), np.array([last["longitude"]])).ravel()[0]
    assert far < 60
    assert last["magnitude"]["q95"] > 7.0


def test_a_run_keeps_rows_and_lets_beliefs_go(tmp_path: Path) -> None:
    clock = StepClock(packets()[0].arrived_ns)
    watch = watch_of(tmp_path, clock)
    held = []
    for one in packets():
        clock.sleep_until(one.arrived_ns)
        watch.act(watch.engine.take([one], now_ns=one.arrived_ns))
        watch.look_round(one.arrived_ns)
        held.append(len(watch.engine.looks))
    assert set(held) == {0}
    assert len(rows(watch.finish(reason="enough").out / "estimates.csv")) > 20


def test_a_clock_that_lies_before_the_origin_issues_nothing_says_so_and_stops_nothing(tmp_path: Path) -> None:
    watch = watch_of(tmp_path, StepClock(packets()[0].arrived_ns))
    for one in packets():
        watch.act(watch.engine.take([one], now_ns=one.arrived_ns))
    done = watch.finish(reason="enough")
    assert done.packets == len(packets())
    assert done.alerts == 0
    told = json.loads((tmp_path / "warn.json").read_text(encoding="utf-8"))["not_issued"]
    assert told
    assert "is issued after the origin time" in told[0]["reason"]
