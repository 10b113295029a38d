"""Examples show what their label says, noise is cut safely before P, and whatever is left out has its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foreshock.clock import NS_PER_S, utc_ns
from foreshock.errors import InputError, LabelError
from foreshock.prepare.labels import examples_from, phase_curves
from foreshock.prepare.placing import P_MARGIN_S
from foreshock.prepare.preparation import Preparation, prepare
from foreshock.prepare.windows import cut, normalise
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

START_NS = 1_500_000_000_000_000_000
PLAN = Preparation(rate_hz=50.0, window_samples=500, context=("log10_scale",))
FILTERED = PLAN.model_copy(update={"steps": ({"step": "bandpass", "low_hz": 1.0, "high_hz": 20.0},)})


def record(
    k: int = 0,
    *,
    p_s: float | None = 20.0,
    span_s: float = 40.0,
    rate_hz: float = 100.0,
    components: str = "ZNE",
    valid: Any = None,
    **truth: Any,
) -> Record:
    """Noise, and from P on ten times as much of it."""
    n = round(span_s * rate_hz)
    data = np.random.default_rng(k).standard_normal((len(components), n)) * 100
    if p_s is not None:
        data[:, round(p_s * rate_hz) :] *= 10
    names = tuple(f"HH{letter}" for letter in components)
    told: dict[str, Any] = {"p_status": "manual", "split": "train", "source": "made", "magnitude": 3.0} | truth
    p_ns = None if p_s is None else START_NS + round(p_s * NS_PER_S)
    return Record(
        Waveform(data, rate_hz, START_NS, f"XX.S{k}.", channels=names, components=components, valid=valid),
        Truth(f"trace-{k}", f"event-{k // 2}", p_ns=p_ns, **told),
    )


def noise(k: int, **changes: Any) -> Record:
    return record(k, p_s=None, kind="noise", magnitude=None, **changes)


# -- detection ---------------------------------------------------------------------------------------------------------


def test_an_earthquake_gives_a_window_with_p_and_one_of_noise_before_it() -> None:
    examples, skipped = examples_from([record(k) for k in range(40)], PLAN, task="detect")
    assert skipped == []
    assert examples.classes == ("noise", "earthquake")
    table = examples.table
    assert examples.y is not None
    assert table["kind"].tolist() == [examples.classes[k] for k in examples.y]
    quakes, quiet = table[table["kind"] == "earthquake"], table[table["kind"] == "noise"]
    assert len(quakes) == len(quiet) == 40
    assert quakes["p_sample"].between(50, 300).all()
    assert quakes["p_sample"].std() > 40
    assert (quiet["start_ns"] + 10 * NS_PER_S <= START_NS + 18 * NS_PER_S).all()
    assert (quiet["start_ns"] >= START_NS + NS_PER_S).all()
    assert table["trace_id"].is_unique
    assert quiet["trace_id"].str.endswith("/noise").all()
    assert set(quiet["event_id"]) == set(quakes["event_id"])
    assert quiet["magnitude"].isna().all()


def test_the_onset_stands_where_p_sample_says() -> None:
    examples, _ = examples_from([record(k) for k in range(8)], PLAN, task="detect")
    for x, p in zip(examples.x, examples.table["p_sample"], strict=True):
        if np.isfinite(p):
            assert x[:, round(p) + 25 :].std() > 5 * x[:, : round(p) - 25].std()


@pytest.mark.parametrize(("status", "n_noise"), [("manual", 1), ("calculated", 0), ("unknown", 0), (None, 0)])
def test_noise_keeps_a_wider_margin_from_p_that_nobody_picked(status: str | None, n_noise: int) -> None:
    plan = PLAN.model_copy(update={"warm_up_s": 0.0})
    examples, _ = examples_from([record(0, p_s=12.3, p_status=status)], plan, task="detect")
    assert (examples.table["kind"] == "noise").sum() == n_noise
    assert P_MARGIN_S["manual"] >= 2


def test_choices_depend_on_the_name_and_the_seed_and_on_nothing_else() -> None:
    some = [record(k) for k in range(6)]
    examples, _ = examples_from(some, PLAN, task="detect")
    backwards, _ = examples_from(some[::-1], PLAN, task="detect")
    one, other = examples.table.set_index("trace_id"), backwards.table.set_index("trace_id")
    assert one["start_ns"].equals(other.loc[one.index, "start_ns"])
    seeded, _ = examples_from(some, PLAN, task="detect", seed=1)
    assert (seeded.table["start_ns"] != examples.table["start_ns"]).mean() > 0.8


def test_noise_records_give_noise_and_other_kinds_are_left_out_by_name() -> None:
    examples, skipped = examples_from([noise(0), record(1, kind="explosion"), record(2)], PLAN, task="detect")
    assert examples.table["kind"].tolist() == ["noise", "earthquake", "noise"]
    assert np.isnan(examples.table["snr_db"][0])
    assert skipped == [("trace-1", "it is 'explosion', which is none of ('noise', 'earthquake')")]


def test_signal_to_noise_is_measured_on_the_prepared_record() -> None:
    examples, _ = examples_from([record(k) for k in range(10)], PLAN, task="detect")
    quakes = examples.table[examples.table["kind"] == "earthquake"]
    np.testing.assert_allclose(quakes["snr_db"], 20.0, atol=1.5)
    short, _ = examples_from([record(0, p_s=0.5, snr_db=7.0)], PLAN, task="detect")
    assert short.table["snr_db"].tolist() == [7.0]


# -- the other tasks ---------------------------------------------------------------------------------------------------


def test_classes_are_the_kinds_that_were_found_in_order() -> None:
    some = [record(0, kind="slide"), record(1, kind="blast", p_s=None), record(2, kind="slide")]
    examples, _ = examples_from(some, PLAN, task="classify")
    assert examples.classes == ("blast", "slide")
    assert examples.y is not None
    assert examples.y.tolist() == [1, 0, 1]
    assert set(examples.table["start_ns"]) == {START_NS}


def test_given_classes_keep_their_order_and_others_are_left_out() -> None:
    some = [record(0, kind="slide"), record(1, kind="blast"), record(2, kind="ice")]
    examples, skipped = examples_from(some, PLAN, task="classify", classes=("slide", "blast"))
    assert examples.y is not None
    assert examples.y.tolist() == [0, 1]
    assert skipped == [("trace-2", "it is 'ice', which is none of ('slide', 'blast')")]


def test_classification_may_be_anchored_at_p() -> None:
    plan = PLAN.model_copy(update={"anchor": "p", "before_s": 2.0})
    some = [record(0, kind="a"), record(1, kind="b"), record(2, kind="a", p_s=None)]
    examples, skipped = examples_from(some, plan, task="classify")
    assert examples.table["p_sample"].tolist() == [100.0, 100.0]
    assert skipped == [("trace-2", "its P arrival is not known")]


def test_one_class_alone_is_refused_by_name() -> None:
    with pytest.raises(LabelError, match="'slide'"):
        examples_from([record(0, kind="slide")], PLAN, task="classify")


def test_magnitudes_become_targets_and_records_without_are_left_out() -> None:
    plan = PLAN.model_copy(update={"before_s": 4.0, "context": ("log10_scale", "log10_distance_km")})
    some = [
        record(0, magnitude=4.2, distance_km=100.0),
        record(1, magnitude=None, distance_km=5.0),
        record(2, p_s=None, distance_km=5.0),
        record(3, magnitude=2.0),
        record(4, p_s=45.0, distance_km=5.0),
    ]
    examples, skipped = examples_from(some, plan, task="magnitude")
    assert examples.y is not None
    assert (examples.y.tolist(), examples.classes) == ([4.2], ())
    assert examples.table["p_sample"].tolist() == [200.0]
    assert examples.context["log10_distance_km"].tolist() == [2.0]
    assert [reason for _, reason in skipped] == [
        "its magnitude is not known",
        "its P arrival is not known",
        "its log10_distance_km is not known",
        "its P arrival lies outside the record",
    ]


def test_scale_and_normalised_wave_give_the_amplitude_back() -> None:
    [strong, weak] = (
        examples_from(
            [replace(record(0), waveform=record(0).waveform.with_data(record(0).waveform.data * factor))],
            PLAN,
            task="magnitude",
        )[0]
        for factor in (1000.0, 1.0)
    )
    np.testing.assert_allclose(strong.x, weak.x, atol=1e-5)
    assert strong.context["log10_scale"][0] - weak.context["log10_scale"][0] == pytest.approx(3.0, abs=1e-5)


# -- whatever the records look like ------------------------------------------------------------------------------------


def mixed() -> list[Record]:
    """Records of several rates, lengths and components, some in a row alike."""
    return [
        record(0),
        record(1, rate_hz=50.0),
        record(2, components="Z"),
        record(3, rate_hz=62.5, span_s=44.8),
        record(4),
        record(5, components="EN"),
        record(6, span_s=41.0),
        noise(7),
        record(8, rate_hz=50.0),
    ]


def test_many_at_once_equal_one_by_one() -> None:
    together, _ = examples_from(mixed(), FILTERED, task="detect")
    alone = [examples_from([one], FILTERED, task="detect")[0] for one in mixed()]
    assert np.array_equal(together.x, np.concatenate([one.x for one in alone]))
    pd.testing.assert_frame_equal(together.table, pd.concat([one.table for one in alone], ignore_index=True))
    assert np.array_equal(
        together.context["log10_scale"], np.concatenate([one.context["log10_scale"] for one in alone])
    )


def test_an_example_is_the_prepared_record_cut_and_scaled() -> None:
    some = mixed()
    examples, _ = examples_from(some, FILTERED, task="detect")
    ready = {one.truth.trace_id: prepare(one.waveform, FILTERED) for one in some}
    for x, row in zip(examples.x, examples.table.itertuples(), strict=True):
        wave = ready[row.trace_id.removesuffix("/noise")]
        raw, valid = cut(wave, start_ns=row.start_ns, n_samples=500)
        want, _ = normalise(raw[None], "peak", valid=valid[None])
        np.testing.assert_allclose(x, want[0], atol=1e-6)


def test_missing_components_are_zero_and_named() -> None:
    examples, _ = examples_from([record(0, components="Z"), record(1)], PLAN, task="magnitude")
    assert examples.table["missing"].tolist() == ["NE", ""]
    assert not examples.x[0, 1:].any()
    assert examples.table["valid_fraction"].tolist() == [1.0, 1.0]


def test_a_gap_is_masked_and_a_window_that_is_mostly_gap_is_left_out_with_its_share() -> None:
    some = []
    for k, gap_s in enumerate((4.0, 6.0)):
        valid = np.ones((3, 4000), bool)
        valid[:, 2100 : 2100 + round(gap_s * 100)] = False
        some.append(record(k, valid=valid))
    examples, skipped = examples_from(some, PLAN, task="magnitude")
    assert examples.table["valid_fraction"][0] == pytest.approx(0.6, abs=0.01)
    assert not examples.x[0][:, 205:395].any()
    assert skipped == [("trace-1", "60% of its window is invalid, more than 50%")]


@pytest.mark.parametrize("task", ["detect", "magnitude"])
def test_traces_of_one_sample_and_of_none_are_left_out_with_a_reason(task: Any) -> None:
    tiny, dead = record(0, p_s=0.0, span_s=0.01), record(2, valid=np.zeros((3, 4000), bool))
    empty = Record(record(1).waveform.cut(0, 0), record(1).truth)
    examples, skipped = examples_from([tiny, empty, dead], PLAN, task=task)
    assert len(examples) == 0
    assert [name for name, _ in skipped] == ["trace-0", "trace-1", "trace-2"]
    assert "of its window is invalid" in skipped[0][1]
    assert skipped[1][1] == skipped[2][1] == "it holds no valid sample on the components ZNE"


def test_a_record_that_a_step_refuses_is_left_out_with_the_steps_reason() -> None:
    examples, skipped = examples_from([record(0, rate_hz=20.0, span_s=60), record(1)], FILTERED, task="magnitude")
    assert examples.table["trace_id"].tolist() == ["trace-1"]
    assert skipped[0][0] == "trace-0"
    assert "corner is 20 Hz: it must lie below half the sampling rate, 10 Hz" in skipped[0][1]


def test_the_table_tells_where_every_example_comes_from() -> None:
    examples, _ = examples_from([record(3, depth_km=7.0, distance_km=12.0)], PLAN, task="magnitude")
    row = examples.table.iloc[0].to_dict()
    wanted = {
        "trace_id": "trace-3",
        "event_id": "event-1",
        "station_id": "XX.S3.",
        "network": "XX",
        "split": "train",
        "source": "made",
        "kind": "earthquake",
        "distance_km": 12.0,
        "magnitude": 3.0,
        "instrument": "HH",
        "depth_km": 7.0,
        "rate_in_hz": 100.0,
        "unit": "count",
    }
    assert wanted.items() <= row.items()


@pytest.mark.parametrize(
    ("task", "classes", "named"),
    [
        ("detekt", None, "did you mean 'detect'"),
        ("classify", ("a",), "at least two"),
        ("classify", ("a", "a"), "at least two"),
        ("detect", ("noise", "blast"), "blast"),
    ],
)
def test_wrong_tasks_and_classes_are_refused(task: Any, classes: Any, named: str) -> None:
    with pytest.raises(LabelError, match=named):
        examples_from([], PLAN, task=task, classes=classes)


def test_no_records_give_no_examples() -> None:
    examples, skipped = examples_from([], PLAN, task="magnitude")
    assert examples.x.shape == (0, 3, 500)
    assert skipped == []


# -- curves ------------------------------------------------------------------------------------------------------------

arrivals = st.one_of(st.just(float("nan")), st.floats(-50, 150))


@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(arrivals, arrivals), min_size=1, max_size=4), sigma=st.floats(0.5, 30))
@pytest.mark.parametrize("shape", ["gaussian", "boxcar"])
def test_curves_equal_a_slow_reference(shape: Any, pairs: list[tuple[float, float]], sigma: float) -> None:
    p, s = zip(*pairs, strict=True)
    curves = phase_curves(p, s, 100, sigma_samples=sigma, shape=shape)
    for row, pair in enumerate(pairs):
        for t in range(0, 100, 7):
            values = [0.0 if np.isnan(at) else bump(t, at, sigma, shape) for at in pair]
            total = sum(values)
            want = [v / max(total, 1.0) for v in values] + [1 - min(total, 1.0)]
            np.testing.assert_allclose(curves[row, :, t], want, atol=1e-6)


def bump(t: float, at: float, sigma: float, shape: str) -> float:
    if shape == "gaussian":
        return float(np.exp(-((t - at) ** 2) / (2 * sigma**2)))
    return float(abs(t - at) / sigma <= 1)


@pytest.mark.parametrize(
    "told",
    [{"sigma_samples": 0.0}, {"sigma_samples": 1.0, "n_samples": 0}, {"sigma_samples": 1.0, "shape": "triangle"}],
)
def test_impossible_curves_are_refused(told: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        phase_curves([1.0], [2.0], **({"n_samples": 10} | told))


def test_arrivals_of_different_number_are_refused() -> None:
    with pytest.raises(InputError, match="shapes"):
        phase_curves([1.0, 2.0], [2.0], 10, sigma_samples=1.0)


# -- real recordings ---------------------------------------------------------------------------------------------------


def real_records(folder: Path) -> Iterator[Record]:
    """Records of a SeisBench-format set whose buckets are in the order of the table."""
    table = pd.read_csv(folder / "metadata.csv")
    with h5py.File(folder / "waveforms.hdf5") as file:
        held: tuple[str, Any] = ("", None)
        for row in table.itertuples():
            bucket, place = row.trace_name.split("$")
            if held[0] != bucket:
                held = (bucket, file["data"][bucket][()])
            data = held[1][int(place.split(",")[0])].astype(np.float32)
            start_ns = utc_ns(row.trace_start_time) if hasattr(row, "trace_start_time") else 0
            valid = np.broadcast_to((data != 0).any(1, keepdims=True), data.shape)
            station = f"{row.station_network_code}.{row.station_code}."
            wave = Waveform(data, row.trace_sampling_rate_hz, start_ns, station, valid=valid)
            truth = Truth(
                row.trace_name,
                str(row.source_id),
                split=row.split,
                p_ns=wave.time_ns(row.trace_p_arrival_sample),
                p_status=row.trace_p_status,
                magnitude=getattr(row, "source_magnitude", None),
                distance_km=getattr(row, "path_ep_distance_km", None),
                source=folder.name,
            )
            yield Record(wave, truth)


@pytest.mark.realdata
def test_every_record_of_gujarat_gives_an_earthquake_and_a_noise(realdata: Path) -> None:
    records = list(real_records(realdata / "gujarat"))
    examples, skipped = examples_from(records, FILTERED, task="detect")
    assert len(records) == 1845
    assert skipped == []
    assert (examples.table["kind"] == "earthquake").sum() == 1845
    assert (examples.table["kind"] == "noise").sum() == 1845


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["ncedc", "gujarat"])
def test_noise_of_real_records_shows_no_onset_at_its_end(name: str, realdata: Path) -> None:
    """The last two seconds of noise before P are as strong as the rest: P was not let in, filters have settled."""
    plan = FILTERED.model_copy(update={"steps": ({"step": "quality"}, *FILTERED.steps)})
    examples, _ = examples_from(list(real_records(realdata / name))[:600], plan, task="detect")
    table = examples.table
    quiet = examples.x[((table["kind"] == "noise") & (table["valid_fraction"] == 1)).to_numpy()]
    assert len(quiet) > 50
    parts = np.sqrt((quiet.reshape(len(quiet), 3, 5, 100) ** 2).mean((1, 3)))
    middle = np.median(parts, axis=1)
    assert abs(np.median(np.log10(parts[:, -1] / middle))) < 0.03
    assert abs(np.median(np.log10(parts[:, 0] / middle))) < 0.03
