"""Layout of stored arrays: axes, components and unit, turned into (channel, time), Z N E, SI. Knows no files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foreshock.errors import FormatError, UnitError
from foreshock.types.arrays import AnyArray, Float32
from foreshock.types.waveform import COMPONENTS
from foreshock.units import UNITS
from foreshock.units import unit as known_unit

_RANK = {letter: rank for rank, letter in enumerate("Z3UVNE12RTWQL")}
_SPELLINGS = {
    "mps": "m/s",
    "mps2": "m/s2",
    "cmps": "cm/s",
    "cmps2": "cm/s2",
    "mmps": "mm/s",
    "umps": "um/s",
    "nmps": "nm/s",
    "raw": "count",
    "digital counts": "count",
    "meters per second": "m/s",
    "m/s/s": "m/s2",
}
_ACCELEROMETERS = "NGL"
"""Second letters of a channel code that mean acceleration (SEED manual 2.4, appendix A; L for older low-gain sets)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Axes and components as stored, and how to put the components in order Z N E (Z 1 2, Z R T …).

    Raises:
        FormatError: an axis or a component letter is unknown or named twice.

    >>> Layout("WC", "ENZ").components
    'ZNE'
    """

    dimension_order: str
    component_order: str

    def __post_init__(self) -> None:
        axes = self.dimension_order.replace("N", "")
        if axes not in ("CW", "WC", "W"):
            raise FormatError(
                f"dimension order {self.dimension_order!r}",
                "it must be made of N (trace), C (channel) and W (sample)",
                "give dimension_order in a mapping file",
            )
        letters = self.component_order
        if not letters or set(letters) - set(COMPONENTS) or len(set(letters)) < len(letters):
            raise FormatError(
                f"component order {letters!r}",
                f"it must hold different letters of {COMPONENTS}",
                "give component_order in a mapping file",
            )

    @property
    def order(self) -> tuple[int, ...]:
        """Rows of the stored array in the order they are given out."""
        return tuple(sorted(range(len(self.component_order)), key=lambda k: _RANK[self.component_order[k]]))

    @property
    def components(self) -> str:
        """The letters as they are given out."""
        return "".join(self.component_order[k] for k in self.order)

    def arranged(self, raw: AnyArray, *, factor: float = 1.0) -> Float32:
        """Turn a stored trace into float32 (channel, time), components in order, times `factor`.

        Raises:
            FormatError: it has another number of axes or channels, no samples, or samples that are NaN or infinite.
        """
        rows = self._rows(raw)
        out = rows[list(self.order)] if self.order != tuple(range(len(rows))) else rows
        with np.errstate(over="ignore"):
            out = np.ascontiguousarray(out if factor == 1.0 else out * factor, np.float32)
        if out.shape[1] == 0:
            raise FormatError("trace", "it has no samples", "leave it out")
        if not np.isfinite(out).all():
            raise FormatError("trace", "it holds NaN, Inf or numbers beyond float32", "leave it out")
        return out

    def _rows(self, raw: AnyArray) -> AnyArray:
        axes = self.dimension_order.replace("N", "")
        if raw.ndim == 1 and (axes == "W" or len(self.component_order) == 1):
            raw, axes = raw[None], "CW"
        if raw.ndim != 2:
            raise FormatError(f"trace of shape {raw.shape}", "it must be (channel, time)", "correct the trace name")
        rows = raw.T if axes == "WC" else raw
        if len(rows) != len(self.component_order):
            raise FormatError(
                f"trace with {len(rows)} channels",
                f"component order {self.component_order!r} names {len(self.component_order)}",
                "give component_order in a mapping file",
            )
        return rows


def unit_of(written: str, *, channel: str = "") -> tuple[str, float]:
    """Give the SI unit and the factor for a written unit; ``mps/mps2`` is decided by the channel code.

    Raises:
        UnitError: the unit is unknown, or two are named and the channel code does not decide.

    >>> unit_of("cmps2")
    ('m/s2', 0.01)
    >>> unit_of("mps/mps2", channel="HN")
    ('m/s2', 1.0)
    """
    text = written.strip().lower()
    found = _single(text)
    if found is None and "/" in text:
        parts = [_single(part) for part in text.split("/")]
        wanted = "m/s2" if channel[1:2].upper() in tuple(_ACCELEROMETERS) else "m/s"
        fitting = {part for part in parts if part is not None and part[0] == wanted}
        found = fitting.pop() if channel and len(fitting) == 1 else None
    if found is None:
        raise UnitError(
            f"unit {written!r} (channel {channel or 'not named'})", "it is not known", "give unit in a mapping file"
        )
    return found


def _single(text: str) -> tuple[str, float] | None:
    name = _SPELLINGS.get(text, text)
    if name not in UNITS:
        return None
    unit = known_unit(name)
    return unit.si, unit.factor
