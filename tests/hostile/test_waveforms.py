"""Waveform files that lie: every verb answers in one sentence, or says what it left out, masked or assumed."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hostile_said import Commands, Recording

VERBS = ("scan", "features", "prepare", "convert", "predict")


def spoilt(how: str, good: bytes) -> bytes:
    return {
        "empty": b"",
        "one byte": good[:1],
        "cut in a header": good[:40],
        "cut in a record": good[: len(good) - 100],
        "text": b"this is no miniSEED\n" * 200,
        "html": b"<html><body>502 Bad Gateway</body></html>",
        "zip": b"PK\x03\x04" + bytes(400),
        "noise": bytes(byte ^ 0x55 for byte in good),
        "samples overwritten": good[:64] + b"\xff" * 400 + good[464:],
    }[how]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("how", ["empty", "one byte", "cut in a header", "text", "noise", "samples overwritten"])
def test_a_spoilt_file_is_one_sentence_that_names_it(
    how: str, verb: str, run: Commands, recording: Recording, detector: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mseed"
    bad.write_bytes(spoilt(how, recording().read_bytes()))
    if verb == "scan" and how == "samples overwritten":
        return  # headers are whole, and a scan reads headers
    _refused(run, verb, bad, detector, tmp_path / "out", says="bad.mseed")


@pytest.mark.parametrize("how", ["cut in a record", "html", "zip"])
def test_what_a_spoilt_file_looks_like_is_told(how: str, run: Commands, recording: Recording, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mseed"
    bad.write_bytes(spoilt(how, recording().read_bytes()))
    words = {"cut in a record": "ends 100 bytes|damaged or cut", "html": "HTML", "zip": "a zip file"}
    run.refused("features", bad, "--feature", "rms", says=words[how])


def _refused(run: Commands, verb: str, path: Path, detector: Path, out: Path, *, says: str) -> None:
    words: dict[str, list[Any]] = {
        "scan": ["collect", "scan", path],
        "features": ["features", path, "--feature", "rms"],
        "prepare": ["prepare", path, "--step", "detrend"],
        "convert": ["collect", "convert", path],
        "predict": ["predict", path, "--model", detector],
    }
    run.refused(*words[verb], says=says, out=None if verb == "scan" else out)


class _Trap:
    """What a pickle runs when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("verb", [*VERBS, "check"])
def test_code_in_a_file_that_poses_as_a_recording_is_never_run(
    verb: str, run: Commands, detector: Path, tmp_path: Path
) -> None:
    bad, sprung = tmp_path / "bad.mseed", tmp_path / "sprung"
    bad.write_bytes(pickle.dumps(_Trap(sprung), protocol=2))
    if verb == "check":
        assert "UNREADABLE" in run.ok("collect", "check", bad).out
    else:
        _refused(run, verb, bad, detector, tmp_path / "out", says="bad.mseed")
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (np.zeros(1, np.int32), "it holds one sample"),
        (np.r_[np.zeros(99), np.nan], "1 of its 100 samples are NaN or Inf"),
        (np.r_[np.zeros(99), np.inf], "1 of its 100 samples are NaN or Inf"),
        (np.full(100, 1e300), "do not fit a float32"),
    ],
)
def test_samples_that_are_none_are_named_with_their_count(
    data: Any, says: str, run: Commands, recording: Recording, tmp_path: Path
) -> None:
    bad = recording(data=data)
    run.refused("features", bad, "--feature", "rms", says=f"3 items left out, 3 like XX.ABC..HH[ZE]: .*{says}")
    run.refused("collect", "convert", bad, says=says, out=tmp_path / "out")


@pytest.mark.parametrize("rate_hz", [1e-4, 1e6])
def test_an_absurd_rate_is_named(rate_hz: float, run: Commands, recording: Recording, tmp_path: Path) -> None:
    bad = recording(rates=(rate_hz,))
    run.refused("prepare", bad, "--step", "detrend", says="sampling rate is .* Hz, outside", out=tmp_path / "out")
    run.refused("collect", "scan", bad, says="sampling rate is .* Hz, outside")


@pytest.mark.parametrize("rate_hz", [31.25, 99.9987, 1.0])
def test_an_odd_rate_is_kept_as_it_is(rate_hz: float, run: Commands, recording: Recording, tmp_path: Path) -> None:
    run.ok("collect", "convert", recording(rates=(rate_hz,)), "--out", tmp_path / "out")
    rate = pd.read_csv(tmp_path / "out" / "dataset" / "metadata.csv")["trace_sampling_rate_hz"]
    assert rate.tolist() == pytest.approx([rate_hz], rel=1e-7)


def test_what_was_masked_merged_or_lacks_is_told_by_every_verb_that_reads(
    run: Commands, recording: Recording, detector: Path, tmp_path: Path
) -> None:
    overlap = recording(channels=("HHZ",), starts_s=(0.0, 30.0))
    for words in (["features", overlap, "--feature", "rms"], ["predict", overlap, "--model", detector]):
        said = run.ok(*words, "--out", tmp_path / words[0], "--json")
        assert any("1500 samples were given twice" in one["reason"] for one in said.told["notes"])
        if words[0] == "predict":
            assert "no NE: the model was given zeros there" in said.err


def test_mixed_rates_become_a_waveform_each_and_that_is_told(run: Commands, recording: Recording) -> None:
    said = run.ok("features", recording(rates=(50.0, 25.0, 50.0)), "--feature", "rms", "--json")
    assert said.told["n"] == 2
    assert "sampled at 25, 50 Hz" in said.err


def test_a_channel_that_comes_twice_counts_once_and_a_contradiction_counts_not_at_all(
    run: Commands, recording: Recording
) -> None:
    rms = ["--feature", "rms", "--step", "", "--json"]
    equal = recording(channels=("HHZ", "HHZ"), data=np.arange(3000, dtype=np.int32))
    once = recording("once.mseed", channels=("HHZ",), data=np.arange(3000, dtype=np.int32))
    twice, single = (run.ok("features", path, *rms).told["rows"] for path in (equal, once))
    assert twice == single
    run.refused("features", recording("no.mseed", channels=("HHZ", "HHZ")), *rms[:-1], says="free of contradiction")


def test_a_long_gap_is_not_filled(run: Commands, recording: Recording) -> None:
    said = run.ok("features", recording(starts_s=(0.0, 86_400.0 * 400)), "--feature", "rms", "--json")
    assert said.told["n"] == 2


def test_a_lying_header_is_refused_before_memory_is_taken(run: Commands, recording: Recording, tmp_path: Path) -> None:
    lying = bytearray(recording("a.sac", channels=("HHZ",), data=np.zeros(10, np.float32), kind="SAC").read_bytes())
    lying[316:320] = (10**9).to_bytes(4, "little")
    (tmp_path / "lying.sac").write_bytes(lying)
    run.refused("features", tmp_path / "lying.sac", says="lying.sac: it is damaged SAC")
    promise = "TIMESERIES XX_ABC__HHZ_R, 1000000000 samples, 50 sps, 2020-01-01T00:00:00.000000, SLIST, INTEGER, Counts"
    (tmp_path / "lying.txt").write_text(promise + "\n1 2 3\n")
    run.refused("features", tmp_path / "lying.txt", says="it claims 1000000000 samples, more than")


@pytest.mark.parametrize("verb", [*VERBS, "check"])
@pytest.mark.parametrize("what", ["fifo", "loop", "dangling", "nothing"])
def test_what_is_no_file_is_refused_at_once(
    what: str, verb: str, run: Commands, detector: Path, tmp_path: Path
) -> None:
    path = tmp_path / "path.mseed"
    if what == "fifo":
        os.mkfifo(path)
    elif what != "nothing":
        path.symlink_to(path if what == "loop" else tmp_path / "gone")
    if verb == "check":
        run.refused("collect", "check", path, says="path.mseed", out=tmp_path / "out")
    else:
        _refused(run, verb, path, detector, tmp_path / "out", says="path.mseed")


@pytest.mark.parametrize("name", ["地震 🌋", "$\\frac{", "new\nline", "caf\udce9"])
def test_no_name_of_a_file_is_too_odd(name: str, run: Commands, recording: Recording, tmp_path: Path) -> None:
    odd = tmp_path / f"{name}.mseed"
    os.rename(recording(), odd)  # noqa: PTH104 - the name may be no UTF-8
    run.ok("collect", "scan", odd)
    run.ok("collect", "convert", odd, "--out", tmp_path / "set")
    run.ok("collect", "check", odd, "--out", tmp_path / "check")
    assert (tmp_path / "check" / "availability.png").stat().st_size > 1000
