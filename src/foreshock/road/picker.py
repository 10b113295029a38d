"""Picker: from folders of recordings and the synthetic source to a bundle that picks, in one call.

Knows no layers and no file formats. Test data are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foreshock.bundle import Bundle, Onset, read_bundle, write_bundle
from foreshock.errors import NotFoundError
from foreshock.outputs import claimed_folder, write_json
from foreshock.predict.pick.network import NetworkPicker
from foreshock.road.repick import repicked
from foreshock.types.record import Record

if TYPE_CHECKING:
    from foreshock.train.picker.learn import LearnSettings

BUNDLE_NAME = "picker.bundle"
CHECKPOINT_NAME = "last.ckpt"
LOWEST_PEAK = 0.1
DEV_BATCHES = 6
FOLDERS = ("ncedc", "picks_misc", "gujarat", "luhu_continuous")

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
    "synthetic": {"source": "foreshock.collect.synthetic", "terms": "made by this package", "licence": "Apache-2.0"},
}

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """The folder, the bundle in it, and what the development records said about each phase."""

    out: Path
    bundle: Bundle
    onsets: Mapping[str, Onset]

    def sentence(self) -> str:
        """One sentence for people."""
        words = ", ".join(f"{phase} from {onset.threshold:g}" for phase, onset in self.onsets.items())
        return f"{self.out / BUNDLE_NAME}: picks {words} (heights of the best F1 on the development records)."


def train_picker(
    data: Path,
    *,
    out: Path,
    settings: LearnSettings | None = None,
    n_synthetic: int = 2400,
    without: Sequence[str] = (),
    repick: bool = True,
    resume: bool = False,
    tell: Tell = lambda _: None,
) -> Trained:
    """Train a picker on what lies in `data` and on synthetic events, calibrate it, and write the bundle to `out`.

    Arguments:
        data: a folder that holds some of ``ncedc``, ``picks_misc``, ``gujarat`` and ``luhu_continuous``.
        without: origins of ``picks_misc`` that are kept for trials.
        repick: learn P from ``gujarat``, too, where two pickers without learning agree (see `repick`).
        resume: go on from the checkpoint in `out`.

    Raises:
        NotFoundError: none of these folders is there.
        OutputError: `out` is in use or holds results.
        MissingExtraError: torch is not installed.
    """
    from foreshock.train.picker.learn import LearnSettings, learn
    from foreshock.train.picker.scenes import Scenes
    from foreshock.train.picker.shelf import stocked

    told = settings or LearnSettings()
    if not any((data / name).is_dir() for name in FOLDERS):
        raise NotFoundError(f"folder {data}", f"it holds none of {', '.join(FOLDERS)}", "name the folder of the data")
    with claimed_folder(out, resume=resume, keep=(CHECKPOINT_NAME,)) as folder:
        held = {
            split: stocked(
                data,
                split=split,
                seed=told.seed + 900 * k,
                n_synthetic=n,
                without=without,
                more=_repicked(data, split) if repick else (),
            )
            for k, (split, n) in enumerate((("train", n_synthetic), ("dev", max(8, n_synthetic // 20))))
        }
        counts = {name: len(items) for name, items in {**held["train"].events, **held["train"].empty}.items()}
        tell("learning from " + ", ".join(f"{n} × {name}" for name, n in counts.items()))
        scenes, other = Scenes(held["train"], seed=told.seed), Scenes(held["dev"], seed=told.seed + 77)
        dev = [other.batch(number) for number in range(DEV_BATCHES)]
        model, history = learn(
            scenes, dev, told, checkpoint=folder / CHECKPOINT_NAME, tell=lambda row: tell(_row_words(row))
        )
        facts = {
            "data": [{"name": name, **OWNERS[name]} for name in (*_there(data), "synthetic")],
            "split_sizes": {split: sum(map(len, shelf.events.values())) for split, shelf in held.items()},
            "settings": {"learn": told.model_dump(mode="json"), "scenes": scenes.settings.model_dump(mode="json")}
            | {"n_synthetic": n_synthetic, "without": list(without), "repick": repick, "origins": counts},
            "seed": told.seed,
            "history": history,
        }
        done = calibrated(model, data, training=facts, without=without)
        write_bundle(folder / BUNDLE_NAME, done)
        write_json(folder / "train.json", {"schema": "foreshock.train/1", **facts})
    bundle = read_bundle(out / BUNDLE_NAME)
    assert bundle.card.reach is not None
    return Trained(out, bundle, bundle.card.reach.onsets)


def calibrated(model: Any, data: Path, *, training: Mapping[str, Any], without: Sequence[str] = ()) -> Bundle:
    """Set thresholds, probabilities and spreads on development records and give the finished bundle."""
    from foreshock.train.picker.export import PHASES, onset_from, peaks_of, picker_bundle

    raw = Onset(threshold=LOWEST_PEAK)
    picker = NetworkPicker(picker_bundle(model, name="picker", onsets=dict.fromkeys(PHASES, raw)))
    records = dev_records(data, without=without)
    found = [picker.pick(record.waveform).picks for record in records]
    onsets = {}
    for phase in PHASES:
        said = [[(p.time_ns, p.probability, p.sigma_s) for p in picks if p.phase == phase] for picks in found]
        onsets[phase] = onset_from(peaks_of(said, records, phase))
    return picker_bundle(model, name="picker", onsets=onsets, training=training)


def dev_records(data: Path, *, without: Sequence[str] = ()) -> list[Record]:
    """Development records with exact or good picks, and some without any arrival."""
    from foreshock.train.picker.shelf import misc, ncedc, quiet_before_p

    records: list[Record] = []
    if (data / "ncedc").is_dir():
        records += ncedc(data / "ncedc", "dev")
    if (data / "picks_misc").is_dir():
        records += [record for record, _ in misc(data / "picks_misc", "dev", without=without)]
    if (data / "gujarat").is_dir():
        records += quiet_before_p(data / "gujarat", "dev")
    return records


def _repicked(data: Path, split: str) -> Iterator[tuple[Record, str]]:
    from foreshock.train.picker.shelf import catalogued

    if (data / "gujarat").is_dir():
        for record in repicked(catalogued(data / "gujarat", split)):
            yield record, "gujarat repicked"


def _there(data: Path) -> list[str]:
    return [name for name in FOLDERS if (data / name).is_dir()]


def _row_words(row: Mapping[str, float | int | None]) -> str:
    return ", ".join(f"{name} {value:.5g}" for name, value in row.items() if value is not None)
