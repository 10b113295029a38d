"""What a scenario can be told: ranges that fit each other, and a remedy where they do not."""

from __future__ import annotations

import pytest

from foreshock.collect.synthetic.scenario.settings import ScenarioSettings
from foreshock.config import settings_from
from foreshock.errors import ConfigError


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"magnitude_min": 7.0, "magnitude_max": 5.0}, "magnitude_min 7 is above"),
        ({"depth_min_km": 30.0}, "depth_min_km 30 is above"),
        ({"noise_level": (0.8, 0.2)}, "noise_level"),
        ({"vs30_m_s": (20.0,)}, "vs30_m_s"),
        ({"stations": 5000, "after_s": 3600.0}, "above 60000000"),
        ({"packet_s": 0.1}, "packet_s"),
        ({"telemetry": {"outage_s": (60.0, 10.0)}}, "outage_s"),
        ({"events": 2, "twin_after_s": 90.0}, "twins 0 to 90 s"),
        ({"events": 2, "twin_after_min_s": -31.0}, "twins -31 to 60 s"),
        ({"network": "ring"}, "network"),
        ({"magnitudes": 5.0}, "did you mean 'magnitude"),
        ({"origin": "yesterday"}, "yesterday"),
    ],
)
def test_a_setting_that_breaks_a_rule_is_named(told: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings_from(ScenarioSettings, told, where="[scenario]")


def test_samples_begin_before_the_first_origin() -> None:
    settings = ScenarioSettings(before_s=10.0, after_s=20.0, origin="2024-01-01T00:00:00Z")
    assert settings.origin_ns - settings.start_ns == 10 * 10**9
    assert settings.n_samples == 3000
