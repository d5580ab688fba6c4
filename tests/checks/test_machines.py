"""Issue 5.1: machines, disks and what runs on them."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, states
from tests.checks.suggested import with_fixes

SIZE, FAMILY, NO_SPOT, GP2 = "EKS-COST-101", "EKS-COST-102", "EKS-COST-104", "EKS-COST-105"


def node_group(types: str, *arguments: str, name: str = "n") -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'resource "aws_eks_node_group" "{name}" {{\n  instance_types = {types}\n{lines}}}\n'


class TestSize:
    @pytest.mark.parametrize("name", ["m5.24xlarge", "c6i.8xlarge", "m5.metal", "r7g.16xlarge"])
    def test_oversized(self, name: str) -> None:
        [found] = problems(SIZE, node_group(f'["m5.large", "{name}"]'))
        assert found.message == f"`{name}` for general nodes: a large blast radius and stranded capacity."

    def test_the_size_is_a_setting(self) -> None:
        code = node_group('["m7i.4xlarge"]')
        assert problems(SIZE, code) == []
        assert [each.text for each in problems(SIZE, code, max_size="4xlarge")] == [
            'instance_types = ["m7i.4xlarge"]'
        ]
        assert problems(SIZE, node_group('["m5.8xlarge"]'), max_size="16xlarge") == []
        for name, setting in (("m5.metal", "metal"), ("t3.large", "medium")):
            [found] = problems(SIZE, node_group(f'["{name}"]'), max_size=setting)
            assert found.message.startswith(f"`{name}` for general nodes: ")
        assert problems(SIZE, node_group('["t3.small"]'), max_size="medium") == []

    @pytest.mark.parametrize(
        "name", ["m5.4xlarge", "p4d.24xlarge", "g5.12xlarge", "trn1.32xlarge", "u-6tb1.112xlarge"]
    )
    def test_fine(self, name: str) -> None:
        assert problems(SIZE, node_group(f'["{name}"]')) == []

    @pytest.mark.parametrize(
        "argument", ['labels = { workload = "spark" }', 'taint {\n    key = "nvidia.com/gpu"\n  }']
    )
    def test_work_that_needs_large_machines(self, argument: str) -> None:
        assert states(SIZE, node_group('["m5.24xlarge"]', argument)) == {
            "aws_eks_node_group.n": State.NOT_APPLICABLE
        }

    def test_pools_of_karpenter_choose_by_themselves(self) -> None:
        pool = "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata:\n  name: x\nspec: {}\n"
        assert states(SIZE, {"main.tf": 'provider "aws" {}\n', "pool.yaml": pool}) == {}

    def test_one_known_element_suffices_beside_unknown_ones(self) -> None:
        code = 'variable "t" {}\n' + node_group('["m5.24xlarge", var.t]')
        assert states(SIZE, code) == {"aws_eks_node_group.n": State.FINDING}
        assert states(SIZE, code.replace("m5.24xlarge", "m5.large")) == {
            "aws_eks_node_group.n": State.NOT_EVALUATED
        }

    def test_the_launch_template_of_a_group(self) -> None:
        code = (
            'resource "aws_launch_template" "t" {\n  instance_type = "m5.24xlarge"\n}\n'
            'resource "aws_eks_node_group" "n" {\n  launch_template {\n'
            "    id = aws_launch_template.t.id\n  }\n}\n"
        )
        [found] = problems(SIZE, code)
        assert (found.address, found.text) == ("aws_launch_template.t", 'instance_type = "m5.24xlarge"')
        assert problems(SIZE, code.split('resource "aws_eks', maxsplit=1)[0]) == []


class TestFamily:
    def test_no_types_is_the_burstable_default(self) -> None:
        code = 'resource "aws_eks_node_group" "n" {\n  cluster_name = "prod"\n}\n'
        found = problems(FAMILY, {"prod/main.tf": code}, "prod")
        assert [(each.text, each.message) for each in found] == [
            (
                'resource "aws_eks_node_group" "n" {',
                "The default `t3.medium` runs on CPU credits, which sustained load in production uses up.",
            )
        ]
        assert problems(FAMILY, {"dev/main.tf": code}, "dev") == []
        module = (
            'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  eks_managed_node_groups = {\n'
            "    a = {}\n  }\n}\n"
        )
        assert [each.text for each in problems(FAMILY, {"prod/main.tf": module}, "prod")] == ["a = {}"]
        own = module.replace("a = {}", 'a = { launch_template_id = "lt-1" }')
        assert problems(FAMILY, {"prod/main.tf": own}, "prod") == []
        template = code.replace("}\n", '  launch_template {\n    id = "lt-1"\n  }\n}\n')
        assert problems(FAMILY, {"prod/main.tf": template}, "prod") == []

    @pytest.mark.parametrize("name", ["m4.large", "t2.micro", "c4.xlarge", "r3.large"])
    def test_previous_generation(self, name: str) -> None:
        [found] = problems(FAMILY, node_group(f'["{name}"]'))
        assert "is of a previous generation" in found.message

    def test_the_types_of_a_mixed_group_stand_for_its_default_type(self) -> None:
        code = (
            'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "17.1.0"\n'
            "  worker_groups_launch_template = [{\n    %s\n  }]\n}\n"
        )
        [found] = problems(FAMILY, code % "asg_max_size = 3")
        assert found.message.startswith("`m4.large` is of a previous generation")
        assert problems(FAMILY, code % 'override_instance_types = ["m5.large", "m5a.large"]') == []

    @pytest.mark.parametrize(
        "code",
        [
            (
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                "  self_managed_node_groups = {\n    a = {\n      use_mixed_instances_policy = true\n"
                '      mixed_instances_policy = {\n        override = [\n          { instance_type = "m4.large" },\n'
                '          { instance_type = "m5.large" }\n        ]\n      }\n    }\n  }\n}\n'
            ),
            (
                'resource "aws_autoscaling_group" "a" {\n  tag {\n    key = "kubernetes.io/cluster/prod"\n  }\n'
                "  mixed_instances_policy {\n    launch_template {\n      override {\n"
                '        instance_type = "m5.large"\n      }\n      override {\n'
                '        instance_type = "m4.large"\n      }\n    }\n  }\n}\n'
            ),
        ],
        ids=["module", "resource"],
    )
    def test_a_type_of_a_mixed_group(self, code: str) -> None:
        [found] = problems(FAMILY, code)
        assert found.message.startswith("`m4.large` is of a previous generation")
        assert '"m4.large"' in found.text
        assert problems(FAMILY, code.replace("m4", "m6i")) == []

    def test_a_mixed_group_that_is_not_known(self) -> None:
        code = (
            'resource "aws_autoscaling_group" "a" {\n  tag {\n    key = "kubernetes.io/cluster/prod"\n  }\n'
            '  dynamic "mixed_instances_policy" {\n    for_each = var.policies\n    content {\n    }\n  }\n}\n'
            + node_group('["m4.large"]')
        )
        assert [each.address for each in problems(FAMILY, code)] == ["aws_eks_node_group.n"]

    def test_burstable_in_production(self) -> None:
        code = node_group('["t3.large", "t3a.large"]')
        [found] = problems(FAMILY, {"prod/main.tf": code}, "prod")
        assert found.message == "`t3.large` runs on CPU credits, which sustained load in production uses up."
        assert problems(FAMILY, {"dev/main.tf": code}, "dev") == []

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group('["m7i.large"]'), id="current"),
            pytest.param(
                node_group('["t3.large"]') + node_group('["m7i.large"]', name="m"), id="beside faster nodes"
            ),
            pytest.param(
                node_group('["t3.large"]', "labels = { CriticalAddonsOnly = true }"), id="for add-ons"
            ),
            pytest.param(
                node_group('["t3.large"]')
                + 'resource "helm_release" "k" {\n  name  = "karpenter"\n  chart = "karpenter"\n}\n',
                id="start of Karpenter",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(FAMILY, code) == []


class TestNoSpot:
    def test_the_message_says_what_would_do(self) -> None:
        code = node_group('["m7i.large"]') + node_group('["c7i.large"]', name="m")
        [found] = problems(NO_SPOT, {"prod/main.tf": code}, "prod")
        assert found.message == (
            "All capacity is on-demand; pods that bear interruption could run on spot at a discount. "
            "No group of `prod` is spot or mixed, and there is no Fargate profile, Auto Mode or Karpenter."
        )

    def test_one_group_outside_production(self) -> None:
        code = node_group('["m7i.large"]')
        assert [each.path for each in problems(NO_SPOT, {"dev/main.tf": code}, "dev")] == ["dev/main.tf"]
        assert states(NO_SPOT, {"prod/main.tf": code}, "prod") == {
            "aws_eks_node_group.n": State.NOT_APPLICABLE
        }

    @pytest.mark.parametrize(
        "beside",
        [
            pytest.param(node_group('["m5.large"]', 'capacity_type = "SPOT"', name="s"), id="spot"),
            pytest.param('resource "aws_eks_fargate_profile" "f" {\n}\n', id="Fargate"),
            pytest.param(
                'resource "helm_release" "k" {\n  name  = "k"\n  chart = "karpenter"\n}\n', id="Karpenter"
            ),
            pytest.param(
                'resource "aws_eks_cluster" "c" {\n  compute_config {\n    enabled = true\n  }\n}\n',
                id="Auto Mode",
            ),
            pytest.param(
                'resource "aws_autoscaling_group" "a" {\n  tag {\n    key = "kubernetes.io/cluster/x"\n  }\n'
                "  mixed_instances_policy {\n    instances_distribution {\n"
                "      on_demand_percentage_above_base_capacity = 50\n    }\n  }\n}\n",
                id="mixed instances",
            ),
        ],
    )
    def test_fine(self, beside: str) -> None:
        assert (
            problems(NO_SPOT, node_group('["m7i.large"]') + node_group('["c7i.large"]', name="m") + beside)
            == []
        )

    def test_an_unknown_capacity_type(self) -> None:
        code = (
            'variable "c" {}\n' + node_group('["a"]') + node_group('["b"]', "capacity_type = var.c", name="m")
        )
        assert states(NO_SPOT, code) == {"aws_eks_node_group.n": State.NOT_EVALUATED}


class TestGp2:
    @pytest.mark.parametrize(
        ("code", "text"),
        [
            pytest.param(
                'resource "aws_ebs_volume" "v" {\n}\n', 'resource "aws_ebs_volume" "v" {', id="default"
            ),
            pytest.param(
                'resource "aws_launch_template" "t" {\n'
                '  block_device_mappings {\n    ebs {\n      volume_type = "gp2"\n'
                "    }\n  }\n}\n",
                'volume_type = "gp2"',
                id="launch template",
            ),
            pytest.param(
                'resource "aws_db_instance" "d" {\n  storage_type = "gp2"\n}\n',
                'storage_type = "gp2"',
                id="database",
            ),
            pytest.param(
                'resource "kubernetes_storage_class_v1" "s" {\n  storage_provisioner = "ebs.csi.aws.com"\n'
                '  parameters = {\n    type = "gp2"\n  }\n}\n',
                'type = "gp2"',
                id="storage class",
            ),
            pytest.param(
                'resource "kubernetes_manifest" "s" {\n  manifest = {\n    kind = "StorageClass"\n'
                '    provisioner = "ebs.csi.aws.com"\n'
                '    parameters = {\n      type = "gp2"\n    }\n  }\n}\n',
                'type = "gp2"',
                id="manifest",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
                "  eks_managed_node_groups = {\n    a = {\n"
                "      block_device_mappings = {\n        xvda = {\n"
                '          ebs = {\n            volume_type = "gp2"\n'
                "          }\n        }\n      }\n    }\n  }\n}\n",
                'volume_type = "gp2"',
                id="module",
            ),
        ],
    )
    def test_found(self, code: str, text: str) -> None:
        assert [each.text for each in problems(GP2, code)] == [text]

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param('resource "aws_ebs_volume" "v" {\n  type = "gp3"\n}\n', id="gp3"),
            pytest.param(
                'resource "aws_launch_template" "t" {\n  block_device_mappings {\n    ebs {\n    }\n  }\n}\n',
                id="the image decides",
            ),
            pytest.param('resource "aws_db_instance" "d" {\n}\n', id="database"),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(GP2, code) == []

    def test_the_default_is_written_out(self) -> None:
        code = 'resource "aws_ebs_volume" "v" {\n  size = 10\n}\n'
        assert '  type = "gp3"\n' in with_fixes(GP2, code)
        [found] = problems(GP2, code)
        assert found.message == (
            "Without `type` the volume is gp2, which costs about a quarter more than gp3 and couples its speed to its "
            "size."
        )

    def test_large_volumes_need_settings_of_their_own(self) -> None:
        code = 'resource "aws_ebs_volume" "v" {\n  type = "gp2"\n  size = 2000\n}\n'
        assert [each.fix for outcome in outcomes(GP2, code) for each in outcome.problems] == [None]

    def test_a_storage_class_is_changed_only_when_new(self) -> None:
        code = (
            'resource "kubernetes_storage_class_v1" "s" {\n  storage_provisioner = "ebs.csi.aws.com"\n'
            '  parameters = { type = "gp2" }\n}\n'
        )
        [found] = outcomes(GP2, code)[0].problems
        assert found.fix is not None
        assert (found.fix.new_only, found.fix.note) == (True, "")
        assert found.hint.startswith(
            "Use `gp3`; the EBS CSI driver makes it. The parameters of a StorageClass"
        )

    @pytest.mark.parametrize(
        ("name", "default", "lines"),
        [
            pytest.param("gp2", "false", [], id="the class of EKS gives way"),
            pytest.param("gp2", "true", ["type: gp2"], id="the class of EKS stays the default"),
            pytest.param("fast", "false", ["type: gp2"], id="another class"),
        ],
    )
    def test_the_storage_class_that_eks_brings(self, name: str, default: str, lines: list[str]) -> None:
        code = (
            'resource "kubectl_manifest" "s" {\n  yaml_body = <<-YAML\n    apiVersion: storage.k8s.io/v1\n'
            f"    kind: StorageClass\n    metadata:\n      name: {name}\n      annotations:\n"
            f'        storageclass.kubernetes.io/is-default-class: "{default}"\n'
            "    provisioner: kubernetes.io/aws-ebs\n    parameters:\n      type: gp2\n  YAML\n}\n"
        )
        assert [each.text for each in problems(GP2, code)] == lines

    def test_databases_pay_the_same_for_gp3(self) -> None:
        [found] = problems(GP2, 'resource "aws_db_instance" "d" {\n  storage_type = "gp2"\n}\n')
        assert found.message == "gp2 is no cheaper than gp3 in RDS, but couples its speed to its size."


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (NO_SPOT, node_group('["m7i.large"]') + node_group('["c7i.large"]', name="m")),
        (GP2, 'resource "aws_ebs_volume" "v" {\n  type = "gp2"\n}\n'),
        (
            "EKS-COST-110",
            'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  enable_nat_gateway = true\n}\n',
        ),
    ],
)
def test_an_example_is_not_billed_for_long(check: str, code: str) -> None:
    for folder, state in (("platform", State.FINDING), ("modules/x/examples/one", State.NOT_APPLICABLE)):
        found = states(check, {f"{folder}/main.tf": code}, folder)
        assert set(found.values()) == {state}
