"""EKS-CFG-101 in a pull request: where the comment stands, and when the region may be rewritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reviewer.finding import Status

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

PROVIDER = 'provider "aws" {{\n  region = "{}"\n}}\n'
ONLY = {"select": ("EKS-CFG-101",)}


@pytest.mark.parametrize("content", ["us-east-1", "us-east-1\n", "us-east-1\r\n", "  us-east-1\n"])
def test_the_comment_stands_on_the_file_when_only_that_changed(
    review_change: ReviewChange, content: str
) -> None:
    main = PROVIDER.format("eu-west-1")
    base: dict[str, str | bytes] = {"AWS_REGION": b"eu-west-1\n", "main.tf": main}
    review = review_change(base, {**base, "AWS_REGION": content.encode()}, **ONLY)
    [found] = review.findings
    assert (found.status, found.path, found.comment_line) == (Status.INTRODUCED, "AWS_REGION", 1)
    assert [(each.path, each.line) for each in found.origins] == [("main.tf", 2)]
    assert found.suggestion is None


def test_the_region_that_the_change_itself_writes_is_aligned(review_change: ReviewChange) -> None:
    base = {"AWS_REGION": "eu-west-1\n", "main.tf": PROVIDER.format("eu-west-1")}
    [found] = review_change(base, {**base, "main.tf": PROVIDER.format("us-east-1")}, **ONLY).findings
    assert (found.path, found.comment_line) == ("main.tf", 2)
    assert found.suggestion is not None
    assert found.suggestion.replacement == '  region = "eu-west-1"'


def test_the_line_of_the_variables_file_is_the_one_to_edit(review_change: ReviewChange) -> None:
    main = 'variable "aws_region" {\n  default = "eu-west-1"\n}\nprovider "aws" {\n  region = var.aws_region\n}\n'
    base = {"AWS_REGION": "eu-west-1\n", "main.tf": main}
    [found] = review_change(base, {**base, "terraform.tfvars": 'aws_region = "us-east-1"\n'}, **ONLY).findings
    assert (found.path, found.comment_line) == ("terraform.tfvars", 1)
    assert found.suggestion is not None
    assert found.suggestion.replacement == 'aws_region = "eu-west-1"'


def test_a_mismatch_that_stood_before_is_left_alone(review_change: ReviewChange) -> None:
    base = {"AWS_REGION": "eu-west-1\n", "main.tf": PROVIDER.format("us-east-1")}
    review = review_change(base, {**base, "other.tf": 'resource "aws_vpc" "x" {\n}\n'}, **ONLY)
    assert review.findings == ()


def test_the_nearest_file_wins_for_each_root(review_change: ReviewChange) -> None:
    base = {
        "AWS_REGION": "eu-west-1\n",
        "live/AWS_REGION": "eu-west-1\n",
        "live/main.tf": PROVIDER.format("eu-west-1"),
        "other/main.tf": PROVIDER.format("eu-west-1"),
    }
    review = review_change(base, {**base, "live/AWS_REGION": "us-east-1\n"}, **ONLY)
    assert [(each.path, each.address) for each in review.findings] == [("live/AWS_REGION", "provider.aws")]
