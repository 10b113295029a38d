"""Train a small detector, then slide it over a recording it has never seen and write down what it says along time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

import foreshock as fs
from foreshock.clock import iso_utc
from foreshock.collect.synthetic import SyntheticSettings
from foreshock.predict.pick.sta_lta_aic import StaLtaAic
from foreshock.predict.probability import sliding
from foreshock.road.training import Wish, train


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = SyntheticSettings(records=200, span_s=40.0, magnitude_max=3.0)
        fs.write_dataset(folder / "quakes", fs.synthesise(settings, seed=2), name="quakes")
        wish = Wish(data=(folder / "quakes",), task="detect", model="cnn-small", training={"epochs": 3})
        train(wish, out=folder / "run")
        bundle = fs.read_bundle(folder / "run" / "model.bundle")

    # From here on nothing needs torch: the bundle brings its preparation, ONNX Runtime runs the network.
    wave = fs.example_waveform()
    predictor = fs.BundlePredictor(bundle, device="cpu")
    window_ns = round(bundle.card.window_samples / bundle.card.rate_hz * 1e9)
    along = sliding(predictor, wave, hop_s=2.0)
    earthquake = along.probabilities[:, bundle.card.classes.index("earthquake")]
    print(f"{wave}\nwindow of {window_ns / 1e9:g} s, every 2 s; what is said about a window is known at its end")
    for start_ns, p in zip(along.times_ns, earthquake, strict=True):
        bar = "█" * int(np.round(20 * p))
        print(f"  {iso_utc(int(start_ns))[11:21]} … {iso_utc(int(start_ns) + window_ns)[11:21]}  {p:5.3f} {bar}")
    p_ns = next(pick.time_ns for pick in StaLtaAic().pick(wave).picks if pick.phase == "P")
    print(
        f"The classical picker finds P at {iso_utc(p_ns)[11:21]}. Training put P into the first tenth to six tenths of"
    )
    print("a window, so expect high values where P lies there, and low ones once it has slid out, coda or not.")
    print("One recording proves nothing: it is shown so that you can look.")


if __name__ == "__main__":
    main()
