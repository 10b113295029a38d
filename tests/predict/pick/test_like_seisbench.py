"""The same weights say the same here as in the real SeisBench: same curves, same picks, on whole and broken streams."""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest

from foreshock.collect.obspy_door import reading_from_obspy
from foreshock.predict.pick.windows import WindowPicker
from foreshock.road.picking import pick

WHY = "SeisBench (GPL-3) is not installed: there is nothing to compare with"
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module", params=["PhaseNet", "EQTransformer"])
def sides(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, WindowPicker]:
    """SeisBench's model and ours, with the same random weights."""
    folder = tmp_path_factory.mktemp("peer")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("SEISBENCH_CACHE_ROOT", str(folder / "cache"))
        models = pytest.importorskip("seisbench.models", reason=WHY)
    return both(models, request.param, folder)


def both(models: Any, name: str, folder: Path) -> tuple[Any, WindowPicker]:
    import torch

    from foreshock.train.foreign.convert import converted
    from foreshock.train.foreign.files import read_weights

    torch.manual_seed(4)
    logging.getLogger("seisbench").setLevel(logging.ERROR)
    told: dict[str, Any] = {"filter_args": ["highpass"], "filter_kwargs": {"freq": 1}} if name != "PhaseNet" else {}
    model = getattr(models, name)(**told).eval()
    model.save(str(folder / name))
    return model, WindowPicker(converted(name, read_weights(folder / f"{name}.pt")))


def stream(
    seconds: float, *, rate_hz: float = 100.0, components: str = "ZNE", seed: int = 0, off_s: float = 0.0
) -> Any:
    """Noise that swells now and then."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate_hz)
    swell = 1 + 20 * np.maximum(0, np.sin(np.arange(n) / rate_hz / 17)) ** 8
    start = obspy.UTCDateTime(2020, 3, 28) + off_s
    header = {"network": "XX", "station": "A", "sampling_rate": rate_hz, "starttime": start}
    return obspy.Stream(
        obspy.Trace((rng.standard_normal(n) * swell * 100).astype(np.float32), {**header, "channel": f"HH{letter}"})
        for letter in components
    )


def broken(whole: Any, *, gaps: int, longest_s: float, seed: int) -> Any:
    """The same with gaps in each component, and some in all."""
    rng, out = np.random.default_rng(seed), obspy.Stream()
    n = len(whole[0].data)
    common = [(int(rng.integers(0, n)), int(rng.integers(1, longest_s * 100))) for _ in range(gaps)]
    for trace in whole:
        data = np.ma.array(trace.data, mask=False)
        for first, length in common[: gaps // 2]:
            data[first : first + length] = np.ma.masked
        for _ in range(gaps):
            first = int(rng.integers(0, n))
            data[first : first + int(rng.integers(1, longest_s * 100))] = np.ma.masked
        held = trace.copy()
        held.data = data
        out += held.split()
    return out


def check(sides: tuple[Any, WindowPicker], given: Any, *, most: float = 1e-4) -> int:
    """Compare every curve and every pick; give how many samples were compared.

    Random weights of EQTransformer make curves that are flat to 1e-3: where the highest sample of such a curve lies is
    left to rounding, so only published weights' times are compared.
    """
    model, ours = sides
    is_flat = ours.name == "seisbench-eqtransformer-EQTransformer"
    name = type(model).__name__
    theirs = {(trace.stats.channel, round(trace.stats.starttime.ns, -4)): trace for trace in model.annotate(given)}
    compared = 0
    for wave in reading_from_obspy(given).waveforms:
        for curves in ours.curves(wave, classes=ours.card.classes):
            for phase in ours.card.classes:
                curve = curves.of(phase)
                said = np.flatnonzero(~np.isnan(curve))
                first, last = said[0], said[-1] + 1
                other = theirs.pop((f"{name}_{phase}", round(curves.block.time_ns(int(first)), -4)))
                assert len(other.data) == last - first
                np.testing.assert_allclose(curve[first:last], other.data, rtol=0, atol=most)
                compared += last - first
    assert not theirs
    told = {f"{phase}_threshold": value for phase, value in ours.windows.onsets.items()}
    picks = sorted((one.phase, one.peak_time.ns, one.peak_value) for one in model.classify(given, **told).picks)
    mine = sorted((one.phase, one.time_ns, one.probability) for one in pick(given, ours))
    assert [one[0] for one in mine] == [one[0] for one in picks]
    if not is_flat:
        np.testing.assert_allclose([one[1] for one in mine], [one[1] for one in picks], rtol=0, atol=1e7)
    mine, picks = (sorted(held, key=lambda one: (one[0], one[2] if is_flat else one[1])) for held in (mine, picks))
    np.testing.assert_allclose([one[2] for one in mine], [one[2] for one in picks], rtol=0, atol=most)
    return compared


def test_a_whole_record(sides: tuple[Any, WindowPicker]) -> None:
    assert check(sides, stream(200, off_s=0.003906)) > 50_000


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_record_with_gaps_in_some_components_and_in_all(sides: tuple[Any, WindowPicker], seed: int) -> None:
    assert check(sides, broken(stream(600), gaps=6, longest_s=30, seed=seed)) > 50_000


@pytest.mark.parametrize("rate_hz", [200.0, 50.0, 31.25, 125.0])
def test_records_of_other_rates(sides: tuple[Any, WindowPicker], rate_hz: float) -> None:
    assert check(sides, stream(150, rate_hz=rate_hz)) > 30_000


@pytest.mark.parametrize("components", ["Z", "ZN", "Z12", "E"])
def test_records_that_lack_components_or_name_them_otherwise(sides: tuple[Any, WindowPicker], components: str) -> None:
    assert check(sides, stream(100, components=components)) > 20_000


def test_gaps_at_200_hz_that_begin_between_the_samples_of_100_hz(sides: tuple[Any, WindowPicker]) -> None:
    given = broken(stream(200, rate_hz=200.0), gaps=3, longest_s=7, seed=5)
    assert check(sides, given) > 10_000


def test_detections_are_the_same(sides: tuple[Any, WindowPicker]) -> None:
    model, ours = sides
    given = stream(300, seed=3)
    (wave,) = reading_from_obspy(given).waveforms
    theirs = getattr(model.classify(given), "detections", [])
    mine = ours.detections(wave)
    assert len(mine) == len(theirs)
    for one, other in zip(mine, theirs, strict=True):
        assert abs(one.first_ns - other.start_time.ns) <= 1e7
        assert abs(one.last_ns - other.end_time.ns) <= 1e7
        assert one.probability == pytest.approx(other.peak_value, abs=1e-4)


@pytest.mark.realdata
def test_real_streams_whole_and_broken(sides: tuple[Any, WindowPicker], realdata: Path) -> None:
    """Counts with an offset of 800 times the motion: SeisBench's own rounding of a window's mean costs it 1e-4."""
    for file in sorted((realdata / "luhu_continuous").glob("*.mseed"))[:2]:
        cut = obspy.read(str(file)).sort()
        start = cut[0].stats.starttime
        part = cut.slice(start, start + 400)
        assert check(sides, part) > 100_000
        assert check(sides, broken(part, gaps=4, longest_s=20, seed=1)) > 50_000


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "told"), [("original", {"original_compatible": "conservative"}), ("pnw", {})])
def test_published_weights_pick_the_same_on_real_streams(
    name: str, told: dict[str, Any], realdata: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = realdata.parent / "peers" / "eqtransformer"
    if not folder.is_dir():
        pytest.skip("no folder of peers lies beside the real recordings")
    monkeypatch.setenv("SEISBENCH_CACHE_ROOT", str(tmp_path / "cache"))
    models = pytest.importorskip("seisbench.models", reason=WHY)
    import torch

    from foreshock.train.foreign.convert import converted
    from foreshock.train.foreign.files import read_weights

    files = read_weights(next(iter(sorted(folder.glob(f"{name}.pt*")))))
    text = next(iter(folder.glob(f"{name}.json*"))).read_text(encoding="utf-8")
    model = models.EQTransformer(**json.loads(text)["model_args"] | told).eval()
    model.load_state_dict(torch.load(next(iter(folder.glob(f"{name}.pt*"))), weights_only=True))
    sides = model, WindowPicker(converted("EQTransformer", files))
    for file in sorted((realdata / "luhu_continuous").glob("*.mseed")):
        cut = obspy.read(str(file)).sort()
        part = cut.slice(cut[0].stats.starttime, cut[0].stats.starttime + 600)
        assert check(sides, part, most=1e-5) > 100_000
        assert check(sides, broken(part, gaps=4, longest_s=20, seed=1), most=1e-5) > 10_000
