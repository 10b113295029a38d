"""Settings of the stages come from a file, from flags over it, or are left to the network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from foreshock.errors import ConfigError, NotFoundError
from foreshock.road.catalogue.recipe import LOCAL_FIRST, Recipe, stage_settings

WHOLE = """
[associate]
min_picks = 7
[locate]
deepest_km = 30.0
[mechanism]
fewest = 12
[magnitude]
fewest = 5
[magnitude.local]
curve = "shin_1993"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(WHOLE, encoding="utf-8")
    return path


def test_nothing_said_leaves_all_to_the_stages() -> None:
    told = stage_settings(associate={"min_picks": None})
    assert (told.associate, told.locate, told.mechanism) == (None, None, None)
    assert told.magnitudes == LOCAL_FIRST


def test_a_file_is_heard_table_by_table(file: Path) -> None:
    told = stage_settings(file)
    assert told.associate is not None
    assert told.locate is not None
    assert told.mechanism is not None
    assert (told.associate.min_picks, told.locate.deepest_km, told.mechanism.fewest) == (7, 30.0, 12)
    assert (told.magnitudes.fewest, told.magnitudes.local.curve) == (5, "shin_1993")
    assert told.magnitudes.kinds == ("ML", "Mw"), "what the file does not say stays as a catalogue has it"


def test_flags_win_and_those_not_given_say_nothing(file: Path) -> None:
    told = stage_settings(file, associate={"min_picks": 9, "false_per_day": None}, magnitude={"local": {"low_hz": 0.5}})
    assert told.associate is not None
    assert (told.associate.min_picks, told.associate.false_per_day) == (9, 0.1)
    assert (told.magnitudes.local.curve, told.magnitudes.local.low_hz) == ("shin_1993", 0.5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[asociate]\n", "did you mean 'associate'"),
        ("[associate]\nmin_pick = 3\n", r"'min_pick' in \[associate\] of .*did you mean 'min_picks'"),
        ("[locate]\ndeepest_km = -3\n", "deepest_km"),
        ("associate = 3\n", "it must be a table"),
        ("[magnitude]\nkinds = []\n", "kinds"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "s.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=why):
        stage_settings(tmp_path / "s.toml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="none"):
        stage_settings(tmp_path / "none.toml")


def test_a_recipe_can_be_written_down(file: Path) -> None:
    told = stage_settings(file)
    recipe = Recipe(associate=told.associate, locate=told.locate, magnitudes=told.magnitudes)
    again = json.loads(json.dumps(recipe.as_json()))
    assert again["associate"]["min_picks"] == 7
    assert again["mechanism"] is None
    assert again["magnitudes"]["kinds"] == ["ML", "Mw"]
