"""Labelled records bring what they are judged by; labels that are not good can be left out."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from foreshock.clock import NS_PER_S
from foreshock.errors import NotFoundError
from foreshock.road.pick_truth import LabelledRecords, snr_db
from foreshock.types.waveform import Waveform


def test_every_labelled_record_comes_with_its_groups(picked_set: Path) -> None:
    records = LabelledRecords(picked_set, "all")
    traces = [trace for _, trace in records]
    assert len(traces) == 12
    assert records.skipped == [("record-12", "no arrival is labelled")]
    first = traces[0]
    assert (first.groups["network"], first.groups["instrument"], first.groups["components"]) == ("AX", "EH", "2")
    assert 10 < float(first.groups["snr_db"]) < 30
    assert traces[1].groups["components"] == "3"


def test_a_split_is_a_part(picked_set: Path) -> None:
    assert len(list(LabelledRecords(picked_set, "test"))) == 8


def test_only_labels_read_by_hand_are_good_where_nothing_was_checked(picked_set: Path) -> None:
    traces = [trace for _, trace in LabelledRecords(picked_set, "all", only_good=True)]
    assert [trace.s_ns is None for trace in traces] == [k % 4 == 0 for k in range(12)]
    assert all(trace.p_ns is not None for trace in traces)


def test_what_the_data_set_checked_decides(picked_set: Path, tmp_path: Path) -> None:
    own = tmp_path / "checked"
    shutil.copytree(picked_set, own)
    table = pd.read_csv(own / "metadata.csv")
    table["trace_pick_checked"] = ["doubtful", *["good"] * (len(table) - 1)]
    table["trace_s_checked"] = ["good", "doubtful", *[None] * (len(table) - 2)]
    table["trace_source"] = ["here", *["there"] * (len(table) - 1)]
    table.to_csv(own / "metadata.csv", index=False)
    records = LabelledRecords(own, "all", only_good=True)
    traces = {trace.trace_id: trace for _, trace in records}
    assert ("record-0", "no good label") in records.skipped
    assert traces["record-1"].s_ns is None
    assert traces["record-4"].s_ns is not None
    assert traces["record-1"].groups["origin"] == "there"


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="it is not a data set with labels"):
        list(LabelledRecords(tmp_path))


def test_snr_is_that_of_the_made_record_and_nan_where_it_cannot_be_known(make_quake: Callable[..., Waveform]) -> None:
    wave = make_quake(1)
    assert 10 < snr_db(wave, wave.start_ns + 20 * NS_PER_S) < 25
    assert abs(snr_db(wave, wave.start_ns + 12 * NS_PER_S)) < 3
    assert math.isnan(snr_db(wave, None))
    assert math.isnan(snr_db(wave, wave.start_ns))
    assert math.isnan(snr_db(wave, wave.end_ns + 100 * NS_PER_S))
