"""Fits the scaling relation `synthetic_a` on scenarios of family A; prints what stands in `apps/warning/relations.py`.

    python benchmarks/warning_relation.py --events 120

Family B is never read here: it is what scores are made on.
"""

from __future__ import annotations

import argparse
from itertools import batched

import numpy as np

from foreshock.apps.warning.amplitude import displacements
from foreshock.apps.warning.bank import Bank, Heard
from foreshock.apps.warning.fit_relation import Rows, fitted
from foreshock.apps.warning.relations import lasting_s
from foreshock.apps.warning.settings import StreamSettings, TriggerSettings
from foreshock.collect.synthetic.scenario import ScenarioSettings, make_scenario
from foreshock.geo import distance_km
from foreshock.types.pick import Pick

WINDOWS_S = (1.0, 2.0, 4.0, 20.0)
FIRST_SEED = 10_000

Row = tuple[float, float, float, float, float, int]


def rows_of(seed: int) -> list[Row]:
    """(log Pd, seconds seen, M, km, depth, event) of the stations of one scenario, at the true arrivals."""
    told = ScenarioSettings(seed=seed, family="A", stations=12, spacing_km=25.0, magnitude_min=3.5, magnitude_max=7.5)
    scenario = make_scenario(told)
    stations = scenario.stations
    bank = Bank({one.station_id: one for one in stations}, stream=StreamSettings(), trigger=TriggerSettings())
    for packets in batched(scenario.packets(), 3 * len(stations)):
        bank.take(packets, now_ns=packets[-1].arrived_ns)
    event = scenario.events[0]
    p, s = scenario.arrivals()[event.event_id]
    onsets = [
        Heard(Pick(one.station_id, "P", int(time_ns), 0.9, 0.05, int(time_ns)), 100.0)
        for one, time_ns in zip(stations, p, strict=True)
    ]
    far = [float(distance_km(event.latitude, event.longitude, one.latitude, one.longitude)) for one in stations]
    rows: list[Row] = []
    for window_s in WINDOWS_S:
        apart_s = (np.asarray(s) - np.asarray(p)) / 1e9
        which, seen = displacements(bank, onsets, s_after_p_s=apart_s, longest_s=window_s)
        for k, at in enumerate(which):
            if not seen.is_noise[k]:
                told_of = (float(seen.log_pd[k]), float(seen.seen_s[k]))
                rows.append((*told_of, event.magnitude, far[at], event.depth_km, seed))
    return rows


def main() -> None:
    """Measure, fit, print."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--events", type=int, default=120)
    n = told.parse_args().events
    rows = np.array([row for seed in range(FIRST_SEED, FIRST_SEED + n) for row in rows_of(seed)])
    log_pd, seen_s, magnitude, far, depth, event = rows.T
    found = fitted(
        Rows(log_pd, seen_s, magnitude, far, depth, event.astype(np.int64)),
        name="synthetic_a",
        source="scenarios of family A",
    )
    done = seen_s >= lasting_s(magnitude)
    print(f"{len(rows)} rows of {n} events; of {done.sum()} the source was done")
    print(found)
    off = log_pd - found.log_pd(magnitude, epicentral_km=far, depth_km=depth)
    for low in np.arange(3.5, 7.5, 0.5):
        part = done & (magnitude >= low) & (magnitude < low + 0.5)
        if part.any():
            print(f"  M {low:.1f}: log Pd - median {off[part].mean():+.2f}, sd {off[part].std():.2f}, n {part.sum()}")


if __name__ == "__main__":
    main()
