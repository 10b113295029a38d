"""First motions: weights fitted on synthetic onsets over real noise, and how often each probability was right.

Clean synthetic records (sources, ways, sites, instruments; the true first motion is the sign of the first ray's
vertical amplitude) are laid over real noise: `luhu_continuous` 12:50-13:30 UTC and gujarat before its calculated P. The
peak of the first 0.3 s after P, in the band of the picker's eye, stands at 1.5 to 100 times the noise's root mean
square, evenly in its logarithm. Picks miss the true P by a normal error whose size they know, 0.015 to 0.15 s; one in
ten misses it by three times that. Weights come from one half (other events, other noise: luhu before 13:15, gujarat's
train split), the table from the other; `--fresh` draws onsets for it that nothing was ever chosen on.

On real records, where nobody has read first motions, it looks at consistency: a reversed record gives the reversed
answer; a record cut elsewhere gives the same; a copy filtered otherwise agrees; and on ncedc's analyst picks the answer
agrees with the sign of the first extremum over five times the noise.

    FORESHOCK_DATA=folder python benchmarks/first_motion.py [--fit] [--fresh SEED] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np
from scipy import signal

import foreshock.predict.pick.first_motion as told
from foreshock.clock import NS_PER_S, utc_ns
from foreshock.collect.datasets import Dataset
from foreshock.collect.files import read
from foreshock.collect.synthetic import SyntheticSettings, synthesise
from foreshock.predict.pick.first_motion import LEAST_PROBABILITY, first_motion, measured
from foreshock.prepare.filters import Bandpass, Highpass
from foreshock.train.picker.shelf import quiet_before_p
from foreshock.types.pick import Pick
from foreshock.types.waveform import Waveform

NOISE_UNTIL = {"fit": "2020-03-28T13:15:00Z", "table": "2020-03-28T13:30:00Z"}
SPLITS = {"fit": "train", "table": "dev"}
BEFORE_S, AFTER_S = 5.0, 2.0
NOISE_S = 8.0
SNR = (1.5, 100.0)
SIGMA_S = (0.015, 0.15)
BINS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
FAR_AWAY = 8.0
"""Noise whose largest sample exceeds its root mean square by this holds something, and is not used."""
SETS = (
    {"distance_min_km": 0.5, "distance_max_km": 20.0, "depth_min_km": 0.5, "depth_max_km": 15.0, "magnitude_max": 4.0},
    {"distance_min_km": 5.0, "distance_max_km": 80.0, "depth_max_km": 20.0},
    {"distance_min_km": 40.0, "distance_max_km": 250.0, "depth_max_km": 60.0, "magnitude_min": 2.0},
)
COMMON: dict[str, Any] = {
    "span_s": 20.0, "noise": False, "noise_fraction": 0.0, "transients_per_minute": 0.0, "glitch_fraction": 0.0,
    "step_fraction": 0.0, "gap_fraction": 0.0, "p_earliest_fraction": 0.3, "p_latest_fraction": 0.3, "unit": "m/s",
    "stations": 100,
}  # fmt: skip

BROADENED = (0.2, 0.5, 0.85)
"""Shares of the direct energy that scattering has spread: from clear onsets to emergent ones."""

Case = tuple[Waveform, Pick, int]
"""A record, a pick on it, and its true first motion, +1 or -1."""


def noises(data: Path, half: str) -> dict[float, list[np.ndarray]]:
    """Pieces of real noise by sampling rate, their mean taken out."""
    pieces: dict[float, list[np.ndarray]] = {}
    until = utc_ns(NOISE_UNTIL[half])
    since = 0 if half == "fit" else utc_ns(NOISE_UNTIL["fit"])
    waves = [w.cut(round(w.sample_at(since)), round(w.sample_at(until))) for w in read(data / "luhu_continuous")]
    waves += [record.waveform for record in quiet_before_p(data / "gujarat", SPLITS[half])]
    for wave in waves:
        n = round(NOISE_S * wave.rate_hz)
        z = wave.data[wave.components.index("Z")].astype(float)
        for first in range(0, wave.n_samples - n + 1, n):
            piece = z[first : first + n] - z[first : first + n].mean()
            eyed = seen(piece, wave.rate_hz)
            if 0 < np.abs(eyed).max() < FAR_AWAY * eyed.std():
                pieces.setdefault(wave.rate_hz, []).append(piece)
    return pieces


def seen(x: np.ndarray, rate_hz: float) -> np.ndarray:
    """A row in the band of the first motion."""
    return signal.lfilter(*told._filter(rate_hz), x - x[0])


def cases(data: Path, half: str, n: int, *, fresh: int = 0) -> Iterator[Case]:
    """Onsets whose first motion is known, over noise of their own rate; `fresh` gives others of the same kind."""
    held = noises(data, half)
    rng = np.random.default_rng({"fit": 1, "table": 2}[half] + 1000 * fresh)
    share = {rate: len(pieces) for rate, pieces in held.items()}
    for rate, count in share.items():
        kinds = [{**some, "broadened_fraction": spread} for some in SETS for spread in BROADENED]
        wanted = max(2, round(n * count / sum(share.values()) / len(kinds)))
        for k, some in enumerate(kinds):
            settings = SyntheticSettings.model_validate({**COMMON, **some, "rate_hz": rate, "records": wanted})
            seed = {"fit": 100, "table": 200}[half] + k + 1000 * fresh
            for record in synthesise(settings, seed=seed):
                yield case(record, held[rate][rng.integers(count)], rng)


def case(record: Any, noise: np.ndarray, rng: np.random.Generator) -> Case:
    """One onset over one piece of noise."""
    wave, true_ns = record.waveform, record.truth.p_ns
    rate_hz, at = wave.rate_hz, wave.sample_at(true_ns)
    first = round(at - BEFORE_S * rate_hz)
    z = wave.data[0, first : first + len(noise)].astype(float)
    k = round(at) - first
    peak = np.abs(seen(z, rate_hz))[k : k + round(0.3 * rate_hz)].max() or 1.0
    level = 10 ** rng.uniform(*np.log10(SNR))
    turned = rng.choice([-1.0, 1.0])
    mixed = noise + turned * z * (level * seen(noise, rate_hz)[len(noise) // 4 :].std() / peak)
    sigma_s = float(10 ** rng.uniform(*np.log10(SIGMA_S)))
    error_s = rng.normal(0, sigma_s * (3 if rng.random() < 0.1 else 1))
    laid = Waveform(mixed[None].astype(np.float32), rate_hz, wave.time_ns(first), wave.station_id, components="Z")
    time_ns = true_ns + round(error_s * NS_PER_S)
    pick = Pick(wave.station_id, "P", time_ns, probability=0.9, sigma_s=sigma_s, available_at_ns=time_ns + NS_PER_S)
    return laid, pick, int(turned) * (1 if record.truth.polarity == "up" else -1)


def rows_of(held: list[Case]) -> tuple[np.ndarray, np.ndarray]:
    """Measurements and true signs of the cases that can be measured."""
    pairs = [(measured(wave, pick), sign) for wave, pick, sign in held]
    kept = [(f, sign) for f, sign in pairs if f is not None]
    return np.array([f for f, _ in kept]), np.array([sign for _, sign in kept])


def fitted(f: np.ndarray, sign: np.ndarray, *, ridge: float = 1.0) -> np.ndarray:
    """Weights of a logistic regression without a constant, by Newton's steps (f and sign may be reversed together)."""
    rows = f * sign[:, None]
    w = np.zeros(f.shape[1])
    for _ in range(50):
        wrong = 1 / (1 + np.exp(np.clip(rows @ w, -50, 50)))
        slope = rows.T @ wrong - ridge * w
        bend = (rows * (wrong * (1 - wrong))[:, None]).T @ rows + ridge * np.eye(len(w))
        w += np.linalg.solve(bend, slope)
    return w


def table(held: list[Case]) -> list[dict[str, Any]]:
    """How often the likelier sign was right, by the probability that was said."""
    pairs = [(measured(wave, pick), sign) for wave, pick, sign in held]
    odds = np.array([0.0 if f is None else float(np.dot(told.WEIGHTS, f)) for f, _ in pairs])
    sign = np.array([s for _, s in pairs])
    said = np.minimum(1 / (1 + np.exp(-np.abs(odds))), told.HIGHEST)
    rows = []
    for low, high in pairwise(BINS):
        inside = (said >= low) & ((said < high) | (high == 1.0))
        right = np.sign(odds[inside]) == sign[inside]
        rows.append(
            {
                "said": [low, high],
                "n": int(inside.sum()),
                "mean_said": mean(said[inside]),
                "right": mean(right),
            }
        )
    sure = said >= LEAST_PROBABILITY
    right = np.sign(odds) == sign
    rows.append(
        {
            "said": [LEAST_PROBABILITY, 1.0],
            "n": int(sure.sum()),
            "share": mean(sure),
            "mean_said": mean(said[sure]),
            "right": mean(right[sure]),
        }
    )
    return rows


def mean(values: np.ndarray) -> float | None:
    """A mean, or None of nothing."""
    return round(float(np.mean(values)), 4) if len(values) else None


# -- real records ------------------------------------------------------------------------------------------------------


def analyst(data: Path) -> Iterator[tuple[Waveform, Pick]]:
    """The records of ncedc with the analyst's P as a pick."""
    with Dataset.open(data / "ncedc") as held:
        for record in held.records(held.rows(None)):
            p_ns = record.truth.p_ns
            if p_ns is not None:
                yield record.waveform, Pick(record.waveform.station_id, "P", p_ns, 0.9, 0.03, p_ns + NS_PER_S)


def first_extremum(wave: Waveform, pick: Pick, *, times: float = 5.0) -> int:
    """The sign of the first extremum after the pick (from 0.05 s before it) over so many times the noise; 0 without."""
    x, _ = Highpass(low_hz=1.0, order=2).apply(wave.data[:1], rate_hz=wave.rate_hz, valid=wave.valid[:1])
    at, rate = round(wave.sample_at(pick.time_ns)), wave.rate_hz
    noise = float(np.std(x[0, max(0, at - round(3 * rate)) : at - round(0.2 * rate)]))
    after = x[0, at - round(0.05 * rate) : at + round(0.5 * rate)]
    turns = np.flatnonzero((np.diff(np.sign(np.diff(after))) != 0) & (np.abs(after[1:-1]) > times * noise)) + 1
    return int(np.sign(after[turns[0]])) if noise > 0 and len(turns) else 0


def signed(wave: Waveform, pick: Pick) -> int:
    """+1 up, -1 down, 0 unknown."""
    return {"up": 1, "down": -1, "unknown": 0}[first_motion(wave, pick).polarity]


def likelier(wave: Waveform, pick: Pick) -> int:
    """The likelier sign, however sure."""
    return {"up": 1, "down": -1, "unknown": 0}[first_motion(wave, pick, least_probability=0.5).polarity]


def consistency(data: Path) -> dict[str, Any]:
    """What can be said about real records whose first motion nobody has read."""
    held = list(analyst(data))
    answers = np.array([signed(*one) for one in held])
    seen_by = np.array([first_extremum(*one) for one in held])
    turned = np.array([signed(wave.with_data(-wave.data, valid=wave.valid), pick) for wave, pick in held])
    cuts = np.array(
        [signed(wave.cut(round(wave.sample_at(p.time_ns) - 4.3 * wave.rate_hz), wave.n_samples), p) for wave, p in held]
    )
    late = np.array([signed(wave, replace(p, time_ns=p.time_ns + 20_000_000)) for wave, p in held])
    other = np.array([signed(refiltered(wave), p) for wave, p in held])
    both = (answers != 0) & (seen_by != 0)
    guesses = np.array([likelier(*one) for one in held])
    there = (guesses != 0) & (seen_by != 0)
    return {
        "records": len(held),
        "answered": int((answers != 0).sum()),
        "up": int((answers > 0).sum()),
        "reversed_exactly": bool((turned == -answers).all()),
        "cut_elsewhere_equal": int((cuts == answers).sum()),
        "pick_20_ms_later_opposite": int((late * answers < 0).sum()),
        "pick_20_ms_later_both": int((late * answers != 0).sum()),
        "other_filter_agrees": int((other * answers > 0).sum()),
        "other_filter_both": int((other * answers != 0).sum()),
        "first_extremum_agrees": int((answers[both] == seen_by[both]).sum()),
        "first_extremum_both": int(both.sum()),
        "first_extremum_seen": int((seen_by != 0).sum()),
        "first_extremum_agrees_with_likelier": int((guesses[there] == seen_by[there]).sum()),
    }


def refiltered(wave: Waveform) -> Waveform:
    """A copy through a band of its own, 0.7-14 Hz, causal."""
    x, valid = Bandpass(low_hz=0.7, high_hz=14.0, order=2).apply(wave.data, rate_hz=wave.rate_hz, valid=wave.valid)
    return wave.with_data(np.asarray(x, np.float32), valid=valid)


def cost_us(held: list[Case], *, rounds: int = fair.ROUNDS) -> fair.Figure:
    """CPU microseconds a pick, everything included."""
    some = held[:1000]
    rates = fair.interleaved({"ours": lambda: sum(first_motion(w, p) is not None for w, p, _ in some)}, rounds=rounds)
    return fair.figure("first motion", [1e6 / rate for rate in rates["ours"]], "CPU µs/pick")


def main() -> int:
    """Fit where asked, tell the table and the consistency."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, default=os.environ.get("FORESHOCK_DATA"), help="folder of the data sets")
    options.add_argument("--fit", action="store_true", help="fit the weights first, print them, and use them")
    options.add_argument("--cases", type=fair.at_least_one, default=12_000, help="onsets in each half")
    options.add_argument(
        "--fresh", type=int, default=0, help="other onsets for the table than those that features were chosen on"
    )
    options.add_argument("--rounds", type=fair.at_least_one, default=fair.ROUNDS)
    options.add_argument("--json", action="store_true", help="print one JSON object")
    asked = options.parse_args()
    if asked.data is None or not Path(asked.data).is_dir():
        print(f"--data {asked.data}: it is not a folder; give --data or FORESHOCK_DATA.", file=sys.stderr)
        return 1
    data = Path(asked.data)
    if asked.fit:
        weights = fitted(*rows_of(list(cases(data, "fit", asked.cases))))
        told.WEIGHTS = tuple(round(float(w), 3) for w in weights)
        print(f"WEIGHTS = {told.WEIGHTS}", file=sys.stderr)
    held = list(cases(data, "table", asked.cases, fresh=asked.fresh))
    result = {
        "schema": "foreshock.benchmark.first_motion/1",
        "weights": told.WEIGHTS,
        "fresh": asked.fresh,
        "table": table(held),
        "ncedc": consistency(data),
        "cost": cost_us(held, rounds=asked.rounds).line(),
    }
    if asked.json:
        print(json.dumps(result, indent=2, ensure_ascii=False))
        return 0
    for row in result["table"]:
        print(row)
    print(result["ncedc"])
    print(result["cost"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
