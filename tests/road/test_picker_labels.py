"""A first network that finds S for the one that is kept: its whole road, on real records."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreshock.road.picker_labels import ORIGIN, SCOUT_NAME, labelled_anew
from foreshock.road.picker_stock import FOLDERS, Wish

torch = pytest.importorskip("torch")

from foreshock.train.picker.learn import LearnSettings  # noqa: E402

OTHERS = tuple(name for name in FOLDERS if name != "gujarat")


@pytest.mark.slow
@pytest.mark.realdata
def test_a_first_network_is_trained_and_asked_for_s(realdata: Path, tmp_path: Path) -> None:
    told: list[str] = []
    wish = Wish(n_synthetic=24, splits=("dev",), leave_out=OTHERS, scout_steps=3)
    labels = labelled_anew(realdata, wish, LearnSettings(steps=3, every=3, warm_steps=1), tmp_path, told.append)
    assert (tmp_path / SCOUT_NAME).is_file()
    assert any(line.startswith("first network: ") for line in told)
    assert told[-1].startswith("the first network finds ")
    (records,) = labels.values()
    assert len(records) > 20
    assert {origin for _, origin in records} == {ORIGIN}
    n_s = sum(record.truth.s_ns is not None for record, _ in records)
    assert told[-1] == f"the first network finds {n_s} S on {len(records)} records of gujarat"


def test_without_those_records_there_is_nothing_to_label(tmp_path: Path) -> None:
    assert labelled_anew(tmp_path, Wish(scout_steps=3), LearnSettings(), tmp_path, print) == {}
