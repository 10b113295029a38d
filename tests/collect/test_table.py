"""Table: the CSV of the article, rows are samples and the last column is the label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foreshock.collect.table import read_table
from foreshock.errors import FormatError, InputError, LabelError, NotFoundError

PLAIN = "pga,pgv,label\n1,2,noise\n3,4,quake\n5,6.5,quake\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "表.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_numbers_labels_columns_and_notes_are_read(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, PLAIN))
    assert table.x.tolist() == [[1, 2], [3, 4], [5, 6.5]]
    assert (table.y.tolist(), table.classes) == ([0, 1, 1], ("noise", "quake"))
    assert (table.columns, table.label, table.groups) == (("pga", "pgv"), "label", None)
    assert table.notes == (
        "Read 3 rows of 2 numbers; the last column 'label' is the label.",
        "The text is UTF-8, cut at each comma.",
        "Labels are names, 2 classes: 'noise' 1, 'quake' 2 rows.",
    )
    assert not table.x.flags.writeable


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_names_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    table = read_table(write(tmp_path, "振幅,频率,标签\n1,2,地震\n3,4,噪声\n", encoding))
    assert table.columns == ("振幅", "频率")
    assert table.classes == ("噪声", "地震")
    assert table.label == "标签"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_delimiter_is_found(tmp_path: Path, mark: str, newline: str) -> None:
    table = read_table(write(tmp_path, PLAIN.replace(",", mark).replace("\n", newline)))
    assert table.x.shape == (3, 2)
    assert table.classes == ("noise", "quake")


def test_decimal_commas_are_read_between_semicolons(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a;b;label\n1,5;2,25;0\n3,0;4,0;1\n"))
    assert table.x.tolist() == [[1.5, 2.25], [3, 4]]
    assert "Decimal commas were read as points." in table.notes


def test_a_table_without_header_is_numbered(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "1,2,0\n3,4,1\n5,6,0\n"))
    assert table.columns == ("column_1", "column_2")
    assert len(table) == 3
    assert "There is no header: columns were numbered from 1." in table.notes
    assert len(read_table(write(tmp_path, "1,2,quake\n3,4,noise\n"))) == 2


def test_a_header_of_numbers_is_known_by_its_label(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "0,1,label\n1,2,a\n3,4,b\n"))
    assert (table.columns, len(table)) == (("0", "1"), 2)


def test_whole_number_labels_are_ordered_as_numbers(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,label\n1,10\n2,2\n3,2.0\n4,-1\n"))
    assert table.classes == ("-1", "2", "10")
    assert table.y.tolist() == [2, 1, 1, 0]


def test_a_class_may_be_called_none_or_na(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "a,label\n1,None\n2,NA\n")).classes == ("NA", "None")


@pytest.mark.parametrize("name", ["event_id", "事件", "group"])
def test_a_column_of_events_is_taken_out_as_groups(tmp_path: Path, name: str) -> None:
    table = read_table(write(tmp_path, f"{name},a,label\n007,1,x\n007,2,y\ne2,3,y\n"))
    assert table.groups == ("007", "007", "e2")
    assert table.columns == ("a",)
    assert any("2 groups" in note for note in table.notes)


def test_constant_columns_are_kept_and_noted(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b,label\n1,5,x\n2,5,y\n"))
    assert table.x.shape == (2, 2)
    assert any("never change (first: 'b')" in note for note in table.notes)


def test_repeated_and_empty_column_names_are_numbered(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "a,a,,label\n1,2,3,x\n4,5,6,y\n")).columns == ("a", "a_2", "column_3")


def test_quoted_cells_may_hold_the_delimiter(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, 'a,label\n1,"x, y"\n2,z\n')).classes == ("x, y", "z")


def test_blank_lines_at_the_end_do_no_harm(tmp_path: Path) -> None:
    assert len(read_table(write(tmp_path, PLAIN + "\n\n"))) == 3


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", FormatError, "it is empty"),
        ("\n\n", FormatError, "it is empty"),
        ("a,b,label\n", FormatError, "a header and no rows"),
        ("label\nx\ny\n", FormatError, "only a label column"),
        ("event_id,label\n1,x\n2,y\n", FormatError, "only a label column"),
        ("a,b,label\n1,2,x\n3,y\n", FormatError, "line 3 has 2 cells: the first line has 3"),
        ("a,b,label\n1,2,x\n3,4,y,9\n", FormatError, "line 3 has 4 cells"),
        ("a,b,label\n1,2,x\n3,four,y\n", FormatError, "line 3, column 'b' holds 'four'"),
        ("a,b,label\n1,2,x\n3,True,y\n", FormatError, "line 3, column 'b' holds 'True'"),
        ("a,b,label\n1,True,x\n3,False,y\n", FormatError, "line 2, column 'b' holds 'True'"),
        ("a,b,label\n1,,x\nnan,3,y\n", FormatError, "holds 2 empty, NaN or Inf cells: .*line 2, column 'b'"),
        ("a,b,label\n1,2,x\n3,inf,y\n", FormatError, "holds 1 empty, NaN or Inf cells: .*line 3, column 'b'"),
        ("a,b,label\n1,2,x\n3,4,x\n", LabelError, "every label is 'x': two classes"),
        ("a,b,label\n1,2,1\n3,4,1.0\n", LabelError, "every label is '1'"),
        ("a,b,label\n1,2,x\n3,4,\n", LabelError, "line 3: its label is empty"),
        ("a,b,label\n1,2,0.5\n3,4,1.5\n", LabelError, "has the label '0.5': a class is a name or a whole number"),
        ("a,b,label\n1,2,0\n3,4,nan\n", LabelError, "label 'nan'"),
        ("a,label\n1,x\n2,y\n3,z\n", LabelError, "all 3 labels differ"),
        ("a,b\x00,label\n1,2,x\n", FormatError, "zero bytes"),
    ],
)
def test_a_table_that_cannot_be_learnt_from_is_refused_with_its_place(
    tmp_path: Path, text: str, kind: type[InputError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        read_table(write(tmp_path, text))
    assert "表.csv" in str(caught.value)
    assert str(caught.value).count("; ") >= 1


def test_bytes_of_no_encoding_and_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(b"a,label\n1,\xff\xff\xff\n")
    with pytest.raises(FormatError, match=r"b\.csv: it is neither UTF-8 nor GB18030"):
        read_table(tmp_path / "b.csv")
    with pytest.raises(NotFoundError, match=r"gone\.csv"):
        read_table(tmp_path / "gone.csv")
    with pytest.raises(NotFoundError, match="no such file"):
        read_table(tmp_path)


@given(
    rows=st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(-9, 9), st.sampled_from("xyz")),
        min_size=2,
        max_size=20,
    ).filter(lambda rows: 1 < len({row[-1] for row in rows}) < 3)
)
def test_numbers_survive_the_file(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, int, str]]) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    path.write_text("a,b,label\n" + "".join(f"{a!r},{b},{c}\n" for a, b, c in rows), encoding="utf-8")
    table = read_table(path)
    assert np.allclose(table.x, np.array([row[:2] for row in rows], float), rtol=1e-14, atol=1e-300)
    assert [table.classes[k] for k in table.y] == [row[2] for row in rows]


@pytest.mark.slow
def test_a_table_of_many_rows_is_read(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60_000, 50)).round(6)
    lines = (",".join(map(str, row)) + f",{k % 3}\n" for k, row in enumerate(x))
    path = tmp_path / "big.csv"
    path.write_text("".join(lines), encoding="utf-8")
    table = read_table(path)
    assert np.allclose(table.x, x, rtol=1e-14)
    assert table.classes == ("0", "1", "2")


def test_a_table_of_exactly_the_known_columns_has_no_label(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,event_id,b\n1,x,2\n"), columns=("a", "b"))
    assert (table.y, table.classes, table.label, table.groups) == (None, (), "", ("x",))
    assert table.x.tolist() == [[1.0, 2.0]]
    assert "there is no label" in table.notes[0]
    numbered = read_table(write(tmp_path, "1,2\n3,4\n"), columns=("column_1", "column_2"))
    assert (numbered.y, len(numbered)) == (None, 2)


def test_rows_that_are_asked_about_may_be_of_one_class(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,label\n1,2,quake\n")
    table = read_table(path, columns=("a", "b"))
    assert (table.classes, table.label) == (("quake",), "label")
    with pytest.raises(LabelError, match="two classes at least"):
        read_table(path)
