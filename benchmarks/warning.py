"""Early warning on scenarios of family B: earthquakes in networks of three spacings, and disturbances of every kind.

    python benchmarks/warning.py --events 20 --each 4 --out runs/warning
    foreshock evaluate --task warning runs/warning/events --out runs/warning/scores

Every run lies in a folder of its own with its truth beside it, as `foreshock warn` writes it. The relation is
`synthetic_a`, fitted on family A. This proves engineering, not science.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from foreshock.apps.warning.engine import Engine
from foreshock.apps.warning.settings import EventSettings, WarningSettings
from foreshock.clock import StepClock, cpu_time_ns, iso_utc
from foreshock.collect.synthetic.scenario import ADVERSARIES, Scenario, ScenarioSettings, make_scenario, write_scenario
from foreshock.predict.shaking import read_sites
from foreshock.predict.travel.named import travel_times
from foreshock.road.warning import Warned, Watch, replay
from foreshock.types.authority import Rehearsal

SPACINGS_KM = (15.0, 20.0, 25.0)
REAL = ("regional", "quarry_blast")
"""Adversaries that are earthquakes or blasts: an alert about one is told apart, and is not false."""
FIRST_SEED = 50_000


def main() -> None:
    """Make, warn, count."""
    told = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    told.add_argument("--events", type=int, default=20, help="earthquakes for each spacing")
    told.add_argument("--each", type=int, default=4, help="draws of each adversary")
    told.add_argument("--out", type=Path, required=True)
    told.add_argument("--magnitudes", type=float, nargs=2, default=(4.0, 6.5))
    told.add_argument("--b-value", type=float, default=0.0, help="of the draws, and of the engine's prior")
    told.add_argument("--json", action="store_true")
    asked = told.parse_args()
    before_ns, rows = cpu_time_ns(), []
    for name, settings in _wanted(asked):
        folder = asked.out / name
        if (folder / "warn.json").exists():
            continue
        done = run(make_scenario(settings), folder, b_value=asked.b_value or 0.01)
        rows.append({"run": name, "alerts": done.alerts, "events": done.events})
        print(name, done.alerts, "alerts", file=sys.stderr)
    if asked.json:
        print(json.dumps({"runs": rows, "cpu_s": (cpu_time_ns() - before_ns) * 1e-9}, indent=2))


def _wanted(asked: argparse.Namespace) -> Iterator[tuple[str, ScenarioSettings]]:
    low, high = asked.magnitudes
    for spacing_km in SPACINGS_KM:
        for k in range(asked.events):
            yield (
                f"events/{spacing_km:g}km-{k:03d}",
                ScenarioSettings(
                    family="B", seed=FIRST_SEED + k, spacing_km=spacing_km, magnitude_min=low, magnitude_max=high,
                    b_value=asked.b_value,
                ),
            )  # fmt: skip
    for name in ADVERSARIES:
        for k in range(asked.each):
            kind = "real" if name in REAL else "disturbances"
            yield (
                f"{kind}/{name}-{k:03d}",
                ScenarioSettings(family="B", seed=FIRST_SEED + k, events=0, adversaries=(name,)),
            )


def run(scenario: Scenario, folder: Path, *, b_value: float) -> Warned:
    """Replay a scenario through an engine, with its truth beside what is told."""
    write_scenario(scenario, folder, recordings=False)
    (folder / "packets.jsonl.gz").unlink()  # it can be made again, and is large
    settings = WarningSettings(relation="synthetic_a", event=EventSettings(b_value=b_value))
    engine = Engine(
        {one.station_id: one for one in scenario.stations},
        travel=travel_times("southern_california"),
        settings=settings,
        sites=read_sites(folder / "sites.csv"),
    )
    clock = StepClock(scenario.settings.start_ns)
    facts = {
        "source": "scenario",
        "mode": "replay",
        "kind_of_data": "synthetic",
        "settings": {**settings.model_dump(mode="json"), "velocity_model": "southern_california"},
        "sites": "sites.csv",
        "started": iso_utc(scenario.settings.start_ns),
    }
    return replay(scenario.packets(), Watch(engine, folder, Rehearsal(clock), "foreshock", (), facts), clock)


if __name__ == "__main__":
    main()
