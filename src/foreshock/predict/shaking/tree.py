"""A logic tree: several ground-motion models with weights that stay in sight. Knows no source and no places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from foreshock.errors import InputError
from foreshock.predict.shaking.abrahamson_2014 import Abrahamson2014
from foreshock.predict.shaking.boore_2014 import Boore2014
from foreshock.predict.shaking.campbell_bozorgnia_2014 import CampbellBozorgnia2014
from foreshock.predict.shaking.chiou_youngs_2014 import ChiouYoungs2014
from foreshock.predict.shaking.model import GroundMotionModel


@dataclass(frozen=True, slots=True)
class LogicTree:
    """Branches: models and how much each is believed.

    Raises:
        InputError: there is no branch, weights are not as many, negative or do not sum to 1, or a name comes twice.

    >>> print(LogicTree((Boore2014("japan"), ChiouYoungs2014("japan")), (0.25, 0.75)))
    1/4 boore_2014(japan), 0.75 chiou_youngs_2014(japan)
    """

    models: tuple[GroundMotionModel, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        total = float(np.sum(self.weights))
        fits = len(self.models) == len(self.weights) > 0
        if not (fits and min(self.weights) > 0 and abs(total - 1) < 1e-9):
            raise InputError(
                f"weights are {self.weights} for {len(self.models)} models",
                "each model needs one, above 0, and they sum to 1",
                "correct the weights",
            )
        names = [model.name for model in self.models]
        if len(set(names)) < len(names):
            raise InputError(f"models are {', '.join(names)}", "each may stand once", "add up its weights")

    def __iter__(self) -> Iterator[tuple[GroundMotionModel, float]]:
        return iter(zip(self.models, self.weights, strict=True))

    def __str__(self) -> str:
        return ", ".join(f"{_share(weight)} {model.name}" for model, weight in self)


def single(model: GroundMotionModel) -> LogicTree:
    """A tree of one branch."""
    return LogicTree((model,), (1.0,))


def active_crust(region: str = "global", *, weights: Sequence[float] = (0.25, 0.25, 0.25, 0.25)) -> LogicTree:
    """Give the tree of Abrahamson et al., Boore et al., Campbell & Bozorgnia and Chiou & Youngs (all 2014).

    Equal weights are a convention, not a finding.
    """
    makers = (Abrahamson2014, Boore2014, CampbellBozorgnia2014, ChiouYoungs2014)
    return LogicTree(tuple(make(region) for make in makers), tuple(weights))


def _share(weight: float) -> str:
    parts = round(1 / weight)
    return f"1/{parts}" if parts > 1 and abs(parts * weight - 1) < 1e-9 else f"{weight:g}"
