"""Importing a network fails in one sentence, before anything is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from foreshock.errors import ConfigError, NotFoundError, OutputError
from foreshock.road.importing import import_model


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.save({"a": torch.zeros(1)}, tmp_path / "net.pt")
    (tmp_path / "net.json").write_text(json.dumps({"model_args": {"phases": "PSN"}}))
    return tmp_path / "net.pt"


@pytest.mark.parametrize("what", ["PhaseNet", "seisbench:", "keras:PhaseNet"])
def test_a_model_is_named_by_family_and_architecture(weights: Path, what: str) -> None:
    with pytest.raises(ConfigError, match="write seisbench:PhaseNet"):
        import_model(what, weights, weights.with_name("a.bundle"))


def test_an_architecture_nobody_knows_is_refused_with_the_nearest(weights: Path) -> None:
    with pytest.raises(ConfigError, match=r"seisbench:EQTransfomer: .* did you mean 'EQTransformer'"):
        import_model("seisbench:EQTransfomer", weights, weights.with_name("a.bundle"))


def test_a_bundle_that_is_there_is_not_written_over(weights: Path) -> None:
    out = weights.with_name("a.bundle")
    out.write_bytes(b"precious")
    with pytest.raises(OutputError, match="it exists"):
        import_model("seisbench:PhaseNet", weights, out)
    assert out.read_bytes() == b"precious"


def test_what_fails_leaves_no_file(weights: Path) -> None:
    weights.with_name("net.json").unlink()
    with pytest.raises(NotFoundError, match=r"net\.json beside them"):
        import_model("seisbench:PhaseNet", weights, weights.with_name("a.bundle"))
    assert [item.name for item in weights.parent.iterdir()] == ["net.pt"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_weights_become_a_bundle_that_the_picking_verb_takes(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEISBENCH_CACHE_ROOT", str(tmp_path / "cache"))
    models = pytest.importorskip("seisbench.models", reason="SeisBench (GPL-3) is not installed")
    from foreshock.road.pickers import picker_of

    torch.save(models.PhaseNet(phases="PSN").state_dict(), weights)
    made = import_model("seisbench:PhaseNet", weights, tmp_path / "a.bundle", name="mine", licence="CC0-1.0")
    assert picker_of(tmp_path / "a.bundle").name == made.card.name == "mine"
    assert made.card.licence == "CC0-1.0"
    assert made.sha256
