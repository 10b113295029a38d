"""Source: from catalogued records and the synthetic source to a bundle that sizes and places, in one call.

Knows no layers and no file formats. Test data are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foreshock.bundle import Bundle, Margins, SourceDomain, read_bundle, write_bundle
from foreshock.errors import NotFoundError
from foreshock.outputs import claimed_folder, write_json
from foreshock.predict.source.network import SourceNetwork, spread_of, summary
from foreshock.predict.source.rivals import Seen, SourceRivals, fit_rivals
from foreshock.prepare.source_input import AFTER_S, SourceInput, source_input
from foreshock.prepare.source_keys import context_rows
from foreshock.road.recordings import is_dataset
from foreshock.road.repick import repicked
from foreshock.types.arrays import Float64

if TYPE_CHECKING:
    from foreshock.train.source.conformal import Said
    from foreshock.train.source.learn import LearnSettings
    from foreshock.train.source.shelf import Shelf

BUNDLE_NAME = "source.bundle"
CHECKPOINT_NAME = "last.ckpt"
FOLD_NAME = "without-{}.ckpt"
FOLDS = "folds"
"""Below the run's folder: networks that never saw one station each, as bundles."""
RIVALS = "source_rivals"
"""Under this name the card keeps what the rivals were told."""

FOLDERS = ("gujarat",)
"""Sets with magnitudes and distances that a folder of sets may hold."""

N_AXES = 8
INSIDE = 0.99
FOLD_PART = 0.5
"""Networks that never saw one station learn for this part of the steps; they are only there to set intervals."""

OWNERS: Mapping[str, Mapping[str, str]] = {
    "gujarat": {
        "source": "github.com/VedangW/GroundMotionClassifier c448b17",
        "terms": "waveforms and catalogue: ISR Gandhinagar; repository under MIT",
    },
    "synthetic": {"source": "foreshock.collect.synthetic", "terms": "made by this package", "licence": "Apache-2.0"},
}

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """The folder, the bundle in it, and what the development records said 30 s after P."""

    out: Path
    bundle: Bundle
    dev: Mapping[str, float]

    def sentence(self) -> str:
        """One sentence for people."""
        words = ", ".join(f"{name} {value:.3f}" for name, value in self.dev.items())
        return f"{self.out / BUNDLE_NAME}: {words} on the development records 30 s after P."


@dataclass(frozen=True, eq=False)
class Shelves:
    """What is learnt from and what intervals are set by."""

    train: Shelf
    dev: Shelf
    made: Shelf
    made_dev: Shelf

    @property
    def instruments(self) -> list[str]:
        """Those with a term of their own."""
        return sorted(set(map(str, self.train.instrument)))

    @property
    def stations(self) -> list[str]:
        """Their stations, ``NET.STA``."""
        return sorted({station_of(key) for key in self.instruments})


def station_of(key: str) -> str:
    """``NET.STA`` of an instrument's key.

    >>> station_of("SR.BAN.10 100")
    'SR.BAN'
    """
    return ".".join(key.split(".")[:2])


def train_source(
    data: Path,
    *,
    out: Path,
    settings: LearnSettings | None = None,
    n_synthetic: int = 3000,
    folds: bool = True,
    resume: bool = False,
    tell: Tell = lambda _: None,
) -> Trained:
    """Train a source estimator on a set with magnitudes and on synthetic events, calibrate it, write the bundle.

    Arguments:
        data: a data set with P, magnitude and distance, or a folder that holds ``gujarat``.
        folds: also train small networks that never saw one station each; they set the intervals of new instruments.
        resume: go on from the checkpoints in `out`.

    Raises:
        NotFoundError: there is no such set.
        NothingMatchedError: no record has P, magnitude and distance.
        OutputError: `out` is in use or holds results.
        MissingExtraError: torch is not installed.
    """
    from foreshock.train.source.learn import LearnSettings, learn
    from foreshock.train.source.scenes import Scenes

    told = settings or LearnSettings()
    sets = _sets(data)
    with claimed_folder(out, resume=resume, keep=(CHECKPOINT_NAME,)) as folder:
        shelves = stocked(sets, seed=told.seed, n_synthetic=n_synthetic)
        tell(f"learning from {len(shelves.train)} records and {len(shelves.made)} synthetic ones")
        scenes = Scenes(_both(shelves.train, shelves.made), shelves.instruments, seed=told.seed)
        dev = Scenes(shelves.dev, shelves.instruments, seed=told.seed + 77)
        model, history = learn(
            scenes, dev, told, checkpoint=folder / CHECKPOINT_NAME, tell=lambda row: tell(row_words(row))
        )
        strangers = _strangers(shelves, told, folder, tell) if folds else {}
        away = {station: one.said for station, one in strangers.items()}
        for station in strangers:
            write_fold(shelves, station, strangers, folder / FOLDS)
        rivals = tuned_rivals(shelves)
        facts = {
            "data": [
                {"name": path.name, "n_records": len(shelves.train) + len(shelves.dev), **OWNERS.get(path.name, {})}
                for path in sets
            ]
            + [{"name": "synthetic", "n_records": len(shelves.made), **OWNERS["synthetic"]}],
            "split_sizes": {"train": len(shelves.train), "dev": len(shelves.dev), "synthetic": len(shelves.made)},
            "settings": {"learn": told.model_dump(mode="json"), "scenes": scenes.settings.model_dump(mode="json")}
            | {"n_synthetic": n_synthetic, "folds": folds},
            "seed": told.seed,
            "history": history,
        }
        bundle, dev_scores = calibrated(model, shelves, strangers=away, training=facts, rivals=rivals)
        write_bundle(folder / BUNDLE_NAME, bundle)
        write_json(folder / "train.json", {"schema": "foreshock.train/1", "dev": dev_scores, **facts})
    return Trained(out, read_bundle(out / BUNDLE_NAME), dev_scores)


def stocked(sets: Sequence[Path], *, seed: int, n_synthetic: int) -> Shelves:
    """Read records, look for their P, and make synthetic ones."""
    from foreshock.train.source.shelf import catalogued, joined, shelved, synthetic

    held = {}
    for split in ("train", "dev"):
        parts = []
        for path in sets:
            records = list(catalogued(path, split))
            found = {r.truth.trace_id: r.truth.p_ns for r in repicked(records) if r.truth.p_ns is not None}
            parts.append(shelved(records, origin=path.name, picked=found))
        held[split] = joined(parts)
    made = [synthetic(n, seed=seed + 900 * k) for k, n in enumerate((n_synthetic, max(120, n_synthetic // 8)))]
    return Shelves(held["train"], held["dev"], made[0], made[1])


def _sets(data: Path) -> list[Path]:
    if is_dataset(data):
        return [data]
    sets = [data / name for name in FOLDERS if is_dataset(data / name)]
    if not sets:
        raise NotFoundError(
            f"data {data}", f"it is no data set and holds none of {', '.join(FOLDERS)}", "name a set with magnitudes"
        )
    return sets


def _both(real: Shelf, made: Shelf) -> Shelf:
    from foreshock.train.source.shelf import joined

    return joined([real, made])


# -- asking about shelves ------------------------------------------------------------------------------------------


def seen_at(shelf: Shelf, elapsed_s: float) -> SourceInput:
    """The input of a shelf's records at a time after P, P being where it was found by looking, else the record's."""
    from foreshock.train.source.shelf import frame_places

    places = [frame_places(float(by)) for by in np.nan_to_num(shelf.picked_s)]
    rows = np.stack([shelf.rows[k][:, at] for k, at in enumerate(places)])
    seen = np.stack([shelf.seen[k][at] for k, at in enumerate(places)])
    return source_input(rows, seen, shelf.bands, elapsed_s=elapsed_s)


def context_of(shelf: Shelf, given: SourceInput, instruments: Sequence[str], *, scale: str, elapsed_s: float) -> Any:
    """The facts beside it, the scale being known in one of the ways of `foreshock.types.source.SCALES`."""
    place = {key: k for k, key in enumerate(instruments)}
    codes = {"unknown": 0, "velocity": 1, "station": 2, "network": 2}
    return context_rows(
        level=given.level,
        scale=np.full(len(shelf), codes[scale]),
        bands=shelf.bands,
        elapsed_s=np.full(len(shelf), elapsed_s),
        place=np.array([place.get(str(key), -1) if scale == "station" else -1 for key in shelf.instrument]),
        n_instruments=len(instruments),
    )


def said_of(run: Callable[[Any, Any], Float64], shelf: Shelf, instruments: Sequence[str], *, scale: str) -> list[Said]:
    """A network's own numbers on a shelf at every declared time."""
    from foreshock.train.source.conformal import Said
    from foreshock.train.source.scenes import ELAPSED_S

    said = []
    for elapsed_s in ELAPSED_S:
        given = seen_at(shelf, elapsed_s)
        raw = run(given.x, context_of(shelf, given, instruments, scale=scale, elapsed_s=elapsed_s))
        said.append(Said(raw, shelf.magnitude, shelf.log_distance, shelf.back_azimuth_rad, shelf.event))
    return said


# -- networks that never saw a station -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Stranger:
    """A small network that never saw one station, and what it says of that station's development records."""

    model: Any
    said: list[Said]


def _strangers(shelves: Shelves, told: LearnSettings, folder: Path, tell: Tell) -> dict[str, Stranger]:
    """One for each station that has development records."""
    from foreshock.train.source.learn import asked

    out = {}
    for station in shelves.stations:
        rows = _of_station(shelves.dev, station)
        if not rows.any() or len(shelves.stations) < 2:
            continue
        model = _without(shelves, station, told, checkpoint=folder / FOLD_NAME.format(station), tell=tell)
        dev = shelves.dev.take(rows)
        out[station] = Stranger(model, said_of(asked(model), dev, shelves.instruments, scale="network"))
    return out


def _without(shelves: Shelves, station: str, told: LearnSettings, *, checkpoint: Path, tell: Tell) -> Any:
    """A small network that never saw a station, trained or taken from its checkpoint."""
    from foreshock.train.source.learn import learn
    from foreshock.train.source.scenes import Scenes

    small = told.model_copy(update={"members": 1, "steps": max(1, round(FOLD_PART * told.steps))})
    rest = shelves.train.take(~_of_station(shelves.train, station))
    scenes = Scenes(_both(rest, shelves.made), shelves.instruments, seed=told.seed + 5)
    return learn(scenes, None, small, checkpoint=checkpoint, tell=lambda row: tell(f"{station}: {row_words(row)}"))[0]


def write_fold(shelves: Shelves, station: str, strangers: Mapping[str, Stranger], folder: Path) -> Path:
    """Write the network that never saw a station as a bundle, its intervals set by the other such networks."""
    from foreshock.train.source.conformal import margins_from
    from foreshock.train.source.export import source_bundle

    train, dev = (shelf.take(~_of_station(shelf, station)) for shelf in (shelves.train, shelves.dev))
    rest = Shelves(train, dev, shelves.made, shelves.made_dev)
    others = _merged([one.said for name, one in strangers.items() if name != station])
    name = f"source-without-{station}"
    bundle = source_bundle(
        strangers[station].model,
        name=name,
        instruments=shelves.instruments,
        margins={"network": margins_from(others)} if others else None,
        domain=domain_of(rest),
    )
    rivals = tuned_rivals(rest, times_s=(AFTER_S,))
    card = bundle.card.model_copy(update={"rivals": {RIVALS: rivals.model_dump(mode="json")}})
    folder.mkdir(exist_ok=True)
    path = folder / f"{station}.bundle"
    write_bundle(path, replace(bundle, card=card))
    return path


def _of_station(shelf: Shelf, station: str) -> Any:
    return np.array([station_of(str(key)) == station for key in shelf.instrument])


# -- calibration ---------------------------------------------------------------------------------------------------


def calibrated(
    model: Any,
    shelves: Shelves,
    *,
    strangers: Mapping[str, list[Said]],
    training: Mapping[str, Any],
    rivals: SourceRivals,
) -> tuple[Bundle, dict[str, float]]:
    """Set intervals and the edge of the domain on development records; give the bundle and its scores there."""
    from foreshock.train.source.conformal import margins_from
    from foreshock.train.source.export import source_bundle

    raw = SourceNetwork(source_bundle(model, name="source", instruments=shelves.instruments))
    ways = {
        "station": said_of(raw.raw, shelves.dev, shelves.instruments, scale="station"),
        "network": _merged(list(strangers.values()))
        or said_of(raw.raw, shelves.dev, shelves.instruments, scale="network"),
        "velocity": said_of(raw.raw, shelves.made_dev, shelves.instruments, scale="velocity"),
        "unknown": said_of(raw.raw, _both(shelves.dev, shelves.made_dev), shelves.instruments, scale="unknown"),
    }
    margins: dict[str, Margins] = {way: margins_from(said) for way, said in ways.items()}
    scores = _dev_scores(ways["station"][-1])
    bundle = source_bundle(
        model,
        name="source",
        instruments=shelves.instruments,
        margins=margins,
        domain=domain_of(shelves),
        training=training,
        metrics={name: {"value": value, "n": len(shelves.dev), "split": "dev"} for name, value in scores.items()},
    )
    card = bundle.card.model_copy(update={"rivals": {RIVALS: rivals.model_dump(mode="json")}})
    return replace(bundle, card=card), scores


def _merged(folds: Sequence[list[Said]]) -> list[Said]:
    from foreshock.train.source.conformal import Said

    merged = []
    for parts in zip(*folds, strict=True):
        names = Said.__dataclass_fields__
        merged.append(Said(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}))
    return merged


def _dev_scores(said: Said) -> dict[str, float]:
    apart = np.abs(10 ** (said.raw[:, 7] - said.log_distance) - 1)
    return {
        "magnitude_mae": float(np.abs(said.raw[:, 2] - said.magnitude).mean()),
        "distance_median_relative_error": float(np.median(apart)),
    }


def domain_of(shelves: Shelves) -> SourceDomain:
    """Where the training records lie, with the edge where `INSIDE` of the development records still lie within."""
    from foreshock.train.source.conformal import principal_axes
    from foreshock.train.source.scenes import ELAPSED_S

    learnt, held_out = _both(shelves.train, shelves.made), _both(shelves.dev, shelves.made_dev)
    values = np.concatenate([summary(seen_at(learnt, t).x) for t in (ELAPSED_S[0], ELAPSED_S[4], ELAPSED_S[-1])])
    mean, axes, spread, rest = principal_axes(values, n_axes=N_AXES)
    limits = []
    for elapsed_s in ELAPSED_S:
        away = summary(seen_at(held_out, elapsed_s).x) - mean
        limits.append(float(np.quantile(spread_of(away, axes, spread, rest), INSIDE)))
    return SourceDomain(
        mean=tuple(map(float, mean)),
        axes=tuple(tuple(map(float, axis)) for axis in axes),
        spread=tuple(map(float, spread)),
        rest=rest,
        limits=tuple(limits),
        counts=_levels(shelves.train, (ELAPSED_S[0], ELAPSED_S[-1])),
        velocities=_levels(shelves.made, (ELAPSED_S[0], ELAPSED_S[-1])),
    )


def _levels(shelf: Shelf, times_s: Sequence[float]) -> tuple[float, float]:
    """Smallest and largest log10 level, a few strange records aside."""
    levels = np.concatenate([seen_at(shelf, t).level for t in times_s])
    low, high = np.nanquantile(levels, [0.001, 0.999])
    return float(low), float(high)


def tuned_rivals(shelves: Shelves, *, times_s: Sequence[float] | None = None) -> SourceRivals:
    """The rivals, tuned on the same records; at all declared times unless told otherwise."""
    from foreshock.train.source.scenes import ELAPSED_S

    times = ELAPSED_S if times_s is None else tuple(times_s)
    train, dev = (
        [Seen(seen_at(shelf, elapsed_s), shelf.instrument) for elapsed_s in times]
        for shelf in (shelves.train, shelves.dev)
    )
    return fit_rivals(
        times,
        train,
        dev,
        distances=(10**shelves.train.log_distance, 10**shelves.dev.log_distance),
        magnitudes=(shelves.train.magnitude, shelves.dev.magnitude),
    )


def row_words(row: Mapping[str, float | int | None]) -> str:
    """A row of the history as text."""
    return ", ".join(f"{name} {value:.5g}" for name, value in row.items() if value is not None)
