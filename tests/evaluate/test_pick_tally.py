"""The tally judges a pick only where its phase is labelled, and counts by hand-made examples."""

from __future__ import annotations

import pytest

from foreshock.clock import NS_PER_S
from foreshock.errors import InputError, NothingMatchedError
from foreshock.evaluate.pick_tally import LabelledTrace, check_names, tally
from foreshock.types.pick import Pick


def said(trace: str, phase: str, at_s: float, probability: float = 0.9) -> Pick:
    time_ns = round(at_s * NS_PER_S)
    return Pick(trace, phase, time_ns, probability=probability, sigma_s=0.1, available_at_ns=time_ns)


TRACES = (
    LabelledTrace("a", "e1", p_ns=10 * NS_PER_S, s_ns=20 * NS_PER_S),
    LabelledTrace("b", "e1", p_ns=10 * NS_PER_S),
    LabelledTrace("c", " ", s_ns=20 * NS_PER_S),
)


def test_counts_are_those_of_a_hand() -> None:
    picks = [
        said("a", "P", 10.05),  # exact
        said("a", "P", 10.3),  # a second pick of the same P
        said("a", "S", 20.4),  # right
        said("b", "P", 12.0),  # wrong
        said("b", "S", 20.0),  # not labelled there
        said("c", "P", 10.0),  # not labelled there
        said("z", "P", 10.0),  # elsewhere
    ]
    found = tally(picks, TRACES)
    counts = found.counts
    assert counts["truth_P"].tolist() == [1, 1, 0]
    assert counts["truth_S"].tolist() == [1, 0, 1]
    assert counts["picks_P"].tolist() == [2, 1, 0]
    assert counts["near_P"].tolist() == [1, 0, 0]
    assert counts["right_P"].tolist() == [1, 0, 0]
    assert counts["right_S"].tolist() == [1, 0, 0]
    assert counts["near_S"].tolist() == [0, 0, 0]
    assert counts["other"].tolist() == [1, 1, 0]
    assert found.n_unjudged == 2
    assert found.events.tolist() == [0, 0, 1]
    assert found.of("P")["residual_s"].dropna().tolist() == pytest.approx([0.05])


def test_a_pick_of_the_other_phase_helps_nobody() -> None:
    found = tally([said("a", "S", 10.0)], TRACES)
    assert found.counts["right_P"].sum() == 0
    assert found.counts["other"].tolist() == [1, 0, 0]


def test_a_part_counts_its_own_traces_only() -> None:
    import numpy as np

    found = tally([said("a", "P", 10.0), said("b", "P", 10.2), said("c", "S", 20.0)], TRACES)
    part = found.only(np.array([1, 2]))
    assert part.events.tolist() == [0, 1]
    assert part.judged["trace"].tolist() == [0, 1]
    assert part.counts["right_P"].tolist() == [1, 0]


def test_traces_of_one_name_or_without_labels_are_refused() -> None:
    with pytest.raises(InputError, match="2 traces bear 1 names"):
        tally([], [TRACES[0], TRACES[0]])
    with pytest.raises(NothingMatchedError, match="none has a labelled P or S"):
        tally([], [LabelledTrace("a", "e")])


def test_picks_that_are_all_elsewhere_are_refused_with_both_names() -> None:
    assert check_names([said("a", "P", 1), said("z", "P", 1)], TRACES, name="x") == 1
    assert check_names([], TRACES, name="x") == 0
    with pytest.raises(NothingMatchedError, match=r"picks x: trace 'z': .*such as 'a'"):
        check_names([said("z", "P", 1)], TRACES, name="x")
