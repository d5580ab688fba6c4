"""Files of OpenTofu: read like those of Terraform, and in place of one of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.test_touched import CLUSTER, ONLY, found

if TYPE_CHECKING:
    from tests.engine.conftest import ReviewChange

BAD = CLUSTER.replace("default = true", "default = false")
JSON = '{"resource": {"aws_eks_cluster": {"main": {"vpc_config": {"endpoint_private_access": %s}}}}}\n'


@pytest.mark.parametrize(
    ("path", "base", "head", "line"),
    [
        ("main.tofu", CLUSTER, BAD, 4),
        ("live/eks/main.tofu", CLUSTER, BAD, 4),
        ("main.tofu.json", JSON % "true", JSON % "false", 1),
    ],
)
def test_change_of_a_file_of_opentofu(
    review_change: ReviewChange, path: str, base: str, head: str, line: int
) -> None:
    review = review_change({path: base}, {path: head}, **ONLY)
    assert found(review) == [("introduced", path, line)]
    assert (review.coverage.files_analysed, review.notices) == (1, ())


def test_module_of_opentofu_is_reviewed_through_its_caller(review_change: ReviewChange) -> None:
    base = {"main.tf": 'module "eks" {\n  source = "./eks"\n}\n', "eks/main.tofu": CLUSTER}
    review = review_change(base, {"eks/main.tofu": BAD}, **ONLY)
    assert [each.address for each in review.findings] == ["module.eks.aws_eks_cluster.main"]


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_file_of_the_same_name_is_not_read(review_change: ReviewChange, suffix: str) -> None:
    good, bad = (JSON % "true", JSON % "false") if suffix else (CLUSTER, BAD)
    base = {f"main.tf{suffix}": good, f"main.tofu{suffix}": good}
    review = review_change(base, {f"main.tf{suffix}": bad}, **ONLY)
    assert review.findings == ()
    assert [(each.path, each.message) for each in review.notices] == [
        (f"main.tf{suffix}", f"Not reviewed: OpenTofu reads `main.tofu{suffix}` in place of this file.")
    ]
    review = review_change(base, {f"main.tofu{suffix}": bad}, **ONLY)
    assert [each.path for each in review.findings] == [f"main.tofu{suffix}"]


def test_other_names_and_override_files_count_as_well(review_change: ReviewChange) -> None:
    override = (
        'resource "aws_eks_cluster" "main" {\n  vpc_config {\n    endpoint_private_access = %s\n  }\n}\n'
    )
    base = {"main.tf": CLUSTER, "eks_override.tofu": override % "true"}
    review = review_change(base, {"eks_override.tofu": override % "false"}, **ONLY)
    assert [(each.path, each.line) for each in review.findings] == [("eks_override.tofu", 3)]


def test_renamed_file_keeps_its_findings(review_change: ReviewChange) -> None:
    review = review_change(
        {"main.tf": BAD}, {"main.tf": None, "main.tofu": BAD.replace('"prod"', '"live"')}, **ONLY
    )
    assert [each.status.value for each in review.findings] == ["existing"]
