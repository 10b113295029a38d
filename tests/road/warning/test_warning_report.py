"""The page of a run: whole in itself, with pictures, whatever a run lacks and whatever its names hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from foreshock.errors import NotFoundError
from foreshock.evaluate.report.warning.views import straight_fronts, views_of
from foreshock.road.warning_report import fronts_of, write_warning_report
from foreshock.road.warning_runs import read_run
from foreshock.road.warning_truth import read_warning_truth

Folder = Callable[..., Any]
SITES = [("A", 6.5, 5.0, 109.0, 111.0), ("B", 5.5, 5.0, 104.0, 106.0), ("C", 5.0, 5.0, 130.0, None), ("D", 3.0, 5.0, 140.0, None)]  # fmt: skip  # noqa: E501


class _Page(HTMLParser):
    """Tags that are open at the end, and what is loaded or linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [value or "" for name, value in attrs if name in ("src", "srcset", "href")]
        if tag not in ("img", "meta", "source", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _full(run_folder: Folder, say: Any, **more: Any) -> Path:
    beliefs = [
        say.Belief(105.5 + k, (4.4, 5.0 + 0.02 * k, 5.6), (0.2 + 0.01 * k, 0.2), version=1 if k == 0 else None)
        for k in range(8)
    ]
    messages = [say.Message(105.5, sites=SITES), say.Message(108.0, sites=SITES, confidence="confirmed")]
    picks = [(f"XX.S{k}.", "P", 102.0 + 0.5 * k, "w") for k in range(5)] + [("XX.S4.", "S", 106.0, "w")]
    made: Path = run_folder("r").write({"w": messages}, beliefs={"w": beliefs}, picks=picks, **more)
    return made


def test_a_run_has_a_page_whole_in_itself_and_the_same_bytes_each_time(run_folder: Folder, say: Any) -> None:
    folder = _full(run_folder, say, dropped=[{"reason": "from the future", "n": 3}],
                   health=[{"time": say.iso(50), "station_id": "XX.S3.", "state": "stale"}])  # fmt: skip
    text = write_warning_report(folder).read_text(encoding="utf-8")
    page = _Page(text)
    assert page.open == []
    assert all(source.startswith(("data:image/png;base64,", "#")) for source in page.sources)
    assert write_warning_report(folder).read_text(encoding="utf-8") == text
    names = sorted(path.name for path in (folder / "pictures").iterdir())
    assert names == [f"event_1_{what}.png" for what in ("magnitude", "map", "timeline")]
    for said in ("synthetic: proves engineering, not science", "from the future", "stale", "No truth was given",
                 "iasp91_crust", "City A", "1412.0"):  # fmt: skip
        assert said in text, said


def test_with_the_truth_errors_and_what_was_missed_are_told(run_folder: Folder, say: Any, tmp_path: Path) -> None:
    folder = _full(run_folder, say)
    truth = say.write_truth(
        tmp_path / "t", [{"event_id": "one", "magnitude": 5.3}, {"event_id": "lost", "origin_s": 900.0}],
        sites=[("one", "A", 6.0, 5.0, 111.5, 109.5)],
    )  # fmt: skip
    text = write_warning_report(folder, truth=truth).read_text(encoding="utf-8")
    for said in ("-0.30", "lost", "1 true event without", "truly left", "+6.0"):
        assert said in text, said


def test_a_bare_run_and_an_empty_one_have_pages_too(run_folder: Folder, say: Any) -> None:
    bare = run_folder("bare").write({"w": [say.Message(105.5), say.Message(109.0, cancel=True)]})
    for name in ("warn.json", "picks.csv", "latency.csv"):
        (bare / name).unlink()
    assert "cancelled" in write_warning_report(bare).read_text(encoding="utf-8")
    empty = run_folder("empty").write({})
    assert "No event was warned of" in write_warning_report(empty).read_text(encoding="utf-8")
    with pytest.raises(NotFoundError, match=r"alerts\.jsonl"):
        write_warning_report(bare / "pictures")


def test_names_cannot_become_markup_or_formulas(run_folder: Folder, say: Any) -> None:
    evil = '<script>alert("$x$")</script>'
    sites = [(evil[:20], 6.5, 5.0, 109.0, 111.0)]
    folder = run_folder("evil").write(
        {evil: [say.Message(105.5, sites=sites)]}, picks=[(evil, "P", 103.0, evil)], source=evil,
        health=[{"time": evil, "station_id": evil, "state": evil}, "no object"], dropped={"not": "a list"},
    )  # fmt: skip
    text = write_warning_report(folder).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_site_is_seen_as_it_was_first_warned(run_folder: Folder, say: Any, tmp_path: Path) -> None:
    quiet = [("A", 4.0, 5.0, 109.0, None)]
    messages = [say.Message(105.0, sites=quiet), say.Message(106.0, sites=[("A", 5.5, 5.0, 109.0, 111.0)]),
                say.Message(107.0, sites=[("A", 6.0, 5.0, 108.0, 110.0)])]  # fmt: skip
    run = read_run(run_folder().write({"w": messages}))
    truth = read_warning_truth(say.write_truth(tmp_path / "t", [{"event_id": "t", "origin_s": 101.0}]))
    views, unseen = views_of(run, truth)
    row = views[0].site_rows().iloc[0]
    assert not unseen
    assert (row["warned_s"], row["s_s"], row["threshold_s"], row["intensity"]) == pytest.approx((5.0, 8.0, 10.0, 6.0))


def test_fronts_follow_the_model_the_run_names(run_folder: Folder) -> None:
    fronts, name = fronts_of(read_run(run_folder().write({})))
    assert "iasp91_crust" in name
    p_km, s_km = fronts(10.0, 5.0)
    assert p_km == pytest.approx((29.0**2 - 100) ** 0.5, abs=1.5)  # 5.8 km/s in the upper crust of iasp91
    assert s_km == pytest.approx((16.8**2 - 100) ** 0.5, abs=1.5)  # 3.36 km/s
    assert fronts(10.0, 0.5) == (0.0, 0.0)
    assert straight_fronts(8.0, -1.0) == (0.0, 0.0)


def test_no_name_on_the_map_lies_upon_another(run_folder: Folder, say: Any) -> None:
    from matplotlib.text import Annotation

    from foreshock.evaluate.report.style import LIGHT
    from foreshock.evaluate.report.warning.map import map_of

    crowd = [(f"{k}", 6.0, 5.0, 109.0, 111.0) for k in range(25)]
    run = read_run(run_folder().write({"w": [say.Message(105.5, sites=crowd)]}))
    view = views_of(run, None)[0][0]
    sketch = map_of(view, run.stations, straight_fronts, name="x")
    assert sketch.draw is not None
    figure = sketch.draw(LIGHT)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if isinstance(text, Annotation)]
    assert len(boxes) > 5
    assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
    assert re.search("25 sites, 25 warned", sketch.caption)
