"""Geometry: presets from a network's shape, the volume searched, its cells and times to them. Knows no picks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from foreshock.predict.associate.settings import AssociateSettings
from foreshock.predict.associate.sites import Sites, sites_of
from foreshock.predict.associate.table import Table
from foreshock.predict.travel.table import TravelTimes
from foreshock.types.arrays import Float64, Ints
from foreshock.types.station import Station

_CELLS_WIDE = 11
_DEEPER, _MOST_LEVELS = 1.8, 6
_LEAST_KM = 0.05


def settings_for(
    stations: Mapping[str, Station], times: TravelTimes, *, settings: AssociateSettings | None = None
) -> AssociateSettings:
    """Fill in what is open from the network's geometry: aperture, spacing of stations and travel times.

    Raises:
        InputError: no station can be used.
    """
    return _filled(sites_of(stations), times, settings or AssociateSettings())


def _filled(sites: Sites, times: TravelTimes, told: AssociateSettings) -> AssociateSettings:
    aperture, spacing = extent_km(sites.xy_km)
    margin = told.margin_km if told.margin_km is not None else max(2 * spacing, 0.2 * aperture)
    depth = min(times.max_depth_km, told.max_depth_km or min(max(0.4 * aperture, 30.0), 60.0))
    widest = float(np.ptp(sites.xy_km, axis=0).max()) + 2 * margin
    cell = told.cell_km or max(widest / _CELLS_WIDE, _LEAST_KM)
    return told.model_copy(update={"margin_km": margin, "max_depth_km": depth, "cell_km": cell})


def extent_km(xy: Float64) -> tuple[float, float]:
    """Give the aperture and the median distance to the nearest other site."""
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    aperture = max(float(apart.max()), 2.0)
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(1)
    near = nearest[np.isfinite(nearest)]
    return aperture, max(float(np.median(near)) if len(near) else aperture, aperture / 50)


def _known(value: float | None) -> float:
    assert value is not None
    return value


@dataclass(frozen=True, eq=False)
class Columns:
    """Of some slots: where they stand, where their times begin in a plane of the table, and how late they are."""

    x_km: Float64
    y_km: Float64
    row: Ints
    late_s: Float64


class Geometry:
    """Sites, the volume that is searched, its coarse cells, and travel times to all of them.

    A slot is one phase at one site: its number is ``phase × n_sites + site``.

    Raises:
        InputError: no station can be used, or the travel times do not begin below one.
    """

    def __init__(
        self, stations: Mapping[str, Station], times: TravelTimes, *, settings: AssociateSettings | None = None
    ) -> None:
        self.sites = sites_of(stations)
        self.settings = _filled(self.sites, times, settings or AssociateSettings())
        told = self.settings
        self.cell_km, self.depth_km = _known(told.cell_km), _known(told.max_depth_km)
        self.xy, self.n_sites = self.sites.xy_km, len(self.sites.names)
        low, high = self.xy.min(0) - _known(told.margin_km), self.xy.max(0) + _known(told.margin_km)
        self.low, self.high = np.append(low, 0.0), np.append(high, self.depth_km)
        reach = float(np.hypot(*(high - low)))
        step = min(max(self.cell_km / 16, reach / 2000), 1.0)
        self.table = Table(times, reach_km=reach, depth_km=self.depth_km, step_km=step)
        self.late_s = (self.table.near_surface_s_km[:, None] * self.sites.elevation_km).ravel()
        self.longest_s = self.table.longest_s + float(np.abs(self.late_s).max())
        self.slot_x, self.slot_y = np.tile(self.xy[:, 0], 2), np.tile(self.xy[:, 1], 2)
        self.slot_phase = np.repeat(np.arange(2), self.n_sites)
        self.slot_site = np.tile(np.arange(self.n_sites), 2)
        self._slot_row = self.slot_phase * self.table.n_distance
        self._cells()

    @property
    def volume_km3(self) -> float:
        """The volume that is searched."""
        return float(np.prod(self.high - self.low))

    def _cells(self) -> None:
        """Place the centres of the cells and take the times from them to all slots (slot, cell)."""
        size = np.array([self.cell_km, self.cell_km, max(self.cell_km * _DEEPER, self.depth_km / _MOST_LEVELS)])
        self.shape: tuple[int, int, int] = tuple(
            np.maximum(1, np.ceil((self.high - self.low) / size - 1e-6)).astype(int).tolist()
        )
        axes = [
            lo + (np.arange(n) + 0.5) * (hi - lo) / n for lo, hi, n in zip(self.low, self.high, self.shape, strict=True)
        ]
        self.cells = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], 1)
        every = np.arange(2 * self.n_sites)
        apart = np.hypot(self.cells[:, :1] - self.xy[:, 0], self.cells[:, 1:2] - self.xy[:, 1])
        self.nearest = np.argsort(apart, axis=1, kind="stable")
        self.slot_times = np.ascontiguousarray(self.times(self.cells, every).T.astype(np.float32))

    def times(self, points: Float64, slot: Ints) -> Float64:
        """Give seconds (point, slot) from points (point, 3)."""
        d = np.hypot(points[:, :1] - self.slot_x[slot], points[:, 1:2] - self.slot_y[slot])
        return np.asarray(self.table.time_s(d, points[:, 2:3], self.slot_phase[slot]) + self.late_s[slot])

    def columns(self, slot: Ints) -> Columns:
        """Gather what `times_and_slopes` needs of some slots."""
        return Columns(self.slot_x[slot], self.slot_y[slot], self._slot_row[slot], self.late_s[slot])

    def times_and_slopes(self, point: Float64, of: Columns) -> tuple[Float64, Float64]:
        """Give seconds (slot,) from one point and their slopes (3, slot) in x, y and depth, by the nearest node."""
        table = self.table
        plane, above = table.about(float(point[2]))
        dx, dy = point[0] - of.x_km, point[1] - of.y_km
        d = np.sqrt(dx * dx + dy * dy)
        node = np.minimum((d * (1 / table.step_km) + 0.5).astype(np.int64), table.n_distance - 1)
        at = of.row + node
        along, out = plane[1].take(at), np.empty((3, len(d)))
        plane[2].take(at, out=out[2])
        seconds = plane[0].take(at) + along * (d - node * table.step_km) + (out[2] * above + of.late_s)
        along /= np.maximum(d, 1e-6)
        np.multiply(along, dx, out[0])
        np.multiply(along, dy, out[1])
        return seconds, out
