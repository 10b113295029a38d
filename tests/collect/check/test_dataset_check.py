"""The check of data sets: each defect is created and found; a clean set shows none."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, sosfilt

from foreshock import geo
from foreshock.clock import NS_PER_S
from foreshock.collect.check import DEFECTS, as_json, check_path, draw, pictures
from foreshock.collect.datasets import write_dataset
from foreshock.collect.peterson import nhnm_db
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.errors import FormatError, NotFoundError
from foreshock.types.record import Record, Truth
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

RATE_HZ, N, P = 50.0, 1500, 700
STATIONS = {f"XX.S{k}.00": Station(f"XX.S{k}.00", 30.0 + 0.1 * k, 100.0, 500.0) for k in range(2)}


def clean(k: int) -> Record:
    """An earthquake with a sharp P that points away from its source, on microseismic noise in m/s."""
    rng = np.random.default_rng(k)
    station = STATIONS[f"XX.S{k % 2}.00"]
    azimuth = np.radians(37.0 * k)
    latitude, longitude = station.latitude + 0.3 * np.cos(azimuth), station.longitude + 0.3 * np.sin(azimuth)
    distance, back, _ = (float(v) for v in geo.inverse(station.latitude, station.longitude, latitude, longitude))
    noise = rng.normal(size=(3, N))
    noise = sosfilt(butter(2, [0.2, 10], "bandpass", fs=RATE_HZ, output="sos"), noise) * 1e-8
    t = np.arange(N - P) / RATE_HZ
    pulse = np.sin(2 * np.pi * 4 * t) * np.exp(-t / 3) * 2e-6 * (1 if k % 3 else -1)
    away = np.radians(back + 180)
    noise[:, P:] += np.outer([1.0, 0.6 * np.cos(away), 0.6 * np.sin(away)], pulse)
    s = P + round(4 * RATE_HZ)
    noise[:, s:] += rng.normal(size=(3, N - s)) * 3e-6 * np.exp(-np.arange(N - s) / 300)
    start = 1_600_000_000 * NS_PER_S + 3_600 * NS_PER_S * k
    wave = Waveform(noise, RATE_HZ, start, station.station_id, channels=("HHZ", "HHN", "HHE"), unit="m/s")
    p_ns = wave.time_ns(P)
    truth = Truth(
        f"r{k}", f"e{k}", split=("train", "train", "dev", "test")[k % 4], p_ns=p_ns, s_ns=wave.time_ns(s),
        magnitude=1.0 + 0.1 * k, distance_km=distance, back_azimuth_deg=back, depth_km=5.0,
        origin_ns=p_ns - round(distance / 6 * NS_PER_S), event_latitude=latitude, event_longitude=longitude,
        p_status="manual",
    )  # fmt: skip
    return Record(wave, truth)


RECORDS = [clean(k) for k in range(24)]


def put(record: Record, data: np.ndarray | None = None, **truth) -> Record:
    wave = record.waveform if data is None else record.waveform.with_data(data)
    return Record(wave, dataclasses.replace(record.truth, **truth))


def written(path: Path, records=RECORDS) -> Path:
    write_dataset(path, records, name="set", stations=STATIONS)
    return path


def edited(path: Path, edit) -> Path:
    """A clean set whose metadata table is changed by `edit`."""
    written(path)
    table = pd.read_csv(path / "metadata.csv", dtype=str, keep_default_na=False)
    edit(table)
    table.to_csv(path / "metadata.csv", index=False)
    return path


def found(path: Path) -> dict[str, object]:
    return {finding.code: finding for finding in check_path(path).findings}


def spoilt(k: int, change) -> list[Record]:
    data = RECORDS[k].waveform.data.copy()
    change(data)
    return [*RECORDS[:k], put(RECORDS[k], data), *RECORDS[k + 1 :]]


def test_a_clean_set_shows_no_defect(tmp_path):
    report = check_path(written(tmp_path / "set"))
    assert report.codes == ()
    assert report.n_items == 24
    assert any("labels agree" in note for note in report.notes)
    assert {level.absolute for level in report.noise} == {True}


def _nothing(x):
    x[1] = 0


def _span(x):
    x[0, 100:300] = x[0, 100]


def _offset(x):
    x[2] += 1.0


def _clip(x):
    np.clip(x, -1e-6, 1e-6, out=x)


def _spike(x):
    x[0, 200] += 1e-4


def _same(x):
    x[2] = -0.5 * x[1]


@pytest.mark.parametrize(
    ("code", "change", "channel"),
    [
        ("FLAT_CHANNEL", _nothing, "[N]"),
        ("FLAT_SPAN", _span, "[Z]"),
        ("DC_OFFSET", _offset, "[E]"),
        ("CLIPPED", _clip, "["),
        ("SPIKE", _spike, "[Z]"),
        ("DUPLICATE_CHANNEL", _same, ""),
    ],
)
def test_a_defect_in_the_samples_is_found_where_it_is(tmp_path, code, change, channel):
    finding = found(written(tmp_path / "set", spoilt(5, change)))[code]
    assert finding.count == 1
    assert finding.examples[0].startswith("r5")
    assert channel in finding.examples[0]


@pytest.mark.parametrize(
    ("code", "column", "value"),
    [
        ("RATE_MISMATCH", "trace_dt_s", "0.01"),
        ("LENGTH_MISMATCH", "trace_npts", "1499"),
        ("BAD_METADATA", "source_magnitude", "large"),
        ("COORDINATES_RANGE", "station_latitude_deg", "95"),
        ("DISTANCE_MISMATCH", "path_ep_distance_km", "99"),
        ("AZIMUTH_MISMATCH", "path_back_azimuth_deg", "200"),
        ("MAGNITUDE_RANGE", "source_magnitude", "-999"),
        ("DEPTH_RANGE", "source_depth_km", "12000"),
        ("P_OUTSIDE", "trace_p_arrival_sample", "1500"),
        ("S_OUTSIDE", "trace_s_arrival_sample", "1e6"),
        ("S_BEFORE_P", "trace_s_arrival_sample", "300"),
        ("P_BEFORE_ORIGIN", "source_origin_time", "2030-01-01T00:00:00Z"),
        ("TRAVEL_TIME", "source_origin_time", "2020-01-01T00:00:00Z"),
        ("UNNAMED_STATION", "station_code", ""),
        ("SPLIT_MISSING", "split", ""),
        ("SPLIT_UNKNOWN", "split", "tset"),
        ("SPLIT_EVENT_LEAK", "source_id", "e3"),
        ("DUPLICATE_NAME", "trace_name", "bucket0$3,:3,:1500"),
        ("UNREADABLE", "trace_name", "bucket7$3,:3,:1500"),
    ],
)
def test_a_defect_in_the_metadata_is_found(tmp_path, code, column, value):
    def edit(table):
        if column not in table:
            table[column] = "0.02"
        table.loc[2, column] = value

    finding = found(edited(tmp_path / "set", edit))[code]
    assert finding.count == 1
    assert finding.severity in ("error", "warning", "note")
    assert finding.examples


def test_nan_samples_are_found(tmp_path):
    path = written(tmp_path / "set")
    with h5py.File(path / "waveforms.hdf5", "r+") as file:
        file["data/bucket0"][4, 1, 77] = np.nan
    assert found(path)["NAN_SAMPLES"].examples == ("r4",)


def test_short_records_and_missing_components_are_found(tmp_path):
    short, single = RECORDS[1], RECORDS[2]
    wave = dataclasses.replace(
        single.waveform, data=single.waveform.data[:1], valid=None, components="Z", channels=("HHZ",)
    )
    cut = Record(short.waveform.cut(650, 740), short.truth)
    got = found(written(tmp_path / "set", [RECORDS[0], cut, Record(wave, single.truth), *RECORDS[3:]]))
    assert got["SHORT_RECORD"].examples == ("r1",)
    assert got["MISSING_COMPONENT"].examples == ("r2",)


def test_the_same_samples_under_two_names_and_on_two_sides_are_found(tmp_path):
    again = put(RECORDS[3], RECORDS[0].waveform.data)
    got = found(written(tmp_path / "set", [*RECORDS[:3], again, *RECORDS[4:]]))
    assert got["DUPLICATE_TRACE"].examples == ("r0 = r3",)
    assert got["SPLIT_WAVEFORM_LEAK"].examples == ("r0 = r3 (train and test)",)


def test_the_same_samples_on_one_side_are_no_leak(tmp_path):
    again = put(RECORDS[1], RECORDS[0].waveform.data)
    got = found(written(tmp_path / "set", [RECORDS[0], again, *RECORDS[2:]]))
    assert "DUPLICATE_TRACE" in got
    assert "SPLIT_WAVEFORM_LEAK" not in got


def test_labels_that_are_early_are_found_with_their_median(tmp_path):
    early = [put(r, p_ns=r.truth.p_ns - round(0.8 * NS_PER_S)) for r in RECORDS]
    finding = found(written(tmp_path / "set", early))["PICK_RESIDUAL"]
    assert "median -0.8" in finding.detail
    assert finding.count == finding.total == 24


def test_weak_signals_are_found(tmp_path):
    weak = put(RECORDS[5], np.random.default_rng(0).normal(size=(3, N)).astype(np.float32))
    assert found(written(tmp_path / "set", [*RECORDS[:5], weak, *RECORDS[6:]]))["LOW_SNR"].examples == ("r5",)


def test_one_rare_class_is_an_imbalance(tmp_path):
    finding = found(written(tmp_path / "set", [put(RECORDS[0], kind="blast"), *RECORDS[1:]]))["CLASS_IMBALANCE"]
    assert finding.detail == "earthquake 23, blast 1"


def test_a_constant_magnitude_is_a_constant_label(tmp_path):
    same = [put(r, magnitude=2.0) for r in RECORDS]
    assert found(written(tmp_path / "set", same))["CONSTANT_LABEL"].examples == ("source_magnitude",)


@pytest.mark.parametrize(
    ("code", "change", "said"),
    [
        ("POLARITY", lambda x: x[[0]] * -1, "Z reversed"),
        ("SWAPPED_COMPONENTS", lambda x: x[[2, 1]], "N and E swapped"),
    ],
)
def test_a_sensor_that_is_wired_wrongly_is_found(tmp_path, code, change, said):
    wrong = []
    for r in RECORDS:
        data = r.waveform.data.copy()
        if r.waveform.station_id == "XX.S1.00":
            changed = change(data)
            data[: 1 if len(changed) == 1 else 3] = changed if len(changed) == 1 else data[[0, 2, 1]]
        wrong.append(put(r, data))
    finding = found(written(tmp_path / "set", wrong))[code]
    assert finding.examples == (f"XX.S1.00: {said}",)
    assert finding.total == 2


@pytest.mark.parametrize(("code", "factor"), [("BELOW_NLNM", 1e-4), ("ABOVE_NHNM", 1e3)])
def test_noise_outside_petersons_models_is_found(tmp_path, code, factor):
    got = found(written(tmp_path / "set", [put(r, r.waveform.data * factor) for r in RECORDS]))
    assert got[code].total == got[code].count == 6
    assert "dB" in got[code].detail


def test_a_missing_split_column_is_a_note(tmp_path):
    finding = found(edited(tmp_path / "set", lambda table: table.pop("split")))["SPLIT_MISSING"]
    assert (finding.severity, finding.count) == ("note", 24)


def test_every_defect_has_its_words_and_no_two_the_same():
    assert len(DEFECTS) >= 20
    assert len({defect.sentence for defect in DEFECTS.values()}) == len(DEFECTS)
    assert all(defect.remedy and defect.severity in ("error", "warning", "note") for defect in DEFECTS.values())


def test_the_gravest_finding_comes_first_and_json_is_plain(tmp_path):
    def edit(table):
        table.loc[2, "split"] = ""
        table.loc[3, "trace_npts"] = "7"

    report = check_path(edited(tmp_path / "set", edit))
    assert report.codes == ("LENGTH_MISMATCH", "SPLIT_MISSING")
    told = json.loads(json.dumps(as_json(report), allow_nan=False))
    assert told["counts"] == {"error": 1, "warning": 0, "note": 1}
    assert {line["quantity"] for line in told["diversity"]} >= {"magnitude", "distance_km", "instrument", "cell"}


def test_diversity_knows_cells_instruments_and_signal_to_noise(tmp_path):
    table = check_path(written(tmp_path / "set")).diversity
    assert set(table["instrument"]) == {"HH"}
    assert table["cell"].str.match(r"N(29|30) E(099|100)$").all()
    assert table["snr_db"].between(20, 60).all()


def test_pictures_are_drawn_even_with_chinese_names(tmp_path):
    path = written(tmp_path / "数据集")
    pictures = draw(check_path(path), tmp_path / "图")
    assert [p.name for p in pictures] == ["availability.png", "noise.png", "diversity.png"]
    assert all(p.read_bytes().startswith(b"\x89PNG") and p.stat().st_size > 5000 for p in pictures)


def test_without_a_chinese_font_names_are_drawn_with_question_marks(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "_cjk_font", lambda: None)
    path = written(tmp_path / "数据集", [put(r, kind="天然地震") for r in RECORDS])
    assert len(draw(check_path(path), tmp_path / "out")) == 3


def test_what_cannot_be_opened_is_an_error_not_a_report(tmp_path):
    with pytest.raises(NotFoundError, match="nowhere"):
        check_path(tmp_path / "nowhere")
    path = written(tmp_path / "set")
    (path / "waveforms.hdf5").write_bytes(b"text")
    with pytest.raises(FormatError, match=r"waveforms\.hdf5"):
        check_path(path)


def test_the_clean_noise_lies_between_the_models(tmp_path):
    level = check_path(written(tmp_path / "set")).noise[0]
    inside = level.period_s > 0.15
    assert (level.median_db[inside] < nhnm_db(level.period_s[inside])).mean() > 0.9


@pytest.mark.realdata
def test_the_early_labels_of_gujarat_are_found(realdata):
    finding = {f.code: f for f in check_path(realdata / "gujarat").findings}["PICK_RESIDUAL"]
    assert "median -0.7" in finding.detail


@pytest.mark.realdata
def test_exact_labels_are_said_to_agree(realdata):
    report = check_path(realdata / "ncedc")
    assert "PICK_RESIDUAL" not in report.codes
    assert any("labels agree" in note for note in report.notes)


@pytest.mark.parametrize(("rows", "letter"), [([2, 1, 0], "E"), ([1, 0, 2], "N")])
def test_components_in_another_order_than_told_are_found_by_the_strength_of_p(tmp_path, rows, letter):
    settings = SyntheticSettings(records=40, rate_hz=50.0, span_s=40.0, noise_fraction=0.0, magnitude_min=3.0)
    right = list(synthesise(settings, seed=5))
    turned = [put(r, r.waveform.data[rows]) for r in right]
    finding = found(written(tmp_path / "turned", turned))["COMPONENT_ORDER"]
    assert finding.severity == "error"
    assert finding.examples == (f"what is called {letter} looks like the vertical",)
    assert "clear onsets" in finding.detail
    assert "COMPONENT_ORDER" not in found(written(tmp_path / "right", right))
