"""One event by hand: every number of its row is known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from foreshock.evaluate.warning.judging import judge
from foreshock.evaluate.warning.matching import DECLARED
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.truth import WarningTruth

Runs, Truths = Callable[..., WarningRun], Callable[..., WarningTruth]
P_S = [102.0, 105.0, 104.0, 103.0]


def _row(run: WarningRun, truth: WarningTruth) -> dict[str, Any]:
    return {str(k): v for k, v in judge(run, truth, rule=DECLARED).events.iloc[0].items()}


def test_times_count_from_the_origin_and_from_each_p(run: Runs, truth: Truths, say: Any) -> None:
    messages = [say.message("w", 1, 105.5), say.message("w", 2, 107.0, confidence="confirmed")]
    row = _row(run(messages), truth([{"event_id": "t"}], p_s={"t": P_S}))
    after = {n: row[f"first_after_p{n}_s"] for n in range(1, 5)}
    assert after == pytest.approx({1: 3.5, 2: 2.5, 3: 1.5, 4: 0.5})
    assert (row["first_alert_s"], row["confirmed_s"], row["confirmed_after_p4_s"]) == pytest.approx((5.5, 7.0, 2.0))
    assert row["p_from"] == "truth"


def test_only_used_stations_have_arrivals_and_a_gap(run: Runs, truth: Truths, say: Any) -> None:
    made = run([say.message("w", 1, 105.5)], stations=[(0.3, 0.1), (0.3, 0.3)])
    row = _row(made, truth([{"event_id": "t"}], p_s={"t": P_S}))
    assert row["first_after_p2_s"] == pytest.approx(0.5)  # of S1, the second used one, at 105
    assert np.isnan(row["first_after_p3_s"])
    assert row["gap_deg"] == pytest.approx(270.0, abs=0.5)
    assert row["inside"] == 0.0
    assert row["spacing_km"] == pytest.approx(22.26, abs=0.01)


def test_without_true_arrivals_the_engines_own_picks_stand_in_and_it_is_told(
    run: Runs, truth: Truths, say: Any
) -> None:
    picks = [
        {"trace_id": f"S{k}", "phase": phase, "time_ns": say.at(101.0 + k), "event_id": "w"}
        for k in range(2)
        for phase in ("P", "S")
    ]
    row = _row(run([say.message("w", 1, 105.5)], picks=picks), truth([{"event_id": "t"}]))
    assert row["p_from"] == "picks"
    assert (row["first_after_p1_s"], row["first_after_p2_s"]) == pytest.approx((4.5, 3.5))
    assert np.isnan(row["first_after_p3_s"])


def test_magnitudes_are_asked_at_their_moments(run: Runs, truth: Truths, say: Any) -> None:
    beliefs = [
        say.belief("w", 105.5, 5.2, alert_version=1), say.belief("w", 106.0, 5.4), say.belief("w", 106.1, 5.9),
        say.belief("w", 109.5, 5.6), say.belief("w", 109.6, 6.5), say.belief("w", 112.0, 5.1),
        say.belief("w", 130.0, 4.9, state="ended"),
    ]  # fmt: skip
    row = _row(run([say.message("w", 1, 105.5, m=5.2)], beliefs=beliefs), truth([{"event_id": "t"}], p_s={"t": P_S}))
    found = [row[f"magnitude_error_{when}"] for when in ("first", "p4", "a4", "final")]
    assert found == pytest.approx([0.2, 0.4, 0.6, -0.1])
    assert [row[f"magnitude_in_90_{when}"] for when in ("first", "p4", "a4", "final")] == [1.0, 1.0, 0.0, 1.0]
    assert row["drift_magnitude"] == pytest.approx(0.2)


def test_the_ellipse_of_the_first_message_is_that_of_its_estimate(run: Runs, truth: Truths, say: Any) -> None:
    moved = {"latitude": 0.22}  # 2.21 km north of the truth
    for azimuth, in_68 in ((0.0, 1.0), (90.0, 0.0)):  # half axes 4 and 2 km: 2.21 km is 0.55 or 1.11 of them
        beliefs = [say.belief("w", 105.5, alert_version=1, azimuth_deg=azimuth, **moved)]
        row = _row(run([say.message("w", 1, 105.5, **moved)], beliefs=beliefs), truth([{"event_id": "t"}]))
        assert row["epicentre_km_first"] == pytest.approx(2.2115, abs=1e-3)
        assert (row["in_68_first"], row["in_95_first"]) == (in_68, 1.0)


def test_seconds_hold_the_last_estimate_and_nothing_before_it_or_once_withdrawn(
    run: Runs, truth: Truths, say: Any
) -> None:
    beliefs = [
        say.belief("w", 104.0, 5.5), say.belief("w", 107.5, 5.0), say.belief("w", 110.0, 5.0, state="withdrawn"),
    ]  # fmt: skip
    made = judge(
        run([say.message("w", 1, 105.5)], beliefs=beliefs), truth([{"event_id": "t"}], p_s={"t": P_S}), rule=DECLARED
    )
    error = made.seconds.set_index("second")["magnitude_error"]
    assert np.isnan(error[1])
    assert error[2] == error[5] == pytest.approx(0.5)
    assert error[6] == error[7] == pytest.approx(0.0)
    assert np.isnan(error[8])
    assert np.isnan(error[30])


def test_without_estimates_messages_stand_for_them(run: Runs, truth: Truths, say: Any) -> None:
    messages = [say.message("w", 1, 105.5, m=5.3), say.message("w", 2, 109.0, m=5.1)]
    row = _row(run(messages), truth([{"event_id": "t"}], p_s={"t": P_S}))
    assert row["magnitude_error_first"] == pytest.approx(0.3)
    assert row["magnitude_error_final"] == pytest.approx(0.1)
    assert np.isnan(row["in_68_first"])


def test_material_changes_and_flips_are_counted(run: Runs, truth: Truths, say: Any) -> None:
    messages = [
        say.message("w", 1, 105.0), say.message("w", 2, 106.0, m=5.29), say.message("w", 3, 107.0, m=5.6),
        say.message("w", 4, 108.0, m=5.6, latitude=0.3), say.message("w", 5, 109.0, m=5.6, latitude=0.3,
                                                                     message_type="cancel"),
    ]  # fmt: skip
    sites = [say.told("w", k, "A", middle) for k, middle in enumerate((4.0, 5.0, 5.5, 4.9), 1)]
    row = _row(run(messages, sites=sites), truth([{"event_id": "t"}]))
    assert (row["n_messages"], row["material_changes"], row["site_flips"], row["cancelled"]) == (5, 3, 2, 1)


def test_an_event_without_a_warning_has_a_row_of_unknowns(run: Runs, truth: Truths) -> None:
    made = judge(run(), truth([{"event_id": "t"}], p_s={"t": P_S}), rule=DECLARED)
    row = made.events.iloc[0]
    assert (row["warned"], row["n_warnings"]) == (0.0, 0)
    assert np.isnan(row["first_alert_s"])
    assert len(made.seconds) == 30
    assert made.seconds["magnitude_error"].isna().all()
