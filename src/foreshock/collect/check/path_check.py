"""Which check a path needs: a data set's or that of waveform files. Knows no defects."""

from __future__ import annotations

from pathlib import Path

from foreshock.collect.check.dataset_check import check_dataset
from foreshock.collect.check.folder_check import check_folder
from foreshock.collect.check.report import CheckReport


def check_path(path: Path, *, mapping: Path | None = None, stations: Path | None = None) -> CheckReport:
    """Look at a data set (a folder with metadata and HDF5) or at a file or folder of waveforms.

    Args:
        path: what to look at.
        mapping: mapping file of a data set with other names (`foreshock.collect.datasets.columns`).
        stations: StationXML for waveform files; without it the ``.xml`` files below the path are tried.

    Raises:
        NotFoundError: there is nothing at the path.
        FormatError: a data set cannot be opened at all.
        NothingMatchedError: a folder holds no recordings.
    """
    path = Path(path)
    if mapping is not None or _is_dataset(path):
        return check_dataset(path, mapping=mapping)
    return check_folder(path, stations=stations)


def _is_dataset(path: Path) -> bool:
    if not path.is_dir():
        return False
    return (path / "chunks").is_file() or any(path.glob("waveforms*.hdf5"))
