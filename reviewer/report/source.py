"""Source lines for reports that show them: excerpts with their marks, suggestions as a diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.finding import Location
from reviewer.record import Record

if TYPE_CHECKING:
    from reviewer.finding import Excerpt, Finding

TAB = 4


class SourceLine(Record):
    """One printable line. When it alone is meant, ``underline`` marks it from below, column for column."""

    number: str
    text: str
    marked: bool
    underline: str = ""


def excerpt_lines(finding: Finding) -> tuple[SourceLine, ...]:
    """Return the excerpt of a finding, ready to print; empty when there is none, as for secrets."""
    excerpt = finding.excerpt
    if excerpt is None:
        return ()
    marked = _marked(finding, excerpt)
    return tuple(
        _source_line(excerpt.first_line + index, line, marked) for index, line in enumerate(excerpt.lines)
    )


def diff_lines(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return the suggestion as (sign, text) pairs: ``-`` for lines that go, ``+`` for lines that come.

    The old lines are known only when the excerpt shows them; else the first pair says which lines are
    replaced.
    """
    suggestion = finding.suggestion
    if suggestion is None:
        return ()
    new = suggestion.replacement.split("\n") if suggestion.replacement else []
    old = _lines(finding.excerpt, suggestion.path, suggestion.line, suggestion.end_line)
    if old is None:
        first, last, path = suggestion.line, suggestion.end_line, escape.visible(suggestion.path)
        head = [
            (
                " ",
                f"line {first} of {path} becomes"
                if first == last
                else f"lines {first}-{last} of {path} become",
            )
        ]
        return tuple(head + [("+", _printable(line)) for line in new])
    return tuple(_compared(old, new))


def _compared(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    """Equal lines at both ends stay; what is between them goes and comes."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    parts = [
        (" ", old[:start]),
        ("-", old[start : len(old) - end]),
        ("+", new[start : len(new) - end]),
        (" ", old[len(old) - end :]),
    ]
    return [(sign, _printable(line)) for sign, lines in parts for line in lines]


def _lines(excerpt: Excerpt | None, path: str, first: int, last: int) -> list[str] | None:
    if excerpt is None or excerpt.path != path:
        return None
    start = first - excerpt.first_line
    end = last - excerpt.first_line + 1
    return list(excerpt.lines[start:end]) if 0 <= start < end <= len(excerpt.lines) else None


def _marked(finding: Finding, excerpt: Excerpt) -> range:
    """Return the lines of the problem: the first origin where the comment stands in another file."""
    places = (Location(finding.path, finding.line, finding.end_line), *finding.origins)
    place = next((each for each in places if each.path == excerpt.path), None)
    return range(0) if place is None else range(place.line, place.end_line + 1)


def _source_line(number: int, line: str, marked: range) -> SourceLine:
    text = _printable(line)
    stripped = text.strip()
    alone = number in marked and len(marked) == 1 and stripped
    underline = " " * (len(text) - len(text.lstrip())) + "^" * len(stripped) if alone else ""
    return SourceLine(str(number), text, number in marked, underline)


def _printable(line: str) -> str:
    return escape.visible(line.rstrip("\r").expandtabs(TAB))
