"""What the quality document says about each issue, bullet by bullet, and the checks behind every bullet."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reviewer.data import table
from reviewer.finding import Severity
from reviewer.issues import ISSUES
from reviewer.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Bullet(Record):
    """One sentence of the document, and the ids of the checks that look for it."""

    text: str
    checks: tuple[str, ...]


class DocumentIssue(Record):
    """One issue. ``details`` say what is wrong, ``resolutions`` what to do about it."""

    number: str
    title: str
    severity: Severity
    severity_note: str
    impact: str
    details: tuple[Bullet, ...]
    resolutions: tuple[Bullet, ...]

    @property
    def section(self) -> str:
        """Return the number of the section."""
        return self.number.partition(".")[0]


@cache
def document_issues() -> Mapping[str, DocumentIssue]:
    """Return the issues by number, in the order of the document. Source: ``data/quality_document.yaml``."""
    rows = table("quality_document")["issues"]
    return MappingProxyType({number: _issue(number, rows[number]) for number in ISSUES})


def _issue(number: str, row: Mapping[str, Any]) -> DocumentIssue:
    return DocumentIssue(
        number=number,
        title=ISSUES[number],
        severity=Severity(row["severity"]),
        severity_note=row.get("severity-note", ""),
        impact=row["impact"],
        details=_bullets(row["details"]),
        resolutions=_bullets(row["resolutions"]),
    )


def _bullets(rows: Iterable[Mapping[str, Any]]) -> tuple[Bullet, ...]:
    return tuple(Bullet(each["text"], tuple(each["checks"])) for each in rows)
