"""Data sets: what is written is read back exactly, what is hostile is refused with a sentence."""

from __future__ import annotations

import dataclasses
import errno
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from foreshock.clock import NS_PER_S
from foreshock.collect.datasets import (
    Dataset,
    DatasetSource,
    event_split,
    memmap,
    open_memmap,
    to_memmap,
    write_dataset,
)
from foreshock.collect.datasets import dataset as dataset_module
from foreshock.collect.datasets.hdf5 import place_of
from foreshock.collect.datasets.layout import Layout, unit_of
from foreshock.collect.datasets.patient import PatientFile
from foreshock.errors import (
    ConfigError,
    FormatError,
    LabelError,
    NotFoundError,
    NothingMatchedError,
    OutputError,
    UnitError,
)
from foreshock.law import check_source
from foreshock.types.record import Record, Truth
from foreshock.types.station import Station
from foreshock.types.waveform import Waveform

START_NS = 1_600_000_000 * NS_PER_S


def record(k: int, *, n: int = 300, rate_hz: float = 100.0, data=None, **truth) -> Record:
    rng = np.random.default_rng(k)
    x = rng.normal(size=(3, n)).astype(np.float32) * 1000 if data is None else data
    wave = Waveform(x, rate_hz, START_NS + k * NS_PER_S, f"XX.S{k % 3}.00", channels=("HHZ", "HHN", "HHE"))
    told = {"event_id": f"e{k}", "p_ns": wave.time_ns(120.25), "magnitude": 1.5 + k % 49 / 7, **truth}
    return Record(wave, Truth(f"r{k}", **told))


def raw_dataset(path: Path, csv: str, arrays: dict[str, np.ndarray] | None = None, **told) -> Path:
    """A data set written by hand, so that it can be wrong."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "metadata.csv").write_text(csv, encoding="utf-8")
    with h5py.File(path / "waveforms.hdf5", "w") as file:
        for name, array in (arrays or {"a": np.arange(600, dtype=np.float32).reshape(3, 200)}).items():
            file[f"data/{name}"] = array
        for key, value in {"dimension_order": "CW", "component_order": "ZNE", "sampling_rate": 100.0, **told}.items():
            file[f"data_format/{key}"] = value
    return path


# -- writing and reading back ----------------------------------------------------------------------------------------


def test_what_is_written_is_read_back_exactly(tmp_path):
    rates = (100.0, 62.5)
    wanted = [record(k, n=200 + k % 2, rate_hz=rates[k % 2], split="train", snr_db=0.1 * k) for k in range(7)]
    assert write_dataset(tmp_path / "d", wanted, name="d") == 7
    with Dataset.open(tmp_path / "d") as dataset:
        got = list(dataset.records())
    for a, b in zip(wanted, got, strict=True):
        assert dataclasses.replace(b.truth, source="") == a.truth
        assert b.waveform.data.tobytes() == a.waveform.data.tobytes()
        for name in ("rate_hz", "start_ns", "station_id", "channels", "components", "unit"):
            assert getattr(a.waveform, name) == getattr(b.waveform, name)


@settings(max_examples=25, deadline=None)
@given(hnp.arrays(np.float32, (3, 120), elements=st.floats(-(2.0**127), 2.0**127, width=32)))
def test_any_finite_samples_survive_bit_for_bit(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "d"
    write_dataset(path, [record(0, data=data)], name="d")
    with Dataset.open(path) as dataset:
        assert dataset.read_block([0])[0].tobytes() == data.tobytes()


def test_whole_counts_are_stored_as_integers_and_the_rest_as_floats(tmp_path):
    whole = np.arange(600, dtype=np.float32).reshape(3, 200)
    write_dataset(tmp_path / "d", [record(0, data=whole), record(1, data=whole + 0.5)], name="d")
    with h5py.File(tmp_path / "d" / "waveforms.hdf5") as file:
        assert [file[f"data/bucket{k}"].dtype.str for k in (0, 1)] == ["<i4", "<f4"]


def test_masks_and_missing_components_survive(tmp_path):
    valid = np.ones((3, 300), bool)
    valid[0, 10:20] = valid[2, 290:] = False
    a = record(0)
    a = dataclasses.replace(a, waveform=dataclasses.replace(a.waveform, valid=valid))
    b = record(1)
    wave = Waveform(b.waveform.data[:1], 100.0, 0, "XX.S1.", channels=("EHZ",), components="Z")
    write_dataset(tmp_path / "d", [a, Record(wave, b.truth)], name="d")
    with Dataset.open(tmp_path / "d") as dataset:
        assert np.array_equal(dataset.record(0).waveform.valid, valid)
        assert dataset.record(1).waveform.valid.any(axis=1).tolist() == [True, False, False]


def test_equal_records_give_equal_bytes(tmp_path):
    for name in ("a", "b"):
        write_dataset(tmp_path / name, map(record, range(5)), name="same", compression="gzip")
    for file in ("metadata.csv", "waveforms.hdf5"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_buckets_hold_at_most_1024_records_and_the_documented_groups(tmp_path):
    write_dataset(tmp_path / "d", (record(k, n=4) for k in range(1030)), name="d")
    with h5py.File(tmp_path / "d" / "waveforms.hdf5") as file:
        assert [len(file["data"][f"bucket{k}"]) for k in (0, 1)] == [1024, 6]
        told = {key: item[()] for key, item in file["data_format"].items()}
    assert (told["dimension_order"], told["component_order"], told["unit"]) == (b"CW", b"ZNE", b"counts")
    with Dataset.open(tmp_path / "d") as dataset:
        assert np.array_equal(dataset.read_block([1026])[0], record(1026, n=4).waveform.data)


def test_station_coordinates_are_written_where_they_are_known(tmp_path):
    stations = {"XX.S0.00": Station("XX.S0.00", 30.5, 100.25, 12.0)}
    write_dataset(tmp_path / "d", [record(0), record(1)], name="d", stations=stations)
    with Dataset.open(tmp_path / "d") as dataset:
        assert dataset.metadata["station_latitude_deg"].tolist()[0] == 30.5
        assert np.isnan(dataset.metadata["station_latitude_deg"].tolist()[1])


def test_a_failing_stream_of_records_leaves_nothing_behind(tmp_path):
    def stream():
        yield record(0)
        raise LabelError("the source", "it broke", "mend it")

    with pytest.raises(LabelError, match="the source"):
        write_dataset(tmp_path / "d", stream(), name="d")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("room", [0, 100, 5_000, 20_000, 40_000])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_behind(tmp_path, monkeypatch, room):
    left = [room]
    honest = PatientFile._write

    def full(self, view):
        left[0] -= len(view)
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        honest(self, view)

    monkeypatch.setattr(PatientFile, "_write", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write_dataset(tmp_path / "d", map(record, range(12)), name="d")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_not_written_into(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.txt"):
        write_dataset(tmp_path / "d", [record(0)], name="d")
    assert (tmp_path / "d" / "notes.txt").read_text() == "mine"


def test_an_empty_folder_may_be_written_into(tmp_path):
    (tmp_path / "d").mkdir()
    assert write_dataset(tmp_path / "d", [record(0)], name="d") == 1
    assert sorted(item.name for item in (tmp_path / "d").iterdir()) == ["metadata.csv", "waveforms.hdf5"]


def test_what_cannot_be_one_data_set_is_refused(tmp_path):
    metres = record(1)
    metres = dataclasses.replace(metres, waveform=dataclasses.replace(metres.waveform, unit="m/s"))
    with pytest.raises(UnitError, match="r1 is in m/s"):
        write_dataset(tmp_path / "a", [record(0), metres], name="a")
    with pytest.raises(LabelError, match="'r0'"):
        write_dataset(tmp_path / "b", [record(0), record(0)], name="b")
    with pytest.raises(NothingMatchedError, match="'c'"):
        write_dataset(tmp_path / "c", [], name="c")


def test_the_source_keeps_the_law(tmp_path):
    for specimen in DatasetSource.specimens(tmp_path):
        check_source(specimen)


# -- layouts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dimensions", "order"), [("CW", "ENZ"), ("WC", "ENZ"), ("NCW", "NEZ"), ("NWC", "ZEN")])
def test_any_order_is_rearranged_to_z_n_e(dimensions, order):
    wanted = np.arange(12, dtype=np.float32).reshape(3, 4)
    stored = wanted[["ZNE".index(letter) for letter in order]]
    raw = stored.T if "WC" in dimensions else stored
    layout = Layout(dimensions, order)
    assert layout.components == "ZNE"
    assert np.array_equal(layout.arranged(raw), wanted)


def test_other_components_keep_their_letters_with_z_first():
    assert Layout("CW", "21Z").components == "Z12"
    assert Layout("CW", "TRZ").components == "ZRT"


def test_units_are_scaled_to_si():
    assert unit_of("cmps2") == ("m/s2", 0.01)
    assert unit_of("mps/mps2", channel="HH") == ("m/s", 1.0)
    with pytest.raises(UnitError, match="furlong"):
        unit_of("furlong")


def test_a_mapping_file_makes_a_chinese_enz_set_readable(tmp_path):
    stored = np.arange(600, dtype=np.float32).reshape(3, 200)
    path = raw_dataset(
        tmp_path / "数据集", "波形,初至,事件,类型\nk1,55,地震一,天然地震\n", {"k1": stored.T}, component_order="ENZ"
    )
    toml = tmp_path / "映射.toml"
    toml.write_text(
        '[columns]\ntrace_name = "波形"\ntrace_p_arrival_sample = "初至"\nsource_id = "事件"\n'
        'trace_category = "类型"\n[values.trace_category]\n"天然地震" = "earthquake"\n'
        '[data]\ncomponent_order = "ENZ"\ndimension_order = "WC"\nsampling_rate_hz = 50.0\nunit = "cmps2"\n',
        encoding="utf-8",
    )
    with Dataset.open(path, mapping=toml) as dataset:
        got = dataset.record(0)
    assert np.allclose(got.waveform.data, stored[::-1] * 0.01)
    assert (got.waveform.rate_hz, got.waveform.unit) == (50.0, "m/s2")
    assert (got.truth.event_id, got.truth.kind, got.truth.p_ns) == ("地震一", "earthquake", 1_100_000_000)


def test_a_mapping_with_an_unknown_column_or_key_names_the_nearest(tmp_path):
    toml = tmp_path / "m.toml"
    toml.write_text('[columns]\ntrace_nam = "x"\n')
    with pytest.raises(ConfigError, match="did you mean 'trace_name'"):
        Dataset.open(raw_dataset(tmp_path / "d", "trace_name\na\n"), mapping=toml)
    toml.write_text('[data]\ncomponent_ordr = "ENZ"\n')
    with pytest.raises(ConfigError, match="component_order"):
        Dataset.open(tmp_path / "d", mapping=toml)


def test_gb18030_metadata_is_read(tmp_path):
    path = raw_dataset(tmp_path / "d", "")
    (path / "metadata.csv").write_bytes("trace_name,source_id\na,汶川\n".encode("gb18030"))
    with Dataset.open(path) as dataset:
        assert dataset.record(0).truth.event_id == "汶川"


def test_arrays_of_their_own_and_subgroups_are_read(tmp_path):
    x = np.ones((3, 50), np.float32)
    path = raw_dataset(
        tmp_path / "d", "trace_name,trace_dt_s\na,0.02\nev/b,0.01\n", {"a": x, "ev/b": 2 * x}, sampling_rate=b"?"
    )
    with Dataset.open(path) as dataset:
        assert dataset.rates_hz.tolist() == [50.0, 100.0]
        assert [float(block[0, 0]) for block in dataset.read_block([1, 0, 1])] == [2.0, 1.0, 2.0]


@pytest.mark.parametrize("listed", [True, False])
def test_chunks_are_read_as_one_set(tmp_path, listed):
    for chunk, value in (("2019", 1.0), ("2020", 2.0)):
        raw_dataset(tmp_path / "d", "trace_name\na\n", {"a": np.full((3, 9), value, np.float32)})
        for file in ("metadata.csv", "waveforms.hdf5"):
            stem, suffix = file.split(".")
            (tmp_path / "d" / file).rename(tmp_path / "d" / f"{stem}_{chunk}.{suffix}")
    if listed:
        (tmp_path / "d" / "chunks").write_text("2019\n2020\n")
    with Dataset.open(tmp_path / "d") as dataset:
        assert [float(block[0, 0]) for block in dataset.read_block([1, 0])] == [2.0, 1.0]


def test_a_chunk_that_is_missing_or_leads_outside_is_named(tmp_path):
    path = raw_dataset(tmp_path / "d", "trace_name\na\n")
    (path / "chunks").write_text("2021\n")
    with pytest.raises(NotFoundError, match="2021"):
        Dataset.open(path)
    (path / "chunks").write_text("/../../etc\n")
    with pytest.raises(FormatError, match="leads out"):
        Dataset.open(path)


# -- truth -----------------------------------------------------------------------------------------------------------


def test_arrivals_are_found_under_any_of_their_names_and_the_earliest_counts(tmp_path):
    csv = "trace_name,trace_Pg_arrival_sample,trace_Pn_arrival_sample,trace_Pn_status,trace_S_arrival_sample\n"
    path = raw_dataset(tmp_path / "d", csv + "a,80,60,manual,100.5\na,,,,\n")
    with Dataset.open(path) as dataset:
        truth = dataset.record(0).truth
        assert (truth.p_ns, truth.p_status, truth.s_ns) == (600_000_000, "manual", 1_005_000_000)
        assert dataset.record(1).truth.p_ns is None


def test_only_what_is_called_noise_is_noise(tmp_path):
    csv = "trace_name,trace_category,trace_p_arrival_sample\na,noise,\na,,\na,,50\na,earthquake_local,\n"
    with Dataset.open(raw_dataset(tmp_path / "d", csv)) as dataset:
        assert dataset.truths.kind == ["noise", "unknown", "earthquake", "earthquake"]
        assert any("trace_category" in note for note in dataset.notes)


def test_missing_events_are_derived_by_the_stated_rule(tmp_path):
    csv = (
        "trace_name,source_id,source_origin_time,trace_category\n"
        "a,77,,earthquake\na,,2020-01-31T00:00:00.25Z,earthquake\nX_20060723155859_EV,,,earthquake\na,,,noise\nb,,,x\n"
    )
    with Dataset.open(raw_dataset(tmp_path / "d", csv)) as dataset:
        assert dataset.truths.event_id == [
            "77",
            "origin:2020-01-31T00:00:00Z",
            "name:20060723155859",
            "noise:d/a",
            "trace:d/b",
        ]


def test_codes_stay_text(tmp_path):
    csv = "trace_name,station_network_code,station_code,station_location_code\na,NA,SABA,00\n"
    with Dataset.open(raw_dataset(tmp_path / "d", csv)) as dataset:
        assert dataset.record(0).waveform.station_id == "NA.SABA.00"


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("trace_sampling_rate_hz", "-100", "-100.0 Hz"),
        ("trace_sampling_rate_hz", "0", "0.0 Hz"),
        ("trace_sampling_rate_hz", "inf", "finite"),
        ("source_magnitude", "big", "'big'"),
        ("trace_start_time", "yesterday", "'yesterday'"),
        ("path_ep_distance_km", "-3", "-3.0"),
    ],
)
def test_a_row_that_cannot_be_used_is_skipped_with_its_value(tmp_path, column, value, said):
    path = raw_dataset(tmp_path / "d", f"trace_name,{column}\na,{value}\na,\n")
    skipped: list[tuple[str, str]] = []
    with Dataset.open(path) as dataset:
        assert len(list(dataset.records(skipped=skipped))) == 1
        with pytest.raises(FormatError, match="row 0"):
            dataset.record(0)
    assert len(skipped) == 1
    assert said in skipped[0][1]


def test_times_beyond_what_nanoseconds_hold_are_refused(tmp_path):
    csv = "trace_name,trace_start_time\na,9999-12-31T00:00:00Z\na,1400-01-01T00:00:00Z\na,2020-01-01\n"
    with Dataset.open(raw_dataset(tmp_path / "d", csv)) as dataset:
        assert sorted(dataset.faults) == [0, 1]
        assert dataset.record(2).waveform.start_ns == 1_577_836_800 * NS_PER_S


def test_long_records_are_read_a_few_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset_module, "BATCH_BYTES", 3 * 300 * 4 * 2)
    write_dataset(tmp_path / "d", map(record, range(5)), name="d")
    with Dataset.open(tmp_path / "d") as dataset:
        assert list(dataset.batches(range(5))) == [[0, 1], [2, 3], [4]]
        assert len(list(dataset.records())) == 5


# -- splits ----------------------------------------------------------------------------------------------------------


def splits(tmp_path, *sides: str) -> Path:
    rows = "".join(f"a{k},e{k},{side}\n" for k, side in enumerate(sides))
    return raw_dataset(tmp_path / "d", "trace_name,source_id,split\n" + rows)


def test_rows_are_chosen_by_split_and_by_column(tmp_path):
    with Dataset.open(splits(tmp_path, "train", "val", "test", "train", "")) as dataset:
        assert dataset.rows("train").tolist() == [0, 3]
        assert dataset.rows("dev").tolist() == dataset.rows("validation").tolist() == [1]
        assert dataset.rows("train", where={"source_id": ["e3", "e1"]}).tolist() == [3]
        assert dataset.rows(where=lambda table: table["source_id"] == "e2").tolist() == [2]
        with pytest.raises(LabelError, match="source_idd"):
            dataset.rows(where={"source_idd": "e2"})


def test_a_wrong_split_name_is_named(tmp_path):
    with Dataset.open(splits(tmp_path, "train", "tset")) as dataset:
        with pytest.raises(LabelError, match="'trian'.*did you mean 'train'"):
            dataset.rows("trian")
        with pytest.raises(LabelError, match="'tset' of 1 records"):
            dataset.rows("train")


def test_an_event_on_both_sides_is_named_when_a_split_is_asked_for(tmp_path):
    path = raw_dataset(tmp_path / "d", "trace_name,source_id,split\na,us7,train\na,us7,test\na,us8,dev\n")
    with Dataset.open(path) as dataset:
        assert len(dataset.rows()) == 3
        with pytest.raises(LabelError, match="'us7'.*test and train"):
            dataset.rows("train")


def test_without_a_split_column_events_are_split_here_and_it_is_said(tmp_path):
    rows = "".join(f"a{k},e{k % 40}\n" for k in range(120))
    with Dataset.open(raw_dataset(tmp_path / "d", "trace_name,source_id\n" + rows)) as dataset:
        sides = [set(dataset.rows(split).tolist()) for split in ("train", "dev", "test")]
        assert sum(map(len, sides)) == 120
        assert dataset.split_origin == "events"
        assert any("split by event here" in note for note in dataset.notes)


@given(st.lists(st.text(), max_size=30), st.integers(0, 5))
def test_a_split_depends_on_the_event_alone(events, seed):
    together = event_split(events, seed=seed)
    assert together == [event_split([event], seed=seed)[0] for event in events]


def test_split_shares_are_met_and_wrong_ones_refused():
    sides = event_split([f"event-{k}" for k in range(5000)], (0.6, 0.1, 0.3), seed=3)
    shares = [sides.count(split) / 5000 for split in ("train", "dev", "test")]
    assert shares == pytest.approx([0.6, 0.1, 0.3], abs=0.03)
    assert sides != event_split([f"event-{k}" for k in range(5000)], (0.6, 0.1, 0.3), seed=4)
    with pytest.raises(ConfigError, match=r"0\.9"):
        event_split(["a"], (0.9, 0.2, 0.2))


# -- hostile ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../secret", "a/../b", "/data_format/unit", "a//b", "", ".", "a$-1,:3", "a$1,::2", "a$__import__", "a$1e9"]
)
def test_trace_names_with_tricks_are_refused(name):
    with pytest.raises(FormatError, match="trace name"):
        place_of(name)


@given(st.text(max_size=30))
def test_any_trace_name_gives_a_place_or_a_sentence(name):
    try:
        place = place_of(name)
    except FormatError:
        return
    assert not {"", ".", ".."} & set(place.bucket.split("/"))


def broken(tmp_path: Path, spoil) -> Path:
    path = raw_dataset(tmp_path / "d", "trace_name\nbad\na\n")
    with h5py.File(path / "waveforms.hdf5", "r+") as file:
        spoil(file["data"])
    return path


def _external(data):
    data["bad"] = h5py.ExternalLink("/etc/passwd", "/x")


def _soft(data):
    data["bad"] = h5py.SoftLink("/data/a")


def _virtual(data):
    layout = h5py.VirtualLayout((3, 200), "f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", (3, 200))
    data.create_virtual_dataset("bad", layout)


def _outside_storage(data):
    data.create_dataset("bad", (3, 200), "f4", external=[("raw.bin", 0, h5py.h5f.UNLIMITED)])


def _objects(data):
    data.create_dataset("bad", (3,), dtype=h5py.string_dtype())


def _vlen(data):
    data.create_dataset("bad", (3,), dtype=h5py.vlen_dtype(np.float32))


def _group(data):
    data.create_group("bad/deeper")


def _huge(data):
    data.create_dataset("bad", (3, 1 << 40), "f4", chunks=(1, 1024))


def _huge_chunk(data):
    data.create_dataset("bad", (1, 3, 60_000_000), "f8", chunks=(1, 3, 60_000_000))


def _nan(data):
    data["bad"] = np.full((3, 200), np.nan, np.float32)


def _beyond_float32(data):
    data["bad"] = np.full((3, 200), 1e300)


def _empty(data):
    data["bad"] = np.empty((3, 0), np.float32)


def _two_channels(data):
    data["bad"] = np.ones((2, 200), np.float32)


def _four_axes(data):
    data["bad"] = np.ones((1, 1, 3, 4), np.float32)


def _missing(data):
    del data["a"]
    data["a"] = np.ones((3, 200), np.float32)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_external, "ExternalLink"),
        (_soft, "SoftLink"),
        (_virtual, "other files"),
        (_outside_storage, "other files"),
        (_objects, "plain numbers"),
        (_vlen, "plain numbers"),
        (_group, "group"),
        (_huge, "declares shape"),
        (_huge_chunk, "declares shape"),
        (_nan, "NaN"),
        (_beyond_float32, "beyond float32"),
        (_empty, "no samples"),
        (_two_channels, "2 channels"),
        (_four_axes, "1, 2 or 3 axes"),
        (_missing, "not there"),
    ],
)
def test_a_hostile_array_is_refused_and_the_others_are_read(tmp_path, spoil, said):
    skipped: list[tuple[str, str]] = []
    with Dataset.open(broken(tmp_path, spoil)) as dataset:
        assert [r.truth.trace_id for r in dataset.records(skipped=skipped)] == ["d/a"]
    assert skipped[0][0] == "d/bad"
    assert said in skipped[0][1]


@pytest.mark.parametrize("name", ["b$5,:3,:10", "b$0,:4,:10", "b$0,:3,:11", "b$0,:3,:10,0"])
def test_a_row_that_points_outside_its_bucket_is_refused(tmp_path, name):
    path = raw_dataset(tmp_path / "d", f'trace_name\n"{name}"\n"b$4,:3,:10"\n', {"b": np.ones((5, 3, 10), np.float32)})
    skipped: list[tuple[str, str]] = []
    with Dataset.open(path) as dataset:
        assert len(list(dataset.records(skipped=skipped))) == 1
    assert name.partition("$")[0] in skipped[0][1]


def test_a_truncated_or_false_hdf5_file_is_refused_with_its_name(tmp_path):
    path = raw_dataset(tmp_path / "d", "trace_name\na\n")
    whole = (path / "waveforms.hdf5").read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"trace_name\na\n"):
        (path / "waveforms.hdf5").write_bytes(content)
        with pytest.raises(FormatError, match=r"waveforms\.hdf5.*whole HDF5"):
            Dataset.open(path)


def test_a_data_group_that_is_a_link_is_refused(tmp_path):
    path = raw_dataset(tmp_path / "d", "trace_name\na\n")
    with h5py.File(path / "waveforms.hdf5", "r+") as file:
        del file["data"]
        file["data"] = h5py.ExternalLink("other.h5", "/data")
    with pytest.raises(FormatError, match="ExternalLink"):
        Dataset.open(path)


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("", "no header"),
        ("station_code\nX\n", "no column trace_name"),
        ("trace_name,split\na\n", "line 2.*1 fields"),
        ("trace_name,split\na,train,x\n", "not a table|fields"),
        ("trace_name,trace_name\na,b\n", "twice"),
    ],
)
def test_a_broken_table_is_refused_with_its_line(tmp_path, csv, said):
    with pytest.raises(FormatError, match=said):
        Dataset.open(raw_dataset(tmp_path / "d", csv))


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(NotFoundError, match="nowhere"):
        Dataset.open(tmp_path / "nowhere")
    path = raw_dataset(tmp_path / "d", "trace_name\na\n")
    (path / "waveforms.hdf5").unlink()
    with pytest.raises(NotFoundError, match=r"waveforms\.hdf5"):
        Dataset.open(path)


def test_an_unknown_unit_or_layout_says_to_use_a_mapping(tmp_path):
    with pytest.raises(FormatError, match="mapping file"):
        Dataset.open(raw_dataset(tmp_path / "a", "trace_name\na\n", component_order="XYZ"))
    path = raw_dataset(tmp_path / "b", "trace_name\na\n", unit="furlong")
    with Dataset.open(path) as dataset, pytest.raises(FormatError, match="furlong"):
        dataset.record(0)


# -- the flat array --------------------------------------------------------------------------------------------------


def flat(tmp_path) -> Dataset:
    write_dataset(tmp_path / "d", (record(k, n=200 + 10 * k) for k in range(6)), name="d")
    return Dataset.open(tmp_path / "d")


def test_the_flat_array_holds_every_trace_and_is_found_again(tmp_path):
    with flat(tmp_path) as dataset:
        block = dataset.to_memmap(tmp_path / "flat")
        for k in range(6):
            assert np.array_equal(block.trace(k), dataset.read_block([k])[0])
        stamp = next((tmp_path / "flat").rglob("data.npy")).stat().st_mtime_ns
        assert len(dataset.to_memmap(tmp_path / "flat")) == 6
        assert next((tmp_path / "flat").rglob("data.npy")).stat().st_mtime_ns == stamp
    assert isinstance(block.data, np.memmap)
    assert not block.data.flags.writeable


def test_windows_are_gathered_and_padded_with_zeros(tmp_path):
    with flat(tmp_path) as dataset:
        block = dataset.to_memmap(tmp_path / "flat")
    x = block.windows(np.array([0, 3, 5]), np.array([10, -20, 240]), n_samples=60)
    assert x.shape == (3, 3, 60)
    assert np.array_equal(x[0], block.trace(0)[:, 10:70])
    assert not x[1, :, :20].any()
    assert np.array_equal(x[1, :, 20:], block.trace(3)[:, :40])
    assert np.array_equal(x[2, :, :10], block.trace(5)[:, 240:])
    assert not x[2, :, 10:].any()


def test_other_content_gets_another_flat_array(tmp_path):
    with flat(tmp_path) as dataset:
        dataset.to_memmap(tmp_path / "flat")
        dataset.to_memmap(tmp_path / "flat", rows=[1, 2])
    assert len(list((tmp_path / "flat").iterdir())) == 2


def test_a_flat_array_that_was_cut_off_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset_module, "BATCH_ROWS", 2)
    monkeypatch.setattr(memmap, "SAFE_BATCHES", 1)
    with flat(tmp_path) as dataset:
        asked: list[int] = []
        whole = dataset.try_block

        def cut_off(rows):
            asked.extend(map(int, rows))
            if 4 in rows and not (tmp_path / "resumed").exists():
                raise KeyboardInterrupt
            return whole(rows)

        monkeypatch.setattr(dataset, "try_block", cut_off)
        with pytest.raises(KeyboardInterrupt):
            to_memmap(dataset, tmp_path / "flat")
        (tmp_path / "resumed").touch()
        asked.clear()
        block = to_memmap(dataset, tmp_path / "flat")
        assert asked == [4, 5]
        assert all(np.array_equal(block.trace(k), whole([k])[0]) for k in range(6))


def test_two_runs_do_not_make_one_flat_array_at_once(tmp_path, monkeypatch):
    with flat(tmp_path) as dataset:
        whole = dataset.try_block

        def meanwhile(rows):
            with pytest.raises(OutputError, match="another run"):
                to_memmap(dataset, tmp_path / "flat")
            return whole(rows)

        monkeypatch.setattr(dataset, "try_block", meanwhile)
        assert len(to_memmap(dataset, tmp_path / "flat")) == 6


def test_a_damaged_flat_array_is_refused(tmp_path):
    with flat(tmp_path) as dataset:
        dataset.to_memmap(tmp_path / "flat")
    folder = next((tmp_path / "flat").iterdir())
    (folder / "data.npy").write_bytes((folder / "data.npy").read_bytes()[:500])
    with pytest.raises(FormatError, match="delete that folder"):
        open_memmap(folder)


def test_rows_that_cannot_be_read_are_left_out_of_the_flat_array(tmp_path):
    with Dataset.open(broken(tmp_path, _nan)) as dataset:
        block = dataset.to_memmap(tmp_path / "flat")
    assert block.row.tolist() == [1]
    assert block.skipped[0][0] == "d/bad"


# -- real data -------------------------------------------------------------------------------------------------------


@pytest.mark.realdata
def test_real_sets_are_read_whole(realdata):
    for name, records in (("ncedc", 105), ("picks_misc", 219)):
        skipped: list[tuple[str, str]] = []
        with Dataset.open(realdata / name) as dataset:
            assert len(list(dataset.records(skipped=skipped))) == records
            assert dataset.rows("train").size > 0
        assert skipped == []


@pytest.mark.realdata
def test_a_real_set_survives_a_copy(realdata, tmp_path):
    with Dataset.open(realdata / "picks_misc") as dataset:
        rows = dataset.rows(where={"trace_source": ["oklahoma_okr", "icequake_aq"]})
        write_dataset(tmp_path / "copy", dataset.records(rows), name="copy")
        with Dataset.open(tmp_path / "copy") as copy:
            for a, b in zip(dataset.records(rows), copy.records(), strict=True):
                assert dataclasses.replace(b.truth, source=a.truth.source) == a.truth
                assert np.array_equal(a.waveform.data, b.waveform.data)
                assert np.array_equal(a.waveform.valid, b.waveform.valid)


@pytest.mark.realdata
def test_gujarat_has_its_splits_and_events(realdata):
    with Dataset.open(realdata / "gujarat") as dataset:
        assert [len(dataset.rows(split)) for split in ("train", "dev", "test")] == [1384, 184, 277]
        assert len(set(dataset.truths.event_id)) == 1079
