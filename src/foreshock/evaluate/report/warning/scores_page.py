"""Scores page: report.html about runs held against the truth, beside rivals. Knows scores, no run's folder."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from foreshock.evaluate.report import closing
from foreshock.evaluate.report.catalogue.noun import counted
from foreshock.evaluate.report.markup import Markup, joined, table, tag
from foreshock.evaluate.report.page import Section, page
from foreshock.evaluate.report.pictures import Drawn
from foreshock.evaluate.report.warning.curves import curves
from foreshock.evaluate.report.warning.write import NAME, PICTURES, draw
from foreshock.evaluate.warning.asked import BRIEF, SENTENCES
from foreshock.evaluate.warning.measure import Measure
from foreshock.evaluate.warning.scores import WarningScores
from foreshock.outputs import explained, write_bytes, write_text

HEADINGS = {
    "asked": "What was asked",
    "measures": "Measures",
    "curves": "Second by second, and what it is worth",
    "groups": "By group",
    "sites": "Sites",
    "adversaries": "Adversaries",
    "limits": "What this cannot say",
    "origin": "Versions and inputs",
}
MOST_INPUTS = 50


def write_scores_page(
    out: Path, scores: WarningScores, *, versions: Mapping[str, str], inputs: Mapping[str, str]
) -> Path:
    """Write ``report.html`` and a PNG a picture into a folder; the same scores give the same bytes.

    Raises:
        OutputError: the folder cannot be written to.
    """
    drawn = [draw(sketch) for sketch in curves(scores)]
    text = _page(scores, drawn, versions, inputs)
    with explained(out):
        (out / PICTURES).mkdir(parents=True, exist_ok=True)
    for picture in drawn:
        write_bytes(out / PICTURES / f"{picture.name}.png", picture.light)
    write_text(out / NAME, text)
    return out / NAME


def _page(scores: WarningScores, drawn: Sequence[Drawn], versions: Mapping[str, str], inputs: Mapping[str, str]) -> str:
    bodies = [
        ("asked", _asked(scores)),
        ("measures", _measures(scores)),
        ("curves", joined([picture.markup() for picture in drawn])),
        ("groups", joined(list(_groups(scores)))),
        ("sites", _sites(scores)),
        ("adversaries", _adversaries(scores)),
        ("limits", closing.limits(_limits(scores))),
        ("origin", closing.origin(versions, dict(list(inputs.items())[:MOST_INPUTS]))),
    ]
    shown: list[Section] = [(key, HEADINGS[key], body) for key, body in bodies if body]
    counts = scores.counts
    return page(
        "Warnings against the truth",
        shown,
        lang="en",
        eyebrow="Foreshock · early warning",
        lede=f"{scores.statement[0].upper()}{scores.statement[1:]}. {counted(counts['n_runs'], 'run')}, "
        f"{counted(counts['n_true'], 'true event')}, {counts['n_warned']:,} warned.",
        cards=_cards(scores),
        footer=f"Foreshock {versions.get('foreshock', '')}".strip() + ". This page is complete in itself.",
    )


def _asked(scores: WarningScores) -> Markup:
    rules = [
        [f"{rule['name']}: {rule['within_s']:g} s, {rule['within_km']:g} km",
         *(f"{rule[name]:,}" for name in ("n_matched", "n_missed", "n_merged", "n_false", "n_splits"))]
        for rule in scores.ours.rules
    ]  # fmt: skip
    head = ["rule", "matched", "missed", "told as one with another", "false", "told twice"]
    note = (
        "A warned event is a true one if origin time and epicentre of its last message that is no cancellation are "
        "within the rule, one to one. All measures follow the first rule; the second stands beside it."
    )
    return joined([tag("p", f"Data: {scores.statement}.", class_="verdict"), table(head, rules), tag("p", note)])


def _measures(scores: WarningScores) -> Markup:
    """A row a measure that rests on something; those that rest on nothing are named below."""
    names = [name for name, one in scores.ours.measures.items() if one]
    rows = []
    for name in names:
        row: list[object] = [
            joined([SENTENCES.get(name, _readable(name)), tag("small", tag("code", name))]),
            _cell(scores.ours.measures[name]),
        ]
        for who in scores.rivals:
            apart = scores.differences[who].get(name)
            row += [_cell(scores.rivals[who].measures[name]), _cell(apart) if apart is not None else "–"]
        rows.append(row)
    head = ["measure", "ours", *(text for who in scores.rivals for text in (who, f"ours − {who}"))]
    empty = [_readable(name) for name, one in scores.ours.measures.items() if not one]
    note = f"With n = 0, and so without a number: {', '.join(empty)}." if empty else ""
    return joined([table(head, rows, class_="scores"), tag("p", note, class_="note") if note else None])


def _groups(scores: WarningScores) -> Iterator[Markup]:
    for column, groups in scores.ours.groups.items():
        names = [name for name in BRIEF if any(held[name] for held in groups.values())]
        rows = [[_readable(name), *(_cell(held[name]) for held in groups.values())] for name in names]
        yield tag("h3", f"By {column}")
        yield table(["measure", *groups], rows, class_="figures")


def _sites(scores: WarningScores) -> Markup:
    outcomes = scores.ours.outcomes
    if not sum(outcomes.values()):
        return tag("p", "How sites were shaken is not known, so nothing is said of them.", class_="note")
    counts = table(["outcome", "sites"], [[name, f"{n:,}"] for name, n in outcomes.items()], class_="figures")
    levels = [
        [f"intensity {level}", _cell(held["recall"]), _cell(held["precision"])]
        for level, held in scores.ours.levels.items()
        if held["recall"] or held["precision"]
    ]
    note = (
        "hit: shaken to its threshold and warned before; late: warned after; miss: not warned; false: warned and not "
        "shaken; quiet: neither. By intensity: the largest q50 against the true one, whenever it was said."
    )
    body = table(["level", "recall", "precision"], levels, class_="figures") if levels else None
    return joined([counts, body, tag("p", note, class_="note")])


def _adversaries(scores: WarningScores) -> Markup:
    rows = [[kind, _cell(one)] for kind, one in scores.ours.adversaries.items()]
    return table(["kind", "share that was warned of"], rows, class_="figures") if rows else Markup("")


def _limits(scores: WarningScores) -> Iterator[str]:
    if scores.kind_of_data == "synthetic":
        yield "Synthetic: proves engineering, not science. The truth obeys the same physics that the engine supposes."
    yield "Intervals draw true events with all that is said of them; events of one sequence are not independent."
    yield "Times are of the engine's clock when it sent a message. What the way to people costs is not in them."
    yield from scores.warnings


def _cards(scores: WarningScores) -> Sequence[tuple[str, str, str]]:
    wanted = (
        ("first_alert_after_origin_median_s", "first message", " s"),
        ("magnitude_error_first_median", "|ΔM| at first message", ""),
        ("epicentre_first_median_km", "epicentre, first", " km"),
        ("false_per_station_day", "false, a station and day", ""),
    )
    return [
        (label, _value(scores.ours.measures[name], unit), _small(scores.ours.measures[name]))
        for name, label, unit in wanted
    ]


def _value(one: Measure, unit: str) -> str:
    return f"{one.value:.3g}{unit}" if math.isfinite(one.value) else "–"


def _small(one: Measure) -> str:
    n = f"n = {one.n:,}" if one.exposure is None else f"{one.n:,} in {one.exposure:,.3g} days"
    if one.upper is not None:
        return f"hardly above {one.upper:.3g} (95 %), {n}"
    return (f"{one.low:.3g} to {one.high:.3g}, " if math.isfinite(one.low) else "") + n


def _cell(one: Measure) -> Markup:
    if not one:
        return joined(["–", tag("small", "n = 0")])
    return joined([_value(one, ""), tag("small", _small(one))])


def _readable(name: str) -> str:
    return name.replace("_", " ")
