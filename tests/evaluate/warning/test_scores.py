"""What judged runs come to: sites, values, false warnings, groups and rivals, by hand; and laws that always hold."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreshock.errors import NothingMatchedError
from foreshock.evaluate.warning import score_warnings
from foreshock.evaluate.warning.measure import Draws
from foreshock.evaluate.warning.run import WarningRun
from foreshock.evaluate.warning.truth import Adversary, WarningTruth

Runs, Truths = Callable[..., WarningRun], Callable[..., WarningTruth]
QUICK = Draws(n=20)
P_S = [102.0, 103.0, 104.0, 105.0]


def _values(run: WarningRun, truth: WarningTruth) -> dict[str, float]:
    return {name: one.value for name, one in score_warnings([(run, truth)], draw=QUICK).ours.measures.items()}


@pytest.fixture
def five_sites(run: Runs, truth: Truths, say: Any) -> tuple[WarningRun, WarningTruth]:
    """A hit (4.5 s before), a late warning (0.5 s after), a miss, a false one, a quiet site."""
    said = {"A": 6.0, "B": 5.5, "C": 4.0, "D": 5.0, "E": 3.0}
    shaken = {"A": (6.0, 110.0), "B": (7.0, 105.0), "C": (5.0, 120.0), "D": (4.9, None), "E": (2.0, None)}
    sites = [
        {"event_id": "t", "site_id": name, "intensity": level, "threshold": 5.0, "s_ns": say.at(109.0),
         "crossed_ns": None if crossed is None else say.at(crossed)}
        for name, (level, crossed) in shaken.items()
    ]  # fmt: skip
    told = [say.told("w", 1, name, middle) for name, middle in said.items()]
    return run([say.message("w", 1, 105.5)], sites=told), truth([{"event_id": "t"}], sites=sites)


def test_sites_are_hits_late_missed_false_or_quiet(five_sites: tuple[WarningRun, WarningTruth]) -> None:
    scores = score_warnings([five_sites], draw=QUICK)
    assert scores.ours.outcomes == {"hit": 1, "late": 1, "miss": 1, "false": 1, "quiet": 1}
    said = {name: one.value for name, one in scores.ours.measures.items()}
    assert said["site_recall"] == pytest.approx(2 / 3)
    assert said["site_recall_in_time"] == pytest.approx(1 / 3)
    assert said["site_precision"] == pytest.approx(2 / 3)
    assert said["site_false_share"] == pytest.approx(1 / 2)
    assert said["site_lead_median_s"] == pytest.approx(2.0)  # of 4.5 and -0.5
    assert said["site_lead_to_s_median_s"] == pytest.approx(3.5)


def test_sites_of_a_missed_event_are_judged_by_what_is_known_of_them(run: Runs, truth: Truths, say: Any) -> None:
    """A tells its threshold in another event's warning, B nowhere: the run's own stands in."""
    events = [{"event_id": "t"}, {"event_id": "lost", "time_ns": say.at(900)}]
    felt = [{"event_id": "lost", "site_id": name, "intensity": 4.5} for name in "AB"]
    made = replace(run([say.message("w", 1, 105)], sites=[say.told("w", 1, "A", 5.5)]), site_threshold=4.0)
    rows = score_warnings([(made, truth(events, sites=felt))], draw=QUICK).ours.judged.sites.set_index("site_id")
    assert rows["outcome"].to_dict() == {"A": "quiet", "B": "miss"}
    assert rows["threshold"].to_dict() == {"A": 5.0, "B": 4.0}


def test_what_a_warning_is_worth_is_what_it_saves(five_sites: tuple[WarningRun, WarningTruth]) -> None:
    """At a cost of 0.3, A, B and D act (1.0, 0.79, 0.5 > 0.3 > 0.05 of C): 0.9 spent, B and C lost, of 3 shaken of 5.

    Without warnings all five would act at 1.5, knowing all three at 0.9: (1.5 - 2.9) / (1.5 - 0.9).
    """
    curve = {row["cost_loss"]: row["value"].value for row in score_warnings([five_sites], draw=QUICK).ours.value}
    assert curve[0.3] == pytest.approx((1.5 - 2.9) / 0.6)


def test_a_warning_that_was_cancelled_before_protects_nobody(
    five_sites: tuple[WarningRun, WarningTruth], run: Runs, say: Any
) -> None:
    made, true = five_sites
    messages = [say.message("w", 1, 105.5), say.message("w", 2, 108.0, message_type="cancel")]
    told = made.sites.to_dict("records")
    gone = score_warnings([(run(messages, sites=told), true)], draw=QUICK).ours
    assert gone.outcomes == {"hit": 0, "late": 2, "miss": 1, "false": 1, "quiet": 1}


def test_sites_of_a_false_warning_count_against_precision(
    five_sites: tuple[WarningRun, WarningTruth], run: Runs, say: Any
) -> None:
    made, true = five_sites
    messages = [say.message("w", 1, 105.5), say.message("no", 1, 5000.0, origin_s=4990.0)]
    told = [*made.sites.to_dict("records"), say.told("no", 1, "A", 5.0), say.told("no", 1, "B", 4.0)]
    scores = score_warnings([(run(messages, sites=told), true)], draw=QUICK).ours
    assert scores.outcomes["false"] == 2
    assert scores.measures["site_precision"].value == pytest.approx(2 / 4)


def test_false_warnings_are_counted_by_station_and_day_and_laid_to_adversaries(
    run: Runs, truth: Truths, say: Any
) -> None:
    messages = [
        say.message("f", 1, 5000, origin_s=4995), say.message("f", 2, 5009, origin_s=4995, message_type="cancel"),
        say.message("g", 1, 9000, origin_s=8990),
    ]  # fmt: skip
    spikes = [Adversary("spike", say.at(s), say.at(s + 1)) for s in (4999, 20_000, 30_000)]
    true = truth([{"event_id": "t", "kind": "teleseism", "time_ns": say.at(40_000)}], adversaries=spikes)
    ours = score_warnings([(run(messages), true)], draw=QUICK).ours
    assert ours.measures["false_per_station_day"].value == pytest.approx(2 / 9)
    assert ours.measures["false_per_station_day"].exposure == pytest.approx(9.0)
    assert ours.measures["false_share"].value == 1.0
    assert ours.measures["false_cancelled_share"].value == 0.5
    assert ours.measures["false_cancelled_after_median_s"].value == pytest.approx(9.0)
    found = {kind: (one.hits, one.n, one.upper) for kind, one in ours.adversaries.items()}
    assert found == {"spike": (1, 3, None), "teleseism": (0, 1, 1.0)}


def test_twins_count_when_both_were_warned_of(run: Runs, truth: Truths, say: Any) -> None:
    times = {"a": 100.0, "b": 160.0, "c": 400.0, "d": 580.0, "e": 760.1}  # b–c and d–e are too far apart
    far = {"f": {"latitude": 3.1, "time_ns": say.at(1000.0)}, "g": {"time_ns": say.at(1010.0)}}  # 320 km
    events = [{"event_id": name, "time_ns": say.at(s)} for name, s in times.items()]
    events += [{"event_id": name, **more} for name, more in far.items()]
    messages = [say.message(f"w{s}", 1, s + 5, origin_s=s) for s in (100.0, 160.0, 400.0)]
    scores = score_warnings([(run(messages), truth(events))], draw=QUICK).ours
    both = scores.measures["twins_both_warned"]
    assert (both.hits, both.n) == (1, 2)
    assert scores.judged.twins["other_id"].to_list() == ["b", "d"]


def test_confirmed_false_warnings_are_told_apart(run: Runs, truth: Truths, say: Any) -> None:
    messages = [say.message("f", 1, 5000, origin_s=4995), say.message("g", 1, 9000, origin_s=8990),
                say.message("g", 2, 9001, origin_s=8990, confidence="confirmed")]  # fmt: skip
    ours = score_warnings([(run(messages), truth([]))], draw=QUICK).ours.measures
    assert (ours["false_share"].hits, ours["false_confirmed_share"].hits) == (2, 1)
    assert ours["false_confirmed_per_station_day"].value == pytest.approx(1 / 9)


def test_missed_events_count_inside_the_network_by_size(run: Runs, truth: Truths, say: Any) -> None:
    events = [
        {"event_id": "in", "magnitude": 5.5}, {"event_id": "out", "magnitude": 6.5, "latitude": 3.0},
        {"event_id": "small", "magnitude": 2.9},
        {"event_id": "seen", "magnitude": 5.0, "time_ns": say.at(500)},
    ]  # fmt: skip
    ours = score_warnings([(run([say.message("w", 1, 505, origin_s=500)]), truth(events))], draw=QUICK).ours.measures
    found = {m: (ours[f"missed_m{m}_in_network"].hits, ours[f"missed_m{m}_in_network"].n) for m in (3, 5, 6)}
    assert found == {3: (1, 2), 5: (1, 2), 6: (None, 0)}


def test_coverage_by_second_has_the_binomial_band(run: Runs, truth: Truths, say: Any) -> None:
    events, beliefs, messages, p_s = [], [], [], {}
    for k in range(10):
        zero = 100.0 + 1000 * k
        events.append({"event_id": f"t{k}", "time_ns": say.at(zero)})
        m = 5.0 if k < 8 else 5.8  # the last two lie outside their band
        beliefs.append(say.belief(f"w{k}", zero + 5, m))
        messages.append(say.message(f"w{k}", 1, zero + 5, m=m, origin_s=zero))
        p_s[f"t{k}"] = [zero + 2]
    made = score_warnings([(run(messages, beliefs=beliefs), truth(events, p_s=p_s))], draw=QUICK)
    table = made.ours.by_second.set_index("second")
    assert table["n"].to_list() == [0, 0, *[10] * 28]
    assert table.loc[3, "coverage_90"] == pytest.approx(0.8)
    assert (table.loc[3, "coverage_90_low"], table.loc[3, "coverage_90_high"]) == pytest.approx(
        (0.4439, 0.9748), abs=1e-4
    )
    assert (table.loc[3, "band_low"], table.loc[3, "band_high"]) == pytest.approx((0.7, 1.0))
    assert table.loc[3, "magnitude_mae"] == pytest.approx(0.16)
    assert table.loc[3, "magnitude_bias"] == pytest.approx(0.16)


def _many(run: Runs, truth: Truths, say: Any, *, off: Sequence[float], late_s: float = 0.0) -> tuple[Any, Any]:
    """An event a thousand seconds, its magnitude off by so much."""
    zeros = [100.0 + 1000 * k for k in range(len(off))]
    events = [{"event_id": f"t{k}", "time_ns": say.at(zero)} for k, zero in enumerate(zeros)]
    both = enumerate(zip(zeros, off, strict=True))
    messages = [say.message(f"w{k}", 1, z + 5 + late_s, m=5 + o, origin_s=z) for k, (z, o) in both]
    p_s = {f"t{k}": [zero + 2, zero + 3] for k, zero in enumerate(zeros)}
    return run(messages), truth(events, p_s=p_s)


def test_a_rival_is_compared_event_by_event(run: Runs, truth: Truths, say: Any) -> None:
    off = np.linspace(-0.3, 0.3, 12)
    ours = _many(run, truth, say, off=off)
    rival = _many(run, truth, say, off=off + 0.1, late_s=1.5)
    scores = score_warnings([ours], rivals={"late": [rival]}, draw=QUICK)
    apart = scores.differences["late"]
    first = apart["first_alert_after_origin_median_s"]
    assert (first.value, first.low, first.high) == pytest.approx((-1.5, -1.5, -1.5))
    assert apart["magnitude_bias_first"].value == pytest.approx(-0.1)
    assert apart["magnitude_bias_first"].high - apart["magnitude_bias_first"].low < 1e-9
    assert apart["warned_share"].n == 12


def test_a_rival_is_compared_on_what_both_have(run: Runs, truth: Truths, say: Any) -> None:
    messages, true = _many(run, truth, say, off=[0.0] * 6)
    half = run(messages.alerts.to_dict("records")[:3], name="half")
    apart = score_warnings([(messages, true)], rivals={"half": [(half, true)]}, draw=QUICK).differences["half"]
    assert apart["first_alert_after_origin_median_s"].n == 3
    assert (apart["warned_share"].value, apart["warned_share"].n) == (0.5, 6)


def test_a_rival_of_other_events_is_refused(run: Runs, truth: Truths, say: Any) -> None:
    ours = _many(run, truth, say, off=[0.0])
    other = run(), truth([{"event_id": "elsewhere"}], name="another")
    with pytest.raises(NothingMatchedError, match="'plum'.*no true event in common"):
        score_warnings([ours], rivals={"plum": [other]}, draw=QUICK)


def test_sites_of_a_rival_are_compared(five_sites: tuple[WarningRun, WarningTruth], run: Runs, say: Any) -> None:
    made, true = five_sites
    later = run([say.message("w", 1, 106.5)], sites=made.sites.to_dict("records"))
    apart = score_warnings([five_sites], rivals={"later": [(later, true)]}, draw=QUICK).differences["later"]
    assert apart["site_lead_median_s"].value == pytest.approx(1.0)
    assert apart["site_recall"].value == 0.0


@pytest.mark.parametrize(("made", "recorded", "kind"), [(1, 0, "synthetic"), (0, 1, "recorded"), (1, 1, "mixed")])
def test_it_is_said_whether_data_are_synthetic(run: Runs, truth: Truths, made: int, recorded: int, kind: str) -> None:
    true = truth([{"event_id": "t"}])
    real = WarningTruth("real", true.events, true.arrivals, true.sites)
    pairs = [(run(), true)] * made + [(run(kind_of_data="recorded"), real)] * recorded
    scores = score_warnings(pairs, draw=QUICK)
    assert scores.kind_of_data == kind
    assert ("proves engineering, not science" in scores.statement) == (made == 1)
    assert scores.as_json()["statement"] == scores.statement


def test_groups_split_by_size_place_and_stations(run: Runs, truth: Truths, say: Any) -> None:
    events = [{"event_id": "a", "magnitude": 4.5}, {"event_id": "b", "magnitude": 6.5, "latitude": 3.0}]
    groups = score_warnings([(run([say.message("w", 1, 105)]), truth(events))], draw=QUICK).ours.groups
    assert set(groups["magnitude"]) == {"M 4 to 5", "M 6 to 7"}
    assert set(groups["place"]) == {"inside", "outside"}
    assert groups["place"]["outside"]["warned_share"].value == 0.0
    assert set(groups["spacing"]) == {"17.5 to 22.5 km"}


# -- laws --------------------------------------------------------------------------------------------------------------


def test_a_perfect_run_scores_perfectly(run: Runs, truth: Truths, say: Any) -> None:
    zeros = [100.0 + 1000 * k for k in range(5)]
    events = [{"event_id": f"t{k}", "time_ns": say.at(z)} for k, z in enumerate(zeros)]
    exact = {"magnitude_q05": 5.0, "magnitude_q50": 5.0, "magnitude_q95": 5.0}
    messages = [say.message(f"w{k}", 1, z, origin_s=z, confidence="confirmed", **exact) for k, z in enumerate(zeros)]
    beliefs = [say.belief(f"w{k}", z, origin_ns=say.at(z), alert_version=1, **exact) for k, z in enumerate(zeros)]
    sites = [say.told(f"w{k}", 1, "A", 6.0) for k in range(5)]
    felt = [
        {"event_id": f"t{k}", "site_id": "A", "intensity": 6.0, "threshold": 5.0, "crossed_ns": say.at(z + 9)}
        for k, z in enumerate(zeros)
    ]  # fmt: skip
    p_s = {f"t{k}": [z + 1] for k, z in enumerate(zeros)}
    said = _values(run(messages, sites=sites, beliefs=beliefs), truth(events, p_s=p_s, sites=felt))
    ones = ("warned_share", "site_recall_in_time", "site_precision", "ellipse_coverage_68_first",
            "magnitude_coverage_90_first", "magnitude_coverage_90_p4")  # fmt: skip
    noughts = ("merged_share", "magnitude_error_first_mean", "magnitude_sd_final", "magnitude_bias_p4",
               "epicentre_first_median_km", "first_alert_after_origin_median_s", "false_share", "split_share",
               "material_changes_mean", "drift_km_median", "missed_m5_in_network")  # fmt: skip
    assert {name: said[name] for name in ones} == dict.fromkeys(ones, 1.0)
    assert {name: said[name] for name in noughts} == pytest.approx(dict.fromkeys(noughts, 0.0), abs=1e-9)
    assert said["magnitude_crps_final"] == pytest.approx(0.0, abs=1e-5)
    assert said["site_lead_median_s"] == pytest.approx(9.0)


@pytest.mark.parametrize("n_events", [0, 1, 3])
def test_a_run_without_alerts_says_n_is_nought(run: Runs, truth: Truths, n_events: int) -> None:
    true = truth([{"event_id": f"t{k}"} for k in range(n_events)])
    scores = score_warnings([(run(stations=(), span_s=None), true)], draw=QUICK)
    told = json.loads(json.dumps(scores.as_json(), allow_nan=False))
    measures = told["ours"]["measures"]
    counted = [set(), {"warned_share", "merged_share"}, {"twins_both_warned"}]
    assert {name for name, one in measures.items() if one["n"]} == set().union(*counted[: min(n_events, 2) + 1])
    assert all(one["value"] is None for one in measures.values() if not one["n"])
    assert "no event was warned of" in scores.warnings


def test_no_run_is_refused() -> None:
    with pytest.raises(NothingMatchedError, match="none to score"):
        score_warnings([])


def _drawn_pair(run: Runs, truth: Truths, say: Any, seed: int, name: str, shift_s: float = 0.0) -> Any:
    """Some events, warned, missed, doubled and false, as a seed has it."""
    rng = np.random.default_rng(seed)
    events, messages, sites, felt, p_s = [], [], [], [], {}
    for k in range(int(rng.integers(1, 5))):
        zero = shift_s + 100.0 + 400 * k
        m, lat, lon = float(rng.uniform(3, 7)), *(float(v) for v in rng.uniform(-0.3, 0.7, 2))
        place = {"latitude": lat, "longitude": lon}
        events.append({"event_id": f"t{k}", "time_ns": say.at(zero), "magnitude": m, **place})
        p_s[f"t{k}"] = [zero + float(s) for s in np.sort(rng.uniform(1, 9, 5))]
        felt.append({"event_id": f"t{k}", "site_id": "A", "intensity": float(rng.uniform(3, 7)), "threshold": 5.0,
                     "crossed_ns": say.at(zero + 12)})  # fmt: skip
        for copy in range(int(rng.integers(0, 3))):
            event = f"w{k}.{copy}"
            for version in range(1, int(rng.integers(2, 5))):
                at_s = zero + 3 + 2 * version + copy
                moved = {"latitude": lat + 0.05 * float(rng.normal()), "longitude": lon}
                messages.append(say.message(event, version, at_s, m=m + float(rng.normal()), origin_s=zero, **moved))
                sites.append(say.told(event, version, "A", float(rng.uniform(3, 7))))
    span_s = (shift_s, shift_s + 86_400.0)
    return run(messages, name=name, sites=sites, span_s=span_s), truth(events, name=f"of {name}", p_s=p_s, sites=felt)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.permutations(range(3)))
def test_the_order_of_runs_changes_nothing(run: Runs, truth: Truths, say: Any, seed: int, order: list[int]) -> None:
    pairs = [_drawn_pair(run, truth, say, seed + k, f"run{k}") for k in range(3)]
    one = score_warnings(pairs, draw=QUICK).as_json()
    other = score_warnings([pairs[k] for k in order], draw=QUICK).as_json()
    assert one == other


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.integers(-(10**6), 10**6))
def test_moving_all_times_changes_nothing(run: Runs, truth: Truths, say: Any, seed: int, shift_s: int) -> None:
    one, other = (_values(*_drawn_pair(run, truth, say, seed, "run", shift)) for shift in (0.0, float(shift_s)))
    assert other == pytest.approx(one, abs=1e-5, nan_ok=True)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000))
def test_shares_lie_between_nought_and_one_and_intervals_hold_their_values(
    run: Runs, truth: Truths, say: Any, seed: int
) -> None:
    scores = score_warnings([_drawn_pair(run, truth, say, seed, "run")], draw=QUICK)
    for name, one in scores.ours.measures.items():
        if math.isfinite(one.low):
            assert one.low <= one.value <= one.high, name
        if "share" in name or "coverage" in name or name.startswith(("missed", "site_recall", "site_precision")):
            assert not one or 0 <= one.value <= 1, name
    assert all(not (row["value"].value > 1) for row in scores.ours.value)


def test_a_run_is_no_different_from_itself(run: Runs, truth: Truths, say: Any) -> None:
    pair = _drawn_pair(run, truth, say, 7, "run")
    apart = score_warnings([pair], rivals={"itself": [pair]}, draw=QUICK).differences["itself"]
    assert {one.value for one in apart.values() if one} == {0.0}
