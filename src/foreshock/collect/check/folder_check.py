"""The check of waveform files: names, continuity, samples and responses. Knows no data sets and draws nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from obspy import Stream

from foreshock.clock import NS_PER_S
from foreshock.collect.assemble import RATE_RANGE_HZ
from foreshock.collect.check import samples
from foreshock.collect.check.defects import Tally
from foreshock.collect.check.noise import compare, noise_level
from foreshock.collect.check.report import CheckReport, NoiseLevel, Span
from foreshock.collect.check.responses import Responses
from foreshock.collect.formats import read_traces
from foreshock.errors import FormatError, NotFoundError, NothingMatchedError
from foreshock.types.arrays import AnyArray, Float64

OTHER_SUFFIXES = (
    ".xml", ".json", ".csv", ".txt", ".md", ".png", ".html", ".toml", ".pdf", ".lock", ".part", ".jsonl", ".yaml",
)  # fmt: skip
"""Files that are no waveforms and are passed over."""
PIECE_SAMPLES = 60_000
MOST_SAMPLES = 200_000_000
MOST_NOISE_LINES = 12
NOISE_PIECE_S = 20.0
LONG_S = 3600.0
"""From this length on a recording is taken to be noise mostly."""
MOST_NOISE_PIECES = 40


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """One unbroken run of samples of one channel, as a file gave it."""

    name: str
    file: str
    rate_hz: float
    start_ns: int
    data: AnyArray

    @property
    def end_ns(self) -> int:
        """When the sample after the last one would come, UTC nanoseconds."""
        return self.start_ns + round(len(self.data) / self.rate_hz * NS_PER_S)


def check_folder(path: Path, *, stations: Path | None = None) -> CheckReport:
    """Look at every waveform file below a path, with the StationXML found there or at `stations`.

    Raises:
        NotFoundError: there is nothing at the path.
        NothingMatchedError: not one waveform file is there.
    """
    if not path.exists():
        raise NotFoundError(f"path {path}", "it does not exist", "give a file or folder of recordings")
    tally = Tally()
    files = _waveform_files(path)
    pieces = [piece for file in files for piece in _read(file, path, tally)]
    if not files or (not pieces and "UNREADABLE" not in [f.code for f in tally.findings(len(files))]):
        raise NothingMatchedError(f"path {path}", "it holds no waveforms", "give miniSEED, SAC, GSE2 or K-NET files")
    responses = Responses.read([stations] if stations is not None else _station_files(path))
    _check_names(pieces, tally)
    _check_continuity(pieces, tally)
    _check_samples(pieces, tally)
    _check_components(pieces, tally)
    responses.check([(piece.name, piece.start_ns, piece.end_ns) for piece in pieces], tally)
    levels = _noise(pieces, responses)
    compare(levels, tally)
    spans = tuple(Span(piece.name, piece.start_ns, piece.end_ns) for piece in pieces)
    found = tally.findings(max(len(pieces), len(files)))
    return CheckReport(str(path), "folder", len(pieces), found, spans, tuple(levels), _table(pieces), responses.notes)


def _waveform_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    return sorted(file for file in found if file.suffix.lower() not in OTHER_SUFFIXES)


def _station_files(path: Path) -> list[Path]:
    folder = path if path.is_dir() else path.parent
    return sorted(file for file in folder.rglob("*.xml") if file.is_file())


def _read(file: Path, root: Path, tally: Tally) -> Iterator[Piece]:
    shown = str(file.relative_to(root)) if root.is_dir() else file.name
    try:
        stream = _runs_of(file)
    except FormatError as error:
        tally.add("UNREADABLE", [shown], detail=error.rule)
        return
    for trace in stream:
        if not len(trace.data):
            tally.add("SHORT_RECORD", [f"{trace.id} ({shown})"])
            continue
        yield Piece(trace.id, shown, float(trace.stats.sampling_rate), int(trace.stats.starttime.ns), trace.data)


def _runs_of(file: Path) -> Any:
    """The unbroken runs of samples of a file.

    Raises:
        FormatError: the file is empty, cut short or no waveform file, or declares absurd sizes or rates.
    """
    head = read_traces(file, headers_only=True)
    if sum(trace.stats.npts for trace in head) > MOST_SAMPLES:
        raise FormatError(f"file {file}", f"it declares more than {MOST_SAMPLES} samples", "cut it into days")
    for trace in head:
        rate_hz = float(trace.stats.sampling_rate)
        if not RATE_RANGE_HZ[0] <= rate_hz <= RATE_RANGE_HZ[1]:
            raise FormatError(f"file {file}", f"{trace.id} has a rate of {rate_hz:g} Hz", "correct its header")
    return Stream(read_traces(file)).split()


def _check_names(pieces: Sequence[Piece], tally: Tally) -> None:
    tally.add("UNNAMED_STATION", [f"{p.name} ({p.file})" for p in pieces if not p.name.split(".")[1]])
    first: dict[bytes, Piece] = {}
    twice: list[str] = []
    for piece in pieces:
        digest = hashlib.blake2b(np.ascontiguousarray(piece.data).tobytes(), digest_size=16).digest()
        other = first.setdefault(digest, piece)
        still = piece.data.min() == piece.data.max()
        if other is not piece and not still and (other.start_ns == piece.start_ns or other.name == piece.name):
            twice.append(f"{other.name} ({other.file}) = {piece.name} ({piece.file})")
    tally.add("DUPLICATE_TRACE", twice)


def _by_channel(pieces: Sequence[Piece]) -> dict[str, list[Piece]]:
    channels: dict[str, list[Piece]] = {}
    for piece in sorted(pieces, key=lambda p: (p.name, p.start_ns)):
        channels.setdefault(piece.name, []).append(piece)
    return channels


def _check_continuity(pieces: Sequence[Piece], tally: Tally) -> None:
    """Look between the pieces of each channel; those further apart than they are long are separate recordings."""
    channels = _by_channel(pieces)
    for name, run in channels.items():
        if len({piece.rate_hz for piece in run}) > 1:
            rates = " and ".join(f"{rate:g}" for rate in sorted({piece.rate_hz for piece in run}))
            tally.add("MIXED_RATES", [f"{name}: {rates} Hz"], total=len(channels))
            continue
        for one, two in pairwise(run):
            samples_off = (two.start_ns - one.end_ns) / NS_PER_S * one.rate_hz
            where = f"{name} at {pd.Timestamp(one.end_ns).isoformat()[:23]}Z, {abs(samples_off) / one.rate_hz:.2f} s"
            apart = samples_off > len(one.data) + len(two.data)
            if samples_off > 0.5 and not apart:
                tally.add("GAP", [where], total=len(channels))
            elif samples_off < -0.5:
                tally.add("OVERLAP", [where], total=len(channels))


def _check_samples(pieces: Sequence[Piece], tally: Tally) -> None:
    for piece in pieces:
        name = [f"{piece.name} ({piece.file})"]
        if len(piece.data) < 100:
            tally.add("SHORT_RECORD", name)
            continue
        data = np.asarray(piece.data, np.float64)
        if not np.isfinite(data).all():
            tally.add("NAN_SAMPLES", name)
            continue
        for code in _defects(data, piece.rate_hz):
            tally.add(code, name)


def _defects(data: Float64, rate_hz: float) -> list[str]:
    """The codes that hold for one run of samples, looked at in pieces so that memory stays small."""
    whole = data[None, None]
    if samples.flat(whole)[0, 0]:
        return ["FLAT_CHANNEL"]
    parts = [data[k : k + PIECE_SAMPLES][None, None] for k in range(0, len(data), PIECE_SAMPLES)]
    parts = [part for part in parts if part.shape[-1] >= 100]
    found = ["DC_OFFSET"] if samples.offset(whole)[0, 0] else []
    if samples.clipped(whole)[0, 0]:
        found.append("CLIPPED")
    if any(samples.spikes(part)[0, 0] for part in parts):
        found.append("SPIKE")
    if any(samples.flat_spans(part, rate_hz=rate_hz)[0, 0] or samples.flat(part)[0, 0] for part in parts):
        found.append("FLAT_SPAN")
    return found


def _check_components(pieces: Sequence[Piece], tally: Tally) -> None:
    instruments: dict[str, dict[str, Piece]] = {}
    for piece in pieces:
        instruments.setdefault(_instrument(piece.name), {}).setdefault(piece.name, piece)
    for stem, channels in instruments.items():
        if len(channels) < 3:
            tally.add("MISSING_COMPONENT", [f"{stem} has {len(channels)}"], total=len(instruments))
        named = list(channels.values())
        for k, one in enumerate(named):
            for two in named[k + 1 :]:
                if len(one.data) == len(two.data) and one.start_ns == two.start_ns and _same(one.data, two.data):
                    tally.add("DUPLICATE_CHANNEL", [f"{one.name} = {two.name}"], total=len(instruments))


def _instrument(name: str) -> str:
    """The instrument a channel belongs to: its code without the component (``HHZ`` → ``HH``, ``EW2`` → ``2``)."""
    station, _, code = name.rpartition(".")
    wordy = code[:2].upper() in ("EW", "NS", "UD")
    return f"{station}.{code[2:] if wordy else code[:-1]}"


def _same(one: AnyArray, two: AnyArray) -> bool:
    x = np.stack([np.asarray(one, np.float64), np.asarray(two, np.float64)])[None]
    return bool(np.isfinite(x).all() and samples.same_channels(x)[0])


def _noise(pieces: Sequence[Piece], responses: Responses) -> list[NoiseLevel]:
    """The noise of the channels with most data, in SI where the sensitivity is known."""
    channels = _by_channel([piece for piece in pieces if np.isfinite(piece.data).all()])
    ordered = sorted(channels.items(), key=lambda item: (-sum(len(p.data) for p in item[1]), item[0]))
    levels: list[NoiseLevel | None] = []
    for name, run in ordered[:MOST_NOISE_LINES]:
        sensitivity, unit = responses.sensitivity(name, run[0].start_ns)
        rate = run[0].rate_hz
        size = round(NOISE_PIECE_S * rate)
        cut = [
            p.data[k : k + size] / sensitivity for p in run if p.rate_hz == rate for k in range(0, len(p.data), size)
        ]
        levels.append(noise_level(name, _quiet([c for c in cut if len(c) == size]), rate_hz=rate, unit=unit))
    return sorted((level for level in levels if level is not None), key=lambda level: level.label)


def _quiet(cut: list[Float64]) -> list[Float64]:
    """All pieces of a long recording, thinned; of a short one, which may be all earthquake, the quietest fifth."""
    if len(cut) * NOISE_PIECE_S >= LONG_S:
        return cut[:: max(1, len(cut) // MOST_NOISE_PIECES)][:MOST_NOISE_PIECES]
    return sorted(cut, key=lambda piece: float(piece.std()))[: max(1, len(cut) // 5)]


def _table(pieces: Sequence[Piece]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "instrument": [piece.name.split(".")[3][:2] or None for piece in pieces],
            "station": [".".join(piece.name.split(".")[:3]) for piece in pieces],
            "rate_hz": [piece.rate_hz for piece in pieces],
            "span_s": [len(piece.data) / piece.rate_hz for piece in pieces],
        }
    )
