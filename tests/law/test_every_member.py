"""Every member of every door passes the law of its door."""

from __future__ import annotations

from pathlib import Path

import pytest

from foreshock.errors import PluginError
from foreshock.law import check_metric, check_predictor, check_source, check_step
from foreshock.plugins import DOORS, build_steps, load, members


@pytest.mark.parametrize("name", members("sources"))
def test_every_source_is_repeatable_and_tells_what_it_left_out(name: str, tmp_path: Path) -> None:
    specimens = load("sources", name).specimens(tmp_path)
    assert specimens
    for source in specimens:
        check_source(source)


@pytest.mark.parametrize("name", members("steps"))
def test_every_step_gives_the_same_for_chunks_as_for_the_whole(name: str, tmp_path: Path) -> None:
    specimens = load("steps", name).specimens(tmp_path)
    assert specimens
    for step in specimens:
        for unit in units_of(step):
            check_step(step, unit=unit)


def units_of(step: object) -> tuple[str, ...]:
    """Counts, ground motion or both: the units a step takes."""
    return tuple(unit for unit in ("count", "m/s") if _takes(step, unit))


def _takes(step: object, unit: str) -> bool:
    try:
        step.unit_out(unit)  # type: ignore[attr-defined]
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("name", members("predictors"))
def test_every_predictor_neither_peeks_nor_remembers(name: str, tmp_path: Path) -> None:
    member = load("predictors", name)
    specimens = member.specimens(tmp_path)
    assert specimens
    for predictor in specimens:
        check_predictor(predictor, member.trial_examples())


@pytest.mark.parametrize("name", members("metrics"))
def test_every_metric_is_best_when_predictions_are_perfect(name: str, tmp_path: Path) -> None:
    specimens = load("metrics", name).specimens(tmp_path)
    assert specimens
    for metric in specimens:
        assert metric.name == name
        check_metric(metric)


@pytest.mark.parametrize("door", DOORS)
def test_every_name_can_be_loaded(door: str) -> None:
    for name in members(door):
        assert load(door, name) is not None


def test_a_wrong_name_or_door_is_answered_with_the_nearest() -> None:
    with pytest.raises(PluginError, match="did you mean 'bandpass'"):
        load("steps", "bandpas")
    with pytest.raises(PluginError, match="did you mean 'steps'"):
        members("step")


def test_steps_are_built_from_their_names_and_parameters() -> None:
    [step] = build_steps([{"step": "bandpass", "low_hz": 1.0, "high_hz": 10.0}])
    assert step.parameters()["low_hz"] == 1.0


def test_a_step_with_wrong_parameters_is_named() -> None:
    with pytest.raises(PluginError, match=r"bandpass.*refused"):
        build_steps([{"step": "bandpass", "lowest_hz": 1.0}])
