"""What the quality document says about each issue, bullet by bullet, and the checks behind every bullet."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from reviewer.data import table
from reviewer.finding import Severity
from reviewer.issues import ISSUES, SECTIONS
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


def coverage_page() -> str:
    """Return the page that shows, for every bullet of the document, the checks behind it, in Markdown."""
    issues = document_issues().values()
    bullets = sum(len(each.details) + len(each.resolutions) for each in issues)
    about = (
        f"The checks come from a document of {len(SECTIONS)} sections and {len(ISSUES)} issues. Each of its "
        f"{bullets} bullets has at least one check behind it. What only people can do, such as a regular "
        "audit, is backed by checks that look for evidence of it in the repository (most are opt-in), or "
        "that look at its subject again with every change. `eks-review audit --format markdown` reports in "
        "the order of this page."
    )
    lines = ["# From the quality document to the checks", "", about]
    for number, title in SECTIONS.items():
        lines += ["", f"## {number}. {title}"]
        for each in issues:
            if each.section == number:
                lines += ["", *_issue_lines(each)]
    return "\n".join(lines) + "\n"


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


def _issue_lines(issue: DocumentIssue) -> list[str]:
    note = f" ({issue.severity_note})" if issue.severity_note else ""
    rows = [
        f"| {kind} | {each.text} | {', '.join(map(_linked, each.checks))} |"
        for kind, bullets in (("problem", issue.details), ("what to do", issue.resolutions))
        for each in bullets
    ]
    return [
        f"### {issue.number} {issue.title}",
        "",
        f"Severity: {issue.severity}{note}. Impact: {issue.impact}.",
        "",
        "| | the document says | checks |",
        "|---|---|---|",
        *rows,
    ]


def _linked(check: str) -> str:
    return f"[{check}](checks/{check}.md)"
