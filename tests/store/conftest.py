"""Stores to test on: SQLite in a file, and a real PostgreSQL server started from the system's own programs."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st

from foreshock.types.event import Event
from foreshock.types.pick import POLARITIES, Pick
from foreshock.types.solution import Amplitude, Arrival, Magnitude, Mechanism, Solution, StationMagnitude, Uncertainty

PASSWORD = "open&sesame/Ω?"
USER = "keeper_of_quakes"


class Server:
    """A PostgreSQL server of our own, listening on a free port of this machine alone."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]

    def run(self, program: str, *words: object) -> str:
        """Run one of the server's programs; it refuses to run as root."""
        line = [str(self.programs / program), *map(str, words)]
        if os.geteuid() == 0:
            line = ["runuser", "-u", "postgres", "--", *line]
        told = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD}
        with (self.folder / "said").open("w+") as said:  # a pipe would stay open for as long as the server lives
            done = subprocess.run(line, stdout=said, stderr=said, env=told, cwd=self.folder, timeout=60)
            said.seek(0)
            text = said.read()
        assert done.returncode == 0, text
        return text

    def make(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        # a server whose own language sorts otherwise than code points do
        words = ["-D", self.folder / "data", "-U", USER, f"--pwfile={secret}", "--auth=scram-sha-256", "-E", "UTF8"]
        self.run("initdb", *words, "--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8", "--no-sync")

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off -c shared_buffers=16MB"
        self.run(
            "pg_ctl", "-D", self.folder / "data", "-w", "-t", 50, "-l", self.folder / "log", "-o", options, "start"
        )

    def stop(self, how: str = "immediate") -> None:
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-m", how, "stop")

    def database(self) -> str:
        """Make a new database; give its URL."""
        name = f"quakes_{secrets.token_hex(4)}"
        self.run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", USER, name)
        return self.url(name)

    def url(self, name: str, *, password: str = "open%26sesame%2F%CE%A9%3F") -> str:
        return f"postgresql+psycopg://{USER}:{password}@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server; without Debian's programs or the driver the test is skipped and says so."""
    pytest.importorskip("psycopg", reason="psycopg (extra postgres) is not installed")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or (os.geteuid() == 0 and not shutil.which("runuser")):
        pytest.skip("PostgreSQL's programs are not installed (apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="fs-pg-", dir="/tmp") as folder:  # root's tmp_path is closed to others
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            Path(folder).chmod(0o755)
        made = Server(found[-1].parent, Path(folder))
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop("fast")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/catalogue.db"
    return str(request.getfixturevalue("server").database())


# -- earthquakes -------------------------------------------------------------------------------------------------------

letters = st.characters(codec="utf-8", exclude_characters="\x7f\ufffe\uffff", min_codepoint=32) | st.sampled_from(
    "\n\t\r"
)
texts = st.text(letters, max_size=12)
names = st.one_of(
    st.sampled_from(["XX.DEMO.", "XX.DEMO.00", "CI.SLA.--", "no dots", "a.b.c.d", ".."]), st.text(letters, max_size=20)
)
times = st.integers(-(10**18), 4 * 10**18)
within = st.floats(0, 1)


def numbers(low: float = -1e9, high: float = 1e9) -> st.SearchStrategy[float]:
    return st.floats(low, high)


picks = st.builds(
    lambda late, time_ns, **held: Pick(time_ns=time_ns, available_at_ns=time_ns + late, **held),
    late=st.integers(0, 10**11),
    trace_id=names,
    phase=st.sampled_from(["P", "S", "Pn", "sSKKS"]) | texts,
    time_ns=times,
    probability=within,
    sigma_s=numbers(0),
    polarity=st.sampled_from(POLARITIES),
    polarity_probability=st.floats(0.5, 1),
    novelty=numbers(0),
)
arrivals = st.builds(Arrival, picks, texts, numbers(0, 20_000), numbers(0, 360), numbers(), within)
uncertainties = st.builds(
    lambda axes, **held: Uncertainty(major_km=max(axes), minor_km=min(axes), **held),
    axes=st.tuples(numbers(0), numbers(0)),
    azimuth_deg=numbers(0, 360),
    time_s=numbers(0),
    gap_deg=numbers(0, 360),
    rms_s=numbers(0),
    quality=st.sampled_from("ABCD") | texts,
    depth_km=st.none() | numbers(0),
)
amplitudes = st.builds(
    Amplitude,
    names,
    texts,
    st.sampled_from(["WA", "Omega0"]) | texts,
    numbers(0),
    st.sampled_from(["mm", "m s", "m", "furlong"]) | texts,
    times,
    period_s=st.none() | numbers(0),
    snr=st.none() | numbers(0),
)
station_magnitudes = st.builds(
    StationMagnitude,
    names,
    numbers(),
    st.lists(amplitudes, max_size=2).map(tuple),
    numbers(),
    st.booleans(),
    texts,
)
kinds = st.sampled_from(["ML", "Mw", "M", "a type of more than thirty-two letters"])
magnitudes = st.builds(
    Magnitude,
    kinds,
    numbers(-5, 10),
    st.none() | numbers(0),
    st.integers(0, 1000),
    texts,
    st.lists(station_magnitudes, max_size=2).map(tuple),
)
mechanisms = st.builds(
    Mechanism, numbers(0, 360), numbers(0, 90), numbers(-180, 180), numbers(0, 90), st.integers(0, 99), within
)
sizes = st.one_of(st.just((None, None)), st.tuples(numbers(-5, 10), kinds))
events = st.builds(
    lambda size, **held: Event(magnitude=size[0], magnitude_type=size[1], **held),
    size=sizes,
    event_id=st.sampled_from(["e1", "smi:local/event/1", "quakeml:us.gov/e?id=1&x=#2", "地震 1", "a/b c~%"])
    | st.text(letters, max_size=20).filter(str.strip),
    time_ns=times,
    latitude=numbers(-90, 90),
    longitude=numbers(-180, 360),
    depth_km=st.none() | numbers(-10, 800),
)
a_solution = st.builds(
    Solution,
    events,
    st.lists(arrivals, max_size=3).map(tuple),
    st.none() | uncertainties,
    st.booleans(),
    texts,
    st.lists(magnitudes, max_size=2).map(tuple),
    st.none() | mechanisms,
    st.lists(texts, max_size=2).map(tuple),
)


@pytest.fixture(scope="session")
def any_solution() -> st.SearchStrategy[Solution]:
    """Any earthquake that the nouns allow."""
    return a_solution


@pytest.fixture(scope="session")
def quake() -> Callable[..., Solution]:
    """Makes a plain, whole earthquake: `quake(7)` is the seventh, an hour after the sixth and a little east of it."""
    return make_quake


def make_quake(number: int, *, n_stations: int = 6, **moved: float) -> Solution:
    start_ns = 1_592_926_144_123_456_789 + number * 3_600_000_000_000
    place = {"latitude": 30.0 + number / 70, "longitude": 100.0 + number / 90, "depth_km": 8.1 + number / 110} | moved
    held = []
    for i in range(n_stations):
        p_ns = start_ns + 1_000_000_000 * (i + 2)
        for phase, at_ns in (("P", p_ns), ("S", p_ns + 1_700_000_000 * (i + 1))):
            pick = Pick(
                f"XX.S{i:02d}.00", phase, at_ns, 0.9 - i / 100, 0.05 + i / 300, at_ns + 10**9, "up", 0.75, 0.1 * i
            )
            held.append(Arrival(pick, phase, 10.0 / 3 + i, 33.3 * i, 0.01 * i, 1.0 - i / 50))
    swings = [Amplitude(f"XX.S{i:02d}.00", "HHN", "WA", 0.7 / (i + 1), "mm", start_ns + i, 0.3, 12.5) for i in range(3)]
    said = tuple(
        StationMagnitude(s.trace_id, 3.1 + i / 30, (s,), 0.1 * i, i < 2, "" if i < 2 else "far off")
        for i, s in enumerate(swings)
    )
    size = Magnitude("ML", 3.1 + (number % 30) / 10, 0.2, 2, "ml-hutton-boore-1987", said)
    event = Event(f"fs{number:05d}", start_ns, magnitude=size.value, magnitude_type="ML", **place)
    sure = Uncertainty(1.2, 0.7, 41.0, 0.11, 97.5, 0.08, "B", 2.5)
    arrived = tuple(sorted(held, key=lambda a: a.pick.time_ns))
    return Solution(
        event,
        arrived,
        sure,
        False,
        "ak135",
        (size, Magnitude("Mw", 3.3, None, 1, "")),
        Mechanism(10, 80, -5, 20, 9, 0.1),
        ("one station without metadata",),
    )
