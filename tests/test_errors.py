"""Errors speak in one sentence and can be caught as the builtin a caller expects."""

from __future__ import annotations

import pytest

from foreshock import errors


def all_errors() -> list[type[errors.ForeshockError]]:
    found, queue = [], [errors.ForeshockError]
    while queue:
        kind = queue.pop()
        found.append(kind)
        queue += kind.__subclasses__()
    return found


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_tells_value_rule_and_remedy(kind: type[errors.ForeshockError]) -> None:
    error = kind("rate is -1 Hz", "it must be positive", "fix the header")
    assert str(error) == "rate is -1 Hz: it must be positive; fix the header."
    assert (error.value, error.rule, error.remedy) == ("rate is -1 Hz", "it must be positive", "fix the header")


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_tree_at_the_top_of_the_file(kind: type[errors.ForeshockError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.FormatError, ValueError),
        (errors.BundleError, ValueError),
        (errors.NotFoundError, FileNotFoundError),
        (errors.OutputError, OSError),
        (errors.NetworkError, ConnectionError),
        (errors.StateError, RuntimeError),
        (errors.MissingExtraError, ImportError),
    ],
)
def test_errors_can_be_caught_as_the_builtin_a_caller_expects(kind: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)


def test_a_wrong_name_is_answered_with_the_nearest_or_with_all() -> None:
    assert errors.nearest("highpas", ["highpass", "lowpass"]) == "did you mean 'highpass'?"
    assert errors.nearest("zzz", ["b", "a"]) == "choose one of a, b"
    assert errors.nearest("zzz", []) == "none is known"
