"""An archive at scale: two workers beside one, Dask beside processes, a torn day beside a whole one, and memory.

The archive is synthetic: noise with earthquakes, as day files of miniSEED. Scaling goes by the clock on the wall, the
only thing that more workers shorten; how far two processes of this machine run side by side without any of our code is
told beside it, as no program can do better. One worker is this process, already warm; two are begun anew each time.
Dask's overhead is CPU time of its scheduler, its workers and this process beside that of ours on the same units, and
wall time; its workers stay warm. A day with 5,000 gaps and the same day without are read and picked in turn. Memory is
the largest resident size of one process that makes a catalogue of one station-day of three components at 100 Hz.

    python benchmarks/archive_scale.py [--days 200] [--minutes 120] [--only scaling dask gaps memory]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

from foreshock.clock import utc_ns
from foreshock.collect.archive import Unit, survey
from foreshock.collect.sds import write_sds
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.road.catalogue.hearing import How, around_ns, hear, hear_all
from foreshock.road.catalogue.manifest import Heard
from foreshock.road.catalogue.picked import pick_all, surveyed
from foreshock.road.catalogue.plan import unit_bytes
from foreshock.road.catalogue.workers import Crew
from foreshock.road.pickers import picker_of
from foreshock.types.waveform import Waveform

START = "2021-05-01T00:00:00Z"
DAY_S = 86_400
N_GAPS = 5_000
STATIONS = 50
PIECES = 24
DAY_TARGET_MB = 400
HOW = How("picker")
ALONE = """
import re, sys
from pathlib import Path
from foreshock.road.catalogue.building import build_catalog
archive, stations, out = map(Path, sys.argv[1:])
build_catalog(archive, stations=stations, out=out, pictures=False)
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""
"""The kernel's high-water mark of a process of its own, kB; that of `resource` would begin with its parent's."""
PARTS = ("scaling", "dask", "gaps", "memory")


def ground(minutes: float) -> Iterator[np.ndarray]:
    """Samples of three components, in counts, in pieces of 20 minutes or less, again and again in other orders."""
    told = SyntheticSettings(
        records=PIECES,
        span_s=60 * min(minutes, 20.0),
        stations=12,
        noise_fraction=0.3,
        gap_fraction=0.0,
        glitch_fraction=0.0,
    )
    pieces = [np.nan_to_num(record.waveform.data) for record in synthesise(told, seed=3)]
    rng = np.random.default_rng(1)
    while True:
        yield from (pieces[k] for k in rng.permutation(PIECES))


def write_short_days(folder: Path, *, days: int, minutes: float) -> None:
    """So many station-days of some minutes each: `STATIONS` stations, one day after the other."""
    pieces = ground(minutes)
    for k in range(days):
        data = np.concatenate(list(islice(pieces, max(1, round(minutes / 20)))), 1)
        start_ns = utc_ns(START) + (k // STATIONS) * DAY_S * 10**9
        wave = Waveform(data, 100.0, start_ns, f"XX.S{k % STATIONS:03d}.", channels=("HHZ", "HHN", "HHE"))
        write_sds(folder, [wave])


def write_day(folder: Path, *, gaps: int) -> None:
    """One station-day at 100 Hz, whole or with gaps of a second or two, evenly placed."""
    n = DAY_S * 100
    data = np.concatenate(list(islice(ground(20), DAY_S // 1200)), 1)
    valid = np.ones(n, bool)
    rng = np.random.default_rng(0)
    for first in (np.arange(gaps) + 0.5) * n / max(gaps, 1):
        valid[int(first) : int(first) + int(rng.integers(100, 200))] = False
    channels = ("HHZ", "HHN", "HHE")
    write_sds(folder, [Waveform(data, 100.0, utc_ns(START), "XX.DAY.", channels, valid=np.tile(valid, (3, 1)))])


def picks_of(archive: Path, crew: Crew) -> list[Any]:
    """Pick an archive with a crew, into a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    try:
        manifest = surveyed(archive, HOW, picker_of("picker"), crew=crew, folder=folder)
        pick_all(manifest, HOW, crew=crew, tell=lambda _: None)
        found = [(pick.trace_id, pick.phase, pick.time_ns, pick.probability) for pick in manifest.picks()]
        manifest.close()
    finally:
        shutil.rmtree(folder)
    return found


def settled() -> None:
    """Wait until every process of a crew has ended, so that its CPU time is counted, and with whom it belongs."""
    while active_children():
        time.sleep(0.01)


def spin(n: int) -> float:
    """Work that shares nothing: a process's own share of the machine."""
    x = np.random.default_rng(0).standard_normal((64, 64))
    for _ in range(n):
        x = np.tanh(x @ x.T * 1e-3)
    return float(x.sum())


def side_by_side(n: int) -> float:
    """By how much two processes are faster than one here at work that shares nothing."""
    with get_context("spawn").Pool(2) as pool:
        pool.map(spin, [10, 10], chunksize=1)
        began = time.monotonic()
        pool.map(spin, [n], chunksize=1)
        pool.map(spin, [n], chunksize=1)
        one = time.monotonic() - began
        began = time.monotonic()
        pool.map(spin, [n, n], chunksize=1)
        return one / (time.monotonic() - began)


def scaling(archive: Path, *, rounds: int) -> tuple[list[fair.Figure], bool]:
    """Two local workers beside one."""
    walls: dict[int, list[float]] = {1: [], 2: []}
    said = []
    hear(units_of(archive)[0], HOW)
    for count in range(rounds):
        for workers in ((1, 2), (2, 1))[count % 2]:
            began = time.monotonic()
            said.append(picks_of(archive, Crew(workers=workers)))
            walls[workers].append(time.monotonic() - began)
            settled()
    machine = [side_by_side(30_000) for _ in range(3)]
    times = [one / two for one, two in zip(walls[1], walls[2], strict=True)]
    figures = [
        fair.figure("one worker, wall time", walls[1], "s"),
        fair.figure("two workers over one, wall time", times, "×", at_least=1.7),
        fair.figure("two processes over one at work that shares nothing, wall time", machine, "×"),
    ]
    return figures, all(one == said[0] for one in said)


class Dask:
    """A real scheduler and two workers, each a process of its own."""

    def __enter__(self) -> Dask:
        self.folder = Path(tempfile.mkdtemp(prefix="dask-"))
        told = self.folder / "scheduler.json"
        run = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.parts = [subprocess.Popen([*run, "--no-dashboard", "--scheduler-file", str(told)], **quiet)]
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(told), "--nthreads", "1"]
        worker += ["--no-dashboard", "--no-nanny", "--local-directory", str(self.folder)]
        self.parts += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        import distributed

        with distributed.Client(scheduler_file=str(told), timeout=60) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(2, timeout=60)
            self.address = client.scheduler.address
        return self

    def cpu_s(self) -> float:
        """CPU seconds of scheduler and workers so far."""
        import psutil  # type: ignore[import-untyped]

        times = [psutil.Process(part.pid).cpu_times() for part in self.parts]
        return float(sum(one.user + one.system for one in times))

    def __exit__(self, *_: object) -> None:
        for part in reversed(self.parts):  # the scheduler last: a worker that has lost it waits for it
            part.terminate()
            try:
                part.wait(10)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def distributed_cost(archive: Path, *, rounds: int) -> tuple[list[fair.Figure], bool]:
    """Dask with two workers beside two local ones, after a first run of either."""
    cpu: dict[str, list[float]] = {"dask": [], "local": []}
    wall: dict[str, list[float]] = {"dask": [], "local": []}
    said = []
    with Dask() as dask:
        for count in range(rounds + 1):
            for who in (("local", "dask"), ("dask", "local"))[count % 2]:
                crew = Crew(workers=2) if who == "local" else Crew(cluster=dask.address)
                others = dask.cpu_s if who == "dask" else float
                began, began_cpu = time.monotonic(), fair.cpu_s() + others()
                said.append(picks_of(archive, crew))
                ended = time.monotonic()
                settled()
                if count:
                    wall[who].append(ended - began)
                    cpu[who].append(fair.cpu_s() + others() - began_cpu)
    more = [100 * (a / b - 1) for a, b in zip(cpu["dask"], cpu["local"], strict=True)]
    longer = [100 * (a / b - 1) for a, b in zip(wall["dask"], wall["local"], strict=True)]
    figures = [
        fair.figure("two local workers, CPU time", cpu["local"], "CPU-s"),
        fair.figure("Dask over local, CPU time", more, "% more", at_most=15),
        fair.figure("Dask over local, wall time", longer, "% more", at_most=15),
    ]
    return figures, all(one == said[0] for one in said)


def units_of(archive: Path) -> tuple[Unit, ...]:
    """The units of an archive."""
    around = max(around_ns(picker_of("picker")))
    return survey(archive, around_ns=around, most_bytes=unit_bytes(Crew().memory_mb)).units


def heard(archive: Path) -> list[Heard]:
    """Read and pick all of an archive's units, one after the other."""
    return [one for _, one in hear_all(list(enumerate(units_of(archive))), HOW)]


def heard_day(archive: Path) -> int:
    """Read and pick a day; seconds."""
    heard(archive)
    return DAY_S


def torn(folder: Path, *, rounds: int) -> list[fair.Figure]:
    """A day with gaps beside the same day without."""
    sides = {name: partial(heard_day, folder / name) for name in ("whole", "torn")}
    rates = fair.interleaved(sides, rounds=rounds)
    costs = fair.ratios(rates["whole"], rates["torn"])
    return [
        fair.figure("a whole station-day", [DAY_S / rate for rate in rates["whole"]], "CPU-s"),
        fair.figure(f"a day with {N_GAPS:,} gaps over the day without", costs, "×", at_most=1.3),
    ]


def peak_mb(archive: Path, folder: Path, *, gaps: str) -> float:
    """Largest resident size of a process that makes a catalogue of a station-day, pictures left out."""
    stations = folder / "stations.csv"
    stations.write_text("network,station,latitude,longitude\nXX,DAY,30,100\n", encoding="utf-8")
    command = [sys.executable, "-c", ALONE, str(archive), str(stations), str(folder / f"catalogue {gaps}")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) * 1024 / 1e6


def main() -> int:
    """Print the figures; the exit code is 1 where two ways gave different picks."""
    options = fair.parser(__doc__)
    options.add_argument("--days", type=fair.at_least_one, default=200, help="short station-days (default 200)")
    options.add_argument(
        "--minutes", type=float, default=120.0, help="of each (default 120; 20 or less, or so many 20)"
    )
    options.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these only")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="archive-scale-") as held:
        figures, same = measured(asked, Path(held))
    return fair.tell(
        "archive_scale",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "distributed", "onnxruntime"),
        equal=same,
        checked="picks of one worker, two, and Dask's, in every round",
        station_days=asked.days,
        minutes=asked.minutes,
    )


def measured(asked: Any, folder: Path) -> tuple[list[fair.Figure], bool]:
    """The figures asked for, and whether all ways gave the same picks."""
    figures: list[fair.Figure] = []
    same = True
    if {"scaling", "dask"} & set(asked.only):
        write_short_days(folder / "short", days=asked.days, minutes=asked.minutes)
    for name, ways in (("scaling", scaling), ("dask", distributed_cost)):
        if name in asked.only:
            more, equal = ways(folder / "short", rounds=asked.rounds)
            figures, same = figures + more, same and equal
    if {"gaps", "memory"} & set(asked.only):
        write_day(folder / "whole", gaps=0)
        write_day(folder / "torn", gaps=N_GAPS)
    if "gaps" in asked.only:
        figures += torn(folder, rounds=asked.rounds)
    if "memory" in asked.only:
        for name, what in (("whole", "a station-day"), ("torn", f"a day with {N_GAPS:,} gaps")):
            size = peak_mb(folder / name, folder, gaps=name)
            figures.append(fair.exact(f"{what}, memory of a whole run", size, "MB", at_most=DAY_TARGET_MB))
    return figures, same


if __name__ == "__main__":
    sys.exit(main())
