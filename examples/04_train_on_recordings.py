"""From recordings to a scored model: a synthetic data set, a detector trained on it, and its rivals beside it.

python 04_train_on_recordings.py            # everything in a temporary folder
python 04_train_on_recordings.py FOLDER     # data set, model and report stay in FOLDER, which must be new or empty
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import foreshock as fs
from foreshock.collect.synthetic import SyntheticSettings
from foreshock.outputs import claimed_folder
from foreshock.road.assessment import assess, write_assessment
from foreshock.road.training import Wish, train


def walk(folder: Path) -> None:
    """Collect, train, evaluate; everything is written below `folder`."""
    settings = SyntheticSettings(records=240, span_s=40.0, magnitude_max=3.0, distance_min_km=30.0)
    n = fs.write_dataset(folder / "quakes", fs.synthesise(settings, seed=1), name="quakes")
    print(f"{n} synthetic records, each with its truth, in the SeisBench format")

    wish = Wish(data=(folder / "quakes",), task="detect", model="cnn-small", training={"epochs": 4})
    train(wish, out=folder / "run", tell=print)

    # The test split is read here for the first time.
    assessment = assess(folder / "run", data=(folder / "quakes",), split="test")
    scores = assessment.scores
    print(f"test: {scores.n} windows of {scores.n_events} events, accuracy with 95 % intervals over events")
    for who, held in {"cnn-small": scores.ours, **scores.rivals}.items():
        score = held["accuracy"]
        print(f"  {who:10} {score.value:.3f} [{score.low:.3f}, {score.high:.3f}]")
    for rival, held in scores.differences.items():
        score = held["accuracy"]
        meaning = "cannot be told apart" if score.low <= 0 <= score.high else "differ"
        print(f"  cnn-small minus {rival}: {score.value:+.3f} [{score.low:+.3f}, {score.high:+.3f}]: they {meaning}")
    with claimed_folder(folder / "report") as report:
        written = write_assessment(assessment, report)
    print(f"the report is {len(written)} files, report.html among them")


def main() -> None:
    if len(sys.argv) > 1:
        with claimed_folder(Path(sys.argv[1])) as folder:
            walk(folder)
        print(f"open {Path(sys.argv[1]) / 'report' / 'report.html'}")
    else:
        with tempfile.TemporaryDirectory() as name:
            walk(Path(name))


if __name__ == "__main__":
    main()
