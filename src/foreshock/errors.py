"""Errors: every failure Foreshock tells a person about. Knows nothing but sentences.

ForeshockError                      the root: value, rule, remedy
├── InputError      (ValueError)    something given breaks a rule
│   ├── FormatError                 a file or packet is not what it claims to be
│   ├── LabelError                  labels, classes or splits cannot be used
│   ├── UnitError                   a unit is unknown or cannot be converted
│   └── ConfigError                 a setting is unknown or out of range
├── BundleError     (ValueError)    a model on disk must not be trusted or cannot run here
├── NotFoundError   (FileNotFoundError)  a path, station or item is not there
├── NothingMatchedError (LookupError)    everything was read, nothing fitted the request
├── PluginError     (LookupError)   a door has no such member, or the member breaks the law
├── OutputError     (OSError)       a result cannot be written where it was asked for
├── NetworkError    (ConnectionError)    a server refused, stopped or answered nonsense
├── StateError      (RuntimeError)  a verb was called before the thing was ready
└── MissingExtraError (ImportError) an optional part of Foreshock is not installed
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ForeshockError(Exception):
    """One sentence made of the offending value, the rule it breaks, and the remedy.

    >>> raise_me = InputError("sampling rate is -100.0 Hz", "it must be positive", "fix the header")
    >>> str(raise_me)
    'sampling rate is -100.0 Hz: it must be positive; fix the header.'
    """

    def __init__(self, value: str, rule: str, remedy: str) -> None:
        self.value = value
        self.rule = rule
        self.remedy = remedy
        super().__init__(value, rule, remedy)

    def __str__(self) -> str:
        return f"{self.value}: {self.rule}; {self.remedy}."


class InputError(ForeshockError, ValueError):
    """Something given breaks a rule."""


class FormatError(InputError):
    """A file or packet is not what it claims to be."""


class LabelError(InputError):
    """Labels, classes or splits cannot be used."""


class UnitError(InputError):
    """A unit is unknown or cannot be converted."""


class ConfigError(InputError):
    """A setting is unknown or out of range."""


class BundleError(ForeshockError, ValueError):
    """A model on disk must not be trusted or cannot run here."""


class NotFoundError(ForeshockError, FileNotFoundError):
    """A path, station or item is not there."""


class NothingMatchedError(ForeshockError, LookupError):
    """Everything was read, nothing fitted the request."""


class PluginError(ForeshockError, LookupError):
    """A door has no such member, or the member breaks the law."""


class OutputError(ForeshockError, OSError):
    """A result cannot be written where it was asked for."""


class NetworkError(ForeshockError, ConnectionError):
    """A server refused, stopped or answered nonsense."""


class StateError(ForeshockError, RuntimeError):
    """A verb was called before the thing was ready."""


class MissingExtraError(ForeshockError, ImportError):
    """An optional part of Foreshock is not installed.

    >>> str(MissingExtraError.of("training", extra="train", package="torch"))
    "training needs the package 'torch': it belongs to the extra 'train'; pip install 'foreshock[train]'."
    """

    @classmethod
    def of(cls, feature: str, *, extra: str, package: str) -> MissingExtraError:
        """Name the feature that is wanted, the extra that brings it, and the command that helps."""
        return cls(
            f"{feature} needs the package {package!r}",
            f"it belongs to the extra {extra!r}",
            f"pip install 'foreshock[{extra}]'",
        )


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to a wrong one, or list the known ones.

    >>> nearest("bandpas", ["bandpass", "detrend"])
    "did you mean 'bandpass'?"
    """
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "choose one of " + ", ".join(names) if names else "none is known"
