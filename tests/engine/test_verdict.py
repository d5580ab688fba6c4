"""The verdict, suppressions, coverage and the places of comments, on whole reviews."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from reviewer.checks import CHECKS
from reviewer.config.choices import FailOn, Gate, Incomplete, NewSuppressions
from reviewer.config.rule_kinds import PathRule, SeverityRule
from reviewer.finding import Acceptance, Pillar, Placement, Severity, Status
from reviewer.review import Conclusion
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context
    from tests.engine.conftest import ReviewChange

MODULES = {
    "eks": "terraform-aws-modules/eks/aws",
    "group": "terraform-aws-modules/eks/aws//modules/eks-managed-node-group",
    "vpc": "terraform-aws-modules/vpc/aws",
    "addons": "aws-ia/eks-blueprints-addons/aws",
    "irsa": "terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks",
    "ports": "terraform-aws-modules/security-group/aws",
    "cloudposse": "cloudposse/eks-cluster/aws",
    "nodes": "cloudposse/eks-node-group/aws",
}

OPEN = """\
resource "aws_eks_cluster" "main" {
  name = "prod"

  vpc_config {
    subnet_ids              = []
    endpoint_private_access = true
    public_access_cidrs     = ["0.0.0.0/0"]
  }
}
"""
CLOSED = OPEN.replace("0.0.0.0/0", "198.51.100.0/24")
ONLY = {"select": ("EKS-SEC-107",)}
IGNORE = '# eks-review:ignore EKS-SEC-107 reason="a lab" until=2027-01-31'


def ignored(text: str) -> str:
    return text.replace("    public_access", f"    {IGNORE}\n    public_access")


def test_introduced_finding_fails_the_gate(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLOSED}, {"main.tf": OPEN}, **ONLY)
    assert (review.verdict.conclusion, review.verdict.exit_code) == (Conclusion.FAILURE, 1)
    assert review.verdict.reason == "1 new finding is high or worse."


@pytest.mark.parametrize(("fail_on", "code"), [("critical", 1), ("never", 0)])
def test_fail_on_decides(review_change: ReviewChange, fail_on: str, code: int) -> None:
    review = review_change({"main.tf": CLOSED}, {"main.tf": OPEN}, fail_on=FailOn(fail_on), **ONLY)
    assert review.verdict.exit_code == code


VOLUME = 'resource "aws_ebs_volume" "data" {\n  size = 10\n  type = "gp%s"\n}\n'
PROMPT = {"select": ("EKS-COST-105",), "fail_on": FailOn.LOW}


class TestPrompts:
    """Findings about cost are prompts: they never fail a review by themselves."""

    def test_a_finding_about_cost_passes_any_gate(self, review_change: ReviewChange) -> None:
        review = review_change({"main.tf": VOLUME % 3}, {"main.tf": VOLUME % 2}, **PROMPT)
        assert [(each.id, each.status) for each in review.findings] == [("EKS-COST-105", Status.INTRODUCED)]
        assert (review.verdict.exit_code, review.verdict.reason) == (
            0,
            "No new finding that counts is low or worse; those about cost are only prompts.",
        )

    def test_of_medium_severity_too(self, review_change: ReviewChange) -> None:
        spot = 'resource "aws_eks_node_group" "a" {\n  capacity_type = "SPOT"\n  instance_types = %s\n}\n'
        base = {"main.tf": spot % '["m5.large", "m6i.large", "m7i.large"]'}
        head = {"main.tf": spot % '["m5.large"]'}
        review = review_change(base, head, select=("EKS-COST-103",), fail_on=FailOn.MEDIUM)
        assert [each.severity.value for each in review.findings] == ["medium"]
        assert review.verdict.exit_code == 0

    @pytest.mark.parametrize(
        "config",
        [
            {"severity": (SeverityRule("EKS-COST-105", Severity.LOW),)},
            {"severity": (SeverityRule("EKS-COST", Severity.HIGH),)},
            {"paths": (PathRule("*.tf", severity=(SeverityRule("gp2-volume", Severity.LOW),)),)},
        ],
    )
    def test_the_configuration_can_make_it_count(
        self, review_change: ReviewChange, config: dict[str, Any]
    ) -> None:
        review = review_change({"main.tf": VOLUME % 3}, {"main.tf": VOLUME % 2}, **PROMPT, **config)
        assert review.verdict.exit_code == 1

    def test_other_findings_count_beside_it(self, review_change: ReviewChange) -> None:
        head = {"main.tf": VOLUME % 2 + OPEN}
        select = ("EKS-COST-105", "EKS-SEC-107")
        review = review_change({"main.tf": VOLUME % 3}, head, fail_on=FailOn.LOW, select=select)
        assert review.verdict.reason == "1 new finding is low or worse."


@pytest.mark.parametrize(("gate", "code"), [(Gate.INTRODUCED, 0), (Gate.TOUCHED, 1)])
def test_existing_findings_fail_only_the_wider_gate(
    review_change: ReviewChange, gate: Gate, code: int
) -> None:
    head = OPEN.replace('"prod"', '"live"')
    review = review_change({"main.tf": OPEN}, {"main.tf": head}, gate=gate, **ONLY)
    assert ([each.status for each in review.findings], review.verdict.exit_code) == ([Status.EXISTING], code)


def test_change_without_terraform_has_nothing_to_review(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": OPEN}, {"notes.txt": "hello\n"})
    assert review.verdict.reason == "The change touches no Terraform code: nothing to review."
    assert [each.score for each in review.scorecard.pillars] == [None] * 5


def test_suppression_on_the_base_branch_counts(review_change: ReviewChange) -> None:
    base = ignored(CLOSED)
    review = review_change(
        {"main.tf": base}, {"main.tf": base.replace("198.51.100.0/24", "0.0.0.0/0")}, **ONLY
    )
    assert [each.suppressed for each in review.findings] == [
        Acceptance("a lab", date(2027, 1, 31), "main.tf", 7)
    ]
    assert review.verdict.exit_code == 0


def test_suppression_that_the_change_adds_waits_for_the_merge(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLOSED}, {"main.tf": ignored(OPEN)}, **ONLY)
    assert [each.suppressed for each in review.findings] == [None]
    assert review.verdict.exit_code == 1
    assert [(each.checks, each.acceptance.line) for each in review.new_suppressions] == [
        (("EKS-SEC-107",), 7)
    ]
    assert "once it is on the base branch" in review.notices[0].message


def test_new_suppressions_can_count_at_once(review_change: ReviewChange) -> None:
    config = {**ONLY, "new_suppressions": NewSuppressions.AT_ONCE}
    review = review_change({"main.tf": CLOSED}, {"main.tf": ignored(OPEN)}, **config)
    assert review.verdict.exit_code == 0
    assert review.findings[0].placement is Placement.SUMMARY


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ('# eks-review:ignore EKS-SEC-107 reason="x"', "until"),
        ("# eks-review:ignore EKS-SEC-107 until=2027-01-31", "reason"),
        ('# eks-review:ignore EKS-SEC-107 reason="x" until=2026-01-31', "2026-01-31"),
        ('# eks-review:ignore EKS-SEC-999 reason="x" until=2027-01-31', "EKS-SEC-999"),
    ],
    ids=["no end", "no reason", "expired", "unknown check"],
)
def test_malformed_suppression_leaves_the_finding_and_is_named(
    review_change: ReviewChange, comment: str, message: str
) -> None:
    base = ignored(CLOSED).replace(IGNORE, comment)
    review = review_change(
        {"main.tf": base}, {"main.tf": base.replace("198.51.100.0/24", "0.0.0.0/0")}, **ONLY
    )
    assert [each.suppressed for each in review.findings] == [None]
    assert [(each.line, message in each.message) for each in review.notices] == [(7, True)]


def test_suppression_above_the_block_covers_it(review_change: ReviewChange) -> None:
    base = f"{IGNORE}\n{CLOSED}"
    review = review_change(
        {"main.tf": base}, {"main.tf": base.replace("198.51.100.0/24", "0.0.0.0/0")}, **ONLY
    )
    assert review.findings[0].suppressed is not None


def test_broken_file_is_never_a_success(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": OPEN}, {"main.tf": OPEN.replace("name = ", "name = = ")}, **ONLY)
    assert (review.verdict.conclusion, review.verdict.exit_code) == (Conclusion.ERROR, 3)
    assert [each.path for each in review.coverage.files_not_analysed] == ["main.tf"]
    assert [each.status for each in review.findings] == [Status.NOT_EVALUABLE]


def test_broken_file_beside_a_finding_still_fails(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLOSED}, {"main.tf": OPEN, "other.tf": "locals {\n"}, **ONLY)
    assert review.verdict.exit_code == 1
    assert "incomplete" in review.verdict.reason


def break_the_search_at_head(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Let clusters be found at the base (which has none to compare with), and not at the head."""
    found = Cluster.find

    def find(context: Context) -> Iterator[Cluster]:
        if context.base is not None:
            raise error
        yield from found(context)

    monkeypatch.setattr(Cluster, "find", find)


def test_subjects_that_an_error_hides_make_the_review_incomplete(
    review_change: ReviewChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_search_at_head(monkeypatch, KeyError("x"))
    review = review_change({"main.tf": CLOSED}, {"main.tf": OPEN}, **ONLY)
    assert (review.verdict.conclusion, review.verdict.exit_code) == (Conclusion.ERROR, 3)
    assert review.verdict.reason == "The review is incomplete: EKS-SEC-107 failed with an internal error."
    (undecided,) = review.coverage.not_evaluated
    assert (undecided.address, undecided.reason) == ("root module", "internal error in Cluster: KeyError")


def test_finding_whose_subject_may_be_hidden_is_not_called_fixed(
    review_change: ReviewChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_the_search_at_head(monkeypatch, UndecidedError("`var.x` has no value in the code"))
    review = review_change({"main.tf": OPEN}, {"main.tf": CLOSED}, **ONLY)
    assert [each.status for each in review.findings] == [Status.NOT_EVALUABLE]
    assert [each.reason for each in review.coverage.not_evaluated] == ["`var.x` has no value in the code"]


def test_incomplete_can_be_neutral(review_change: ReviewChange) -> None:
    review = review_change({}, {"other.tf": "locals {\n"}, incomplete=Incomplete.NEUTRAL)
    assert review.verdict.exit_code == 0
    assert "incomplete" in review.verdict.reason


def test_score_shows_base_and_head(review_change: ReviewChange) -> None:
    review = review_change({"main.tf": CLOSED}, {"main.tf": OPEN}, **ONLY)
    security = review.scorecard.pillars[0]
    assert (security.base, security.score, security.meets) == (100, 66, False)
    assert [each.id for each in security.drivers] == ["EKS-SEC-107"]


def test_supplier_outside_the_diff_is_commented_at_its_use(review_change: ReviewChange) -> None:
    files = {
        "main.tf": CLOSED.replace('["198.51.100.0/24"]', "var.office"),
        "variables.tf": """
            variable "office" {
              default = ["198.51.100.0/24"]
            }
            variable "world" {
              default = ["0.0.0.0/0"]
            }
            """,
    }
    review = review_change(files, {"main.tf": files["main.tf"].replace("var.office", "var.world")}, **ONLY)
    (finding,) = review.findings
    assert (finding.path, finding.comment_line) == ("main.tf", 7)
    assert (finding.origins[0].path, finding.origins[0].line) == ("variables.tf", 6)


def test_finding_far_from_any_changed_line_goes_to_the_summary(review_change: ReviewChange) -> None:
    """The default is bad already, and the change removes the override from the variables file."""
    files = {
        "main.tf": CLOSED.replace('["198.51.100.0/24"]', "var.cidrs"),
        "variables.tf": 'variable "cidrs" {\n  default = ["0.0.0.0/0"]\n}\n',
        "terraform.tfvars": 'cidrs = ["198.51.100.0/24"]\n',
    }
    review = review_change(files, {"terraform.tfvars": "\n"}, **ONLY)
    (finding,) = review.findings
    assert (finding.status, finding.placement, finding.path, finding.line) == (
        Status.INTRODUCED,
        Placement.SUMMARY,
        "variables.tf",
        2,
    )


def test_no_check_breaks_on_a_block_without_arguments(review_change: ReviewChange) -> None:
    """Every type that a check looks at, empty: what is absent must not be an internal error."""
    types = {each for check in CHECKS.values() for each in check.resources if not {":", "*"} & set(each)}
    text = "".join(f'resource "{each}" "empty" {{}}\n' for each in sorted(types))
    text += "".join(f'module "{name}" {{\n  source = "{source}"\n}}\n' for name, source in MODULES.items())
    review = review_change({}, {"main.tf": text + 'provider "aws" {}\n'}, enable=tuple(CHECKS))
    assert [each for each in review.coverage.not_evaluated if each.reason.startswith("internal error")] == []


GROUP = 'resource "aws_security_group" "s" {\n  name = "s"\n}\n'


def test_a_check_is_on_or_off_in_a_folder(review_change: ReviewChange) -> None:
    base = {"a/main.tf": "", "b/main.tf": ""}
    head = {"a/main.tf": GROUP, "b/main.tf": GROUP}

    def found(ignore: tuple[str, ...] = ()) -> list[str]:
        rule = PathRule("a/**", ignore, enable=("EKS-SEC-103",))
        review = review_change(base, head, select=("EKS-SEC-1",), paths=(rule,))
        assert review.scorecard[Pillar.SECURITY].passed == 0
        return [f"{each.path} {each.id}" for each in review.findings]

    assert found() == ["a/main.tf EKS-SEC-103"]
    assert found(ignore=("EKS-SEC-103",)) == []


def test_what_is_off_in_a_folder_counts_for_nothing_there(review_change: ReviewChange) -> None:
    rule = PathRule("a/**", ignore=("EKS-SEC-107",))
    base = {"a/main.tf": "", "b/main.tf": ""}
    review = review_change(base, {"a/main.tf": CLOSED, "b/main.tf": CLOSED}, paths=(rule,), **ONLY)
    assert review.coverage.evaluations == 1
    review = review_change(base, {"a/main.tf": OPEN, "b/main.tf": OPEN}, paths=(rule,), **ONLY)
    assert [each.path for each in review.findings] == ["b/main.tf"]
