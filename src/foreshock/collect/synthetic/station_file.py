"""The synthetic network's station file: StationXML with poles, zeros and sensitivities. Knows no waveforms."""

from __future__ import annotations

import io

from obspy import UTCDateTime
from obspy.core.inventory import Channel, Inventory, Network, Site, Station
from obspy.core.inventory.response import Response

from foreshock.collect.synthetic.instrument import Instrument, band_code
from foreshock.collect.synthetic.settings import SyntheticSettings
from foreshock.collect.synthetic.stations import Network as Places

DIRECTIONS = (("Z", 0.0, -90.0), ("N", 0.0, 0.0), ("E", 90.0, 0.0))
BEGIN = "2000-01-01T00:00:00Z"
_UNITS = {"m/s": "M/S", "m/s2": "M/S**2"}


def stationxml(places: Places, settings: SyntheticSettings, *, created_ns: int) -> bytes:
    """Give the StationXML of a synthetic network whose samples are counts; `created_ns` stands in its head."""
    stations = [_station(places, k, settings) for k in range(len(places))]
    network = Network(settings.network, stations=stations, start_date=UTCDateTime(BEGIN))
    inventory = Inventory([network], source="synthetic", sender="", module="", module_uri="")
    inventory.created = UTCDateTime(ns=created_ns)
    content = io.BytesIO()
    inventory.write(content, format="STATIONXML")
    return content.getvalue()


def _station(places: Places, k: int, settings: SyntheticSettings) -> Station:
    _, code, location = places.codes[k].split(".")
    sensor, where = places.instruments[k], {"latitude": places.latitude[k], "longitude": places.longitude[k]}
    prefix = band_code(sensor, rate_hz=settings.rate_hz) + sensor.code
    channels = [
        Channel(
            prefix + letter,
            location,
            **where,
            elevation=0.0,
            depth=0.0,
            azimuth=azimuth,
            dip=dip,
            sample_rate=settings.rate_hz,
            start_date=UTCDateTime(BEGIN),
            response=response_of(sensor),
        )
        for letter, azimuth, dip in DIRECTIONS
    ]
    return Station(
        code, **where, elevation=0.0, site=Site(name="synthetic"), channels=channels, start_date=UTCDateTime(BEGIN)
    )


def response_of(sensor: Instrument) -> Response:
    """Give a sensor's response as ObsPy has it: one stage from ground motion to counts."""
    return Response.from_paz(
        zeros=list(sensor.zeros),
        poles=list(sensor.poles),
        stage_gain=sensor.sensitivity,
        stage_gain_frequency=sensor.flat_hz,
        input_units=_UNITS[sensor.unit],
        output_units="COUNTS",
        normalization_frequency=sensor.flat_hz,
        normalization_factor=sensor.normalisation(),
    )
