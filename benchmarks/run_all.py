"""Run every benchmark, write `results.json`, and put the table of README.md between its markers. Measures nothing.

A benchmark that is left out (`--only`) or that ended without a result keeps the figures of its last run. All of them
take some hours. What pickers, weights and models are worth on records is not among them: those scores stand apart.

    FORESHOCK_DATA=... python benchmarks/run_all.py --peers folder
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fair

HERE = Path(__file__).resolve().parent
NAMES = (
    "startup", "install_size", "synthetic_records", "features", "training_input", "seisbench_formats", "shaking",
    "alerts", "miniseed", "relay", "live_client", "live_recall", "pick_cost", "pick_day", "foreign_cost", "associate",
    "archive_scale", "network_day",
)  # fmt: skip
MOST_ROUNDS = {"relay": 3, "live_client": 3, "archive_scale": 2}
"""Long ones, whose rounds are minutes."""
ONCE = ("live_recall", "network_day")
OPTIONS = {"shaking": ("--peers",), "associate": ("--peers", "pyocto"), "network_day": ("--write",)}
OF_WEIGHTS = ("pick_cost", "foreign_cost")
BEGIN, END = "<!-- results: written by run_all.py -->", "<!-- end of results -->"


def run(name: str, *, options: list[str]) -> dict[str, Any] | None:
    """Run one benchmark in a process of its own; None where it gave no result, with its last line told."""
    command = [sys.executable, str(HERE / f"{name}.py"), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | fair.ONE_THREAD)
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        print(f"{name}: no result: {(done.stderr.strip() or 'it said nothing').splitlines()[-1]}", file=sys.stderr)
        return None
    return told | {"command": f"python benchmarks/{name}.py --json"}


def options_of(name: str, asked: Any) -> list[str]:
    """What a benchmark is run with."""
    told = [] if name in ONCE else ["--rounds", str(min(asked.rounds, MOST_ROUNDS.get(name, asked.rounds)))]
    if name in OF_WEIGHTS and asked.peers is not None:
        told += ["--peers", str(asked.peers)]
    return [*told, *OPTIONS.get(name, ())]


def table(results: dict[str, Any]) -> str:
    """All figures as Markdown."""
    lines = ["| benchmark | figure | median | min–max | unit | must be | reached |", "|---|---|---:|---|---|---|---|"]
    for name in NAMES:
        for told in results["benchmarks"].get(name, {}).get("figures", []):
            one = fair.Figure(**{key: value for key, value in told.items() if key != "reached"})
            span = "" if one.low == one.high else f"{fair.shown(one.low)}–{fair.shown(one.high)}"
            verdict = {True: "yes", False: "**no**", None: ""}[one.reached]
            cells = (f"`{name}`", one.name, fair.shown(one.value), span, one.unit, one.bound, verdict)
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *footnotes(results)])


def footnotes(results: dict[str, Any]) -> list[str]:
    """One line a benchmark: when, on what, with which versions, and what was checked in the run."""
    lines = []
    for name in NAMES:
        if name in results["benchmarks"]:
            told = results["benchmarks"][name]
            used = ", ".join(f"{key} {value}" for key, value in told["versions"].items())
            verdict = "equal" if told["equal"] else "**NOT EQUAL**"
            rounds = f"{told['rounds']} rounds" if told["rounds"] > 1 else "one run"
            lines.append(
                f"- `{name}` ({told['date']}, {told['machine']}; {rounds}): {used}. {verdict}: {told['checked']}."
            )
    return lines


def machine() -> str:
    """The machine's class in general words."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, one thread used"


def put_between_markers(readme: Path, text: str) -> None:
    """Replace what stands between the two markers."""
    before, found, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        print(f"{readme.name}: it lacks the marker {BEGIN} or {END}; put both back.", file=sys.stderr)
        raise SystemExit(1)
    readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Run, write, and fail where one gave no result or found a difference."""
    options = fair.parser(__doc__)
    options.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), help="run these only")
    options.add_argument("--out", type=Path, default=HERE, help="folder of results.json and README.md")
    options.add_argument("--peers", type=Path, help="folder of SeisBench's weights, for what runs them")
    asked = options.parse_args()
    kept = asked.out / "results.json"
    results = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {"benchmarks": {}}
    failed = []
    for name in asked.only:
        print(f"{name} …", file=sys.stderr, flush=True)
        told = run(name, options=options_of(name, asked))
        if told is None or not told["equal"]:
            failed.append(name)
        if told is not None:
            results["benchmarks"][name] = told | {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine()}
    results = {"schema": "foreshock.benchmarks/1", "benchmarks": results["benchmarks"]}
    text = json.dumps(results, indent=2, ensure_ascii=False)
    kept.write_text(text + "\n", encoding="utf-8")
    put_between_markers(asked.out / "README.md", table(results))
    print(text if asked.json else table(results))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
