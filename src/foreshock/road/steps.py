"""Steps told in words: how a person names steps on a command line or in a settings file. Knows no particular step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foreshock.errors import ConfigError
from foreshock.plugins import build_steps


def parse_step(text: str) -> dict[str, Any]:
    """Read ``name:key=value,key=value`` as a step's description.

    Raises:
        ConfigError: the text is not of that form.

    >>> parse_step("bandpass:low_hz=1,high_hz=20")
    {'step': 'bandpass', 'low_hz': 1.0, 'high_hz': 20.0}
    """
    name, _, rest = text.partition(":")
    described: dict[str, Any] = {"step": name.strip()}
    for part in filter(None, (piece.strip() for piece in rest.split(","))):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise ConfigError(
                f"--step {text!r}", f"{part!r} is not key=value", "write for instance bandpass:low_hz=1,high_hz=20"
            )
        described[key.strip()] = _value(value.strip())
    return described


def _value(text: str) -> Any:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        return float(text)
    except ValueError:
        return text


def parse_steps(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Read several steps and make sure that they can be built.

    Raises:
        ConfigError: a text is not of the form ``name:key=value``.
        PluginError: a step is unknown or refuses its settings.
    """
    described = [parse_step(text) for text in texts]
    build_steps(described)
    return described
