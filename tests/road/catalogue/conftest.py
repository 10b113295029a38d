"""A small archive: three stations over two midnights, with an earthquake now and then. Knows no stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import foreshock as fs
from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.sds import write_sds
from foreshock.types.waveform import Waveform

MIDNIGHT_NS = utc_ns("2020-03-02T00:00:00Z")
SPAN_S = 2.2 * 3600
EVENTS_S = (-2000.0, -1.2, 600.0, 3590.0)
"""When earthquakes come, from the first midnight on; one of them astride it."""
STATIONS = ("XX.AAA.", "XX.BBB.", "XX.CCC.")


def recording(name: str, *, seed: int, start_s: float = -3700.0, span_s: float = SPAN_S) -> Waveform:
    """Noise with the example's earthquake in it, again and again, as whole counts."""
    example = fs.example_waveform()
    rng = np.random.default_rng(seed)
    n = round(span_s * example.rate_hz)
    data = rng.normal(0, 20, (3, n))
    for k, at_s in enumerate(EVENTS_S):
        first = round((at_s + 0.7 * seed + 0.1 * k - start_s - 4.0) * example.rate_hz)
        if 0 <= first <= n - example.n_samples:
            data[:, first : first + example.n_samples] += example.data * 3
    return Waveform(
        np.round(data), example.rate_hz, MIDNIGHT_NS + round(start_s * NS_PER_S), name, ("HHZ", "HHN", "HHE")
    )


@pytest.fixture(scope="session")
def recordings() -> list[Waveform]:
    """What the archive holds, in one piece a station."""
    return [recording(name, seed=k) for k, name in enumerate(STATIONS)]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, recordings: list[Waveform]) -> Path:
    """An SDS of day files."""
    root = tmp_path_factory.mktemp("archive") / "sds"
    write_sds(root, recordings)
    return root
