"""Cards of source bundles that contradict themselves or the network: none is trusted, and the sentence says why."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from foreshock.bundle import Bundle, card_from, pack, unpack
from foreshock.bundle.card import card_json
from foreshock.errors import BundleError, InputError
from foreshock.predict.runtime import BundlePredictor


def told(bundle: Bundle) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(card_json(bundle.card))
    return plain


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def spoil(card: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for name in way:
            card = card[name]
        card[last] = value

    return spoil


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (change("source", None), "a source estimator tells how it is read"),
        (change("task", "regress"), "'source' is no task 'regress'"),
        (change("problem", "magnitude"), "'magnitude' is no task 'source'"),
        (change("classes", ["a", "b"]), "a regression has no classes"),
        (change("source.levels", [0.5, 0.25]), "do not rise"),
        (change("source.levels", [0.0, 0.5]), "do not lie in 0..1"),
        (change("source.elapsed_s", [1.0, 1.0]), "do not rise"),
        (change("source.elapsed_s", [1.0, 2.0]), "do not stand for 2 elapsed times"),
        (change("source.rows", 0), "greater than or equal to 1"),
        (change("source.margins.station.magnitude_90", [0.1]), "do not stand for 10 elapsed times"),
        (change("source.margins.feet", {}), "'station', 'network', 'velocity' or 'unknown'"),
        (change("source.margins.station.magnitude_90", [1e99] * 10), "less than or equal to"),
        (change("source.domain.axes", [[1.0, 2.0]]), "do not fit"),
        (change("source.domain.spread", [0.0]), "greater than 0"),
        (change("source.domain.limits", [1.0]), "do not stand for"),
        (change("source.weights", "here"), "Extra inputs are not permitted"),
        (change("source.instruments", ["\x00"]), "match pattern"),
    ],
)
def test_a_card_that_contradicts_itself_is_refused(
    source_bundle_read: Bundle, spoil: Callable[[dict[str, Any]], None], rule: str
) -> None:
    card = told(source_bundle_read)
    spoil(card)
    with pytest.raises(BundleError, match=rule):
        card_from(card, where="the bundle")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"source.rows": 12}, r"'x' has shape .* the card asks for \[free, 12, 80\]"),
        ({"source.levels": [0.1, 0.5, 0.9]}, r"the card asks for \[free, 8\]"),
        ({"window_samples": 40}, r"the card asks for \[free, 41, 40\]"),
        ({"context": ["one"]}, r"the card asks for \[free, 1\]"),
    ],
)
def test_a_network_that_is_not_what_its_card_says_is_refused(
    source_bundle_read: Bundle, changes: dict[str, Any], rule: str
) -> None:
    card = told(source_bundle_read)
    for path, value in changes.items():
        change(path, value)(card)
    with pytest.raises(BundleError, match=rule):
        pack(replace(source_bundle_read, card=card_from(card, where="the bundle")))


def test_a_bundle_comes_back_as_it_was_packed(source_bundle_read: Bundle) -> None:
    assert unpack(pack(source_bundle_read), where="memory").card == source_bundle_read.card


def test_it_is_no_predictor_of_windows(source_bundle_read: Bundle) -> None:
    with pytest.raises(InputError, match="made for source"):
        BundlePredictor(source_bundle_read)
