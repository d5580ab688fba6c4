"""The page about the quality document: for every bullet of it, the checks that look for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.issues import ISSUES, SECTIONS
from reviewer.quality_document import document_issues

if TYPE_CHECKING:
    from reviewer.quality_document import DocumentIssue


def page() -> str:
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
