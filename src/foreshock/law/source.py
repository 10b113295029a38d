"""The law of sources: repeatable records that tell what was left out. Knows no particular source."""

from __future__ import annotations

import numpy as np

from foreshock.errors import PluginError
from foreshock.plugins import Source
from foreshock.types.record import Record


def check_source(source: Source) -> None:
    """Read a source twice and compare.

    Raises:
        PluginError: the source breaks a rule; the sentence says which.
    """
    first = list(source.records())
    left_out = list(source.skipped)
    second = list(source.records())
    _demand(source, len(first) > 0, "a specimen must give at least one record")
    _demand(source, len(first) == len(second), "a second pass must give as many records")
    _demand(source, all(map(_same, first, second)), "a second pass must give the same records")
    _demand(source, left_out == list(source.skipped), "a second pass must leave out the same items")
    _demand(source, all(reason.strip() for _, reason in left_out), "every item left out needs a reason")
    names = [record.truth.trace_id for record in first]
    _demand(source, len(set(names)) == len(names) and all(names), "every record needs a name of its own")


def _demand(source: Source, held: bool, rule: str) -> None:
    if not held:
        raise PluginError(f"source {type(source).__name__}", f"it breaks the law: {rule}", "correct the source")


def _same(a: Record, b: Record) -> bool:
    one, two = a.waveform, b.waveform
    return (
        a.truth == b.truth
        and np.array_equal(one.data, two.data)
        and np.array_equal(one.valid, two.valid)
        and (one.start_ns, one.rate_hz, one.channels, one.unit) == (two.start_ns, two.rate_hz, two.channels, two.unit)
    )
