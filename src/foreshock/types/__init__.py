"""What flows through Foreshock: few frozen nouns that check themselves at birth. Knows no files and no verbs."""

from __future__ import annotations

from foreshock.types.alert import Alert, Area, SiteForecast
from foreshock.types.catalog import Catalog
from foreshock.types.event import Event
from foreshock.types.examples import Examples
from foreshock.types.forecast import Forecast
from foreshock.types.loss import Loss
from foreshock.types.pick import Pick, Picks
from foreshock.types.predictions import Predictions
from foreshock.types.record import Record, Truth
from foreshock.types.series import Series
from foreshock.types.shaking import Shaking
from foreshock.types.station import Channel, Station
from foreshock.types.waveform import Waveform

__all__ = [
    "Alert",
    "Area",
    "Catalog",
    "Channel",
    "Event",
    "Examples",
    "Forecast",
    "Loss",
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
