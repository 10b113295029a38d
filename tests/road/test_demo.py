"""The demo walks the whole road and says what it found, with intervals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_demo_trains_scores_and_draws_and_the_rival_is_neither_trivial_nor_hopeless(tmp_path: Path) -> None:
    out = tmp_path / "演示"
    done = subprocess.run(
        [sys.executable, "-m", "foreshock", "demo", "--out", str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    for name in ("cnn", "lstm", "rival"):
        for metric in ("accuracy", "macro_f1", "ece"):
            score = told[name][metric]
            assert score["low"] <= score["value"] <= score["high"]
    assert 0.55 <= told["rival"]["accuracy"]["value"] <= 0.95
    assert told["cnn"]["accuracy"]["low"] > told["rival"]["accuracy"]["value"]
    assert [pick["phase"] for pick in told["real_record"]["picks"]] == ["P", "S"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "A real recording" in page
    assert "://" not in page.replace("http://www.w3.org", "")
    assert len(list(out.glob("*.png"))) >= 6
    assert str(out / "report.html") in done.stdout
