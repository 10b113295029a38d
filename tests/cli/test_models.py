"""The verb `models` lists, shows and imports; what goes wrong is one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from foreshock.bundle import write_bundle
from foreshock.cli import main
from foreshock.predict.specimen import labeller
from foreshock.road import importing


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err


def test_an_imported_bundle_is_shown_and_picks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import obspy

    write_bundle(tmp_path / "a.bundle", labeller(rate_hz=100.0, window_samples=500))
    code, said, _ = run(capsys, "models", "show", tmp_path / "a.bundle")
    assert code == 0
    assert "pick: P, S, N" in said
    obspy.read().write(str(tmp_path / "a.mseed"), format="MSEED")
    code, said, _ = run(capsys, "pick", tmp_path / "a.mseed", "--picker", tmp_path / "a.bundle", "--json")
    assert code == 0
    told = json.loads(said)
    assert told["picker"] == "labeller"
    assert told["n"] > 0


def test_what_is_told_on_the_command_line_reaches_the_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def heard(what: str, weights: Path, out: Path, **told: Any) -> Any:
        asked.update(told | {"what": what, "weights": weights, "out": out})
        return labeller()

    monkeypatch.setattr(importing, "import_model", heard)
    monkeypatch.chdir(tmp_path)
    code, said, _ = run(
        capsys, "models", "import", "seisbench:PhaseNet", "--weights", "x/net.pt.v2",
        "--set", "phases=PSN", "--set", "filter_factor=2", "--licence", "CC0-1.0",
    )  # fmt: skip
    assert code == 0
    assert asked["arguments"] == {"phases": "PSN", "filter_factor": 2}
    assert (asked["licence"], asked["out"]) == ("CC0-1.0", Path("seisbench-phasenet-net.v2.bundle"))
    assert "foreshock pick RECORDING --picker seisbench-phasenet-net.v2.bundle" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["seisbench:PhasNet", "--weights", "net.pt"], "did you mean 'PhaseNet'"),
        (["seisbench:PhaseNet", "--weights", "net.pt"], "there is no such file"),
        (["seisbench:PhaseNet", "--weights", "net.pt", "--set", "norm"], "it must be key=value"),
        (["seisbench:PhaseNet", "--weights", "net.pt", "--out", "net.onnx"], "call it net.bundle"),
    ],
)
def test_a_wrong_import_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, wrong = run(capsys, "models", "import", *arguments)
    assert code == 1
    assert said in wrong
    assert len(wrong.strip().splitlines()) == 1
    assert not list(tmp_path.glob("*.bundle"))
