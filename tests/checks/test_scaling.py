"""Issue 3.2: node groups and workloads that cannot scale."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

FIXED = "EKS-REL-201"


def module(version: str, groups: str) -> str:
    source = 'source = "terraform-aws-modules/eks/aws"'
    return f'module "eks" {{\n  {source}\n  version = "{version}"\n{groups}\n}}\n'


def managed(*arguments: str) -> str:
    lines = "".join(f"      {each}\n" for each in arguments)
    return module("~> 20.0", f"  eks_managed_node_groups = {{\n    web = {{\n{lines}    }}\n  }}")


class TestFixedSize:
    @pytest.mark.parametrize(
        ("code", "address", "text"),
        [
            pytest.param(
                managed("min_size = 2", "max_size = 2"),
                'module.eks.eks_managed_node_groups["web"]',
                "max_size = 2",
                id="module",
            ),
            pytest.param(
                module(
                    "~> 18.0", "  self_managed_node_groups = {\n    web = { min_size = 2, max_size = 2 }\n  }"
                ),
                'module.eks.self_managed_node_groups["web"]',
                "web = { min_size = 2, max_size = 2 }",
                id="self-managed",
            ),
            pytest.param(
                module(
                    "17.24.0",
                    "  node_groups = {\n    web = {\n      min_capacity = 4\n      max_capacity = 4\n"
                    "    }\n  }",
                ),
                'module.eks.node_groups["web"]',
                "max_capacity = 4",
                id="module 17",
            ),
            pytest.param(
                module(
                    "17.24.0",
                    "  worker_groups = [\n    {\n      asg_min_size = 4\n      asg_max_size = 4\n    }\n  ]",
                ),
                "module.eks.worker_groups[0]",
                "asg_max_size = 4",
                id="worker groups of module 17",
            ),
            pytest.param(
                module(
                    "~> 20.0",
                    "  eks_managed_node_group_defaults = {\n    min_size = 3\n  }\n"
                    "  eks_managed_node_groups = {\n    web = {}\n  }",
                ),
                'module.eks.eks_managed_node_groups["web"]',
                "web = {}",
                id="the minimum of all groups is the default maximum",
            ),
            pytest.param(
                'module "ng" {\n  source = "terraform-aws-modules/eks/aws//modules/eks-managed-node-group"\n'
                "  min_size = 3\n}\n",
                "module.ng",
                'module "ng" {',
                id="submodule",
            ),
            pytest.param(
                'module "ng" {\n  source = "cloudposse/eks-node-group/aws"\n  min_size = 3\n'
                "  max_size = 3\n}\n",
                "module.ng",
                "max_size = 3",
                id="cloudposse",
            ),
            pytest.param(
                'resource "aws_autoscaling_group" "g" {\n  min_size = 3\n  max_size = 3\n  tag {\n'
                '    key = "kubernetes.io/cluster/${var.name}"\n  }\n}\nvariable "name" {}\n',
                "aws_autoscaling_group.g",
                "max_size = 3",
                id="tagged Auto Scaling group",
            ),
            pytest.param(
                'resource "aws_eks_node_group" "n" {\n  for_each = { a = 2 }\n  scaling_config {\n'
                "    min_size = each.value\n    max_size = each.value\n  }\n}\n",
                'aws_eks_node_group.n["a"]',
                "for_each = { a = 2 }",
                id="for_each",
            ),
        ],
    )
    def test_found(self, code: str, address: str, text: str) -> None:
        [found] = problems(FIXED, code)
        assert (found.address, found.text) == (address, text)
        assert "is pinned to" in found.message

    def test_the_message_names_group_and_size(self) -> None:
        [found] = problems(FIXED, managed("name = var.x", "min_size = 2", 'max_size = "2"'))
        assert found.message == "Node group `web` is pinned to `2`: no room for spikes or surge."

    def test_the_line_of_a_variables_file_is_where_it_stands(self) -> None:
        files = {
            "main.tf": 'variable "groups" {}\n' + module("~> 21.0", "  eks_managed_node_groups = var.groups"),
            "terraform.tfvars": "groups = {\n  web = {\n    min_size = 5\n    max_size = 5\n  }\n}\n",
        }
        [found] = problems(FIXED, files)
        assert (found.path, found.text) == ("terraform.tfvars", "max_size = 5")

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(managed("min_size = 2", "max_size = 5"), id="room"),
            pytest.param(managed("desired_size = 3"), id="defaults of the module"),
            pytest.param(
                'resource "aws_autoscaling_group" "g" {\n  min_size = 3\n  max_size = 3\n}\n', id="no cluster"
            ),
            pytest.param(managed("create = false", "max_size = 1"), id="switched off"),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(FIXED, code) == []

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param(("labels = { CriticalAddonsOnly = true }",), id="label"),
            pytest.param(
                ('taints = { a = { key = "CriticalAddonsOnly", effect = "NO_SCHEDULE" } }',),
                id="taint in a map",
            ),
            pytest.param(('taints = [{ key = "CriticalAddonsOnly" }]',), id="taint in a list"),
            pytest.param(('instance_types = ["g5.xlarge"]',), id="GPU"),
            pytest.param(('ami_type = "AL2023_x86_64_NVIDIA"',), id="GPU image"),
            pytest.param(("enable_efa_support = true",), id="EFA"),
            pytest.param(('capacity_reservation_specification = { x = "y" }',), id="reserved capacity"),
        ],
    )
    def test_system_and_special_groups_have_a_given_size(self, arguments: tuple[str, ...]) -> None:
        code = managed("min_size = 2", "max_size = 2", *arguments)
        assert list(states(FIXED, code).values()) == [State.NOT_APPLICABLE]

    def test_the_only_group_is_where_karpenter_starts(self) -> None:
        karpenter = 'resource "helm_release" "k" {\n  name  = "karpenter"\n  chart = "karpenter"\n}\n'
        code = managed("min_size = 2", "max_size = 2") + karpenter
        assert list(states(FIXED, code).values()) == [State.NOT_APPLICABLE]

    @pytest.mark.parametrize(
        ("name", "beside", "state"),
        [
            pytest.param("core_node_group", True, State.NOT_APPLICABLE, id="where Karpenter starts"),
            pytest.param("core_node_group", False, State.FINDING, id="nothing makes other nodes"),
            pytest.param("scored", True, State.FINDING, id="part of a word"),
            pytest.param("workers", True, State.FINDING, id="for applications"),
        ],
    )
    def test_a_name_tells_the_start_of_karpenter(self, name: str, beside: bool, state: State) -> None:  # noqa: FBT001 - a column
        karpenter = 'resource "helm_release" "k" {\n  name  = "karpenter"\n  chart = "karpenter"\n}\n'
        code = (
            'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
            "  eks_managed_node_groups = {\n    other = { min_size = 0 }\n"
            f"    {name} = {{ min_size = 2, max_size = 2 }}\n  }}\n}}\n"
        )
        found = states(FIXED, code + karpenter * beside)
        assert found[f'module.eks.eks_managed_node_groups["{name}"]'] is state

    def test_the_only_group_beside_auto_mode(self) -> None:
        code = managed("min_size = 2", "max_size = 2").replace(
            '~> 20.0"\n', '~> 20.0"\n  cluster_compute_config = { enabled = true }\n'
        )
        assert reasons(FIXED, code) == [
            "Karpenter or Auto Mode makes nodes besides this group, where it starts"
        ]

    @pytest.mark.parametrize("folder", ["addons", "other/prod"])
    def test_karpenter_of_another_root_module_may_be_on_this_cluster(self, folder: str) -> None:
        karpenter = 'resource "helm_release" "k" {\n  name  = "karpenter"\n  chart = "karpenter"\n}\n'
        files = {"main.tf": managed("min_size = 2", "max_size = 2"), f"{folder}/main.tf": karpenter}
        assert reasons(FIXED, files) == [
            f"`helm_release.k` (`{folder}/main.tf:1`) installs Karpenter, on this cluster or on another one"
        ]

    def test_karpenter_may_come_from_another_repository(self) -> None:
        argo = 'resource "helm_release" "a" {\n  name  = "argo-cd"\n  chart = "argo-cd"\n}\n'
        code = managed("min_size = 2", "max_size = 2") + argo
        assert list(states(FIXED, code).values()) == [State.NOT_EVALUATED]

    def test_a_raw_taint_is_seen(self) -> None:
        code = """\
            resource "aws_eks_node_group" "n" {
              scaling_config {
                min_size = 2
                max_size = 2
              }
              taint {
                key    = "CriticalAddonsOnly"
                effect = "NO_SCHEDULE"
              }
            }
            """
        assert states(FIXED, code) == {"aws_eks_node_group.n": State.NOT_APPLICABLE}

    def test_a_group_of_size_zero_is_switched_off(self) -> None:
        assert reasons(FIXED, managed("min_size = 0", "max_size = 0")) == [
            "the group is switched off: its size is 0"
        ]

    def test_groups_beside_those_of_a_condition_are_known(self) -> None:
        pinned = "{ min_size = 2, max_size = 2 }"
        code = (
            'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
            f"  eks_managed_node_groups = merge({{ a = {pinned} }}, var.more ? {{ b = {pinned} }} : {{}})\n}}\n"
            'variable "more" {}\n'
        )
        maps = "module.eks.eks_managed_node_groups"
        assert states(FIXED, code) == {f'{maps}["a"]': State.FINDING, maps: State.NOT_EVALUATED}
        assert states(FIXED, code.replace("{ b =", "{ a =")) == {maps: State.NOT_EVALUATED}

    def test_unknown_groups_are_one_subject_that_is_not_evaluated(self) -> None:
        code = 'variable "groups" {}\n' + module("~> 20.0", "  eks_managed_node_groups = var.groups")
        assert states(FIXED, code) == {"module.eks.eks_managed_node_groups": State.NOT_EVALUATED}
        assert "`var.groups" in reasons(FIXED, code)[0]
