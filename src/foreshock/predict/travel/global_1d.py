"""First arrivals in iasp91 and ak135 on a spherical Earth, as tables. Knows no ellipticity and no crust but theirs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from foreshock.errors import InputError, nearest
from foreshock.predict.travel.table import PHASES, Grid
from foreshock.types.arrays import Float64

MODELS = ("ak135", "iasp91")
RADIUS_KM = 6371.0
KM_A_DEGREE = np.pi * RADIUS_KM / 180
CORE_KM = 2889.0
_THICKEST_KM = 8.0
_NODES = 260


@dataclass(frozen=True, eq=False)
class Shells:
    """Thin spherical shells of the mantle and crust: radii of their edges and velocities just inside them."""

    radius_km: Float64
    outer_km_s: Float64
    inner_km_s: Float64


@dataclass(frozen=True, eq=False)
class GlobalTimes:
    """First arrivals on the datum of a global model; made by `global_times`."""

    name: str
    max_distance_km: float
    max_depth_km: float
    grid: Grid
    slowness_s_km: dict[str, Float64]

    def time_s(self, phase: str, distance_km: Float64, depth_km: Float64) -> Float64:
        """Give the first arrival (s); arrays broadcast, NaN out of range. A degree is 111.195 km."""
        if phase not in PHASES:
            raise InputError(f"phase is {phase!r}", "there are tables for P and S", "give 'P' or 'S'")
        distance, depth = np.broadcast_arrays(np.asarray(distance_km, float), np.asarray(depth_km, float))
        slowness = self.grid.at(self.grid.cells(distance, depth), self.slowness_s_km[phase])
        known = (distance >= 0) & (distance <= self.max_distance_km) & (depth >= 0) & (depth <= self.max_depth_km)
        return np.where(known, slowness * np.hypot(distance, depth), np.nan)


@cache
def global_times(name: str = "iasp91", *, max_distance_deg: float = 20.0, max_depth_km: float = 700.0) -> GlobalTimes:
    """Make the tables of a model, once a process; the velocities are those of ObsPy's TauP.

    Kennett & Engdahl (1991), doi:10.1111/j.1365-246X.1991.tb06724.x; Kennett, Engdahl & Buland (1995),
    doi:10.1111/j.1365-246X.1995.tb03540.x.

    Raises:
        InputError: the model or the range is not one.
    """
    if name not in MODELS:
        raise InputError(f"model is {name!r}", "it is not a known global model", nearest(name, MODELS))
    if not (0 < max_distance_deg <= 90 and 0 < max_depth_km <= 700):
        raise InputError(
            f"range is {max_distance_deg} degrees and {max_depth_km} km",
            "tables reach 90 degrees and 700 km",
            "ask for less",
        )
    reach = max_distance_deg * KM_A_DEGREE
    from obspy.taup import TauPyModel  # brings Matplotlib, which layered models need not wait for

    layers = TauPyModel(name).model.s_mod.v_mod.layers
    depths = _depth_nodes(layers["top_depth"], max_depth_km)
    grid = Grid(depths, bend_km=60.0, max_distance_km=reach, n_distance=round(reach / 2.2) + 400)
    return GlobalTimes(name, reach, max_depth_km, grid, {p: _table(_shells(layers, depths, p), grid) for p in PHASES})


def _depth_nodes(tops_km: Float64, deepest_km: float) -> Float64:
    """Nodes of depth: close near the top, wide below, and each leap of the model from both sides."""
    nodes = np.concatenate([np.arange(0, 36, 1.0), np.arange(36, 80, 2.0), np.arange(80, 701, 10.0), [deepest_km]])
    leaps = tops_km[(tops_km > 0) & (tops_km < 60)]
    every = np.unique(np.concatenate([nodes, leaps, leaps + 1e-3, tops_km[tops_km < 700]]))
    return np.asarray(every[every <= deepest_km], float)


def _shells(layers: np.ndarray[tuple[int], np.dtype[np.void]], depths_km: Float64, phase: str) -> Shells:
    """Cut the model's layers thin, with an edge at each node of depth."""
    kind = {"P": "p", "S": "s"}[phase]
    edges, outer, inner = [0.0], [], []
    for layer in layers[layers["top_depth"] < CORE_KM - 5]:
        top, bottom = float(layer["top_depth"]), float(layer["bot_depth"])
        v_top, v_bottom = float(layer[f"top_{kind}_velocity"]), float(layer[f"bot_{kind}_velocity"])
        n = int(np.ceil((bottom - top) / _THICKEST_KM))
        inside = depths_km[(depths_km > top) & (depths_km < bottom)]
        cuts = np.unique(np.concatenate([np.linspace(top, bottom, n + 1), inside]))
        speed = np.interp(cuts, [top, bottom], [v_top, v_bottom])
        edges.extend(cuts[1:])
        outer.extend(speed[:-1])
        inner.extend(speed[1:])
    return Shells(RADIUS_KM - np.array(edges), np.array(outer), np.array(inner))


def _delays(shells: Shells, ray: Float64) -> tuple[Float64, Float64]:
    """Give τ (s) and distance (rad) of one passage through each shell, (shell, ray), 0 below the turning point.

    Within a shell v = a r^b (Bullen & Bolt 1985, section 7.3), for which both integrals are closed.
    """
    u_top = (shells.radius_km[:-1] / shells.outer_km_s)[:, None]
    u_bottom = (shells.radius_km[1:] / shells.inner_km_s)[:, None]
    log_r = np.log(shells.radius_km[:-1] / shells.radius_km[1:])[:, None]
    log_u = np.log(u_top / u_bottom)
    power = log_r / np.where(np.abs(log_u) < 1e-12, 1e-12, log_u)

    def part(u: Float64) -> tuple[Float64, Float64]:
        ratio = np.minimum(ray / u, 1)
        return np.sqrt(np.maximum(u * u - ray * ray, 0)), np.arccos(ratio)

    (time_top, angle_top), (time_bottom, angle_bottom) = part(u_top), part(u_bottom)
    distance = (angle_top - angle_bottom) * power
    tau = (time_top - time_bottom) * power - ray * distance
    reached = ray < u_top
    return np.where(reached, tau, 0.0), np.where(reached, distance, 0.0)


def _rays(shells: Shells) -> Float64:
    """Ray parameters (s/rad), falling, close to every edge's slowness from below."""
    u = np.unique(np.concatenate([shells.radius_km[:-1] / shells.outer_km_s, shells.radius_km[1:] / shells.inner_km_s]))
    part = (np.arange(6) / 6) ** 2
    between = u[1:, None] - np.diff(u)[:, None] * part
    steep = np.linspace(0, u[0], 60)
    return np.sort(np.concatenate([between.ravel(), steep]))[::-1]


def _table(shells: Shells, grid: Grid) -> Float64:
    """Mean slowness of the first arrival, (depth, distance)."""
    ray = _rays(shells)
    tau, angle = _delays(shells, ray)
    tau_above = np.concatenate([np.zeros((1, len(ray))), np.cumsum(tau, 0)])
    angle_above = np.concatenate([np.zeros((1, len(ray))), np.cumsum(angle, 0)])
    rows = []
    for depth in grid.depth_km:
        k = int(np.argmin(np.abs(RADIUS_KM - shells.radius_km - depth)))
        slowest = (shells.radius_km[:-1] / shells.outer_km_s)[:k].min(initial=np.inf)
        slowest = min(slowest, (shells.radius_km[1:] / shells.inner_km_s)[:k].min(initial=np.inf))
        here = shells.radius_km[k] / shells.outer_km_s[k]
        up = ray <= slowest
        down = ray < min(slowest, here)
        away = np.hypot(grid.distance_km, depth)
        span = grid.distance_km / RADIUS_KM
        reach = angle_above[k, up].max()
        turned = _downward(ray[down], 2 * tau_above[-1, down] - tau_above[k, down], span, reach=reach)
        time = np.where(span <= reach, np.minimum(_upward(ray[up], tau_above[k, up], span), turned), turned)
        surface = 1 / shells.outer_km_s[0]
        rows.append(np.where(away > 0, time / np.maximum(away, 1e-9), surface))
    return np.array(rows)


def _upward(ray: Float64, tau_s: Float64, span: Float64) -> Float64:
    """Times of rays that leave upwards: the greatest of τ + p × distance, as their curve lies above its tangents."""
    return np.asarray((tau_s[:, None] + ray[:, None] * span).max(0))


def _downward(ray: Float64, tau_s: Float64, span: Float64, *, reach: float) -> Float64:
    """Times of rays that turn: the least of the inner minima of τ + p × distance over p.

    A prograde branch is the envelope of its tangents from above (Buland & Chapman 1983, BSSA 73, 1271-1302). The
    ray that leaves level counts beyond its own reach only.
    """
    value = tau_s[:, None] + ray[:, None] * span
    inner = (value[1:-1] <= value[:-2]) & (value[1:-1] <= value[2:])
    turned = np.where(inner, value[1:-1], np.inf).min(0)
    return np.asarray(np.where(span >= reach, np.minimum(turned, value[0]), turned), np.float64)
