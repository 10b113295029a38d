"""Two families: one follows published layers, the other differs in every part."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from foreshock.collect.synthetic.scenario.families import FAMILIES, family
from foreshock.errors import ConfigError
from foreshock.predict.travel.models import SOUTHERN_CALIFORNIA


def test_family_a_has_the_layers_of_the_locators_preset() -> None:
    one = family("A")
    for name, told in (("top_km", "tops_km"), ("vp_km_s", "vp_km_s"), ("vs_km_s", "vs_km_s")):
        assert one.column(name).tolist() == pytest.approx(getattr(SOUTHERN_CALIFORNIA, told))


def test_the_held_out_family_differs_in_every_number() -> None:
    one, other = (FAMILIES[name].model_dump() for name in "AB")
    assert [name for name, value in one.items() if value == other[name]] == ["far_spreading_power"]


def test_the_held_out_familys_rock_is_some_per_cent_slower() -> None:
    depth = np.arange(0.5, 30, 0.5)
    ratio = family("B").at_depth("vp_km_s", depth) / family("A").at_depth("vp_km_s", depth)
    assert 0.94 < ratio.mean() < 0.97
    assert len(np.unique(ratio.round(3))) >= 5


def test_a_family_cannot_be_changed_and_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        family("A").kappa_s = 0.0  # type: ignore[misc]
    with pytest.raises(ConfigError, match="family 'C'"):
        family("C")


def test_a_depth_on_a_boundary_belongs_to_the_layer_below() -> None:
    assert family("A").at_depth("vp_km_s", np.array([0.0, 5.49, 5.5, 100.0])).tolist() == [5.5, 5.5, 6.3, 7.8]
