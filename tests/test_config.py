"""Settings refuse unknown keys and wrong values in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, ValidationError

from foreshock.config import Settings, read_toml, settings_from
from foreshock.errors import ConfigError, NotFoundError


class Oven(Settings):
    temperature_k: float = Field(300.0, gt=0)
    span_s: int = 60


def test_what_is_not_said_keeps_its_default() -> None:
    assert settings_from(Oven, {"span_s": 10}, where="[oven]") == Oven(temperature_k=300.0, span_s=10)


def test_an_unknown_key_is_answered_with_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match=r"'temperature'.*\[oven\].*did you mean 'temperature_k'"):
        settings_from(Oven, {"temperature": 1}, where="[oven]")


@pytest.mark.parametrize("wrong", [-1, "hot", float("nan"), None])
def test_a_value_out_of_range_is_named(wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"'temperature_k' in \[oven\] is"):
        settings_from(Oven, {"temperature_k": wrong}, where="[oven]")


def test_settings_cannot_be_changed_later() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Oven().span_s = 3


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="nothing.toml"):
        read_toml(tmp_path / "nothing.toml")
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"a = [1,\n\xff")
    with pytest.raises(ConfigError, match="broken.toml"):
        read_toml(broken)


def test_a_file_has_a_table_a_stage(tmp_path: Path) -> None:
    path = tmp_path / "设置.toml"
    path.write_text("[prepare]\nrate_hz = 50\n", encoding="utf-8")
    assert read_toml(path) == {"prepare": {"rate_hz": 50}}
