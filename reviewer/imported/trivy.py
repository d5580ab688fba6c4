"""``trivy config --format json`` (and ``trivy fs``): misconfigurations and secrets.

Source of facts: Trivy's documentation, "Reporting", and its report types. Vulnerabilities and licences are
not about the lines of a change, so they are left where they are.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from reviewer.imported import severities
from reviewer.imported.paths import candidates
from reviewer.imported.result import Place, Result, Results, lines, tidy_id, tidy_text, tidy_url

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "trivy"


class _Lines(Struct, rename="pascal"):
    start_line: int = 0
    end_line: int = 0


class _Occurrence(Struct, rename="pascal"):
    """A call of the module that the file is of."""

    filename: str = ""
    location: _Lines = field(default_factory=_Lines)


class _Cause(Struct, rename="pascal"):
    resource: str = ""
    start_line: int = 0
    end_line: int = 0
    occurrences: list[_Occurrence] | None = None


class _Misconfiguration(Struct, rename="pascal"):
    id: str = field(name="ID")
    title: str = ""
    description: str = ""
    message: str = ""
    resolution: str = ""
    severity: str = ""
    primary_url: str = field(name="PrimaryURL", default="")
    status: str = "FAIL"
    cause_metadata: _Cause = field(default_factory=_Cause)


class _Secret(Struct, rename="pascal"):
    rule_id: str = field(name="RuleID")
    title: str = ""
    severity: str = ""
    start_line: int = 0
    end_line: int = 0


class _Target(Struct, rename="pascal"):
    target: str
    misconfigurations: list[_Misconfiguration] | None = None
    secrets: list[_Secret] | None = None


class Document(Struct, rename="pascal"):
    """What Trivy prints; without anything to report there are no ``Results``.

    ``artifact_name`` is the folder or file that it was told to look at: targets are relative to that folder.
    """

    artifact_name: str = ""
    results: list[_Target] | None = None


Legacy = list[_Target]
"""What Trivy printed before version 0.20 (schema 1): the targets alone."""


def read(document: Document, path: str, folder: str) -> Results:
    """Return the results; ``folder`` holds the file, seen from the root of the repository."""
    scanned = document.artifact_name
    found = tuple(each for target in document.results or [] for each in _results(target, scanned, folder))
    return Results(path, found, (_NAME,))


def _paths(target: str, scanned: str, folder: str) -> tuple[str, ...]:
    """Return where a target may be: below what was scanned, that itself if it was one file, or as it is."""
    itself = (scanned,) if posixpath.basename(scanned) == target else ()
    return candidates(*itself, posixpath.join(scanned, target), target, folder=folder)


def _results(target: _Target, scanned: str, folder: str) -> Iterator[Result]:
    paths = _paths(target.target, scanned, folder)
    for each in target.misconfigurations or []:
        if each.status == "FAIL":
            calls = each.cause_metadata.occurrences or []
            callers = (
                Place(
                    _paths(call.filename, scanned, folder),
                    *lines(call.location.start_line, call.location.end_line),
                )
                for call in calls
            )
            yield _misconfigured(each, paths, tuple(callers))
    for secret in target.secrets or []:
        yield _leaked(secret, paths)


def _misconfigured(found: _Misconfiguration, paths: tuple[str, ...], callers: tuple[Place, ...]) -> Result:
    first, last = lines(found.cause_metadata.start_line, found.cause_metadata.end_line)
    return Result(
        tool=_NAME,
        id=tidy_id(found.id),
        title=tidy_text(found.title) or found.id,
        message=tidy_text(found.message or found.description),
        severity=severities.of_word(found.severity),
        paths=paths,
        line=first,
        end_line=last,
        address=tidy_text(found.cause_metadata.resource),
        hint=tidy_text(found.resolution),
        docs=tidy_url(found.primary_url),
        callers=callers,
    )


def _leaked(secret: _Secret, paths: tuple[str, ...]) -> Result:
    first, last = lines(secret.start_line, secret.end_line)
    return Result(
        tool=_NAME,
        id=tidy_id(secret.rule_id),
        title=tidy_text(secret.title) or secret.rule_id,
        message="",
        severity=severities.of_word(secret.severity),
        paths=paths,
        line=first,
        end_line=last,
        secret=True,
    )
