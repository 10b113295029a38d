"""Settings: frozen, with unknown keys refused and the nearest known key named. Knows nothing about any one stage."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from foreshock.errors import ConfigError, NotFoundError, nearest

MOST_BYTES = 1 << 20
"""A settings file larger than this is none."""
LONGEST_SHOWN = 80
"""Letters of a wrong value that an error shows."""


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
        raise _unknown(unknown[0], kind, where)
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise _refused(error, kind, where) from error


def _unknown(key: str, kind: type[BaseModel], where: str) -> ConfigError:
    return ConfigError(f"setting {key!r} in {where}", "it is not known", nearest(key.split(".")[-1], kind.model_fields))


def _refused(error: ValidationError, kind: type[BaseModel], where: str) -> ConfigError:
    """One sentence about the first value that a settings class refuses."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return _unknown(key, _inner(kind, first["loc"][:-1]), where)
    if first["type"] == "missing":
        return ConfigError(f"setting {key!r} in {where}", "it is missing", "give it a value")
    rule = first["msg"].removeprefix("Value error, ")
    rule = rule[:1].lower() + rule[1:]
    if not key:
        return ConfigError(f"settings of {kind.__name__} in {where}", rule, "correct those values")
    return ConfigError(f"setting {key!r} in {where} is {_short(first['input'])}", rule, "correct that value")


def _inner(kind: type[BaseModel], way: Sequence[int | str]) -> type[BaseModel]:
    """The settings class that lies at the end of a way of names, as far as classes go."""
    for name in way:
        field = kind.model_fields.get(str(name))
        if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
            return kind
        kind = field.annotation
    return kind


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of settings, a table a stage.

    Raises:
        NotFoundError: there is no such file.
        ConfigError: the file is not TOML, or is larger than any settings are.
    """
    try:
        if not path.is_file():
            raise NotFoundError(f"settings file {path}", "it is no file", "give the path of a TOML file")
        with path.open("rb") as handle:
            content = handle.read(MOST_BYTES + 1)
    except OSError as error:
        if isinstance(error, NotFoundError):
            raise
        reason = f"it cannot be read ({error.strerror})"
        raise NotFoundError(f"settings file {path}", reason, "give the path of a TOML file") from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"settings file {path}", f"it is larger than {MOST_BYTES} bytes", "give a file of settings")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"settings file {path}", f"it is not TOML ({error})", "correct that line") from error


def read_tables(path: Path, names: Collection[str]) -> dict[str, dict[str, Any]]:
    """Read a TOML file that may hold these tables and nothing else; a table that is not there is empty.

    Raises:
        NotFoundError: there is no such file.
        ConfigError: the file is not TOML, or holds another table, or a value in place of a table.
    """
    told = read_toml(path)
    for name, table in told.items():
        if name not in names:
            raise ConfigError(f"[{name}] in {path}", "it is not a known table", nearest(name, names))
        if not isinstance(table, dict):
            raise ConfigError(
                f"{name} in {path} is {_short(table)}", "it must be a table", f"write [{name}] on a line of its own"
            )
    return {name: dict(told.get(name, {})) for name in names}
