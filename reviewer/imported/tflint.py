"""``tflint --format json``. Source of facts: tflint's documentation and its JSON formatter."""

from __future__ import annotations

from msgspec import Struct, field

from reviewer.imported import severities
from reviewer.imported.paths import candidates
from reviewer.imported.result import Result, Results, lines, tidy_id, tidy_text, tidy_url, told

_NAME = "tflint"


class _Rule(Struct):
    name: str
    severity: str = ""
    link: str = ""


class _Position(Struct):
    line: int = 1


class _Range(Struct):
    filename: str = ""
    start: _Position = field(default_factory=_Position)
    end: _Position = field(default_factory=_Position)


class _Issue(Struct):
    rule: _Rule
    message: str = ""
    range: _Range = field(default_factory=_Range)


class _Error(Struct):
    message: str = ""


class Document(Struct):
    """What tflint prints: its issues, and what kept it from finding more."""

    issues: list[_Issue]
    errors: list[_Error] = []


def read(document: Document, path: str, folder: str) -> Results:
    """Return the results; ``folder`` holds the file, seen from the root of the repository."""
    found = tuple(_result(each, folder) for each in document.issues)
    return Results(path, found, (_NAME,), problems=told(_NAME, [each.message for each in document.errors]))


def _result(issue: _Issue, folder: str) -> Result:
    first, last = lines(issue.range.start.line, issue.range.end.line)
    return Result(
        tool=_NAME,
        id=tidy_id(issue.rule.name),
        title=tidy_text(issue.message) or issue.rule.name,
        message="",
        severity=severities.of_word(issue.rule.severity),
        paths=candidates(issue.range.filename, folder=folder),
        line=first,
        end_line=last,
        docs=tidy_url(issue.rule.link),
    )
