"""Picker labels: arrivals for records whose own are only calculated, in rounds. Knows no thresholds and no files.

P come from two pickers without learning that agree, S from a first network that has heard all the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from foreshock.bundle import Onset
from foreshock.predict.pick.network import NetworkPicker
from foreshock.road.picker_stock import Labels, Wish, folders_of, shelf_of
from foreshock.road.repick import SURE_S, repicked, with_s

if TYPE_CHECKING:
    from foreshock.train.picker.learn import LearnSettings

SCOUT_NAME = "scout.ckpt"
ORIGIN = "gujarat repicked"

Tell = Callable[[str], None]


def labelled_anew(data: Path, wish: Wish, told: LearnSettings, folder: Path, tell: Tell) -> Labels:
    """Records of ``gujarat`` with arrivals that were not calculated, by split: P, then S that a first network finds."""
    if not wish.repick or "gujarat" not in folders_of(data, wish):
        return {}
    from foreshock.train.picker.shelf import catalogued

    splits = tuple(dict.fromkeys((*wish.splits, wish.dev)))
    known = {split: list(repicked(catalogued(data / "gujarat", split))) for split in splits}
    if wish.scout_steps:
        p_only = {split: [(record, ORIGIN) for record in records] for split, records in known.items()}
        scout = _scout(data, wish, told, p_only, folder=folder, tell=tell)
        known = {
            split: with_s(catalogued(data / "gujarat", split), scout, known=records) for split, records in known.items()
        }
        n_s = sum(record.truth.s_ns is not None for records in known.values() for record in records)
        tell(f"the first network finds {n_s} S on {sum(map(len, known.values()))} records of gujarat")
    return {split: [(record, ORIGIN) for record in records] for split, records in known.items()}


def _scout(data: Path, wish: Wish, told: LearnSettings, labels: Labels, *, folder: Path, tell: Tell) -> NetworkPicker:
    """A first network of usual size, which hears what the one that is kept will hear, but for these S."""
    from foreshock.models.picker import CORNERS
    from foreshock.train.picker.export import PHASES, picker_bundle
    from foreshock.train.picker.learn import LearnSettings, learn
    from foreshock.train.picker.scenes import Scenes, SceneSettings

    shelf = shelf_of(data, wish, labels, seed=told.seed, dev=False)
    settings = LearnSettings(seed=told.seed, steps=wish.scout_steps, bf16=told.bf16)
    model, _ = learn(
        Scenes(shelf, SceneSettings(corners=CORNERS), seed=told.seed + 13),
        [],
        settings,
        checkpoint=folder / SCOUT_NAME,
        tell=lambda row: tell("first network: " + row_words(row)),
    )
    onsets = dict.fromkeys(PHASES, Onset(threshold=SURE_S))
    return NetworkPicker(picker_bundle(model, name="scout", onsets=onsets))


def row_words(row: Mapping[str, float | int | None]) -> str:
    """A row of a training's history for people."""
    return ", ".join(f"{name} {value:.5g}" for name, value in row.items() if value is not None)
