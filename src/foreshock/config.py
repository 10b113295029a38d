"""Settings: frozen, with unknown keys refused and the nearest known key named. Knows nothing about any one stage."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from foreshock.errors import ConfigError, NotFoundError, nearest


class Settings(BaseModel):
    """What a component can be told; a subclass stands next to its component and names its units."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


SettingsT = TypeVar("SettingsT", bound=Settings)


def settings_from(kind: type[SettingsT], values: Mapping[str, Any], *, where: str) -> SettingsT:
    """Check a mapping against a settings class.

    Raises:
        ConfigError: a key is unknown (the nearest known key is named) or a value breaks its rule.
    """
    unknown = sorted(set(values) - set(kind.model_fields))
    if unknown:
        raise ConfigError(
            f"setting {unknown[0]!r} in {where}", "it is not known", nearest(unknown[0], kind.model_fields)
        )
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or kind.__name__
        raise ConfigError(
            f"setting {key!r} in {where} is {first['input']!r}", first["msg"], "correct that value"
        ) from error


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of settings, a table a stage.

    Raises:
        NotFoundError: there is no such file.
        ConfigError: the file is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"settings file {path}", "it does not exist", "give the path of a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"settings file {path}", f"it is not TOML ({error})", "correct that line") from error
