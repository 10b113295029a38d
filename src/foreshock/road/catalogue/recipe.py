"""Recipe: how a catalogue is made, told by a file, by flags, or left to the defaults. Knows no stage's inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from foreshock.config import Settings, read_tables, settings_from
from foreshock.predict.associate import AssociateSettings
from foreshock.predict.locate.settings import LocateSettings
from foreshock.predict.magnitude import MagnitudeSettings
from foreshock.predict.mechanism import MechanismSettings

MODEL = "iasp91_crust"
LOCAL_FIRST = MagnitudeSettings(kinds=("ML", "Mw"), fewest=3)
"""Small earthquakes, of which an archive is full, have no spectrum to be seen; one station alone is no magnitude."""
TABLES = ("associate", "locate", "mechanism", "magnitude")

Flags = Mapping[str, Any]
SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True)
class Recipe:
    """How a catalogue is made.

    Attributes:
        picker: a picker's name or a bundle; None for the network that ships.
        min_probability: picks below are left out.
        velocity_model: see `predict.travel.named`.
        associate, locate, mechanism: settings of these stages; None for the defaults, which follow the network.
        magnitudes: which, the preferred one first, and how.
    """

    picker: str | None = None
    min_probability: float = 0.0
    velocity_model: str = MODEL
    associate: AssociateSettings | None = None
    locate: LocateSettings | None = None
    mechanism: MechanismSettings | None = None
    magnitudes: MagnitudeSettings = field(default_factory=lambda: LOCAL_FIRST)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        plain = {name: getattr(self, name) for name in ("picker", "min_probability", "velocity_model")}
        stages = {name: getattr(self, name) for name in ("associate", "locate", "mechanism", "magnitudes")}
        return plain | {name: None if told is None else told.model_dump(mode="json") for name, told in stages.items()}


@dataclass(frozen=True)
class StageSettings:
    """What a settings file and flags say of the stages; None where nobody says anything."""

    associate: AssociateSettings | None
    locate: LocateSettings | None
    mechanism: MechanismSettings | None
    magnitudes: MagnitudeSettings


def stage_settings(
    file: Path | None = None,
    *,
    associate: Flags | None = None,
    locate: Flags | None = None,
    magnitude: Flags | None = None,
) -> StageSettings:
    """Read a TOML file with the tables ``[associate]``, ``[locate]``, ``[mechanism]`` and ``[magnitude]``.

    Flags win over the file, a flag that is None says nothing.

    Raises:
        NotFoundError: there is no such file.
        ConfigError: it holds other tables, unknown keys or impossible values; so may flags.
    """
    told = read_tables(file, TABLES) if file is not None else {name: {} for name in TABLES}
    first = LOCAL_FIRST.model_dump(exclude_unset=True)
    return StageSettings(
        _of(AssociateSettings, "associate", told, associate, file),
        _of(LocateSettings, "locate", told, locate, file),
        _of(MechanismSettings, "mechanism", told, None, file),
        _of(MagnitudeSettings, "magnitude", {"magnitude": first | told["magnitude"]}, magnitude, file) or LOCAL_FIRST,
    )


def _of(
    kind: type[SettingsT], name: str, told: Mapping[str, Mapping[str, Any]], flags: Flags | None, file: Path | None
) -> SettingsT | None:
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    values = _merged(told[name], given)
    sources = [f"[{name}] of {file}"] * bool(file and told[name]) + ["the command line"] * bool(given or not file)
    return settings_from(kind, values, where=" and ".join(sources)) if values else None


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Both, table by table; what stands over wins."""
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        found[key] = _merged(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return found
