"""Every check that says it can suggest does so on a pull request, and what it posts works when applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.checks import CHECKS
from reviewer.checks.check import FixKind, Surface
from reviewer.finding import Placement, Status
from tests.checks.harness import problems

if TYPE_CHECKING:
    from reviewer.checks.check import Check
    from reviewer.finding import Suggestion
    from tests.engine.conftest import ReviewChange

SECTIONS = ("EKS-REL-", "EKS-OBS-", "EKS-COST-")
FIXABLE = [each for each in CHECKS.values() if each.id.startswith(SECTIONS) and each.fix is not FixKind.NONE]


def applied(files: dict[str, str], suggestion: Suggestion) -> dict[str, str]:
    lines = files[suggestion.path].split("\n")
    lines[suggestion.line - 1 : suggestion.end_line] = suggestion.replacement.split("\n")
    return {**files, suggestion.path: "\n".join(lines)}


@pytest.mark.parametrize("check", FIXABLE, ids=[each.id for each in FIXABLE])
def test_the_bad_example_is_repaired_by_what_is_posted(check: Check, review_change: ReviewChange) -> None:
    files = dict(check.documentation.bad.files)
    review = review_change({"README.md": "A platform.\n"}, files)
    [finding] = [each for each in review.findings if each.id == check.id]
    assert (finding.status, finding.placement) == (Status.INTRODUCED, Placement.INLINE)
    assert finding.suggestion is not None
    assert problems(check.id, files) != []
    assert problems(check.id, applied(files, finding.suggestion)) == []


def test_the_checks_that_can_suggest_are_those_of_the_catalogue() -> None:
    assert {each.id for each in FIXABLE} == {
        "EKS-REL-103",
        "EKS-REL-108",
        "EKS-REL-202",
        "EKS-OBS-101",
        "EKS-OBS-102",
        "EKS-OBS-204",
        "EKS-COST-105",
        "EKS-COST-201",
        "EKS-COST-202",
        "EKS-COST-203",
    }
    assert all(each.surface is Surface.INLINE for each in FIXABLE)
