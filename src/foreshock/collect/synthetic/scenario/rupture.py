"""The finite fault: its size, its patches, when and how much each slips. Knows no waves and no stations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.collect.synthetic.scenario.families import Family
from foreshock.collect.synthetic.source import corner_hz, moment_nm
from foreshock.types.arrays import Float64

SHALLOWEST_TOP_KM = 0.3
MOST_PATCHES = 600
POINT_BELOW_M = 5.0


@dataclass(frozen=True)
class TrueEvent:
    """An earthquake that happens in a scenario, with all that is known of it.

    Attributes:
        event_id: its name. origin_time_ns: UTC nanoseconds at which the hypocentre breaks.
        latitude, longitude, depth_km: hypocentre. magnitude: moment magnitude.
        kind: ``earthquake``, or what it is besides (``quarry_blast`` …).
        strike_deg, dip_deg, rake_deg: of the plane and of its slip.
        length_km, width_km, top_km: of the plane. along, down: where on it the hypocentre lies, 0 to 1.
        stress_drop_mpa: which sets the corner. number: of its own random numbers.
    """

    event_id: str
    origin_time_ns: int
    latitude: float
    longitude: float
    depth_km: float
    magnitude: float
    kind: str
    strike_deg: float
    dip_deg: float
    rake_deg: float
    length_km: float
    width_km: float
    top_km: float
    along: float
    down: float
    stress_drop_mpa: float
    number: int


@dataclass(frozen=True, eq=False)
class Rupture:
    """A fault as patches (patch,), seen from its hypocentre.

    Attributes:
        east_km, north_km, depth_km: centres, the first two from the epicentre.
        moment_nm: of each. time_s: when each breaks after the first does.
        corner_hz, patch_corner_hz: S corner frequencies of the whole and of a patch.
    """

    east_km: Float64
    north_km: Float64
    depth_km: Float64
    moment_nm: Float64
    time_s: Float64
    corner_hz: float
    patch_corner_hz: float

    @property
    def duration_s(self) -> float:
        """From the first patch's break to the last's."""
        return float(self.time_s.max())


def size_km(magnitude: float) -> tuple[float, float]:
    """Give length and width (km) of a rupture: Wells & Coppersmith (1994), table 2A, all slip types.

    The width never exceeds the length, which matters below M 5.3 only. doi:10.1785/BSSA0840040974.

    >>> [round(value) for value in size_km(7.0)]
    [49, 17]
    """
    length = 10 ** (-2.44 + 0.59 * magnitude)
    return length, min(10 ** (-1.01 + 0.32 * magnitude), length)


def break_up(event: TrueEvent, family: Family, *, rng: np.random.Generator) -> Rupture:
    """Cut an event's plane into patches and let it break from the hypocentre outwards.

    Slip is tapered to the edges and log-normal about that taper; patches of a side that is the same for all sizes make
    the first second of a large earthquake that of a smaller one. The patches' corner is the one at which their powers
    add up to the level of the whole's Brune spectrum: f_patch = f √(M0 / √ΣM²) (Joyner & Boore, 1986, Geophysical
    Monograph 37, 269-274, for equal patches).
    """
    along, down = _grid(event, family)
    slip = _slip(event, family, along=along, down=down, rng=rng)
    moment = np.asarray(float(moment_nm(event.magnitude)) * slip / slip.sum())
    vs = float(family.at_depth("vs_km_s", np.array([event.depth_km]))[0])
    away = np.hypot(along, down)
    slow = np.exp(0.12 * rng.standard_normal(len(away)))
    corner = float(corner_hz(moment.sum(), stress_drop_pa=1e6 * event.stress_drop_mpa, vs_m_s=1e3 * vs))
    strike, dip = np.radians(event.strike_deg), np.radians(event.dip_deg)
    across = down * np.cos(dip)
    return Rupture(
        east_km=along * np.sin(strike) + across * np.cos(strike),
        north_km=along * np.cos(strike) - across * np.sin(strike),
        depth_km=event.depth_km + down * np.sin(dip),
        moment_nm=moment,
        time_s=(away - away.min()) / (family.rupture_over_vs * vs) * slow,
        corner_hz=corner,
        patch_corner_hz=corner * float(np.sqrt(moment.sum() / np.sqrt((moment**2).sum()))),
    )


def _grid(event: TrueEvent, family: Family) -> tuple[Float64, Float64]:
    """Centres of patches along strike and down dip from the hypocentre, km; one of them is the hypocentre."""
    length, width = event.length_km, event.width_km
    if event.magnitude < POINT_BELOW_M:
        return np.zeros(1), np.zeros(1)
    side = max(family.patch_km, np.sqrt(length * width / MOST_PATCHES))
    rows = []
    for extent, part in ((length, event.along), (width, event.down)):
        before, after = int(part * extent / side), int((1 - part) * extent / side)
        rows.append(np.arange(-before, after + 1) * side)
    along, down = np.meshgrid(*rows, indexing="ij")
    shallow = event.depth_km + down.ravel() * np.sin(np.radians(event.dip_deg)) < SHALLOWEST_TOP_KM / 2
    return along.ravel()[~shallow], down.ravel()[~shallow]


def _slip(event: TrueEvent, family: Family, *, along: Float64, down: Float64, rng: np.random.Generator) -> Float64:
    """Relative slip: nothing beyond the edges, random within, less where it begins."""
    u = along / event.length_km + event.along
    v = down / event.width_km + event.down
    taper = np.sqrt(np.clip(4 * u * (1 - u), 0.1, 1)) * np.sqrt(np.clip(4 * v * (1 - v), 0.1, 1))
    rough = np.exp(family.slip_sigma_ln * rng.standard_normal(len(along)))
    if family.nucleation_km == 0:
        return np.asarray(taper * rough)
    begun = np.clip(np.hypot(along, down) / family.nucleation_km, 0, 1)
    return np.asarray(taper * rough * (1 + 2 * begun) / 3)
