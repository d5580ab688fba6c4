"""What people read on the pull request."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reviewer.finding import Location, Placement, Severity
from reviewer.report import Format, Look, markdown, render
from reviewer.review import Conclusion, Coverage, Mode, NotEvaluated, Notice, Verdict
from tests.samples import (
    CLEAN,
    CMK,
    ENDPOINT,
    HEAD,
    HOSTILE_TEXTS,
    LOGS,
    REVIEW,
    SECRET,
    TAGS,
    finding,
    hostile,
)
from tests.test_escape import Page, assert_harmless


def link(path: str, line: int) -> str:
    return f"https://github.example/acme/infra/blob/{HEAD}/{path}#L{line}"


def sections(text: str) -> list[str]:
    starts = ("## ", "### ", "<summary>")
    return [line.strip("# ") for line in text.split("\n") if line.startswith(starts)]


def test_the_summary_says_the_verdict_first_and_the_suppressions_on_top() -> None:
    text = markdown.summary(REVIEW)
    coverage = "Coverage: 6 of 7 changed files analysed; 72 checks on 9 touched blocks, 3 undecided"

    assert text.startswith(
        "<!-- eks-review:summary -->\n"
        "## ❌ EKS Review: changes needed\n\n"
        "3 findings of high severity or worse are introduced by this change (gate: high).\n\n"
        "**5 introduced, 1 existing, 1 fixed, 1 no longer evaluable, 1 accepted**\n"
    )
    assert sections(text) == [
        "❌ EKS Review: changes needed",
        "⚠️ Suppressions added by this change",
        "Scorecard",
        "⚠️ Not analysed",
        "Introduced by this change (5)",
        "Fixed by this change (1) 🎉",
        "Notices",
        "<summary>Already there, on what this change touches: 1</summary>",
        "<summary>No longer evaluable: 1</summary>",
        "<summary>Accepted by a suppression: 1</summary>",
        f"<summary>{coverage}</summary>",
        "<summary>How the scores come about</summary>",
    ]


def test_the_scorecard_is_narrow_enough_for_a_phone() -> None:
    text = markdown.summary(REVIEW).replace("\u00a0", " ")
    rows = [line for line in text.split("\n") if line.startswith("| ")]

    assert rows == [
        "| Pillar | Score | Drivers |",
        "| :-- | :-- | :-- |",
        "| Security<br>`████░░░░░░` | 83 → **41** ✘<br>target 95 | `EKS-SEC-107`<br>`EKS-SEC-301` +2 |",
        "| Reliability<br>`██████████` | 83 → **100** ✔<br>target 95 |  |",
        "| Performance | _not assessed_<br>target 90 |  |",
        "| Cost Optimization<br>`█████████░` | **≈97** ✔<br>target 85 | `EKS-COST-201` |",
        "| Operational Excellence<br>`█████████░` | 100 → **93** ✔<br>target 90 | `EKS-OBS-101` |",
    ]
    assert "3 of 4 assessed pillars meet their target. `≈` means" in text


def test_the_scorecard_explains_itself() -> None:
    _, _, rest = markdown.summary(REVIEW).partition("<summary>How the scores come about</summary>\n\n")

    security = "10000/(100+140): 1 × critical EKS-SEC-107, 1 × critical EKS-SEC-301, 1 × high EKS-SEC-108"
    security += ", 1 more check · fixing EKS-SEC-107 alone gives 52 · 4 undecided · 1 accepted"
    cost = "10000/(100+2.5): 2 × low EKS-COST-201 · fixing EKS-COST-201 alone gives 100 · 5 undecided"
    operations = "10000/(100+7): 1 × medium EKS-OBS-101 · fixing EKS-OBS-101 alone gives 100"
    assert rest.partition("\n\n</details>")[0].split("\n") == [
        f"- **Security:** {security}",
        "- **Reliability:** 12 checks passed · 1 undecided",
        f"- **Cost Optimization:** {cost}",
        f"- **Operational Excellence:** {operations}",
    ]


def test_an_inline_finding_is_one_line_and_a_summary_finding_tells_all() -> None:
    text = markdown.summary(REVIEW, link)

    assert (
        "- 🔴 **The Kubernetes API endpoint answers the whole internet**<br>critical · [`EKS-SEC-107`]"
        f"({ENDPOINT.docs}) · [`infra/prod.auto.tfvars:3`]({link('infra/prod.auto.tfvars', 3)}) "
        "· `aws_eks_cluster.main`\n- 🔴 **A secret" in text
    )
    assert ENDPOINT.message not in text
    assert f"  {TAGS.message}\n\n  **Fix:** Add them" in text
    assert "\n  ```hcl\n  default_tags {\n" in text


def test_the_coverage_groups_what_is_undecided_by_its_reason() -> None:
    text = markdown.summary(REVIEW)

    assert (
        "- 2 × `var.subnet_ids` has no value: `EKS-SEC-110` `aws_eks_node_group.main`, "
        "`EKS-REL-101` `aws_eks_cluster.main`\n- 1 × `data.aws_iam_policy.boundary`" in text
    )


def test_without_findings_there_is_verdict_scorecard_and_coverage() -> None:
    text = markdown.summary(CLEAN)

    scores = "<summary>How the scores come about</summary>"
    assert sections(text) == ["✅ EKS Review: passed", "Scorecard", scores]
    assert "\nCoverage: 2 of 2 changed files analysed; 25 checks on 3 touched blocks, 0 undecided.\n" in text


def test_an_incomplete_review_never_looks_like_a_success() -> None:
    review = replace(CLEAN, verdict=Verdict(Conclusion.ERROR, "1 file could not be read."))

    assert "## ⚠️ EKS Review: incomplete\n\n1 file could not be read.\n" in markdown.summary(review)


def test_an_audit_calls_its_findings_findings() -> None:
    text = markdown.summary(replace(REVIEW, mode=Mode.AUDIT, base=None))

    assert "### Findings (6)" in text
    assert "### Scorecard (full score of everything)" in text
    assert "Coverage: 6 of 7 files analysed; 72 checks on 9 blocks, 3 undecided" in text
    assert "introduced" not in text.split("Scorecard")[1].split("<sub>")[0].lower()


def test_the_job_summary_tells_every_finding_in_full_and_has_no_marker() -> None:
    text = markdown.job_summary(REVIEW)

    assert text.startswith("## ❌")
    assert all(f"{each.message}\n" in text for each in (ENDPOINT, SECRET, CMK, LOGS))
    assert render(Format.MARKDOWN, REVIEW, Look()) == text


def test_a_comment_says_what_why_and_how_with_a_suggestion() -> None:
    assert markdown.comment(LOGS, link) == (
        "<!-- eks-review:finding a1b2c3d4e5f60718 -->\n"
        "🟡 **medium: Control plane logs are incomplete**\n\n"
        "`enabled_cluster_log_types` lacks `audit` and `authenticator`: nobody can tell who did what.\n\n"
        "**Fix:** Send all five log types to CloudWatch.\n\n"
        "```suggestion\n"
        '  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]\n'
        "```\n\n"
        "_Applied in place; CloudWatch bills the additional logs._\n\n"
        f"<sub>[`EKS-OBS-101`]({LOGS.docs}) · Operational Excellence · `aws_eks_cluster.main`</sub>\n\n"
        "<details>\n<summary>Not a problem here?</summary>\n\n"
        "Say why, and until when, in a comment above the line: "
        '`# eks-review:ignore EKS-OBS-101 reason="…" until=YYYY-MM-DD`\n\n'
        "It counts [once it is merged](https://github.com/eks-review/eks-review/blob/main/docs/"
        "suppressions.md#in-the-open), unless your configuration lets new ones count at once.\n\n"
        "</details>"
    )


def test_where_there_is_no_button_a_suggestion_is_a_diff() -> None:
    assert (
        "  ```diff\n"
        '  -   enabled_cluster_log_types = ["api"]\n'
        '  +   enabled_cluster_log_types = ["api", "audit"' in markdown.job_summary(REVIEW)
    )
    assert "```diff" not in markdown.summary(REVIEW)


def test_a_message_that_repeats_the_title_is_left_out() -> None:
    body = markdown.comment(finding(title="Open to `all`", message="Open to `all`.", hint="Close it."))

    assert "🟠 **high: Open to `all`**\n\n**Fix:** Close it.\n\n<sub>" in body


def test_a_finding_without_advice_has_no_empty_lines() -> None:
    body = markdown.comment(finding(message="Bad.", hint="", docs=""))

    assert "own**\n\nBad.\n\n<sub>`EKS-SEC-306`" in body


def test_a_suggestion_is_word_for_word_even_with_fences_inside() -> None:
    assert LOGS.suggestion is not None
    text = '  description = "```x```"'
    body = markdown.comment(replace(LOGS, suggestion=replace(LOGS.suggestion, replacement=text)))

    assert f"````suggestion\n{text}\n````\n" in body


def test_a_suggestion_that_deletes_has_no_lines() -> None:
    assert LOGS.suggestion is not None
    body = markdown.comment(replace(LOGS, suggestion=replace(LOGS.suggestion, replacement="")))

    assert "```suggestion\n```\n" in body


@pytest.mark.parametrize(
    ("path", "line", "comment_line", "origins", "sentence"),
    [
        ("a.tf", 5, 5, [("a.tf", 5)], None),
        ("a.tf", 5, 5, [("a.tf", 5), ("b.tfvars", 3)], "The value comes from `b.tfvars:3`."),
        ("a.tf", 5, 5, [("b.tf", 9), ("b.tfvars", 3)], "The value comes from `b.tfvars:3`."),
        ("b.tfvars", 3, 3, [("a.tf", 5), ("a.tf", 7)], "See also `a.tf:5`, `a.tf:7`."),
        ("a.tf", 5, 5, [("variables.tf", 2)], "See also `variables.tf:2`."),
        ("a.tf", 5, 5, [("b.tf", 9), ("b.tf", 9), ("c.tf", 1)], "See also `b.tf:9`, `c.tf:1`."),
        ("a.tf", 5, 8, [("a.tf", 5)], "This is about `a.tf:5`."),
        ("a.tf", 5, 8, [("b.tfvars", 3)], "This is about `a.tf:5`. The value comes from `b.tfvars:3`."),
    ],
)
def test_a_comment_says_where_the_value_is_when_it_is_elsewhere(
    path: str, line: int, comment_line: int, origins: list[tuple[str, int]], sentence: str | None
) -> None:
    places = tuple(Location(where, number, number) for where, number in origins)
    body = markdown.comment(
        finding(path=path, line=line, end_line=line, comment_line=comment_line, origins=places)
    )

    assert (f"\n\n{sentence}\n\n<sub>" in body) if sentence else ("See also" not in body)


def test_an_imported_finding_names_its_tool() -> None:
    body = markdown.comment(finding(id="CKV_AWS_39", source="checkov", docs=""))

    assert "<sub>`CKV_AWS_39` · Security · `aws_eks_cluster.main` · found by `checkov`</sub>" in body


def test_json_files_have_no_comments_to_suppress_in() -> None:
    assert "eks-review:ignore" not in markdown.comment(finding(path="main.tf.json", origins=()))


def test_places_are_plain_when_there_is_no_address() -> None:
    assert "· `infra/eks.tf:12` ·" in markdown.summary(REVIEW, lambda _path, _line: None)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_hostile_texts_stay_texts(text: str) -> None:
    review = hostile(text)
    posted = [markdown.summary(review, link), *(markdown.comment(each, link) for each in review.findings)]

    assert max(map(len, posted)) <= 60_000
    for body in (*posted, markdown.job_summary(review, link)):
        page = Page(body)
        assert_harmless(page)
        assert page.comments in ([], ["eks-review:summary"], [body.split("\n")[0][5:-4]])
        assert page.tags.count("details") == page.ends.count("details")
        assert "details" in page.tags or body.startswith("<!-- eks-review:finding")


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, 700), st.integers(4_000, 70_000))
def test_the_summary_keeps_its_budget_and_its_form(count: int, limit: int) -> None:
    findings = tuple(
        finding(fingerprint=f"f{n}", line=n + 1, end_line=n + 1, placement=Placement.SUMMARY)
        for n in range(count)
    )
    text = markdown.summary(replace(REVIEW, findings=(*REVIEW.findings, *findings)), link, limit)

    assert len(text) <= limit
    assert text.startswith("<!-- eks-review:summary -->\n## ❌ EKS Review: changes needed\n")
    assert text.count("```") % 2 == 0
    assert text.count("<details>") == text.count("</details>")
    assert "| Security<br>" in text
    assert text.rstrip().endswith("</sub>")


def test_what_is_left_out_is_said() -> None:
    findings = tuple(
        finding(fingerprint=f"f{n}", severity=Severity.LOW, placement=Placement.SUMMARY, comment_line=None)
        for n in range(300)
    )
    text = markdown.summary(replace(REVIEW, findings=(*REVIEW.findings, *findings)))
    shown = text.split("### Introduced")[1].split("### ")[0].count("\n- ")

    assert f"_… and {305 - shown} more._" in text
    assert f"_Left out for length: {305 - shown} findings" in text
    assert "The job summary has all of it._\n\n<sub>" in text
    assert "### Notices" in text


def test_what_does_not_fit_goes_from_the_least_important_up() -> None:
    text = markdown.summary(REVIEW, limit=4_800)

    left_out = "1 existing finding, 4 explained scores"
    assert f"_Left out for length: {left_out}. The job summary has all of it._" in text
    assert "Already there" not in text
    assert "<summary>Accepted by a suppression: 1</summary>" in text


def test_many_notices_leave_room_for_findings() -> None:
    notices = tuple(Notice(f"Notice {n} " + "x" * 200) for n in range(500))
    text = markdown.summary(replace(REVIEW, notices=notices))

    assert "### Introduced by this change (5)" in text
    assert SECRET.title in text


def test_the_job_summary_keeps_within_bytes_not_characters() -> None:
    findings = tuple(finding(fingerprint=f"f{n}", message="ä" * 3000) for n in range(400))
    text = markdown.job_summary(replace(REVIEW, findings=findings))

    assert len(text.encode()) <= 1_000_000
    assert "findings. `--format json` has all of it._" in text


def test_a_long_list_of_undecided_checks_is_shortened() -> None:
    undecided = tuple(NotEvaluated("EKS-SEC-110", f"aws_x.n{n}", "`var.x` has no value") for n in range(8))
    text = markdown.summary(replace(REVIEW, coverage=Coverage(1, 1, (), 8, 8, undecided)))

    assert "- 8 × `var.x` has no value: `EKS-SEC-110` `aws_x.n0`" in text
    assert "`aws_x.n4`, and 3 more\n" in text
