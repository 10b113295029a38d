"""Doors: the five kinds of thing that can be added to Foreshock, found by entry point. Knows what each must promise.

| door | group | promise | law |
|---|---|---|---|
| sources | ``foreshock.sources`` | `Source` | `law.check_source` |
| steps | ``foreshock.steps`` | `Step` | `law.check_step` |
| predictors | ``foreshock.predictors`` | `Predictor` | `law.check_predictor` |
| metrics | ``foreshock.metrics`` | `Metric` | `law.check_metric` |
| applications | ``foreshock.applications`` | `Application` | none yet: the first application brings it |

Foreshock's own members are registered the same way, in ``pyproject.toml``. Every member is a class with
``specimens(folder)``: instances on which the law is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

from foreshock.errors import ForeshockError, PluginError, nearest
from foreshock.types.record import Record
from foreshock.types.waveform import Waveform

if TYPE_CHECKING:  # steps and sources need no pandas
    from foreshock.types.examples import Examples
    from foreshock.types.predictions import Predictions

DOORS = ("sources", "steps", "predictors", "metrics", "applications")


@runtime_checkable
class Source(Protocol):
    """Where records come from; iterating twice gives the same records."""

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Source]:
        """Instances for the law; files they need are written into `folder`."""
        ...

    def records(self) -> Iterator[Record]:
        """Give every record; what cannot be read goes into `skipped` with its reason."""
        ...

    @property
    def skipped(self) -> Sequence[tuple[str, str]]:
        """Items left out by the last pass over `records`, each with its reason."""
        ...


@runtime_checkable
class Step(Protocol):
    """One operation on waveforms: `step(whole)` equals `update` over any chunks followed by `flush`."""

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Step]:
        """Instances for the law."""
        ...

    def __call__(self, whole: Waveform) -> Waveform:
        """Run over a whole record, leaving no trace."""
        ...

    def update(self, chunk: Waveform) -> Waveform:
        """Take the next chunk, give what is ready (perhaps nothing)."""
        ...

    def flush(self) -> Waveform:
        """Give what was held back and forget all."""
        ...

    def reset(self) -> None:
        """Forget all."""
        ...

    def fresh(self) -> Step:
        """A copy with the same settings that has seen nothing."""
        ...

    def state(self) -> dict[str, Any]:
        """What must be kept to go on later."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        ...

    def parameters(self) -> dict[str, Any]:
        """Plain values from which the constructor makes the same step."""
        ...


@runtime_checkable
class Predictor(Protocol):
    """Anything that says a class or a value for each example: a bundle's network or a simple rival.

    `fit` tunes it on labelled examples (a bundle's network is tuned already and returns itself); `settings` and
    `from_settings` carry what was learnt as plain JSON values.
    """

    name: ClassVar[str]
    tasks: ClassVar[tuple[str, ...]]
    """Which of ``classify`` and ``regress`` it can do."""

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Predictor]:
        """Fitted instances for the law; files they need are written into `folder`."""
        ...

    def fit(self, train: Examples, dev: Examples) -> Self:
        """Learn from `train`, choose settings on `dev`, give a fitted predictor."""
        ...

    def predict(self, examples: Examples) -> Predictions:
        """Say something about each example, from its wave and context alone (never from ``y``)."""
        ...

    def settings(self) -> dict[str, Any]:
        """What was learnt, as JSON values."""
        ...

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The predictor that was learnt before."""
        ...


@runtime_checkable
class Metric(Protocol):
    """A number that says how good predictions are."""

    name: ClassVar[str]
    sentence: ClassVar[str]
    unit: ClassVar[str]
    task: ClassVar[str]
    """``classify`` or ``regress``."""
    better: ClassVar[str]
    """``higher`` or ``lower``."""
    best: ClassVar[float]
    """Its value for perfect predictions."""

    @classmethod
    def specimens(cls, folder: Path) -> Sequence[Metric]:
        """Instances for the law."""
        ...

    def __call__(self, predictions: Predictions) -> float:
        """Score a table of predictions; NaN where the score is not defined for it."""
        ...


@runtime_checkable
class Application(Protocol):
    """A use of the whole road with its own command."""

    name: ClassVar[str]
    sentence: ClassVar[str]


@cache
def members(door: str) -> Mapping[str, EntryPoint]:
    """Give the members of a door by name, without loading them.

    Raises:
        PluginError: there is no such door, or two packages registered different members under one name.
    """
    if door not in DOORS:
        raise PluginError(f"door {door!r}", "it does not exist", nearest(door, DOORS))
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=f"foreshock.{door}"):
        if point.name in found and found[point.name].value != point.value:
            raise PluginError(
                f"{point.name!r} of door {door!r} is {found[point.name].value} and {point.value}",
                "a name may be taken once",
                "uninstall one of the two packages",
            )
        found[point.name] = point
    return dict(sorted(found.items()))


def load(door: str, name: str) -> Any:
    """Import a member of a door: a class.

    Raises:
        PluginError: there is no such member, or it cannot be imported.
    """
    known = members(door)
    if name not in known:
        raise PluginError(f"{name!r} at door {door!r}", "no such member is installed", nearest(name, known))
    try:
        return known[name].load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"{name!r} at door {door!r}", f"it cannot be imported ({error})", "reinstall the package that brings it"
        ) from error


def describe_step(step: Step) -> dict[str, Any]:
    """Give the name and parameters of a step, from which `build_steps` makes it again."""
    where = f"{type(step).__module__}:{type(step).__qualname__}"
    named = [name for name, point in members("steps").items() if point.value == where]
    return {"step": named[0] if named else type(step).__qualname__, **step.parameters()}


def build_steps(described: Sequence[Mapping[str, Any]]) -> list[Step]:
    """Make steps from their names and parameters, as a bundle keeps them.

    Raises:
        PluginError: a step is unknown or its parameters are refused.
    """
    steps: list[Step] = []
    for item in described:
        name = str(item.get("step", ""))
        parameters = {key: value for key, value in item.items() if key != "step"}
        try:
            steps.append(load("steps", name)(**parameters))
        except (TypeError, ValueError) as error:
            raise PluginError(
                f"step {name!r} with {parameters}",
                f"its parameters are refused ({_why(error)})",
                "correct the settings",
            ) from error
    return steps


def _why(error: Exception) -> str:
    return f"{error.value}: {error.rule}" if isinstance(error, ForeshockError) else str(error)
