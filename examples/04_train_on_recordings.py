"""From recordings to a scored model: a synthetic data set, a detector trained on it, and its rivals beside it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import foreshock as fs
from foreshock.collect.synthetic import SyntheticSettings
from foreshock.road.assessment import assess, write_assessment
from foreshock.road.training import Wish, train


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = SyntheticSettings(records=240, span_s=40.0, magnitude_max=3.0, distance_min_km=30.0)
        n = fs.write_dataset(folder / "quakes", fs.synthesise(settings, seed=1), name="quakes")
        print(f"{n} synthetic records, each with its truth, in the SeisBench format")

        wish = Wish(data=(folder / "quakes",), task="detect", model="cnn-small", training={"epochs": 4})
        done = train(wish, out=folder / "run", tell=print)
        print(done.sentence())

        # The test split is read here for the first time.
        assessment = assess(folder / "run", data=(folder / "quakes",), split="test")
        scores = assessment.scores
        print(f"test: {scores.n} windows of {scores.n_events} events, 95 % intervals over events")
        for who, held in {"ours": scores.ours, **scores.rivals}.items():
            score = held["accuracy"]
            print(f"  {who:10} accuracy {score.value:.3f} [{score.low:.3f}, {score.high:.3f}]")
        (folder / "report").mkdir()
        written = write_assessment(assessment, folder / "report")
        print(f"the report is {len(written)} files, report.html among them (gone with this example's folder)")


if __name__ == "__main__":
    main()
