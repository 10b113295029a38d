"""A picker is found by its name; what cannot pick says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreshock.bundle import write_bundle
from foreshock.errors import BundleError, ConfigError
from foreshock.predict.pick.network import NetworkPicker
from foreshock.predict.pick.sta_lta_aic import StaLtaAic, StaLtaAicSettings
from foreshock.predict.pick.windows import WindowPicker
from foreshock.predict.specimen import labeller, write_bundles
from foreshock.road.pickers import DEFAULT, Picker, picker_of


def test_nothing_means_the_default_and_its_name_means_the_same() -> None:
    assert picker_of().name == picker_of(DEFAULT).name == "picker"


def test_the_network_that_has_seen_nothing_of_gujarat_is_found_by_its_name_and_says_so() -> None:
    picker = picker_of("picker-without-gujarat")
    assert isinstance(picker, NetworkPicker)
    assert picker.name == "picker-without-gujarat"
    training = picker.card.training
    assert training is not None
    assert {data.name for data in training.data} == {"ncedc", "picks_misc", "luhu_continuous", "esec", "synthetic"}
    assert not any("gujarat" in name for name in training.settings["origins"])


def test_a_picker_with_its_own_settings_is_taken_as_it_is() -> None:
    own = StaLtaAic(StaLtaAicSettings(lta_s=5.0))
    assert isinstance(own, Picker)
    assert picker_of(own) is own
    assert own.memory_s < StaLtaAic().memory_s


def test_a_wrong_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"'sta_lta': .*did you mean 'sta_lta_aic'"):
        picker_of("sta_lta")


def test_a_bundle_that_classifies_is_refused(tmp_path: Path) -> None:
    path = write_bundles(tmp_path)[0]
    with pytest.raises(ConfigError, match="it was trained for .* and cannot pick"):
        picker_of(path)


def test_a_file_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.fsb").write_text("nothing")
    with pytest.raises(BundleError):
        picker_of(str(tmp_path / "x.fsb"))


def test_a_bundle_from_elsewhere_goes_through_the_same_door(tmp_path: Path) -> None:
    write_bundle(tmp_path / "a.bundle", labeller())
    found = picker_of(tmp_path / "a.bundle")
    assert isinstance(found, WindowPicker)
    assert isinstance(found, Picker)
    assert found.name == "labeller"
