"""Assessment of pickers: asked about labelled records and quiet recordings, scored beside rivals, written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.errors import ConfigError, InputError, NothingMatchedError
from foreshock.evaluate.bootstrap import Score
from foreshock.evaluate.pick_scores import Answer, PickScores, plain_score, score_pickers
from foreshock.evaluate.pick_stability import SENTENCES, Shifted, stability
from foreshock.evaluate.pick_tables import read_picks, write_picks
from foreshock.evaluate.pick_tally import RIGHT_S, LabelledTrace, check_names
from foreshock.evaluate.quiet import MINUTE_NS, false_picks_per_hour
from foreshock.evaluate.report.pick_report import PickReport, write_pick_report
from foreshock.evaluate.scores import json_able
from foreshock.road.assessment import versions
from foreshock.road.finding import find, find_on
from foreshock.road.pick_quiet import QuietRecordings, quiet_recordings
from foreshock.road.pick_truth import LabelledRecords
from foreshock.road.pickers import RIVAL, AnyPicker, Picker, picker_of
from foreshock.road.recordings import fingerprints, why
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

N_SHIFTS = 50
LONGEST_SHIFT_S = 10.0
BEFORE_P_S = 5.0
"""Every shifted window begins at least this long before P."""

LIMITS = (
    "Labels are taken as they are: a label that is wrong by 0.1 s makes an exact pick look inexact.",
    "A pick of an event that nobody labelled counts as false.",
    "Scores hold for stations, regions and instruments like those scored here; elsewhere they can be worse.",
)


@dataclass(frozen=True)
class PickTask:
    """What is to be scored.

    Attributes:
        data, split, only_good: labelled records (see `LabelledRecords`).
        model: our picker; STA/LTA + AIC stands beside it where it is another.
        files: picks of others, each a ``picks.csv`` named by its stem.
        threshold: picks less probable are left out, of every picker.
        stability: also look through `N_SHIFTS` window shifts.
        quiet, quiet_from_ns, quiet_to_ns: continuous recordings for false picks, and the span of them that counts.
        seed: of the bootstrap and of the shifts.
    """

    data: Path
    split: str = "test"
    only_good: bool = False
    model: AnyPicker = None
    files: Sequence[Path] = ()
    threshold: float = 0.0
    stability: bool = False
    quiet: Path | None = None
    quiet_from_ns: int | None = None
    quiet_to_ns: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise InputError(f"threshold is {self.threshold:g}", "it must lie in 0..1", "use 0.5")
        if self.quiet is None and (self.quiet_from_ns is not None or self.quiet_to_ns is not None):
            raise ConfigError("a span of quiet recordings", "no recordings are named", "add --quiet PATH")


@dataclass(frozen=True, eq=False)
class PickAssessment:
    """What pickers said about labelled records, and their scores.

    Attributes:
        scores: of every picker above the threshold. all_scores: of all their picks, for curves over the threshold.
        picks: what our picker said, without threshold.
        stability: picker → measure → score, of those that can be asked again.
        false_picks: picker → picks per station-hour: ``quiet`` and ``everything``.
    """

    task: PickTask
    scores: PickScores
    all_scores: PickScores
    picks: tuple[Pick, ...]
    stability: Mapping[str, Mapping[str, Score]]
    false_picks: Mapping[str, Mapping[str, Score]]
    quiet: QuietRecordings | None
    skipped: Sequence[tuple[str, str]]
    notes: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str]]
    inputs: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        told = self.scores.as_json() | {
            "split": self.task.split,
            "threshold": self.task.threshold,
            "only_good": self.task.only_good,
            "stability": _plain(self.stability),
            "false_picks_per_station_hour": _plain(self.false_picks),
            "quiet": None if self.quiet is None else _plain_quiet(self.quiet),
        }
        for name in ("skipped", "notes", "reasons"):
            told[name] = [{"item": item, "reason": reason} for item, reason in getattr(self, name)]
        return told | {"versions": versions(), "inputs": dict(self.inputs)}


def assess_picks(task: PickTask) -> PickAssessment:
    """Ask our picker and STA/LTA + AIC about labelled records, and score both beside given files.

    Raises:
        NotFoundError, NothingMatchedError, InputError: the data, a file or a picker cannot be used.
    """
    pickers = _pickers(task)
    given = {path.stem: read_picks(path) for path in task.files}
    _check_stems(task.files, pickers)
    records = LabelledRecords(task.data, task.split, task.only_good)
    traces: list[LabelledTrace] = []
    said: dict[str, list[Pick]] = {name: [] for name in pickers}
    moved: dict[str, list[Shifted]] = {name: [] for name in pickers}
    reasons = []
    for record, trace in records:
        traces.append(trace)
        for name, picker in pickers.items():
            found = find_on(record, picker)
            said[name] += found.picks
            if not found.picks:
                reasons.append((f"{name}: {found.name}", found.reason))
            if task.stability:
                moved[name] += shifted(record.waveform, trace, picker, threshold=task.threshold, seed=task.seed)
    if not traces:
        raise NothingMatchedError(
            f"split {task.split!r} of {task.data}", f"no labelled record ({why(records.skipped)})", "try --split all"
        )
    answers = {name: Answer(tuple(picks)) for name, picks in said.items()}
    answers |= {name: Answer(table.picks, table.has_probabilities) for name, table in given.items()}
    elsewhere = [(name, check_names(table.picks, traces, name=name)) for name, table in given.items()]
    notes = [*records.notes, *((name, f"{n} picks on other records are passed over") for name, n in elsewhere if n)]
    quiet = _quiet(task)
    heard = {name: _heard(picker, quiet, task) for name, picker in pickers.items()} if quiet else {}
    kept = {name: _above(answer, task.threshold) for name, answer in answers.items()}
    return PickAssessment(
        task,
        scores=score_pickers(kept, traces, seed=task.seed),
        all_scores=score_pickers(answers, traces, seed=task.seed, n=20),
        picks=tuple(said[next(iter(pickers))]),
        stability={name: stability(one, seed=task.seed) for name, one in moved.items()} if task.stability else {},
        false_picks=heard,
        quiet=quiet,
        skipped=records.skipped,
        notes=notes,
        reasons=reasons,
        inputs=fingerprints([task.data, *task.files, *([task.quiet] if task.quiet else [])]),
    )


def write_pick_assessment(assessment: PickAssessment, folder: Path) -> list[Path]:
    """Write report.html, metrics.json, the pictures and our picks (picks.csv, without threshold) into a folder."""
    task = assessment.task
    report = PickReport(
        title=f"Picks on {task.data.resolve().name}, {task.split}",
        scores=assessment.scores,
        curves={name: said.tally for name, said in assessment.all_scores.pickers.items()},
        threshold=task.threshold,
        stability=assessment.stability,
        stability_sentences=SENTENCES,
        false_picks=assessment.false_picks,
        quiet=None if assessment.quiet is None else _quiet_sentence(assessment.quiet),
        skipped=assessment.skipped,
        limits=LIMITS,
        inputs=assessment.inputs,
        versions=versions(),
        metrics=assessment.as_json(),
    )
    written = write_pick_report(folder, report)
    write_picks(folder / "picks.csv", assessment.picks)
    return [*written, folder / "picks.csv"]


def shifted(
    wave: Waveform, trace: LabelledTrace, picker: Picker, *, threshold: float = 0.0, seed: int = 0
) -> list[Shifted]:
    """Look at one record through `N_SHIFTS` windows of one length that begin at random within its first seconds.

    All hold the labels and begin `BEFORE_P_S` before P or earlier; a record that leaves less than 1 s to shift gives
    nothing. In each window the pick nearest to the label, within `RIGHT_S`, is taken.
    """
    if trace.p_ns is None:
        return []
    last_ns = trace.p_ns if trace.s_ns is None else max(trace.p_ns, trace.s_ns)
    room_s = min(
        LONGEST_SHIFT_S,
        (trace.p_ns - wave.start_ns) / NS_PER_S - BEFORE_P_S,
        (wave.end_ns - last_ns) / NS_PER_S - BEFORE_P_S,
    )
    if room_s < 1:
        return []
    room = int(room_s * wave.rate_hz)
    firsts = np.random.default_rng(seed).integers(0, room + 1, N_SHIFTS)
    seen = [_picks_in(wave.cut(int(k), int(k) + wave.n_samples - room), picker, threshold) for k in firsts]
    return [
        Shifted(trace.event_id, one.phase, np.array([_nearest_s(picks, one.phase, one.time_ns) for picks in seen]))
        for one in trace.arrivals()
    ]


def _picks_in(wave: Waveform, picker: Picker, threshold: float) -> list[Pick]:
    return [pick for found in find([wave], picker) for pick in found.picks if pick.probability >= threshold]


def _nearest_s(picks: Sequence[Pick], phase: str, time_ns: int) -> float:
    apart = [(pick.time_ns - time_ns) / NS_PER_S for pick in picks if pick.phase == phase]
    nearest = min(apart, key=abs, default=float("nan"))
    return nearest if abs(nearest) <= RIGHT_S else float("nan")


def _pickers(task: PickTask) -> dict[str, Picker]:
    """Ours first, then the one without learning."""
    ours = picker_of(task.model)
    return {ours.name: ours, **({} if ours.name == RIVAL else {RIVAL: picker_of(RIVAL)})}


def _check_stems(files: Sequence[Path], pickers: Mapping[str, Picker]) -> None:
    stems = [path.stem for path in files]
    twice = [stem for k, stem in enumerate(stems) if stem in (*pickers, *stems[:k])]
    if twice:
        raise ConfigError(f"--picks {twice[0]}.csv", "a picker of that name is scored already", "rename the file")


def _above(answer: Answer, threshold: float) -> Answer:
    return Answer(tuple(pick for pick in answer.picks if pick.probability >= threshold), answer.has_probabilities)


def _quiet(task: PickTask) -> QuietRecordings | None:
    if task.quiet is None:
        return None
    return quiet_recordings(task.quiet, first_ns=task.quiet_from_ns, last_ns=task.quiet_to_ns)


def _heard(picker: Picker, quiet: QuietRecordings, task: PickTask) -> dict[str, Score]:
    """Picks per station-hour in quiet minutes, and in all of them."""
    picks = list(chain.from_iterable(_picks_in(wave, picker, task.threshold) for wave in quiet.waves))
    return {
        "quiet": false_picks_per_hour(picks, quiet.quiet, seed=task.seed),
        "everything": false_picks_per_hour(picks, quiet.everything(), seed=task.seed),
    }


def _plain(scores: Mapping[str, Mapping[str, Score]]) -> dict[str, Any]:
    plain = {name: {key: plain_score(score) for key, score in held.items()} for name, held in scores.items()}
    return {name: json_able(held) for name, held in plain.items()}


def _plain_quiet(quiet: QuietRecordings) -> dict[str, Any]:
    minutes = quiet.everything().minutes
    return {
        "from": iso_utc(minutes[0]),
        "to": iso_utc(minutes[-1] + MINUTE_NS),
        "stations": list(quiet.quiet.stations),
        "minutes": quiet.quiet.n_minutes,
        "quiet_minutes": len(quiet.quiet.minutes),
        "quiet_station_hours": quiet.quiet.station_hours,
        "coincidences": quiet.quiet.n_coincidences,
    }


def _quiet_sentence(quiet: QuietRecordings) -> str:
    said = _plain_quiet(quiet)
    return (
        f"{said['quiet_minutes']} of {said['minutes']} minutes between {said['from']} and {said['to']} hold no "
        f"coincidence of three stations: {said['quiet_station_hours']:.2f} hours of {len(said['stations'])} stations."
    )
