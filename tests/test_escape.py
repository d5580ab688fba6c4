"""Hostile text in Markdown: shown to a Markdown parser, so that the test sees what a reader would."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reviewer import escape
from tests.samples import HOSTILE_TEXTS

_GFM = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_NASTY = st.text(st.sampled_from("`~@#|<>!-[]()\\&;\n\r\t *_aGH1./:\x1b\u200b\u202e"), max_size=60)


class Page(HTMLParser):
    """What a Markdown text becomes: tags, comments, links, and the text inside and outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ends: list[str] = []
        self.comments: list[str] = []
        self.links: list[str] = []
        self.codes: list[str] = []
        self.prose = ""
        self._code = 0
        self.feed(_GFM.render(markdown))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag == "code":
            self._code += 1
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self.ends.append(tag)
        self._code -= tag == "code"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data.strip())

    def handle_data(self, data: str) -> None:
        if self._code:
            self.codes[-1] += data
        else:
            self.prose += data


def assert_harmless(page: Page) -> None:
    assert not {"script", "img", "iframe", "style", "form", "svg"} & set(page.tags)
    assert not re.search(r"@\w|#\d|\bGH-\d|\bwww\.", page.prose, re.IGNORECASE), page.prose
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\u2066]", page.prose)
    assert [link for link in page.links if "evil" in (urlsplit(link).hostname or "")] == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("aws_eks_cluster.main", "aws_eks_cluster.main"),
        ("a`b", "a`b"),
        ("`", "`"),
        ("``` `` `", "``` `` `"),
        (' aws_x["a"] ', ' aws_x["a"] '),
        ("a\nb\tc", "a\\nb c"),
        ("\x1b[31m\u202e", "\\x1b[31m\\u202e"),
        ("", '""'),
        ("  ", '"  "'),
        ("<!-- eks-review:summary -->", "<! -- eks-review:summary -->"),
        (443, "443"),
    ],
)
def test_code_shows_the_value_and_nothing_else(value: object, shown: str) -> None:
    page = Page(f"before {escape.code(value)} after")

    assert page.codes == [shown]
    assert page.prose.split() == ["before", "after"]


def test_code_is_capped() -> None:
    assert escape.code("x" * 500, 10) == "`xxxxxxxxx…`"


@given(_NASTY)
def test_no_value_leaves_its_code_span(value: str) -> None:
    page = Page(f"a {escape.code(value)} b")

    assert page.tags == ["p", "code"]
    assert page.prose.split() == ["a", "b"]


@given(_NASTY)
def test_no_text_leaves_its_fence(text: str) -> None:
    clean = text.replace("\r", "")
    page = Page(f"{escape.fenced(clean, 'suggestion')}\n\nafter")

    assert page.tags[:2] == ["pre", "code"]
    assert page.prose.strip() == "after"


def test_a_fence_is_longer_than_every_run_of_backticks_in_it() -> None:
    assert escape.fenced("a ```` b", "suggestion") == "`````suggestion\na ```` b\n`````"


def test_an_empty_suggestion_has_no_line_at_all() -> None:
    assert escape.fenced("", "suggestion") == "```suggestion\n```"


def test_a_message_of_ours_passes_unchanged() -> None:
    message = (
        "`a|b` is **open**: see [the guide](https://docs.aws.amazon.com/eks/x_y).\n\n```hcl\nx = 1\n```\n"
    )

    assert escape.markdown(message) == message


def test_lines_of_a_paragraph_are_joined_and_lists_and_fences_are_not() -> None:
    message = "Set\n`a` and\nthen b.\n\n- one\n- two\n\n```hcl\nx = 1\ny = 2\n```\n"

    assert escape.markdown(message) == "Set `a` and then b.\n\n- one\n- two\n\n```hcl\nx = 1\ny = 2\n```\n"


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_message_is_harmless(text: str) -> None:
    assert_harmless(Page(escape.markdown(text)))
    assert_harmless(Page(f"| a |\n| - |\n| {escape.cell(escape.line(text))} |"))


@given(_NASTY)
def test_no_message_is_harmful_and_treating_it_twice_changes_nothing(text: str) -> None:
    once = escape.markdown(text)

    assert_harmless(Page(once))
    assert escape.markdown(once) == once


def test_a_message_cannot_make_a_button() -> None:
    assert escape.markdown("```suggestion\nrm\n```") == "```\nrm\n```\n"


def test_an_open_fence_is_closed() -> None:
    assert escape.markdown("```hcl\nx = 1") == "```hcl\nx = 1\n```\n"


@given(_NASTY)
def test_line_is_one_line(text: str) -> None:
    assert "\n" not in escape.line(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://evil.example/x", False),
        ("[x](https://evil.example)", False),
        ("[x](javascript:alert(1))", False),
        ("[x](https://docs.aws.amazon.com.evil.example/)", False),
        ("[x](https://docs.aws.amazon.com/eks/)", True),
        ("[x](http://docs.aws.amazon.com/eks/)", False),
    ],
)
def test_only_documentation_is_linked(text: str, kept: bool) -> None:  # noqa: FBT001 - a column of the table
    assert bool(Page(escape.markdown(text)).links) is kept


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x_y?z=1#L3", "https://a.example/x_y?z=1#L3"),
        ("https://a.example/a b)c", "https://a.example/a%20b%29c"),
        ("javascript:alert(1)", None),
        ("/relative", None),
        ("", None),
    ],
)
def test_url_is_fit_for_a_link(address: str, expected: str | None) -> None:
    assert escape.url(address) == expected


def test_plain_takes_the_marks_away() -> None:
    assert escape.plain("`a_b` [is](https://kubernetes.io/x) \\*open\\*") == "a_b is *open*"


@given(st.text())
def test_visible_is_printable_and_on_one_line(text: str) -> None:
    shown = escape.visible(text)

    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]", shown)
