"""Bank: onsets of waves within a tenth of a second; whatever else a network sends is refused, counted and survived."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warning_parts import (
    GAIN,
    RATE_HZ,
    T,
    bank_of,
    counted,
    cut,
    fed,
    noise,
    ns,
    p_wave,
    packet,
    seconds_of,
    station,
)

from foreshock.apps.warning.bank import Bank, Heard
from foreshock.types.packet import Packet

ONSET_S = 22.37
WAVE = counted(noise(30) + p_wave(30, onset_s=ONSET_S, peak=4000))
CALM = counted(noise(30))


def told(found: list[Heard]) -> list[tuple[str, int, float, float]]:
    return [(one.station_id, one.pick.time_ns, one.pick.sigma_s, one.snr) for one in found]


@pytest.mark.parametrize("rate_hz", [31.25, 50.0, 100.0, 200.0])
@pytest.mark.parametrize("peak", [400.0, 4000.0, 4e5])
def test_a_wave_is_heard_once_and_within_a_tenth_of_a_second(rate_hz: float, peak: float) -> None:
    x = counted(noise(30, rate_hz=rate_hz) + p_wave(30, onset_s=ONSET_S, peak=peak, rate_hz=rate_hz))
    (one,) = fed(bank_of(), seconds_of(x, rate_hz=rate_hz))
    assert (one.pick.time_ns - T) / 1e9 == pytest.approx(ONSET_S, abs=0.1)
    assert one.pick.phase == "P"
    assert one.pick.available_at_ns >= one.pick.time_ns


def test_noise_alone_is_not_heard() -> None:
    assert fed(bank_of(), seconds_of(counted(noise(120, seed=5)))) == []


@settings(max_examples=25)
@given(st.lists(st.integers(1, len(WAVE) - 1), min_size=1, max_size=60, unique=True), st.integers(1, 9))
def test_how_packets_are_cut_and_read_changes_no_onset(edges: list[int], batch: int) -> None:
    bank, other = bank_of(), bank_of()
    assert told(fed(bank, cut(WAVE, edges), batch=batch)) == told(fed(other, seconds_of(WAVE)))
    window = {"first_ns": T, "last_ns": T + ns(30), "verticals": True}
    ((_, one),) = bank.after("XX.A.", "displacement", **window)
    ((_, two),) = other.after("XX.A.", "displacement", **window)
    assert len(one) == len(WAVE)
    assert np.array_equal(one, two)


def test_packets_of_one_tick_may_come_in_any_order() -> None:
    names = ["XX.A.", "XX.B.", "XX.C."]
    stations = [station(name) for name in names]
    packets = [one for k, name in enumerate(names) for one in seconds_of(WAVE[k * 31 :], name=name)]
    at = sorted({one.arrived_ns for one in packets})
    ticks = [[one for one in packets if one.arrived_ns == moment] for moment in at]
    forth, back = bank_of(*stations), bank_of(*stations)
    one = [heard for tick in ticks for heard in forth.take(tick, now_ns=tick[0].arrived_ns)]
    two = [heard for tick in ticks for heard in back.take(tick[::-1], now_ns=tick[0].arrived_ns)]
    assert len(one) == 3
    assert told(one) == told(two)


def test_the_first_two_packets_of_a_station_may_come_swapped_in_one_tick() -> None:
    first, second, *rest = seconds_of(WAVE)
    now_ns = second.arrived_ns
    swapped, straight = bank_of(), bank_of()
    one = swapped.take([second, first], now_ns=now_ns) + fed(swapped, rest)
    two = straight.take([first, second], now_ns=now_ns) + fed(straight, rest)
    assert len(one) == 1
    assert told(one) == told(two)
    window = {"first_ns": T, "last_ns": T + ns(30), "verticals": True}
    assert len(swapped.after("XX.A.", "velocity", **window)[0][1]) == len(WAVE)


# -- what is no wave ---------------------------------------------------------------------------------------------------


def refused(samples: np.ndarray) -> tuple[list[Heard], set[str]]:
    bank = bank_of()
    found = fed(bank, seconds_of(counted(samples)))
    assert not any("onset" not in item for item, _ in bank.left_out)
    return found, {why for _, why in bank.left_out}


def test_a_spike_is_refused_with_its_reason() -> None:
    x = noise(30)
    x[2237] += 1e5
    assert refused(x) == ([], {"it is a spike or a step"})


def test_a_step_is_refused_with_its_reason() -> None:
    x = noise(30)
    x[2237:] += 1e5
    assert refused(x) == ([], {"it is a spike or a step"})


def test_a_line_that_goes_flat_tells_nothing() -> None:
    x = noise(40)
    x[2237:] = 7.0
    found, _ = refused(x)
    assert found == []


def test_a_wave_out_of_dead_silence_is_refused() -> None:
    found, why = refused(p_wave(30, onset_s=ONSET_S, peak=4000))
    assert found == []
    assert why == {"there is no noise before it"}


# -- what is left out --------------------------------------------------------------------------------------------------


def strange(kind: str) -> Packet:
    """A packet that cannot be used; it arrives in the middle of the wave's recording."""
    arrived_ns = T + ns(20.3)
    samples = counted(noise(1, rms=5000, seed=9))
    made = {
        "1970": lambda: packet(samples, -T / 1e9, arrived_ns=arrived_ns),
        "future": lambda: packet(samples, 3600.0, arrived_ns=arrived_ns),
        "old": lambda: packet(samples, -700.0, arrived_ns=arrived_ns),
        "unknown": lambda: packet(samples, 19.0, name="XX.NOBODY.", arrived_ns=arrived_ns),
        "rate": lambda: packet(samples, 19.0, rate_hz=50.0, arrived_ns=arrived_ns),
        "absurd rate": lambda: packet(samples, 19.0, rate_hz=1e6, arrived_ns=arrived_ns, channel="HNN"),
        "band": lambda: packet(samples, 19.0, channel="HHZ", arrived_ns=arrived_ns),
        "no such channel": lambda: packet(samples, 19.0, channel="HN7", arrived_ns=arrived_ns),
        "other unit": lambda: packet(samples * 1.0, 19.0, unit="m/s", arrived_ns=arrived_ns),
        "pressure": lambda: packet(samples * 1.0, 19.0, channel="HNE", unit="Pa", arrived_ns=arrived_ns),
    }
    return made[kind]()


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("1970", "it is older than 600 s"),
        ("old", "it is older than 600 s"),
        ("future", "it comes from the future"),
        ("unknown", "the station is not in the station file"),
        ("rate", "50 samples a second; it began with 100"),
        ("absurd rate", "1e+06 samples a second; 20 to 500 can be used"),
        ("band", "HN of this station is used"),
        ("no such channel", "the station file has no such channel at that time"),
        ("other unit", "its samples are in 'm/s', they began otherwise"),
        ("pressure", "its samples are in 'Pa', no ground motion"),
    ],
)
def test_a_packet_that_cannot_be_used_is_counted_and_the_stream_goes_on(kind: str, why: str) -> None:
    bank, undisturbed = bank_of(), bank_of()
    one = strange(kind)
    found = fed(bank, [*seconds_of(WAVE), one])
    assert bank.left_out == {(f"{one.station_id}.{one.channel}", why): 1}
    assert bank.n_packets == 31
    assert told(found) == told(fed(undisturbed, seconds_of(WAVE)))
    assert len(found) == 1


@pytest.mark.parametrize("value", [3e38, 1e150, 1e300])
def test_samples_beyond_all_instruments_do_not_deafen_a_station(value: float) -> None:
    bank = bank_of()
    mad = packet(np.full(100, value), 3.0, unit="m/s2", arrived_ns=T + ns(4.4))
    calm, rest = seconds_of(WAVE[:300]), seconds_of(WAVE[400:], start_s=4.0)
    assert len(fed(bank, [*calm, mad, *rest])) == 1
    assert sum(bank.left_out.values()) == 1


def test_a_station_without_sensitivity_is_left_out_and_the_others_go_on() -> None:
    bank = bank_of(station(gain=0.0), station("XX.B."))
    packets = [*seconds_of(WAVE), *seconds_of(WAVE, name="XX.B.")]
    (one,) = fed(bank, packets)
    assert one.station_id == "XX.B."
    assert bank.left_out == {("XX.A..HNZ", "the station file gives it no sensitivity"): 30}


def test_of_too_many_different_reasons_only_the_number_is_kept() -> None:
    bank = bank_of()
    for k in range(1200):
        bank.take([packet(CALM[:10], 0.0, name=f"XX.N{k}.")], now_ns=T + ns(1))
    assert len(bank.left_out) <= 1001
    assert sum(bank.left_out.values()) == 1200


# -- how stations stand ------------------------------------------------------------------------------------------------


def test_a_station_is_silent_then_warming_then_good_then_stale() -> None:
    bank = bank_of(warm_s=10.0, stale_s=5.0)
    states = [bank.state("XX.A.", now_ns=T)]
    for one in seconds_of(CALM[:1500]):
        bank.take([one], now_ns=one.arrived_ns)
        states.append(bank.state("XX.A.", now_ns=one.arrived_ns))
    assert states == ["silent"] + ["warming"] * 9 + ["good"] * 6
    last_ns = one.arrived_ns
    assert bank.state("XX.A.", now_ns=last_ns + ns(5.0)) == "good"
    assert bank.state("XX.A.", now_ns=last_ns + ns(5.01)) == "stale"
    assert bank.is_stale("XX.A.", now_ns=last_ns + ns(6))
    assert bank.awake(now_ns=last_ns).tolist() == [True]
    assert bank.awake(now_ns=last_ns + ns(6)).tolist() == [False]


def test_a_station_that_has_just_begun_is_not_believed() -> None:
    early = counted(noise(30) + p_wave(30, onset_s=5.0, peak=4000))
    assert fed(bank_of(warm_s=10.0), seconds_of(early)) == []
    assert len(fed(bank_of(warm_s=4.0), seconds_of(early))) == 1


def test_after_a_long_hole_a_station_must_warm_up_again() -> None:
    packets = seconds_of(WAVE)
    assert fed(bank_of(wait_s=0.5), [*packets[:15], *packets[18:]]) == []


def test_an_onset_right_after_a_bridged_hole_is_not_believed() -> None:
    x = WAVE
    whole = cut(x, [*range(0, 2200, 100), 2190, 2230, 2300, 2400, 2500])
    lost = [one for one in whole if one.start_ns != T + ns(21.90)]
    assert len(lost) < len(whole)
    assert fed(bank_of(wait_s=0.2), lost) == []
    assert len(fed(bank_of(wait_s=0.2), whole)) == 1


def test_the_watermark_stands_where_the_data_do() -> None:
    bank = bank_of(station(), station("XX.B."))
    fed(bank, seconds_of(CALM[:700]))
    assert bank.data_ns().tolist() == [float(T + ns(7)), -np.inf]


def test_samples_after_an_onset_are_in_metres() -> None:
    t = np.arange(4000) / RATE_HZ
    x = counted(0.5 * GAIN * np.sin(2 * np.pi * 1.0 * t))
    bank = bank_of()
    fed(bank, seconds_of(x))
    ((rate_hz, found),) = bank.after("XX.A.", "displacement", first_ns=T + ns(35), last_ns=T + ns(39), verticals=True)
    assert (rate_hz, len(found)) == (RATE_HZ, 400)
    assert np.abs(found).max() == pytest.approx(0.5 / (2 * np.pi) ** 2, rel=0.03)
    assert bank.after("XX.A.", "displacement", first_ns=T, last_ns=T + ns(39), verticals=False) == []


def test_horizontals_are_kept_apart_from_the_vertical() -> None:
    bank = bank_of()
    fed(bank, [*seconds_of(CALM), *seconds_of(WAVE, channel="HNE"), *seconds_of(CALM, channel="HNN")])
    found = bank.after("XX.A.", "velocity", first_ns=T + ns(5), last_ns=T + ns(6), verticals=False)
    assert [(rate_hz, len(x)) for rate_hz, x in found] == [(RATE_HZ, 100)] * 2


def test_the_level_of_an_onset_grows_with_its_wave() -> None:
    bank = bank_of()
    growing = counted(noise(30) + p_wave(30, onset_s=20.0, peak=300) + p_wave(30, onset_s=21.2, peak=9000))
    packets = cut(growing, range(0, 3000, 25))
    (one,) = fed(bank, [each for each in packets if each.end_ns <= T + ns(20.6)])
    first = bank.level(one)
    fed(bank, [each for each in packets if each.end_ns > T + ns(20.6)])
    assert first == pytest.approx(np.log10(one.snr))
    assert bank.level(one) > first + 0.5


def test_a_bank_can_be_asked_before_anything_has_come() -> None:
    bank: Bank = bank_of()
    assert bank.take([], now_ns=T) == []
    assert not bank.is_warm("XX.A.")
    assert bank.is_stale("XX.A.", now_ns=T)
    assert bank.after("XX.A.", "velocity", first_ns=T, last_ns=T + ns(1), verticals=True) == []
