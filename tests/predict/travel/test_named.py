"""Travel times are asked for by a name or a table of layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foreshock.errors import ConfigError, FormatError, InputError
from foreshock.predict.travel.named import travel_times

LAYERS = "top_km,vp_km_s,vs_km_s\n0,6,3.5\n30,8,4.5\n"


def test_names_and_tables_give_times(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(LAYERS, encoding="utf-8")
    at = (np.array([60.0]), np.array([10.0]))
    own = travel_times(str(tmp_path / "mine.csv")).time_s("P", *at)
    assert own == pytest.approx(np.hypot(60, 10) / 6)
    assert travel_times("iasp91_crust").time_s("P", *at) == pytest.approx(np.hypot(60, 10) / 5.8, abs=0.05)


def test_a_name_that_is_none_is_told_the_nearest() -> None:
    with pytest.raises(ConfigError, match="southern_californa.*did you mean 'southern_california'"):
        travel_times("southern_californa")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "top_km,vp_km_s,vs_km_s\n0,six,3\n", "\x00\xff"])
def test_a_file_that_is_no_table_of_layers_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.csv").write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"bad"):
        travel_times(str(tmp_path / "bad.csv"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.csv"):
        travel_times(str(tmp_path / "none.csv"))
