"""SeisBench's weights become bundles that say what SeisBench says; what is damaged or foreign is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from foreshock.bundle import pack, unpack
from foreshock.errors import ConfigError, FormatError, MissingExtraError
from foreshock.train.foreign import convert
from foreshock.train.foreign.convert import converted
from foreshock.train.foreign.files import WeightFiles, read_weights

WHY = "SeisBench (GPL-3) is not installed: it is needed to convert weights, not to run them"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """SeisBench's architectures, where it is installed; it keeps its cache out of the person's home."""
    monkeypatch.setenv("SEISBENCH_CACHE_ROOT", str(tmp_path / "cache"))
    return pytest.importorskip("seisbench.models", reason=WHY)


def saved(model: Any, folder: Path, *, told: str = "") -> WeightFiles:
    model.save(str(folder / "net"), told)
    return read_weights(folder / "net.pt")


MADE = {
    "PhaseNet": [{"norm": "std"}, {"phases": "PSN", "norm": "peak"}, {"norm_amp_per_comp": True, "norm_detrend": True}],
    "EQTransformer": [{}, {"norm": "peak", "in_samples": 3001}, {"original_compatible": "conservative"}],
}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("architecture", "given"), [(name, one) for name, held in MADE.items() for one in held])
def test_a_saved_model_becomes_a_bundle_of_the_same_answers(
    models: Any, tmp_path: Path, architecture: str, given: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    model = getattr(models, architecture)(**given).eval()
    files = saved(model, tmp_path, told="Made up. Under CC BY 4.0.\nNothing else.")
    bundle = converted(architecture, files)  # refuses what differs by more than 1e-5
    card = unpack(pack(bundle), where="memory").card
    assert card.origin is not None
    assert card.windows is not None
    assert card.origin.files == files.files
    assert card.licence == "as its files say: Under CC BY 4.0."
    assert card.window_samples == model.in_samples
    assert list(card.classes) == list(model.labels)
    assert card.windows.overlap_samples == model._annotate_args["overlap"][1]
    assert card.windows.blinded_samples == model._annotate_args["blinding"][1]
    assert card.windows.stacking == model._annotate_args["stacking"][1]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_difference_is_noticed(models: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = saved(models.PhaseNet(), tmp_path)
    monkeypatch.setattr(convert, "PARITY", 1e-12)
    with pytest.raises(ValueError, match="and ONNX Runtime differ by"):
        converted("PhaseNet", files)


@pytest.mark.filterwarnings("ignore")
def test_weights_of_another_architecture_are_refused(models: Any, tmp_path: Path) -> None:
    files = saved(models.EQTransformer(), tmp_path)
    with pytest.raises(ConfigError, match="in the files of net: it is not known"):
        converted("PhaseNet", files)
    bare = WeightFiles(files.name, files.weights, {"model_args": {}}, files.files)
    with pytest.raises(FormatError, match="not those of PhaseNet as their JSON describes it"):
        converted("PhaseNet", bare)


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["original.pt", "pnw.pt.v1"])
def test_the_published_weights_of_eqtransformer_are_converted(models: Any, realdata: Path, name: str) -> None:
    folder = realdata.parent / "peers" / "eqtransformer"
    if not folder.is_dir():
        pytest.skip("no folder of peers lies beside the real recordings")
    card = converted("EQTransformer", read_weights(folder / name)).card
    assert card.origin is not None
    assert card.windows is not None
    assert "Mousavi" in card.origin.citation
    assert "MIT" in card.licence
    assert len(card.windows.filters) == 1


def files_of(held: object, tmp_path: Path, *, told: dict[str, Any] | None = None) -> WeightFiles:
    torch.save(held, tmp_path / "net.pt")
    (tmp_path / "net.json").write_text(json.dumps({"model_args": {"phases": "PSN"}} if told is None else told))
    return read_weights(tmp_path / "net.pt", needs_json=False)


def test_without_seisbench_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(convert.importlib, "import_module", missing)
    with pytest.raises(MissingExtraError, match=r"pip install 'foreshock\[seisbench\]'"):
        converted("PhaseNet", files_of({"a": torch.zeros(1)}, tmp_path))


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([torch.zeros(1)], "they are no table of tensors"),
        ({"a": 3}, "they are no table of tensors"),
        ({"inc.weight": torch.full((3,), float("nan"))}, "'inc.weight' holds NaN or Inf"),
    ],
)
def test_files_that_hold_no_weights_are_refused(tmp_path: Path, held: object, said: str) -> None:
    with pytest.raises(FormatError, match=f"weights net: {said}"):
        converted("PhaseNet", files_of(held, tmp_path))


class Harmful:
    """What an old checkpoint may run when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (print, ("this must never run",))


def test_weights_that_would_run_code_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FormatError, match="torch cannot read them"):
        converted("PhaseNet", files_of({"a": Harmful()}, tmp_path))
    assert "never" not in capsys.readouterr().out


def test_truncated_weights_are_refused(tmp_path: Path) -> None:
    files = files_of({"a": torch.zeros(10_000)}, tmp_path)
    with pytest.raises(FormatError):
        converted("PhaseNet", WeightFiles("net", files.weights[:-20_000], files.told, files.files))


def test_an_order_of_phases_that_nobody_tells_is_not_guessed(tmp_path: Path) -> None:
    files = files_of({"a": torch.zeros(1)}, tmp_path, told={"steps": 3})
    with pytest.raises(ConfigError, match="--set phases=PSN"):
        converted("PhaseNet", files, arguments={"norm": "std"})
