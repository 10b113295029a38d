"""Settings and options out of range: one sentence that names the key, the rule and the nearest thing that is known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hostile_said import Commands, Recording

WRONG = {
    "[trian]\nepochs = 1": r"\[trian\] in .*: it is not a known table; did you mean 'train'",
    "train = 5": "train in .* is 5: it must be a table",
    "[[train]]\nepochs = 1": "train in .* it must be a table",
    "[train]\nepoch = 1": r"setting 'epoch' in \[train\] of .*: it is not known; did you mean 'epochs'",
    "[train.augmentation]\nshfit = 0.5": "setting 'augmentation.shfit' in .*it is not known; did you mean 'shift'",
    "[train]\naugmentation = 3": "'augmentation' in .* is 3",
    "[prepare]\nwindow_sample = 3": "setting 'window_sample' in .*did you mean 'window_samples'",
    "[prepare]\nsteps = [{step = 'bandpas'}]": "'bandpas' at door 'steps'.*did you mean 'bandpass'",
    "[prepare]\nsteps = [{step = 'bandpass', lowhz = 1, high_hz = 3}]": "'lowhz' in Bandpass: it is not known",
    "[prepare]\nsteps = [{step = 'bandpass', high_hz = 3}]": "setting 'low_hz' in Bandpass: it is missing",
    "[prepare]\nsteps = [{low_hz = 1}]": "each step needs its name",
    "[prepare]\nsteps = 'bandpass'": "'steps' in .* is 'bandpass'",
    "[prepare]\nsteps = [{step = 'bandpass', low_hz = nan, high_hz = 3.0}]": "'steps' in .*not JSON compliant",
    "[prepare]\nsteps = [{step = 'bandpass', low_hz = 2020-01-01, high_hz = 3.0}]": "parameters of steps are numbers",
    "[train]\nepochs = 'many'": "setting 'epochs' in .* is 'many'",
    "[train]\nepochs = -1": "setting 'epochs' in .* is -1: .*greater than or equal to 1",
    "[train]\nepochs = 1.5": "setting 'epochs' in .* is 1.5",
    "[train]\nepochs = 99999999999999999999": "setting 'epochs' in .*less than or equal to 100000",
    "[train]\nlearning_rate = nan": "setting 'learning_rate' in .* is nan",
    "[train]\nlearning_rate = 1e9": r"setting 'learning_rate' in .* is 1000000000\.0",
    "[train]\nweight_decay = 1e300": "setting 'weight_decay' in .*",
    "[train]\nseed = -1": "setting 'seed' in .* is -1",
    "[train]\nmodel = 5": "setting 'model' in .* is 5",
    "[train]\nmodel = 'cn'": "model 'cn': it is not known; did you mean 'cnn'",
    "[train]\ndevices = 4096": "4096 devices: this machine has room for",
    "[prepare]\nrate_hz = -5": "setting 'rate_hz' in .* is -5",
    "[prepare]\nrate_hz = 1e-9": "resampling from 50.0 to 1e-09 Hz",
    "[prepare]\nwindow_samples = 0": "setting 'window_samples' in .* is 0",
    "[prepare]\nbefore_s = 1e300": "setting 'before_s' in .*",
    "[prepare]\ncomponents = 'ABC'": "'components' in .* must be different letters",
    "[prepare]\ncomponents = 'Z'": r"augmentation horizontal \(1, 2\) of windows with 1 rows.*set rotate = 0",
    "[prepare]\ncontext = ['foo']": "'context.0' in .* is 'foo'",
    "[prepare]\np_from = 0.9\np_to = 0.1": r"p_from 0.9 must not exceed p_to 0.1",
    "{json: 1}": "it is not TOML",
    "a = " + "[" * 100_000: "it is not TOML",
    "[train]\nepochs = 1\nepochs = 2": "it is not TOML",
    "#" * (2 << 20): "it is larger than 1048576 bytes",
}


@pytest.mark.parametrize("text", WRONG, ids=[text[:50] for text in WRONG])
def test_a_wrong_settings_file_is_one_sentence(text: str, run: Commands, dataset: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.toml"
    told.write_text(text, encoding="utf-8")
    begun = ["train", "--data", dataset, "--task", "detect", "--epochs", 1, "--settings", told]
    if "epochs" in text:
        begun = [*begun[:5], *begun[7:]]
    run.refused(*begun, says=WRONG[text], out=tmp_path / "out")


@pytest.mark.parametrize("path", ["/dev/zero", "/", "/nowhere.toml"])
def test_a_settings_file_that_is_none_is_named(path: str, run: Commands, dataset: Path, tmp_path: Path) -> None:
    told = ["train", "--data", dataset, "--task", "detect", "--settings", path]
    run.refused(*told, says=f"settings file {path}: it is no file", out=tmp_path / "out")


def test_a_table_that_would_be_passed_over_is_refused(run: Commands, rows: list[str], tmp_path: Path) -> None:
    told, table = tmp_path / "told.toml", tmp_path / "table.csv"
    told.write_text("[prepare]\nrate_hz = 50\n")
    table.write_text("\n".join(rows))
    run.refused("train", "--table", table, "--settings", told, says="a table is not prepared", out=tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[synthetics]\nrecords = 3", "did you mean 'synthetic'"),
        ("[synthetic]\nrate = 50", r"setting 'rate' in \[synthetic\]: it is not known"),
        ("[synthetic]\nrate_hz = -1", "'rate_hz' in .* is -1"),
        ("[synthetic]\nspan_s = 1e9", "'span_s' in .* is 1000000000.0"),
        ("synthetic = 3", "it must be a table"),
    ],
)
def test_wrong_settings_of_synthetic_records_are_named(text: str, says: str, run: Commands, tmp_path: Path) -> None:
    told = tmp_path / "told.toml"
    told.write_text(text)
    run.refused("collect", "synthetic", "--settings", told, says=says, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--learning-rate", "nan"], "'learning_rate' in .* is nan"),
        (["--learning-rate", "0"], "'learning_rate' in .* is 0.0"),
        (["--batch-size", "9" * 20], "'batch_size' in"),
        (["--seed", "9" * 20], "'seed' in"),
        (["--class-weights", "some"], "'class_weights' in .* is 'some'"),
        (["--devices", "4096"], "4096 devices: this machine has room for"),
        (["--model", ""], "model '': it is not known"),
        (["--model", "🌋"], "model '🌋': it is not known"),
        (["--task", "detct"], "--task 'detct': it is not known; did you mean 'detect'"),
        (["--model", "cnn-regression"], "it gives a value, not classes"),
    ],
)
def test_a_flag_out_of_range_is_named(
    flags: list[str], says: str, run: Commands, dataset: Path, tmp_path: Path
) -> None:
    told = ["train", "--data", dataset, "--task", "detect", "--epochs", 1]
    run.refused(*told, *flags, says=says, out=tmp_path / "out")


@pytest.mark.parametrize(
    "flags",
    [
        ["train", "--out", "x", "--epochs", "0"],
        ["train", "--out", "x", "--epochs", "1.5"],
        ["train", "--out", "x", "--seed", "-1"],
        ["train", "--out", "x", "--search", "-1"],
        ["collect", "synthetic", "--out", "x", "--records", "-1"],
        ["evaluate", "--model", "x", "--seed", "-1"],
        ["demo", "--epochs", "x"],
    ],
)
def test_a_number_the_words_forbid_is_wrong_usage(flags: list[str], run: Commands) -> None:
    assert run(*flags).code == 2


@pytest.mark.parametrize("hop_s", ["0", "-1", "nan", "inf", "1e300", "1e-300"])
def test_an_impossible_hop_is_named(
    hop_s: str, run: Commands, recording: Recording, detector: Path, tmp_path: Path
) -> None:
    told = ["predict", recording(), "--model", detector, "--hop-s", hop_s]
    run.refused(*told, says=re.escape(f"hop is {float(hop_s)} s: it must be at least one sample"), out=tmp_path / "out")


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("bandpass:low_hz=5,high_hz=1", "low_hz 5.0 must lie below high_hz 1.0"),
        ("bandpass:low_hz=1,high_hz=1e9", "bandpass corner is 1e.09 Hz"),
        ("bandpass:low_hz", "'low_hz' is not key=value"),
        ("resample:rate_hz=1e9", "'rate_hz' in Resample is 1000000000.0"),
        ("resample:rate_hz=33.3333", "ratio of whole numbers"),
        ("highpass:low_hz=1,order=500", "'order' in Highpass is 500.0"),
        ("highpas:low_hz=1", "did you mean 'highpass'"),
        ("", "no such member"),
        ("integrate", "cannot integrate 'count'"),
    ],
)
def test_an_impossible_step_is_named(step: str, says: str, run: Commands, recording: Recording, tmp_path: Path) -> None:
    run.refused("prepare", recording(), "--step", step, says=says, out=tmp_path / "out")


def test_a_result_is_never_asked_for_twice_over(run: Commands, recording: Recording, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("mine")
    run.refused("features", recording(), says="f.csv: it exists", out=tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_text() == "mine"
