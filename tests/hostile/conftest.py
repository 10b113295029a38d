"""What hostile tests share: the real command line and small real inputs."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from obspy import Stream, Trace, UTCDateTime

from foreshock.cli import main
from foreshock.collect.datasets import write_dataset
from foreshock.collect.synthetic import SyntheticSettings, synthesise

if "hostile_said" not in sys.modules:
    spec = importlib.util.spec_from_file_location("hostile_said", Path(__file__).with_name("said.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hostile_said"] = module
    spec.loader.exec_module(module)
from hostile_said import Commands, Recording


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(capsys)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty synthetic records of 40 s with a split by event."""
    out = tmp_path_factory.mktemp("set") / "dataset"
    records = []
    for seed, (split, n) in enumerate({"train": 24, "dev": 8, "test": 8}.items()):
        settings = SyntheticSettings(
            records=n, rate_hz=50.0, span_s=40.0, split=split, network="ABC"[seed], p_earliest_fraction=0.4,
            p_latest_fraction=0.5,
        )  # fmt: skip
        records += list(synthesise(settings, seed=seed))
    write_dataset(out, iter(records), name="set")
    return out


@pytest.fixture(scope="session")
def rows() -> list[str]:
    """A header and 120 rows of 24 numbers and a class that can be told."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(0, 2, 120)
    x = rng.standard_normal((120, 24)) + kinds[:, None]
    lines = [
        ",".join([*(f"{value:.5f}" for value in row), ("noise", "quake")[kind]])
        for row, kind in zip(x, kinds, strict=True)
    ]
    return [",".join([*(f"c{k}" for k in range(24)), "label"]), *lines]


@pytest.fixture(scope="session")
def detector(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a network trained for one epoch."""
    out = tmp_path_factory.mktemp("model") / "run"
    _quietly("train", "--data", dataset, "--task", "detect", "--model", "cnn-small", "--epochs", "1", "--out", out)
    return out


def _quietly(*arguments: object) -> None:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    assert end.value.code == 0


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    """Write a miniSEED file: a trace for each channel code, of noise unless `data` is given."""

    def write(
        name: str = "good.mseed",
        *,
        channels: tuple[str, ...] = ("HHZ", "HHN", "HHE"),
        data: Any = None,
        rates: tuple[float, ...] = (50.0,),
        starts_s: tuple[float, ...] = (0.0,),
        n: int = 3000,
        kind: str = "MSEED",
    ) -> Path:
        rng = np.random.default_rng(1)
        stream = Stream()
        for k, code in enumerate(channels):
            for start_s in starts_s:
                samples = (rng.normal(size=n) * 1000).astype(np.int32) if data is None else np.asarray(data)
                head = {
                    "network": "XX", "station": "ABC", "channel": code, "sampling_rate": rates[k % len(rates)],
                    "starttime": UTCDateTime(2020, 1, 1) + start_s,
                }  # fmt: skip
                stream += Trace(samples, head)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stream.write(str(path), format=kind)
        return path

    return write
