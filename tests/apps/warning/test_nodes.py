"""Nodes: they stand for the region's whole volume, close by the first station and fine where the belief lies."""

from __future__ import annotations

import numpy as np
import pytest

from foreshock.apps.warning.nodes import CHI_68, Nodes, coarse_nodes, ellipse, fine_nodes
from foreshock.geo.place import Places


@pytest.mark.parametrize(("latitude", "longitude"), [(35.0, -118.0), (0.0, 179.9), (-60.0, -179.95), (64.0, 0.0)])
def test_coarse_nodes_share_the_region_among_them(latitude: float, longitude: float) -> None:
    nodes = coarse_nodes(latitude, longitude, most_km=150.0)
    assert nodes.prior.sum() == pytest.approx(1.0, abs=1e-9)
    assert (nodes.prior > 0).all()
    far = Places(np.array([latitude]), np.array([longitude])).distance_km(nodes.latitude, nodes.longitude).ravel()
    assert far.min() < 1.5
    assert 130 < far.max() < 150.5


def peaked(nodes: Nodes, *, latitude: float, longitude: float, sigma_km: float) -> np.ndarray:
    far = Places(np.array([latitude]), np.array([longitude])).distance_km(nodes.latitude, nodes.longitude).ravel()
    weight = np.exp(-0.5 * (far / sigma_km) ** 2) * nodes.prior
    return weight / weight.sum()


@pytest.mark.parametrize(("latitude", "longitude"), [(35.0, -118.0), (10.0, 179.99), (-50.0, -179.99)])
def test_fine_nodes_lie_where_the_belief_does_even_at_the_date_line(latitude: float, longitude: float) -> None:
    nodes = coarse_nodes(latitude, longitude, most_km=150.0)
    weight = peaked(nodes, latitude=latitude + 0.2, longitude=longitude, sigma_km=8.0)
    fine = fine_nodes(nodes, weight, most_km=150.0)
    far = Places(np.array([latitude + 0.2]), np.array([longitude])).distance_km(fine.latitude, fine.longitude).ravel()
    assert far.min() < 6
    assert far.max() < 80
    assert fine.coarse_km.max() < nodes.coarse_km.max()
    assert fine.depth_km.min() >= 0.5
    assert fine.depth_km.max() <= 60


def test_the_ellipse_holds_68_percent_along_the_belief_s_own_axes() -> None:
    rng = np.random.default_rng(0)
    east, north = rng.normal(0, 10, 20_000), rng.normal(0, 4, 20_000)
    azimuth = np.radians(30.0)
    x = east * np.sin(azimuth) + north * np.cos(azimuth)
    y = east * np.cos(azimuth) - north * np.sin(azimuth)
    n = len(x)
    nodes = Nodes(y / 111.2, x / 111.2, np.full(n, 10.0), np.full(n, 1 / n), np.zeros(n))
    found = ellipse(nodes, np.full(n, 1 / n))
    assert found.major_km == pytest.approx(10 * CHI_68, rel=0.03)
    assert found.minor_km == pytest.approx(4 * CHI_68, rel=0.05)
    assert found.azimuth_deg == pytest.approx(30.0, abs=2)
    inside = (east / found.major_km) ** 2 + (north / found.minor_km) ** 2 <= 1
    assert inside.mean() == pytest.approx(0.68, abs=0.015)
