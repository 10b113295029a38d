"""How soon a live picker knows: the share of labelled P told within so many seconds, and what of it is taken back.

Recordings are heard as streams; a P counts as told when a pick within 0.5 s of the label was first known, in the time
of the data. Records: ncedc's test split (three components) and the development split of picks_misc (good picks), which
`picker-live` did not learn from, and the gujarat test records whose onset two classical pickers agree on.

    FORESHOCK_DATA=folder python benchmarks/live_recall.py [BUNDLE]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np

import pick_trials
from foreshock.bundle import read_bundle, shipped
from foreshock.clock import NS_PER_S
from foreshock.predict.pick.live_records import LivePickerOnRecords

SECONDS = (0.5, 1.0, 1.5, 2.0, 3.0, 6.0, 10.0)
NEAR_S = 0.5


def heard(picker: LivePickerOnRecords, trial: pick_trials.Trial, data: Path) -> dict[str, Any]:
    """Of one set: shares of P told within seconds, of P that stand at the end, and how many first words were kept."""
    truth = {trace.trace_id: trace.p_ns for trace in trial.traces if trace.p_ns is not None}
    after, kept, begun, withdrawn = [], 0, 0, 0
    for record in pick_trials.records(data / trial.of, set(truth)):
        p_ns = truth[record.truth.trace_id]
        events = picker.events(record.waveform)
        last = {event.pick_id: event for event in events}
        first = {event.pick_id: event for event in reversed(events)}
        begun += len(first)
        withdrawn += sum(event.kind == "withdrawn" for event in last.values())
        near = [
            one.pick.available_at_ns
            for one in first.values()
            if one.pick.phase == "P" and abs(one.pick.time_ns - p_ns) <= NEAR_S * NS_PER_S
        ]
        after.append((min(near) - p_ns) / NS_PER_S if near else np.inf)
        kept += any(
            one.stands and one.pick.phase == "P" and abs(one.pick.time_ns - p_ns) <= NEAR_S * NS_PER_S for one in events
        )
    waits = np.array(after)
    return {
        "n": len(waits),
        "told_within_s": {f"{s:g}": round(float((waits <= s).mean()), 4) for s in SECONDS},
        "stands": round(kept / max(len(waits), 1), 4),
        "first_words": begun,
        "withdrawn": withdrawn,
    }


def main() -> int:
    """Tell of every set."""
    options = fair.parser(__doc__)
    options.set_defaults(rounds=1)
    options.add_argument("bundle", nargs="?", type=Path, help="default: the live picker that ships")
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    asked = options.parse_args()
    if asked.data is None:
        print("--data: the data sets are not named; set FORESHOCK_DATA or give --data.", file=sys.stderr)
        return 2
    asked.rounds = 1
    picker = LivePickerOnRecords(shipped("picker-live") if asked.bundle is None else read_bundle(asked.bundle))
    held_out = [trial for trial in pick_trials.trials(asked.data).labelled if trial.held_out]
    told = {trial.name: heard(picker, trial, asked.data) for trial in held_out}
    figures = [
        fair.exact(f"{name}, n = {one['n']}: P told within {s} s", one["told_within_s"][s], "of all")
        for name, one in told.items()
        for s in ("1", "3", "10")
    ]
    figures += [
        fair.exact(f"{name}: taken back", one["withdrawn"] / max(1, one["first_words"]), "of first words")
        for name, one in told.items()
    ]
    return fair.tell(
        "live_recall",
        figures,
        asked=asked,
        versions=fair.versions("foreshock", "onnxruntime", "numpy"),
        equal=all(0 <= one["stands"] <= 1 for one in told.values()),
        checked="every record was heard once, as a stream",
        trials=told,
    )


if __name__ == "__main__":
    sys.exit(main())
