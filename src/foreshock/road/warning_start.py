"""Warning start: from files and settings to an engine with its ways out. Knows no packets but the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from foreshock.apps.warning.engine import Engine
from foreshock.apps.warning.settings import WarningSettings
from foreshock.clock import Clock, iso_utc
from foreshock.collect.stations import merged, read_stations
from foreshock.deliver.endpoint import Endpoint
from foreshock.errors import ConfigError, NothingMatchedError
from foreshock.predict.shaking import read_sites
from foreshock.predict.travel.named import travel_times
from foreshock.road.warning import Watch
from foreshock.types.authority import Exercise, Rehearsal
from foreshock.types.packet import Packet


def watch_of(
    folder: Path,
    *,
    clock: Clock,
    source: str,
    mode: str,
    started_ns: int,
    stations: Sequence[Path],
    sites: Path | None,
    velocity_model: str,
    settings: WarningSettings,
    exercise: str | None,
    engine_id: str,
    endpoints: Sequence[Endpoint],
) -> Watch:
    """Make an engine for stations and sites, and what watches over it.

    Without an exercise its alerts are tests: they stay in files and on this machine.

    Raises:
        ConfigError: no station file is given.
        NotFoundError, FormatError: a file is not there, or is none.
    """
    if not stations:
        raise ConfigError("--stations", "an engine must know where its stations are", "give StationXML or CSV")
    network = merged(read_stations(path) for path in stations)
    places = read_sites(sites) if sites else None
    engine = Engine(network, travel=travel_times(velocity_model), settings=settings, sites=places)
    facts = {
        "source": source,
        "mode": mode,
        "kind_of_data": "synthetic" if mode == "replay" and _is_made_up(Path(source)) else "recorded",
        "settings": {**settings.model_dump(mode="json"), "velocity_model": velocity_model},
        "sites": str(sites) if sites else None,
        "started": iso_utc(started_ns),
    }
    authority = Exercise(clock, exercise) if exercise else Rehearsal(clock)
    return Watch(engine, folder, authority, engine_id, endpoints, facts)


def _is_made_up(source: Path) -> bool:
    """Whether the truth of a scenario lies beside what is replayed."""
    return any((folder / "truth.json").is_file() for folder in (source, source.parent))


def first_of(packets: Iterator[Packet]) -> tuple[Packet, Iterator[Packet]]:
    """Give the first packet, and all of them.

    Raises:
        NothingMatchedError: there is none.
    """
    first = next(packets, None)
    if first is None:
        raise NothingMatchedError("recordings", "they hold no packet", "give others")
    return first, chain([first], packets)
