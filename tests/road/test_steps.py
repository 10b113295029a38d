"""Steps told in words are read exactly, or refused."""

from __future__ import annotations

import pytest

from foreshock.errors import ConfigError, PluginError
from foreshock.road.steps import parse_step, parse_steps


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("detrend", {"step": "detrend"}),
        (" bandpass : low_hz = 1 , high_hz=20 ", {"step": "bandpass", "low_hz": 1.0, "high_hz": 20.0}),
        ("x:a=true,b=word", {"step": "x", "a": True, "b": "word"}),
    ],
)
def test_a_step_is_a_name_and_its_settings(text: str, described: dict[str, object]) -> None:
    assert parse_step(text) == described


def test_a_setting_without_a_value_is_named() -> None:
    with pytest.raises(ConfigError, match="'low_hz' is not key=value"):
        parse_step("bandpass:low_hz")


@pytest.mark.parametrize("text", ["", "bandpas:low_hz=1,high_hz=2", "bandpass:low_hz=5,high_hz=2", "bandpass:loww=1"])
def test_a_step_that_cannot_be_built_is_refused_before_anything_is_read(text: str) -> None:
    with pytest.raises(PluginError):
        parse_steps([text])
