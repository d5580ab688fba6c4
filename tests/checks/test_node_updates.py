"""Issue 10.1: updates that hurt."""

from __future__ import annotations

import pytest

from tests.checks.blocks import node_group
from tests.checks.harness import outcomes, problems
from tests.checks.suggested import with_fixes

DISRUPTIVE = "EKS-UPG-101"


class TestDisruptive:
    @pytest.mark.parametrize(
        ("code", "text", "message"),
        [
            pytest.param(
                node_group("update_config {", "  max_unavailable_percentage = 75", "}"),
                "max_unavailable_percentage = 75",
                "`max_unavailable_percentage = 75` lets an update evict most of `n` at once.",
                id="percentage",
            ),
            pytest.param(
                node_group(
                    "update_config {", "  max_unavailable = 3", "}", "scaling_config {", "  max_size = 3", "}"
                ),
                "max_unavailable = 3",
                "`max_unavailable = 3` lets an update evict all of `n` at once.",
                id="count",
            ),
            pytest.param(
                node_group(
                    "update_config {",
                    "  max_unavailable = 2",
                    "}",
                    "scaling_config {",
                    "  desired_size = 2",
                    "  max_size = 9",
                    "}",
                ),
                "max_unavailable = 2",
                "`max_unavailable = 2` lets an update evict all of `n` at once.",
                id="all that run",
            ),
            pytest.param(
                'resource "aws_eks_cluster" "c" {\n  name = "shop"\n  force_update_version = true\n}\n',
                "force_update_version = true",
                "`force_update_version` lets an upgrade of `shop` ignore insights.",
                id="cluster",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
                "  eks_managed_node_groups = {\n    web = {\n      force_update_version = true\n"
                "    }\n  }\n}\n",
                "force_update_version = true",
                "`force_update_version` lets updates of `web` ignore disruption budgets.",
                id="module",
            ),
            pytest.param(
                'module "ng" {\n  source = "cloudposse/eks-node-group/aws"\n'
                "  update_config = [{ max_unavailable_percentage = 100 }]\n}\n",
                "update_config = [{ max_unavailable_percentage = 100 }]",
                "`max_unavailable_percentage = 100` lets an update evict most of `ng` at once.",
                id="cloudposse",
            ),
        ],
    )
    def test_found(self, code: str, text: str, message: str) -> None:
        [found] = problems(DISRUPTIVE, code)
        assert (found.text, found.message) == (text, message)

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group(), id="one at a time"),
            pytest.param(node_group("update_config {", "  max_unavailable_percentage = 50", "}"), id="half"),
            pytest.param(
                node_group(
                    "update_config {",
                    "  max_unavailable_percentage = 100",
                    "}",
                    "scaling_config {",
                    "  max_size = 1",
                    "}",
                ),
                id="a single node, as a percentage",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
                "  eks_managed_node_groups = {\n    web = {\n      max_size = 9\n"
                "      update_config = { max_unavailable = 2 }\n    }\n  }\n}\n",
                id="the module's own first size is none to judge by",
            ),
            pytest.param(
                node_group(
                    "update_config {", "  max_unavailable = 1", "}", "scaling_config {", "  max_size = 1", "}"
                ),
                id="a single node",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(DISRUPTIVE, code) == []

    def test_a_third_is_suggested(self) -> None:
        fixed = with_fixes(
            DISRUPTIVE, node_group("update_config {", "  max_unavailable_percentage = 100", "}")
        )
        assert "    max_unavailable_percentage = 33\n" in fixed

    def test_a_computed_value_is_not_rewritten(self) -> None:
        code = node_group("update_config {", "  max_unavailable_percentage = 50 + 50", "}")
        assert [each.fix for outcome in outcomes(DISRUPTIVE, code) for each in outcome.problems] == [None]


@pytest.mark.parametrize(("label", "told"), [("this", "aws_eks_node_group.this"), ("web", "web")])
def test_a_group_whose_label_says_nothing_goes_by_its_address(label: str, told: str) -> None:
    code = f'resource "aws_eks_node_group" "{label}" {{\n  force_update_version = true\n}}\n'
    [found] = problems("EKS-UPG-101", code)
    assert found.message == f"`force_update_version` lets updates of `{told}` ignore disruption budgets."
