"""The synthetic network's station file: StationXML with poles, zeros and sensitivities. Knows no waveforms."""

from __future__ import annotations

import io
from collections.abc import Sequence

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
    stations = [
        station_entry(
            places.codes[k],
            places.instruments[k],
            latitude=float(places.latitude[k]),
            longitude=float(places.longitude[k]),
            rate_hz=settings.rate_hz,
        )
        for k in range(len(places))
    ]
    return written(settings.network, stations, created_ns=created_ns)


def written(network: str, stations: Sequence[Station], *, created_ns: int) -> bytes:
    """Give the StationXML of a network's entries; `created_ns` stands in its head."""
    held = Network(network, stations=list(stations), start_date=UTCDateTime(BEGIN))
    inventory = Inventory([held], source="synthetic", sender="", module="", module_uri="")
    inventory.created = UTCDateTime(ns=created_ns)
    content = io.BytesIO()
    inventory.write(content, format="STATIONXML")
    return content.getvalue()


def station_entry(station_id: str, sensor: Instrument, *, latitude: float, longitude: float, rate_hz: float) -> Station:
    """Give a station (``NET.STA.LOC``) with three channels of one sensor, as ObsPy has it."""
    _, code, location = station_id.split(".")
    where = {"latitude": latitude, "longitude": longitude}
    prefix = band_code(sensor, rate_hz=rate_hz) + sensor.code
    channels = [
        Channel(
            prefix + letter,
            location,
            **where,
            elevation=0.0,
            depth=0.0,
            azimuth=azimuth,
            dip=dip,
            sample_rate=rate_hz,
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
