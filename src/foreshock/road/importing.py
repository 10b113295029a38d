"""Importing: other people's networks made into bundles. Knows no architecture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foreshock.bundle import Bundle, read_bundle, write_bundle
from foreshock.bundle.archive import SUFFIX
from foreshock.errors import ConfigError, OutputError

FAMILIES = ("seisbench",)


def import_model(
    what: str,
    weights: Path,
    out: Path,
    *,
    name: str = "",
    arguments: Mapping[str, Any] | None = None,
    licence: str = "",
) -> Bundle:
    """Make a bundle of a network that was trained with other software, and give it as it was written.

    Args:
        what: ``seisbench:PhaseNet`` or ``seisbench:EQTransformer``.
        weights: a .pt file with its .json beside it, or a folder that holds one such pair.
        out: the bundle's file, ``*.bundle``, which must not exist.
        name: what the bundle calls itself. arguments: of the architecture, where its JSON lacks them or is wrong.
        licence: of the weights, where their files do not tell.

    Raises:
        ConfigError: there is no such architecture, or one of its arguments is unknown or out of range.
        NotFoundError, FormatError, BundleError: the weights are not there, damaged, or another architecture's.
        OutputError: the bundle exists, or cannot be written.
        MissingExtraError: SeisBench or torch is not installed.
    """
    family, _, architecture = what.partition(":")
    if family not in FAMILIES or not architecture:
        raise ConfigError(
            f"model {what!r}", "it must be a family and an architecture", "write seisbench:PhaseNet or similar"
        )
    if out.suffix != SUFFIX:
        raise ConfigError(f"--out {out}", f"a bundle's name ends in {SUFFIX}", f"call it {out.stem}{SUFFIX}")
    if out.exists():
        raise OutputError(f"--out {out}", "it exists", "choose another name or remove it")
    from foreshock.train.foreign.arguments import check_architecture
    from foreshock.train.foreign.files import read_weights

    check_architecture(architecture)
    files = read_weights(weights, needs_json=not arguments)
    from foreshock.train.foreign.convert import converted

    made = converted(architecture, files, name=name, arguments=arguments, licence=licence)
    write_bundle(out, made)
    return read_bundle(out)
