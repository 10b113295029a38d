"""A source bundle that has learnt nothing, with margins and a domain, for what does not depend on what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foreshock.bundle import Bundle, Margins, SourceDomain, read_bundle, write_bundle
from foreshock.prepare.source_input import N_LEVELS

TIMES = 10
INSTRUMENTS = ("XX.KNOWN.00 50", "XX.OTHER. 100")


def margins(added: float) -> Margins:
    same = (added,) * TIMES
    return Margins(
        magnitude_90=same,
        magnitude_50=same,
        distance_90=same,
        distance_50=same,
        azimuth_90=(2.0,) * TIMES,
        azimuth_50=(0.5,) * TIMES,
    )


@pytest.fixture(scope="session")
def source_bundle_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch = pytest.importorskip("torch")
    from foreshock.models.source import Source
    from foreshock.train.source.export import source_bundle
    from foreshock.train.source.learn import LearnSettings, member_of

    torch.manual_seed(3)
    model = Source([member_of(LearnSettings(width=8, hidden=8), len(INSTRUMENTS)) for _ in range(2)])
    domain = SourceDomain(
        mean=(0.0,) * (2 * N_LEVELS),
        axes=(tuple(np.eye(2 * N_LEVELS)[0].tolist()),),
        spread=(10.0,),
        rest=10.0,
        limits=(1.0,) * TIMES,
        counts=(1.0, 6.0),
        velocities=(-9.0, 0.0),
    )
    bundle = source_bundle(
        model,
        name="untaught",
        instruments=INSTRUMENTS,
        margins={"station": margins(0.1), "network": margins(0.4), "velocity": margins(0.2), "unknown": margins(0.8)},
        domain=domain,
    )
    path = tmp_path_factory.mktemp("source") / "source.bundle"
    write_bundle(path, bundle)
    return path


@pytest.fixture(scope="session")
def source_bundle_read(source_bundle_path: Path) -> Bundle:
    return read_bundle(source_bundle_path)
