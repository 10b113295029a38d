"""Chunks of a data set: which metadata and waveform files belong together. Knows nothing of what they hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from foreshock.collect.datasets.columns import ColumnMapping, read_metadata
from foreshock.errors import FormatError, NotFoundError


@dataclass(frozen=True, slots=True)
class Chunk:
    """A metadata file and the waveform file that belongs to it; `name` is empty when there is only one."""

    name: str
    metadata: Path
    waveforms: Path


def chunks_of(path: Path, mapping: ColumnMapping) -> list[Chunk]:
    """Find the chunks of a data set: those named in the file ``chunks``, else by file names, else the one pair.

    Raises:
        NotFoundError: there is no such folder, or a file of a chunk is missing.
        FormatError: a chunk's name leads out of the folder.
    """
    if not path.is_dir():
        raise NotFoundError(f"data set {path}", "it is not a folder", "give the folder that holds metadata.csv")
    meta, wave = mapping.data.metadata_file, mapping.data.waveforms_file
    listed = path / "chunks"
    if listed.is_file():
        names = [line.strip() for line in _lines(listed) if line.strip()]
    elif (path / _safe(meta)).is_file():
        return [_pair(path, "", _safe(meta), _safe(wave))]
    else:
        stem = Path(meta).stem
        names = sorted(found.stem[len(stem) :] for found in path.glob(f"{stem}?*.csv"))
    if not names:
        raise NotFoundError(f"data set {path}", f"it holds no {meta}", "give the folder that holds metadata.csv")
    return [_named(path, _safe(name), meta, wave) for name in names]


def _named(path: Path, name: str, meta: str, wave: str) -> Chunk:
    m, w = Path(meta), Path(wave)
    for middle in (name, f"_{name}"):
        if (path / f"{m.stem}{middle}{m.suffix}").is_file():
            return _pair(path, name, f"{m.stem}{middle}{m.suffix}", f"{w.stem}{middle}{w.suffix}")
    raise NotFoundError(
        f"chunk {name!r} of {path}", f"there is no {m.stem}{name}{m.suffix}", "fetch the data set again, whole"
    )


def _pair(path: Path, name: str, metadata: str, waveforms: str) -> Chunk:
    for file in (metadata, waveforms):
        if not (path / file).is_file():
            raise NotFoundError(f"data set {path}", f"it holds no {file}", "fetch the data set again, whole")
    return Chunk(name, path / metadata, path / waveforms)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise FormatError(f"chunk list {path}", "it is not text", "write one chunk name a line") from error


def _safe(name: str) -> str:
    if "/" in name or "\\" in name or "\x00" in name or name in (".", ".."):
        raise FormatError(f"file name {name!r}", "it leads out of the data set's folder", "name a file in the folder")
    return name


def read_chunks(chunks: list[Chunk], mapping: ColumnMapping) -> pd.DataFrame:
    """Read the metadata of all chunks as one table with ``trace_chunk``, the number of the chunk."""
    frames = [read_metadata(chunk.metadata, mapping).assign(trace_chunk=k) for k, chunk in enumerate(chunks)]
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
