"""The results of the SARIF report: one for each finding."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from reviewer import escape
from reviewer.finding import MASK, Acceptance, Excerpt, Finding, Location, Status, Suggestion
from reviewer.report.sarif_tool import LEVELS
from reviewer.review import Mode

if TYPE_CHECKING:
    from reviewer.report.sarif_tool import Object, Tool

SOURCE_ROOT = "%SRCROOT%"
FINGERPRINT = "eksReviewFinding/v1"
"""Not ``primaryLocationLineHash``: the upload computes that from the file, and warns of any other value."""

_BASELINE = MappingProxyType(
    {
        Status.INTRODUCED: "new",
        Status.EXISTING: "unchanged",
        Status.FIXED: "absent",
        Status.NOT_EVALUABLE: "absent",
    }
)
_ABSENT_KINDS = MappingProxyType({Status.FIXED: "pass", Status.NOT_EVALUABLE: "open"})
"""``open`` is the standard's word for a rule that had too little information to decide."""
_PLACEHOLDER = re.compile(r"\{(?=\d)")


def artifact(path: str) -> Object:
    """Return the location of a file, as a URI relative to the root of the repository."""
    return {"uri": quote(path.lstrip("/"), errors="replace"), "uriBaseId": SOURCE_ROOT}


def result(finding: Finding, tool: Tool, mode: Mode, *, has_suppressed: bool) -> Object:
    """Return one result. With a suppression in the run, every result says whether it has one."""
    kind = _ABSENT_KINDS.get(finding.status, "fail")
    document: Object = {
        **tool.reference(finding),
        "kind": kind,
        "level": LEVELS[finding.severity] if kind == "fail" else "none",
        "message": _message(finding),
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
    }
    if mode is Mode.REVIEW:
        document["baselineState"] = _BASELINE[finding.status]
    related = [each for each in finding.origins if not _is_own_place(finding, each)]
    if related:
        document["relatedLocations"] = [_related(index, each) for index, each in enumerate(related, 1)]
    if has_suppressed:
        document["suppressions"] = _suppressions(finding)
    if finding.suggestion:
        document["fixes"] = [_fix(finding.suggestion)]
    document["properties"] = _properties(finding)
    return document


def _properties(finding: Finding) -> Object:
    """Return what SARIF has no member for."""
    confirmed = [f"{escape.visible(each.source)} {escape.visible(each.id)}" for each in finding.confirmed_by]
    return {
        "address": escape.visible(finding.address),
        "severity": str(finding.severity),
        "pillar": str(finding.pillar),
        "issue": finding.issue,
        "status": str(finding.status),
        **({"confirmedBy": confirmed} if confirmed else {}),
    }


def _message(finding: Finding) -> Object:
    """Return what is wrong and what to do. Texts of the code must become neither links nor placeholders."""
    message, hint = escape.text(finding.message) or escape.text(finding.title), escape.text(finding.hint)
    text = "\n\n".join(filter(None, (message, f"Fix: {hint}" if hint else "")))
    hint = escape.markdown(finding.hint).strip()
    markdown = escape.markdown(finding.message or finding.title).strip()
    markdown = "\n\n".join(filter(None, (markdown, f"**Fix:** {hint}" if hint else "")))
    return {
        "text": _without_placeholders(text.replace("](", "]\u200b(") or finding.id),
        "markdown": _without_placeholders(markdown or finding.id),
    }


def _without_placeholders(text: str) -> str:
    return _PLACEHOLDER.sub("{\u200b", text)


def _location(finding: Finding) -> Object:
    physical: Object = {"artifactLocation": artifact(finding.path), "region": _region(finding)}
    excerpt = finding.excerpt
    if excerpt is not None and _is_wider(finding, excerpt):
        physical["contextRegion"] = {
            "startLine": excerpt.first_line,
            "endLine": excerpt.first_line + len(excerpt.lines) - 1,
            "snippet": {"text": "\n".join(excerpt.lines)},
        }
    address = escape.visible(finding.address)
    logical = [{"fullyQualifiedName": address, "kind": "resource"}] if address else []
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}


def _region(finding: Finding) -> Object:
    """Return the lines; of a single line that is known, only what stands between its blanks.

    Code scanning hides an alert on a pull request unless the diff shows all of its region.
    """
    line = _known_line(finding)
    if line is None or not line.strip():
        return {"startLine": finding.line, "endLine": finding.end_line}
    start = len(line) - len(line.lstrip()) + 1
    return {
        "startLine": finding.line,
        "startColumn": start,
        "endLine": finding.line,
        "endColumn": start + len(line.strip()),
        "snippet": {"text": line.strip()},
    }


def _known_line(finding: Finding) -> str | None:
    """Return the only line of a finding, when it is known as it is written."""
    excerpt = finding.excerpt
    if excerpt is None or excerpt.path != finding.path or finding.line != finding.end_line:
        return None
    index = finding.line - excerpt.first_line
    line = excerpt.lines[index] if 0 <= index < len(excerpt.lines) else MASK
    return line if MASK not in line else None


def _is_wider(finding: Finding, excerpt: Excerpt) -> bool:
    """Tell whether the excerpt holds more lines than those of the finding, as the standard demands."""
    last = excerpt.first_line + len(excerpt.lines) - 1
    covers = excerpt.first_line <= finding.line and finding.end_line <= last
    wider = len(excerpt.lines) > finding.end_line - finding.line + 1
    return excerpt.path == finding.path and covers and wider


def _is_own_place(finding: Finding, place: Location) -> bool:
    return place.path == finding.path and place.line <= finding.line <= place.end_line


def _related(index: int, place: Location) -> Object:
    return {
        "id": index,
        "physicalLocation": {
            "artifactLocation": artifact(place.path),
            "region": {"startLine": place.line, "endLine": place.end_line},
        },
        "message": {"text": "The value comes through here."},
    }


def _suppressions(finding: Finding) -> list[Object]:
    """Return what accepts a finding: a comment in the source, or the baseline beside it."""
    if finding.suppressed is not None:
        return [_suppression(finding.suppressed)]
    outside = {"kind": "external", "status": "accepted", "justification": "It is in the baseline."}
    return [dict(outside)] if finding.baselined else []


def _suppression(acceptance: Acceptance) -> Object:
    return {
        "kind": "inSource",
        "status": "accepted",
        "justification": escape.visible(acceptance.reason),
        "location": {
            "physicalLocation": {
                "artifactLocation": artifact(acceptance.path),
                "region": {"startLine": acceptance.line},
            }
        },
        "properties": {"until": acceptance.until.isoformat()},
    }


def _fix(suggestion: Suggestion) -> Object:
    replacement: Object = {"deletedRegion": {"startLine": suggestion.line, "endLine": suggestion.end_line}}
    if suggestion.replacement:
        replacement["insertedContent"] = {"text": suggestion.written}
    else:
        replacement["deletedRegion"] = {
            "startLine": suggestion.line,
            "startColumn": 1,
            "endLine": suggestion.end_line + 1,
            "endColumn": 1,
        }
    change = {"artifactLocation": artifact(suggestion.path), "replacements": [replacement]}
    note = escape.text(suggestion.note)
    description = f"Proven by EKS Review: the check passes with it. {note}".strip()
    return {"description": {"text": description}, "artifactChanges": [change]}
