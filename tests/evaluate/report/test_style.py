"""Names in pictures: what fonts cannot draw is numbered; nothing becomes a formula."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from foreshock.evaluate.report.style import LIGHT, LONGEST_NAME, Target, colours_of, drawable, new_figure, png


@pytest.mark.parametrize("name", ["زلزال", "שלום", "\U000132f9", "", " \n", "a\x07b", "नमस्ते"])
def test_what_cannot_be_drawn_rightly_becomes_a_number(name):
    assert drawable(["good", name]) == {"good": "good", name: "class 2"}


def test_long_names_are_cut_and_never_confused():
    one, two = "a" * 30 + "1", "a" * 30 + "2"
    written = drawable([one, two])
    assert len(written[one]) == LONGEST_NAME
    assert written[two] == "class 2"


def test_dollars_stay_dollars():
    assert drawable(["a$b$"]) == {"a$b$": r"a\$b\$"}
    assert str(Target("x$y$", "m")) == r"x\$y\$ (m)"


def test_lines_and_tabs_in_a_name_become_blanks():
    assert drawable(["a\tb\nc"])["a\tb\nc"] == "a b c"


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    before = dict(mpl.rcParams)
    png(lambda look: new_figure(1.0), LIGHT)
    assert dict(mpl.rcParams) == before


def test_settings_of_the_user_do_not_change_a_picture():
    def draw(look: object) -> Figure:
        figure = new_figure(1.0, width_in=2.0)
        figure.subplots().plot([0, 1])
        return figure

    usual = png(draw, LIGHT)
    with mpl.rc_context({"lines.linewidth": 9, "axes.grid": True, "savefig.dpi": 33}):
        assert png(draw, LIGHT) == usual


def test_our_own_other_models_are_coloured_and_rivals_are_grey():
    colours = colours_of(["lstm", "sta_lta"], ["lstm"], LIGHT)
    assert colours == {"lstm": LIGHT.own[0], "sta_lta": LIGHT.rivals[0]}
