"""Tables of picks come back as they were written; a wrong one is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreshock.errors import FormatError, NotFoundError
from foreshock.evaluate.pick_tables import COLUMNS, read_picks, write_picks
from foreshock.types.pick import Pick


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    picks = (
        Pick("地震,1", "P", 10**18 + 123_456_789, probability=0.25, sigma_s=0.031, available_at_ns=2 * 10**18),
        Pick("XX.A.", "S", 5, probability=1.0, sigma_s=0.0, available_at_ns=5, polarity="down"),
    )
    write_picks(tmp_path / "p.csv", picks)
    assert (tmp_path / "p.csv").read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)
    assert read_picks(tmp_path / "p.csv").picks == picks
    assert read_picks(tmp_path / "p.csv").has_probabilities


def test_three_columns_are_enough(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("time,trace_id,phase\n2020-01-01T00:00:00.5,a,P\n")
    table = read_picks(tmp_path / "p.csv")
    assert not table.has_probabilities
    assert (table.picks[0].probability, table.picks[0].sigma_s, table.picks[0].polarity) == (1.0, 0.0, "unknown")
    assert table.picks[0].time == "2020-01-01T00:00:00.500000Z"


def test_a_table_without_rows_is_no_fault(tmp_path: Path) -> None:
    write_picks(tmp_path / "p.csv", [])
    assert read_picks(tmp_path / "p.csv").picks == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "its columns are"),
        (b"trace_id,phase\n", "it needs trace_id, phase, time"),
        (b"trace_id,phase,time,time\n", "each once"),
        (b"trace_id,phase,time\na,P\n", "line 2 has another number of cells"),
        (b"trace_id,phase,time\na,P,2020-01-01,7\n", "line 2 has another number of cells"),
        (b"trace_id,phase,time\na,P,noon\n", "line 2.*it is not an ISO-8601 time"),
        (b"trace_id,phase,time\n,P,2020-01-01\n", "trace_id is empty"),
        (b"trace_id,phase,time,probability\na,P,2020-01-01,1.5\n", "a probability lies in 0..1"),
        (b"trace_id,phase,time,probability\na,P,2020-01-01,nan\n", "a probability lies in 0..1"),
        (b"trace_id,phase,time,sigma_s\na,P,2020-01-01,wide\n", "line 2"),
        (b"trace_id,phase,time\n\xff,P,2020-01-01\n", "not UTF-8"),
        (b'trace_id,phase,time\n"a"b,P,2020-01-01\n', "it is not CSV"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(content: bytes, why: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(FormatError, match=why):
        read_picks(tmp_path / "p.csv")


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"p\.csv"):
        read_picks(tmp_path / "p.csv")
