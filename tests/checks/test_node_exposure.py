"""EKS-SEC-109 to EKS-SEC-111: how nodes can be reached."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.blocks import node_group
from tests.checks.harness import outcomes, problems, states

SSH, PUBLIC, SEGMENTS = "EKS-SEC-109", "EKS-SEC-110", "EKS-SEC-111"


def managed(version: str, *arguments: str) -> str:
    lines = "".join(f"      {each}\n" for each in arguments)
    return (
        f'module "eks" {{\n  source  = "terraform-aws-modules/eks/aws"\n  version = "{version}"\n'
        f"  eks_managed_node_groups = {{\n    a = {{\n{lines}    }}\n  }}\n}}\n"
    )


class TestSsh:
    @pytest.mark.parametrize(
        ("code", "text"),
        [
            pytest.param(
                node_group("remote_access {", "  ec2_ssh_key = aws_key_pair.k.key_name", "}"),
                "ec2_ssh_key = aws_key_pair.k.key_name",
                id="a key that is made here",
            ),
            pytest.param(
                node_group("remote_access {", '  ec2_ssh_key = "k"', "  source_security_group_ids = []", "}"),
                'ec2_ssh_key = "k"',
                id="an empty list",
            ),
            pytest.param(
                managed(
                    "~> 20.0", "use_custom_launch_template = false", 'remote_access = { ec2_ssh_key = "k" }'
                ),
                'remote_access = { ec2_ssh_key = "k" }',
                id="module without its launch template",
            ),
            pytest.param(
                'module "ng" {\n  source = "cloudposse/eks-node-group/aws"\n  ec2_ssh_key_name = ["k"]\n}\n',
                'ec2_ssh_key_name = ["k"]',
                id="cloudposse",
            ),
        ],
    )
    def test_open(self, code: str, text: str) -> None:
        [found] = problems(SSH, code)
        assert found.text == text
        assert "opens port 22 on every node" in found.message

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group(), id="no key"),
            pytest.param(
                'variable "g" {}\n'
                + node_group(
                    "remote_access {", '  ec2_ssh_key = "k"', "  source_security_group_ids = [var.g]", "}"
                ),
                id="a group, be it unknown",
            ),
        ],
    )
    def test_closed(self, code: str) -> None:
        assert list(states(SSH, code).values()) == [State.PASS]

    def test_remote_access_does_not_count_with_a_launch_template(self) -> None:
        code = managed("~> 20.0", 'remote_access = { ec2_ssh_key = "k" }')
        assert list(states(SSH, code).values()) == [State.NOT_APPLICABLE]

    def test_a_key_that_may_be_null(self) -> None:
        code = 'variable "k" {}\n' + node_group("remote_access {", "  ec2_ssh_key = var.k", "}")
        assert states(SSH, code) == {"aws_eks_node_group.n": State.NOT_EVALUATED}


VPC = 'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "~> 6.0"\n}\n'


class TestPublic:
    @pytest.mark.parametrize(
        ("code", "text"),
        [
            pytest.param(
                VPC
                + node_group("subnet_ids = [module.vpc.public_subnets[0], module.vpc.private_subnets[0]]"),
                "subnet_ids = [module.vpc.public_subnets[0], module.vpc.private_subnets[0]]",
                id="one of the module",
            ),
            pytest.param(
                VPC
                + node_group("subnet_ids = concat(module.vpc.private_subnets, module.vpc.public_subnets)"),
                "subnet_ids = concat(module.vpc.private_subnets, module.vpc.public_subnets)",
                id="one of two lists",
            ),
            pytest.param(
                VPC
                + 'variable "more" {}\n'
                + node_group("subnet_ids = concat(var.more, module.vpc.public_subnets)"),
                "subnet_ids = concat(var.more, module.vpc.public_subnets)",
                id="one of two lists, and the other is unknown",
            ),
            pytest.param(
                'resource "aws_subnet" "s" {\n  count = 2\n  map_public_ip_on_launch = true\n}\n'
                + node_group("subnet_ids = aws_subnet.s[*].id"),
                "subnet_ids = aws_subnet.s[*].id",
                id="subnets that map addresses",
            ),
            pytest.param(
                'resource "aws_subnet" "s" {\n}\n'
                'resource "aws_route_table" "t" {\n  route {\n'
                "    gateway_id = aws_internet_gateway.g.id\n  }\n}\n"
                'resource "aws_route_table_association" "a" {\n  subnet_id      = aws_subnet.s.id\n'
                "  route_table_id = aws_route_table.t.id\n}\n" + node_group("subnet_ids = [aws_subnet.s.id]"),
                "subnet_ids = [aws_subnet.s.id]",
                id="a route to an internet gateway",
            ),
            pytest.param(
                'resource "aws_subnet" "s" {\n}\n'
                'resource "aws_launch_template" "t" {\n  network_interfaces {\n'
                "    associate_public_ip_address = true\n  }\n}\n"
                + node_group(
                    "subnet_ids = [aws_subnet.s.id]",
                    "launch_template {",
                    "  id = aws_launch_template.t.id",
                    "}",
                ),
                "associate_public_ip_address = true",
                id="network interface of the template",
            ),
            pytest.param(
                VPC
                + 'module "eks" {\n  source     = "terraform-aws-modules/eks/aws"\n  version    = "~> 20.0"\n'
                "  subnet_ids = module.vpc.public_subnets\n"
                "  eks_managed_node_groups = {\n    a = {}\n  }\n}\n",
                "subnet_ids = module.vpc.public_subnets",
                id="the cluster's subnets by default",
            ),
            pytest.param(
                'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n  version = "~> 3.19"\n}\n'
                + node_group("subnet_ids = module.vpc.public_subnets"),
                "subnet_ids = module.vpc.public_subnets",
                id="a version of the module that maps addresses by default",
            ),
        ],
    )
    def test_public(self, code: str, text: str) -> None:
        [found] = problems(PUBLIC, code)
        assert found.text == text
        is_interface = text == "associate_public_ip_address = true"
        why = "gets public addresses" if is_interface else "runs in public subnets"
        assert f"{why}: every node can be addressed from the internet." in found.message

    def test_subnets_that_groups_of_two_kinds_take_from_one_line_are_one_problem(self) -> None:
        code = (
            VPC
            + "locals {\n  subnets = module.vpc.public_subnets\n}\n"
            + node_group("subnet_ids = local.subnets")
            + 'resource "aws_autoscaling_group" "a" {\n  vpc_zone_identifier = local.subnets\n'
            "  launch_template {\n    id = aws_launch_template.t.id\n  }\n  tag {\n"
            '    key   = "kubernetes.io/cluster/x"\n    value = "owned"\n  }\n}\n'
            'resource "aws_launch_template" "t" {}\n'
        )
        found = [each for outcome in outcomes(PUBLIC, code) for each in outcome.problems]
        assert [each.at.line for each in found] == [found[0].at.line] * 2
        assert len({(each.attribute, each.evidence) for each in found}) == 1

    def test_each_group_has_the_template_that_it_names(self) -> None:
        code = """
            variable "groups" {
              default = [
                { public = false },
                { public = true }, # the second
              ]
            }
            resource "aws_launch_template" "t" {
              count = 2
              network_interfaces {
                associate_public_ip_address = var.groups[count.index].public
              }
            }
            resource "aws_subnet" "s" {}
            resource "aws_eks_node_group" "n" {
              count      = 2
              subnet_ids = [aws_subnet.s.id]
              launch_template {
                id = aws_launch_template.t[count.index].id
              }
            }
            """
        assert [(each.address, each.text) for each in problems(PUBLIC, code)] == [
            ("aws_eks_node_group.n[1]", "{ public = true }, # the second")
        ]
        unknown = code.replace("aws_launch_template.t[count.index].id", "aws_launch_template.t[var.i].id")
        assert set(states(PUBLIC, 'variable "i" {}\n' + unknown).values()) == {State.NOT_EVALUATED}

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                VPC + node_group("subnet_ids = module.vpc.intra_subnets"), id="other subnets of the module"
            ),
            pytest.param(
                'resource "aws_subnet" "s" {\n}\n' + node_group("subnet_ids = [aws_subnet.s.id]"),
                id="private",
            ),
            pytest.param(
                'resource "aws_subnet" "lb" {\n  map_public_ip_on_launch = true\n'
                '  tags = { "kubernetes.io/role/elb" = "1" }\n}\n'
                'resource "aws_subnet" "s" {\n}\n' + node_group("subnet_ids = [aws_subnet.s.id]"),
                id="public subnets that only load balancers use",
            ),
            pytest.param(
                VPC + 'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n'
                "  control_plane_subnet_ids = module.vpc.public_subnets\n"
                "  subnet_ids = module.vpc.private_subnets\n"
                "  eks_managed_node_groups = {\n    a = {}\n  }\n}\n",
                id="only the control plane",
            ),
        ],
    )
    def test_private(self, code: str) -> None:
        assert list(states(PUBLIC, code).values()) == [State.PASS]

    @pytest.mark.parametrize(
        "subnets", ['["subnet-1"]', "var.s", "data.aws_subnets.s.ids", 'concat(var.s, ["subnet-1"])']
    )
    def test_subnets_from_elsewhere(self, subnets: str) -> None:
        code = 'variable "s" {}\n' + node_group(f"subnet_ids = {subnets}")
        assert states(PUBLIC, code) == {"aws_eks_node_group.n": State.NOT_EVALUATED}


class TestSegments:
    def test_nothing_sets_them_apart(self) -> None:
        [found] = problems(SEGMENTS, node_group() + node_group(name="m"))
        assert found.message == "All 2 node groups share one network and scheduling boundary."

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(node_group() + node_group('labels = { team = "pay" }', name="m"), id="label"),
            pytest.param(
                node_group() + node_group("taint {", '  key = "pay"', "}", name="m"),
                id="taint",
            ),
            pytest.param(
                'resource "aws_launch_template" "t" {\n  vpc_security_group_ids = ["sg-1"]\n}\n'
                + node_group()
                + node_group("launch_template {", "  id = aws_launch_template.t.id", "}", name="m"),
                id="a security group of the template",
            ),
            pytest.param(
                node_group()
                + node_group(name="m")
                + 'resource "kubernetes_manifest" "p" {\n  manifest = {\n    kind = "SecurityGroupPolicy"\n'
                '    apiVersion = "vpcresources.k8s.aws/v1beta1"\n    metadata = { name = "p" }\n  }\n}\n',
                id="security groups for pods",
            ),
            pytest.param(
                node_group()
                + node_group(name="m")
                + 'resource "kubernetes_manifest" "p" {\n  manifest = {\n    kind = "PeerAuthentication"\n'
                '    apiVersion = "security.istio.io/v1"\n    metadata = { name = "p" }\n  }\n}\n',
                id="a service mesh",
            ),
            pytest.param(
                node_group()
                + node_group(name="m")
                + 'resource "helm_release" "m" {\n  chart = "istiod"\n}\n',
                id="the chart of a service mesh",
            ),
            pytest.param(
                node_group('subnet_ids = ["subnet-1"]') + node_group('subnet_ids = ["subnet-2"]', name="m"),
                id="one per zone",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert problems(SEGMENTS, code) == []

    def test_a_single_group(self) -> None:
        assert states(SEGMENTS, node_group()) == {"aws_eks_node_group.n": State.NOT_APPLICABLE}
