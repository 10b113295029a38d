"""The reference pages are what the code would write today. Knows no page by heart."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_pages import ROOT, generator

from foreshock.collect.check.defects import DEFECTS
from foreshock.features import catalogue
from foreshock.train.settings import TrainSettings


def test_the_reference_pages_are_fresh() -> None:
    assert generator().stale() == []


def test_a_stale_page_is_named_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = generator()
    monkeypatch.setattr(made, "HERE", tmp_path)
    (tmp_path / "reference").mkdir()
    assert made.main([]) == 0
    assert made.main(["--check"]) == 0
    page = tmp_path / "reference" / "settings.md"
    page.write_text(page.read_text(encoding="utf-8").replace("batch_size", "batch"), encoding="utf-8")
    assert made.main(["--check"]) == 1
    assert "docs/reference/settings.md is stale" in capsys.readouterr().err


def test_every_feature_defect_and_setting_has_its_row() -> None:
    told = {one.stem: one.read_text(encoding="utf-8") for one in (ROOT / "docs" / "reference").glob("*.md")}
    assert all(f"| `{one.name}` |" in told["features"] for one in catalogue())
    assert all(f"| `{code}` |" in told["defects"] for code in DEFECTS)
    assert all(f"| `{name}` |" in told["settings"] for name in TrainSettings.model_fields)


def test_defaults_are_shown_as_a_settings_file_writes_them() -> None:
    told = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    assert "None" not in told
    assert "`True`" not in told
    assert "| `tensorboard` | true or false | `true` |" in told
