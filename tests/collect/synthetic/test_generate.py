"""Whole synthetic records against physics: times, levels, spectra, repeatability. Knows no models."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreshock import geo, law, plugins
from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic import Layer, SyntheticSettings, SyntheticSource, generate, source, synthesise
from foreshock.errors import ConfigError
from foreshock.types.record import Record

CLEAN: dict[str, Any] = {
    "noise_fraction": 0.0,
    "transients_per_minute": 0.0,
    "glitch_fraction": 0.0,
    "step_fraction": 0.0,
    "gap_fraction": 0.0,
}
PURE: dict[str, Any] = CLEAN | {"noise": False, "unit": "m/s"}
POINT: dict[str, Any] = PURE | {
    "s_scattering_per_km": 0.0,
    "p_scattering_per_km": 0.0,
    "broadened_fraction": 0.0,
    "head_wave_factor": 0.0,
    "site_resonance": False,
    "kappa_median_s": 0.0,
}
ROCK = (Layer(top_km=0.0, vp_km_s=6.0, vs_km_s=3.5, density_kg_m3=2700.0),)


def _bytes(records: Iterable[Record]) -> list[tuple[bytes, bytes, object]]:
    return [(r.waveform.data.tobytes(), r.waveform.valid.tobytes(), r.truth) for r in records]


def test_the_source_keeps_the_law(tmp_path: Path) -> None:
    for specimen in SyntheticSource.specimens(tmp_path):
        law.check_source(specimen)


def test_the_source_is_at_its_door() -> None:
    assert plugins.load("sources", "synthetic") is SyntheticSource


def test_the_same_seed_gives_the_same_bytes_however_many_are_asked_for() -> None:
    settings = SyntheticSettings(records=70, rate_hz=20.0, span_s=20.0, noise_fraction=0.3, stations_per_event=3)
    whole = _bytes(synthesise(settings, seed=9))
    for n in (1, 31, 33, 70):
        assert _bytes(synthesise(settings.model_copy(update={"records": n}), seed=9)) == whole[:n]


def test_another_seed_gives_other_events_stations_and_noise() -> None:
    settings = SyntheticSettings(records=8, rate_hz=20.0, span_s=20.0)
    one, two = list(synthesise(settings, seed=0)), list(synthesise(settings, seed=1))
    assert not {r.truth.event_id for r in one} & {r.truth.event_id for r in two}
    assert not {r.truth.magnitude for r in one} & {r.truth.magnitude for r in two} - {None}


def test_a_negative_seed_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="seed -3"):
        next(synthesise(SyntheticSettings(), seed=-3))


def test_the_truth_is_complete_and_agrees_with_itself() -> None:
    settings = SyntheticSettings(records=32, layers=ROCK, **CLEAN)
    for record in synthesise(settings, seed=2):
        truth, wave = record.truth, record.waveform
        assert truth.p_ns is not None
        assert truth.origin_ns is not None
        assert truth.distance_km is not None
        assert truth.depth_km is not None
        way_km = np.hypot(truth.distance_km, truth.depth_km)
        assert (truth.p_ns - truth.origin_ns) / NS_PER_S == pytest.approx(way_km / 6.0, abs=2e-9)
        if truth.s_ns is not None:
            assert (truth.s_ns - truth.p_ns) / NS_PER_S == pytest.approx(way_km * (1 / 3.5 - 1 / 6.0), abs=4e-9)
        assert 0.1 <= (truth.p_ns - wave.start_ns) / NS_PER_S / wave.span_s <= 0.5 + 1e-9
        assert truth.magnitude_type == "Mw"
        assert truth.snr_db is not None


def test_one_event_is_seen_by_several_stations_in_one_geometry() -> None:
    settings = SyntheticSettings(records=40, rate_hz=20.0, span_s=30.0, stations=6, stations_per_event=4, **CLEAN)
    records = list(synthesise(settings, seed=4))
    network = generate.Bench.of(settings, seed=4).network
    places = dict(zip(network.codes, zip(network.latitude, network.longitude, strict=True), strict=True))
    for k in range(0, 40, 4):
        group = records[k : k + 4]
        assert len({r.waveform.station_id for r in group}) == 4
        assert len({(r.truth.event_id, r.truth.origin_ns, r.truth.magnitude, r.truth.depth_km) for r in group}) == 1
        for record in group:
            lat, lon = places[record.waveform.station_id]
            assert record.truth.event_latitude is not None
            assert record.truth.event_longitude is not None
            km, _, back = geo.inverse(record.truth.event_latitude, record.truth.event_longitude, lat, lon)
            assert record.truth.distance_km == pytest.approx(float(km))
            assert record.truth.back_azimuth_deg == pytest.approx(float(back))


def test_the_plateau_of_displacement_is_the_moments() -> None:
    """Ω0 of S, from the spectrum of all three components, against M0·R·FS / (4πρβ³r) with the exact pattern."""
    settings = SyntheticSettings(
        records=24, layers=ROCK, span_s=80.0, magnitude_min=4.2, magnitude_max=4.8, distance_min_km=30,
        distance_max_km=60, spreading_crossover_km=1000, q_s_at_1_hz=10_000, q_p_over_q_s=1.0,
        p_latest_fraction=0.1, stress_drop_sigma_log10=0.0, **POINT,
    )  # fmt: skip
    bench = generate.Bench.of(settings, seed=6)
    scene = generate.events.build_scene(settings, bench.network, seed=6, index=np.arange(24))
    waves = generate.signals.travel(settings, scene)
    for wave, rays, speed in (("p", waves.p.direct, 6000.0), ("s", waves.s.direct, 3500.0)):
        pattern = generate.signals.motion_zne(settings, scene, rays, bench.network, wave=wave)
        for k, record in enumerate(synthesise(settings, seed=6)):
            way_m = 1e3 * np.hypot(scene.distance_km[k], scene.depth_km[k])
            expected = 2 * source.moment_nm(scene.magnitude[k]) / (4 * np.pi * 2700 * speed**3 * way_m)
            first = round((rays.time_s[k] - waves.start_s[k]) * 100) - 5
            piece = record.waveform.data[:, first : first + 290].astype(float)
            frequency = np.fft.rfftfreq(8192, 0.01)
            displacement = np.fft.rfft(piece, 8192) / 100 / (2j * np.pi * np.maximum(frequency, 1e-9))
            low = (frequency > 0.3) & (frequency < 0.5)
            corner = (1.5 if wave == "p" else 1.0) * source.corner_hz(
                source.moment_nm(scene.magnitude[k]), stress_drop_pa=3e6, vs_m_s=3500.0
            )
            shape = 1 + (frequency[low] / corner) ** 2
            level = np.sqrt((np.abs(displacement[:, low] * shape) ** 2).sum(0)).mean()
            assert level == pytest.approx(expected * np.linalg.norm(pattern[k]), rel=0.05)


def test_spectra_decay_with_t_star() -> None:
    """The ratio of two records that differ in Q alone is exp(-π f Δt*)."""
    base: dict[str, Any] = POINT | {"records": 4, "layers": ROCK, "magnitude_min": 2.0, "magnitude_max": 2.5}
    strong, weak = (
        list(synthesise(SyntheticSettings(**base, q_s_at_1_hz=q, q_p_over_q_s=1.0, q_exponent=0.3), seed=1))
        for q in (400.0, 100.0)
    )
    for one, two in zip(strong, weak, strict=True):
        truth = one.truth
        assert truth.p_ns is not None
        assert truth.origin_ns is not None
        first = round(one.waveform.sample_at(truth.p_ns)) - 2
        last = first + round(0.9 * 100 * (1 / 3.5 - 1 / 6.0) * np.hypot(truth.distance_km or 0, truth.depth_km or 0))
        spectra = [np.abs(np.fft.rfft(r.waveform.data[0, first:last], 4096)) for r in (one, two)]
        frequency = np.fft.rfftfreq(4096, 0.01)
        band = (frequency > 4) & (frequency < 12)
        travel_s = (truth.p_ns - truth.origin_ns) / NS_PER_S
        expected = -np.pi * frequency[band] ** 0.7 * travel_s * (1 / 100 - 1 / 400)
        assert np.log(spectra[1][band] / spectra[0][band]) == pytest.approx(expected, abs=0.1, rel=0.05)


def test_before_p_there_is_only_noise() -> None:
    settings = SyntheticSettings(records=48, **CLEAN)
    noisy = list(synthesise(settings, seed=5))
    silent = list(synthesise(settings.model_copy(update={"noise": False}), seed=5))
    compared = 0
    for record, alone in zip(noisy, silent, strict=True):
        assert record.truth.p_ns == alone.truth.p_ns
        assert record.truth.p_ns is not None
        before = round(record.waveform.sample_at(record.truth.p_ns)) - 5
        signal = alone.waveform.data[:, :before].astype(float)
        peak = np.abs(alone.waveform.data).max()
        assert np.abs(signal).max() <= max(1.0, 2e-3 * peak)
        compared += peak > 1000
    assert compared > 20


def test_the_ground_begins_to_move_within_three_samples_of_p() -> None:
    settings = SyntheticSettings(records=24, magnitude_min=1.5, magnitude_max=2.5, distance_max_km=20.0, **PURE)
    for record in synthesise(settings, seed=8):
        assert record.truth.p_ns is not None
        at = record.waveform.sample_at(record.truth.p_ns)
        energy = np.cumsum((record.waveform.data[:, : round(at) + 40].astype(float) ** 2).sum(0))
        onset = int(np.searchsorted(energy, 1e-3 * energy[-1]))
        assert -1.5 <= onset - at <= 4


def test_s_is_larger_on_horizontals_and_p_on_the_vertical() -> None:
    settings = SyntheticSettings(records=32, span_s=60.0, distance_min_km=30, distance_max_km=90, **PURE)
    p_ratio, s_over_p = [], []
    for record in synthesise(settings, seed=3):
        wave, truth = record.waveform, record.truth
        assert truth.p_ns is not None
        assert truth.s_ns is not None
        p, s = round(wave.sample_at(truth.p_ns)), round(wave.sample_at(truth.s_ns))
        power_p = (wave.data[:, p : p + 150] ** 2).mean(1)
        power_s = (wave.data[:, s : s + 300] ** 2).mean(1)
        p_ratio.append(power_p[0] / power_p[1:].mean())
        s_over_p.append(power_s[1:].mean() / power_p.mean())
    assert np.median(p_ratio) > 1
    assert np.median(s_over_p) > 4


def test_the_coda_dies_away() -> None:
    settings = SyntheticSettings(records=24, p_latest_fraction=0.12, distance_max_km=40.0, **PURE)
    total = np.zeros(6000)
    for record in synthesise(settings, seed=12):
        power = (record.waveform.data.astype(float) ** 2).sum(0)
        total += power / power.max()
    steps = [total[first : first + 1000].mean() for first in (1500, 2500, 3500, 4500)]
    assert all(later < 0.8 * earlier for earlier, later in pairwise(steps))
    assert steps[-1] > 0


def test_a_strong_near_earthquake_clips_and_the_mask_says_so() -> None:
    settings = SyntheticSettings(
        records=16, instruments=("broadband",), magnitude_min=5.5, magnitude_max=6.0, distance_max_km=10.0, **CLEAN
    )
    shown = list(synthesise(settings.model_copy(update={"mask_clipped": False}), seed=1))
    masked = list(synthesise(settings, seed=1))
    clipped = [np.abs(record.waveform.data) >= 2**23 for record in shown]
    assert sum(bool(where.any()) for where in clipped) >= 8
    for where, plain, hidden in zip(clipped, shown, masked, strict=True):
        assert np.abs(plain.waveform.data).max() <= 2**23
        assert plain.waveform.valid.all()
        assert np.array_equal(~hidden.waveform.valid, where)


def test_counts_are_whole_numbers_and_units_are_as_asked() -> None:
    for unit in ("count", "m/s", "m/s2"):
        settings = SyntheticSettings(records=4, rate_hz=50.0, span_s=20.0, unit=unit)
        for record in synthesise(settings, seed=0):
            assert record.waveform.unit == unit
            whole = bool((record.waveform.data == np.rint(record.waveform.data)).all())
            assert whole == (unit == "count")


def test_acceleration_is_the_derivative_of_velocity() -> None:
    velocity, acceleration = (
        next(synthesise(SyntheticSettings(records=1, **PURE | {"unit": unit}), seed=21)).waveform.data.astype(float)
        for unit in ("m/s", "m/s2")
    )
    slope = np.gradient(velocity, 0.01, axis=1)
    smooth = np.convolve(acceleration[1], np.ones(25) / 25, "same")
    assert np.convolve(slope[1], np.ones(25) / 25, "same") == pytest.approx(smooth, abs=0.05 * np.abs(smooth).max())


def test_the_first_arrival_beyond_the_crossover_is_the_head_wave() -> None:
    settings = SyntheticSettings(records=8, distance_min_km=250, distance_max_km=300, network_radius_km=0, **CLEAN)
    for record in synthesise(settings, seed=0):
        truth = record.truth
        assert truth.p_ns is not None
        assert truth.origin_ns is not None
        assert truth.distance_km is not None
        mean_speed = truth.distance_km / ((truth.p_ns - truth.origin_ns) / NS_PER_S)
        assert 6.5 < mean_speed < 8.04, "faster than any direct ray through the crust"


def test_half_the_records_are_noise_when_asked_and_carry_no_event() -> None:
    records = list(synthesise(SyntheticSettings(records=64, rate_hz=10.0, noise_fraction=0.5), seed=0))
    noise = [r for r in records if r.truth.kind == "noise"]
    assert len(noise) == 32
    assert all(r.truth.p_ns is None and r.truth.magnitude is None for r in noise)
    assert len({r.truth.event_id for r in noise}) == 32


def test_snr_grows_two_thirds_of_a_decade_a_magnitude_or_more() -> None:
    means = []
    for magnitude in (2.0, 4.0):
        settings = SyntheticSettings(
            records=32, magnitude_min=magnitude, magnitude_max=magnitude, rate_hz=50.0, **CLEAN
        )
        means.append(np.mean([r.truth.snr_db for r in synthesise(settings, seed=2)]))
    assert 20 < means[1] - means[0] < 60


def test_late_s_is_left_out_of_truth_and_record() -> None:
    settings = SyntheticSettings(
        records=8, span_s=20.0, distance_min_km=120, distance_max_km=150, network_radius_km=0,
        p_earliest_fraction=0.6, p_latest_fraction=0.6, p_scattering_per_km=0.0, **PURE,
    )  # fmt: skip
    for record in synthesise(settings, seed=0):
        assert record.truth.s_ns is None
        assert np.abs(record.waveform.data[:, :1100]).max() < 1e-2 * np.abs(record.waveform.data).max()
