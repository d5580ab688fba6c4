"""Suggestions: a fix becomes an edit of whole lines, and is offered only when it is proven to work."""

from __future__ import annotations

from collections.abc import Iterable

from reviewer.checks.problem import Edit


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with every edit made. Edits of one text must not overlap."""
    for edit in sorted(edits, key=lambda each: (each.range.start, each.range.end), reverse=True):
        text = text[: edit.range.start] + edit.text + text[edit.range.end :]
    return text
