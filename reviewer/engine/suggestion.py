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
    return Suggestion(source.path, first, last, _replacement(source, text, first, last), fix.note)


def _is_eligible(hit: Hit, fix: Fix, diff: Diff) -> bool:
    """Tell whether a fix is in one file and keeps to what the change itself wrote, where it has to."""
    if len({each.range.path for each in fix.edits}) != 1:
        return False
    if fix.new_only and not diff.adds(hit.subject.instance.block.range):
        return False
    if fix.changed_only and not all(diff.adds(each.range) for each in fix.edits):
        return False
    return "\r\n" not in fix.edits[0].range.source.text  # GitHub does not say what ends a suggestion's lines


def _replacement(source: SourceText, text: str, first: int, last: int) -> str:
    """Return the new text of lines ``first`` to ``last``, without the last line's end."""
    start = source.line_starts[first - 1]
    tail = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
    end = len(text) - (len(source.text) - tail)
    replacement = text[start:end]
    return replacement.removesuffix("\n")
