"""Every form in which a review is shown. :func:`render` is the one door for ``--format``."""

# No `from __future__ import annotations` here: it would take the name of the module `annotations`.
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.review import Review


class Format(StrEnum):
    """What ``--format`` can be."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"
    HTML = "html"
    GITHUB = "github"


class Look(Record):
    """How a report shall look. Only text has a width, colours and a quiet form.

    ``link`` makes a web address of a path and a line in the head, ``None`` when there is none: Markdown and
    HTML have links. Only SARIF can hold open findings alone and names the web address of the ``repository``.
    """

    width: int = 100
    color: bool = False
    quiet: bool = False
    link: Callable[[str, int], str | None] | None = None
    open_only: bool = False
    repository: str | None = None


def render(form: Format, review: "Review", look: Look | None = None) -> str:
    """Return the review in one form, ending in a newline. Only the libraries for that form are imported."""
    look = look or Look()
    match form:
        case Format.TEXT:
            from reviewer.report import terminal
            from reviewer.report.terminal_style import Style

            return terminal.render(review, Style(look.width, look.color), quiet=look.quiet)
        case Format.MARKDOWN:
            from reviewer.report import markdown

            return markdown.whole(review, look.link)
        case Format.JSON:
            from reviewer.report import json

            return json.dump(review)
        case Format.SARIF:
            from reviewer.report import sarif

            return sarif.dump(review, open_only=look.open_only, repository=look.repository)
        case Format.HTML:
            from reviewer.report import html

            return html.render(review, look.link)
        case Format.GITHUB:
            from reviewer.report import annotations

            return annotations.render(review)
        case _:
            assert_never(form)
