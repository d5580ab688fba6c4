"""``tfsec --format json``. Source of facts: tfsec's JSON formatter (of defsec, which it is made of)."""

from __future__ import annotations

from msgspec import Struct, field

from reviewer.imported import severities
from reviewer.imported.paths import candidates
from reviewer.imported.result import Result, Results, lines, tidy_id, tidy_text, tidy_url

_NAME = "tfsec"
_FAILED = frozenset({0, "failed"})
_IGNORED = frozenset({2, "ignored"})
"""Numbers since version 1, words before."""


class _Place(Struct):
    filename: str = ""
    start_line: int = 1
    end_line: int = 1


class _Result(Struct):
    rule_id: str
    long_id: str = ""
    rule_description: str = ""
    resolution: str = ""
    links: list[str] | None = None
    link: str = ""
    description: str = ""
    severity: str = ""
    status: int | str = 0
    resource: str = ""
    location: _Place = field(default_factory=_Place)


class Document(Struct):
    """What tfsec prints; ``results`` is null when there are none."""

    results: list[_Result] | None


def read(document: Document, path: str, folder: str) -> Results:
    """Return the results; ``folder`` holds the file, seen from the root of the repository."""
    failed = [each for each in document.results or [] if each.status in _FAILED]
    ignored = sum(1 for each in document.results or [] if each.status in _IGNORED)
    return Results(path, tuple(_result(each, folder) for each in failed), (_NAME,), ignored)


def _result(result: _Result, folder: str) -> Result:
    first, last = lines(result.location.start_line, result.location.end_line)
    return Result(
        tool=_NAME,
        id=tidy_id(result.rule_id or result.long_id),
        title=tidy_text(result.rule_description) or tidy_text(result.description),
        message=tidy_text(result.description),
        severity=severities.of_word(result.severity),
        paths=candidates(result.location.filename, folder=folder),
        line=first,
        end_line=last,
        address=tidy_text(result.resource),
        hint=tidy_text(result.resolution),
        docs=next(filter(None, map(tidy_url, [*(result.links or []), result.link])), ""),
    )
