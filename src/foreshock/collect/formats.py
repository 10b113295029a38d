"""Formats: which waveform files ObsPy may open for us, and opening them without trust. Knows no channels, no waveforms.

ObsPy's own format detection is not used, because one of its formats (``PICKLE``) runs code from the file while it is
being recognised. Each format of `SAFE_FORMATS` is asked in turn, in ObsPy's order. Left out on purpose:

| format | why |
|---|---|
| PICKLE | reading it can run anything |
| CSS, NNSA_KB_CORE | a table that names other files, anywhere on the disk |
| WAV, CYBERSHAKE, ALSEP_*, RG16 | no station and time, or not recordings of the ground of this Earth |
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from obspy.io.mseed.util import get_record_information

from foreshock.errors import FormatError, NotFoundError

Trace: TypeAlias = Any
"""An ``obspy.Trace``; ObsPy has no annotations."""

SAFE_FORMATS = (
    "MSEED", "SAC", "GSE2", "SEISAN", "SACXY", "GSE1", "Q", "SH_ASC", "SLIST", "TSPAIR", "Y",
    "SEGY", "SU", "SEG2", "WIN", "AH", "PDAS", "KINEMETRICS_EVT", "GCF", "DMX", "KNET", "REFTEK130",
)  # fmt: skip
MAX_FILE_BYTES = 8 * 2**30
"""A single file larger than this is refused: a day of three components at 1 kHz is 1 GB."""
GSE_LINE_BYTES = 82
"""Longest line of samples, its end included (GSE 2.0 writes 80 and one or two)."""

_HARMLESS = ("not strictly valid but will be interpreted", "Number of blockettes in fixed header")
"""Remarks of libmseed about a header that leave its samples and times certain; every other one means damage."""
_MAGIC = {
    b"\x1f\x8b": "compressed (gzip)",
    b"BZh": "compressed (bzip2)",
    b"PK\x03\x04": "a zip file",
    b"\x89HDF": "HDF5",
    b"\x80\x04": "a Python pickle, which is never read",
    b"\x80\x05": "a Python pickle, which is never read",
    b"<?xml": "XML",
    b"<!DOCTYPE html": "an HTML page",
    b"<html": "an HTML page",
    b"{": "JSON",
}


def detect(path: Path) -> str:
    """Name the format of a waveform file.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is empty, too large, or none of `SAFE_FORMATS`.
    """
    _check_size(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in SAFE_FORMATS:
            if _claims(name, path):
                return name
    raise FormatError(
        f"file {path}", f"it is not a waveform file ({_look(path)})", "give miniSEED, SAC, GSE2, K-NET … files"
    )


def read_traces(path: Path, *, headers_only: bool = False) -> list[Trace]:
    """Read every trace of a file, with its format in ``stats._format``; samples stay as they are stored.

    Raises:
        NotFoundError: there is no such file.
        FormatError: it is not a waveform file, is cut short, or is damaged inside.
    """
    name = detect(path)
    if name == "MSEED":
        _check_whole_records(path)
    if name.startswith("GSE") and not headers_only:
        _check_gse(path, _read(name, path, headers_only=True))
    traces = _read(name, path, headers_only=headers_only)
    for trace in traces:
        trace.stats._format = name
        if name == "KNET":
            _check_knet(path, trace)
        elif not headers_only:
            _check_promise(path, trace, trace.stats.npts)
    if not traces:
        raise FormatError(f"file {path}", f"this {name} file holds no trace", "give a file with samples")
    return traces


def _read(name: str, path: Path, *, headers_only: bool) -> list[Trace]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            traces = list(_entry(name, "readFormat")(str(path), headonly=headers_only, format=name))
        except (Exception, MemoryError) as error:  # ObsPy's readers raise anything, bare Exception included
            raise _damaged(name, path, error) from error
    for warning in told:
        harmless = any(words in str(warning.message) for words in _HARMLESS)
        if warning.category.__name__ == "InternalMSEEDWarning" and not harmless:
            raise _damaged(name, path, warning.message)
    return traces


def _damaged(name: str, path: Path, why: object) -> FormatError:
    return FormatError(f"file {path}", f"it is damaged {name} ({_first_line(why)})", "copy or download it again")


def _check_size(path: Path) -> None:
    if not path.is_file():
        raise NotFoundError(f"file {path}", "there is no such file", "correct the path")
    try:
        with path.open("rb"):
            n_bytes = path.stat().st_size
    except OSError as error:
        raise NotFoundError(f"file {path}", f"it cannot be opened ({error.strerror})", "correct its rights") from error
    if n_bytes == 0:
        raise FormatError(f"file {path}", "it is empty", "copy or download it again")
    if n_bytes > MAX_FILE_BYTES:
        raise FormatError(f"file {path}", f"it has {n_bytes} bytes, more than {MAX_FILE_BYTES}", "cut it by days")


@cache
def _entry(name: str, role: str) -> Callable[..., Any]:
    """The function ObsPy registers for a format: ``isFormat`` or ``readFormat``."""
    (point,) = entry_points(group=f"obspy.plugin.waveform.{name}", name=role)
    loaded: Callable[..., Any] = point.load()
    return loaded


def _claims(name: str, path: Path) -> bool:
    try:
        return bool(_entry(name, "isFormat")(str(path)))
    except Exception:  # a detector that stumbles over foreign bytes has answered: not mine
        return False


def _check_whole_records(path: Path) -> None:
    """Refuse a miniSEED file whose last record is cut: ObsPy would drop it in silence."""
    size, offset = path.stat().st_size, 0
    try:
        if size % _record_bytes(path, 0) == 0:
            return
        while offset < size:
            offset += _record_bytes(path, offset)
    except Exception as error:
        rule = f"its miniSEED record at byte {offset} is damaged or cut ({_look(path)})"
        raise FormatError(f"file {path}", rule, "copy or download it again") from error
    if offset != size:
        raise FormatError(
            f"file {path}",
            f"its last miniSEED record ends {offset - size} bytes after the file does",
            "copy or download it again",
        )


def _record_bytes(path: Path, offset: int) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return int(get_record_information(str(path), offset)["record_length"])


def _check_gse(path: Path, headers: list[Trace]) -> None:
    """Refuse GSE files that would write past the buffers of ObsPy 1.5's decompressor (``decomp_6b``).

    It keeps a line in 83 bytes without asking how long the line is, and takes differences of two samples at least.
    """
    with path.open("rb") as handle:
        packed = False
        for number, line in enumerate(handle, start=1):
            if line.startswith((b"WID1", b"WID2")):
                packed = b" CM" in line  # CM6, CMP6; plain integers do not pass the decompressor
            elif packed and len(line) > GSE_LINE_BYTES:
                raise _damaged("GSE", path, f"line {number} is longer than {GSE_LINE_BYTES} bytes")
    if any(trace.stats.npts < 2 for trace in headers):
        raise FormatError(f"file {path}", "it holds a trace with fewer than 2 samples", "give a longer record")


def _check_knet(path: Path, trace: Trace) -> None:
    """Refuse a K-NET file without a full header, or with fewer samples than its header promises."""
    header = trace.stats.get("knet")
    if header is None or "stla" not in header:
        raise FormatError(f"file {path}", "its K-NET header is cut short", "copy or download it again")
    _check_promise(path, trace, round(float(header["duration"]) * float(trace.stats.sampling_rate)))


def _check_promise(path: Path, trace: Trace, promised: int) -> None:
    """Refuse a trace with fewer samples than its header promises."""
    if len(trace.data) < promised:
        raise FormatError(
            f"file {path}",
            f"it holds {len(trace.data)} of the {promised} samples its header promises",
            "copy or download it again",
        )


def _look(path: Path) -> str:
    """Say in a few words what a file that is no waveform looks like."""
    with path.open("rb") as handle:
        head = handle.read(512)
    for magic, words in _MAGIC.items():
        if head.lstrip()[: len(magic)].lower() == magic.lower():
            return f"it looks like {words}"
    printable = np.isin(np.frombuffer(head, np.uint8), [9, 10, 13, *range(32, 127)]).mean()
    return "it looks like text" if printable > 0.95 else "its bytes are of no known format"


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".")[:160] if lines else type(error).__name__
