"""Assessment of sources: a bundle and its rivals asked about labelled records, scored beside each other, written down.

All are given the same P: where the data set's is calculated and two pickers agree on another nearby, theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from foreshock.bundle import Card
from foreshock.collect.datasets import Dataset
from foreshock.errors import InputError, NotFoundError, NothingMatchedError
from foreshock.evaluate.report.source_report import SourceReport, write_source_report
from foreshock.evaluate.source_scores import SourceScores, score_sources
from foreshock.predict.pick.sta_lta_aic import StaLtaAic
from foreshock.predict.source.estimator import input_of
from foreshock.predict.source.rivals import Seen, SMinusP, SourceRivals, p_azimuth_deg, s_minus_p
from foreshock.prepare.band_raster import BandRaster, band_raster
from foreshock.prepare.source_input import AFTER_S, BEFORE_S
from foreshock.prepare.source_keys import instrument_key
from foreshock.road.assessment import versions
from foreshock.road.gathering import ALL
from foreshock.road.recordings import fingerprints, is_dataset, why
from foreshock.road.repick import repicked
from foreshock.road.source import RIVALS, station_of
from foreshock.road.source_estimating import AnySource, estimator_of
from foreshock.types.record import Record
from foreshock.types.source import SourceEstimate

OURS = "source"
LINE, TUNED, BARE = "line", "line_tuned", "line_without_stations"
APART, MOTION = "s_minus_p", "p_motion"

SENTENCES: Mapping[str, str] = {
    LINE: "a·log10 A + b·log10 R + c·R + station term, A the loudest half second of all bands; true distance given",
    TUNED: "the same with the bands and the measure of A that miss least on the development records",
    BARE: "that line without station terms",
    APART: "S − P by STA/LTA with AIC, 8.4 km a second; the median training distance where no S is known yet",
    MOTION: "particle motion of the first second of P, 1 to 7 Hz",
}

LIMITS = (
    "P is where two pickers agree near the calculated one, else the calculated one, for all alike.",
    "The lines are given the true epicentral distance; the network is not.",
    "Scores hold for stations the network has learnt from unless a scale says otherwise; elsewhere measure first.",
    "Catalogue magnitudes are rounded and of one agency; what they miss, no estimate gets under.",
)


@dataclass(frozen=True)
class SourceTask:
    """What is to be scored.

    Attributes:
        data, split: labelled records. model: a source bundle.
        use_station: False leaves the instruments' own terms out, as for new instruments of a known network.
        stations: only these (``NET.STA``); all where none is named.
        seed: of the bootstrap.
    """

    data: Path
    split: str = "test"
    model: AnySource = None
    use_station: bool = True
    stations: tuple[str, ...] = ()
    seed: int = 0


@dataclass(frozen=True, eq=False)
class SourceAssessment:
    """What was said about labelled records, and its scores."""

    task: SourceTask
    scores: SourceScores
    tables: Mapping[str, pd.DataFrame]
    skipped: Sequence[tuple[str, str]]
    notes: Sequence[tuple[str, str]]
    card: Card
    inputs: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        told = self.scores.as_json() | {"split": self.task.split, "use_station": self.task.use_station}
        for name in ("skipped", "notes"):
            told[name] = [{"item": item, "reason": reason} for item, reason in getattr(self, name)]
        return told | {"rivals": dict(SENTENCES), "versions": versions(), "inputs": dict(self.inputs)}


def assess_sources(task: SourceTask) -> SourceAssessment:
    """Ask a bundle and the rivals tuned with it about every labelled record, and score all.

    Raises:
        NotFoundError: there is no data set or no bundle.
        NothingMatchedError: no record has P, magnitude and distance.
        ConfigError, BundleError: the bundle cannot be used.
    """
    estimator = estimator_of(task.model)
    times = estimator.network.reading.elapsed_s
    told = rivals_of(estimator.network.card)
    rows: dict[str, list[dict[str, Any]]] = {OURS: []}
    skipped: list[tuple[str, str]] = []
    for record in labelled(task, skipped):
        said = estimator.evolving(
            record.waveform, record.truth.p_ns or 0, elapsed_s=times, use_station=task.use_station
        )
        if said[-1].magnitude is None:
            skipped.append((record.truth.trace_id, said[-1].reason))
            continue
        true = _truth(record)
        rows[OURS] += [{**true, "elapsed_s": t, **_row(one)} for t, one in zip(times, said, strict=True)]
        for name, more in _rival_rows(record, times, told):
            rows.setdefault(name, []).append({**true, **more})
    if not rows[OURS]:
        raise NothingMatchedError(
            f"split {task.split!r} of {task.data}", f"no record can be scored ({why(skipped)})", "try --split all"
        )
    tables = {name: pd.DataFrame(held) for name, held in rows.items()}
    card = estimator.network.card
    notes = [("model", f"bundle {card.name}: learnt from {', '.join(d.name for d in card.training.data)}")]
    scores = score_sources(tables, seed=task.seed)
    return SourceAssessment(task, scores, tables, skipped, notes, card, fingerprints([task.data]))


def rivals_of(card: Card) -> SourceRivals | None:
    """The rivals that were tuned with a bundle."""
    held = card.rivals.get(RIVALS)
    return None if held is None else SourceRivals.model_validate(held)


def labelled(task: SourceTask, skipped: list[tuple[str, str]]) -> Iterator[Record]:
    """Records with P, magnitude and distance, their P where pickers see it; `skipped` takes what is left out.

    Raises:
        NotFoundError: there is no data set.
    """
    if not is_dataset(task.data):
        raise NotFoundError(f"data {task.data}", "it is not a data set with labels", "give a folder with metadata.csv")
    with Dataset.open(task.data) as dataset:
        for record in dataset.records(dataset.rows(None if task.split == ALL else task.split), skipped=skipped):
            truth = record.truth
            if task.stations and station_of(record.waveform.station_id) not in task.stations:
                continue
            if truth.p_ns is None or truth.magnitude is None or truth.distance_km is None:
                skipped.append((truth.trace_id, "P, magnitude or distance is not known"))
            elif truth.p_status == "calculated":
                yield next(iter(repicked([record])), record)
            else:
                yield record


def _truth(record: Record) -> dict[str, Any]:
    truth = record.truth
    return {
        "trace_id": truth.trace_id,
        "event_id": truth.event_id,
        "group": station_of(record.waveform.station_id),
        "true_magnitude": truth.magnitude,
        "true_distance_km": truth.distance_km,
        "true_azimuth_deg": np.nan if truth.back_azimuth_deg is None else truth.back_azimuth_deg,
    }


def _row(said: SourceEstimate) -> dict[str, Any]:
    """An estimate as columns; NaN where there is none."""
    row: dict[str, Any] = {"used_s": said.elapsed_s, "scale": said.scale, "strangeness": said.strangeness}
    for name, held in (("magnitude", said.magnitude), ("distance_km", said.distance_km)):
        for column, key in (("", "q50"), *((f"_{q}", q) for q in ("q05", "q25", "q75", "q95"))):
            row[f"{name}{column}"] = np.nan if held is None else getattr(held, key)
    away = said.back_azimuth
    row["azimuth_deg"] = np.nan if away is None else away.mode_deg
    row["azimuth_half_50"] = np.nan if away is None else away.half_50_deg
    row["azimuth_half_90"] = np.nan if away is None else away.half_90_deg
    return row


def _rival_rows(record: Record, times: Sequence[float], told: SourceRivals | None) -> list[tuple[str, dict[str, Any]]]:
    """What the rivals say of one record at each time."""
    wave, p_ns = record.waveform, record.truth.p_ns or 0
    try:
        raster = band_raster(wave, p_ns, before_s=BEFORE_S, after_s=AFTER_S)
    except InputError:
        return []
    apart_s, key = s_minus_p(wave, p_ns, StaLtaAic()), np.array([instrument_key(wave)], object)
    out: list[tuple[str, dict[str, Any]]] = []
    for t in times:
        seen = Seen(input_of(raster, t), key)
        km = (SMinusP() if told is None else told.s_minus_p).distances(np.array([apart_s]), elapsed_s=t)[0]
        out.append((APART, {"elapsed_s": t, "distance_km": float(km)}))
        out.append((MOTION, {"elapsed_s": t, "azimuth_deg": float(p_azimuth_deg(seen.given)[0])}))
        if told is not None and t in told.elapsed_s:
            out += _lines(told, told.elapsed_s.index(t), seen, raster, np.array([record.truth.distance_km], float))
    return out


def _lines(
    told: SourceRivals, number: int, seen: Seen, raster: BandRaster, distance_km: Any
) -> list[tuple[str, dict[str, Any]]]:
    if raster.unit != "count":
        return []
    lines = {LINE: told.plain, TUNED: told.tuned, BARE: told.without_stations}
    said = {name: float(held[number].magnitudes(seen, distance_km)[0]) for name, held in lines.items()}
    return [(name, {"elapsed_s": told.elapsed_s[number], "magnitude": value}) for name, value in said.items()]


def write_source_assessment(assessment: SourceAssessment, folder: Path) -> list[Path]:
    """Write report.html, metrics.json, the pictures and our estimates (estimates.csv) into a folder."""
    task = assessment.task
    report = SourceReport(
        title=f"Sources on {task.data.resolve().name}, {task.split}",
        scores=assessment.scores,
        tables=assessment.tables,
        sentences=SENTENCES,
        skipped=assessment.skipped,
        limits=LIMITS,
        inputs=assessment.inputs,
        versions=versions(),
        metrics=assessment.as_json(),
    )
    return write_source_report(folder, report)
