"""The demo's set: balanced, disjoint between splits, with P where it was promised. Knows no models."""

from __future__ import annotations

import pytest

from foreshock.collect.synthetic import demo_records, demo_settings


def test_splits_share_no_event_no_station_and_no_place() -> None:
    seen: dict[str, set[str]] = {"events": set(), "stations": set()}
    count = {"events": 0, "stations": 0}
    for split in ("train", "dev", "test"):
        records = list(demo_records(split, seed=3, n=96))
        for name, found in (
            ("events", {r.truth.event_id for r in records}),
            ("stations", {r.waveform.station_id for r in records}),
        ):
            seen[name] |= found
            count[name] += len(found)
    assert {name: len(found) for name, found in seen.items()} == count


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_each_split_is_balanced_and_says_its_name(split: str) -> None:
    records = list(demo_records(split, seed=0, n=64))
    assert sum(r.truth.kind == "earthquake" for r in records) == 32
    assert {r.truth.split for r in records} == {split}
    assert {r.waveform.data.shape for r in records} == {(3, 300)}
    assert {r.waveform.rate_hz for r in records} == {10.0}


def test_p_is_always_in_the_record_and_never_hidden_by_a_late_start() -> None:
    begun_late = 0
    for record in demo_records("train", seed=1, n=64):
        first_s = int(record.waveform.valid[0].argmax()) / 10.0
        begun_late += first_s > 0
        if record.truth.p_ns is not None:
            assert first_s < (record.truth.p_ns - record.waveform.start_ns) / 1e9 <= 27.0
    assert begun_late > 5


def test_noise_holds_as_many_transients_as_the_records_of_earthquakes() -> None:
    settings = demo_settings("train")
    assert settings.transients_per_minute == settings.noise_transients_per_minute


def test_seeds_make_other_sets() -> None:
    one, two = (next(demo_records("test", seed=seed, n=1)) for seed in (0, 1))
    assert one.truth.trace_id != two.truth.trace_id
    assert one.waveform.data.tobytes() != two.waveform.data.tobytes()


def test_settings_differ_between_splits_in_network_only() -> None:
    train, test = (demo_settings(split).model_dump() for split in ("train", "test"))
    changed = {name for name in train if train[name] != test[name]}
    assert changed == {"split", "network", "stations", "network_latitude", "network_longitude"}
