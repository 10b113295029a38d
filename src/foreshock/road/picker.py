"""Picker: from folders of recordings and the synthetic source to a bundle that picks, in one call.

Knows no layers and no file formats. Test data are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foreshock.bundle import Bundle, Measured, Onset, read_bundle, write_bundle
from foreshock.clock import NS_PER_S
from foreshock.errors import NotFoundError
from foreshock.outputs import claimed_folder, write_json
from foreshock.predict.pick.network import ALONE_S, NetworkPicker, follows
from foreshock.road.picker_labels import SCOUT_NAME, Tell, labelled_anew, row_words
from foreshock.road.picker_stock import (
    FOLDERS,
    OWNERS,
    Wish,
    as_plain,
    dev_quiet,
    dev_records,
    folders_of,
    held_by,
    shelf_of,
)
from foreshock.road.pickers import Picker
from foreshock.types.arrays import Float64
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

if TYPE_CHECKING:
    from foreshock.train.picker.export import Peaks
    from foreshock.train.picker.learn import LearnSettings
    from foreshock.train.picker.scenes import Batch, SceneSettings
    from foreshock.train.picker.shelf import Shelf

BUNDLE_NAME = "picker.bundle"
CHECKPOINT_NAME = "last.ckpt"
LOWEST_PEAK = 0.1
DEV_BATCHES = 6
MOST_P_PER_HOUR, MOST_S_PER_HOUR, MOST_ALONE_PER_HOUR = 3.0, 1.5, 0.5
"""Thresholds let through so many P, S that follow a P, and other S, in an hour of development recordings without known
earthquakes. Mass movements, which are no easy silence, are among these."""
N_DESCRIBED, DESCRIBED_SEED = 240, 31_000


@dataclass(frozen=True, slots=True)
class Trained:
    """The folder, the bundle in it, and what the development records said about each phase."""

    out: Path
    bundle: Bundle
    onsets: Mapping[str, Onset]

    def sentence(self) -> str:
        """One sentence for people."""
        words = ", ".join(f"{phase} from {onset.threshold:g}" for phase, onset in self.onsets.items())
        path = self.out / f"{self.bundle.card.name}.bundle"
        return f"{path}: picks {words}, as development records have it."


@dataclass(frozen=True)
class Making:
    """What kind of picker is made.

    Attributes:
        name: of the bundle. build: makes the network that learns; None for the usual one.
        corners: of the bands it sees (see `prepare.bands`).
        bundle: puts a trained network together with `name`, `onsets` and `training`. picker: picks with a bundle.
        settled: picks with the second answers of a network that answers twice; None for one that answers once.
    """

    name: str
    build: Callable[[], Any] | None
    bundle: Callable[..., Bundle]
    picker: Callable[[Bundle], Picker]
    corners: tuple[float, ...]
    settled: Callable[[Bundle], Picker] | None = None


def whole_recordings() -> Making:
    """The picker that looks at both sides of an onset."""
    from foreshock.models.picker import CORNERS
    from foreshock.train.picker.export import picker_bundle

    return Making("picker", None, picker_bundle, NetworkPicker, CORNERS)


def train_picker(
    data: Path,
    *,
    out: Path,
    settings: LearnSettings | None = None,
    wish: Wish | None = None,
    making: Making | None = None,
    resume: bool = False,
    tell: Tell = lambda _: None,
) -> Trained:
    """Train a picker on what lies in `data` and on synthetic events, calibrate it, and write the bundle to `out`.

    Arguments:
        data: a folder that holds some of ``ncedc``, ``picks_misc``, ``gujarat``, ``luhu_continuous`` and ``esec``.
        making: another kind of picker.
        resume: go on from the checkpoint in `out`.

    Raises:
        NotFoundError: none of these folders is there.
        OutputError: `out` is in use or holds results.
        MissingExtraError: torch is not installed.
    """
    from foreshock.train.picker.learn import LearnSettings, learn
    from foreshock.train.picker.scenes import Scenes, SceneSettings

    told, wished = settings or LearnSettings(), wish or Wish()
    kind, there = making or whole_recordings(), folders_of(data, wished)
    if not there:
        raise NotFoundError(f"folder {data}", f"it holds none of {', '.join(FOLDERS)}", "name the folder of the data")
    with claimed_folder(out, resume=resume, keep=(CHECKPOINT_NAME, SCOUT_NAME)) as folder:
        labels = labelled_anew(data, wished, told, folder, tell)
        train, dev = (shelf_of(data, wished, labels, seed=told.seed, dev=is_dev) for is_dev in (False, True))
        counts = {name: len(items) for name, items in {**train.events, **train.empty}.items()}
        tell("learning from " + ", ".join(f"{n} × {name}" for name, n in counts.items()))
        drawn = SceneSettings(corners=kind.corners)
        scenes = Scenes(train, drawn, seed=told.seed)
        model, history = learn(
            scenes,
            _dev_batches(dev, drawn, seed=told.seed),
            told,
            checkpoint=folder / CHECKPOINT_NAME,
            build=kind.build,
            tell=lambda row: tell(row_words(row)),
        )
        facts = {
            "data": [{"name": name, **OWNERS[name]} for name in (*there, "synthetic")],
            "split_sizes": {"train": sum(map(len, train.events.values())), "dev": sum(map(len, dev.events.values()))},
            "settings": {"learn": told.model_dump(mode="json"), "scenes": scenes.settings.model_dump(mode="json")}
            | {"wish": as_plain(wished), "origins": counts},
            "seed": told.seed,
            "history": history,
        }
        done = calibrated(model, data, wish=wished, training=facts, making=kind)
        write_bundle(folder / f"{kind.name}.bundle", done)
        write_json(folder / "train.json", {"schema": "foreshock.train/1", **facts})
    bundle = read_bundle(out / f"{kind.name}.bundle")
    assert bundle.card.reach is not None
    return Trained(out, bundle, bundle.card.reach.onsets)


def calibrated(
    model: Any, data: Path, *, wish: Wish, training: Mapping[str, Any], making: Making | None = None
) -> Bundle:
    """Set thresholds, probabilities and spreads on development records and give the finished bundle."""
    from foreshock.train.picker.export import PHASES, calibration_error, domain_from

    kind = making or whole_recordings()
    raw = dict.fromkeys(PHASES, Onset(threshold=LOWEST_PEAK))
    asked = {"onsets": raw} if kind.settled is None else {"onsets": raw, "later_onsets": raw}
    picker = kind.picker(kind.bundle(model, name=kind.name, **asked))
    told: dict[str, Any] = {"onsets": _onsets(picker, data, wish), "training": training}
    if kind.settled is not None:
        settled = kind.settled(kind.bundle(model, name=kind.name, onsets=told["onsets"], later_onsets=raw))
        told["later_onsets"] = _onsets(settled, data, wish)
    told["metrics"] = {
        f"ece_{phase}{words}": Measured(
            value=calibration_error(onset.reliability), n=sum(one.n for one in onset.reliability)
        )
        for key, words in (("onsets", ""), ("later_onsets", "_settled"))
        for phase, onset in told.get(key, {}).items()
    }
    if isinstance(picker, NetworkPicker):
        told["domain"] = domain_from(np.array(list(_learnt(picker, data, wish))))
    return kind.bundle(model, name=kind.name, **told)


def _onsets(picker: Picker, data: Path, wish: Wish) -> dict[str, Onset]:
    """How P and S are read off the curves, by what the picker says of development records and of silence."""
    from foreshock.train.picker.export import Quiet, onset_from, peaks_of, quiet_threshold

    records, quiet = dev_records(data, wish), dev_quiet(data, wish)
    hours = sum(wave.span_s for wave in quiet) / 3600
    found, heard = ([picker.pick(wave).picks for wave in waves] for waves in ([r.waveform for r in records], quiet))

    def silence(picks: Iterable[Pick]) -> Quiet:
        return Quiet(np.array([pick.probability for pick in picks]), hours)

    def peaks(phase: str) -> Peaks:
        said = [[(p.time_ns, p.probability, p.sigma_s) for p in picks if p.phase == phase] for picks in found]
        return peaks_of(said, records, phase)

    p_heard = silence(pick for picks in heard for pick in picks if pick.phase == "P")
    p = onset_from(peaks("P"), p_heard, most_per_hour=MOST_P_PER_HOUR)
    if not isinstance(picker, NetworkPicker):  # a stream's S is told before anybody knows whether it has company
        s_heard = silence(pick for picks in heard for pick in picks if pick.phase == "S")
        return {"P": p, "S": onset_from(peaks("S"), s_heard, most_per_hour=MOST_S_PER_HOUR + MOST_ALONE_PER_HOUR)}
    both = [_with_and_without_p(picks, p.threshold) for picks in heard]
    with_p, alone = (silence(pick for parts in both for pick in parts[k]) for k in (0, 1))
    s = onset_from(peaks("S"), with_p, most_per_hour=MOST_S_PER_HOUR)
    higher = max(s.threshold, quiet_threshold(alone, MOST_ALONE_PER_HOUR))
    rate = with_p.per_hour(s.threshold) + alone.per_hour(higher)
    return {"P": p, "S": s.model_copy(update={"alone_threshold": higher, "false_per_hour": rate})}


def _with_and_without_p(picks: Sequence[Pick], p_threshold: float) -> tuple[list[Pick], list[Pick]]:
    """The S that follow a P, and those that do not."""
    p_ns = np.array([pick.time_ns for pick in picks if pick.phase == "P" and pick.probability >= p_threshold])
    parts: tuple[list[Pick], list[Pick]] = ([], [])
    for pick in picks:
        if pick.phase == "S":
            parts[not follows(pick.time_ns, p_ns, within=ALONE_S * NS_PER_S)].append(pick)
    return parts


def _learnt(picker: NetworkPicker, data: Path, wish: Wish) -> Iterator[Float64]:
    """Descriptions of the arrivals that were learnt from: of records, and of some synthetic events."""
    from foreshock.train.picker.shelf import RATE_HZ, labelled, synthetic

    held, folders = held_by(wish), folders_of(data, wish)
    for split in wish.splits:
        for record, origin in labelled(data, split, folders=folders):
            if not held.keeps(record.truth, origin):
                known = (record.truth.p_ns, record.truth.s_ns)
                yield from picker.descriptions(record.waveform, [time_ns for time_ns in known if time_ns is not None])
    for item in synthetic(N_DESCRIBED, seed=DESCRIBED_SEED):
        wave = Waveform(item.x, RATE_HZ, 0, "SY.D.", valid=item.valid)
        known_s = (at / RATE_HZ for at in (item.p, item.s) if np.isfinite(at))
        yield from picker.descriptions(wave, [round(at_s * NS_PER_S) for at_s in known_s])


def _dev_batches(shelf: Shelf, drawn: SceneSettings, *, seed: int) -> list[Batch]:
    from foreshock.train.picker.scenes import Scenes

    scenes = Scenes(shelf, drawn, seed=seed + 77)
    return [scenes.batch(number) for number in range(DEV_BATCHES)]
