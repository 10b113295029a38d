"""Foreshock: ground motion from sensor to decision.

    collect ──► prepare ──► features ──► models / train ──► predict ──► evaluate
    数据收集      数据预处理     特征提取      CNN / RNN 训练        地震预测     结果评估

The names below are imported when they are first used; importing this package touches no file, folder or socket.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from foreshock.bundle import Bundle, read_bundle, write_bundle
    from foreshock.collect.datasets import Dataset, write_dataset
    from foreshock.collect.example import example_waveform
    from foreshock.collect.files import read
    from foreshock.collect.obspy_door import from_obspy, to_obspy
    from foreshock.collect.synthetic import synthesise
    from foreshock.collect.table import read_table
    from foreshock.errors import ForeshockError
    from foreshock.features import table as feature_table
    from foreshock.predict.runtime import BundlePredictor
    from foreshock.prepare.preparation import Preparation, prepare
    from foreshock.prepare.step import Chain
    from foreshock.road.catalogue.building import build_catalog
    from foreshock.road.classifier import Classifier
    from foreshock.road.picking import pick
    from foreshock.road.source_estimating import estimate_source
    from foreshock.types.catalog import Catalog
    from foreshock.types.event import Event
    from foreshock.types.examples import Examples
    from foreshock.types.pick import Pick, Picks
    from foreshock.types.predictions import Predictions
    from foreshock.types.record import Record, Truth
    from foreshock.types.station import Station
    from foreshock.types.waveform import Waveform

__version__ = "0.1.0"

_HOMES = {
    "Bundle": "foreshock.bundle",
    "BundlePredictor": "foreshock.predict.runtime",
    "Catalog": "foreshock.types.catalog",
    "Chain": "foreshock.prepare.step",
    "Classifier": "foreshock.road.classifier",
    "Dataset": "foreshock.collect.datasets",
    "Event": "foreshock.types.event",
    "Examples": "foreshock.types.examples",
    "ForeshockError": "foreshock.errors",
    "Pick": "foreshock.types.pick",
    "Picks": "foreshock.types.pick",
    "Predictions": "foreshock.types.predictions",
    "Preparation": "foreshock.prepare.preparation",
    "Record": "foreshock.types.record",
    "Station": "foreshock.types.station",
    "Truth": "foreshock.types.record",
    "Waveform": "foreshock.types.waveform",
    "build_catalog": "foreshock.road.catalogue.building",
    "estimate_source": "foreshock.road.source_estimating",
    "example_waveform": "foreshock.collect.example",
    "feature_table": "foreshock.features",
    "from_obspy": "foreshock.collect.obspy_door",
    "pick": "foreshock.road.picking",
    "prepare": "foreshock.prepare.preparation",
    "read": "foreshock.collect.files",
    "read_bundle": "foreshock.bundle",
    "read_table": "foreshock.collect.table",
    "synthesise": "foreshock.collect.synthetic",
    "to_obspy": "foreshock.collect.obspy_door",
    "write_bundle": "foreshock.bundle",
    "write_dataset": "foreshock.collect.datasets",
}
_OTHER_NAMES = {"feature_table": "table"}

__all__ = [
    "Bundle",
    "BundlePredictor",
    "Catalog",
    "Chain",
    "Classifier",
    "Dataset",
    "Event",
    "Examples",
    "ForeshockError",
    "Pick",
    "Picks",
    "Predictions",
    "Preparation",
    "Record",
    "Station",
    "Truth",
    "Waveform",
    "build_catalog",
    "estimate_source",
    "example_waveform",
    "feature_table",
    "from_obspy",
    "pick",
    "prepare",
    "read",
    "read_bundle",
    "read_table",
    "synthesise",
    "to_obspy",
    "write_bundle",
    "write_dataset",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module 'foreshock' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), _OTHER_NAMES.get(name, name))


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
