"""Findings of several checks that one edit settles stand in one comment, with one suggestion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.github.plan import Rendering, comment_body
from reviewer.github.remarks import remarks_of
from reviewer.report.markdown import comment

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

LOGS = 'resource "aws_eks_cluster" "main" {\n  name                      = "prod"\n%s}\n'
ALL = '["api", "audit", "authenticator", "controllerManager", "scheduler"]'
TYPES = "  enabled_cluster_log_types = %s\n"
BOTH = {"select": ("EKS-OBS-101", "EKS-GOV-101")}


def test_log_types_of_both_checks_share_comment_and_suggestion(review_change: ReviewChange) -> None:
    base, head = ({"main.tf": LOGS % (TYPES % types)} for types in (ALL, "[]"))
    [remark] = remarks_of(review_change(base, head, **BOTH), standing=(), barred=())
    assert [each.id for each in remark.members] == ["EKS-GOV-101", "EKS-OBS-101"]
    assert remark.finding.suggestion is not None
    assert remark.finding.suggestion.replacement == TYPES.rstrip("\n") % ALL
    body = comment_body(remark.finding, remark.others, Rendering(summary=lambda *_: "", comment=comment))
    assert body.count("```suggestion") == 1
    assert (
        "This settles `EKS-OBS-101`, too. Medium: Control-plane log types `api`, `controllerManager`, "
        "`scheduler` are off."
    ) in body


def test_without_a_suggestion_too(review_change: ReviewChange) -> None:
    variable = 'variable "types" {\n  default = concat(["api"], [])\n}\n'
    base = {"main.tf": LOGS % (TYPES % ALL)}
    head = {
        "main.tf": variable.replace('concat(["api"], [])', "[]") + LOGS % (TYPES % "concat(var.types, [])")
    }
    [remark] = remarks_of(review_change(base, head, **BOTH), standing=(), barred=())
    assert {each.id for each in remark.members} == {"EKS-GOV-101", "EKS-OBS-101"}


def test_a_comment_that_stands_keeps_its_own_finding(review_change: ReviewChange) -> None:
    base, head = ({"main.tf": LOGS % (TYPES % types)} for types in (ALL, "[]"))
    review = review_change(base, head, **BOTH)
    marks = {each.id: each.fingerprint for each in review.findings}
    [remark] = remarks_of(review, standing={marks["EKS-OBS-101"]}, barred=())
    assert [each.id for each in remark.members] == ["EKS-OBS-101", "EKS-GOV-101"]


def test_other_findings_on_the_same_line_have_comments_of_their_own(review_change: ReviewChange) -> None:
    group = 'resource "aws_eks_node_group" "a" {\n  capacity_type  = "SPOT"\n  instance_types = %s\n}\n'
    base = {"main.tf": group % '["m5.large", "m6i.large", "m7i.large"]'}
    head = {"main.tf": group % '["m4.16xlarge"]'}
    select = ("EKS-COST-101", "EKS-COST-102", "EKS-COST-103")
    review = review_change(base, head, select=select)
    found = remarks_of(review, standing=(), barred=())
    assert sorted([each.id for each in remark.members] for remark in found) == [[each] for each in select]


SHARED = 'locals {\n  kind = "%s"\n}\n'
DISK = 'resource "aws_ebs_volume" "%s" {\n  size = 10\n  type = local.kind\n}\n'
ACCEPTED = '# eks-review:ignore EKS-COST-105 reason="it goes away next week" until=2026-12-20\n'


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(DISK % "a" + DISK % "b", {"aws_ebs_volume.a": (False, 1)}, id="one line causes both"),
        pytest.param(
            ACCEPTED + DISK % "a" + DISK % "b" + DISK % "c",
            {"aws_ebs_volume.a": (True, 0), "aws_ebs_volume.b": (False, 1)},
            id="what is accepted of one is not of the others",
        ),
        pytest.param(
            DISK % "a" + ACCEPTED + DISK % "b",
            {"aws_ebs_volume.a": (False, 0), "aws_ebs_volume.b": (True, 0)},
            id="nor does it hide that one is accepted",
        ),
    ],
)
def test_problems_of_one_line_are_one_finding_unless_one_is_accepted(
    review_change: ReviewChange, code: str, expected: dict[str, tuple[bool, int]]
) -> None:
    base, head = ({"main.tf": SHARED % kind + code} for kind in ("gp3", "gp2"))
    found = review_change(base, head, select=("EKS-COST-105",)).findings
    assert {each.address: (each.is_accepted, len(each.also)) for each in found} == expected


PROVIDER = 'provider "aws" {\n  default_tags {\n    tags = { Environment = "prod", %s }\n  }\n}\n'
BUCKET = 'resource "aws_s3_bucket" "%s" {\n  bucket = "%s"\n}\n'
TAGS = {"select": ("EKS-COST-201",)}


def test_tags_that_the_default_tags_lack_are_one_comment_where_the_first_is_added(
    review_change: ReviewChange,
) -> None:
    provider = {"providers.tf": PROVIDER % 'Owner = "a"'}
    buckets = {f"{each}.tf": BUCKET % (each, each) for each in ("one", "two")}
    [found] = review_change(provider, provider | buckets, **TAGS).findings
    assert (found.address, [each.address for each in found.also]) == (
        "aws_s3_bucket.one",
        ["aws_s3_bucket.two"],
    )
    assert (found.path, found.comment_line) == ("one.tf", 1)
    assert found.hint.startswith(
        "Add `CostCenter` to the provider's `default_tags` (`providers.tf:2`), once for all"
    )


def test_or_at_the_default_tags_that_the_change_writes(review_change: ReviewChange) -> None:
    buckets = {f"{each}.tf": BUCKET % (each, each) for each in ("one", "two")}
    base, head = (
        {"providers.tf": PROVIDER % each} for each in ('CostCenter = "1", Owner = "a"', 'Owner = "a"')
    )
    [found] = review_change(base | buckets, head, **TAGS).findings
    assert (found.address, len(found.also)) == ("aws_s3_bucket.one", 1)
    assert (found.path, found.comment_line) == ("providers.tf", 2)


ALIKE = """
variable "policies" {
  default = { ebs = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy" }
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  eks_managed_node_group_defaults  = { iam_role_additional_policies = var.policies }
  self_managed_node_group_defaults = { iam_role_additional_policies = var.policies }
}
"""


def test_one_line_that_supplies_two_arguments_is_told_once(review_change: ReviewChange) -> None:
    base = {"main.tf": ALIKE.replace("AmazonEBSCSIDriverPolicy", "AmazonEC2ContainerRegistryPullOnly")}
    [found] = review_change(base, {"main.tf": ALIKE}, select=("EKS-SEC-207",)).findings
    assert (found.address, found.line, found.also) == ("module.eks", 3, ())
