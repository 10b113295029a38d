"""Markup: every value is escaped unless it is markup already."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from foreshock.evaluate.report.markup import Markup, escaped, table, tag


class Texts(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cc", "Cs", "Cn"))))
def test_any_text_comes_back_as_text(text):
    page = Texts(tag("p", text, title=text))
    assert page.text == text
    assert page.seen == [("p", {"title": text})]


def test_markup_is_not_escaped_twice():
    assert tag("p", tag("b", "<")) == "<p><b>&lt;</b></p>"
    assert escaped(Markup("<i></i>")) == "<i></i>"


def test_characters_that_html_forbids_are_marked():
    assert escaped("a\0\x1bb\ud800") == "a\ufffd\ufffdb\ufffd"


def test_none_is_left_out_and_void_tags_close_themselves():
    assert tag("img", src="x", alt=None) == '<img src="x"/>'
    assert tag("p", None, "a") == "<p>a</p>"


def test_the_first_cell_of_a_row_is_its_heading():
    assert '<th scope="row">a</th><td>1</td>' in table(["name", "n"], [["a", 1]])
