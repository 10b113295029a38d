"""How a source estimator does at a station it never saw. Measures scores, no time.

`foreshock train --recipe source` also trains one small network for each station that it leaves out, and keeps them as
bundles below its folder. Each is asked here about the records of its own station alone, as counts of a known network,
and the answers are scored together beside the amplitude-distance line without station terms, fitted without that
station too and given the true distance.

    FORESHOCK_DATA=... python benchmarks/source_leave_one_out.py RUN --split test
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from foreshock.errors import NothingMatchedError
from foreshock.evaluate.source_scores import SourceScores, score_sources
from foreshock.road.source import FOLDS
from foreshock.road.source_assessment import BARE, OURS, SourceTask, assess_sources

SHOWN = (
    "magnitude_mae",
    "magnitude_bias",
    "magnitude_coverage_90",
    "distance_median_relative_error",
    "distance_coverage_90",
    "azimuth_median_error_deg",
)


def left_out(run: Path, data: Path, split: str) -> dict[str, pd.DataFrame]:
    """What every network says of the station it never saw, and the line beside it."""
    tables: dict[str, list[pd.DataFrame]] = {}
    for bundle in sorted((run / FOLDS).glob("*.bundle")):
        task = SourceTask(data, split, bundle, use_station=False, stations=(bundle.stem,))
        try:
            assessment = assess_sources(task)
        except NothingMatchedError:
            continue
        for name, table in assessment.tables.items():
            tables.setdefault(name, []).append(table)
    return {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items() if name in (OURS, BARE)}


def rows_of(scores: SourceScores) -> list[dict[str, Any]]:
    """Scores by station, then all together, with the line's."""
    last = max(scores.elapsed_s)
    named = {**scores.groups, "all": scores.predictors[OURS][last], "line, all": scores.predictors[BARE][last]}
    rows = []
    for name, held in named.items():
        cells = {m: held[m] for m in SHOWN if m in held}
        rows.append({"who": name, **{m: [s.value, s.low, s.high, s.n] for m, s in cells.items()}})
    gain = scores.gains[BARE][last]["magnitude_mae"]
    rows.append({"who": "line minus ours", "magnitude_mae": [gain.value, gain.low, gain.high, gain.n]})
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="the folder of foreshock train --recipe source")
    parser.add_argument("--data", type=Path, help="a data set; $FORESHOCK_DATA/gujarat if not given")
    parser.add_argument("--split", default="test")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    home = os.environ.get("FORESHOCK_DATA")
    data = told.data or (Path(home) / "gujarat" if home else None)
    if data is None or not (told.run / FOLDS).is_dir():
        print("needs --data (or FORESHOCK_DATA) and a run with its folds", file=sys.stderr)
        return 1
    tables = left_out(told.run, data, told.split)
    rows = rows_of(score_sources(tables))
    last = tables[OURS][tables[OURS]["elapsed_s"] == tables[OURS]["elapsed_s"].max()]
    strange = (last["strangeness"] > 1).groupby(last["group"]).mean()
    rows.append({"who": "outside the domain", **{name: [share] for name, share in strange.items()}})
    if told.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        held = {name: value for name, value in row.items() if name != "who"}
        cells = [f"{m} {v[0]:.3f}" + (f" [{v[1]:.3f}, {v[2]:.3f}] n={v[3]}" if v[1:] else "") for m, v in held.items()]
        print(row["who"], *cells, sep="  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
