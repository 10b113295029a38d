"""`foreshock evaluate --task picks` prints a table or JSON, writes a report, and refuses what it cannot score."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from foreshock.cli import main
from foreshock.clock import NS_PER_S
from foreshock.collect.datasets import write_dataset
from foreshock.collect.obspy_door import to_obspy
from foreshock.types.record import Record, Truth
from foreshock.types.waveform import Waveform

BEGIN_NS = 1_585_400_400 * NS_PER_S


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    said = capsys.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, said.out, said.err


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six records with a P at 20 s."""
    out = tmp_path_factory.mktemp("set") / "set"
    records = []
    for k in range(6):
        data = np.random.default_rng(k).standard_normal((3, 3000))
        data[:, 1000:] *= 20
        wave = Waveform(data, 50.0, BEGIN_NS, f"XX.S{k}.", ("HHZ", "HHN", "HHE"))
        p_ns = wave.time_ns(1000)
        records.append(Record(wave, Truth(f"r{k}", f"e{k}", split="test", p_ns=p_ns, p_status="manual")))
    write_dataset(out, iter(records), name="set")
    return out


def test_the_table_is_printed_for_people_and_as_json_with_a_report(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("evaluate", "--task", "picks", "--data", dataset, "--split", "test", "--stability")
    code, out, err = run(capsys, *words)
    assert code == 0, err
    assert "p_within_0.1_s" in out
    assert "window shifts" in out
    assert "6 P, 0 S" in out
    code, out, err = run(capsys, *words, "--json", "--out", tmp_path / "r")
    assert code == 0, err
    told = json.loads(out)
    assert told["pickers"]["sta_lta_aic"]["scores"]["p_within_0.5_s"]["value"] > 0.8
    assert told == json.loads((tmp_path / "r" / "metrics.json").read_text())
    assert (tmp_path / "r" / "picks.csv").is_file()


def test_quiet_recordings_give_false_picks_per_hour(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for k in range(3):
        noise = np.rint(np.random.default_rng(k).normal(0, 100, (3, 15_000)))
        wave = Waveform(noise, 50.0, BEGIN_NS, f"XX.S{k}.", ("HHZ", "HHN", "HHE"))
        to_obspy(wave).write(str(tmp_path / f"{k}.mseed"), format="MSEED")
    words = ("evaluate", "--task", "picks", "--data", dataset, "--quiet", tmp_path)
    code, out, _ = run(capsys, *words, "--json", "--quiet-from", "2020-03-28T13:01:00Z")
    assert code == 0
    told = json.loads(out)
    assert told["quiet"]["minutes"] == 4
    assert told["quiet"]["from"].startswith("2020-03-28T13:01:00")
    assert told["false_picks_per_station_hour"]["sta_lta_aic"]["quiet"]["value"] >= 0
    assert "picks per station-hour" in run(capsys, *words)[1]


def test_what_cannot_be_scored_is_one_sentence(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, why in (
        (("--task", "picks"), "exactly one data set"),
        (("--task", "pick", "--data", dataset), "did you mean 'picks'"),
        (("--data", dataset), "a bundle is to be scored"),
        (("--task", "picks", "--data", dataset, "--model", "sta_lta"), "did you mean 'sta_lta_aic'"),
        (("--task", "picks", "--data", dataset, "--quiet", dataset, "--quiet-to", "noon"), "ISO-8601"),
    ):
        code, _, err = run(capsys, "evaluate", *words)
        assert code == 1
        assert err.startswith("foreshock: ")
        assert why in err
