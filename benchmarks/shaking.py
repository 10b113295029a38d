"""Shaking: what forecasts and models cost, and how far they are from published models, other people's code and records.

A forecast at 100,000 sites (random ground, 6 × 6 degrees) from 200 samples of the source is laid on the sites from few
places: the same sites computed one by one must agree within 3 %. Models are timed at 10,000 sites and five measures.

With `FORESHOCK_DATA`: residuals of the models against crustal records of New Zealand (ln observed − ln predicted), once
with the rupture as the flatfile tells it and once grown from the hypocentre; and the live JMA intensity beside that of
the whole record on all three-component accelerograms that are there. With `--peers`, pygmm (in `foreshock[bench]`) on
random scenarios.

    python benchmarks/shaking.py --rounds 3
    FORESHOCK_DATA=... python benchmarks/shaking.py --peers
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fair

os.environ.update(fair.ONE_THREAD)

import numpy as np
import pandas as pd

from foreshock.collect.files import read
from foreshock.collect.stations import read_stations
from foreshock.predict.shaking import (
    Distances,
    Ground,
    Rupture,
    Sites,
    SourcePosterior,
    active_crust,
    forecast,
    jma,
    single,
)
from foreshock.predict.shaking.from_hypocentre import from_hypocentre
from foreshock.predict.shaking.jma_live import LiveIntensity
from foreshock.predict.shaking.model import GroundMotionModel
from foreshock.predict.travel import PRESETS, LayeredTimes
from foreshock.types.waveform import Waveform

G_M_S2 = 9.80665
MEASURES = ("PGA", "PGV", "SA(0.3)", "SA(1)", "SA(3)")
MOST_MS = {"abrahamson_2014": 17.5, "boore_2014": 6.0, "campbell_bozorgnia_2014": 11.8, "chiou_youngs_2014": 7.7}
"""What the models may cost: for Boore et al. a fixed bound, for the others 60 % of what hazardlib was measured at."""
SAMPLES, AGREE = 200, 0.03
TRAVEL = LayeredTimes(PRESETS["iasp91_crust"], max_distance_km=900.0)


def a_source(rng: np.random.Generator) -> SourcePosterior:
    """M 6.3 ± 0.3, known to some 5 km."""
    n = SAMPLES
    places = (30 + 0.045 * rng.standard_normal(n), 100 + 0.052 * rng.standard_normal(n))
    depth = np.clip(10 + 4 * rng.standard_normal(n), 0, 30)
    return SourcePosterior(0, 6.3 + 0.3 * rng.standard_normal(n), *places, depth, rng.dirichlet(np.ones(n)))


def some_sites(rng: np.random.Generator, n: int) -> Sites:
    """Random places on random ground."""
    names = tuple(map(str, range(n)))
    return Sites(names, names, rng.uniform(27, 33, n), rng.uniform(97, 103, n), np.exp(rng.uniform(5.19, 7.09, n)))


def first(sites: Sites, n: int) -> Sites:
    """The first few of them."""
    return Sites(
        sites.ids[:n], sites.names[:n], sites.latitude[:n], sites.longitude[:n], np.asarray(sites.vs30_m_s)[:n]
    )


def cost(run: Callable[[], object], *, rounds: int) -> list[float]:
    """CPU seconds of each round after one warm-up."""
    spent = []
    for _ in range(rounds + 1):
        began = fair.cpu_s()
        run()
        spent.append(fair.cpu_s() - began)
    return spent[1:]


def forecasts(rounds: int, n: int) -> tuple[list[fair.Figure], float]:
    """Costs by number of sites and models, and the largest departure of shared from single computation."""
    rng = np.random.default_rng(0)
    source, many = a_source(rng), some_sites(rng, n)
    one, four = single(active_crust().models[1]), active_crust()
    figures = []
    for name, sites, tree in (("one model", many, one), ("four models", many, four)):
        spent = cost(lambda s=sites, t=tree: forecast(source, s, tree=t, travel=TRAVEL), rounds=rounds)
        figures.append(fair.figure(f"{n:,} sites × {SAMPLES} samples, {name}", spent, "CPU s"))
    for few in (100, 10):
        spent = cost(lambda k=few: forecast(source, first(many, k), tree=one, travel=TRAVEL), rounds=10 * rounds)
        figures.append(fair.figure(f"{few} sites × {SAMPLES} samples, one model", [1000 * s for s in spent], "CPU ms"))
    laid, alone = (forecast(source, sites, tree=one, travel=TRAVEL) for sites in (many, first(many, 1000)))
    apart = [np.abs(np.log(getattr(laid, k)[:, :1000] / getattr(alone, k))).max() for k in ("pga_m_s2", "pgv_m_s")]
    figures.append(fair.exact("intensity, shared − single, largest", _intensity_apart(laid, alone), "MMI"))
    return figures, float(max(apart))


def _intensity_apart(laid: Any, alone: Any) -> float:
    return float(np.abs(laid.intensity[:, :1000] - alone.intensity).max())


def models(rounds: int) -> list[fair.Figure]:
    """Cost of each model at 10,000 sites and five measures."""
    rng = np.random.default_rng(0)
    distances = Distances(rng.uniform(1, 200, 10_000), rng.uniform(10, 210, 10_000))
    ground = Ground(rng.uniform(200, 1000, 10_000))
    figures = []
    for model in active_crust().models:
        rupture = Rupture(6.5, "strike_slip")
        run = lambda m=model, r=rupture: m.predict(MEASURES, r, distances=distances, ground=ground)  # noqa: E731
        spent = [1000 * s for s in cost(run, rounds=10 * rounds)]
        figures.append(fair.figure(model.name, spent, "CPU ms", at_most=MOST_MS[model.name.partition("(")[0]]))
    return figures


def new_zealand(folder: Path) -> Iterator[str]:
    """Residuals of the models against crustal records within 200 km."""
    rows = pd.read_csv(folder / "ground_motion/nz_flatfile_psa_5pc_geomean.csv.gz", low_memory=False)
    near = (rows.TectClass == "Crustal") & rows.Rjb_km.between(0, 200) & (rows.Rrup_km >= 0) & (rows.Vs30 > 100)
    rows = rows[near & (rows.PGA_Geomean > 0) & (rows.PGV_Geomean > 0)]
    yield f"{len(rows)} records of {rows.CuspID.nunique()} earthquakes, M {rows.Mw.min():g} to {rows.Mw.max():g}"
    size, deep = rows.Mw.to_numpy(), rows.HypDepth_km.to_numpy().clip(0, 50)
    dip, top = rows.Dip.to_numpy().clip(0, 90), rows.ZTOR_km.to_numpy().clip(0, 50)
    across = np.where(rows.Rx_km > -9e4, rows.Rx_km, -1.0)
    told = Rupture(size, dip_deg=dip, top_km=top, hypocentre_km=deep)
    known = told, Distances(rows.Rjb_km.to_numpy(), rows.Rrup_km.to_numpy(), across)
    guessed = from_hypocentre(size, rows.Repi_km.to_numpy(), depth_km=deep)
    seen = np.log([rows.PGA_Geomean * G_M_S2, rows.PGV_Geomean])
    for model in active_crust("new_zealand").models:
        for name, pair in (("rupture told", known), ("hypocentre only", guessed)):
            yield f"{model.name}, {name}: {_residuals(model, pair, rows.Vs30.to_numpy(), seen)}"


def _residuals(model: GroundMotionModel, pair: tuple[Rupture, Distances], vs30: Any, seen: Any) -> str:
    out = model.predict(["PGA", "PGV"], pair[0], distances=pair[1], ground=Ground(vs30.clip(100, 2000)))
    off, said = seen - out.mean_ln, np.median(out.sigma, axis=1)
    parts = zip(out.measures, off.mean(1), off.std(1), said, strict=True)
    return "; ".join(f"{name} bias {b:+.2f} sd {s:.2f} (said {t:.2f})" for name, b, s, t in parts)


def accelerograms(folder: Path) -> Iterator[Waveform]:
    """All records with three components of acceleration."""
    for event in sorted(path for path in (folder / "strong_motion").glob("*/*") if path.is_dir()):
        stations: dict[str, Any] = {}
        for path in event.glob("*.xml"):
            stations |= read_stations(path)
        for wave in read(event):
            scaled = _scaled(wave, stations.get(wave.station_id))
            if scaled is not None and set(scaled.components) == set("ZNE") and scaled.rate_hz >= 20:
                yield scaled


def _scaled(wave: Waveform, station: Any) -> Waveform | None:
    if wave.unit == "m/s2":
        return wave
    known = {channel.code: channel for channel in station.channels} if station is not None else {}
    if any(code not in known or known[code].unit != "m/s2" or not known[code].sensitivity for code in wave.channels):
        return None
    factors = np.array([known[code].sensitivity for code in wave.channels])
    return wave.with_data(wave.data / factors[:, None], unit="m/s2", valid=wave.valid)


def live(folder: Path) -> Iterator[str]:
    """The causal filter beside the whole record's."""
    rows = [(wave.station_id, jma.intensity(wave), *_live(wave)) for wave in accelerograms(folder)]
    whole, hour, minute = (np.array([row[k] for row in rows]) for k in (1, 2, 3))
    off, below = np.abs(hour - whole), whole - minute
    worst, lowest = rows[int(off.argmax())][0], rows[int(below.argmax())][0]
    yield f"{len(rows)} records, intensity {whole.min():.1f} to {whole.max():.1f}"
    yield f"|live − whole| < 0.07 on {(off < 0.07).sum()}, largest {off.max():.2f} at {worst}"
    yield f"largest over windows of 60 s: at most {below.max():.2f} below, at {lowest}"


def _live(wave: Waveform) -> tuple[float, float]:
    step = round(wave.rate_hz)
    minute = LiveIntensity()
    peaks = [minute.update(wave.cut(k, k + step)) for k in range(0, wave.n_samples, step)]
    return LiveIntensity(window_s=3600.0).update(wave), max(peaks)


def beside_pygmm() -> Iterator[str]:
    """Largest |ln ours − ln theirs| over random scenarios."""
    try:
        theirs: Any = importlib.import_module("pygmm")
    except ImportError:
        yield "not installed: pip install 'foreshock[bench]'"
        return
    names = ("AbrahamsonSilvaKamai2014", "BooreStewartSeyhanAtkinson2014", "CampbellBozorgnia2014", "ChiouYoungs2014")
    rng = np.random.default_rng(3)
    for model, name in zip(active_crust("california").models, names, strict=True):
        worst = max(_apart(model, getattr(theirs, name), theirs, rng) for _ in range(200))
        yield f"{model.name}: |ln ours − ln theirs| ≤ {worst:.1e} on 200 scenarios"


def _apart(model: GroundMotionModel, peer: Any, pygmm: Any, rng: np.random.Generator) -> float:
    near, top, dip = 10 ** rng.uniform(0, 2.4), rng.uniform(0, 8), rng.choice([90.0, 60.0, 40.0])
    size, vs30, width, across = rng.uniform(4, 7.4), rng.uniform(200, 990), rng.uniform(3, 15), rng.uniform(-50, 50)
    z1, z25, deep, far = rng.uniform(0, 0.8), rng.uniform(0.2, 4), rng.uniform(top, 15), np.hypot(near, top) + 1
    scenario = pygmm.Scenario(
        mag=size, dist_jb=near, dist_rup=far, dist_x=across, v_s30=vs30, dip=dip, depth_tor=top, width=width,
        depth_1_0=z1, depth_2_5=z25, mechanism="RS", region="california", on_hanging_wall=across >= 0, depth_hyp=deep,
        vs_source="measured",
    )  # fmt: skip
    his = peer(scenario)
    ours = model.predict(
        ["PGA", "PGV", "SA(0.2)", "SA(1)"],
        Rupture(size, "reverse", dip, top, width, deep),
        distances=Distances(near, far, across),
        ground=Ground(vs30, z1, z25, measured=True),
    )
    published = np.array([his.pga * G_M_S2, his.pgv / 100, *(his.interp_spec_accels([0.2, 1.0]) * G_M_S2)])
    return float(np.abs(ours.mean_ln - np.log(published)).max())


def main() -> int:
    """Measure and tell."""
    options = fair.parser(__doc__)
    options.add_argument("--sites", type=fair.at_least_one, default=100_000, help="sites (default 100,000)")
    options.add_argument("--peers", action="store_true", help="compare with pygmm")
    asked = options.parse_args()
    figures, apart = forecasts(asked.rounds, asked.sites)
    details: dict[str, list[str]] = {}
    data = os.environ.get("FORESHOCK_DATA")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if data:
            details["New Zealand"] = list(new_zealand(Path(data)))
            details["JMA, live beside whole"] = list(live(Path(data)))
        if asked.peers:
            details["pygmm"] = list(beside_pygmm())
    return fair.tell(
        "shaking",
        [*figures, *models(asked.rounds)],
        asked=asked,
        versions=fair.versions("foreshock", "numpy", "scipy"),
        equal=apart < AGREE,
        checked=f"PGA and PGV of 1,000 sites on shared places within {apart:.1%} of single computation, 3 % at most",
        **details,
    )


if __name__ == "__main__":
    sys.exit(main())
