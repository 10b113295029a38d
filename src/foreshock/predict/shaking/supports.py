"""Where a forecast is computed so that it can be laid on many sites: few places near them, and few kinds of ground.

A forecast is smooth over distances much less than that to the source. Sites share cells of a quadtree, each at most a
quarter of its distance to the nearest sample of the source (and 5 km), and take what stands at the corners, linearly;
likewise between kinds of ground in ln Vs30. Few sites are computed one by one. Knows no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from foreshock.geo import EARTH_RADIUS_KM
from foreshock.predict.shaking.posterior import SourcePosterior
from foreshock.predict.shaking.sites import Sites
from foreshock.types.arrays import Float64, Ints

EXACT_TO = 1500
"""Up to so many sites each is computed itself."""
CELL = 0.25
BEND_KM = 5.0
WIDEST_KM, LEVELS = 1024.0, 12
GROUNDS_M_S = (150.0, 180.0, 225.0, 300.0, 420.0, 580.0, 760.0, 1000.0, 1130.0, 1300.0, 1500.0)
"""Kinds of ground between the softest and the hardest; models bend at some of them."""


@dataclass(frozen=True, eq=False)
class Supports:
    """Places (support,) with kinds of ground (support or 1, ground), and how sites are made of them.

    Attributes:
        of_place: (site, support), rows sum to 1. of_both: (site, support × ground), rows sum to 1.
    """

    latitude: Float64
    longitude: Float64
    vs30_m_s: Float64
    of_place: Any
    of_both: Any


def supports(sites: Sites, source: SourcePosterior) -> Supports:
    """Choose them."""
    vs30 = np.asarray(sites.vs30_m_s)
    if len(sites) <= EXACT_TO:
        one = csr_array((np.ones(len(sites)), np.arange(len(sites)), np.arange(len(sites) + 1)))
        return Supports(sites.latitude, sites.longitude, vs30[:, None], one, one)
    latitude, longitude, corner, share = _places(sites, source)
    grounds, kind, part = _grounds(vs30)
    n = len(latitude)
    both = (corner[:, :, None] * len(grounds) + kind[:, None, :]).reshape(len(sites), -1)
    shares = (share[:, :, None] * part[:, None, :]).reshape(len(sites), -1)
    return Supports(
        latitude, longitude, grounds[None, :], _rows(corner, share, n), _rows(both, shares, n * len(grounds))
    )


def _places(sites: Sites, source: SourcePosterior) -> tuple[Float64, Float64, Ints, Float64]:
    """Corners of the sites' cells: latitude, longitude; for each site its four (site, 4) and their shares."""
    weight = np.asarray(source.weight)
    turn = source.longitude[0] + ((source.longitude - source.longitude[0] + 180) % 360 - 180) @ weight
    middle = (float(source.latitude @ weight), float(turn))
    place = _plane(sites.latitude, sites.longitude, middle)
    far, _ = cKDTree(_plane(source.latitude, source.longitude, middle)).query(place)
    level = np.ceil(np.log2(WIDEST_KM / (CELL * (far + BEND_KM))))
    size = WIDEST_KM / 2 ** np.clip(level, 0, LEVELS)
    low = np.floor(place / size[:, None])
    part = place / size[:, None] - low
    finest = WIDEST_KM / 2**LEVELS
    steps = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    node = ((low[:, None, :] + steps) * (size / finest)[:, None, None]).astype(np.int64)
    share = np.prod(np.where(steps == 1, part[:, None, :], 1 - part[:, None, :]), axis=2)
    shift = 1 << 31
    keys, corner = np.unique(node[..., 0] * (2 * shift) + (node[..., 1] + shift), return_inverse=True)
    east, north = keys // (2 * shift) * finest, (keys % (2 * shift) - shift) * finest
    latitude = np.clip(middle[0] + np.degrees(north / EARTH_RADIUS_KM), -90, 90)
    longitude = middle[1] + np.degrees(east / EARTH_RADIUS_KM) / _squeeze(middle[0])
    return latitude, (longitude + 180) % 360 - 180, corner.reshape(share.shape), share


def _plane(latitude: Float64, longitude: Float64, middle: tuple[float, float]) -> Float64:
    """Kilometres east and north of the middle, (place, 2); true near it, smooth everywhere."""
    east = np.radians((longitude - middle[1] + 180) % 360 - 180) * _squeeze(middle[0])
    return np.stack([east, np.radians(latitude - middle[0])], -1) * EARTH_RADIUS_KM


def _squeeze(latitude: float) -> float:
    return max(float(np.cos(np.radians(latitude))), 0.02)


def _grounds(vs30_m_s: Float64) -> tuple[Float64, Ints, Float64]:
    """Kinds of ground; for each site the two it lies between, (site, 2), and their shares."""
    kinds, at = np.unique(vs30_m_s, return_inverse=True)
    between = [v for v in GROUNDS_M_S if kinds[0] < v < kinds[-1]]
    nodes = np.array([kinds[0], *between, kinds[-1]])
    if len(kinds) <= len(nodes):
        return kinds, at.reshape(-1, 1).astype(np.int64), np.ones((len(vs30_m_s), 1))
    low = np.clip(np.searchsorted(nodes, vs30_m_s, side="right") - 1, 0, len(nodes) - 2)
    part = np.log(vs30_m_s / nodes[low]) / np.log(nodes[low + 1] / nodes[low])
    return nodes, np.stack([low, low + 1], -1), np.stack([1 - part, part], -1)


def _rows(index: Ints, share: Float64, n: int) -> Any:
    """A sparse matrix whose rows have these entries."""
    starts = np.arange(0, index.size + 1, index.shape[1])
    return csr_array((share.ravel(), index.ravel(), starts), shape=(len(index), n))
