"""For those who come from Keras: the article's program, made right, on a CSV table and on windows.

A row of the table is a window of 64 samples; the last column is the label; `event_id` says which rows belong together.
"""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np

import foreshock as fs
from foreshock.evaluate.bootstrap import Score

EVENTS, PER_EVENT, SAMPLES = 120, 4, 64


def windows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Noise, and noise with a burst that decays: four windows an event."""
    y = np.repeat(rng.integers(0, 2, EVENTS), PER_EVENT)
    x = rng.standard_normal((len(y), SAMPLES))
    time = np.arange(SAMPLES)
    for k in np.flatnonzero(y):
        after = np.clip(time - rng.integers(10, 30), 0, None)
        x[k] += 3.0 * (after > 0) * np.exp(-after / 15) * np.sin(0.9 * after)
    return x, y, [f"event-{k // PER_EVENT}" for k in range(len(y))]


def write_csv(path: Path, x: np.ndarray, y: np.ndarray, groups: list[str]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["event_id", *(f"sample_{k}" for k in range(SAMPLES)), "label"])
        for group, row, label in zip(groups, x, y, strict=True):
            writer.writerow([group, *(f"{value:.5f}" for value in row), ("noise", "burst")[label]])


def told(score: Score) -> str:
    """A score is never said without its interval and its sample size."""
    return f"accuracy {score.value:.3f} [{score.low:.3f}, {score.high:.3f}], {score.n} rows of {score.n_events} events"


def main() -> None:
    x, y, groups = windows(np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "earthquake_data.csv"
        write_csv(path, x, y, groups)

        # The article reads the table, divides by 255, splits rows at random and scores on what chose the model.
        # Here columns are standardised by the training rows, events stay on one side, and the test rows are read once.
        table = fs.read_table(path)
        clf = fs.Classifier("cnn-small", epochs=8, batch_size=32, progress=False).fit_table(table)
        for note in clf.notes:
            print("-", note)
        print(clf.summary())
        print("cnn-small on the test rows of the table:", told(clf.evaluate_table(table)["accuracy"]))

        # The same with arrays: x is (example, channel, time), `groups` keeps events together.
        test = np.array([int(group.split("-")[1]) >= 90 for group in groups])
        named = np.array(groups)
        lstm = fs.Classifier("lstm", epochs=20, patience=20, normalise="std", progress=False)
        lstm.fit(x[~test][:, None], y[~test], groups=named[~test].tolist())
        scores = lstm.compare(x[test][:, None], y[test], groups=named[test].tolist())
        print("lstm on windows of other events:", told(scores.ours["accuracy"]))
        for name, held in scores.rivals.items():
            print(f"  its rival {name} on the same:", told(held["accuracy"]))

        saved = lstm.save(Path(folder) / "bursts.bundle")
        again = fs.Classifier.load(saved)
        same = np.array_equal(again.predict_proba(x[test][:, None]), lstm.predict_proba(x[test][:, None]))
        print(f"saved, loaded and asked again: {'the same answers' if same else 'OTHER ANSWERS'}")


if __name__ == "__main__":
    main()
