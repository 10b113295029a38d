"""An estimate grows with the work it speaks of. Knows no real training."""

from __future__ import annotations

from train_made import waves

from foreshock.train.estimate import estimate_s
from foreshock.train.settings import TrainSettings


def test_ten_times_the_epochs_and_longer_windows_take_longer() -> None:
    once = estimate_s(waves(64, 0, n_samples=100), TrainSettings(model="lstm", epochs=1))
    often = estimate_s(waves(64, 0, n_samples=100), TrainSettings(model="lstm", epochs=30))
    longer = estimate_s(waves(64, 0, n_samples=2000), TrainSettings(model="lstm", epochs=1))
    assert 0 < once < often
    assert once < longer
