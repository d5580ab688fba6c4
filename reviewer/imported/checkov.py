"""``checkov --output json``: one report, or a list of them, one for each framework.

Source of facts: Checkov's documentation, "Output", and what it prints (recorded in the tests).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from reviewer.imported import severities
from reviewer.imported.paths import candidates
from reviewer.imported.result import Result, Results, lines, tidy_id, tidy_text, tidy_url

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = "checkov"
_INDEX = re.compile(r"(/?\[\d+\])+(?=/|$)")
_SHOWN_ERRORS = 3


class _Outcome(Struct):
    evaluated_keys: list[Any] | None = None


class _Check(Struct):
    check_id: str
    check_name: str | None = None
    check_result: _Outcome = field(default_factory=_Outcome)
    file_path: str = ""
    file_abs_path: str | None = None
    repo_file_path: str | None = None
    file_line_range: list[int] | None = None
    resource: str | None = None
    severity: str | None = None
    guideline: str | None = None


class _Checks(Struct):
    failed_checks: list[_Check] = []
    skipped_checks: list[Any] = []
    parsing_errors: list[str] = []


class Document(Struct):
    """The report of one framework; one without any resource has no ``results``."""

    results: _Checks = field(default_factory=_Checks)


def read(documents: Iterable[Document], path: str, folder: str) -> Results:
    """Return the results; ``folder`` holds the file, seen from the root of the repository."""
    checks = [each.results for each in documents]
    found = tuple(_result(each, folder) for part in checks for each in part.failed_checks)
    unread = [each for part in checks for each in part.parsing_errors]
    problems = [f"{_NAME} could not parse {tidy_text(each)}" for each in unread[:_SHOWN_ERRORS]]
    if len(unread) > _SHOWN_ERRORS:
        problems.append(f"{_NAME} could not parse {len(unread) - _SHOWN_ERRORS} more files")
    skipped = sum(len(part.skipped_checks) for part in checks)
    return Results(path, found, (_NAME,), skipped, tuple(problems))


def _result(check: _Check, folder: str) -> Result:
    span = check.file_line_range or [1]
    first, last = lines(span[0], span[-1])
    # Both stand with a leading slash, and are relative all the same: to where Checkov ran, and to the folder
    # it was given.
    names = [(each or "").lstrip("/") for each in (check.repo_file_path, check.file_path)]
    return Result(
        tool=_NAME,
        id=tidy_id(check.check_id),
        title=tidy_text(check.check_name) or check.check_id,
        message="",
        severity=severities.of_word(check.severity),
        paths=candidates(*filter(None, names), *filter(None, [check.file_abs_path]), folder=folder),
        line=first,
        end_line=last,
        address=tidy_text(check.resource),
        docs=tidy_url(check.guideline),
        arguments=_arguments(check.check_result.evaluated_keys or []),
        secret=check.check_id.startswith("CKV_SECRET"),
    )


def _arguments(keys: Iterable[Any]) -> tuple[str, ...]:
    """Return such as ``vpc_config.public_access_cidrs`` for ``vpc_config/[0]/public_access_cidrs``."""
    names = (_INDEX.sub("", each).replace("/", ".").strip(".") for each in keys if isinstance(each, str))
    return tuple(dict.fromkeys(filter(None, names)))
