"""Every benchmark tells what it does, runs small, and says what is missing. Measures no time."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SCRIPTS = ("startup", "install_size", "synthetic_records", "features", "training_input", "seisbench_formats", "run_all")
OF_SCORES = "synthetic_transfer"
OF_SHAKING = "shaking"
OF_PICKS = ("pick_trial_lists", "pick_trials", "pick_peers", "pick_phasenet", "pick_cost", "pick_sizes", "first_motion")
OF_DAYS = ("pick_day", "archive_scale", "associate")
OF_CATALOGUES = ("network_day", "archive_scale")
OF_ALERTS = "alerts"
OF_SOURCES = ("source_leave_one_out", "source_elsewhere")


def started(name: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a benchmark as a person would, away from its folder."""
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), *options],
        env={key: value for key, value in os.environ.items() if key != "FORESHOCK_DATA"} | threads | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def answer(name: str, *options: str) -> dict[str, Any]:
    """The JSON of a run that must succeed."""
    done = started(name, "--json", *options)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def fair() -> ModuleType:
    """The measuring rules."""
    spec = importlib.util.spec_from_file_location("fair", FOLDER / "fair.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fair"] = module
    spec.loader.exec_module(module)
    return module


def test_every_script_is_known_here_and_told_in_the_readme() -> None:
    there = {path.stem for path in FOLDER.glob("*.py")} - {"fair"}
    assert there >= {*SCRIPTS, OF_SCORES, OF_ALERTS, OF_SHAKING, *OF_CATALOGUES, *OF_DAYS, *OF_PICKS, *OF_SOURCES}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(there) if f"python benchmarks/{name}.py" not in readme] == []


def test_all_that_tell_figures_are_run_together() -> None:
    telling = {path.stem for path in FOLDER.glob("*.py") if "fair.tell(" in path.read_text(encoding="utf-8")}
    names = started("run_all", "--help").stdout.partition("--only {")[2].partition("}")[0]
    assert set(names.replace("\n", "").replace(" ", "").split(",")) == telling


@pytest.mark.slow
def test_a_small_archive_gives_one_answer_by_one_worker_two_and_dask() -> None:
    told = answer("archive_scale", "--rounds", "1", "--days", "4", "--minutes", "2", "--only", "scaling", "dask")
    assert told["equal"]
    assert [one["at_most"] for one in told["figures"] if one["unit"] == "% more"] == [15.0, 15.0]


@pytest.mark.parametrize("name", [*SCRIPTS, *OF_DAYS])
def test_help_tells_the_options(name: str) -> None:
    done = started(name, "--help")
    assert done.returncode == 0
    assert "--rounds" in done.stdout
    assert "--json" in done.stdout


@pytest.mark.parametrize("name", OF_PICKS)
def test_help_of_what_picks_tells_what_it_needs(name: str) -> None:
    done = started(name, "--help")
    assert done.returncode == 0
    assert "--data" in done.stdout


@pytest.mark.parametrize("name", [name for name in OF_PICKS if name != "pick_cost"])
def test_what_picks_asks_for_its_recordings(name: str, tmp_path: Path) -> None:
    told = {"pick_trials": ["sta_lta_aic"], "pick_peers": ["--peers", str(tmp_path), "--out", str(tmp_path)]}
    told |= {key: ["--out", str(tmp_path)] for key in ("pick_phasenet", "pick_sizes")}
    done = started(name, *told.get(name, []))
    assert done.returncode == 1
    assert done.stderr == "--data None: it is not a folder; give --data or FORESHOCK_DATA.\n"


@pytest.mark.parametrize("name", ["training_input", "seisbench_formats"])
def test_without_its_peer_a_benchmark_says_so_in_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "seisbench.py").write_text("raise ImportError('hidden')\n")
    done = started(name, "--rounds", "1", "--records", "4", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "peer seisbench: it is not installed; run pip install 'foreshock[bench]'.\n"


@pytest.mark.slow
def test_transfer_scores_both_on_the_same_synthetic_windows() -> None:
    told = answer(OF_SCORES, "--records", "64", "--epochs", "1")
    assert [(row["trained_on"], row["scored_on"], row["n"]) for row in told["rows"]] == [
        (name, "synthetic", 64) for name in ("demo", "shortcut", "plain")
    ]
    assert all(0 <= row[who] <= 1 for row in told["rows"] for who in ("cnn", "sta_lta"))


@pytest.mark.slow
def test_a_small_network_day_is_made_built_scored_and_not_made_again(tmp_path: Path) -> None:
    asked = ("--out", str(tmp_path), "--only", "day", "--hours", "0.1", "--stations", "6", "--events", "4")
    first = started(OF_CATALOGUES[0], *asked, "--workers", "1", "--causes")
    assert first.returncode == 0, first.stderr
    assert "4 true" in first.stdout
    assert "true layers: recall" in first.stdout
    costs = json.loads((tmp_path / "day" / "costs.json").read_text())
    again = started(OF_CATALOGUES[0], *asked)
    assert again.returncode == 0, again.stderr
    spent = json.loads((tmp_path / "day" / "costs.json").read_text())
    assert [name for name in spent if spent[name] != costs[name]] == ["score"]


def test_no_rounds_are_refused() -> None:
    done = started("startup", "--rounds", "0")
    assert done.returncode == 2
    assert "0 is less than 1" in done.stderr


def test_synthetic_records_checks_that_equal_seeds_give_equal_bytes() -> None:
    told = answer("synthetic_records", "--rounds", "1", "--records", "2")
    assert told["equal"]
    assert told["shape"] == [3, 6000]
    assert [one["at_least"] for one in told["figures"]] == [500.0, None]


def test_features_compares_before_it_times() -> None:
    told = answer("features", "--rounds", "1", "--records", "2")
    assert told["equal"]
    assert max(told["largest_relative_difference"].values()) < 1e-6
    assert [one["at_least"] for one in told["figures"] if one["unit"] == "×"] == [3.0, 3.0]


@pytest.mark.slow
def test_shaking_compares_shared_with_single_computation() -> None:
    told = answer(OF_SHAKING, "--rounds", "1", "--sites", "2000")
    assert told["equal"] is True
    assert {figure["unit"] for figure in told["figures"]} == {"CPU s", "CPU ms", "MMI"}


def test_startup_finds_no_heavy_module_and_nothing_touched() -> None:
    told = answer("startup", "--rounds", "1")
    assert told["loaded_by_help"] == told["loaded_by_import"] == told["touched_by_import"] == []


def test_install_size_adds_up_the_files_of_each_package(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_bytes(b"#" * 2_000_000)
    (tmp_path / "stray.bin").write_bytes(b"\0" * 500_000)
    info = tmp_path / "thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (info / "RECORD").write_text("thing.py,,\n")
    told = answer("install_size", "--site", str(tmp_path))
    assert told["packages_mb"]["thing"] == 2.0
    assert told["packages_mb"]["(unowned)"] == 0.5
    assert told["equal"]


def test_install_size_refuses_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = started("install_size", "--site", str(tmp_path / "none"))
    assert done.returncode == 1
    assert done.stderr == f"--site {tmp_path / 'none'}: it is not a folder; give a site-packages folder.\n"


def test_run_all_writes_the_table_between_its_markers_and_keeps_what_it_did_not_run(tmp_path: Path) -> None:
    begin, end = "<!-- results: written by run_all.py -->", "<!-- end of results -->"
    (tmp_path / "README.md").write_text(f"before\n{begin}\nold\n{end}\nafter\n", encoding="utf-8")
    kept = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
    (tmp_path / "results.json").write_text(json.dumps(kept), encoding="utf-8")
    done = started("run_all", "--rounds", "1", "--only", "startup", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text.splitlines()
    assert "| `startup` | foreshock --help |" in text
    after = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["benchmarks"]
    assert after["startup"]["rounds"] == 1
    assert after["features"] == kept["benchmarks"]["features"]


def test_run_all_asks_for_its_markers_back(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("no markers\n")
    done = started("run_all", "--rounds", "1", "--only", "startup", "--out", str(tmp_path))
    assert done.returncode == 1
    assert "README.md: it lacks the marker" in done.stderr


def test_the_readme_shows_the_results_that_lie_beside_it() -> None:
    results = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))["benchmarks"]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert set(SCRIPTS) - {"run_all"} <= set(results)
    for name, told in results.items():
        assert told["equal"], name
        assert all(f"| `{name}` | {one['name']} |" in readme for one in told["figures"])


def test_a_figure_knows_whether_it_keeps_its_bound(fair: ModuleType) -> None:
    made = fair.figure("speed", [3.0, 1.0, 2.0], "×", at_least=2.0)
    assert (made.value, made.low, made.high, made.reached) == (2.0, 1.0, 3.0, True)
    assert fair.exact("size", 7.0, "MB", at_most=6.0).reached is False
    assert fair.exact("size", 7.0, "MB").reached is None


def test_sides_run_in_turn_after_one_warm_up(fair: ModuleType) -> None:
    order: list[str] = []
    sides = {name: lambda name=name: order.append(name) or 1 for name in ("a", "b")}
    rates = fair.interleaved(sides, rounds=3)
    assert order == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert {name: len(values) for name, values in rates.items()} == {"a": 3, "b": 3}


def test_cpu_time_counts_children(fair: ModuleType) -> None:
    began = fair.cpu_s()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert fair.cpu_s() - began > 0.01


@pytest.mark.slow
def test_the_alert_benchmark_notices_a_schema_that_refuses_what_ours_accepts(tmp_path: Path) -> None:
    schema = files("foreshock.deliver").joinpath("cap-1.2.xsd").read_text(encoding="utf-8")
    (tmp_path / "same.xsd").write_text(schema, encoding="utf-8")
    (tmp_path / "strict.xsd").write_text(schema.replace('"note" type="xs:string"', '"note" type="xs:integer"'), "utf-8")
    small = ("--rounds", "1", "--records", "1", "--mutants", "60", "--published")
    told = answer(OF_ALERTS, *small, str(tmp_path / "same.xsd"))
    counts = {one["name"]: one["value"] for one in told["figures"]}
    assert counts["broken messages accepted by ours"] > 0
    assert counts["broken messages accepted by only ours"] == 0
    assert started(OF_ALERTS, *small, str(tmp_path / "strict.xsd")).returncode == 1


@pytest.mark.parametrize("name", OF_SOURCES)
def test_a_benchmark_of_sources_says_what_it_needs(name: str, tmp_path: Path) -> None:
    done = started(name, str(tmp_path))
    assert done.returncode == 1
    assert "FORESHOCK_DATA" in done.stderr
