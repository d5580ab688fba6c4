"""Suggestions on the bytes of a file: what no suggestion names stays as it is, to the last byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reviewer.finding import Finding, Suggestion

_BOM = b"\xef\xbb\xbf"


def applied(content: bytes, suggestions: Iterable[Suggestion]) -> bytes:
    """Return ``content`` with suggestions made that do not overlap.

    A byte order mark, the line ends of untouched lines and a missing end of the last line are kept.
    """
    mark = _BOM if content.startswith(_BOM) else b""
    lines = content.removeprefix(_BOM).split(b"\n")
    whole = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    for each in sorted(set(suggestions), key=lambda each: each.line, reverse=True):
        whole[each.line - 1 : each.end_line] = _replacement(each, whole[each.end_line - 1])
    return mark + b"".join(whole)


def without_overlap(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings whose suggestions can be made together; the first of those that meet wins.

    Two findings may have one and the same suggestion: making it once helps both.
    """
    taken: list[Suggestion] = []
    result = []
    for finding in findings:
        suggestion = finding.suggestion
        if suggestion is None:
            continue
        if suggestion in taken:
            result.append(finding)
        elif not any(_meet(suggestion, each) for each in taken):
            taken.append(suggestion)
            result.append(finding)
    return result


def _meet(one: Suggestion, other: Suggestion) -> bool:
    return one.path == other.path and one.line <= other.end_line and other.line <= one.end_line


def _replacement(suggestion: Suggestion, last: bytes) -> list[bytes]:
    """Return the new lines as one piece; ``last`` is the last of the old ones, whose end they get."""
    if not suggestion.replacement:
        return []
    ending = b"\r\n" if suggestion.crlf else b"\n"
    return [suggestion.written.encode() + (ending if last.endswith(b"\n") else b"")]
