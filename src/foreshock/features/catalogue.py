"""The catalogue: every feature there is, which code measures it, and how names are chosen. Measures nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from foreshock.errors import ConfigError, nearest
from foreshock.features import amplitude, frequency, hibert_list, hibert_provost, p_wave, period, polarisation, shape
from foreshock.features.feature import AS_GIVEN, Feature
from foreshock.features.layout import Layout
from foreshock.features.masked import Mask
from foreshock.types.arrays import Float64


class Running(Protocol):
    """Features that grow with every chunk (…, channel, time)."""

    def update(self, x: Float64, valid: Mask) -> None:
        """Take the next samples; masked ones are zero."""
        ...

    def values(self) -> dict[str, Float64]:
        """The features so far, (…, channel) or (…)."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """Features that are measured together, either `running` (chunks or whole) or on `whole` windows only."""

    features: tuple[Feature, ...]
    running: Callable[[Layout], Running] | None = None
    whole: Callable[[Float64, Mask, Layout], dict[str, Float64]] | None = None

    def measure(self, x: Float64, valid: Mask, layout: Layout) -> dict[str, Float64]:
        """Measure whole windows (…, channel, time)."""
        if self.whole is not None:
            return self.whole(x, valid, layout)
        assert self.running is not None
        grown = self.running(layout)
        grown.update(x, valid)
        return grown.values()


FAMILIES: Final = (
    Family(amplitude.FEATURES, running=amplitude.Amplitudes),
    Family(amplitude.INTENSITIES, running=amplitude.Intensities),
    Family(amplitude.DURATIONS, whole=amplitude.durations),
    Family(frequency.FEATURES, whole=frequency.measure),
    Family(period.FEATURES, running=period.Periods),
    Family(shape.CROSSINGS, running=shape.ZeroCrossings),
    Family(shape.MOMENTS, running=shape.Distribution),
    Family(shape.STA_LTA, running=shape.Prominence),
    Family(shape.ENVELOPE, whole=shape.measure_envelope),
    Family(polarisation.FEATURES, whole=polarisation.measure),
    Family(hibert_list.WAVEFORM, whole=hibert_provost.measure_waveform),
    Family(hibert_list.SPECTRAL, whole=hibert_provost.measure_spectrum),
    Family(hibert_list.PSEUDO_SPECTROGRAM, whole=hibert_provost.measure_spectrogram),
)
"""Everything but the P-wave parameters, which need an arrival."""


def catalogue() -> tuple[Feature, ...]:
    """Every feature, group by group.

    >>> [one.unit for one in catalogue() if one.name == "pga"]
    ['m/s2']
    """
    measured = [one for family in FAMILIES for one in family.features]
    return tuple(measured) + p_wave.FEATURES


def chosen(names: Sequence[str] | None, *, among: Sequence[Feature] | None = None) -> tuple[Feature, ...]:
    """The named features in that order, each once; a group's name stands for all of it, None for all there are.

    Raises:
        ConfigError: a name is unknown; the nearest known one is told.
    """
    known = {one.name: one for one in (catalogue() if among is None else among)}
    if names is None:
        return tuple(known.values())
    found: dict[str, Feature] = {}
    for name in [names] if isinstance(names, str) else names:
        of_group = {one.name: one for one in known.values() if one.group == name}
        if name not in known and not of_group:
            groups = {one.group for one in known.values()}
            raise ConfigError(f"feature {name!r}", "there is none of that name", nearest(str(name), {*known, *groups}))
        found |= of_group or {name: known[name]}
    return tuple(found.values())


def columns(names: Sequence[str] | None = None, *, components: str = "ZNE") -> list[str]:
    """The columns that a table of these features has.

    >>> columns(["rms", "azimuth"], components="ZN")
    ['rms_Z', 'rms_N', 'azimuth']
    """
    return [column for one in chosen(names) for column in one.columns(components)]


def column_units(unit: str, *, components: str = "ZNE", names: Sequence[str] | None = None) -> dict[str, str]:
    """The unit of every column for samples of a unit: "as given" is replaced by it.

    >>> column_units("count", components="Z", names=["peak", "pga"])
    {'peak_Z': 'count', 'pga_Z': 'm/s2'}
    """
    layout = Layout(1.0, unit, components)
    return {
        column: one.unit.replace(AS_GIVEN, layout.unit) for one in chosen(names) for column in one.columns(components)
    }
