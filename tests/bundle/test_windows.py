"""The card of a labeller from elsewhere says how it is asked; old cards stay what they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foreshock.bundle import SHIPPED, Card, Filter, describe, pack, read_bundle, shipped, unpack, write_bundle
from foreshock.bundle.card import card_json
from foreshock.errors import BundleError
from foreshock.predict import specimen


@pytest.mark.parametrize("name", SHIPPED)
def test_a_bundle_from_before_there_were_windows_opens_and_packs_to_the_same_card(name: str) -> None:
    bundle = shipped(name)
    assert bundle.card.windows is None
    assert bundle.card.origin is None
    told = json.loads(card_json(bundle.card))
    assert "windows" not in told
    assert "origin" not in told
    assert unpack(pack(bundle), where="again").card == bundle.card


def test_a_card_with_windows_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    made = specimen.labeller(filters=[{"kind": "highpass", "corners_hz": [1.0]}], blinded_samples=(3, 4))
    write_bundle(tmp_path / "a.bundle", made)
    assert read_bundle(tmp_path / "a.bundle").card == made.card


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"overlap_samples": 100}, "windows of 100 samples overlap by 100"),
        ({"blinded_samples": (50, 50)}, "nothing is left of windows of 100 samples"),
        ({"onsets": {"Pn": 0.3}}, "not all among the classes"),
        ({"detection": "Detection"}, "not all among the classes"),
        ({"onsets": {}}, "at least 1 item"),
        ({"stacking": "median"}, "'avg' or 'max'"),
    ],
)
def test_windows_that_contradict_the_network_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        specimen.labeller(**wrong)  # type: ignore[arg-type]


def test_a_labeller_is_read_by_windows_or_by_reach_but_not_by_both() -> None:
    values = shipped("picker").card.model_dump() | {"windows": specimen.labeller().card.model_dump()["windows"]}
    with pytest.raises(ValueError, match="a labeller has one of them"):
        Card.model_validate(values)
    values = specimen.card().model_dump() | {"windows": values["windows"]}
    with pytest.raises(ValueError, match="others have none"):
        Card.model_validate(values)


def test_a_network_whose_windows_have_another_length_is_refused() -> None:
    made, longer = specimen.labeller(), specimen.labeller(window_samples=120)
    with pytest.raises(BundleError, match=r"'x' has shape \[free, 3, 100\]"):
        pack(type(made)(longer.card, made.onnx, made.weights))


@pytest.mark.parametrize("corners", [(1.0, 2.0), (2.0, 2.0)])
def test_a_filter_needs_its_corners(corners: tuple[float, float]) -> None:
    kind = "highpass" if corners[0] < corners[1] else "bandpass"
    with pytest.raises(ValueError, match="rising corners"):
        Filter(kind=kind, corners_hz=corners)  # type: ignore[arg-type]


def test_where_a_network_came_from_is_told_to_people() -> None:
    card = specimen.labeller().card.model_copy(
        update={"origin": {"family": "elsewhere", "architecture": "Net", "version": "1", "description": "two\nlines"}}
    )
    card = Card.model_validate(card.model_dump(warnings=False))
    made = specimen.labeller()
    said = describe(type(made)(card, made.onnx, made.weights))
    assert "came from    elsewhere 1: Net" in said
    assert "told         two lines" in said
