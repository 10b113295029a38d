"""The catalogue: every feature explained, names chosen and refused. Knows no files."""

from __future__ import annotations

import re

import numpy as np
import pytest

from foreshock import features
from foreshock.errors import ConfigError
from foreshock.features.catalogue import FAMILIES
from foreshock.features.record import GROUND_MOTION

GROUPS = {"amplitude", "frequency", "period", "shape", "polarisation", "p_wave", "hibert_provost"}


def test_every_feature_has_one_name_a_unit_a_sentence_a_formula_and_a_source() -> None:
    every = features.catalogue()
    assert len({one.name for one in every}) == len(every)
    for one in every:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", one.name)
        assert one.unit
        assert one.sentence.endswith(".")
        assert one.formula
        assert one.source
    assert {one.group for one in every} == GROUPS


def test_papers_are_cited_with_a_doi_unless_they_have_none() -> None:
    for one in features.catalogue():
        if re.search(r"\(\d{4}\)", one.source):
            assert "doi:" in one.source or "Arias (1970)" in one.source, one.name


def test_every_family_gives_exactly_what_it_promises() -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 1200))
    from foreshock.features.layout import Layout

    for family in FAMILIES:
        found = family.measure(x, None, Layout(50.0, "m/s2", "ZNE"))
        assert set(found) == {one.name for one in family.features}


def test_a_wrong_name_is_refused_and_the_nearest_is_told() -> None:
    with pytest.raises(ConfigError, match=r"feature 'kurtosi': there is none of that name; did you mean 'kurtosis'\?"):
        features.chosen(["rms", "kurtosi"])


def test_a_group_stands_for_all_its_features_and_order_is_kept() -> None:
    names = [one.name for one in features.chosen(["azimuth", "rms", "polarisation", "rms"])]
    assert names[:2] == ["azimuth", "rms"]
    assert set(names[2:]) == {one.name for one in features.catalogue() if one.group == "polarisation"} - {"azimuth"}


def test_the_list_of_ground_motion_features_is_the_list_of_those_that_counts_lack() -> None:
    x = np.random.default_rng(1).standard_normal((1, 3, 3000))
    row = features.table(x, rate_hz=100.0, unit="count", p_sample=[1000]).iloc[0]
    lacking = {str(name).removesuffix("_Z") for name in row.index[row.isna()] if not str(name).endswith(("_N", "_E"))}
    assert lacking == set(GROUND_MOTION)
