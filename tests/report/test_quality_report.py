"""The living quality report: complete, in the order of the document, and the same until something changes."""

from __future__ import annotations

import difflib
import re
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from reviewer.finding import Severity
from reviewer.issues import ISSUES, SECTIONS
from reviewer.report import Format, Look, markdown, render
from reviewer.review import Mode
from tests.report.quality_platform import PLATFORM, audited, report
from tests.samples import HOSTILE_TEXTS, REVIEW, TAGS, finding, hostile
from tests.test_escape import Page, assert_harmless

GOLDEN = Path(__file__).parent / "quality_report.md"


def test_the_report_of_a_small_platform() -> None:
    """When a change is meant, ``GOLDEN.write_text(report())`` writes it down; read the difference."""
    assert report() == GOLDEN.read_text(encoding="utf-8")


def test_the_report_stays_the_same_while_nothing_it_tells_changes() -> None:
    moved = {
        path: f"# moved\n\n\n{text}" if path.endswith(".tf") else text for path, text in PLATFORM.items()
    }
    assert report(moved, date(2026, 11, 30)) == report()
    elsewhere = replace(audited(), head="0f4c2d1a9b8e7d6c5b4a39281706f5e4d3c2b1a0")
    assert render(Format.MARKDOWN, elsewhere) == report()


def test_what_is_fixed_changes_only_the_lines_about_it() -> None:
    fixed = {
        path: text.replace('["api"]', '["api", "audit", "authenticator", "controllerManager", "scheduler"]')
        for path, text in PLATFORM.items()
    }
    diff = difflib.ndiff(report().splitlines(), report(fixed).splitlines())
    changed = [line[2:] for line in diff if line.startswith(("- ", "+ ")) and line[2:].strip()]
    about = re.compile(
        r"EKS-OBS-101|EKS-GOV-101|The control plane|Nobody can tell|Control-plane log types|`audit`|"
        r"Turn on all five|findings? (?:is|are)|\[(?:4\.1|7\.1) |\*\*Found:\*\*|^\d of \d|"
        r"^\| (?:Security|Operational Excellence) \|"
    )
    assert changed
    assert [line for line in changed if not about.search(line)] == []


def test_every_section_and_issue_of_the_document_stands_in_its_order() -> None:
    text = report().split("<!-- eks-review:details -->")[1]
    headings = [line.lstrip("# ") for line in text.splitlines() if re.match(r"###? \d", line)]
    expected = []
    for number, title in SECTIONS.items():
        expected.append(f"{number}. {title}")
        expected += [f"{key} {name}" for key, name in ISSUES.items() if key.split(".")[0] == number]
    assert headings == expected


def test_links_of_the_overview_lead_to_the_headings() -> None:
    text = report()
    fragments = re.findall(r"^\| \[[^\]]+\]\(#([^)]+)\)", text, re.MULTILINE)
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    assert fragments == [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_stay_texts(text: str) -> None:
    body = markdown.quality_report(replace(hostile(text), mode=Mode.AUDIT))
    page = Page(body)
    assert_harmless(page)
    assert page.comments == ["eks-review:details"]
    assert len(body.encode()) <= 1_000_000


def test_a_place_links_to_its_line_where_there_are_addresses() -> None:
    look = Look(link=lambda path, line: f"https://github.example/acme/blob/main/{path}#L{line}")
    text = render(Format.MARKDOWN, audited(), look)
    assert (
        "- [`live/data.tf`](https://github.example/acme/blob/main/live/data.tf#L8) · `aws_db_instance.o"
        in text
    )


def test_a_long_report_lists_fewer_places_and_says_so() -> None:
    many = tuple(
        replace(TAGS, address=f"aws_s3_bucket.b{number:03}", path=f"infra/{number:03}.tf")
        for number in range(150)
    )
    review = replace(REVIEW, mode=Mode.AUDIT, findings=many)
    whole = markdown.quality_report(review)
    assert "`aws_s3_bucket.b149`" in whole
    short = markdown.quality_report(review, limit=len(whole.encode()) * 2 // 3)
    assert "`aws_s3_bucket.b019`" in short
    assert "`aws_s3_bucket.b020`" not in short
    assert "_… and 130 more; `--format json` has them all._" in short


def test_findings_that_differ_in_their_line_only_are_one_place() -> None:
    twice = (finding(line=3, end_line=3), finding(line=9, end_line=9))
    text = markdown.quality_report(replace(REVIEW, mode=Mode.AUDIT, findings=twice))
    assert text.count("- `infra/eks.tf` · `aws_eks_cluster.main` (2 times): The cluster has no") == 1


def test_what_another_tool_found_is_told_apart() -> None:
    other = finding(
        id="CKV_AWS_999", issue="", severity=Severity.LOW, source="checkov", docs="https://example.com/x"
    )
    text = markdown.quality_report(replace(REVIEW, mode=Mode.AUDIT, findings=(other,)))
    assert text.split("## Found by other tools\n\n")[1].startswith(
        "#### 🔵 Low: Kubernetes secrets are not encrypted with a key of your own (1)\n\n"
        "[`CKV_AWS_999`](https://example.com/x) · found by `checkov`\n"
    )
