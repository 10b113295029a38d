"""The page: whole, harmless, complete, the same each time; its pictures are pictures and hold no empty boxes."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from foreshock.errors import InputError, NothingMatchedError, OutputError
from foreshock.evaluate.report import Report, write_report
from foreshock.evaluate.report.markup import VOID
from foreshock.evaluate.report.noun import PNG_MAGIC
from foreshock.evaluate.report.words import HEADINGS
from foreshock.types.predictions import Predictions

HOSTILE = ("<script>alert(1)</script>", "a\"$b$' onload=x", "爆破\x07")
HISTORY = [
    {"epoch": k, "train_loss": 1 / k, "dev_loss": 1 / k + 0.01 * k, "dev_accuracy": 1 - 1 / (k + 1)}
    for k in range(1, 6)
]
DOT = PNG_MAGIC + b"\0\0\0\rIHDR" + bytes(17)


class Reader(HTMLParser):
    """Collects the text, the tags and the links of a page, and refuses tags that do not close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key in ("src", "href", "srcset", "action", "data")]
        self.ids += [value for key, value in attrs if key == "id"]
        assert not [key for key, _ in attrs if key.startswith("on")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data + " "


def _classes(names=("noise", "quake"), n=90, seed=0):
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % len(names)
    p = rng.dirichlet(np.ones(len(names)), n) * 0.5
    p[np.arange(n), truth] += 0.5
    table = pd.DataFrame({f"prob_{name}": p[:, k] for k, name in enumerate(names)})
    table = table.assign(
        truth=np.array(names, object)[truth],
        trace_id=[f"t{k}" for k in range(n)],
        event_id=[f"e{k // 2}" for k in range(n)],
        instrument=np.where(np.arange(n) % 3 > 0, "HH", "HN"),
    )
    return Predictions(table, classes=tuple(names))


def _report(names=("noise", "quake"), **more):
    rivals = {"sta_lta": (_classes(names, seed=1), {"sta_s": 0.5})}
    return Report(title="A test", task="detect", ours=_classes(names), rivals=rivals, n_resamples=20, **more)


def _values(**more):
    rng = np.random.default_rng(0)
    truth = rng.normal(3, 1, 120)
    table = pd.DataFrame(
        {"truth": truth, "value": truth + rng.normal(0, 0.2, 120), "distance_km": rng.uniform(1, 300, 120)}
    )
    table = table.assign(trace_id=[f"t{k}" for k in range(120)], event_id=[f"e{k // 2}" for k in range(120)])
    said = Predictions(table.assign(q05=table["value"] - 0.3, q95=table["value"] + 0.3))
    rival = Predictions(table.assign(value=3.0))
    given = {"rivals": {"mean": (rival, {"mean": 3.0})}, "target": "magnitude", "n_resamples": 20} | more
    return Report(title="Magnitudes", task="magnitude", ours=said, **given)


def _full():
    return _report(
        question="Is there a quake?",
        history=HISTORY,
        skipped=[("bad.mseed", "truncated")],
        inputs={"test.csv": "ab" * 32},
        versions={"foreshock": "0.1.0"},
        limits=["Synthetic records only."],
        splits={"train": {"records": 10}},
        extra_pictures=[("Real record", "P and S.", DOT)],
        extra={"cnn": {"x": float("nan")}},
    )


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    out = tmp_path_factory.mktemp("full")
    return out, write_report(out, _full())


def test_the_folder_holds_the_page_the_numbers_and_every_picture(full):
    out, paths = full
    assert {path.name for path in paths} == {path.name for path in out.iterdir()}
    names = {path.name for path in paths}
    wanted = ["report.html", "metrics.json"]
    wanted += [f"{n}.png" for n in ("headline", "confusion", "roc", "precision_recall", "reliability", "training")]
    assert {*wanted, "groups_instrument.png", "extra_1_real_record.png"} <= names
    assert all(path.read_bytes().startswith(PNG_MAGIC) for path in paths if path.suffix == ".png")


def test_the_page_is_well_formed_and_names_every_section(full):
    page = Reader((full[0] / "report.html").read_text("utf-8"))
    assert page.ids == [link[1:] for link in page.links if link.startswith("#")]
    assert set(page.ids) == set(HEADINGS["en"]) - {"values"}
    for said in ("Is there a quake?", "bad.mseed", "truncated", "ab" * 32, "Synthetic records only.", "sta_s", "0.1.0"):
        assert said in page.text


def test_the_page_loads_nothing_from_outside(full):
    text = (full[0] / "report.html").read_text("utf-8")
    page = Reader(text)
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in page.links)
    assert not set(page.tags) & {"script", "link", "iframe", "object", "embed", "form", "base"}
    assert not re.search(r"@import|url\(|https?://", text)
    assert 'http-equiv="Content-Security-Policy" content="default-src &#x27;none&#x27;; img-src data:' in text


def test_the_numbers_are_strict_json_with_the_extra_entries(full):
    numbers = json.loads((full[0] / "metrics.json").read_text("utf-8"), parse_constant=pytest.fail)
    assert set(numbers["ours"]["ece"]) == {"value", "low", "high"}
    assert numbers["cnn"] == {"x": None}


def test_the_same_report_gives_the_same_bytes(full, tmp_path):
    write_report(tmp_path, _full())
    for path in full[1]:
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_hostile_names_are_text_and_nothing_else(tmp_path):
    bad = "</td><img src=x onerror=alert(1)>"
    report = _report(
        HOSTILE, question=bad, ours_name=bad, skipped=[(bad, bad)], inputs={bad: bad}, versions={bad: bad},
        settings={bad: [bad]}, limits=[bad], splits={bad: {bad: bad}}, extra_pictures=[(bad, bad, DOT)], groups=(),
    )  # fmt: skip
    write_report(tmp_path, report)
    page = Reader((tmp_path / "report.html").read_text("utf-8"))
    assert "script" not in page.tags
    assert "x" not in page.links
    assert page.text.count(bad) >= 8
    assert HOSTILE[0] in page.text
    assert "\x07" not in page.text
    assert all(re.fullmatch(r"[a-z0-9_]+\.(png|html|json)", path.name) for path in tmp_path.iterdir())


def test_names_no_font_can_draw_are_numbered_and_explained_under_chinese_headings(tmp_path):
    """A missing glyph is a warning of matplotlib's, and warnings are errors here: nothing may draw an empty box."""
    names = ("زلزال", "\U000132f9\U00013300", "地震", "quake")
    write_report(tmp_path, _report(names, lang="zh", groups=()))
    page = (tmp_path / "report.html").read_text("utf-8")
    text = Reader(page).text
    assert "“class 1” in pictures" in text
    assert "“class 2” in pictures" in text
    assert "“quake” in pictures" not in text
    assert names[0] in text
    assert "地震" in text
    assert "混淆矩阵" in text
    assert '<html lang="zh-CN">' in page


def test_a_report_of_values_shows_values(tmp_path):
    paths = write_report(tmp_path, _values())
    names = {path.name for path in paths}
    assert {"scatter.png", "errors.png", "residuals_truth.png", "residuals_distance_km.png"} <= names
    assert not names & {"confusion.png", "roc.png"}
    page = Reader((tmp_path / "report.html").read_text("utf-8"))
    assert "promise to hold 90 %" in page.text
    assert "Better than mean" in page.text


def test_a_report_without_rivals_or_history_says_so_and_draws_no_empty_panel(tmp_path):
    paths = write_report(tmp_path, _values(rivals={}, groups=()))
    assert "training.png" not in {path.name for path in paths}
    text = Reader((tmp_path / "report.html").read_text("utf-8")).text
    assert "No rival was scored" in text
    assert "Settings of the rivals" not in text


def test_one_row_is_enough_for_a_page_without_ranking_curves(tmp_path):
    rows = _classes(n=1)
    paths = write_report(
        tmp_path, Report(title="One", task="detect", ours=rows, history=[{"epoch": 1, "dev_loss": 0.5}])
    )
    assert "roc.png" not in {path.name for path in paths}
    assert "no interval" in Reader((tmp_path / "report.html").read_text("utf-8")).text


@pytest.mark.slow
def test_many_classes_and_many_rivals_still_draw(tmp_path):
    names = tuple(f"class number {k}" for k in range(30))
    rivals = {f"rival {k}": (_classes(names, seed=k), {}) for k in range(6)}
    report = Report(
        title="M", task="t", ours=_classes(names), rivals=rivals, own_rivals=("rival 0",), n_resamples=20, groups=()
    )
    assert (tmp_path / "confusion.png") in write_report(tmp_path, report)


def test_nothing_is_written_where_nothing_carries_truth(tmp_path):
    rows = _classes()
    blank = Predictions(rows.table.assign(truth=None), classes=rows.classes)
    with pytest.raises(NothingMatchedError, match="90 predictions"):
        write_report(tmp_path / "out", Report(title="x", task="t", ours=blank))
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="out"):
        write_report(tmp_path / "out", _report(groups=()))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"title": " "}, "title"),
        ({"lang": "fr"}, "'fr'"),
        ({"own_rivals": ("lstm",)}, "'lstm'"),
        ({"extra_pictures": [("Wave", "", b"GIF89a")]}, "'Wave'"),
    ],
)
def test_a_report_that_cannot_be_shown_is_refused_at_birth(given, named):
    with pytest.raises(InputError, match=named):
        Report(**({"title": "x", "task": "t", "ours": _classes()} | given))
