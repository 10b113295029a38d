"""What sites felt: intensities as told, or peak velocities through the scale of the alerts, and when."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshock.errors import FormatError, InputError
from foreshock.evaluate.warning.site_tally import crossing_ns
from foreshock.road.warning_shaking import read_shaking
from foreshock.road.warning_truth import read_warning_truth

HEAD = "event_id,site_id,pga_m_s2,pgv_m_s,pga_1_m_s2_time,pgv_0.05_m_s_time,pgv_0.1_m_s_time,pgv_0.2_m_s_time"


def _velocities(folder: Path, say: Any) -> Path:
    rows = [
        f"t,A,1.5,0.15,{say.iso(108)},{say.iso(110)},{say.iso(112)},",
        "t,B,0.1,0.01,,,,",
        "t,C,0,0,,,,",
    ]
    path: Path = say.write_truth(folder, [{"event_id": "t"}])
    (folder / "site_truth.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    return path


def test_peak_velocities_become_the_intensities_of_the_published_lines(say: Any, tmp_path: Path) -> None:
    felt = read_shaking(_velocities(tmp_path, say), scale_name="mmi").set_index("site_id")["intensity"]
    assert felt["A"] == pytest.approx(2.89 + 3.16 * np.log10(15), abs=1e-6)  # Worden et al. (2012), cm/s
    assert felt["B"] == pytest.approx(3.78, abs=1e-6)
    assert felt["C"] == 1.0
    of_japan = read_shaking(tmp_path / "truth.json", scale_name="jma").set_index("site_id")["intensity"]
    assert of_japan["A"] == pytest.approx(2.68 + 1.72 * np.log10(15), abs=1e-6)  # Midorikawa et al. (1999)


def test_a_threshold_between_two_levels_is_passed_between_their_times(say: Any, tmp_path: Path) -> None:
    truth = read_warning_truth(_velocities(tmp_path, say))
    site = truth.sites.to_dict("records")[0]
    low, high = (2.89 + 3.16 * np.log10(cm_s) for cm_s in (5, 10))
    passed = {t: (crossing_ns(site, t) - say.at(0)) * 1e-9 for t in (low, (low + high) / 2, high, 6.5)}
    assert list(passed.values()) == pytest.approx([110.0, 111.0, 112.0, 112.0], abs=1e-5)  # 6.5: at 112 or later
    assert np.isnan(crossing_ns(site, 7.0))
    assert np.isnan(crossing_ns(truth.sites.to_dict("records")[2], 2.0))


def test_s_comes_through_the_truths_own_layers(say: Any, tmp_path: Path) -> None:
    path = _velocities(tmp_path, say)
    layers = [{"top_km": 0.0, "vp_km_s": 6.0, "vs_km_s": 3.5}]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layers": layers}))
    (tmp_path / "sites.csv").write_text("id,name,latitude,longitude\nA,Aha,0.2,0.2\nB,Bee,0.2,0.9\n")
    sites = read_warning_truth(path).sites.set_index("site_id")["s_ns"]
    assert (int(sites["A"]) - say.at(100)) * 1e-9 == pytest.approx(10 / 3.5, abs=0.02)
    away_km = 0.7 * 111.319 * np.cos(np.radians(0.2))
    assert (int(sites["B"]) - say.at(100)) * 1e-9 == pytest.approx(np.hypot(away_km, 10) / 3.5, abs=0.05)
    assert sites.isna()["C"]


def test_without_a_table_nothing_is_known_of_sites(say: Any, tmp_path: Path) -> None:
    truth = read_warning_truth(say.write_truth(tmp_path, [{"event_id": "t"}]))
    assert len(truth.sites) == 0


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("t,A,1,-0.1,,,,", "negative"),
        ("t,A,1,x,,,,", "'x'"),
        ("t,A,1,,,,,", "pgv_m_s is empty"),
        ("t,A,1", "number of cells"),
    ],
)
def test_a_damaged_table_is_refused(say: Any, tmp_path: Path, row: str, told: str) -> None:
    path = say.write_truth(tmp_path, [{"event_id": "t"}])
    (tmp_path / "site_truth.csv").write_text(f"{HEAD}\n{row}\n")
    with pytest.raises(FormatError, match=told):
        read_warning_truth(path)


def test_an_unknown_scale_and_layers_of_no_rock_are_refused(say: Any, tmp_path: Path) -> None:
    path = _velocities(tmp_path, say)
    with pytest.raises(InputError, match="mercali"):
        read_shaking(path, scale_name="mercali")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"layers": [{"top_km": 5.0}]}))
    (tmp_path / "sites.csv").write_text("id,latitude,longitude\nA,0.2,0.2\n")
    with pytest.raises(FormatError, match="layers"):
        read_warning_truth(path)
