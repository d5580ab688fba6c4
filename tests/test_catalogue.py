"""The catalogue is the one that was promised, and every bullet of the quality document has checks behind it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.checks import CHECKS
from reviewer.cli.main import main
from reviewer.docs import quality_document as coverage
from reviewer.finding import Severity
from reviewer.issues import ISSUES
from reviewer.quality_document import document_issues

if TYPE_CHECKING:
    import pytest

PROMISED = Path(__file__).parent / "catalogue.txt"
FIELDS = ("id", "name", "severity", "pillar", "scope", "default")


def promised() -> list[tuple[str, ...]]:
    lines = PROMISED.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split()) for line in lines if not line.startswith("#")]


def test_the_command_lists_exactly_what_was_promised(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "--format", "json"]) == 0
    listed = {tuple(each[field] for field in FIELDS) for each in json.loads(capsys.readouterr().out)}
    assert sorted(listed) == sorted(promised())
    assert len(promised()) == 141


def test_every_bullet_has_a_check_and_every_check_a_bullet() -> None:
    issues = document_issues()
    bullets = [each for issue in issues.values() for each in (*issue.details, *issue.resolutions)]
    assert [each.text for each in bullets if not each.checks] == []
    assert {check for each in bullets for check in each.checks} == set(CHECKS)
    assert (len(bullets), len({each.text for each in bullets})) == (131, 131)


def test_the_data_is_about_the_issues_that_there_are_and_an_issue_has_checks_of_its_own() -> None:
    issues = document_issues()
    assert list(issues) == list(ISSUES)
    for number, issue in issues.items():
        own = {each.id for each in CHECKS.values() if each.issue == number}
        named = {check for bullet in (*issue.details, *issue.resolutions) for check in bullet.checks}
        assert own <= named, f"a check of {number} is behind no bullet of it"


def test_the_page_shows_each_bullet_with_links_to_its_checks() -> None:
    page = coverage.page()
    assert (
        "### 7.1 Missing compliance controls\n\nSeverity: high (for regulated industries). Impact: " in page
    )
    assert (
        "| what to do | Use AWS Config rules for compliance | [EKS-GOV-106](checks/EKS-GOV-106.md) |\n"
        in page
    )
    assert len(re.findall(r"^\| (?:problem|what to do) \| .+ \| \[EKS-.+ \|$", page, re.MULTILINE)) == 131
    assert document_issues()["2.1"].severity is Severity.CRITICAL
