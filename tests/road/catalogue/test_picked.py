"""An archive's picks are those of the whole recordings, whoever finds them and however often it is broken off."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import foreshock as fs
from foreshock.errors import NetworkError, NotFoundError, NothingMatchedError, StateError
from foreshock.road.catalogue.hearing import How
from foreshock.road.catalogue.picked import pick_all, planned, surveyed
from foreshock.road.catalogue.workers import Crew, Lost, done
from foreshock.road.pickers import picker_of
from foreshock.store.tables import read_picks
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

HOW = How("picker")


def quiet(_: str) -> None:
    """Tell nobody."""


def picked(archive: Path, folder: Path, *, crew: Crew | None = None) -> list[Pick]:
    folder.mkdir(exist_ok=True)
    told = crew or Crew()
    manifest = surveyed(archive, HOW, picker_of("picker"), crew=told, folder=folder)
    try:
        pick_all(manifest, HOW, crew=told, tell=quiet)
        return list(manifest.picks())
    finally:
        manifest.close()


@pytest.fixture(scope="module")
def here(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Pick]:
    """The archive's picks, found by this process."""
    return picked(archive, tmp_path_factory.mktemp("here"))


def test_units_give_what_the_recordings_give_in_one_piece(here: list[Pick], recordings: list[Waveform]) -> None:
    whole = sorted(fs.pick(recordings), key=lambda pick: (pick.time_ns, pick.trace_id, pick.phase))
    assert here == whole
    assert len(here) >= 20


def test_hours_give_what_days_give(archive: Path, here: list[Pick], tmp_path: Path) -> None:
    assert picked(archive, tmp_path / "hours", crew=Crew(memory_mb=1)) == here


def test_two_processes_give_what_one_gives(archive: Path, here: list[Pick], tmp_path: Path) -> None:
    assert picked(archive, tmp_path / "two", crew=Crew(workers=2)) == here


def test_what_it_takes_is_said_before(archive: Path, tmp_path: Path) -> None:
    manifest = surveyed(archive, HOW, picker_of("picker"), crew=Crew(), folder=tmp_path)
    plan = planned(manifest, picker_of("picker"), crew=Crew(workers=2))
    assert plan is not None
    assert (plan.units, plan.stations) == (6, 3)
    assert plan.cpu_s > 0
    assert "6 units of 3 stations, 2020-03-01T00:00 to 2020-03-03T00:00" in plan.sentence()
    pick_all(manifest, HOW, crew=Crew(), tell=quiet)
    assert planned(manifest, picker_of("picker"), crew=Crew()) is None


def test_progress_is_told(archive: Path, tmp_path: Path) -> None:
    told: list[str] = []
    manifest = surveyed(archive, HOW, picker_of("picker"), crew=Crew(), folder=tmp_path)
    pick_all(manifest, HOW, crew=Crew(), tell=told.append)
    assert told[-1] == "picked 6 of 6 units"


def test_an_archive_without_recordings_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(NothingMatchedError, match="it holds nothing"):
        surveyed(tmp_path / "a", HOW, picker_of("picker"), crew=Crew(), folder=tmp_path)


RUN = """
import sys
from pathlib import Path
from foreshock.road.catalogue.hearing import How
from foreshock.road.catalogue.picked import pick_all, surveyed
from foreshock.road.catalogue.workers import Crew
from foreshock.road.pickers import picker_of
if __name__ == "__main__":
    how = How("picker")
    crew = Crew(workers=int(sys.argv[3]))
    manifest = surveyed(Path(sys.argv[1]), how, picker_of("picker"), crew=crew, folder=Path(sys.argv[2]))
    pick_all(manifest, how, crew=crew, tell=lambda words: print(words, flush=True))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_was_killed_goes_on_and_gives_the_same(
    archive: Path, here: list[Pick], tmp_path: Path, workers: int
) -> None:
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), str(archive), str(tmp_path), str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "picked 1 of 6" in running.stdout.readline()
        running.kill()
    manifest = surveyed(archive, HOW, picker_of("picker"), crew=Crew(), folder=tmp_path)
    assert 0 < len(manifest.open_units()) < 6
    manifest.close()
    assert picked(archive, tmp_path, crew=Crew(workers=workers)) == here


def test_a_worker_that_dies_takes_nothing_with_it(archive: Path, here: list[Pick], tmp_path: Path) -> None:
    crew = Crew(workers=2)
    manifest = surveyed(archive, HOW, picker_of("picker"), crew=crew, folder=tmp_path)
    killed: list[int] = []

    def kill_one(_: str) -> None:
        if not killed:
            killed.append(_a_child())
            os.kill(killed[0], signal.SIGKILL)

    pick_all(manifest, HOW, crew=crew, tell=kill_one)
    assert killed
    assert list(manifest.picks()) == here
    assert manifest.skipped() == []


def _a_child() -> int:
    pids = [child.pid for child in multiprocessing.active_children()]
    assert pids[0] is not None
    return pids[0]


def test_what_kills_its_process_twice_is_given_back_and_nothing_else_is_lost() -> None:
    fatal = "__import__('os')._exit(9)"  # a worker knows no function of this file
    answers = list(done(["0", "2", "4", fatal, "8", "10"], eval, Crew(workers=2)))
    lost = [answer.task for answer in answers if isinstance(answer, Lost)]
    found = sorted(answer[1] for answer in answers if not isinstance(answer, Lost))
    assert lost == [fatal]
    assert found == [0, 2, 4, 8, 10]


def test_an_error_of_the_work_is_told_as_it_is() -> None:
    with pytest.raises(NotFoundError, match="there is no such file"):
        list(done([Path("nowhere.csv"), Path("here.csv")], read_picks, Crew(workers=2)))


def test_other_stations_than_the_unfinished_run_had_are_refused(archive: Path, tmp_path: Path) -> None:
    stations = tmp_path / "stations.csv"
    stations.write_text("network,station,latitude,longitude\nXX,AAA,30,100\n", encoding="utf-8")
    how = How("picker", str(stations))
    surveyed(archive, how, picker_of("picker"), crew=Crew(), folder=tmp_path).close()
    stations.write_text("network,station,latitude,longitude\nXX,AAA,31,100\n", encoding="utf-8")
    with pytest.raises(StateError, match="content of the stations"):
        surveyed(archive, how, picker_of("picker"), crew=Crew(), folder=tmp_path)


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """A real Dask scheduler with two workers, each a process of its own."""
    pytest.importorskip("distributed")
    found = tmp_path / "scheduler.json"
    quick = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "20s"}
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    told = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(found)]
    with contextlib.ExitStack() as held:
        held.enter_context(_ended(subprocess.Popen([*command, *told], env=quick, stderr=subprocess.DEVNULL)))
        address = _address(found)
        for _ in range(2):
            worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"]
            worker += ["--local-directory", str(tmp_path), "--death-timeout", "20"]
            held.enter_context(_ended(subprocess.Popen(worker, env=quick, stderr=subprocess.DEVNULL)))
        yield address


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _address(found: Path) -> str:
    for _ in range(400):
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(found.read_text(encoding="utf-8"))["address"])
        time.sleep(0.1)
    pytest.fail("the scheduler did not begin")


def test_a_cluster_gives_what_this_machine_gives(
    archive: Path, here: list[Pick], tmp_path: Path, scheduler: str
) -> None:
    assert picked(archive, tmp_path / "cluster", crew=Crew(cluster=scheduler)) == here


def test_an_error_of_the_work_on_a_cluster_is_told_as_it_is(scheduler: str) -> None:
    with pytest.raises(NotFoundError, match="there is no such file"):
        list(done([Path("nowhere.csv")], read_picks, Crew(cluster=scheduler)))


def test_a_scheduler_that_goes_away_is_named(scheduler: str) -> None:
    answers = done(list(range(1000)), abs, Crew(cluster=scheduler))
    next(answers)
    subprocess.run(["pkill", "-9", "-f", "dask_scheduler.*--scheduler-file"], check=True)
    with pytest.raises(NetworkError, match=f"scheduler {scheduler}: it went away"):
        list(answers)


def test_a_scheduler_that_is_not_there_is_named(archive: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(NetworkError, match=r"scheduler tcp://127\.0\.0\.1:1: it does not answer"):
        picked(archive, tmp_path / "nobody", crew=Crew(cluster="tcp://127.0.0.1:1"))
