"""Suggestions: a fix becomes an edit of whole lines, and is offered only when it is proven to work.

Proven means: the lines lie inside one hunk, the file parses with the edit, the problem is gone, and no other
problem appears.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.finding import Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewer.checks.problem import Edit, Fix
    from reviewer.engine.delta import Hit
    from reviewer.engine.placement import Diff
    from reviewer.engine.prove import Prover
    from reviewer.terraform.text import SourceText


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with every edit made. Edits of one text must not overlap."""
    for edit in sorted(edits, key=lambda each: (each.range.start, each.range.end), reverse=True):
        text = text[: edit.range.start] + edit.text + text[edit.range.end :]
    return text


def suggest(hit: Hit, diff: Diff, prover: Prover) -> Suggestion | None:
    """Return a proven suggestion for an introduced problem; None when there is none."""
    fix = hit.problem.fix
    if fix is None or not _is_eligible(hit, fix, diff):
        return None
    source = fix.edits[0].range.source
    first = min(each.range.line for each in fix.edits)
    last = max(each.range.end_line for each in fix.edits)
    text = apply_edits(source.text, fix.edits)
    if diff.hunk(source.path, first, last) is None or not prover.proves(hit, source, text):
        return None
    old, new = source.text[slice(*_span(source, first, last))], _replacement(source, text, first, last)
    crlf = "\r\n" in old
    if crlf and not _all_crlf(old + new):
        return None
    ending = "\r\n" if crlf else "\n"
    replacement = new.removesuffix(ending).replace(ending, "\n")
    return Suggestion(source.path, first, last, replacement, fix.note, crlf)


def _is_eligible(hit: Hit, fix: Fix, diff: Diff) -> bool:
    """Tell whether a fix is in one file and keeps to what the change itself wrote, where it has to."""
    if len({each.range.path for each in fix.edits}) != 1:
        return False
    if fix.new_only and not diff.adds(hit.subject.extent):
        return False
    return not fix.changed_only or all(diff.adds(each.range) for each in fix.edits)


def _span(source: SourceText, first: int, last: int) -> tuple[int, int]:
    """Return where lines ``first`` to ``last`` begin and end, the last line's end included."""
    end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    return source.line_starts[first - 1], end


def _replacement(source: SourceText, text: str, first: int, last: int) -> str:
    """Return the new text of lines ``first`` to ``last``, the last line's end included."""
    start, tail = _span(source, first, last)
    return text[start : len(text) - (len(source.text) - tail)]


def _all_crlf(text: str) -> bool:
    """Tell whether every line ends alike: a suggestion says one line end for all of its lines."""
    return text.count("\n") == text.count("\r\n")
