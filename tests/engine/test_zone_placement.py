"""A finding about zones stands on the line of the change that took them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.finding import Placement

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

CLUSTER = 'resource "aws_eks_cluster" "main" {\n  vpc_config {\n    subnet_ids = %s\n  }\n}\n'
DATA = 'data "aws_availability_zones" "ok" {}\n'
NAMES = "data.aws_availability_zones.ok.names"


@pytest.mark.parametrize(
    ("code", "enough", "few"),
    [
        pytest.param(
            DATA
            + f"locals {{\n  azs = slice({NAMES}, 0, var.zones)\n}}\n"
            + 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  azs = local.azs\n'
            + '  private_subnets = [for i, z in local.azs : cidrsubnet("10.0.0.0/16", 4, i)]\n}\n'
            + CLUSTER % "module.vpc.private_subnets",
            "3",
            "2",
            id="length of a slice",
        ),
        pytest.param(
            DATA
            + f'resource "aws_subnet" "a" {{\n  count = var.zones\n  availability_zone = {NAMES}[count.index]\n}}\n'
            + CLUSTER % "aws_subnet.a[*].id",
            "3",
            "2",
            id="count",
        ),
        pytest.param(
            'resource "aws_subnet" "a" {\n  for_each = toset(var.zones)\n  availability_zone = each.key\n}\n'
            + CLUSTER % "values(aws_subnet.a)[*].id",
            '["eu-west-1a", "eu-west-1b", "eu-west-1c"]',
            '["eu-west-1a", "eu-west-1b"]',
            id="for_each",
        ),
    ],
)
def test_the_default_that_lost_a_zone(review_change: ReviewChange, code: str, enough: str, few: str) -> None:
    base, head = (f'variable "zones" {{\n  default = {each}\n}}\n' + code for each in (enough, few))
    review = review_change({"main.tf": base}, {"main.tf": head}, select=("EKS-REL-101",))
    assert [(each.placement, each.comment_line) for each in review.findings] == [(Placement.INLINE, 2)]
