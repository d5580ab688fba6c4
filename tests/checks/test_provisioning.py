"""Issue 5.1: capacity that is bought badly."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, states

SPOT = "EKS-COST-103"


def node_group(name: str, *arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'resource "aws_eks_node_group" "{name}" {{\n{lines}}}\n'


FOUR = 'instance_types = ["m5.large", "m5a.large", "m6i.large", "m7i.large"]'
ON_SPOT = 'capacity_type = "SPOT"'
CLUSTER = 'resource "aws_eks_cluster" "c" {\n}\n'


class TestSpot:
    def test_few_types(self) -> None:
        [found] = problems(SPOT, node_group("s", ON_SPOT, 'instance_types = ["m5.large", "m5a.large"]'))
        assert found.text == 'instance_types = ["m5.large", "m5a.large"]'
        assert found.message == "Spot group `s` draws from 2 instance types: one reclaim wave can empty it."

    def test_no_types_is_the_one_default(self) -> None:
        [found] = problems(SPOT, node_group("s", ON_SPOT))
        assert found.text == 'resource "aws_eks_node_group" "s" {'
        assert "from 1 instance type" in found.message

    def test_the_number_is_configured(self) -> None:
        code = node_group("s", ON_SPOT, FOUR)
        assert problems(SPOT, code) == []
        assert "from 4 instance types" in problems(SPOT, code, min_spot_types=5)[0].message

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                '  eks_managed_node_group_defaults = {\n    capacity_type = "SPOT"\n  }\n'
                '  eks_managed_node_groups = {\n    s = { instance_types = ["m5.large"] }\n'
                '    o = { capacity_type = "ON_DEMAND" }'
                "\n  }\n}\n",
                id="module, spot by default",
            ),
            pytest.param(
                'module "ng" {\n  source = "cloudposse/eks-node-group/aws"\n  capacity_type = "SPOT"\n}\n',
                id="cloudposse has one default type",
            ),
        ],
    )
    def test_few_types_in_modules(self, code: str) -> None:
        [found] = problems(SPOT, code)
        assert "from 1 instance type" in found.message

    @pytest.mark.parametrize(
        ("code", "text"),
        [
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                "  self_managed_node_groups = {\n    o = {}\n    s = {\n"
                "      use_mixed_instances_policy = true\n      mixed_instances_policy = {\n%s        override = [\n%s        ]\n      }\n    }\n  }\n}\n",
                "mixed_instances_policy = {",
                id="module",
            ),
            pytest.param(
                'resource "aws_autoscaling_group" "s" {\n  tag {\n    key = "kubernetes.io/cluster/prod"\n  }\n'
                "  mixed_instances_policy {\n%s    launch_template {\n"
                '      dynamic "override" {\n        for_each = [\n%s        ]\n'
                "        content {\n          instance_type = override.value.instance_type\n"
                "        }\n      }\n    }\n  }\n}\n",
                "mixed_instances_policy {",
                id="resource",
            ),
        ],
    )
    def test_each_override_of_a_mixed_group_counts_once(self, code: str, text: str) -> None:
        share = (
            "instances_distribution%s {\n on_demand_base_capacity = 0\n"
            "on_demand_percentage_above_base_capacity = 0\n}\n"
        ) % (" =" if "module" in code else "")
        kinds = [f'{{ instance_type = "{each}" }},\n' for each in ("m5.large", "m5a.large", "m6i.large")]
        [found] = problems(SPOT, code % (share, "".join(kinds[:2])))
        assert (found.text, "from 2 instance types" in found.message) == (text, True)
        assert problems(SPOT, code % (share, "".join(kinds))) == []
        unused = code.replace("use_mixed_instances_policy = true", "use_mixed_instances_policy = false")
        assert bool(problems(SPOT, unused % (share, kinds[0]))) == (unused == code)

    def test_worker_groups_of_module_17_are_spot_by_their_types(self) -> None:
        code = (
            'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "17.1.0"\n'
            "  worker_groups_launch_template = [{\n"
            '    override_instance_types = ["t3.medium", "t3a.medium"]\n  %s\n  }]\n}\n'
        )
        found = problems(SPOT, code % "")
        assert [each.text for each in found] == [
            'override_instance_types = ["t3.medium", "t3a.medium"]',
            "worker_groups_launch_template = [{",
        ]
        assert "from 2 instance types" in found[0].message
        assert "there is no on-demand baseline" in found[1].message
        assert problems(SPOT, code % "on_demand_percentage_above_base_capacity = 100") == []
        price = code.replace('override_instance_types = ["t3.medium", "t3a.medium"]', 'spot_price = "0.1"')
        assert "from 1 instance type" in problems(SPOT, price % "")[0].message

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group("s", 'instance_types = ["m5.large"]'), id="on demand"),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
                "  self_managed_node_groups = {\n    s = {\n"
                '      instance_market_options = { market_type = "spot" }\n'
                "      instance_requirements = { vcpu_count = { min = 2 } }\n    }\n    o = {}\n  }\n}\n",
                id="types by attributes",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(SPOT, code) == []

    def test_unknown_types(self) -> None:
        code = 'variable "t" {}\n' + node_group("s", ON_SPOT, "instance_types = var.t")
        assert states(SPOT, code) == {"aws_eks_node_group.s": State.NOT_EVALUATED}

    def test_all_groups_on_spot_are_told_once(self) -> None:
        code = CLUSTER + node_group("a", ON_SPOT, FOUR) + node_group("b", ON_SPOT, FOUR)
        [found] = problems(SPOT, code)
        assert (found.address, found.text) == ("aws_eks_node_group.a", 'capacity_type = "SPOT"')
        assert "no on-demand baseline" in found.message

    @pytest.mark.parametrize(
        "beside",
        [
            pytest.param(node_group("o"), id="an on-demand group"),
            pytest.param('resource "aws_eks_fargate_profile" "f" {\n}\n', id="Fargate"),
            pytest.param(
                'resource "aws_eks_cluster" "d" {\n  compute_config {\n    enabled = true\n  }\n}\n',
                id="Auto Mode",
            ),
        ],
    )
    def test_a_baseline(self, beside: str) -> None:
        assert problems(SPOT, CLUSTER + node_group("a", ON_SPOT, FOUR) + beside) == []

    def test_without_the_cluster_other_groups_may_be_declared_elsewhere(self) -> None:
        assert problems(SPOT, node_group("a", ON_SPOT, FOUR)) == []
