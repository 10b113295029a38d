"""The report of sources is written whole, says what the rivals are, and escapes what data are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from foreshock.evaluate.report.source_report import SourceReport, write_source_report
from foreshock.evaluate.source_scores import score_sources


def table(seed: int, *, only: str = "") -> pd.DataFrame:
    rng, n = np.random.default_rng(seed), 40
    held = {
        "trace_id": [f"t{k}" for k in range(n)] * 2,
        "event_id": [f"e{k}" for k in range(n)] * 2,
        "group": ["<b>XX.A</b>"] * 2 * n,
        "elapsed_s": np.repeat([1.0, 30.0], n),
        "true_magnitude": np.tile(np.linspace(1, 5, n), 2),
        "true_distance_km": np.tile(np.linspace(0.2, 300, n), 2),
        "true_azimuth_deg": np.tile(np.linspace(0, 350, n), 2),
    }
    frame = pd.DataFrame(held)
    frame["magnitude"] = frame["true_magnitude"] + 0.2 * rng.normal(size=2 * n)
    frame["distance_km"] = frame["true_distance_km"] * np.exp(0.2 * rng.normal(size=2 * n))
    for name in ("magnitude", "distance_km"):
        for q, d in (("q05", -0.4), ("q25", -0.1), ("q75", 0.1), ("q95", 0.4)):
            frame[f"{name}_{q}"] = frame[name] + d
    frame["azimuth_deg"] = (frame["true_azimuth_deg"] + 20 * rng.normal(size=2 * n)) % 360
    frame["azimuth_half_50"], frame["azimuth_half_90"] = 15.0, 40.0
    kept = [*held, *(c for c in frame.columns if only and c.startswith(only))]
    return frame[kept] if only else frame


def test_a_report_is_complete_in_itself(tmp_path: Path) -> None:
    tables = {"source": table(0), "line": table(1, only="magnitude"), "s_minus_p": table(2, only="distance")}
    tables["p_motion"] = table(3, only="azimuth")
    report = SourceReport(
        "Sources <here>",
        score_sources(tables),
        tables,
        sentences={"line": "amplitude & distance"},
        skipped=[("t99", "no horizontals")],
        limits=["P is given."],
        metrics={"n": 40},
    )
    written = write_source_report(tmp_path / "out", report)
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(path.stat().st_size > 0 for path in written)
    assert {"magnitudes.png", "coverage.png", "distances.png", "azimuths.png"} <= {path.name for path in written}
    for part in ("Sources &lt;here&gt;", "amplitude &amp; distance", "&lt;b&gt;XX.A", "no horizontals", "P is given."):
        assert part in text
    assert "<script" not in text
    assert len(pd.read_csv(tmp_path / "out" / "estimates.csv")) == 80


def test_without_rivals_there_is_still_a_report(tmp_path: Path) -> None:
    tables = {"source": table(0)}
    write_source_report(tmp_path, SourceReport("Sources", score_sources(tables), tables))
    assert "The rivals" in (tmp_path / "report.html").read_text(encoding="utf-8")
