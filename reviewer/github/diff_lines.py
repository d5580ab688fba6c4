"""Which lines GitHub takes a comment on, from the patches of its own list of files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reviewer.github.gateway import Gateway

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Span(Record):
    """Lines ``first`` to ``last`` of the head file that one hunk shows, context included."""

    first: int
    last: int


class _File(msgspec.Struct):
    filename: str
    patch: str = ""


def commentable(gateway: Gateway, repository: str, number: int) -> Mapping[str, tuple[Span, ...]]:
    """Return the spans per file. A file without a patch (binary, renamed, too large) takes none."""
    return {
        file.filename: spans_of(file.patch)
        for page in gateway.pages(f"/repos/{repository}/pulls/{number}/files", list[_File])
        for file in page
    }


def spans_of(patch: str) -> tuple[Span, ...]:
    """Return the spans of a patch. A line of code never starts with ``@@``: it has a mark before it."""
    return tuple(
        Span(int(first), int(first) + int(count or 1) - 1)
        for first, count in _HUNK.findall(patch)
        if int(count or 1) > 0
    )


def takes(spans: Mapping[str, tuple[Span, ...]], path: str, start_line: int, line: int) -> bool:
    """Tell whether a comment on these lines stands within one hunk."""
    return any(span.first <= start_line <= line <= span.last for span in spans.get(path, ()))
