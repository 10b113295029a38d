"""Associators on the same picks: CPU cost beside PyOcto and GaMMA, with recall and false events in the same table.

Picks are drawn: 50 stations in 100 × 100 km, events seen from 15 to 80 km, 15 % of P and 35 % of S missed, noise of
three P and one S an hour and station, errors of 0.05 to 0.3 s, station statics of 0.1 s; waves run through other layers
than the model's, some 4 % off. A found event is right if most of its picks are of one drawn event that no larger one
has; recall is over drawn events with at least six picks. Ours starts from `Pick` objects and includes its tables of
travel times; theirs start from their own data frames, with times already in seconds.

PyOcto (1-D, with the same travel times) runs with the least picks it comes with and with six; GaMMA as in its own
example, with the least of five picks, DBSCAN and a uniform velocity. A peer that is not installed is left out and
named: `pip install pyocto`; GaMMA is on no index under its name: `pip install git+https://github.com/AI4EPS/GaMMA.git`.

    python benchmarks/associate.py --peers pyocto --events 500
    python benchmarks/associate.py --peers pyocto gamma --events 40 --rounds 2
    python benchmarks/associate.py --peers pyocto --events 180 --every 20
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

from foreshock.predict.associate.associator import associate
from foreshock.predict.associate.draw import Drawn, Scene, draw
from foreshock.predict.associate.trial import owners
from foreshock.predict.travel import PRESETS, LayeredTimes, VelocityModel
from foreshock.types.pick import Pick
from foreshock.types.station import Station

DAY_S = 86_400.0
TARGET_RATE, TARGET_RECALL, TARGET_FALSE = 5000.0, 0.98, 0.01
MODEL = LayeredTimes(PRESETS["iasp91_crust"], max_distance_km=400.0, max_depth_km=80.0)
ROCK = LayeredTimes(
    VelocityModel((0.0, 3.0, 17.0, 31.0), (5.3, 6.1, 6.75, 7.7), (3.0, 3.55, 3.85, 4.25), name="the rock"),
    max_distance_km=400.0,
    max_depth_km=80.0,
)
DEEPEST_KM, GRID_KM = 40.0, 0.5

Answer = list[list[Pick]]
Side = Callable[[], Answer]


def network(seed: int, *, n: int = 50, wide_km: float = 100.0) -> dict[str, Station]:
    """Stations at random in a square."""
    rng = np.random.default_rng(seed)
    lat, lon = 30 + rng.uniform(0, wide_km / 110.9, n), 100 + rng.uniform(0, wide_km / 96.3, n)
    height = rng.uniform(0, 2000, n)
    return {f"XX.S{i:02d}.": Station(f"XX.S{i:02d}.", lat[i], lon[i], height[i]) for i in range(n)}


def ours(drawn: Drawn, stations: dict[str, Station]) -> Side:
    """Our side, with all its presets."""

    def run() -> Answer:
        return [[used.pick for used in event.picks] for event in associate(drawn.picks, stations, MODEL).events]

    return run


def frames(drawn: Drawn) -> tuple[Any, Any]:
    """Picks and stations as PyOcto takes them, on our plane."""
    import pandas as pd

    sites = drawn.geometry.sites
    names = {site: sensor for sensor, site in sites.site_of.items()}
    rows = [(names[i], *sites.xy_km[i], -sites.elevation_km[i]) for i in range(len(sites.names))]
    stations = pd.DataFrame(rows, columns=["id", "x", "y", "z"])
    zero = drawn.picks[0].time_ns
    picks = pd.DataFrame(
        [(p.trace_id, p.phase, (p.time_ns - zero) / 1e9) for p in drawn.picks], columns=["station", "phase", "time"]
    )
    return picks, stations


def written_times(path: Path, *, reach_km: float) -> Path:
    """Write our travel times as PyOcto's table: sizes and spacing, then P and S times (distance, depth)."""
    distance, depth = np.arange(0, reach_km, GRID_KM), np.arange(0, DEEPEST_KM + 20, GRID_KM)
    with path.open("wb") as file:
        file.write(struct.pack("iid", len(distance), len(depth), GRID_KM))
        for phase in "PS":
            file.write(np.ascontiguousarray(MODEL.time_s(phase, distance[:, None], depth[None])).tobytes())
    return path


def pyocto_side(drawn: Drawn, folder: Path, **told: Any) -> Side:
    """PyOcto's side."""
    pyocto = importlib.import_module("pyocto")
    picks, stations = frames(drawn)
    low, high = drawn.geometry.low, drawn.geometry.high
    model = pyocto.VelocityModel1D(
        written_times(folder / "times.pyocto", reach_km=float(np.hypot(*(high - low)[:2])) + 20),
        tolerance=1.0,
        surface_p_velocity=5.8,
        surface_s_velocity=3.36,
    )
    associator = pyocto.OctoAssociator(
        xlim=(float(low[0]), float(high[0])), ylim=(float(low[1]), float(high[1])), zlim=(0.0, DEEPEST_KM),
        velocity_model=model, time_before=60.0, n_threads=1, **told,
    )  # fmt: skip

    def run() -> Answer:
        _, assigned = associator.associate(picks, stations)
        if not len(assigned):
            return []
        return [[drawn.picks[i] for i in rows["pick_idx"]] for _, rows in assigned.groupby("event_idx")]

    return run


def gamma_side(drawn: Drawn) -> Side:
    """GaMMA's side, as in its own example for SeisBench."""
    import pandas as pd

    association = importlib.import_module("gamma.utils").association
    picks, stations = frames(drawn)
    stations = stations.rename(columns={"x": "x(km)", "y": "y(km)", "z": "z(km)"})
    stamps = pd.to_datetime(picks["time"], unit="s", origin="2020-01-01")
    table = pd.DataFrame({"id": picks["station"], "timestamp": stamps, "prob": 0.9, "type": picks["phase"].str.lower()})
    low, high = drawn.geometry.low, drawn.geometry.high
    told = {
        "dims": ["x(km)", "y(km)", "z(km)"], "use_dbscan": True, "use_amplitude": False, "method": "BGMM",
        "x(km)": (low[0], high[0]), "y(km)": (low[1], high[1]), "z(km)": (0.0, DEEPEST_KM),
        "vel": {"p": 6.0, "s": 6.0 / 1.73}, "oversample_factor": 4, "dbscan_eps": 15.0, "dbscan_min_samples": 3,
        "bfgs_bounds": ((low[0] - 1, high[0] + 1), (low[1] - 1, high[1] + 1), (0.0, DEEPEST_KM + 1), (None, None)),
        "min_picks_per_eq": 5, "max_sigma11": 2.0, "max_sigma22": 1.0, "max_sigma12": 1.0, "ncpu": 1,
    }  # fmt: skip

    def run() -> Answer:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            _, assigned = association(table, stations, dict(told), method="BGMM")
        groups: dict[int, list[Pick]] = {}
        for row, event, *_ in assigned:
            groups.setdefault(int(event), []).append(drawn.picks[int(row)])
        return list(groups.values())

    return run


def scored(drawn: Drawn, answer: Answer) -> dict[str, float]:
    """Recall, false events, and what part of the picks of right events is theirs."""
    of = owners(answer, drawn)
    possible = set(drawn.possible.tolist())
    right = [(picks, owner) for picks, owner in zip(answer, of, strict=True) if owner >= 0]
    mine = sum(drawn.truth[p.time_ns, p.trace_id, p.phase] == owner for picks, owner in right for p in picks)
    return {
        "possible": len(possible),
        "recalled": len(possible & set(of)),
        "found": len(answer),
        "false": len(answer) - len(right),
        "purity": mine / max(1, sum(len(picks) for picks, _ in right)),
    }


def peers(asked: Any, drawn: Drawn, folder: Path) -> tuple[dict[str, Side], list[str]]:
    """The peers that are installed and asked for, and those that are not there."""
    sides: dict[str, Side] = {}
    absent = []
    for name in asked.peers:
        try:
            importlib.import_module(name)
        except ImportError:
            absent.append(name)
            continue
        if name == "pyocto":
            least = {"n_picks": 6, "n_p_picks": 2, "n_s_picks": 1, "n_p_and_s_picks": 1}
            sides["PyOcto"] = pyocto_side(drawn, folder)
            sides["PyOcto, 6 picks"] = pyocto_side(drawn, folder, **least)
        else:
            sides["GaMMA"] = gamma_side(drawn)
    return sides, absent


def main(arguments: Sequence[str] | None = None) -> int:
    parser = fair.parser(__doc__)
    parser.add_argument("--events", type=fair.at_least_one, default=500, help="drawn events (default 500)")
    parser.add_argument("--per-day", type=float, default=500.0, help="events a day (default 500)")
    parser.add_argument("--every", type=float, default=None, help="instead: an event each so many seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peers", nargs="*", default=["pyocto", "gamma"], choices=["pyocto", "gamma"])
    asked = parser.parse_args(arguments)
    span_s = asked.events * (asked.every or DAY_S / asked.per_day)
    scene = Scene(events=asked.events, span_s=span_s, every_s=asked.every)
    stations = network(asked.seed + 1)
    drawn = draw(stations, MODEL, scene=scene, seed=asked.seed, truth=ROCK)
    with tempfile.TemporaryDirectory() as folder:
        others, absent = peers(asked, drawn, Path(folder))
        return compared(asked, drawn, {"ours": ours(drawn, stations), **others}, absent)


def compared(asked: Any, drawn: Drawn, sides: dict[str, Side], absent: list[str]) -> int:
    """Run all sides in turn and tell; equal is that ours gave the same events in every round."""
    answers: dict[str, list[Answer]] = {name: [] for name in sides}

    def counted(name: str) -> Callable[[], int]:
        def run() -> int:
            answers[name].append(sides[name]())
            return len(drawn.picks)

        return run

    rates = fair.interleaved({name: counted(name) for name in sides}, rounds=asked.rounds)
    figures, scores = [], {}
    for name, held in rates.items():
        bound = {"at_least": TARGET_RATE} if name == "ours" else {}
        figures.append(fair.figure(f"{name}: cost", held, "picks/CPU-s", **bound))
        one = scores[name] = scored(drawn, answers[name][-1])
        reach = {"at_least": TARGET_RECALL} if name == "ours" else {}
        most = {"at_most": TARGET_FALSE} if name == "ours" else {}
        figures.append(fair.exact(f"{name}: recall", one["recalled"] / max(1, one["possible"]), "", **reach))
        figures.append(fair.exact(f"{name}: false events", one["false"] / max(1, one["found"]), "of found", **most))
        if name != "ours":
            figures.append(fair.figure(f"ours / {name}", fair.ratios(rates["ours"], held), "×"))
    for name in absent:
        print(f"peer {name}: not installed, left out", file=sys.stderr)
    same = all(answer == answers["ours"][0] for answer in answers["ours"])
    return fair.tell(
        "associate", figures, asked=asked, versions=fair.versions("foreshock", "numpy", "pyocto", "GMMA"), equal=same,
        checked="ours gives the same events in every round", picks=len(drawn.picks), scores=scores, absent=absent,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
