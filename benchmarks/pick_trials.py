"""Pickers on the fixed trials: one command scores any of them on all, in one table. Knows no peers and trains nothing.

A picker is given as `NAME=WHAT` or just `WHAT`, where WHAT is

* the name of a picker that Foreshock has, such as `sta_lta_aic` or `picker-live`;
* a bundle, or the folder of one. `{fold}` in its path stands for the fold that a bundle has not learnt from: each ncedc
  record is asked of the bundle of its fold, each picks_misc record of the bundle that left out its origin
  (`ORIGIN_FOLDS`), nothing else is asked. `{origin}` stands for the origin it has not learnt from (picks_misc alone);
* a `picks.csv`, or a folder with `ncedc.csv`, `picks_misc.csv`, `gujarat.csv`, `luhu_continuous.csv` or some of them.

The lists lie in `trials/` (see `pick_trial_lists.py`). Labelled trials are judged as `foreshock evaluate --task picks`
does: a pick is right within 0.5 s of its label, one to one, and any other of a labelled phase counts as other.
`gujarat` asks for a P within -1…+3 s of the calculated one and counts picks of either phase that come more than 5 s
before it; `gujarat timing` holds the records where two pickers without learning agree, so STA/LTA + AIC, which is one
of them, is not scored there by right. `luhu quiet` counts picks in the fixed minutes; the recordings are heard
whole. Intervals hold 95 %: events, or minutes, drawn again.

    FORESHOCK_DATA=folder python benchmarks/pick_trials.py sta_lta_aic ours=runs/picker.bundle eqt=picks/eqt_original

Pickers named after `--held-out` have learnt from the train and development splits of ncedc and the train split of
picks_misc: they are scored only on ncedc's test split, on the development split of picks_misc, and on the others.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from foreshock.bundle import find_bundle, read_bundle, shipped
from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.datasets import Dataset
from foreshock.collect.files import FileSource
from foreshock.errors import ConfigError, ForeshockError, InputError
from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.pick_scores import Answer, mean_of, plain_score, score_pickers
from foreshock.evaluate.pick_tables import read_picks, write_picks
from foreshock.evaluate.pick_tally import LabelledTrace
from foreshock.evaluate.quiet import MINUTE_NS, Quiet, false_picks_per_hour
from foreshock.evaluate.scores import json_able
from foreshock.predict.pick.live_records import LivePickerOnRecords
from foreshock.predict.pick.network import NetworkPicker
from foreshock.road.pickers import PICKERS, Picker, picker_of
from foreshock.types.pick import Pick
from foreshock.types.record import Record
from foreshock.types.waveform import Waveform

LISTS = Path(__file__).resolve().parent / "trials"
SETS = ("ncedc", "picks_misc", "gujarat", "luhu_continuous")
EARLY_S, LATE_S = -1.0, 3.0
"""Where about a calculated P a pick may lie."""
CLEARLY_BEFORE_S = 5.0
LIVE = "picker-live"
STRONG_MOTION = ("afad_tr", "ipoc_cl")
ORIGIN_FOLDS = (("samba_nz",), ("uturuncu_bo",), ("telica_ni",), STRONG_MOTION, ("icequake_aq", "oklahoma_okr"))
"""The origins of picks_misc that each fold leaves out, too: together all."""
MEASURES = (
    "p_within_0.1_s", "p_within_0.5_s", "s_within_0.1_s", "s_within_0.5_s", "other_per_record",
    "p_precision", "p_recall", "p_f1", "s_precision", "s_recall", "s_f1", "f1",
    "p_residual_median_s", "p_residual_mad_s", "s_residual_median_s", "s_residual_mad_s",
)  # fmt: skip
SHOWN = (*MEASURES[:5], "p_precision", "p_f1", "s_precision", "s_f1")

Said = Mapping[str, Sequence[Pick]]
"""A picker's picks by data set; a set it was not asked about is not there."""
Asked = Callable[[Waveform], Sequence[Pick]]


@dataclass(frozen=True)
class Listed:
    """A row of a list."""

    trace_id: str
    event_id: str
    told: Mapping[str, str]


@dataclass(frozen=True)
class Trial:
    """Labelled traces of one data set that are scored together; `held_out` if no picker trained here has seen them."""

    name: str
    of: str
    traces: tuple[LabelledTrace, ...]
    held_out: bool = False


@dataclass(frozen=True)
class Trials:
    """Everything pickers are tried on: labelled trials, gujarat's calculated P (UTC nanoseconds), quiet minutes."""

    labelled: tuple[Trial, ...]
    calculated: tuple[LabelledTrace, ...]
    quiet: Quiet
    everything: Quiet


def listed(name: str, *, lists: Path = LISTS) -> list[Listed]:
    """Read one of the lists."""
    with (lists / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return [Listed(row["trace_id"], row["event_id"], row) for row in csv.DictReader(lines)]


def trials(data: Path, *, lists: Path = LISTS) -> Trials:
    """Read the lists, and the arrivals of their records from the data sets."""
    truth = {name: _arrivals(data / name) for name in SETS[:3]}
    ncedc, misc, gujarat = (listed(name, lists=lists) for name in SETS[:3])
    made = []
    for n, name in (("3", "ncedc, 3 components"), ("1", "ncedc, 1 component")):
        some = [_trace(row, *truth["ncedc"][row.trace_id]) for row in ncedc if row.told["components"] == n]
        made.append(Trial(name, "ncedc", tuple(some)))
    kept = [row for row in ncedc if row.told["components"] == "3" and row.told["split"] == "test"]
    made.append(
        Trial(
            "ncedc test, 3 components",
            "ncedc",
            tuple(_trace(r, *truth["ncedc"][r.trace_id]) for r in kept),
            held_out=True,
        )
    )
    by_origin = {origin: [row for row in misc if row.told["origin"] == origin] for origin in _origins(misc)}
    good = {origin: _good(rows, truth["picks_misc"]) for origin, rows in by_origin.items()}
    made += [Trial(origin, "picks_misc", traces) for origin, traces in good.items()]
    both = tuple(trace for origin in STRONG_MOTION for trace in good.get(origin, ()))
    made.append(Trial("strong motion (" + " + ".join(STRONG_MOTION) + ")", "picks_misc", both))
    dev = _good([row for row in misc if row.told["split"] == "dev"], truth["picks_misc"])
    made.append(Trial("picks_misc dev", "picks_misc", dev, held_out=True))
    agreed = [_trace(row, utc_ns(row.told["p"]), None) for row in gujarat if row.told["p"]]
    made.append(Trial("gujarat timing", "gujarat", tuple(agreed), held_out=True))
    calculated = tuple(_trace(row, truth["gujarat"][row.trace_id][0], None) for row in gujarat)
    return Trials(tuple(made), calculated, *_quiet(lists))


def _arrivals(folder: Path) -> dict[str, tuple[int | None, int | None]]:
    with Dataset.open(folder) as data:
        truths = [record.truth for record in data.records(data.rows(None))]
    return {truth.trace_id: (truth.p_ns, truth.s_ns) for truth in truths}


def _trace(row: Listed, p_ns: int | None, s_ns: int | None) -> LabelledTrace:
    return LabelledTrace(row.trace_id, row.event_id, p_ns, s_ns)


def _origins(rows: Sequence[Listed]) -> list[str]:
    return sorted({row.told["origin"] for row in rows})


def _good(rows: Sequence[Listed], truth: Mapping[str, tuple[int | None, int | None]]) -> tuple[LabelledTrace, ...]:
    kept = [
        [at if row.told[phase] == "1" else None for phase, at in zip("ps", truth[row.trace_id], strict=True)]
        for row in rows
    ]
    return tuple(_trace(row, *times) for row, times in zip(rows, kept, strict=True))


def _quiet(lists: Path) -> tuple[Quiet, Quiet]:
    told = json.loads((lists / "luhu_continuous.json").read_text(encoding="utf-8"))
    minutes = tuple(utc_ns(text) for text in told["quiet_minutes"])
    quiet = Quiet(minutes, told["n_minutes"], told["n_coincidences"], tuple(told["stations"]))
    whole = range(utc_ns(told["from"]), utc_ns(told["to"]), MINUTE_NS)
    return quiet, replace(quiet, minutes=tuple(whole))


# -- asking ------------------------------------------------------------------------------------------------------------


def said_by(what: str, data: Path, *, lists: Path = LISTS) -> dict[str, list[Pick]]:
    """What a picker says about all records of the lists: see the module's own words."""
    path = Path(what)
    if "{fold}" in what or "{origin}" in what:
        return _said_by_parts(what, data, lists)
    if path.suffix == ".csv":
        return _shared_out(read_picks(path).picks, lists)
    if path.is_dir() and any((path / f"{name}.csv").is_file() for name in SETS):
        return {name: list(read_picks(path / f"{name}.csv").picks) for name in SETS if (path / f"{name}.csv").is_file()}
    return ask(asked_of(what), data, lists=lists)


def picker(what: str) -> Picker:
    """A picker by its name or its bundle; that of streams is asked about records as if each were one."""
    if what == LIVE:
        return LivePickerOnRecords(shipped(LIVE))
    if what in PICKERS or not Path(what).exists():
        return picker_of(what)
    try:
        return picker_of(Path(what))
    except ConfigError:
        return NetworkPicker(read_bundle(find_bundle(Path(what))))


def asked_of(what: str) -> Asked:
    """A picker by name or bundle, as a function of a waveform."""
    asked = picker(what)

    def picks(wave: Waveform) -> Sequence[Pick]:
        try:
            return asked.pick(wave).picks
        except InputError:
            return ()

    return picks


def ask(asked: Asked, data: Path, *, lists: Path = LISTS, only: Callable[[str, Listed], bool] | None = None) -> dict[str, list[Pick]]:  # fmt: skip # noqa: E501
    """Ask about every listed record; those `only` refuses are left out, and continuous recordings with them."""
    said: dict[str, list[Pick]] = {}
    for name in SETS[:3]:
        wanted = {row.trace_id for row in listed(name, lists=lists) if only is None or only(name, row)}
        if wanted:
            said[name] = [pick for record in records(data / name, wanted) for pick in named(asked, record)]
    if only is None:
        said["luhu_continuous"] = [pick for wave in recordings(data) for pick in asked(wave)]
    return said


def recordings(data: Path) -> Iterator[Waveform]:
    """The continuous recordings, whole."""
    for record in FileSource(data / "luhu_continuous").records():
        yield record.waveform


def records(folder: Path, wanted: set[str]) -> Iterator[Record]:
    """The records of these names."""
    with Dataset.open(folder) as data:
        rows = [row for row, name in enumerate(data.trace_ids) if name in wanted]
        yield from data.records(rows)


def named(asked: Asked, record: Record) -> Iterator[Pick]:
    """The picks on a record, under the record's name."""
    for pick in asked(record.waveform):
        yield replace(pick, trace_id=record.truth.trace_id)


def _said_by_parts(what: str, data: Path, lists: Path) -> dict[str, list[Pick]]:
    """Each record asked of the bundle that has not learnt from its fold or its origin."""
    part_of = _fold_of if "{fold}" in what else _origin_of
    rows = [(name, row) for name in SETS[:2] for row in listed(name, lists=lists)]
    said: dict[str, list[Pick]] = {}
    for part in sorted({part for name, row in rows if (part := part_of(name, row))}):
        asked = asked_of(what.replace("{fold}", part).replace("{origin}", part))

        def mine(name: str, row: Listed, part: str = part) -> bool:
            return part_of(name, row) == part

        for name, picks in ask(asked, data, lists=lists, only=mine).items():
            said.setdefault(name, []).extend(picks)
    return said


def _fold_of(name: str, row: Listed) -> str:
    if name == "picks_misc":
        return next(str(k) for k, origins in enumerate(ORIGIN_FOLDS) if row.told["origin"] in origins)
    return row.told["fold"] if name == "ncedc" else ""


def _origin_of(name: str, row: Listed) -> str:
    return row.told["origin"] if name == "picks_misc" else ""


def _shared_out(picks: Sequence[Pick], lists: Path) -> dict[str, list[Pick]]:
    """One table's picks by data set; a set without any pick counts as not asked."""
    of = {row.trace_id: name for name in SETS[:3] for row in listed(name, lists=lists)}
    of |= dict.fromkeys(json.loads((lists / "luhu_continuous.json").read_text("utf-8"))["stations"], SETS[3])
    said: dict[str, list[Pick]] = {}
    for pick in picks:
        if pick.trace_id in of:
            said.setdefault(of[pick.trace_id], []).append(pick)
    return said


def keep(folder: Path, said: Said) -> None:
    """Write a picker's picks, a table a data set."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, picks in said.items():
        write_picks(folder / f"{name}.csv", picks)


# -- scoring -----------------------------------------------------------------------------------------------------------


def scored(
    pickers: Mapping[str, Said], on: Trials, *, held_out: Sequence[str] = (), seed: int = 0, n: int = 1000
) -> list[dict[str, Any]]:
    """A row a trial and picker: sizes, and measures with their intervals; see the module about `held_out`."""
    rows = []
    for trial in on.labelled:
        fit = {name: said for name, said in pickers.items() if trial.of in said and (trial.held_out or name not in held_out)}  # fmt: skip # noqa: E501
        answers = {name: Answer(tuple(_of(said[trial.of], trial.traces))) for name, said in fit.items()}
        if answers and trial.traces:
            told = score_pickers(answers, trial.traces, seed=seed, n=n)
            size = {"trial": trial.name, "n_records": told.n_traces, "n_events": told.n_events, "n_p": told.n_p, "n_s": told.n_s}  # fmt: skip # noqa: E501
            for name, held in told.pickers.items():
                scores = {key: held.scores[key] for key in MEASURES}
                rows.append({**size, "picker": name, "scores": scores, "first_minus_this": dict(held.difference)})
    for name, said in pickers.items():
        if "gujarat" in said:
            size = {"trial": "gujarat", "n_records": len(on.calculated), "picker": name}
            rows.append(size | {"scores": detected(said["gujarat"], on.calculated, seed=seed)})
        if "luhu_continuous" in said:
            size = {"trial": "luhu quiet", "station_hours": on.quiet.station_hours, "picker": name}
            rows.append(size | {"scores": false_picks(said["luhu_continuous"], on, seed=seed)})
    return rows


def _of(picks: Sequence[Pick], traces: Sequence[LabelledTrace]) -> list[Pick]:
    names = {trace.trace_id for trace in traces}
    return [pick for pick in picks if pick.trace_id in names]


def detected(picks: Sequence[Pick], traces: Sequence[LabelledTrace], *, seed: int = 0) -> dict[str, Score]:
    """The share of records with a P about the calculated one, and picks per record clearly before it."""
    by_name: dict[str, list[Pick]] = {trace.trace_id: [] for trace in traces}
    for pick in picks:
        by_name.get(pick.trace_id, []).append(pick)
    number = {name: k for k, name in enumerate(dict.fromkeys(trace.event_id for trace in traces))}
    events = np.array([number[trace.event_id] for trace in traces], np.int64)
    late_s = [[((pick.time_ns - (trace.p_ns or 0)) / NS_PER_S, pick.phase) for pick in by_name[trace.trace_id]] for trace in traces]  # fmt: skip # noqa: E501
    found = np.array([any(EARLY_S <= s <= LATE_S and phase == "P" for s, phase in one) for one in late_s], float)
    early = np.array([sum(s < -CLEARLY_BEFORE_S for s, _ in one) for one in late_s], float)
    return {"found": mean_of(found, events, seed=seed), "before_per_record": mean_of(early, events, seed=seed)}


def false_picks(picks: Sequence[Pick], on: Trials, *, seed: int = 0) -> dict[str, Score]:
    """Picks per station-hour in the quiet minutes and in all, and P alone.

    `quiet_at_most` is the rate that so few picks leave possible, by Poisson's law with 95 % (one-sided): none in an
    hour still allows three.
    """
    some = {"per_station_hour": picks, "p_per_station_hour": [pick for pick in picks if pick.phase == "P"]}
    scores = {f"quiet_{name}": false_picks_per_hour(held, on.quiet, seed=seed) for name, held in some.items()}
    count = scores["quiet_per_station_hour"].n
    most = float(gammaincinv(count + 1, 0.95)) / on.quiet.station_hours
    scores["quiet_at_most"] = Score(most, math.nan, math.nan, count, len(on.quiet.minutes))
    return scores | {f"all_{name}": false_picks_per_hour(h, on.everything, seed=seed) for name, h in some.items()}


# -- telling -----------------------------------------------------------------------------------------------------------


def as_json(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Plain rows."""
    plain = []
    for row in rows:
        told = {key: value for key, value in row.items() if key not in ("scores", "first_minus_this")}
        for key in ("scores", "first_minus_this"):
            if row.get(key):
                some = {name: score for name, score in row[key].items() if key == "scores" or name in SHOWN}
                held = {name: _rounded(plain_score(score)) for name, score in some.items()}
                told[key] = {name: json_able(score) for name, score in held.items()}
        plain.append(told)
    return plain


def _lines(told: Mapping[str, Any]) -> str:
    """JSON with a line a row."""
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in told["rows"])
    head = json.dumps({key: value for key, value in told.items() if key != "rows"}, ensure_ascii=False)
    return f'{head[:-1]}, "rows": [\n{rows}\n]}}\n'


def _rounded(score: Mapping[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in score.items()}


def markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as tables: labelled trials, gujarat's detection, quiet minutes."""
    labelled = [row for row in rows if "p_within_0.1_s" in row["scores"]]
    parts = [_table(labelled, SHOWN, lambda row: f"{row['trial']}, n = {row['n_records']} ({row['n_p']} P, {row['n_s']} S)")]  # fmt: skip # noqa: E501
    for trial, size in (("gujarat", "n_records"), ("luhu quiet", "station_hours")):
        held = [row for row in rows if row["trial"] == trial]
        if held:
            parts.append(_table(held, tuple(held[0]["scores"]), lambda row, size=size: f"{row['trial']}, {size.replace('_', '-' if size == 'station_hours' else ' ')} {row[size]:.4g}"))  # type: ignore[misc]  # fmt: skip # noqa: E501
    return "\n\n".join(parts)


def _table(rows: Sequence[Mapping[str, Any]], measures: Sequence[str], title: Callable[[Mapping[str, Any]], str]) -> str:  # fmt: skip # noqa: E501
    head = ["trial", "picker", *(name.replace("_", " ") for name in measures)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    before = ""
    for row in rows:
        name = title(row)
        cells = ["" if name == before else name, row["picker"], *(shown(row["scores"][key]) for key in measures)]
        lines.append("| " + " | ".join(cells) + " |")
        before = name
    return "\n".join(lines)


def shown(score: Score) -> str:
    """A value with its interval."""
    if not math.isfinite(score.value):
        return "–"
    digits = 3 if abs(score.value) < 10 else 1
    reach = f" [{score.low:.{digits}f}, {score.high:.{digits}f}]" if math.isfinite(score.low) else ""
    return f"{score.value:.{digits}f}{reach}"


def main() -> int:
    """Ask, score, tell."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("pickers", nargs="+", metavar="[NAME=]WHAT", help="a picker, a bundle, or tables of picks")
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument(
        "--held-out", nargs="+", default=[], metavar="NAME", help="score these on held-out records only"
    )
    options.add_argument("--seed", type=int, default=0, help="of the bootstrap")
    options.add_argument("--keep", type=Path, help="write each picker's picks into a folder of its name here")
    options.add_argument("--out", type=Path, help="write NAME.json and NAME.md with this stem")
    options.add_argument("--json", action="store_true", help="print one JSON object")
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    pickers: dict[str, Said] = {}
    for text in asked.pickers:
        name, found, what = text.rpartition("=")
        pickers[name if found else Path(what).stem] = said = said_by(what, Path(asked.data))
        if asked.keep:
            keep(asked.keep / (name if found else Path(what).stem), said)
    rows = scored(pickers, trials(Path(asked.data)), held_out=asked.held_out, seed=asked.seed)
    told = {"schema": "foreshock.pick_trials/1", "pickers": asked.pickers, "seed": asked.seed, "rows": as_json(rows)}
    if asked.out:
        asked.out.with_suffix(".json").write_text(_lines(told), "utf-8")
        asked.out.with_suffix(".md").write_text(markdown(rows) + "\n", "utf-8")
    print(json.dumps(told, indent=2, ensure_ascii=False) if asked.json else markdown(rows))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ForeshockError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
