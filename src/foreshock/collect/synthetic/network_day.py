"""A network's continuous recording with exact truth, written station by station. Knows no picker and no locator."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foreshock.clock import NS_PER_S, iso_utc
from foreshock.collect.files import DAY_NS
from foreshock.collect.sds import write_sds
from foreshock.collect.synthetic.audible import Heard, hear
from foreshock.collect.synthetic.continuous import Site, add_earthquakes, noise_part
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.defects import digitise
from foreshock.collect.synthetic.instrument import band_code
from foreshock.collect.synthetic.recorder import Recorder, draw_recorder, jumping_stations
from foreshock.collect.synthetic.sequence import Quakes, draw_quakes
from foreshock.collect.synthetic.station_file import stationxml
from foreshock.collect.synthetic.stations import build_network
from foreshock.errors import ConfigError
from foreshock.outputs import write_bytes, write_json, write_text
from foreshock.types.arrays import Bools, Float64
from foreshock.types.waveform import Waveform

SEEN_SNR = 3.0
"""A station sees an earthquake whose P stands out of its noise by this, and whose P sample it has."""
TRUTH_COLUMNS = (
    *("event_id", "time", "latitude", "longitude", "depth_km", "magnitude", "magnitude_type"),
    *("n_stations", "n_heard", "sequence"),
)
ARRIVAL_COLUMNS = ("event_id", "trace_id", "phase", "time", "travel_s", "static_s", "clock_s", "p_snr", "recorded")
RECORDER_COLUMNS = (
    *("trace_id", "p_static_s", "s_static_s", "clock_s", "jump_s", "jump_from", "jump_to"),
    *("recorded_fraction", "n_gaps"),
)


@dataclass(frozen=True)
class NetworkDay:
    """What was written, and where.

    Attributes:
        n_stations, n_events: of the recording. n_seen: events seen by at least one station.
        n_waves: pairs of event and station that were synthesised.
    """

    folder: Path
    n_stations: int
    n_events: int
    n_seen: int
    n_waves: int


def write_network_day(
    folder: Path, settings: NetworkDaySettings, *, seed: int = 0, tell: Callable[[str], None] | None = None
) -> NetworkDay:
    """Write the recording into an empty folder: ``archive`` (SDS), ``stations.xml``, and the truth as tables.

    The same settings and seed give the same bytes. One day of one station is held at a time.

    Raises:
        ConfigError: the seed is negative.
        OutputError: the folder cannot be written to.
    """
    if seed < 0:
        raise ConfigError(f"seed {seed}", "it must not be negative", "give 0 or more")
    base = settings.base()
    network, quakes = build_network(base, seed=seed), draw_quakes(settings, seed=seed)
    jumping = jumping_stations(settings, seed=seed)
    arrivals: list[tuple[Any, ...]] = []
    recorders = []
    seen, made = np.zeros(len(quakes), np.int64), np.zeros(len(quakes), np.int64)
    for k in range(settings.stations):
        site = Site(settings, base, network.only(k), k, seed)
        recorder = draw_recorder(settings, k, seed=seed, jumps=k in jumping)
        heard = hear(settings, base, site.network, quakes, recorder)
        snr, recorded, share = _write_station(folder / "archive", site, recorder, heard)
        np.add.at(seen, heard.event[(snr >= SEEN_SNR) & recorded], 1)
        np.add.at(made, heard.event, 1)
        arrivals += list(_arrival_rows(site, recorder, quakes, heard, snr=snr, recorded=recorded))
        recorders.append(_recorder_row(site, recorder, share))
        if tell is not None:
            tell(f"{k + 1} of {settings.stations} stations: {network.codes[k]} hears {len(heard)} earthquakes")
    write_bytes(folder / "stations.xml", stationxml(network, base, created_ns=settings.start_ns))
    write_text(folder / "truth.csv", _table(TRUTH_COLUMNS, _truth_rows(quakes, seen, made)))
    write_text(folder / "arrivals.csv", _table(ARRIVAL_COLUMNS, sorted(arrivals)))
    write_text(folder / "recorders.csv", _table(RECORDER_COLUMNS, recorders))
    write_json(folder / "settings.json", {"seed": seed, **settings.model_dump(mode="json")})
    return NetworkDay(folder, settings.stations, len(quakes), int((seen > 0).sum()), int(made.sum()))


def _write_station(archive: Path, site: Site, recorder: Recorder, heard: Heard) -> tuple[Float64, Bools, float]:
    """Write a station day by day; give P's signal to noise, whether its sample is there, the share kept."""
    snr, recorded = np.full(len(heard), np.nan), np.zeros(len(heard), bool)
    kept, settings = 0, site.settings
    for first, last in day_samples(settings):
        part = noise_part(site, first, last)
        here = add_earthquakes(site, part, heard)
        start_ns = settings.start_ns + round(first * NS_PER_S / settings.rate_hz)
        valid = recorder.mask(start_ns, last - first, rate_hz=settings.rate_hz)
        kept += int(valid.sum())
        inside = np.isfinite(here)
        at = ((heard.p_ns[inside] - start_ns) * settings.rate_hz / NS_PER_S).astype(np.int64)
        snr[inside], recorded[inside] = here[inside], valid[at.clip(0, len(valid) - 1)]
        write_sds(archive, [_waveform(site, part.data, valid, start_ns)])
    return snr, recorded, kept / settings.n_samples


def day_samples(settings: NetworkDaySettings) -> Iterator[tuple[int, int]]:
    """First and one past the last sample of every UTC day that the recording touches."""
    first, n, start = 0, settings.n_samples, settings.start_ns
    while first < n:
        now = start + round(first * NS_PER_S / settings.rate_hz)
        midnight = (now // DAY_NS + 1) * DAY_NS
        last = min(n, int(np.ceil((midnight - start) * settings.rate_hz / NS_PER_S - 1e-6)))
        yield first, last
        first = last


def _waveform(site: Site, data: Any, valid: Bools, start_ns: int) -> Waveform:
    sensor = site.network.instruments[0]
    code = band_code(sensor, rate_hz=site.settings.rate_hz) + sensor.code
    digitise(data[None], np.array([sensor.clip_counts]))
    return Waveform(
        data,
        site.settings.rate_hz,
        start_ns,
        site.network.codes[0],
        channels=(code + "Z", code + "N", code + "E"),
        valid=np.broadcast_to(valid, data.shape),
    )


# -- truth -------------------------------------------------------------------------------------------------------------


def _truth_rows(quakes: Quakes, seen: Any, made: Any) -> Iterator[Sequence[Any]]:
    for k, event_id in enumerate(quakes.event_id):
        place = (f"{quakes.latitude[k]:.6f}", f"{quakes.longitude[k]:.6f}", f"{quakes.depth_km[k]:.4f}")
        size = (f"{quakes.magnitude[k]:.3f}", "Mw")
        yield event_id, iso_utc(int(quakes.origin_ns[k])), *place, *size, seen[k], made[k], quakes.sequence[k]


def _arrival_rows(
    site: Site, recorder: Recorder, quakes: Quakes, heard: Heard, *, snr: Float64, recorded: Bools
) -> Iterator[tuple[Any, ...]]:
    statics = {"P": recorder.p_static_s, "S": recorder.s_static_s}
    for phase, time_ns, waves in (("P", heard.p_ns, heard.p), ("S", heard.s_ns, heard.s)):
        for k, event in enumerate(heard.event):
            travel = waves.first.time_s[k] - statics[phase]
            seconds = (f"{travel:.4f}", f"{statics[phase]:.4f}", f"{heard.clock_s[k]:.4f}")
            ratio = f"{snr[k]:.3f}" if np.isfinite(snr[k]) else ""
            who = (quakes.event_id[event], site.network.codes[0], phase, iso_utc(int(time_ns[k])))
            yield *who, *seconds, ratio, int(recorded[k])


def _recorder_row(site: Site, recorder: Recorder, share: float) -> Sequence[Any]:
    errors = (recorder.p_static_s, recorder.s_static_s, recorder.clock_s, recorder.jump_s)
    jumps = recorder.jump_to_ns > recorder.jump_from_ns
    when = (iso_utc(recorder.jump_from_ns), iso_utc(recorder.jump_to_ns)) if jumps else ("", "")
    return site.network.codes[0], *(f"{value:.4f}" for value in errors), *when, f"{share:.6f}", len(recorder.gaps)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows(rows)
    return text.getvalue()
