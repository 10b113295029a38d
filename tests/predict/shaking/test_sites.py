"""Tests of the user's sites: a good file is read, every bad one named with its line and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foreshock.errors import FormatError, InputError, NotFoundError
from foreshock.predict.shaking.sites import UNKNOWN_VS30_M_S, Sites, read_sites

HEAD = "id,name,latitude,longitude,vs30_m_s,threshold_mmi\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "sites.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_with_what_it_leaves_open(tmp_path: Path) -> None:
    sites = read_sites(written(tmp_path, HEAD + 'a,"City, west",30.5,100.5,350,5.5\nb,学校,-1,-170,,\n'))
    assert (sites.ids, sites.names) == (("a", "b"), ("City, west", "学校"))
    assert np.asarray(sites.vs30_m_s).tolist() == [350.0, UNKNOWN_VS30_M_S]
    assert sites.thresholds is not None
    np.testing.assert_equal(sites.thresholds["mmi"], [5.5, np.nan])
    assert len(sites) == 2


def test_columns_stand_in_any_order_and_most_may_be_absent(tmp_path: Path) -> None:
    sites = read_sites(written(tmp_path, "\ufefflongitude,id,latitude,name\n100,a,30,x\n"))
    assert (sites.latitude.tolist(), sites.longitude.tolist()) == ([30.0], [100.0])
    assert not sites.thresholds


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("id,name,latitude\na,x,30\n", "no column 'longitude'"),
        ("id,name,latitude,longitude,vs30\na,x,30,100,300\n", "did you mean 'vs30_m_s'"),
        ("id,name,latitude,longitude,threshold_pga\na,x,30,100,3\n", "'threshold_pga'"),
        ("id,id,name,latitude,longitude\na,a,x,30,100\n", "there twice"),
        (HEAD + "a,x,30,100,300,5\nb,y,31,100,300\n", "line 3"),
        (HEAD + "a,x,30,100,300,5\nb,y,north,100,300,5\n", "latitude in line 3 .* 'north'"),
        (HEAD + "a,x,,100,300,5\n", "latitude in line 2"),
        (HEAD + "a,x,30,inf,300,5\n", "longitude in line 2"),
        (HEAD + "a,x,30,100,nan,5\n", "vs30_m_s in line 2"),
        (HEAD + "a,x,100,30,300,5\n", "latitude is 100"),
        (HEAD + "a,x,30,100,0.3,5\n", "vs30_m_s of site 'a' is 0.3"),
        (HEAD + "a,x,30,100,300,50\n", "threshold_mmi of site 'a' is 50"),
        (HEAD + "a,x,30,100,300,5\na,y,31,100,300,5\n", "'a' is there twice"),
        (HEAD + '"a\x07",x,30,100,300,5\n', r"id in line 2 .*x07"),
        (HEAD + '" ",x,30,100,300,5\n', "id in line 2"),
        (HEAD + 'a,"x\ny",30,100,300,5\n', "name in line 2"),
        (HEAD, "has 0 sites"),
        ("", "has 0 sites"),
        (HEAD + f"a,{'x' * 300},30,100,300,5\n", "line 2"),
    ],
)
def test_a_bad_file_is_refused_with_its_fault(text: str, named: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=named):
        read_sites(written(tmp_path, text))


def test_what_is_no_text_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_bytes(b"\xff\xfe\x00\x01" * 100)
    with pytest.raises(FormatError, match="no CSV text"):
        read_sites(path)
    with pytest.raises(NotFoundError, match="elsewhere"):
        read_sites(tmp_path / "elsewhere.csv")


def test_a_hundred_thousand_sites_are_read(tmp_path: Path) -> None:
    rows = (f"s{k},place {k},{20 + k % 1000 / 50},{90 + k / 5000},{200 + k % 700},5\n" for k in range(100_000))
    path = written(tmp_path, HEAD + "".join(rows))
    sites = read_sites(path)
    assert len(sites) == 100_000
    assert np.asarray(sites.vs30_m_s)[-1] == 200 + 99_999 % 700


def test_columns_of_sites_must_fit() -> None:
    with pytest.raises(InputError, match="differ in length"):
        Sites(("a", "b"), ("x",), np.zeros(2), np.zeros(2))
    with pytest.raises(InputError, match="'richter'"):
        Sites(("a",), ("x",), np.zeros(1), np.zeros(1), thresholds={"richter": np.ones(1)})
