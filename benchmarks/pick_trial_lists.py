"""The lists that pickers are tried on, fixed before any training: folds, records, quiet minutes. Asks no network.

They follow from the recordings, one seed, and rules without learning:

* `ncedc.csv`: every record with the data set's split and the fold of its event. The events of three-component records
  are shuffled and dealt out to the folds in turn; then those of the other events.
* `picks_misc.csv`: the records whose picks were found good, by origin, and which of P and S is good.
* `gujarat.csv`: every test record. `p` is the mean of the onsets of STA/LTA + AIC and of a second picker without
  learning, where both lie −1…+3 s about the calculated P and within 0.1 s of each other, and else empty.
* `luhu_continuous.json`: the whole minutes between 13:30 and 14:10 UTC that no coincidence of three stations touches,
  from 30 s before to 30 s after (`foreshock.evaluate.quiet`).

    FORESHOCK_DATA=folder python benchmarks/pick_trial_lists.py --out benchmarks/trials

The lists are kept beside this file; a test makes them again and compares.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import iso_utc, utc_ns
from foreshock.collect.datasets import Dataset
from foreshock.evaluate.quiet import COINCIDENCE_S, GUARD_S, MINUTE_NS, N_STATIONS
from foreshock.road.pick_quiet import OFF, ON, quiet_recordings
from foreshock.road.pick_truth import LabelledRecords
from foreshock.road.repick import AGREE_S, EARLY_S, LATE_S, repicked

LISTS = Path(__file__).resolve().parent / "trials"
SEED = 20200328
N_FOLDS = 5
QUIET_FROM, QUIET_TO = "2020-03-28T13:30:00Z", "2020-03-28T14:10:00Z"

Row = Mapping[str, Any]


def folds(events: Mapping[str, bool], *, seed: int = SEED, n_folds: int = N_FOLDS) -> dict[str, int]:
    """Deal events out to folds, those that count (True) first, so that each fold holds as many of them.

    >>> dealt = folds({"a": True, "b": False, "c": True, "d": True}, n_folds=2)
    >>> sorted(dealt[name] for name in "acd")
    [0, 0, 1]
    """
    rng = np.random.default_rng(seed)
    order: list[str] = []
    for counts in (True, False):
        some = sorted(name for name, mine in events.items() if mine is counts)
        order += [some[k] for k in rng.permutation(len(some))]
    return {name: k % n_folds for k, name in enumerate(order)}


def ncedc_rows(folder: Path) -> list[Row]:
    """Every record, its components and its fold."""
    with Dataset.open(folder) as data:
        components = data.metadata["trace_n_components"].astype(int).tolist()
        rows = list(zip(data.trace_ids, map(str, data.event_ids), components, data.splits, strict=True))
    three = {event: any(n == 3 for _, other, n, _ in rows if other == event) for _, event, _, _ in rows}
    dealt = folds(three)
    return [
        {"trace_id": name, "event_id": event, "components": n, "split": split, "fold": dealt[event]}
        for name, event, n, split in sorted(rows)
    ]


def misc_rows(folder: Path) -> list[Row]:
    """The records with good picks."""
    found = list(LabelledRecords(folder, "all", only_good=True))
    rows = [
        {
            "trace_id": trace.trace_id,
            "event_id": trace.event_id,
            "origin": trace.groups["origin"],
            "split": record.truth.split,
            "p": int(trace.p_ns is not None),
            "s": int(trace.s_ns is not None),
        }
        for record, trace in found
    ]
    return sorted(rows, key=lambda row: str(row["trace_id"]))


def gujarat_rows(folder: Path) -> list[Row]:
    """Every test record, with the P that two pickers agree on where they do."""
    rows = []
    for record, trace in LabelledRecords(folder, "test"):
        agreed = [again.truth.p_ns for again in repicked([record])]
        p = iso_utc(agreed[0]) if agreed and agreed[0] is not None else ""
        rows.append({"trace_id": trace.trace_id, "event_id": trace.event_id, "p": p})
    return sorted(rows, key=lambda row: row["trace_id"])


def luhu_quiet(folder: Path) -> dict[str, Any]:
    """The quiet minutes and the rule that found them."""
    heard = quiet_recordings(folder, first_ns=utc_ns(QUIET_FROM), last_ns=utc_ns(QUIET_TO))
    minutes = heard.everything().minutes
    return {
        "from": iso_utc(minutes[0]),
        "to": iso_utc(minutes[-1] + MINUTE_NS),
        "stations": list(heard.quiet.stations),
        "rule": {
            "picker": "sta_lta_aic, energy ratio of 0.5 s over 10 s on 1-20 Hz of the vertical",
            "on": ON,
            "off": OFF,
            "stations": N_STATIONS,
            "within_s": COINCIDENCE_S,
            "guard_s": GUARD_S,
        },
        "n_coincidences": heard.quiet.n_coincidences,
        "n_minutes": len(minutes),
        "quiet_minutes": [iso_utc(minute) for minute in heard.quiet.minutes],
    }


def table(rows: Sequence[Row]) -> str:
    """Rows as CSV."""
    lines = Lines()
    writer = csv.DictWriter(lines, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return "".join(lines.held)


class Lines:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def write(self, text: str) -> int:
        """Keep a line."""
        self.held.append(text)
        return len(text)


def made(data: Path) -> dict[str, str]:
    """Every list as the text of its file."""
    rows = {"ncedc": ncedc_rows(data / "ncedc"), "picks_misc": misc_rows(data / "picks_misc")}
    rows["gujarat"] = gujarat_rows(data / "gujarat")
    texts = {f"{name}.csv": table(held) for name, held in rows.items()}
    texts["luhu_continuous.json"] = json.dumps(luhu_quiet(data / "luhu_continuous"), indent=2) + "\n"
    told = {
        "schema": "foreshock.pick_trials/1",
        "command": "FORESHOCK_DATA=folder python benchmarks/pick_trial_lists.py --out benchmarks/trials",
        "seed": SEED,
        "n_folds": N_FOLDS,
        "agree_s": AGREE_S,
        "about_calculated_p_s": [EARLY_S, LATE_S],
        "n": {name: len(held) for name, held in rows.items()}
        | {"gujarat_agreed": sum(bool(row["p"]) for row in rows["gujarat"])},
        "made_from_sha256": fingerprints(
            data / name / "metadata.csv" for name in ("ncedc", "picks_misc", "gujarat")
        ),
    }  # fmt: skip
    return {**texts, "trials.json": json.dumps(told, indent=2) + "\n"}


def fingerprints(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files, by folder and name."""
    return {f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def main() -> int:
    """Write the lists."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument("--out", type=Path, default=LISTS, help="folder of the lists")
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, text in made(Path(asked.data)).items():
        (asked.out / name).write_text(text, encoding="utf-8")
        print(asked.out / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
