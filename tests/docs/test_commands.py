"""Every command on the pages is one that the command line knows; those that can be are run. Judges no result."""

from __future__ import annotations

import csv
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import obspy
import pytest
from docs_pages import PAGES, Block, block_lines, blocks, generator, mentions, shell_lines, words

import foreshock as fs
from foreshock.apps.warning.settings import WarningSettings
from foreshock.cli import main
from foreshock.clock import iso_utc
from foreshock.collect.datasets import read_mapping
from foreshock.collect.synthetic import SyntheticSettings
from foreshock.collect.synthetic.day_settings import NetworkDaySettings
from foreshock.collect.synthetic.scenario import ScenarioSettings
from foreshock.config import settings_from
from foreshock.prepare.preparation import Preparation
from foreshock.train.settings import TrainSettings
from foreshock.types.record import Record

COMMANDS = generator().commands()
LINES = [pytest.param(line, id=f"{page}: {line}") for page in PAGES for line in shell_lines(page)]
MENTIONS = [pytest.param(line, id=f"{page}: {line}") for page in PAGES for line in mentions(page)]
NEED_NO_DATA = ("doctor", "models list", "features --list", "collect synthetic")


def verb_of(told: list[str]) -> tuple[str, list[str]]:
    """The verb of a command, of one word or two, and what follows it."""
    for length in (2, 1):
        name = " ".join(told[:length])
        if name in COMMANDS:
            return name, told[length:]
    raise AssertionError(f"foreshock {' '.join(told)}: there is no such verb")


def check_line(line: str) -> None:
    """Let the real parser read a whole command, and see that its options have the types they need."""
    name, rest = verb_of(words(line))
    COMMANDS[name].make_context(name, rest)


def check_mention(line: str) -> None:
    """See that the verb and the options of a command that may be cut short exist."""
    told = [word for word in words(line) if word != "…"]
    if told[0].startswith("--"):
        assert told == ["--help"]
        return
    if told[0] == "VERB" or told in (["collect"], ["models"]):
        return
    name, rest = verb_of(told)
    known = {option for one in COMMANDS[name].params for option in one.opts} | {"--help"}
    assert {word for word in rest if word.startswith("--")} <= known


@pytest.mark.parametrize("line", LINES)
def test_a_command_on_a_page_is_understood(line: str) -> None:
    check_line(line)


@pytest.mark.parametrize("line", MENTIONS)
def test_a_command_in_a_sentence_exists(line: str) -> None:
    check_mention(line)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("foreshock trane", "no such verb"),
        ("foreshock train --out x --epoch 3", "No such option: --epoch"),
        ("foreshock train --out x --epochs many", "integer"),
        ("foreshock predict a --stations b", "(?i)missing .*out"),
    ],
)
def test_a_wrong_command_would_be_found(line: str, wrong: str) -> None:
    with pytest.raises(Exception, match=wrong):
        check_line(line)


@pytest.mark.parametrize("begin", NEED_NO_DATA)
def test_a_command_that_needs_no_data_runs_as_it_is_shown(
    begin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    whole, short = ([line for page in PAGES for line in lines(page)] for lines in (shell_lines, mentions))
    shown = [line for line in (*whole, *short) if f"{line} ".startswith(f"foreshock {begin} ")]
    assert shown, "no page shows it any more"
    assert run(shown[0]) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page, "toml")])
def test_a_settings_file_on_a_page_holds_known_settings(block: Block, tmp_path: Path) -> None:
    told = tomllib.loads(block.body)
    kinds: dict[str, Any] = {"train": TrainSettings, "prepare": Preparation, "synthetic": SyntheticSettings}
    kinds |= {"network_day": NetworkDaySettings, "scenario": ScenarioSettings}
    if "columns" in told:
        (tmp_path / "mapping.toml").write_text(block.body, encoding="utf-8")
        assert read_mapping(tmp_path / "mapping.toml").columns
        return
    if "project" in told:
        assert set(told["project"]["entry-points"]) <= {"foreshock.steps", "foreshock.predictors"}
        return
    if not set(told) & set(kinds):
        assert settings_from(WarningSettings, told, where=block.page) != WarningSettings()
        return
    assert set(told) <= set(kinds)
    for name, table in told.items():
        assert settings_from(kinds[name], table, where=block.page)


# -- the pages walked as a reader walks them ---------------------------------------------------------------------------


def run(line: str) -> int:
    """Run a command in this process and give its exit code."""
    with pytest.raises(SystemExit) as end:
        main(words(line))
    return int(end.value.code or 0)


def set_out_picks(folder: Path) -> None:
    """A labelled data set, somebody's picks of it, and a noisy morning at three stations."""
    records = [
        Record(record.waveform, replace(record.truth, p_status="manual", s_status="manual", split="test"))
        for record in fs.synthesise(SyntheticSettings(records=12, span_s=60.0, gap_fraction=0.0), seed=3)
    ]
    fs.write_dataset(folder / "labelled", records, name="labelled")
    with (folder / "theirs.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["trace_id", "phase", "time", "probability"])
        rows.writerows(
            [record.truth.trace_id, "P", iso_utc(record.truth.p_ns), 0.9] for record in records if record.truth.p_ns
        )
    (folder / "noise").mkdir()
    for k, name in enumerate("ABC"):
        header = {"network": "XX", "station": name, "channel": "HHZ", "sampling_rate": 50.0}
        data = np.random.default_rng(k).standard_normal(41 * 60 * 50).astype(np.float32)
        trace = obspy.Trace(data, header | {"starttime": obspy.UTCDateTime("2020-03-28T13:29:30Z")})
        trace.write(str(folder / "noise" / f"{name}.mseed"), format="MSEED")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the pages take for granted: recordings, stations, layers, a table, the tutorial's data set and model."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "recordings").mkdir()
    fs.to_obspy(fs.example_waveform()).write(str(folder / "day.mseed"), format="MSEED")
    shutil.copy(folder / "day.mseed", folder / "recordings" / "day.mseed")
    obspy.read_inventory().write(str(folder / "stations.xml"), "STATIONXML")
    for name in ("earthquake_data.csv", "new.csv"):
        write_table(folder / name)
    settings = SyntheticSettings(records=120, span_s=40.0)
    fs.write_dataset(folder / "practice" / "dataset", fs.synthesise(settings, seed=1), name="practice")
    fs.write_dataset(folder / "DATA", fs.synthesise(settings, seed=2), name="yours")
    for name in ("RECORDINGS", "ARCHIVE"):
        shutil.copytree(folder / "recordings", folder / name)
    (folder / "layers.csv").write_text("top_km,vp_km_s,vs_km_s\n0,5.8,3.4\n20,6.5,3.75\n", encoding="utf-8")
    set_out_picks(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        train = "foreshock train --data practice/dataset --task detect --model cnn-small --epochs 1 --out"
        assert run(f"{train} runs/detect") == 0
        assert run("foreshock train --table earthquake_data.csv --model cnn-small --epochs 1 --out runs/rows") == 0
    return folder


def write_table(path: Path) -> None:
    rng = np.random.default_rng(0)
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow([*(f"x{k}" for k in range(30)), "label"])
        for k in range(200):
            writer.writerow([*(rng.standard_normal(30) + k % 2).round(4), ("noise", "quake")[k % 2]])


MADE_ON_THE_WAY = {"docs/tutorial.md": ("practice", "runs"), "README.md": ("runs",)}
"""What a page makes itself, so that it must not lie on the desk."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(b.is_run and block_lines(b) for b in blocks(page, "sh")) and "zh" not in page],
)
def test_the_commands_of_a_page_run_one_after_another(
    page: str, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    here = tmp_path / "here"
    shutil.copytree(desk, here, ignore=shutil.ignore_patterns(*MADE_ON_THE_WAY.get(page, ())))
    monkeypatch.chdir(here)
    space: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if block.language == "toml" and "[columns]" in block.body:
            (here / "mapping.toml").write_text(block.body, encoding="utf-8")
        if block.language == "python" and page.endswith("another-order.md"):
            exec(compile(block.body, page, "exec"), space)
        for line in block_lines(block) if block.language == "sh" and block.is_run else ():
            if "command: " not in block.mark:
                assert run(line) == 0, f"{line}\n{capsys.readouterr().err}"
