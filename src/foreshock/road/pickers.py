"""Pickers: which one is meant by a name, a bundle or nothing. Picks nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeAlias, runtime_checkable

from foreshock.bundle import find_bundle, read_bundle, shipped
from foreshock.errors import ConfigError, nearest
from foreshock.predict.pick.live_records import LivePickerOnRecords
from foreshock.predict.pick.network import NetworkPicker
from foreshock.predict.pick.result import PickResult
from foreshock.predict.pick.sta_lta_aic import StaLtaAic
from foreshock.predict.pick.windows import WindowPicker
from foreshock.types.waveform import Waveform


@runtime_checkable
class Picker(Protocol):
    """Finds phases on a waveform."""

    @property
    def name(self) -> str:
        """What it is called in results."""
        ...

    @property
    def memory_s(self) -> float:
        """How far back, in seconds, samples can change a pick."""
        ...

    @property
    def ahead_s(self) -> float:
        """How far ahead, in seconds, samples can change a pick."""
        ...

    def pick(self, waveform: Waveform) -> PickResult:
        """Give the picks in order of time or, where there is none, the reason."""
        ...


AnyPicker: TypeAlias = Picker | Path | str | None
"""A picker, the name of one, a bundle, or nothing for the default."""

DEFAULT, RIVAL = "picker", StaLtaAic.name

PICKERS: Mapping[str, Callable[[], Picker]] = MappingProxyType(
    {
        DEFAULT: lambda: NetworkPicker(shipped(DEFAULT)),
        "picker-without-gujarat": lambda: NetworkPicker(shipped("picker-without-gujarat")),
        StaLtaAic.name: StaLtaAic,
    }
)
"""Those that are always there: the networks that ship, and the rival that has learnt nothing."""


def picker_of(model: AnyPicker = None) -> Picker:
    """Give the picker that is meant; nothing means the default.

    Raises:
        ConfigError: there is none of that name, or the bundle does not pick.
        BundleError: the bundle cannot be read.

    >>> picker_of().name
    'picker'
    """
    if isinstance(model, Picker):
        return model
    name = DEFAULT if model is None else str(model)
    if name in PICKERS:
        return PICKERS[name]()
    if not Path(name).exists():
        raise ConfigError(
            f"picker {name!r}", "there is neither a picker nor a file of that name", nearest(name, PICKERS)
        )
    bundle = read_bundle(find_bundle(Path(name)))
    if bundle.card.problem != "pick":
        raise ConfigError(
            f"model {name}",
            f"it was trained for {bundle.card.problem!r} and cannot pick",
            f"use {DEFAULT!r}, or ask it with foreshock predict",
        )
    if bundle.card.windows is not None:
        return WindowPicker(bundle)
    return LivePickerOnRecords(bundle) if bundle.card.reach and bundle.card.reach.state_size else NetworkPicker(bundle)
