"""Pickers are asked about labelled records, scored beside given files, and written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.errors import ConfigError, InputError, NothingMatchedError
from foreshock.evaluate.pick_tables import read_picks, write_picks
from foreshock.evaluate.pick_tally import LabelledTrace
from foreshock.predict.pick.sta_lta_aic import StaLtaAic, StaLtaAicSettings
from foreshock.road.pick_assessment import (
    N_SHIFTS,
    PickAssessment,
    PickTask,
    assess_picks,
    shifted,
    write_pick_assessment,
)
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform


@pytest.fixture(scope="module")
def assessment(picked_set: Path, tmp_path_factory: pytest.TempPathFactory) -> PickAssessment:
    """The default picker beside picks of somebody who knows the truth and doubles every P."""
    rival = tmp_path_factory.mktemp("rival") / "knows.csv"
    picks = []
    for k in range(12):
        start = 1_585_403_400 + 3600 * k
        for phase, at in (("P", 20), ("P", 40), ("S", 26)):
            time_ns = (start + at) * NS_PER_S
            picks.append(Pick(f"record-{k}", phase, time_ns, probability=1.0, sigma_s=0.0, available_at_ns=time_ns))
    write_picks(rival, picks)
    return assess_picks(PickTask(picked_set, "all", files=(rival,)))


def test_a_picker_and_a_file_are_scored_on_the_same_records(assessment: PickAssessment) -> None:
    ours, theirs = (assessment.scores.pickers[name].scores for name in ("sta_lta_aic", "knows"))
    assert theirs["p_within_0.1_s"].value == theirs["s_within_0.1_s"].value == 1.0
    assert theirs["other_per_record"].value == 1.0
    assert theirs["p_precision"].value == 0.5
    assert ours["p_within_0.5_s"].value > 0.9
    assert ours["p_recall"].n == 12
    assert len(assessment.picks) > 12
    assert ("record-12", "no arrival is labelled") in assessment.skipped


def test_the_report_holds_tables_pictures_and_limits(assessment: PickAssessment, tmp_path: Path) -> None:
    written = write_pick_assessment(assessment, tmp_path / "report")
    assert {"residuals_p.png", "reliability_s.png", "precision_recall_p.png"} <= {path.name for path in written}
    page = (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert "sta_lta_aic" in page
    assert "knows" in page
    assert "What this cannot say" in page
    told = json.loads((tmp_path / "report" / "metrics.json").read_text())
    assert told["schema"] == "foreshock.pick_scores/1"
    assert told["n_records"] == 12
    assert read_picks(tmp_path / "report" / "picks.csv").picks[0].trace_id == assessment.picks[0].trace_id


def test_the_threshold_holds_for_every_picker_and_leaves_the_curves_whole(picked_set: Path) -> None:
    high = assess_picks(PickTask(picked_set, threshold=0.75))
    kept = high.scores.pickers["sta_lta_aic"].tally.judged
    whole = high.all_scores.pickers["sta_lta_aic"].tally.judged
    assert (kept["probability"] >= 0.75).all()
    assert len(whole) > len(kept)


def test_another_picker_has_the_classical_one_beside_it(picked_set: Path) -> None:
    class Own(StaLtaAic):
        name = "own"

    found = assess_picks(PickTask(picked_set, model=Own(StaLtaAicSettings(on=8.0))))
    assert list(found.scores.pickers) == ["own", "sta_lta_aic"]
    assert set(found.scores.pickers["sta_lta_aic"].difference) == set(found.scores.pickers["own"].scores)


def test_shifted_windows_find_the_same_arrival(make_quake: Callable[..., Waveform]) -> None:
    wave = make_quake(1)
    trace = LabelledTrace("a", "e", wave.start_ns + 20 * NS_PER_S, wave.start_ns + 26 * NS_PER_S)
    p, s = shifted(wave, trace, StaLtaAic())
    assert (p.phase, s.phase, len(p.residual_s)) == ("P", "S", N_SHIFTS)
    assert np.nanstd(p.residual_s) < 0.02
    assert shifted(wave.cut(0, 23 * 50), trace, StaLtaAic()) == []
    assert shifted(wave, LabelledTrace("a", "e", None, 5), StaLtaAic()) == []


def test_stability_is_scored_when_it_is_asked_for(picked_set: Path) -> None:
    found = assess_picks(PickTask(picked_set, "train", stability=True))
    assert found.stability["sta_lta_aic"]["p_shift_found"].value > 0.9
    assert found.as_json()["stability"]["sta_lta_aic"]["p_shift_spread_s"]["n"] == 4


def test_wrong_tasks_are_refused(picked_set: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="threshold is 2"):
        PickTask(picked_set, threshold=2)
    with pytest.raises(ConfigError, match="add --quiet"):
        PickTask(picked_set, quiet_to_ns=3)
    with pytest.raises(NothingMatchedError, match="no labelled record"):
        assess_picks(PickTask(picked_set, "dev"))
    write_picks(tmp_path / "sta_lta_aic.csv", [])
    with pytest.raises(ConfigError, match="a picker of that name"):
        assess_picks(PickTask(picked_set, files=(tmp_path / "sta_lta_aic.csv",)))
    write_picks(tmp_path / "far.csv", [Pick("elsewhere", "P", 0, 0.5, 0.1, 0)])
    with pytest.raises(NothingMatchedError, match="no pick is on a trace that is scored"):
        assess_picks(PickTask(picked_set, files=(tmp_path / "far.csv",)))


@pytest.mark.realdata
def test_the_classical_picker_reaches_what_it_reached_on_real_records(realdata: Path) -> None:
    found = assess_picks(PickTask(realdata / "ncedc", "test"))
    scores = found.scores.pickers["sta_lta_aic"].scores
    assert scores["p_recall"].n == 26
    assert scores["p_within_0.1_s"].value >= 0.9
    assert scores["p_within_0.5_s"].value == 1.0
