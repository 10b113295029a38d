"""Settings of the generator: what is refused, with the value in the sentence. Knows no waveforms."""

from __future__ import annotations

from typing import Any

import pytest

from foreshock.collect.synthetic import SyntheticSettings
from foreshock.config import settings_from
from foreshock.errors import ConfigError


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"magnitude_min": 5.0, "magnitude_max": 3.0}, "magnitude_min 5.0 exceeds magnitude_max 3.0"),
        ({"rate_hz": 1000.0, "span_s": 3600.0}, "3600000 samples"),
        ({"stations": 2, "stations_per_event": 3}, "stations_per_event 3 exceeds stations 2"),
        ({"stations": 1000, "rate_hz": 200.0}, "stations 1000 x 12000 samples"),
        ({"rate_hz": -100.0}, "-100.0"),
        ({"rate_hz": float("nan")}, "nan"),
        ({"noise_fraction": 1.5}, "1.5"),
        ({"instruments": ()}, "instruments"),
        ({"instruments": ("barometer",)}, "barometer"),
        ({"network": "long"}, "long"),
        ({"magnitude_mim": 1.0}, "did you mean 'magnitude_min'"),
        (
            {"layers": [{"top_km": 1.0, "vp_km_s": 6.0, "vs_km_s": 3.5, "density_kg_m3": 2700.0}]},
            r"layer tops \[1.0\] must begin at 0",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings_from(SyntheticSettings, values, where="[synthetic]")


def test_the_defaults_hold_and_travel_through_json() -> None:
    settings = SyntheticSettings()
    assert SyntheticSettings.model_validate_json(settings.model_dump_json()) == settings
    assert settings.n_samples == 6000
