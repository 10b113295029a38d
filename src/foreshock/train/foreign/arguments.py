"""Arguments: what SeisBench's files may say about a network, checked before anything is built. Knows no torch.

Names and meanings are those of the constructors of SeisBench 0.12; what stands here bounds them, so that a hostile
file cannot ask for a network that fills the machine. `windows` says how such a network is asked: the rules of
SeisBench's `annotate`, its own default values, and what the files say otherwise (``default_args``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from foreshock.bundle import Filter, Windows
from foreshock.config import Settings, settings_from
from foreshock.errors import ConfigError, nearest

FAMILY = "seisbench"
NOISE, DETECTION = "N", "Detection"
EQT_TAPER = 6
"""Samples EQTransformer's windows are faded over."""

_Letters = Annotated[str, Field(min_length=1, max_length=10, pattern=r"^[A-Za-z]+$")]
_FilterArgs: TypeAlias = list[str] | dict[str, list[str]] | None
_FilterSettings: TypeAlias = dict[str, Any] | None


class Arguments(Settings, ABC):
    """What both architectures know."""

    architecture: ClassVar[str]
    picked_at: ClassVar[float]
    """Height of a pick, where the files say nothing else."""
    overlap: ClassVar[int]
    stacking: ClassVar[Literal["avg", "max"]]
    blinded: ClassVar[tuple[int, int]]

    in_channels: int = Field(default=3, ge=1, le=4)
    sampling_rate: float = Field(default=100, gt=0, le=10_000)
    norm: Literal["std", "peak"] = "std"
    norm_amp_per_comp: bool = False
    norm_detrend: bool = False
    component_order: str = Field(default="ZNE", min_length=1, max_length=4)
    filter_args: _FilterArgs = None
    filter_kwargs: _FilterSettings = None
    grouping: Literal["instrument"] = "instrument"
    allow_padding: Literal[False] = False

    @abstractmethod
    def curves(self) -> tuple[str, ...]:
        """Names of the curves, in order."""

    def windows(self, defaults: Mapping[str, Any]) -> Windows:
        """How the network is asked; `defaults` are the ``default_args`` of the files."""
        values = {
            "overlap_samples": _overlap(defaults.get("overlap", self.overlap), self.length),
            "stacking": defaults.get("stacking", self.stacking),
            "blinded_samples": defaults.get("blinding", self.blinded),
            "detrend": self.norm_detrend,
            "scale": "peak" if self.norm_amp_per_comp else self.norm,
            "filters": filters(self.filter_args, self.filter_kwargs),
            "zerophase": defaults.get("zerophase_resample", True),
            "onsets": {name: _threshold(name, defaults, self.picked_at) for name in self._picked()},
        }
        return settings_from(Windows, values | self._more(defaults), where="default_args of the weights")

    @property
    @abstractmethod
    def length(self) -> int:
        """Samples of a window."""

    def _picked(self) -> list[str]:
        return [name for name in self.curves() if name not in (NOISE, DETECTION)]

    def _more(self, defaults: Mapping[str, Any]) -> dict[str, Any]:
        return {}


class PhaseNetArguments(Arguments):
    """Of PhaseNet (Zhu & Beroza 2019, doi:10.1093/gji/ggy423)."""

    architecture: ClassVar[str] = "PhaseNet"
    picked_at: ClassVar[float] = 0.3
    overlap: ClassVar[int] = 1500
    stacking: ClassVar[Literal["avg", "max"]] = "avg"
    blinded: ClassVar[tuple[int, int]] = (0, 0)

    phases: _Letters = "NPS"
    classes: int = Field(default=3, ge=2, le=10)
    filter_factor: int = Field(default=1, ge=1, le=16)

    def curves(self) -> tuple[str, ...]:
        """N, P and S in the order of the files."""
        return tuple(self.phases)

    @property
    def length(self) -> int:
        """PhaseNet's windows are always as long."""
        return 3001


class EqTransformerArguments(Arguments):
    """Of EQTransformer (Mousavi et al. 2020, doi:10.1038/s41467-020-17591-w)."""

    architecture: ClassVar[str] = "EQTransformer"
    picked_at: ClassVar[float] = 0.1
    overlap: ClassVar[int] = 3000
    stacking: ClassVar[Literal["avg", "max"]] = "max"
    blinded: ClassVar[tuple[int, int]] = (500, 500)

    phases: _Letters | list[_Letters] = "PS"
    classes: int = Field(default=2, ge=1, le=10)
    in_samples: int = Field(default=6000, ge=512, le=100_000)
    lstm_blocks: int = Field(default=3, ge=1, le=10)
    drop_rate: float = Field(default=0.1, ge=0, lt=1)
    original_compatible: bool | Literal["conservative", "non-conservative"] = False

    def curves(self) -> tuple[str, ...]:
        """Detection, P and S."""
        return (DETECTION, *self.phases)

    @property
    def length(self) -> int:
        """A minute at 100 Hz, where the files say nothing else."""
        return self.in_samples

    def _more(self, defaults: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "over": "window" if self.norm == "std" and not self.norm_amp_per_comp else "component",
            "taper_samples": EQT_TAPER,
            "detection": DETECTION,
            "detection_threshold": defaults.get("detection_threshold", 0.3),
        }


ARCHITECTURES: Mapping[str, type[Arguments]] = MappingProxyType(
    {kind.architecture: kind for kind in (PhaseNetArguments, EqTransformerArguments)}
)


def check_architecture(name: str) -> None:
    """Refuse what cannot be imported.

    Raises:
        ConfigError: its name is none of `ARCHITECTURES`.
    """
    if name not in ARCHITECTURES:
        raise ConfigError(
            f"architecture {FAMILY}:{name}",
            f"only {' and '.join(ARCHITECTURES)} can be imported",
            nearest(name, ARCHITECTURES),
        )


def arguments_from(architecture: str, values: Mapping[str, Any], *, where: str) -> Arguments:
    """Check the arguments of a network.

    Raises:
        ConfigError: one is unknown, of a wrong kind or out of range.
    """
    if isinstance(values.get("component_order"), list):
        values = {**values, "component_order": "".join(map(str, values["component_order"]))}
    told = settings_from(ARCHITECTURES[architecture], values, where=where)
    if len(told.curves()) != len(set(told.curves())) or len(told.component_order) != told.in_channels:
        raise ConfigError(
            f"phases {told.curves()!r} and components {told.component_order!r} in {where}",
            f"each must stand once, and there must be {told.in_channels} components",
            "correct the JSON of the weights",
        )
    return told


def filters(args: _FilterArgs, told: _FilterSettings) -> list[Filter]:
    """The filters that ``filter_args`` and ``filter_kwargs`` mean, which are ObsPy's.

    Raises:
        ConfigError: they mean no filter we know.

    >>> filters(["highpass"], {"freq": 1})[0].corners_hz
    (1.0,)
    """
    if args is None and not told:
        return []
    if isinstance(args, dict):
        return [_filter(kind, (told or {}).get(channels) or {}, channels) for channels, kind in args.items()]
    return [_filter(args or [], told or {}, "*")]


def _filter(args: list[str], told: Mapping[str, Any], channels: str) -> Filter:
    kind = args[0] if len(args) == 1 else ""
    names = ["freqmin", "freqmax"] if kind.startswith("band") else ["freq"]
    if set(told) - {*names, "corners", "zerophase"} or set(names) - set(told):
        raise ConfigError(
            f"filter {args} with {dict(told)}",
            "it is none of ObsPy's highpass, lowpass, bandpass and bandstop with its corners",
            "filter the data before, and take it out of the JSON",
        )
    values = {
        "kind": kind,
        "corners_hz": tuple(told[name] for name in names),
        "order": told.get("corners", 4),
        "zerophase": told.get("zerophase", False),
        "channels": channels,
    }
    return settings_from(Filter, values, where="filter_kwargs")


def _overlap(said: Any, length: int) -> int:
    """Samples; a value below 1 is a part of the window."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < length:
        raise ConfigError(f"overlap {said!r} in default_args", f"it must lie in 0..{length}", "correct the JSON")
    return int(said * length) if said < 1 else int(said)


def _threshold(name: str, defaults: Mapping[str, Any], otherwise: float) -> Any:
    return defaults.get(f"{name}_threshold", defaults.get("*_threshold", otherwise))
