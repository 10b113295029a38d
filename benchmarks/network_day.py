"""A synthetic network-day with exact truth, made into a catalogue and scored. Knows no peer.

The recording: 50 stations in 60 km, a day, 2,000 earthquakes of M 0.5 to 5.5 (Gutenberg-Richter, Omori), station
delays of 0.1 s, clock errors, two clocks that jump, gaps, noise of day and night
(`foreshock collect synthetic-network`). The dense hour: an earthquake of M >= 1 every 20 s, most in one sequence.
Both are made into catalogues by `foreshock predict` with a velocity model 3 to 5 % too fast and with other layers, and
scored by `foreshock evaluate --task catalogue`. With `--causes` the same picks are associated and located again with
the rock's own model, and without delays and clock errors, which tells where errors come from.

What is done already is not done again: a run that was broken off goes on. `--out` is the folder for all of it (a day
takes 2.5 GB); CPU seconds are of each command with its workers.

    python benchmarks/network_day.py --out runs/network_day --hours 1 --stations 20 --events 90
    python benchmarks/network_day.py --out runs/network_day --causes --write
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

from foreshock.clock import NS_PER_S, iso_utc, utc_ns

RESULTS = Path(__file__).with_name("network_day.json")
WRONG = (
    (0.0, 5.10, 2.90),
    (2.0, 6.05, 3.48),
    (12.0, 6.40, 3.67),
    (20.0, 6.85, 3.93),
    (35.0, 8.20, 4.66),
)
"""Layers (top in km, vp, vs in km/s) with which is located: 3.4 to 4.3 % faster than the rock, tops elsewhere."""
DENSE = "[network_day]\nmagnitude_min = 1.0\nsequences = 1\nbackground_fraction = 0.2\n"
SHOWN = ("recall", "precision", "chance_recall", "origin_time_median_s", "epicentre_median_km", "epicentre_p95_km")
SHOWN += ("depth_bias_km", "depth_median_km", "ellipse_coverage_68", "ellipse_coverage_95", "ellipse_scale")
SHOWN += ("depth_coverage_68", "depth_coverage_95", "time_coverage_68", "time_coverage_95")


class Costs:
    """CPU seconds of each phase of a folder, kept beside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "costs.json"
        self.held: dict[str, float] = json.loads(self.path.read_text()) if self.path.exists() else {}

    def run(self, phase: str, *arguments: Any) -> str:
        """Run a foreshock command, and give its output."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "foreshock", *map(str, arguments)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.held[phase] = round(self.held.get(phase, 0.0) + spent, 1)
        self.path.write_text(json.dumps(self.held, indent=2) + "\n")
        return done.stdout


def record(folder: Path, costs: Costs, *options: Any) -> Path:
    """The recording of a folder, made if it is not there."""
    recording = folder / "recording"
    if not (recording / "settings.json").exists():
        if recording.exists():
            shutil.rmtree(recording)
        costs.run("record", "collect", "synthetic-network", "--out", recording, *options, "--json")
    return recording


def build(folder: Path, costs: Costs, recording: Path, *, workers: int) -> Path:
    """The catalogue of a recording, built, or gone on with if a run was broken off."""
    out, model = folder / "catalogue", layers(folder / "wrong.csv", WRONG)
    if not (out / "report.html").exists():
        resume = ["--resume"] if (out / "manifest.sqlite").exists() else []
        where = ["--stations", recording / "stations.xml", "--out", out, "--velocity-model", model]
        costs.run("predict", "predict", recording / "archive", *where, "--workers", workers, "--no-pictures", *resume)
    return out


def layers(path: Path, table: Sequence[tuple[float, float, float]]) -> Path:
    """A velocity model as a file."""
    path.write_text("top_km,vp_km_s,vs_km_s\n" + "".join(f"{t},{p},{s}\n" for t, p, s in table))
    return path


def score(costs: Costs, events: Path, recording: Path) -> dict[str, Any]:
    """The scores of a catalogue."""
    said = costs.run(
        "score", "evaluate", "--task", "catalogue", "--events", events, "--truth", recording / "truth.csv", "--json"
    )
    told: dict[str, Any] = json.loads(said)
    return told


def causes(folder: Path, costs: Costs, recording: Path, catalogue: Path) -> dict[str, Any]:
    """The same picks associated and located again with what is wrong put right, one thing after the other."""
    held = json.loads((recording / "settings.json").read_text())["ground"]["layers"]
    true = layers(folder / "rock.csv", [(one["top_km"], one["vp_km_s"], one["vs_km_s"]) for one in held])
    wrong, clean = folder / "wrong.csv", without_delays(folder, recording, catalogue / "picks.csv")
    found = {}
    for name, picks, model in (
        ("true layers", catalogue / "picks.csv", true),
        ("true times", clean, wrong),
        ("true layers and times", clean, true),
    ):
        out, stations = folder / "causes" / name.replace(" ", "_"), ("--stations", recording / "stations.xml")
        if not (out / "located" / "events.csv").exists():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            how = (*stations, "--velocity-model", model)
            costs.run("causes", "associate", picks, *how, "--out", out / "associated")
            costs.run("causes", "locate", out / "associated" / "catalog.xml", *how, "--out", out / "located")
        found[name] = score(costs, out / "located", recording)["measures"]
    return found


def without_delays(folder: Path, recording: Path, picks: Path) -> Path:
    """The picks with each station's delay and clock error taken off."""
    with (recording / "recorders.csv").open(newline="") as lines:
        known = {row["trace_id"]: row for row in csv.DictReader(lines)}
    out = folder / "picks_without_delays.csv"
    with picks.open(newline="") as lines, out.open("w", newline="") as target:
        reader = csv.DictReader(lines)
        writer = csv.DictWriter(target, reader.fieldnames or [])
        writer.writeheader()
        for row in reader:
            station, time_ns = known[".".join(row["trace_id"].split(".")[:3])], utc_ns(row["time"])
            off = float(station["clock_s"]) + float(station[f"{row['phase'].lower()}_static_s"])
            if station["jump_from"] and utc_ns(station["jump_from"]) <= time_ns < utc_ns(station["jump_to"]):
                off += float(station["jump_s"])
            writer.writerow({**row, "time": iso_utc(time_ns - round(off * NS_PER_S)), "event_id": ""})
    return out


def show(name: str, told: Mapping[str, Any], costs: Mapping[str, float]) -> None:
    """A table for people."""
    print(f"\n{name}: {told['n_found']} found, {told['n_truth']} true, {told['n_matched']} matched; CPU s {costs}")
    for measure in SHOWN:
        print(f"  {measure:24} {cell(told['measures'][measure])}")
    for what, groups in told["recall_by"].items():
        print(f"  recall by {what}: " + "; ".join(f"{group} {cell(held)}" for group, held in groups.items()))
    for kind, held in told["magnitudes"].items():
        print(f"  {kind}: bias {cell(held['bias'])}, MAE {cell(held['mae'])}")
        print("    bias " + "; ".join(f"{group} {cell(one)}" for group, one in held["by_magnitude"].items()))
    for quality, held in told["by_quality"].items():
        print(f"  {quality}: " + ", ".join(f"{one} {cell(held[one])}" for one in held))


def cell(held: Mapping[str, Any]) -> str:
    """A score with its interval."""
    if held["value"] is None:
        return "-"
    reach = "" if held["low"] is None else f" [{held['low']:.3f}, {held['high']:.3f}]"
    return f"{held['value']:.3f}{reach} n={held['n']}"


def scenario(asked: argparse.Namespace, name: str, *options: Any) -> dict[str, Any]:
    """Make, build, score and tell one recording."""
    folder = asked.out / name
    folder.mkdir(parents=True, exist_ok=True)
    costs = Costs(folder)
    recording = record(folder, costs, *options, "--stations", asked.stations, "--seed", asked.seed)
    catalogue = build(folder, costs, recording, workers=asked.workers)
    told = score(costs, catalogue, recording)
    if not asked.json:
        show(name, told, costs.held)
    kept = {part: told[part] for part in ("n_truth", "n_found", "n_matched", "measures", "recall_by", "magnitudes")}
    kept |= {"by_quality": told["by_quality"], "rule": told["rule"], "cpu_s": costs.held}
    if asked.causes:
        kept["causes"] = causes(folder, costs, recording, catalogue)
        for cause, measures in () if asked.json else kept["causes"].items():
            print(f"  {cause}: " + ", ".join(f"{m} {cell(measures[m])}" for m in SHOWN if m in measures))
    return kept


def keep(asked: argparse.Namespace, found: Mapping[str, Any]) -> None:
    """Put the figures of these recordings beside those of the other, each with what was asked for."""
    settings = {name: getattr(asked, name) for name in ("hours", "stations", "events", "every_s", "seed")}
    versions = fair.versions("foreshock", "numpy", "scipy")
    held = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    held |= {name: {"settings": settings, "versions": versions, **told} for name, told in found.items()}
    RESULTS.write_text(json.dumps(held, indent=2) + "\n")


def told(asked: argparse.Namespace, found: Mapping[str, Any]) -> int:
    """Both recordings' figures, with their intervals, as the other benchmarks tell theirs."""
    figures = []
    for name, one in found.items():
        for measure in SHOWN:
            held = one["measures"][measure]
            if held["value"] is not None:
                low, high = (held[end] if held[end] is not None else held["value"] for end in ("low", "high"))
                figures.append(fair.Figure(f"{name}: {measure}", held["value"], low, high, ""))
    asked.rounds = 1
    return fair.tell(
        "network_day",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "numpy", "scipy"),
        equal=all(one["n_matched"] <= min(one["n_found"], one["n_truth"]) for one in found.values()),
        checked="no earthquake is matched twice",
    )


def main() -> int:
    """Run both recordings and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/network_day"), help="default runs/network_day")
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--stations", type=int, default=50)
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--every-s", type=float, default=20.0, help="of the dense hour")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", choices=("day", "dense"), help="one of the two recordings")
    parser.add_argument("--causes", action="store_true")
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {RESULTS.name}")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    dense = asked.out / "dense.toml"
    dense.write_text(DENSE)
    found = {}
    if asked.only != "day":
        hour = ("--span-s", 3600, "--start", "2021-05-01T10:00:00Z", "--every-s", asked.every_s, "--settings", dense)
        found["dense"] = scenario(asked, "dense", *hour)
    if asked.only != "dense":
        found["day"] = scenario(asked, "day", "--span-s", asked.hours * 3600, "--events", asked.events)
    if asked.write:
        keep(asked, found)
    return told(asked, found) if asked.json else 0


if __name__ == "__main__":
    sys.exit(main())
