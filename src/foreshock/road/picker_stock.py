"""Picker stock: which recordings a picker learns from, and which set its thresholds. Knows no networks.

Nothing here imports torch, nor what needs it, before it is asked to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from foreshock.types.record import Record
from foreshock.types.waveform import Waveform

if TYPE_CHECKING:
    from foreshock.train.picker.shelf import Held, Shelf

Labels: TypeAlias = Mapping[str, Sequence[tuple[Record, str]]]
"""More records of a split, each with its origin."""

OWNERS: Mapping[str, Mapping[str, str]] = {
    "ncedc": {
        "source": "github.com/AI4EPS/PhaseNet 62005c6",
        "terms": "waveforms and picks: NCEDC and its networks NC, BG (doi:10.7932/NCEDC); repository under MIT",
    },
    "picks_misc": {
        "source": "EQcorrscan, SeisSrcMoment, swspy, GISMO, sourcespec_testruns, obspy/examples, turkanispak",
        "terms": "examples of several projects; some repositories show no licence: see each owner",
    },
    "gujarat": {
        "source": "github.com/VedangW/GroundMotionClassifier c448b17",
        "terms": "waveforms: ISR Gandhinagar; noise before P, P where two pickers agree; repository under MIT",
    },
    "luhu_continuous": {
        "source": "github.com/tso1257771/RockNet 4195a07",
        "terms": "2020-03-28 12:50-13:30Z as noise only; repository under MIT",
    },
    "esec": {
        "source": "github.com/Akashkharita/PNW_Seismic_Event_Classification f952edf",
        "terms": "mass movements as noise only; catalogue doi:10.5066/P90VGCSK; repository under MIT",
    },
    "synthetic": {"source": "foreshock.collect.synthetic", "terms": "made by this package", "licence": "Apache-2.0"},
}

FOLDERS = tuple(name for name in OWNERS if name != "synthetic")


@dataclass(frozen=True)
class Wish:
    """What is trained, and on what.

    Attributes:
        splits: of the data sets, learnt from; those of `dev` set the thresholds.
        origins, events: left out of learning and of setting thresholds, for trials.
        leave_out: folders that are not read at all.
        repick: learn P from ``gujarat``, too, where two pickers without learning agree (see `repick`).
        scout_steps: of a first network that finds S on ``gujarat`` for the one that is kept; 0: nobody
            does, since that made nothing better (see `docs/log.md`).
    """

    n_synthetic: int = 2400
    splits: tuple[str, ...] = ("train",)
    dev: str = "dev"
    origins: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    repick: bool = True
    scout_steps: int = 0


def shelf_of(data: Path, wish: Wish, labels: Labels, *, seed: int, dev: bool) -> Shelf:
    """What is learnt from, or a smaller lot of the same kind to watch the learning."""
    from foreshock.train.picker.shelf import stocked

    splits, folders = (wish.dev,) if dev else wish.splits, folders_of(data, wish)
    return stocked(
        data,
        splits=splits,
        seed=seed + 900 * dev,
        n_synthetic=max(8, wish.n_synthetic // 20) if dev else wish.n_synthetic,
        held=held_by(wish),
        folders=folders,
        more={split: labels[split] for split in splits if split in labels},
    )


def held_by(wish: Wish) -> Held:
    """What a wish keeps from learning."""
    from foreshock.train.picker.shelf import Held

    return Held(frozenset(wish.origins), frozenset(wish.events))


def folders_of(data: Path, wish: Wish) -> tuple[str, ...]:
    """The sets that are there and wanted."""
    return tuple(name for name in FOLDERS if name not in wish.leave_out and (data / name).is_dir())


def dev_records(data: Path, wish: Wish) -> list[Record]:
    """Development records with exact or good picks."""
    from foreshock.train.picker.shelf import labelled

    held = held_by(wish)
    known = labelled(data, wish.dev, folders=folders_of(data, wish))
    return [record for record, origin in known if not held.keeps(record.truth, origin)]


def dev_quiet(data: Path, wish: Wish) -> list[Waveform]:
    """Development recordings without any catalogued arrival: before P, and mass movements."""
    from foreshock.train.picker.shelf import movements, quiet_before_p

    folders, waves = folders_of(data, wish), []
    if "gujarat" in folders:
        waves += [record.waveform for record in quiet_before_p(data / "gujarat", wish.dev)]
    if "esec" in folders:
        waves += movements(data / "esec", wish.dev)
    return waves


def as_plain(wish: Wish) -> dict[str, Any]:
    """A wish as plain values; of the events left out their number."""
    told = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(wish).items()}
    return {**told, "events": len(wish.events)}
