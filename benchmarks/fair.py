"""How every benchmark measures and tells: CPU time with children, one thread, interleaved rounds. Knows no subject."""

from __future__ import annotations

import argparse
import atexit
import importlib
import json
import os
import platform
import resource
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

ROUNDS = 7
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Figure:
    """One measured figure: the median of the rounds, their range, and what it must reach."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def reached(self) -> bool | None:
        """Whether the median keeps the bound; None where there is none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.at_most is None else self.value <= self.at_most

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    def line(self) -> str:
        """The figure in one line."""
        verdict = {True: "reached", False: "SHORT OF IT", None: ""}[self.reached]
        bound = f"; {self.bound}: {verdict}" if self.bound else ""
        return f"{self.name}: {shown(self.value)} [{shown(self.low)}–{shown(self.high)}] {self.unit}{bound}"


def shown(value: float) -> str:
    """A number with three to four digits that matter."""
    if value == 0 or 1e-2 <= abs(value) < 1e6:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:.1e}"


def figure(name: str, values: list[float], unit: str, **bound: float) -> Figure:
    """Median and range of the rounds."""
    return Figure(name, statistics.median(values), min(values), max(values), unit, **bound)


def exact(name: str, value: float, unit: str, **bound: float) -> Figure:
    """A figure that was counted, not timed."""
    return Figure(name, value, value, value, unit, **bound)


def cpu_s() -> float:
    """CPU seconds, user and system, of this process and its finished children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def interleaved(sides: Mapping[str, Callable[[], int]], *, rounds: int) -> dict[str, list[float]]:
    """Run the sides in turn, `rounds` times after one warm-up; give items per CPU-second of each side and round.

    A side returns how many items it made. The order turns round by round, so that none is always the first.
    """
    rates: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for count in range(rounds + 1):
        turn = count % len(names)
        for name in names[turn:] + names[:turn]:
            began = cpu_s()
            items = sides[name]()
            spent = cpu_s() - began
            if count:
                rates[name].append(items / max(spent, 1e-9))
    return rates


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Ours over theirs, round by round."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def peer(name: str, *, extra: str) -> ModuleType:
    """Import a peer, or end with one sentence that says what is missing and what helps."""
    if "SEISBENCH_CACHE_ROOT" not in os.environ:  # importing it writes a file, by default into the person's home
        os.environ["SEISBENCH_CACHE_ROOT"] = tempfile.mkdtemp(prefix="peer-cache-")
        atexit.register(shutil.rmtree, os.environ["SEISBENCH_CACHE_ROOT"], ignore_errors=True)
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"peer {name}: it is not installed; run pip install 'foreshock[{extra}]'.", file=sys.stderr)
        raise SystemExit(1) from None


def versions(*names: str) -> dict[str, str]:
    """What ran, without the machine's name."""
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def parser(doc: str | None, *, records: int | None = None) -> argparse.ArgumentParser:
    """The options that all benchmarks share."""
    made = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rounds", type=at_least_one, default=ROUNDS, help="rounds after one warm-up (default 7)")
    if records is not None:
        made.add_argument("--records", type=at_least_one, default=records, help=f"records a round (default {records})")
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


def at_least_one(text: str) -> int:
    """A count from the command line."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def tell(
    schema: str, figures: list[Figure], *, asked: argparse.Namespace, versions: Mapping[str, str], equal: bool,
    checked: str, **details: Any,
) -> int:  # fmt: skip
    """Print the result as lines or as one JSON object; the exit code is 1 where what must be equal is not."""
    if asked.json:
        told = {
            "schema": f"foreshock.benchmark.{schema}/1",
            "figures": [asdict(one) | {"reached": one.reached} for one in figures],
            "rounds": asked.rounds,
            "versions": dict(versions),
            "equal": equal,
            "checked": checked,
        }
        print(json.dumps(told | details, indent=2, ensure_ascii=False))
        return 0 if equal else 1
    print("  ".join(f"{name} {value}" for name, value in versions.items()) + f"  rounds {asked.rounds}")
    for one in figures:
        print(one.line())
    print(f"{'equal' if equal else 'NOT EQUAL'}: {checked}")
    for name, value in details.items():
        print(f"{name}: {value}")
    return 0 if equal else 1
