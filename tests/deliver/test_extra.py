"""Without the extra `live` only its two endpoints are missing, and say what helps."""

from __future__ import annotations

import importlib
import sys

import pytest

from foreshock.errors import MissingExtraError


@pytest.mark.parametrize(
    ("module", "package", "named"), [("mqtt", "paho", "paho-mqtt"), ("websocket", "websockets", "websockets")]
)
def test_without_the_extra_a_sentence_says_what_to_install(
    module: str, package: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"foreshock.deliver.{module}", raising=False)
    with pytest.raises(MissingExtraError, match=rf"{named}.*pip install 'foreshock\[live\]'"):
        importlib.import_module(f"foreshock.deliver.{module}")


@pytest.mark.parametrize(
    "module", ["cap", "cap_reader", "endpoint", "files", "issue", "ledger", "lines", "outbox", "record", "webhook"]
)
def test_the_other_ways_need_no_extra(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("paho", "websockets"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, f"foreshock.deliver.{module}", raising=False)
    importlib.import_module(f"foreshock.deliver.{module}")
