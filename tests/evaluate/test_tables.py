"""Tables of predictions: what is written comes back; what is not such a table is refused by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreshock.errors import FormatError, InputError, NotFoundError, OutputError
from foreshock.evaluate.tables import read_predictions, write_predictions
from foreshock.types.predictions import Predictions

GOOD = "trace_id,event_id,truth,prob_a,prob_b\nt1,e1,a,0.75,0.25\n"


def test_classes_come_back_as_they_were(said, tmp_path):
    rows = said(
        [[0.1, 0.9], [1 / 3, 2 / 3]], [1, 0], distance_km=[1 / 7, np.nan], station_id=["007", "NA"], note=["x,y", '"q"']
    )
    write_predictions(tmp_path / "p.csv", rows)
    back = read_predictions(tmp_path / "p.csv")
    assert back.classes == ("a", "b")
    assert np.array_equal(back.probabilities, rows.probabilities)
    for column in ("trace_id", "event_id", "truth", "station_id", "note"):
        assert back.table[column].tolist() == rows.table[column].tolist()
    np.testing.assert_array_equal(back.table["distance_km"], rows.table["distance_km"])


def test_values_come_back_as_they_were(valued, tmp_path):
    rows = valued([0.1 + 0.2, 1e-300], [np.nan, 2.0], q05=[0.0, 0.0], q95=[1.0, 1.0])
    write_predictions(tmp_path / "p.csv", rows)
    back = read_predictions(tmp_path / "p.csv")
    assert back.classes == ()
    for column in ("value", "truth", "q05", "q95"):
        np.testing.assert_array_equal(back.table[column], rows.table[column])


def test_a_missing_truth_comes_back_missing(said, tmp_path):
    rows = said([[0.5, 0.5], [0.5, 0.5]], [0, 1])
    unlabelled = Predictions(rows.table.assign(truth=["a", None]), classes=rows.classes)
    write_predictions(tmp_path / "p.csv", unlabelled)
    assert read_predictions(tmp_path / "p.csv").table["truth"].isna().tolist() == [False, True]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), min_size=1).filter(str.strip),
        min_size=2, max_size=4, unique=True,
    )
)  # fmt: skip
def test_any_class_name_comes_back(tmp_path, names):
    table = pd.DataFrame({"trace_id": names, "event_id": names, "truth": names})
    for k, name in enumerate(names):
        table[f"prob_{name}"] = np.eye(len(names))[k]
    write_predictions(tmp_path / "p.csv", Predictions(table, classes=tuple(names)))
    back = read_predictions(tmp_path / "p.csv")
    assert back.classes == tuple(names)
    assert back.truth_numbers.tolist() == list(range(len(names)))


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "empty"),
        (b"trace_id,event_id,truth,prob_a,prob_b\n", "header only"),
        (b"trace_id,truth,prob_a\nt,a,1\n", "event_id"),
        (b"trace_id,event_id,truth\nt,e,1\n", "value"),
        (GOOD.encode() + b"t2,e2,a,0.5\n", "line 3 has 4 cells"),
        (GOOD.encode() + b"t2,e2,a,0.5,0.5,9\n", "line 3 has 6 cells"),
        (GOOD.encode() + b"t2,e2,a,zero,1\n", "'zero'"),
        (GOOD.encode() + b"t2,e2,a,,1\n", "row 2 of column 'prob_a' is ''"),
        (GOOD.encode() + b"t2,e2,a,0.9,0.9\n", "sum to 1"),
        (GOOD.encode() + b"t2,e2,a,nan,1\n", "sum to 1"),
        (GOOD.encode() + b"t2,e2,a,-0.5,1.5\n", "0..1"),
        (GOOD.replace("prob_b", "prob_a").encode(), "'prob_a' stands twice"),
        (GOOD.replace("prob_b", "prob_").encode(), "blank"),
        (GOOD.encode("utf-16"), "UTF-8"),
        (GOOD.replace("t1", "t\0").encode(), "NUL"),
        (b"\x89PNG\r\n\x1a\n\0\0", "UTF-8"),
        (b'trace_id,event_id,truth,value\nt,e,1,"2\n', "not CSV"),
        (b"trace_id,event_id,truth,value\nt,e,high,2\n", "'high'"),
        (b"trace_id,event_id,truth,value\nt,e,1,inf\n", "Inf"),
        (b"trace_id,event_id,truth,value\nt,e,1," + b"9" * 200_000 + b"\n", "not CSV"),
    ],
)
def test_what_is_not_such_a_table_is_refused_with_its_name_and_fault(tmp_path, content, named):
    path = tmp_path / "said.csv"
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        read_predictions(path)
    assert "said.csv" in str(caught.value)
    assert named in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "no.csv", tmp_path):
        with pytest.raises(NotFoundError, match=str(path)):
            read_predictions(path)


def test_a_mark_at_the_beginning_and_windows_line_ends_are_welcome(tmp_path):
    (tmp_path / "p.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read_predictions(tmp_path / "p.csv").table["truth"].tolist() == ["a"]


def test_a_class_without_a_name_is_not_written(tmp_path):
    table = pd.DataFrame({"trace_id": ["t"], "event_id": ["e"], "truth": [""], "prob_": [1.0]})
    with pytest.raises(InputError, match="prob_"):
        write_predictions(tmp_path / "p.csv", Predictions(table, classes=("",)))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_where_writing_fails(said, tmp_path):
    with pytest.raises(OutputError, match="absent"):
        write_predictions(tmp_path / "absent" / "p.csv", said([[0.5, 0.5]], [0]))
    assert list(tmp_path.iterdir()) == []
