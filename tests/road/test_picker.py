"""One call leads from folders and synthetic events to a bundle that picks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foreshock.cli.train import RECIPES
from foreshock.errors import ConfigError, NotFoundError
from foreshock.predict.pick.live import LivePicker
from foreshock.predict.pick.network import NetworkPicker

torch = pytest.importorskip("torch")

from foreshock.bundle import Onset  # noqa: E402
from foreshock.cli.train import command  # noqa: E402
from foreshock.models.picker import Picker  # noqa: E402
from foreshock.models.picker_live import PickerLive  # noqa: E402
from foreshock.road.gathering import check_kind  # noqa: E402
from foreshock.road.picker import train_picker  # noqa: E402
from foreshock.road.picker_live import hop_by_hop  # noqa: E402
from foreshock.road.picker_stock import Wish  # noqa: E402
from foreshock.train.picker.export import picker_bundle  # noqa: E402
from foreshock.train.picker.learn import LearnSettings  # noqa: E402


def test_a_folder_without_data_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=str(tmp_path)):
        train_picker(tmp_path, out=tmp_path / "run")


def test_an_unknown_recipe_is_named() -> None:
    with pytest.raises(ConfigError, match="pikcer.*did you mean 'picker'"):
        command(out=Path("nowhere"), recipe="pikcer", data=[Path()])
    assert RECIPES == ("picker", "picker-live", "source")


def test_a_recipe_reads_one_folder() -> None:
    with pytest.raises(ConfigError, match="given 0 times"):
        command(out=Path("nowhere"), recipe="picker")


def test_a_folder_to_leave_out_must_be_one_that_is_read() -> None:
    with pytest.raises(ConfigError, match="gujarrat.*did you mean 'gujarat'"):
        command(out=Path("nowhere"), recipe="picker", data=[Path()], leave_out=["gujarrat"])


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ({"recipe": "picker", "epochs": 3}, "--epochs: --recipe picker does not heed it"),
        ({"recipe": "source", "leave_out": ["esec"]}, "--leave-out: --recipe source does not heed it"),
        ({"bf16": True}, "--bf16: a training without --recipe does not heed it"),
    ],
)
def test_a_flag_without_effect_is_refused(told: dict[str, Any], flag: str) -> None:
    with pytest.raises(ConfigError, match=flag):
        command(out=Path("nowhere"), data=[Path()], **told)


def test_verbs_that_ask_about_records_refuse_a_picker() -> None:
    onset = Onset(threshold=0.5)
    bundle = picker_bundle(Picker(widths=(4, 8, 16)).eval(), name="small", onsets={"P": onset, "S": onset})
    with pytest.raises(ConfigError, match="small was trained for picks"):
        check_kind(bundle.card, table=False)


@pytest.mark.slow
@pytest.mark.realdata
def test_a_short_training_gives_a_bundle_that_picks(realdata: Path, tmp_path: Path) -> None:
    settings = LearnSettings(widths=(4, 8, 16), steps=40, every=20, warm_steps=5)
    done = train_picker(realdata, out=tmp_path / "run", settings=settings, wish=Wish(n_synthetic=80))
    assert set(done.onsets) == {"P", "S"}
    assert done.bundle.card.training.history[-1]["step"] == 40
    NetworkPicker(done.bundle)


def _of_one_band() -> PickerLive:
    return PickerLive(corners=(0.0,))


@pytest.mark.slow
@pytest.mark.realdata
def test_the_same_road_leads_to_a_picker_of_streams(realdata: Path, tmp_path: Path) -> None:
    told, wish = LearnSettings(steps=160, every=80, warm_steps=5), Wish(n_synthetic=80)
    making = replace(hop_by_hop(), build=_of_one_band, corners=(0.0,))  # a small one that learns in no time
    done = train_picker(realdata, out=tmp_path / "run", settings=told, wish=wish, making=making)
    assert (tmp_path / "run" / "picker-live.bundle").exists()
    assert str(tmp_path / "run" / "picker-live.bundle") in done.sentence()
    LivePicker(done.bundle)
