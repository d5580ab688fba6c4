"""``--format html``: the review as one page that needs nothing else: no network, no other file.

Texts of a pull request reach the page in two ways alone: through autoescape, or as Markdown that
:mod:`reviewer.escape` made safe and a renderer without raw HTML turns into elements. A content
security policy lets nothing run or load but the page's own script and style, which it names by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markdown_it import MarkdownIt
from markupsafe import Markup

from reviewer import escape
from reviewer.report.html_page import Page
from reviewer.report.source import diff_lines, excerpt_lines
from reviewer.report.words import adds_to_title, plural

if TYPE_CHECKING:
    from reviewer.report.words import Link
    from reviewer.review import Review

_TEMPLATES = Path(__file__).parent / "templates"
_VALUE_LIMIT = 300
_LINE_LIMIT = 1000
"""Characters of a source line; longer ones are data, and nobody reads them here."""


def render(review: Review, link: Link | None = None) -> str:
    """Return the page. ``link`` makes a web address of a path and a line in the head."""
    style, script = _asset("report.css"), _asset("report.js")
    text = (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=Page.of(review, link),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
        )
    )
    return text.encode(errors="replace").decode() + "\n"


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "block": _block,
        "code": escape.code,
        "diff": diff_lines,
        "excerpt": excerpt_lines,
        "inline": _inline,
        "line": escape.line,
        "markdown": escape.markdown,
        "plural": plural,
        "source": _source,
        "value": _value,
    }
    environment.tests["telling"] = adds_to_title
    return environment


@cache
def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable("image")


@lru_cache(maxsize=1024)  # hints and titles come again and again
def _block(markdown: str) -> Markup:
    """Return safe Markdown as elements."""
    return Markup(_renderer().render(markdown))  # noqa: S704 - rendered without raw HTML


@lru_cache(maxsize=1024)
def _inline(markdown: str) -> Markup:
    """Return safe Markdown of one line as elements within a line."""
    return Markup(_renderer().renderInline(markdown))  # noqa: S704 - rendered without raw HTML


def _value(text: object) -> str:
    """Return a value of the code for plain text or an attribute."""
    return escape.clip(escape.visible(str(text)), _VALUE_LIMIT)


def _source(line: str) -> str:
    """Return a line of source that :mod:`reviewer.report.source` made printable."""
    return escape.clip(line, _LINE_LIMIT)
