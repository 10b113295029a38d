"""Defects of a data set's metadata: ranges, contradictions, order in time, classes, splits. Reads no samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from foreshock import geo
from foreshock.clock import NS_PER_S
from foreshock.collect.check.defects import Tally
from foreshock.collect.datasets.columns import NO_TIME
from foreshock.collect.datasets.dataset import Dataset
from foreshock.collect.datasets.split import leaks
from foreshock.types.arrays import AnyArray, Float64
from foreshock.types.record import SPLITS

LARGEST_RATIO = 10.0
DISTANCE_TOLERANCE_KM = 2.0
AZIMUTH_TOLERANCE_DEG = 5.0
SLOWEST_KM_S, FASTEST_KM_S = 1.4, 14.0


def check_metadata(dataset: Dataset, tally: Tally) -> None:
    """Add to the tally what the metadata of a data set shows."""
    _check_faults(dataset, tally)
    _check_names(dataset, tally)
    _check_rates(dataset, tally)
    _check_ranges(dataset, tally)
    _check_geometry(dataset, tally)
    _check_order(dataset, tally)
    _check_classes(dataset, tally)
    _check_splits(dataset, tally)


def named(dataset: Dataset, wrong: AnyArray) -> list[str]:
    """The names of the rows where a mask is set."""
    return [dataset.trace_ids[row] for row in np.flatnonzero(wrong)]


def _check_faults(dataset: Dataset, tally: Tally) -> None:
    rows = sorted(dataset.faults)
    detail = f"first: {dataset.faults[rows[0]]}" if rows else ""
    tally.add("BAD_METADATA", [dataset.trace_ids[row] for row in rows], detail=detail)


def _check_names(dataset: Dataset, tally: Tally) -> None:
    chunks = dataset.metadata["trace_chunk"].tolist()
    keys = list(zip(chunks, dataset.metadata["trace_name"].tolist(), strict=True))
    often = Counter(keys)
    tally.add("DUPLICATE_NAME", [str(name) for (_, name), count in often.items() if count > 1])
    unnamed = dataset.metadata["station_code"].isna() if "station_code" in dataset.metadata else np.ones(len(dataset))
    tally.add("UNNAMED_STATION", named(dataset, np.asarray(unnamed, bool)))


def _check_rates(dataset: Dataset, tally: Tally) -> None:
    truths = dataset.truths
    rate, step = truths.number("trace_sampling_rate_hz"), truths.number("trace_dt_s")
    wrong = np.abs(rate * step - 1) > 1e-3
    common = dataset.format_rates()
    if common.shape == rate.shape:
        with np.errstate(divide="ignore", invalid="ignore"):
            wrong |= np.abs(rate / common - 1) > 1e-3
    tally.add("RATE_MISMATCH", named(dataset, wrong))


def _check_ranges(dataset: Dataset, tally: Tally) -> None:
    number = dataset.truths.number
    wrong = np.zeros(len(dataset), bool)
    for whose in ("station", "source"):
        latitude, longitude = number(f"{whose}_latitude_deg"), number(f"{whose}_longitude_deg")
        wrong |= (np.abs(latitude) > 90) | (longitude < -180) | (longitude > 360)
        wrong |= (latitude == 0) & (longitude == 0)
    tally.add("COORDINATES_RANGE", named(dataset, wrong))
    magnitude, depth = number("source_magnitude"), number("source_depth_km")
    tally.add("MAGNITUDE_RANGE", named(dataset, (magnitude < -3) | (magnitude > 10)))
    tally.add("DEPTH_RANGE", named(dataset, (depth < -10) | (depth > 750)))


def _places(dataset: Dataset) -> tuple[Float64, Float64]:
    """Distance (km) and back azimuth (deg) from the coordinates; NaN where they are not known or impossible."""
    number = dataset.truths.number
    columns = ("station_latitude_deg", "station_longitude_deg", "source_latitude_deg", "source_longitude_deg")
    a, b, c, d = (number(column) for column in columns)
    with np.errstate(invalid="ignore"):
        good = (np.abs(a) <= 90) & (np.abs(c) <= 90) & (b >= -180) & (b <= 360) & (d >= -180) & (d <= 360)
    distance, azimuth = np.full(len(a), np.nan), np.full(len(a), np.nan)
    if good.any():
        distance[good], azimuth[good], _ = geo.inverse(a[good], b[good], c[good], d[good])
    return distance, azimuth


def distances_km(dataset: Dataset) -> Float64:
    """Epicentral distance of each row: as told, else from the coordinates."""
    told = dataset.truths.number("path_ep_distance_km")
    return np.where(np.isnan(told), _places(dataset)[0], told)


def back_azimuths_deg(dataset: Dataset) -> Float64:
    """Back azimuth of each row: from the coordinates, else as told."""
    found = _places(dataset)[1]
    return np.where(np.isnan(found), dataset.truths.number("path_back_azimuth_deg"), found)


def _check_geometry(dataset: Dataset, tally: Tally) -> None:
    distance, azimuth = _places(dataset)
    told = dataset.truths.number("path_ep_distance_km")
    off = np.abs(told - distance)
    wrong = off > np.maximum(DISTANCE_TOLERANCE_KM, 0.02 * distance)
    tally.add("DISTANCE_MISMATCH", named(dataset, wrong), detail=_largest(off, wrong, "km"))
    turn = np.abs((dataset.truths.number("path_back_azimuth_deg") - azimuth + 180) % 360 - 180)
    wrong = (turn > AZIMUTH_TOLERANCE_DEG) & (distance > DISTANCE_TOLERANCE_KM)
    tally.add("AZIMUTH_MISMATCH", named(dataset, wrong), detail=_largest(turn, wrong, "deg"))


def _largest(off: Float64, wrong: AnyArray, unit: str) -> str:
    return f"largest difference {off[wrong].max():.1f} {unit}" if wrong.any() else ""


def _check_order(dataset: Dataset, tally: Tally) -> None:
    truths = dataset.truths
    tally.add("S_BEFORE_P", named(dataset, truths.s_sample <= truths.p_sample))
    known = (truths.start_ns != NO_TIME) & (truths.origin_ns != NO_TIME)
    lead_s = np.where(known, (truths.start_ns - truths.origin_ns) / NS_PER_S, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        travel_s = lead_s + truths.p_sample / truths.rate_hz
    early = travel_s < -0.5
    tally.add("P_BEFORE_ORIGIN", named(dataset, early))
    depth = np.nan_to_num(truths.number("source_depth_km"))
    path_km = np.hypot(distances_km(dataset), depth)
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = path_km / travel_s
    far = (path_km > 20) & ~early
    tally.add("TRAVEL_TIME", named(dataset, far & ((speed < SLOWEST_KM_S) | (speed > FASTEST_KM_S))))


def _check_classes(dataset: Dataset, tally: Tally) -> None:
    kinds = Counter(dataset.truths.kind)
    if len(kinds) > 1:
        ordered = kinds.most_common()
        (most, many), (least, few) = ordered[0], ordered[-1]
        if many > LARGEST_RATIO * few:
            tally.add("CLASS_IMBALANCE", [f"{least}: {few}", f"{most}: {many}"], detail=_shares(kinds))
    magnitudes = dataset.truths.number("source_magnitude")
    known = magnitudes[~np.isnan(magnitudes)]
    constant = ["trace_category"] if len(kinds) == 1 and not known.size and len(dataset) > 1 else []
    if known.size > 1 and np.ptp(known) == 0:
        constant.append("source_magnitude")
    picked = bool(np.isfinite(dataset.truths.p_sample).any())
    tally.add("CONSTANT_LABEL", constant, severity="note" if picked and constant == ["trace_category"] else None)


def _shares(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def _check_splits(dataset: Dataset, tally: Tally) -> None:
    splits = dataset.splits
    if dataset.split_origin == "events":
        tally.add("SPLIT_MISSING", named(dataset, np.ones(len(dataset), bool)))
        return
    tally.add("SPLIT_MISSING", named(dataset, np.array([split is None for split in splits], bool)))
    unknown = sorted({str(split) for split in splits if split is not None} - set(SPLITS))
    tally.add("SPLIT_UNKNOWN", unknown, detail=f"names: {', '.join(unknown)}" if unknown else "")
    torn = leaks(dataset.event_ids, splits)
    items = [f"{event} ({' and '.join(torn[event])})" for event in sorted(torn)]
    tally.add("SPLIT_EVENT_LEAK", items, total=len(set(dataset.truths.event_id)))
