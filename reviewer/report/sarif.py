"""``--format sarif``: the review in SARIF 2.1.0, for code scanning and for viewers of such files.

Source: the standard, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html. GitHub departs
from it: code scanning opens an alert for every result, also for one that is suppressed, fixed or of kind
``pass``. Therefore the action writes its file with open findings alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer import escape
from reviewer.report.indented import indented
from reviewer.report.sarif_results import SOURCE_ROOT, artifact, result
from reviewer.report.sarif_tool import Tool
from reviewer.review import Conclusion, Coverage, NotAnalysed, Notice, Review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.report.sarif_tool import Object

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
CATEGORY = "eks-review/"
"""The same for reviews and audits: code scanning compares a branch with its target within a category."""


def dump(review: Review, *, open_only: bool = False, repository: str | None = None) -> str:
    """Return ``review`` as SARIF ending in a newline; the same review gives the same text.

    ``open_only`` leaves out what is fixed, accepted or no longer evaluable. ``repository`` is the web address
    of the reviewed repository, where known.
    """
    run = _run(review, repository, open_only=open_only)
    return indented({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _run(review: Review, repository: str | None, *, open_only: bool) -> Object:
    findings = [each for each in review.findings if each.counts or not open_only]
    tool = Tool.of(findings)
    has_suppressed = any(each.is_accepted for each in findings)
    run: Object = {
        "tool": tool.document(),
        "automationDetails": {
            "id": CATEGORY,
            "description": {"text": f"The {review.mode} of {review.today} by EKS Review."},
        },
        "invocations": [_invocation(review)],
        "originalUriBaseIds": {SOURCE_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [result(each, tool, review.mode, has_suppressed=has_suppressed) for each in findings],
        "properties": _properties(review),
    }
    if repository and review.head:
        provenance = {
            "repositoryUri": repository,
            "revisionId": review.head,
            "mappedTo": {"uriBaseId": SOURCE_ROOT},
        }
        run["versionControlProvenance"] = [provenance]
    return run


def _invocation(review: Review) -> Object:
    """An incomplete review did not succeed; one that fails the gate did."""
    return {
        "executionSuccessful": review.verdict.conclusion is not Conclusion.ERROR,
        "exitCode": review.verdict.exit_code,
        "exitCodeDescription": escape.text(review.verdict.reason),
        "toolExecutionNotifications": [
            *(_not_analysed(each) for each in review.coverage.files_not_analysed),
            *_not_evaluated(review.coverage),
        ],
        "toolConfigurationNotifications": [_notice(each) for each in review.notices],
    }


def _not_analysed(file: NotAnalysed) -> Object:
    return {
        "descriptor": {"id": "not-analysed", "index": 0},
        "level": "error",
        "message": {"text": f"Not analysed: {escape.text(file.reason)}"},
        "locations": [{"physicalLocation": {"artifactLocation": artifact(file.path)}}],
    }


def _not_evaluated(coverage: Coverage) -> Iterator[Object]:
    for each in coverage.not_evaluated:
        place = f"{escape.visible(each.id)} on {escape.visible(each.address)}"
        yield {
            "descriptor": {"id": "not-evaluated", "index": 1},
            "level": "note",
            "message": {"text": f"{place} is undecided: {escape.text(each.reason)}"},
        }


def _notice(notice: Notice) -> Object:
    document: Object = {
        "descriptor": {"id": "notice", "index": 2},
        "level": "warning",
        "message": {"text": escape.text(notice.message)},
    }
    if notice.path is not None:
        physical: Object = {"artifactLocation": artifact(notice.path)}
        if notice.line is not None:
            physical["region"] = {"startLine": notice.line}
        document["locations"] = [{"physicalLocation": physical}]
    return document


def _properties(review: Review) -> Object:
    scores = {
        str(each.pillar): {"score": each.score, "base": each.base, "target": each.target}
        for each in review.scorecard.pillars
    }
    return {
        "mode": str(review.mode),
        "base": review.base,
        "head": review.head,
        "today": review.today.isoformat(),
        "conclusion": str(review.verdict.conclusion),
        "scorecard": scores,
    }
