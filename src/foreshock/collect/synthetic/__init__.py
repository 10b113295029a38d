"""Synthetic recordings with exact truth: source, path, site, coda, noise, instrument; one chapter a file."""

from __future__ import annotations

from foreshock.collect.synthetic.demo import demo_records, demo_settings
from foreshock.collect.synthetic.generate import SyntheticSource, synthesise
from foreshock.collect.synthetic.settings import Layer, SyntheticSettings
from foreshock.collect.synthetic.stations import network_stations

__all__ = [
    "Layer",
    "SyntheticSettings",
    "SyntheticSource",
    "demo_records",
    "demo_settings",
    "network_stations",
    "synthesise",
]
