"""A station's ground without end: the same in whatever parts, earthquakes where the truth says, noise without seams."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from foreshock.clock import NS_PER_S
from foreshock.collect.synthetic.audible import hear
from foreshock.collect.synthetic.continuous import BLOCK_S, FADE_S, Part, Site, add_earthquakes, noise_part
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.recorder import Recorder, draw_recorder
from foreshock.collect.synthetic.sequence import Quakes, draw_quakes
from foreshock.collect.synthetic.stations import build_network

RATE = 25.0
SETTINGS = NetworkDaySettings(
    stations=2,
    events=12,
    span_s=3600.0,
    magnitude_min=1.5,
    ground={"rate_hz": RATE, "instruments": ["broadband"], "transients_per_minute": 0.5},
)


def site(settings: NetworkDaySettings = SETTINGS, *, seed: int = 3) -> Site:
    base = settings.base()
    return Site(settings, base, build_network(base, seed=seed).only(0), 0, seed)


def exact(p_static_s: float = 0.0, clock_s: float = 0.0) -> Recorder:
    return Recorder(p_static_s, p_static_s, clock_s, 0.0, 0, 0, ())


def silent(n: int) -> Part:
    return Part(0, np.zeros((3, n), np.float32), np.ones(n))


def test_parts_of_the_noise_are_the_noise() -> None:
    whole = noise_part(site(), 0, 90_000).data
    edge = round((BLOCK_S + FADE_S / 2) * RATE)
    for first, last in ((0, edge), (edge, 90_000), (edge - 7, edge + 7)):
        assert np.array_equal(noise_part(site(), first, last).data, whole[:, first:last])


def test_the_noise_is_as_loud_where_blocks_fade_into_each_other() -> None:
    calm = SETTINGS.ground.model_copy(update={"transients_per_minute": 0.0, "hourly_db_sigma": 0.0})
    quiet = SETTINGS.model_copy(update={"daily_db": 0.0, "ground": calm})
    ratios = []
    for seed in range(8):
        data = noise_part(site(quiet, seed=seed), 0, 90_000).data[0].astype(float)
        seam = data[round(BLOCK_S * RATE) : round((BLOCK_S + FADE_S) * RATE)]
        plain = data[round(0.3 * BLOCK_S * RATE) :][: len(seam)]
        ratios.append(seam.std() / plain.std())
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.15)


def test_earthquakes_stand_where_the_truth_says() -> None:
    here, quakes = site(), draw_quakes(SETTINGS, seed=3)
    heard = hear(SETTINGS, here.base, here.network, quakes, exact(p_static_s=0.13, clock_s=-0.4))
    for k in np.argsort(-heard.ratio)[:3]:
        alone = hear(SETTINGS, here.base, here.network, _only(quakes, int(heard.event[k])), exact(0.13, -0.4))
        part = silent(SETTINGS.n_samples)
        add_earthquakes(here, part, alone)
        loud = np.abs(part.data[0])
        p = (alone.p_ns[0] - SETTINGS.start_ns) / NS_PER_S * RATE
        first = int(np.argmax(loud > 0.05 * loud[int(p) : int(p) + 25].max()))
        assert p - 2 <= first <= p + 4


def test_a_delay_and_a_clock_error_move_what_is_recorded_by_as_much() -> None:
    here, quakes = site(), draw_quakes(SETTINGS, seed=3)
    plain, moved = (hear(SETTINGS, here.base, here.network, quakes, told) for told in (exact(), exact(0.2, 0.3)))
    assert np.allclose((moved.p_ns - plain.p_ns) / NS_PER_S, 0.5, atol=1e-6)
    one, two = silent(SETTINGS.n_samples), silent(SETTINGS.n_samples)
    add_earthquakes(here, one, plain)
    add_earthquakes(here, two, moved)
    shift = round(0.5 * RATE)
    a, b = one.data[0, :-shift].astype(float), two.data[0, shift:].astype(float)
    shifts = [float(np.corrcoef(a[20:-20], np.roll(b, k)[20:-20])[0, 1]) for k in (-3, -1, 0, 1, 3)]
    assert int(np.argmax(shifts)) in (1, 2, 3)


def test_earthquakes_come_out_the_same_in_parts() -> None:
    here, quakes = site(), draw_quakes(SETTINGS, seed=3)
    heard, n = hear(SETTINGS, here.base, here.network, quakes, exact()), SETTINGS.n_samples
    whole = silent(n)
    snr = add_earthquakes(here, whole, heard)
    cut = int((heard.p_ns[4] - SETTINGS.start_ns) / NS_PER_S * RATE) + 100
    parts = [Part(a, np.zeros((3, b - a), np.float32), np.ones(n)) for a, b in ((0, cut), (cut, n))]
    said = [add_earthquakes(here, part, heard) for part in parts]
    assert np.array_equal(np.concatenate([part.data for part in parts], axis=1), whole.data)
    assert np.array_equal(np.where(np.isnan(said[0]), said[1], said[0]), snr, equal_nan=True)
    assert not (np.isfinite(said[0]) & np.isfinite(said[1])).any()


def test_what_is_left_out_is_far_below_the_noise() -> None:
    faint = SETTINGS.model_copy(update={"magnitude_min": -1.0, "magnitude_max": 0.5, "events": 60})
    here, quakes = site(faint), draw_quakes(faint, seed=3)
    all_of_it = faint.model_copy(update={"audible_ratio": 1e-9})
    kept = hear(faint, here.base, here.network, quakes, exact())
    everything = hear(all_of_it, here.base, here.network, quakes, exact())
    lost = ~np.isin(everything.event, kept.event)
    part = noise_part(here, 0, faint.n_samples)
    snr = add_earthquakes(here, part, everything)
    assert 0 < lost.sum() < len(lost)
    assert np.nanmax(snr[lost]) < 0.2


def test_a_recorder_keeps_no_sample_of_its_gaps() -> None:
    settings = SETTINGS.model_copy(update={"gaps_per_day": 400.0, "missing_fraction": 1.0})
    told = draw_recorder(settings, 1, seed=0, jumps=True)
    valid = told.mask(settings.start_ns, settings.n_samples, rate_hz=RATE)
    longest = max(b - a for a, b in told.gaps) / NS_PER_S
    assert 0.05 < 1 - valid.mean() < 0.9
    assert longest >= 0.2 * settings.span_s / 3
    jumped = np.array([told.jump_from_ns, told.jump_to_ns])
    assert told.clock_error_s(jumped) == pytest.approx([told.clock_s + told.jump_s, told.clock_s])
    assert abs(told.jump_s) == settings.clock_jump_s


def _only(quakes: Quakes, k: int) -> Quakes:
    return Quakes(**{f.name: getattr(quakes, f.name)[k : k + 1] for f in fields(quakes)})
