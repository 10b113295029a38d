"""Channels: what a channel's name says about its direction, and turning sensors to Z N E. Knows no files and no ObsPy.

How names are read (case does not matter; the name itself is kept in ``Waveform.channels``):

| name | component | instrument it belongs to |
|---|---|---|
| ``HHZ`` ``bhn`` ``HN1`` (SEED: band, instrument, orientation) | last letter | location + first two letters |
| ``Z`` ``N`` ``E`` ``1`` ``BZ`` | last letter | what stands before it |
| ``UD`` ``NS`` ``EW``, ``U-D`` ``N-S`` ``E-W`` (K-NET) | Z N E | the station's one sensor |
| ``UD1`` ``NS1`` ``EW1`` (KiK-net, borehole) | Z N E | location ``01`` where the file gives none |
| ``UD2`` ``NS2`` ``EW2`` (KiK-net, surface) | Z N E | location ``02`` where the file gives none |
| ``VERTICAL`` ``NORTH`` ``EAST`` (and ``VERT`` ``UP``) | Z N E | the station's one sensor |
| empty | Z, and a note says so | the station's one sensor |

A SEED name whose instrument letter is one of `NOT_GROUND_MOTION` (mass positions ``BMZ``, clocks ``LCQ``, pressure
``BDF`` …) is left out with a reason, and so is a name that ends in no direction.
Nothing is guessed about ``1`` and ``2``: they become N and E by the station file, or when the caller says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from foreshock.errors import InputError
from foreshock.types.arrays import Float64
from foreshock.types.station import Channel, Station
from foreshock.types.waveform import COMPONENTS, Waveform

NOT_GROUND_MOTION = "ACDEFIJKMOQRSTUVW"
"""Instrument letters of other quantities: tilt, calibration, pressure, temperature, rotation, strain …
(SEED manual 2.4, appendix A; FDSN source identifiers)."""
PROMISED_UNIT = {"H": "m/s", "L": "m/s", "P": "m/s", "N": "m/s2"}
"""What the sensors of an instrument letter measure: seismometers velocity, accelerometers acceleration."""
ROW_ORDER = "ZNE312UVWRTLQ"
"""The order of rows in a waveform; ``3`` stands first of the numbered ones, as most makers mean the vertical."""
NOMINAL = {"Z": (0.0, -90.0), "N": (0.0, 0.0), "E": (90.0, 0.0)}
"""Azimuth and dip that a letter promises (SEED manual 2.4, appendix A)."""
AXIS_TOLERANCE_DEG = 5.0
"""Within this a sensor counts as pointing along an axis (the SEED manual's limit for the letters N and E)."""
GAIN_TOLERANCE = 0.01
"""Sensors are mixed by a rotation only when their gains agree to this relative difference."""
WORST_CONDITION = 10.0

_NIED = {"UD": "Z", "NS": "N", "EW": "E"}
_WORDS = {"VERTICAL": "Z", "VERT": "Z", "UP": "Z", "NORTH": "N", "EAST": "E"}


@dataclass(frozen=True, slots=True)
class Named:
    """What a channel's name says: a letter, the instrument's prefix, and a location where the name implies one."""

    component: str
    prefix: str
    location: str = ""


def read_name(code: str) -> Named:
    """Read a channel's name.

    Raises:
        InputError: the name is no direction of ground motion.

    >>> read_name("hhz"), read_name("EW2")
    (Named(component='Z', prefix='HH', location=''), Named(component='E', prefix='', location='02'))
    """
    name = code.upper().replace("-", "").replace(" ", "")
    if name == "":
        return Named("Z", "")
    if name in _WORDS:
        return Named(_WORDS[name], "")
    if name[:2] in _NIED and name[2:] in ("", "1", "2"):
        return Named(_NIED[name[:2]], "", f"0{name[2:]}" if name[2:] else "")
    if len(name) > 3 or name[-1] not in COMPONENTS:
        raise InputError(f"channel {code!r}", "its name gives no direction", "rename it to end in Z, N, E, 1, 2 or 3")
    if len(name) == 3 and name[1] in NOT_GROUND_MOTION:
        raise InputError(
            f"channel {code!r}",
            f"its instrument letter {name[1]!r} is not ground motion",
            "leave it out of the request",
        )
    return Named(name[-1], name[:-1])


def promised_unit(code: str) -> str | None:
    """What the second letter of a SEED channel code says that its sensor measures; None where it says nothing.

    >>> promised_unit("HNZ"), promised_unit("BHZ"), promised_unit("UD")
    ('m/s2', 'm/s', None)
    """
    return PROMISED_UNIT.get(code[1].upper()) if len(code) == 3 else None


def orient(wave: Waveform, station: Station | None, *, assume_north_east: bool = False) -> tuple[Waveform, list[str]]:
    """Turn a waveform's rows to Z N E as far as the station file (or the caller) knows; say what was done.

    Three independent directions, or two horizontal ones, are solved for Z N E; a row along an axis but reversed
    changes its sign. With no station file, rows 1 and 2 become N and E (and 3 becomes Z) only when
    `assume_north_east` says so.
    """
    known = [epoch(station, code, wave.start_ns) for code in wave.channels] if station else []
    if station and all(known):
        return _turn(wave, [channel for channel in known if channel])
    notes = []
    if station:
        lacking = [code for code, channel in zip(wave.channels, known, strict=True) if channel is None]
        notes.append(f"station file has no direction for {', '.join(lacking)} at that time: rows keep their names")
    if assume_north_east and set(wave.components) & set("123"):
        return _rename(wave, notes)
    return wave, notes


def epoch(station: Station, code: str, time_ns: int) -> Channel | None:
    """The channel of that name whose epoch holds the time, or None."""
    for channel in station.channels:
        if channel.code.upper() == code.upper() and channel.start_ns <= time_ns < channel.end_ns:
            return channel
    return None


def directions(channels: list[Channel]) -> Float64:
    """Unit vectors (channel, Z N E) of the directions in which each channel counts up.

    >>> import numpy as np
    >>> up = Channel("HHZ", azimuth_deg=0, dip_deg=-90, sensitivity=1, unit="m/s", start_ns=0, end_ns=1)
    >>> np.round(directions([up]), 9).tolist()
    [[1.0, 0.0, 0.0]]
    """
    azimuth = np.radians([channel.azimuth_deg for channel in channels])
    dip = np.radians([channel.dip_deg for channel in channels])
    return np.stack([-np.sin(dip), np.cos(dip) * np.cos(azimuth), np.cos(dip) * np.sin(azimuth)], axis=1)


def _turn(wave: Waveform, known: list[Channel]) -> tuple[Waveform, list[str]]:
    notes = []
    if any(channel.end_ns < wave.end_ns for channel in known):
        notes.append("the station file's epoch ends inside the record: its directions are used to the end")
    vectors = directions(known)
    solved = _solve(vectors)
    if solved is None:
        return _sign_rows(wave, vectors, notes)
    axes, mixing = solved
    if wave.components == axes and np.allclose(mixing, np.eye(len(axes)), atol=1e-3):
        return wave, notes
    mixes = np.count_nonzero(np.abs(mixing) > 1e-6, axis=1).max() > 1
    if mixes and not _same_gain(known):
        notes.append("gains of its channels differ: not rotated; remove the sensitivity, then rotate")
        return _sign_rows(wave, vectors, notes)
    turned = _mixed(wave, axes, mixing)
    told = ", ".join(f"{code} to {letter}" for code, letter in zip(turned.channels, axes, strict=True))
    notes.append(f"{'rotated' if mixes else 'assigned'} by the station file's directions: {told}")
    return turned, notes


def _solve(vectors: Float64) -> tuple[str, Float64] | None:
    """The axes that can be had and the matrix (axis, channel) that gives them, or None."""
    horizontal = np.abs(vectors[:, 0]) < np.sin(np.radians(AXIS_TOLERANCE_DEG))
    if len(vectors) == 3:
        axes, square = "ZNE", vectors
    elif len(vectors) == 2 and horizontal.all():
        axes, square = "NE", vectors[:, 1:]
    else:
        return None
    if np.linalg.cond(square) > WORST_CONDITION:
        return None
    mixing = np.linalg.inv(square)
    return axes, np.where(np.abs(mixing) < 1e-9, 0.0, mixing)


def _same_gain(known: list[Channel]) -> bool:
    gains = np.array([channel.sensitivity for channel in known])
    return bool(np.all(gains == 0) or np.ptp(gains) <= GAIN_TOLERANCE * np.abs(gains).max())


def _mixed(wave: Waveform, axes: str, mixing: Float64) -> Waveform:
    used = np.abs(mixing) > 1e-6
    valid = np.stack([wave.valid[row].all(axis=0) for row in used])
    codes = np.array(wave.channels)[_nearest(mixing)]
    data = mixing @ wave.data.astype(np.float64)
    return replace(wave, data=data, valid=valid, components=axes, channels=tuple(map(str, codes)))


def _nearest(mixing: Float64) -> list[int]:
    """For each axis the channel that gives most of it, each channel once."""
    left, chosen = np.abs(mixing), []
    for axis in range(len(mixing)):
        best = int(left[axis].argmax())
        chosen.append(best)
        left[:, best] = -1
    return chosen


def _sign_rows(wave: Waveform, vectors: Float64, notes: list[str]) -> tuple[Waveform, list[str]]:
    """Name each row that lies along an axis after it; a reversed one changes its sign."""
    letters, data, close = list(wave.components), np.array(wave.data), np.cos(np.radians(AXIS_TOLERANCE_DEG))
    for row, vector in enumerate(vectors):
        axis = int(np.abs(vector).argmax())
        letter, reverse = "ZNE"[axis], vector[axis] < 0
        if abs(vector[axis]) < close or (letter in letters and letters.index(letter) != row):
            notes.append(f"{wave.channels[row]} lies along no axis: it keeps its name")
            continue
        if reverse:
            notes.append(f"{wave.channels[row]} is reversed in the station file: its sign was changed")
            data[row] = -data[row]
        letters[row] = letter
    return _ordered(replace(wave, data=data, components="".join(letters))), notes


def _rename(wave: Waveform, notes: list[str]) -> tuple[Waveform, list[str]]:
    wanted = {"1": "N", "2": "E", "3": "Z"}
    letters = "".join(wanted.get(letter, letter) for letter in wave.components)
    if len(set(letters)) < len(letters):
        return wave, [*notes, f"{wave.components} was not renamed: {letters} would name a row twice"]
    notes.append(f"{wave.components} taken as {letters}, as asked; true directions are unknown")
    return _ordered(replace(wave, components=letters)), notes


def _ordered(wave: Waveform) -> Waveform:
    rows = sorted(range(len(wave.components)), key=lambda row: ROW_ORDER.index(wave.components[row]))
    return replace(
        wave,
        data=wave.data[rows],
        valid=wave.valid[rows],
        channels=tuple(wave.channels[row] for row in rows),
        components="".join(wave.components[row] for row in rows),
    )
