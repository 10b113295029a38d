"""Data sets that lie: metadata, HDF5 files and splits; what is left out is counted with its reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from hostile_said import Commands

TRAIN = ("train", "--task", "detect", "--model", "cnn-small", "--epochs", 1)
Spoil = Callable[[Path], None]


@pytest.fixture
def copy(dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(dataset, tmp_path / "set"))


def in_metadata(column: str, value: Any) -> Spoil:
    def spoil(path: Path) -> None:
        table = pd.read_csv(path / "metadata.csv")
        table[column] = value(table) if callable(value) else value
        table.to_csv(path / "metadata.csv", index=False)

    return spoil


def numbered(name: str) -> Spoil:
    return in_metadata("trace_name", lambda table: [name % row for row in range(len(table))])


def in_hdf5(change: Callable[[h5py.File], None]) -> Spoil:
    def spoil(path: Path) -> None:
        with h5py.File(path / "waveforms.hdf5", "r+") as file:
            change(file)

    return spoil


def buckets(make: Callable[[h5py.Group, str, Any], Any]) -> Spoil:
    """Put something else in the place of every bucket."""

    def change(file: h5py.File) -> None:
        for name in list(file["data"]):
            held = file["data"][name][...]
            del file["data"][name]
            make(file["data"], name, held)

    return in_hdf5(change)


def bytes_of(name: str, change: Callable[[bytes], bytes]) -> Spoil:
    return lambda path: (path / name).write_bytes(change((path / name).read_bytes())) and None


SPOILT: dict[str, tuple[Spoil, str]] = {
    "metadata empty": (bytes_of("metadata.csv", lambda _: b""), "metadata.csv: it has no header"),
    "metadata no text": (bytes_of("metadata.csv", lambda _: bytes(range(256))), "metadata.csv"),
    "metadata without rows": (bytes_of("metadata.csv", lambda old: old.splitlines(keepends=True)[0]), "holds nothing"),
    "no trace_name": (in_metadata("trace_name", np.nan), "trace_name"),
    "names that climb": (numbered("../../etc$%d,:3,:9"), "must name an array below the data group"),
    "names far outside": (numbered("bucket0$99999%d,:3,:9"), "points outside the array"),
    "rate zero": (in_metadata("trace_sampling_rate_hz", 0), "sampling rate is 0.0 Hz"),
    "rate NaN": (in_metadata("trace_sampling_rate_hz", np.nan), "sampling rate is nan Hz"),
    "rate no number": (in_metadata("trace_sampling_rate_hz", "fast"), "'fast', not a finite number"),
    "magnitude infinite": (in_metadata("source_magnitude", np.inf), "not a finite number"),
    "magnitude absurd": (in_metadata("source_magnitude", 1e30), r"magnitude of .* is 1e\+30: it must lie between"),
    "distance negative": (in_metadata("path_ep_distance_km", -3), "must not be negative"),
    "time in no calendar": (in_metadata("trace_start_time", "yesterday"), "'yesterday', not an ISO-8601 time"),
    "time far off": (in_metadata("trace_start_time", "9999-12-31T00:00:00Z"), "1679 … 2260"),
    "no P": (in_metadata("trace_p_arrival_sample", np.nan), "class 'earthquake' has no training example"),
    "only noise": (in_metadata("trace_category", "noise"), "class 'earthquake' has no training example"),
    "an unknown kind": (in_metadata("trace_category", "🌋"), "it is '🌋', which is none of"),
    "a split misspelt": (in_metadata("split", "trian"), "split 'trian' of 40 records.*did you mean 'train'"),
    "one split only": (in_metadata("split", "train"), "split 'dev' of .*no record was found"),
    "one event everywhere": (in_metadata("source_id", "us7"), "event 'us7' of set stands in dev and test and train"),
    "one trace everywhere": (
        in_metadata("trace_name", lambda table: table["trace_name"][0]), "trace 'bucket0.* stands in dev and test and",
    ),
    "HDF5 missing": (lambda path: (path / "waveforms.hdf5").unlink(), "it holds no waveforms.hdf5"),
    "HDF5 empty": (bytes_of("waveforms.hdf5", lambda _: b""), "it is not a whole HDF5 file"),
    "HDF5 cut": (bytes_of("waveforms.hdf5", lambda old: old[: len(old) // 2]), "it is not a whole HDF5 file"),
    "no data": (in_hdf5(lambda file: file.__delitem__("data")), "'data' in .*waveforms.hdf5: it is not there"),
    "buckets missing": (buckets(lambda *_: None), "'bucket0' in .*waveforms.hdf5: it is not there"),
    "buckets elsewhere": (
        buckets(lambda data, name, _: data.__setitem__(name, h5py.ExternalLink("/etc/passwd", "/x"))), "ExternalLink",
    ),
    "buckets in circles": (
        buckets(lambda data, name, _: data.__setitem__(name, h5py.SoftLink(f"/data/{name}"))), "SoftLink",
    ),
    "samples elsewhere": (
        buckets(lambda data, name, old: data.create_dataset(
            name, old.shape, "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])),
        "its samples lie in other files",
    ),
    "absurd sizes": (
        buckets(lambda data, name, _: data.create_dataset(name, (10**9, 3, 10**9), "f4", chunks=(1, 3, 1000))),
        "declares shape",
    ),
    "a chunk that is a bomb": (
        buckets(lambda data, name, _: data.create_dataset(
            name, (60, 3, 10**8), "f4", chunks=(1, 3, 10**8), compression="gzip")),
        "declares shape",
    ),
    "objects": (
        buckets(lambda data, name, _: data.create_dataset(name, data=["a", "b"], dtype=h5py.string_dtype())),
        "samples must be plain numbers",
    ),
    "NaN": (buckets(lambda data, name, old: data.create_dataset(name, data=old * np.nan)), "it holds NaN, Inf"),
    "numbers beyond float32": (
        buckets(lambda data, name, old: data.create_dataset(name, data=old.astype(float) * 1e300)),
        "it holds NaN, Inf or numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_data_set_is_refused_with_the_reason(how: str, run: Commands, copy: Path, tmp_path: Path) -> None:
    spoil, says = SPOILT[how]
    spoil(copy)
    run.refused(*TRAIN, "--data", copy, says=says, out=tmp_path / "out")


@pytest.mark.parametrize("how", ["rate zero", "objects"])
def test_a_check_counts_what_training_refuses(how: str, run: Commands, copy: Path, tmp_path: Path) -> None:
    SPOILT[how][0](copy)
    told = run.ok("collect", "check", copy, "--out", tmp_path / "out", "--json").told
    assert told["n"] == 40
    assert {"UNREADABLE", "BAD_METADATA"} & {finding["code"] for finding in told["findings"]}


def test_one_magnitude_for_all_cannot_be_learnt(run: Commands, copy: Path, tmp_path: Path) -> None:
    in_metadata("source_magnitude", 0.1)(copy)
    told = ["train", "--data", copy, "--task", "magnitude", "--epochs", 1]
    run.refused(*told, says="every training target is 0.1: a constant", out=tmp_path / "out")


def test_records_without_a_side_are_counted_as_left_out(run: Commands, copy: Path, tmp_path: Path) -> None:
    in_metadata("split", lambda table: [None if side == "dev" else side for side in table["split"]])(copy)
    says = "split 'dev' of .*8 items left out, 8 like .*: it names no split, others do"
    run.refused(*TRAIN, "--data", copy, says=says, out=tmp_path / "out")


def test_what_a_data_set_does_not_say_is_told_where_it_is_assumed(run: Commands, copy: Path, tmp_path: Path) -> None:
    in_metadata("trace_start_time", np.nan)(copy)
    said = run.ok("collect", "convert", copy, "--out", tmp_path / "out", "--json")
    assert "40 records without trace_start_time: set to 1970-01-01" in said.err
    assert said.told["notes"]


def test_the_record_that_cannot_be_read_is_named_and_the_others_are_written(
    run: Commands, copy: Path, tmp_path: Path
) -> None:
    in_metadata("trace_sampling_rate_hz", lambda table: [0 if k == 7 else 50 for k in range(len(table))])(copy)
    said = run.ok("collect", "convert", copy, "--out", tmp_path / "out", "--json")
    assert said.told["n"] == 39
    (left_out,) = said.told["skipped"]
    assert "sampling rate is 0.0 Hz" in left_out["reason"]


def test_a_word_of_the_format_is_never_read_from_another_file(run: Commands, copy: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"ENZ")

    def change(file: h5py.File) -> None:
        del file["data_format"]["component_order"]
        file["data_format"].create_dataset("component_order", (1,), "S3", external=[(str(secret), 0, 3)])

    in_hdf5(change)(copy)
    run.ok("collect", "convert", copy, "--out", tmp_path / "out")
    with h5py.File(tmp_path / "out" / "dataset" / "waveforms.hdf5") as file:
        assert file["data_format"]["component_order"][()] == b"ZNE"


def test_a_mapping_that_names_what_is_not_there_is_refused(run: Commands, copy: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.toml"
    for text, says in (
        ("[column]\nx = 'y'", "did you mean 'columns'"),
        ("[columns]\ntrace_nam = 'trace_name'", "did you mean 'trace_name'"),
        ("[columns]\ntrace_name = 'trce_name'", "column 'trce_name'.*did you mean 'trace_name'"),
        ("columns = 3", "it must be a table"),
        ("[data]\ncomponent_order = 'ABC'", "'component_order'"),
    ):
        mapping.write_text(text)
        run.refused("collect", "convert", copy, "--mapping", mapping, says=says, out=tmp_path / "out")
