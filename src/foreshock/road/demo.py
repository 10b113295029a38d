"""Demo: the whole road in one walk, without a network, ending on a real recording. Knows no command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foreshock.bundle import Bundle
from foreshock.clock import NS_PER_S, monotonic_ns
from foreshock.collect.example import example_waveform
from foreshock.collect.synthetic import demo_records
from foreshock.evaluate.report import Report, write_report
from foreshock.evaluate.scores import Scores, score_all
from foreshock.plugins import Predictor
from foreshock.predict.runtime import BundlePredictor
from foreshock.prepare.labels import examples_from
from foreshock.prepare.preparation import Preparation
from foreshock.road.assessment import history_of, versions
from foreshock.road.experiment import Experiment, Plan, check_can_train, run_experiment, tune_rivals
from foreshock.road.problems import CLASSIFY, DETECT
from foreshock.road.real_record import RealRecord, look_at, picture
from foreshock.train.recipes import recipe
from foreshock.train.settings import TrainSettings
from foreshock.types.examples import Examples
from foreshock.types.predictions import Predictions
from foreshock.types.record import Record

Tell = Callable[[str], None]

SIZES = {"train": 1800, "dev": 400, "test": 600}
NETWORKS = ("cnn", "lstm")
RIVAL = "sta_lta"
LIMITS = (
    "The records are synthetic: simpler than the Earth. The scores show that the road works, not how well these "
    "networks would do on your stations.",
    "The networks see 30 s at 10 Hz, so that two cores train them in minutes; a picker for daily use sees 100 Hz.",
    "One real recording is shown to be looked at. It is one recording: nothing is concluded from it.",
)


@dataclass(frozen=True, eq=False)
class Demo:
    """What the walk gave."""

    scores: Mapping[str, Scores]
    real: RealRecord
    seconds: float
    notes: tuple[str, ...] = field(default=())

    def metrics(self) -> dict[str, Any]:
        """Accuracy, macro F1 and calibration error of each, with intervals: `metrics.json`."""
        return {
            name: {metric: _plain(scores.ours[metric]) for metric in ("accuracy", "macro_f1", "ece")}
            for name, scores in self.scores.items()
        }

    def as_json(self) -> dict[str, Any]:
        """The object of ``--json``."""
        first = next(iter(self.scores.values()))
        return {
            "schema": "foreshock.demo/1",
            "n": first.n,
            "n_events": first.n_events,
            "metrics": self.metrics(),
            "real_record": self.real.as_json(),
            "seconds": round(self.seconds, 1),
        }

    def lines(self) -> Iterator[str]:
        """What a person reads at the end."""
        first = next(iter(self.scores.values()))
        yield f"{first.n} test windows of {first.n_events} events that no model has seen, 95 % intervals over events:"
        for name, told in self.metrics().items():
            text = ", ".join(f"{k} {v['value']:.3f} [{v['low']:.3f}, {v['high']:.3f}]" for k, v in told.items())
            yield f"  {name:6} {text}"
        yield f"real recording {self.real.sentence()}"
        yield f"the walk took {self.seconds:.0f} s"


def _plain(score: Any) -> dict[str, float]:
    return {"value": score.value, "low": score.low, "high": score.high}


def demo_preparation(*, full_rate: bool) -> Preparation:
    """How the demo's windows are made: 30 s, three components, at 10 Hz or at 100 Hz."""
    rate_hz = 100.0 if full_rate else 10.0
    return Preparation(
        rate_hz=rate_hz,
        window_samples=round(30 * rate_hz),
        steps=({"step": "highpass", "low_hz": 0.5},),
        normalise="std",
        warm_up_s=0.0,
        max_masked=0.95,
    )


def run_demo(
    folder: Path, *, seed: int = 0, epochs: int = 12, full_rate: bool = False, resume: bool = False, tell: Tell
) -> Demo:
    """Make a set, train both networks and the rival, score them, look at a real recording, write the report."""
    check_can_train()
    began = monotonic_ns()
    preparation = demo_preparation(full_rate=full_rate)
    tell("1/5 collect and prepare: synthetic records of events, stations and noise that differ between the splits")
    examples = {split: _examples(split, n, preparation, seed) for split, n in SIZES.items()}
    for split, one in examples.items():
        tell(f"    {split}: {len(one)} windows of {one.table['event_id'].nunique()} events and noise records")
    tell("2/5 the rival: STA/LTA with a band, two lengths and a threshold chosen on the same records")
    rivals, warnings = tune_rivals((RIVAL,), examples["train"], examples["dev"])
    done = {}
    for k, name in enumerate(NETWORKS):
        tell(f"{3 + k}/5 train: {name}" + (_estimate(name, examples["train"], epochs) if full_rate else ""))
        done[name] = _train(name, examples, preparation, folder, seed=seed, epochs=epochs, resume=resume)
    tell("5/5 predict and evaluate: test records, then the real recording that ships with ObsPy")
    said = {name: BundlePredictor(one.bundle).predict(examples["test"]) for name, one in done.items()}
    said["rival"] = rivals[RIVAL].predict(examples["test"])
    scores = {name: _scores(name, said, seed) for name in said}
    real = look_at(example_waveform(), done["cnn"].bundle)
    demo = Demo(scores, real, (monotonic_ns() - began) / NS_PER_S, tuple(warnings))
    _report(folder, demo, said, done, rivals, preparation, seed)
    return demo


def _examples(split: Any, n: int, preparation: Preparation, seed: int) -> Examples:
    records: Iterator[Record] = demo_records(split, seed=seed, n=n, rate_hz=preparation.rate_hz)
    examples, _ = examples_from(records, preparation, task="classify", classes=DETECT.classes, seed=seed)
    return examples


def _estimate(name: str, train: Examples, epochs: int) -> str:
    from foreshock.train.estimate import estimate_s

    seconds = estimate_s(train, TrainSettings(model=name, epochs=epochs))
    return f", at 100 Hz: about {max(1.0, seconds / 60):.0f} minutes on this machine"


def _train(
    name: str,
    examples: Mapping[str, Examples],
    preparation: Preparation,
    folder: Path,
    *,
    seed: int,
    epochs: int,
    resume: bool,
) -> Experiment:
    plan = Plan(
        CLASSIFY,
        preparation.model_dump(mode="json"),
        {"model": name, "epochs": epochs, "seed": seed, "tensorboard": False, "augmentation": _augmentation()},
        data=[{"name": "foreshock demo (synthetic)", "n_records": sum(SIZES.values()), "licence": "Apache-2.0"}],
        name=f"demo-{name}",
        licence="Apache-2.0",
    )
    place = folder / name
    place.mkdir(exist_ok=True)
    return run_experiment(examples["train"], examples["dev"], plan, folder=place, resume=resume)


def _augmentation() -> dict[str, Any]:
    return recipe("detect").settings.augmentation.model_dump(mode="json")


def _scores(name: str, said: Mapping[str, Predictions], seed: int) -> Scores:
    others = {other: one for other, one in said.items() if other != name}
    return score_all(said[name], others, seed=seed, versions=versions())


def _report(
    folder: Path,
    demo: Demo,
    said: Mapping[str, Predictions],
    done: Mapping[str, Experiment],
    rivals: Mapping[str, Predictor],
    preparation: Preparation,
    seed: int,
) -> None:
    cards: dict[str, Bundle] = {name: one.bundle for name, one in done.items()}
    settings = {"lstm": dict(cards["lstm"].card.training.settings), "rival": rivals[RIVAL].settings()}
    report = Report(
        title="Foreshock demo: earthquake or noise?",
        task="classify",
        question="Does a 30 s window of three components hold a local earthquake, or only noise, traffic and glitches?",
        ours=said["cnn"],
        ours_name="cnn",
        rivals={name: (said[name], settings[name]) for name in ("lstm", "rival")},
        own_rivals=("lstm",),
        settings=dict(cards["cnn"].card.training.settings) | {"preparation": preparation.model_dump(mode="json")},
        splits={split: {"records": n} for split, n in SIZES.items()},
        history=history_of(cards["cnn"].card),
        versions=versions(),
        inputs={f"{name}.bundle": bundle.sha256 for name, bundle in cards.items()},
        limits=LIMITS,
        extra_pictures=[("A real recording", demo.real.sentence(), picture(demo.real))],
        extra=demo.metrics() | {"real_record": demo.real.as_json()},
        seed=seed,
    )
    write_report(folder, report)
