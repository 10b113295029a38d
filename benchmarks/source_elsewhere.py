"""How a source estimator does far from what it learnt from: accelerographs of other countries, larger earthquakes.

Measures scores, no time. Reads folders of recordings with StationXML and event.json (`strong_motion` below
FORESHOCK_DATA if none is named); counts become ground velocity by the response, P is what the classical picker finds
first. Nothing there was learnt from, so this is what the physics of the synthetic source is worth on real records.

    FORESHOCK_DATA=... python benchmarks/source_elsewhere.py RUN
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.collect.files import FileSource
from foreshock.collect.stations import read_stations, station_files
from foreshock.errors import ForeshockError
from foreshock.geo import inverse
from foreshock.predict.source.estimator import SourceEstimator
from foreshock.road.picking import pick
from foreshock.road.source_estimating import estimator_of, responses_of
from foreshock.types.record import Record
from foreshock.types.station import Station

TIMES_S = (3.0, 10.0, 30.0)
LEFT_OUT = ("nc72282711", "usp000hzq8", "usb000syza")
"""Their event.json has the wrong sign of longitude, or is of another event."""

FARTHEST_KM = 600.0


def records(folder: Path) -> Iterator[tuple[Path, Record]]:
    """Three-component records of earthquakes within `FARTHEST_KM`, each with its folder."""
    for told in sorted(folder.rglob("event.json")):
        part, event = told.parent, json.loads(told.read_text(encoding="utf-8"))
        if part.name in LEFT_OUT:
            continue
        places: dict[str, Station] = {}
        for file in station_files(part):
            places |= read_stations(file)
        for record in FileSource(part).records():
            wave = record.waveform
            place = places.get(wave.station_id)
            if place is None or len(wave.components) != 3:
                continue
            km, back, _ = inverse(place.latitude, place.longitude, event["latitude"], event["longitude"])
            truth = replace(
                record.truth,
                event_id=str(event["id"]),
                magnitude=float(event["magnitude"]),
                distance_km=float(km),
                back_azimuth_deg=float(back) % 360,
            )
            if km <= FARTHEST_KM:
                yield part, Record(wave, truth)


def asked(estimator: SourceEstimator, part: Path, record: Record) -> list[dict[str, Any]] | str:
    """What is said of a record at each time, or why nothing is."""
    wave, truth = record.waveform, record.truth
    found = [one for one in pick(wave) if one.phase == "P"]
    if not found:
        return "no P"
    response = responses_of(wave, part) if wave.unit == "count" else None
    rows = []
    for t, said in zip(TIMES_S, estimator.evolving(wave, found[0], elapsed_s=TIMES_S, response=response), strict=True):
        if said.magnitude is None or said.distance_km is None:
            return said.reason
        m, km = said.magnitude, said.distance_km
        rows.append(
            {
                "trace": f"{part.name}/{wave.station_id}",
                "elapsed_s": t,
                "magnitude": m.q50 - float(truth.magnitude or 0.0),
                "magnitude_inside": m.q05 <= float(truth.magnitude or 0.0) <= m.q95,
                "distance": abs(km.q50 / max(1.0, float(truth.distance_km or 0.0)) - 1),
                "distance_inside": km.q05 <= max(1.0, float(truth.distance_km or 0.0)) <= km.q95,
                "scale": said.scale,
                "strangeness": said.strangeness,
            }
        )
    return rows


def summed(rows: list[dict[str, Any]], elapsed_s: float) -> dict[str, float]:
    held = [row for row in rows if row["elapsed_s"] == elapsed_s]
    column = {name: np.array([float(row[name]) for row in held]) for name in held[0] if name not in ("trace", "scale")}
    return {
        "elapsed_s": elapsed_s,
        "n": len(held),
        "magnitude_mae": float(np.abs(column["magnitude"]).mean()),
        "magnitude_bias": float(column["magnitude"].mean()),
        "magnitude_coverage_90": float(column["magnitude_inside"].mean()),
        "distance_median_relative_error": float(np.median(column["distance"])),
        "distance_coverage_90": float(column["distance_inside"].mean()),
        "out_of_domain": float((column["strangeness"] > 1).mean()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="a source bundle or the folder of its run")
    parser.add_argument("--data", type=Path, help="a folder of event folders")
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    home = os.environ.get("FORESHOCK_DATA")
    data = told.data or (Path(home) / "strong_motion" if home else None)
    if data is None or not data.is_dir():
        print("needs --data (or FORESHOCK_DATA)", file=sys.stderr)
        return 1
    estimator, rows, left = estimator_of(told.run), [], []
    for part, record in records(data):
        try:
            said = asked(estimator, part, record)
        except ForeshockError as error:
            said = str(error)
        if isinstance(said, str):
            left.append([f"{part.name}/{record.waveform.station_id}", said])
        else:
            rows += said
    answer = {"scores": [summed(rows, t) for t in TIMES_S] if rows else [], "left_out": left, "rows": rows}
    if told.json:
        print(json.dumps(answer, indent=1))
        return 0
    for scores in answer["scores"]:
        print(*(f"{name} {value:.3g}" for name, value in scores.items()), sep="  ")
    print(f"{len(left)} records left out: {sorted({reason[:60] for _, reason in left})}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
