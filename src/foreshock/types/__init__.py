"""What flows through Foreshock: few frozen nouns that check themselves at birth. Knows no files and no verbs.

The two with tables are imported when they are first asked for: pandas takes each worker 60 MB and half a second.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foreshock.types.alert import Alert, Area, SiteForecast
from foreshock.types.catalog import Catalog
from foreshock.types.event import Event
from foreshock.types.forecast import Forecast
from foreshock.types.loss import Loss
from foreshock.types.packet import Packet
from foreshock.types.pick import Pick, Picks
from foreshock.types.record import Record, Truth
from foreshock.types.series import Series
from foreshock.types.shaking import Shaking
from foreshock.types.station import Channel, Station
from foreshock.types.waveform import Waveform

if TYPE_CHECKING:
    from foreshock.types.examples import Examples
    from foreshock.types.predictions import Predictions

__all__ = [
    "Alert",
    "Area",
    "Catalog",
    "Channel",
    "Event",
    "Examples",
    "Forecast",
    "Loss",
    "Packet",
    "Pick",
    "Picks",
    "Predictions",
    "Record",
    "Series",
    "Shaking",
    "SiteForecast",
    "Station",
    "Truth",
    "Waveform",
]

_WITH_TABLES = {"Examples": "foreshock.types.examples", "Predictions": "foreshock.types.predictions"}


def __getattr__(name: str) -> Any:
    """Import a noun with a table from its home when it is first asked for."""
    if name not in _WITH_TABLES:
        raise AttributeError(f"module 'foreshock.types' has no attribute {name!r}")
    return getattr(import_module(_WITH_TABLES[name]), name)
