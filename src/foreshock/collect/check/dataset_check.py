"""The check of a data set: its metadata, then its samples in one pass. Knows no waveform folders and draws nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from foreshock.collect.check import onset, polarisation, samples
from foreshock.collect.check.defects import Tally
from foreshock.collect.check.diversity import diversity_table
from foreshock.collect.check.metadata import back_azimuths_deg, check_metadata, named
from foreshock.collect.check.noise import compare, noise_level
from foreshock.collect.check.report import CheckReport, NoiseLevel, Span
from foreshock.collect.datasets.columns import NO_TIME
from foreshock.collect.datasets.dataset import Dataset
from foreshock.errors import InputError
from foreshock.types.arrays import AnyArray, Bools, Float32, Float64

MOST_NOISE_LINES = 12
MOST_NOISE_PIECES = 40
LARGE_RESIDUAL_S = 0.5
MEDIAN_RESIDUAL_S = 0.2
LEAST_RESIDUALS = 10
LOW_SNR_DB = 6.0


def check_dataset(path: Path, *, mapping: Path | None = None) -> CheckReport:
    """Look at every record of a data set.

    Raises:
        NotFoundError, FormatError: it cannot be opened at all.
    """
    with Dataset.open(path, mapping=mapping) as dataset:
        tally = Tally()
        check_metadata(dataset, tally)
        seen = _Seen(len(dataset))
        _read_all(dataset, seen, tally)
        _check_arrivals(dataset, seen, tally)
        _check_duplicates(dataset, seen, tally)
        notes = [*dataset.notes, *_check_residuals(dataset, seen, tally)]
        _check_polarisation(dataset, seen, tally)
        _check_order(seen, tally)
        levels = seen.noise_levels()
        compare(levels, tally)
        return CheckReport(
            str(path),
            "dataset",
            len(dataset),
            tally.findings(len(dataset)),
            _spans(dataset, seen),
            tuple(levels),
            diversity_table(dataset, snr_db=seen.snr_db),
            tuple(notes),
        )


@dataclass(slots=True)
class _Noise:
    rate_hz: float
    unit: str
    pieces: list[Float32] = field(default_factory=list)


class _Seen:
    """What the pass over the samples keeps of each row."""

    def __init__(self, count: int) -> None:
        self.length = np.full(count, -1)
        self.digest: list[bytes | None] = [None] * count
        self.snr_db = np.full(count, np.nan)
        self.residual_s = np.full(count, np.nan)
        self.away_deg = np.full(count, np.nan)
        self.shares = np.full((count, 3), np.nan)
        self.noise: dict[tuple[str, float], _Noise] = {}

    def noise_levels(self) -> list[NoiseLevel]:
        """The noise of the channels with most pieces."""
        ordered = sorted(self.noise.items(), key=lambda item: (-len(item[1].pieces), item[0]))[:MOST_NOISE_LINES]
        levels = [noise_level(key[0], n.pieces, rate_hz=n.rate_hz, unit=n.unit) for key, n in ordered]
        return sorted((level for level in levels if level is not None), key=lambda level: level.label)


def _read_all(dataset: Dataset, seen: _Seen, tally: Tally) -> None:
    for rows in dataset.batches(range(len(dataset))):
        groups: dict[tuple[str, float, tuple[int, ...]], list[tuple[int, Float32]]] = {}
        for row, data in zip(rows, dataset.try_block(rows), strict=True):
            if isinstance(data, InputError):
                _note_unreadable(dataset, row, data, tally)
                continue
            key = (dataset.components(row), float(dataset.rates_hz[row]), data.shape)
            groups.setdefault(key, []).append((row, data))
        for (components, rate_hz, _), members in groups.items():
            group = _Group(dataset, [row for row, _ in members], [data for _, data in members], components, rate_hz)
            _check_group(group, seen, tally)


def _note_unreadable(dataset: Dataset, row: int, error: InputError, tally: Tally) -> None:
    if row not in dataset.faults:
        code = "NAN_SAMPLES" if "NaN" in error.rule else "UNREADABLE"
        tally.add(code, [dataset.trace_ids[row]], detail=f"first: {error}")


class _Group:
    """Traces of one shape, rate and component set, read together; absent components are told apart."""

    def __init__(self, dataset: Dataset, rows: list[int], data: list[Float32], components: str, rate_hz: float) -> None:
        self.dataset = dataset
        self.rows = np.array(rows)
        self.x = np.stack(data)
        self.components = components
        self.rate_hz = rate_hz
        self.whole = np.ones(self.x.shape[:2], bool)
        self.present = np.ones(self.x.shape[:2], bool)
        for k, row in enumerate(rows):
            self._mark(k, row, data[k])

    def _mark(self, k: int, row: int, data: Float32) -> None:
        try:
            valid = self.dataset.valid(row, data)
        except InputError:
            return
        if valid is not None:
            self.present[k] = valid.any(-1)
            self.whole[k] = valid.all(-1)

    def names(self, wrong: Bools) -> list[str]:
        """Names of traces, with the letters of the channels where `wrong` has them."""
        ids = self.dataset.trace_ids
        if wrong.ndim == 1:
            return [ids[self.rows[k]] for k in np.flatnonzero(wrong)]
        out: list[str] = []
        for k in np.flatnonzero(wrong.any(-1)):
            letters = "".join(np.array(list(self.components))[wrong[k]])
            out.append(f"{ids[self.rows[k]]} [{letters}]")
        return out


def _check_group(group: _Group, seen: _Seen, tally: Tally) -> None:
    x, rows, rate_hz = group.x, group.rows, group.rate_hz
    seen.length[rows] = x.shape[-1]
    for k, row in enumerate(rows):
        seen.digest[row] = hashlib.blake2b(x[k].tobytes(), digest_size=16).digest()
    if x.shape[-1] < 100:
        tally.add("SHORT_RECORD", group.names(np.ones(len(x), bool)))
    still = samples.flat(x)
    usable = group.present & ~still
    tally.add("FLAT_CHANNEL", group.names(still & group.present))
    tally.add("MISSING_COMPONENT", group.names(group.present.sum(-1) < 3))
    tally.add("DC_OFFSET", group.names(samples.offset(x) & usable))
    tally.add("CLIPPED", group.names(samples.clipped(x) & usable))
    tally.add("SPIKE", group.names(samples.spikes(x) & usable))
    tally.add("FLAT_SPAN", group.names(samples.flat_spans(x, rate_hz=rate_hz) & usable & group.whole))
    tally.add("DUPLICATE_CHANNEL", group.names(samples.same_channels(x) & (usable.sum(-1) > 1)))
    _measure_onsets(group, seen)
    _keep_noise(group, seen)


def _measure_onsets(group: _Group, seen: _Seen) -> None:
    truths, rows = group.dataset.truths, group.rows
    p, s = truths.p_sample[rows], truths.s_sample[rows]
    if not np.isfinite(p).any():
        return
    seen.snr_db[rows] = samples.snr_db(group.x, p, rate_hz=group.rate_hz)
    if "Z" not in group.components:
        return
    until = s - round(0.1 * group.rate_hz)
    vertical = group.x[:, group.components.index("Z")]
    found = onset.label_residuals(vertical, p, rate_hz=group.rate_hz, until=until)
    seen.residual_s[rows] = found
    if group.components == "ZNE":
        refined = p - found * group.rate_hz
        seen.away_deg[rows] = polarisation.away_azimuth(group.x, refined, rate_hz=group.rate_hz)
        seen.shares[rows] = polarisation.energy_shares(group.x, refined, rate_hz=group.rate_hz)


def _keep_noise(group: _Group, seen: _Seen) -> None:
    """Keep samples that end a second before P, or all of a record called noise."""
    truths = group.dataset.truths
    for k, row in enumerate(group.rows):
        end = group.x.shape[-1] if truths.kind[row] == "noise" else truths.p_sample[row] - group.rate_hz
        if not end >= 5 * group.rate_hz:
            continue
        unit = group.dataset.unit(row)[0]
        station = group.dataset.station_id(row)
        for channel, code in enumerate(group.dataset.channels(row)):
            key = (f"{station}.{code}", group.rate_hz)
            kept = seen.noise.setdefault(key, _Noise(group.rate_hz, unit))
            if len(kept.pieces) < MOST_NOISE_PIECES and group.whole[k, channel] and kept.unit == unit:
                kept.pieces.append(group.x[k, channel, : int(end)].copy())


def _check_arrivals(dataset: Dataset, seen: _Seen, tally: Tally) -> None:
    truths = dataset.truths
    read = seen.length >= 0
    for code, arrival in (("P_OUTSIDE", truths.p_sample), ("S_OUTSIDE", truths.s_sample)):
        tally.add(code, named(dataset, read & ((arrival < 0) | (arrival >= seen.length))))
    told = truths.number("trace_npts")
    tally.add("LENGTH_MISMATCH", named(dataset, read & np.isfinite(told) & (told != seen.length)))
    quiet = seen.snr_db < LOW_SNR_DB
    known = int(np.isfinite(seen.snr_db).sum())
    tally.add("LOW_SNR", named(dataset, quiet), total=known, detail=f"median {_median(seen.snr_db):.1f} dB")


def _median(values: Float64) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else float("nan")


def _check_duplicates(dataset: Dataset, seen: _Seen, tally: Tally) -> None:
    first: dict[bytes, int] = {}
    twice: list[str] = []
    torn: list[str] = []
    for row, digest in enumerate(seen.digest):
        if digest is None:
            continue
        other = first.setdefault(digest, row)
        if other == row:
            continue
        pair = f"{dataset.trace_ids[other]} = {dataset.trace_ids[row]}"
        twice.append(pair)
        if dataset.splits[other] != dataset.splits[row]:
            torn.append(f"{pair} ({dataset.splits[other]} and {dataset.splits[row]})")
    tally.add("DUPLICATE_TRACE", twice)
    tally.add("SPLIT_WAVEFORM_LEAK", torn)


def _check_residuals(dataset: Dataset, seen: _Seen, tally: Tally) -> list[str]:
    """Compare labels with onsets; what is within bounds becomes a note with the figures."""
    known = seen.residual_s[np.isfinite(seen.residual_s)]
    if len(known) < LEAST_RESIDUALS:
        return []
    low, median, high = np.percentile(known, [5, 50, 95])
    large = np.abs(seen.residual_s) > LARGE_RESIDUAL_S
    share = large.sum() / len(known)
    figures = (
        f"label minus onset: median {median:+.2f} s, 5-95 % {low:+.2f} … {high:+.2f} s, "
        f"{share:.0%} beyond {LARGE_RESIDUAL_S} s ({len(known)} clear onsets)"
    )
    if abs(median) > MEDIAN_RESIDUAL_S or share > 0.2:
        wrong = np.abs(seen.residual_s) > min(LARGE_RESIDUAL_S, MEDIAN_RESIDUAL_S)
        tally.add("PICK_RESIDUAL", named(dataset, wrong), detail=figures, total=len(known))
        return []
    return [f"P labels agree with the samples; {figures}"]


def _check_polarisation(dataset: Dataset, seen: _Seen, tally: Tally) -> None:
    stations = np.array([dataset.station_id(row) for row in range(len(dataset))], object)
    azimuth = back_azimuths_deg(dataset)
    names = sorted(set(stations.tolist()))
    for station in names:
        at = stations == station
        wrong = polarisation.suspicion(seen.away_deg[at], azimuth[at])
        if wrong is not None:
            code = "POLARITY" if wrong == "Z reversed" else "SWAPPED_COMPONENTS"
            tally.add(code, [f"{station}: {wrong}"], total=len(names), detail=f"{station}: {wrong}")


def _check_order(seen: _Seen, tally: Tally) -> None:
    found = polarisation.misplaced_vertical(seen.shares)
    if found is not None:
        row, medians, n = found
        told = ", ".join(f"{letter} {share:.2f}" for letter, share in zip("ZNE", medians, strict=True))
        detail = f"median shares of P's energy: {told} ({n} clear onsets)"
        tally.add("COMPONENT_ORDER", [f"what is called {'ZNE'[row]} looks like the vertical"], total=1, detail=detail)


def _spans(dataset: Dataset, seen: _Seen) -> tuple[Span, ...]:
    truths = dataset.truths
    told: AnyArray = (truths.start_ns != NO_TIME) & (seen.length > 0) & np.isfinite(truths.rate_hz)
    return tuple(
        Span(
            dataset.station_id(row),
            int(truths.start_ns[row]),
            int(truths.start_ns[row] + seen.length[row] / truths.rate_hz[row] * 1e9),
        )
        for row in np.flatnonzero(told).tolist()
        if row not in dataset.faults
    )
