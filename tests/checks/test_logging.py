"""Issue 4.1: control-plane logs and how long logs are kept."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.blocks import eks_module
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

TYPES, RETENTION = "EKS-OBS-101", "EKS-OBS-102"
ALL = '["api", "audit", "authenticator", "controllerManager", "scheduler"]'


def cloudposse(*arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'module "eks" {{\n  source = "cloudposse/eks-cluster/aws"\n  version = "4.6.0"\n{lines}}}\n'


def cluster(*arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'variable "x" {{}}\nresource "aws_eks_cluster" "c" {{\n{lines}}}\n'


class TestTypes:
    @pytest.mark.parametrize(
        ("code", "text", "missing"),
        [
            pytest.param(
                cluster('name = "x"'),
                'resource "aws_eks_cluster" "c" {',
                "`api`, `controllerManager`, `scheduler`",
                id="none",
            ),
            pytest.param(
                eks_module("~> 17.0"),
                'module "eks" {',
                "`api`, `controllerManager`, `scheduler`",
                id="module 17",
            ),
            pytest.param(
                eks_module("15.1.0"),
                'module "eks" {',
                "`api`, `controllerManager`, `scheduler`",
                id="versions before 17 are like it",
            ),
            pytest.param(
                eks_module("~> 18.0"), 'module "eks" {', "`controllerManager`, `scheduler`", id="module 18"
            ),
            pytest.param(
                eks_module("~> 21.0", 'enabled_log_types = ["api", "scheduler"]'),
                'enabled_log_types = ["api", "scheduler"]',
                "`controllerManager`",
                id="module 21",
            ),
            pytest.param(
                eks_module("~> 20.0", "cluster_enabled_log_types = []"),
                "cluster_enabled_log_types = []",
                "`api`, `controllerManager`, `scheduler`",
                id="off",
            ),
            pytest.param(
                cloudposse(), 'module "eks" {', "`api`, `controllerManager`, `scheduler`", id="cloudposse"
            ),
        ],
    )
    def test_missing(self, code: str, text: str, missing: str) -> None:
        [found] = problems(TYPES, code)
        assert found.text == text
        assert found.message == f"Control-plane log types {missing} are off."

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(cluster(f"enabled_cluster_log_types = {ALL}"), id="all"),
            pytest.param(
                cluster('enabled_cluster_log_types = ["api", "controllerManager", "scheduler"]'),
                id="audit logs are another check",
            ),
        ],
    )
    def test_complete(self, code: str) -> None:
        assert states(TYPES, code) == {"aws_eks_cluster.c": State.PASS}

    def test_a_list_with_an_unknown_element_may_be_complete(self) -> None:
        code = cluster('enabled_cluster_log_types = ["api", var.x]')
        assert states(TYPES, code) == {"aws_eks_cluster.c": State.NOT_EVALUATED}

    def test_a_default_is_replaced_where_it_is_written(self) -> None:
        code = 'variable "types" {\n  default = ["api"]\n}\n' + cluster(
            "enabled_cluster_log_types = var.types"
        )
        fixed = with_fixes(TYPES, code)
        assert f"  default = {ALL}\n" in fixed
        assert "  enabled_cluster_log_types = var.types\n" in fixed

    def test_the_argument_is_inserted_under_the_name_of_the_version(self) -> None:
        assert f"\n  cluster_enabled_log_types = {ALL}\n" in with_fixes(TYPES, eks_module("~> 20.0"))
        assert f"\n  enabled_log_types = {ALL}\n" in with_fixes(TYPES, eks_module("~> 21.0"))

    @pytest.mark.parametrize(
        ("version", "written"), [("~> 21.0", "cluster_enabled_log_types"), ("~> 20.0", "enabled_log_types")]
    )
    def test_name_of_another_version_leaves_it_open(self, version: str, written: str) -> None:
        """The plan fails (EKS-UPG-109); the default is not what the author wants, and a second list no fix."""
        code = eks_module(version, f"{written} = {ALL}")
        assert states(TYPES, code) == {"module.eks": State.NOT_EVALUATED}
        reason = f"`{written}` is no argument of the version of `module.eks` that is pinned"
        assert reasons(TYPES, code) == [reason]


LOGGING = 'enabled_cluster_log_types = ["api"]'


class TestRetention:
    @pytest.mark.parametrize(
        ("code", "text", "message"),
        [
            pytest.param(
                'resource "aws_cloudwatch_log_group" "g" {\n  name = "/apps/x"\n}\n',
                'resource "aws_cloudwatch_log_group" "g" {',
                "Log group `/apps/x` never expires.",
                id="absent",
            ),
            pytest.param(
                'resource "aws_cloudwatch_log_group" "g" {\n  retention_in_days = 0\n}\n',
                "retention_in_days = 0",
                "Log group `aws_cloudwatch_log_group.g` never expires.",
                id="zero",
            ),
            pytest.param(
                'resource "aws_cloudwatch_log_group" "g" {\n  name = "/aws/eks/x/cluster"\n'
                '  retention_in_days = "7"\n}\n',
                'retention_in_days = "7"',
                "Log group `/aws/eks/x/cluster` keeps only `7` days.",
                id="short, of EKS, as a string",
            ),
            pytest.param(
                'variable "x" {}\nresource "aws_cloudwatch_log_group" "g" {\n'
                '  name = "/aws/eks/${var.x}/cluster"\n  retention_in_days = 7\n}\n',
                "retention_in_days = 7",
                "Log group `aws_cloudwatch_log_group.g` keeps only `7` days.",
                id="short, of EKS by the known part of its name",
            ),
            pytest.param(
                cluster('name = "shop"', LOGGING),
                'resource "aws_eks_cluster" "c" {',
                "Log group `/aws/eks/shop/cluster` is not managed: EKS makes one that never expires.",
                id="made by EKS",
            ),
            pytest.param(
                eks_module("~> 20.0", 'cluster_name = "shop"', "create_cloudwatch_log_group = false"),
                "create_cloudwatch_log_group = false",
                "Log group `/aws/eks/shop/cluster` is not managed: EKS makes one that never expires.",
                id="made by EKS although the module could",
            ),
            pytest.param(
                eks_module("~> 20.0", 'cluster_name = "shop"', "cloudwatch_log_group_retention_in_days = 0"),
                "cloudwatch_log_group_retention_in_days = 0",
                "Log group `/aws/eks/shop/cluster` never expires.",
                id="module",
            ),
            pytest.param(
                cloudposse('name = "shop"', 'enabled_cluster_log_types = ["audit"]'),
                'module "eks" {',
                "Log group `/aws/eks/shop/cluster` never expires.",
                id="cloudposse",
            ),
            pytest.param(
                'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  enable_flow_log = true\n'
                "  create_flow_log_cloudwatch_log_group = true\n}\n",
                'module "vpc" {',
                "The log group that `module.vpc` makes for flow logs never expires.",
                id="flow logs",
            ),
        ],
    )
    def test_found(self, code: str, text: str, message: str) -> None:
        [found] = problems(RETENTION, code)
        assert (found.text, found.message) == (text, message)

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                'resource "aws_cloudwatch_log_group" "g" {\n  name = "/apps/x"\n  retention_in_days = 7\n}\n',
                id="short, but not of EKS",
            ),
            pytest.param(eks_module("~> 20.0"), id="the module keeps 90 days"),
            pytest.param(
                eks_module("~> 17.0", 'cluster_enabled_log_types = ["api"]'), id="so did its older versions"
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert list(states(RETENTION, code).values()) == [State.PASS]

    @pytest.mark.parametrize(
        "name",
        [
            pytest.param('"/aws/eks/${var.x}/cluster"', id="the same variable"),
            pytest.param('"/aws/eks/${local.name}/cluster"', id="a local of it"),
            pytest.param('"/aws/eks/${aws_eks_cluster.c.name}/cluster"', id="the cluster's name"),
            pytest.param('"/aws/eks/${aws_eks_cluster.c.id}/cluster"', id="the cluster's id"),
        ],
    )
    def test_a_group_belongs_to_a_cluster_by_reference(self, name: str) -> None:
        group = f'resource "aws_cloudwatch_log_group" "g" {{\n  name = {name}\n  retention_in_days = 90\n}}\n'
        code = cluster("name = var.x", LOGGING) + "locals {\n  name = var.x\n}\n" + group
        assert set(states(RETENTION, code).values()) == {State.PASS}

    def test_a_group_of_an_unknown_name_may_be_the_one(self) -> None:
        group = (
            'variable "y" {}\nresource "aws_cloudwatch_log_group" "g" {\n  name = var.y\n'
            "  retention_in_days = 90\n}\n"
        )
        code = cluster('name = "shop"', LOGGING) + group
        assert states(RETENTION, code)["aws_eks_cluster.c"] is State.NOT_EVALUATED
        assert "whether `aws_cloudwatch_log_group.g` is the log group" in reasons(RETENTION, code)[0]

    def test_a_group_of_another_name_is_not_the_one(self) -> None:
        group = (
            'resource "aws_cloudwatch_log_group" "g" {\n  name = "/aws/eks/pay/cluster"\n'
            "  retention_in_days = 90\n}\n"
        )
        [found] = problems(RETENTION, cluster('name = "shop"', LOGGING) + group)
        assert found.address == "aws_eks_cluster.c"

    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            pytest.param(cluster('name = "shop"'), "no logs are written", id="logging is off"),
            pytest.param(
                'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n',
                "no logs are written",
                id="no flow logs",
            ),
            pytest.param(
                'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  enable_flow_log = true\n'
                '  create_flow_log_cloudwatch_log_group = true\n  flow_log_destination_type = "s3"\n}\n',
                "no logs are written",
                id="flow logs to S3",
            ),
            pytest.param(
                'resource "aws_cloudwatch_log_group" "g" {\n  log_group_class = "DELIVERY"\n}\n',
                "CloudWatch decides how long it keeps a group of the class DELIVERY",
                id="delivery",
            ),
        ],
    )
    def test_does_not_apply(self, code: str, reason: str) -> None:
        assert list(states(RETENTION, code).values()) == [State.NOT_APPLICABLE]
        assert reasons(RETENTION, code) == [reason]

    def test_the_configured_retention_is_suggested(self) -> None:
        code = 'resource "aws_cloudwatch_log_group" "g" {\n  name = "/apps/x"\n}\n'
        fixed = with_fixes(RETENTION, code, default_log_retention_days=365)
        assert "  retention_in_days = 365\n" in fixed

    def test_the_advice_names_the_switch_of_the_module(self) -> None:
        hints = [
            problem.hint
            for code in (
                eks_module("~> 20.0", "create_cloudwatch_log_group = false"),
                cluster('name = "shop"', 'enabled_cluster_log_types = ["api"]'),
            )
            for outcome in outcomes(RETENTION, code)
            for problem in outcome.problems
        ]
        assert [each.split(":")[0] for each in hints] == [
            "Leave `create_cloudwatch_log_group` on",
            "Declare the log group with a retention, and let the cluster depend on it.",
        ]

    def test_the_advice_names_the_argument(self) -> None:
        code = eks_module("~> 20.0", "cloudwatch_log_group_retention_in_days = 0")
        hints = [each.hint for outcome in outcomes(RETENTION, code) for each in outcome.problems]
        assert hints == [
            "Set `cloudwatch_log_group_retention_in_days` to a number of days that CloudWatch accepts, such as 90."
        ]


def test_a_log_group_of_a_cluster_without_known_name() -> None:
    cluster = f"  name = var.name\n  enabled_cluster_log_types = {ALL}\n"
    code = f'variable "name" {{}}\nresource "aws_eks_cluster" "c" {{\n{cluster}}}\n'
    [found] = problems(RETENTION, code)
    assert found.message.startswith("Log group `/aws/eks/…/cluster` is not managed")
