"""EKS-CFG-209 and EKS-CFG-210: add-ons that nobody keeps, and clusters without networking."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.blocks import eks_module
from tests.checks.harness import outcomes, problems, states
from tests.checks.suggested import with_fixes

MANAGED, NETWORKING = "EKS-CFG-209", "EKS-CFG-210"


def addon(*arguments: str) -> str:
    lines = "".join(f"  {each}\n" for each in arguments)
    return f'resource "aws_eks_addon" "a" {{\n  addon_name = "coredns"\n{lines}}}\n'


class TestVersions:
    def test_an_argument_that_comes_out_as_null_is_where_the_comment_stands(self) -> None:
        code = """
            variable "addons" {
              type    = map(object({ version = optional(string) }))
              default = { coredns = {} }
            }
            data "aws_eks_addon_version" "coredns" {
              addon_name = "coredns"
            }
            resource "aws_eks_addon" "a" {
              for_each      = var.addons
              addon_name    = each.key
              addon_version = try(each.value.version, data.aws_eks_addon_version.coredns.version)
            }
            """
        [found] = problems(MANAGED, code)
        assert found.message == (
            "The version of `coredns` comes out as null: nothing ties it to the cluster's version."
        )
        assert found.text.startswith("addon_version = try(")
        [problem] = outcomes(MANAGED, code)[0].problems
        assert problem.fix is None
        explicit = code.replace("try(each.value.version, data.aws_eks_addon_version.coredns.version)", "null")
        assert "addon_version = data.aws_eks_addon_version.coredns.version\n" in with_fixes(MANAGED, explicit)
        assert [each.message for each in problems(MANAGED, explicit)] == [
            "The version of `coredns` is not set: nothing ties it to the cluster's version."
        ]

    def test_a_literal(self) -> None:
        [found] = problems(MANAGED, addon('addon_version = "v1.11.1-eksbuild.4"'))
        assert found.text == 'addon_version = "v1.11.1-eksbuild.4"'
        assert (
            found.message
            == "The version of `coredns` is a literal: nothing ties it to the cluster's version."
        )

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param('variable "v" {}\n' + addon("addon_version = var.v"), id="variable"),
            pytest.param(
                'locals {\n  v = { coredns = "v1.11.1-eksbuild.4" }\n}\n'
                + addon('addon_version = local.v["coredns"]'),
                id="map",
            ),
            pytest.param(
                addon("# renovate: eksAddonsFilter={}", 'addon_version = "v1.11.1-eksbuild.4"'),
                id="kept by Renovate",
            ),
        ],
    )
    def test_managed(self, code: str) -> None:
        assert states(MANAGED, code) == {"aws_eks_addon.a": State.PASS}

    def test_the_look_up_of_another_add_on_is_not_suggested(self) -> None:
        code = 'data "aws_eks_addon_version" "cni" {\n  addon_name = "vpc-cni"\n}\n' + addon()
        with pytest.raises(AssertionError, match="offers no fix"):
            with_fixes(MANAGED, code)

    @pytest.mark.parametrize(
        "code",
        [
            'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  addons = { coredns = {} }\n}\n',
            'module "b" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n  eks_addons = { coredns = {} }\n}\n',
        ],
    )
    def test_modules_resolve_versions_themselves(self, code: str) -> None:
        assert states(MANAGED, code) == {}

    def test_a_raw_cluster_without_any(self) -> None:
        [found] = problems(MANAGED, 'resource "aws_eks_cluster" "c" {\n}\n')
        assert found.text == 'resource "aws_eks_cluster" "c" {'
        assert found.message.startswith("None of vpc-cni, coredns and kube-proxy is a managed add-on")

    def test_core_add_ons_in_another_root_count(self) -> None:
        files = {
            "cluster/main.tf": 'resource "aws_eks_cluster" "c" {\n}\n',
            "addons/main.tf": 'resource "aws_eks_addon" "a" {\n  addon_name = "vpc-cni"\n}\n',
        }
        assert states(MANAGED, files, "cluster") == {"aws_eks_cluster.c": State.NOT_EVALUATED}

    def test_auto_mode_runs_them(self) -> None:
        code = 'resource "aws_eks_cluster" "c" {\n  compute_config {\n    enabled = true\n  }\n}\n'
        assert states(MANAGED, code) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}


class TestNetworking:
    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(eks_module("~> 21.0"), id="module 21"),
            pytest.param(eks_module("~> 21.0", "addons = { coredns = {} }"), id="other add-ons"),
            pytest.param(eks_module("~> 20.0", "bootstrap_self_managed_addons = false"), id="module 20"),
            pytest.param(
                'resource "aws_eks_cluster" "c" {\n  bootstrap_self_managed_addons = false\n}\n',
                id="resource",
            ),
        ],
    )
    def test_nothing_installs_it(self, code: str) -> None:
        [found] = problems(NETWORKING, code)
        assert found.message == "Nothing installs a CNI: nodes of a new cluster join and stay NotReady."

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(eks_module("~> 20.0"), id="EKS installs it"),
            pytest.param(eks_module("~> 21.0", "addons = { vpc-cni = {} }"), id="add-on"),
            pytest.param(eks_module("~> 21.0", "compute_config = { enabled = true }"), id="Auto Mode"),
            *[
                pytest.param(
                    eks_module("~> 21.0")
                    + f'resource "helm_release" "c" {{\n  name  = "c"\n  chart = "{chart}"\n}}\n',
                    id=chart,
                )
                for chart in ("cilium", "calico", "tigera-operator", "aws-vpc-cni")
            ],
            pytest.param(
                eks_module("~> 21.0") + 'resource "aws_eks_addon" "c" {\n  addon_name = "vpc-cni"\n}\n',
                id="an add-on of its own",
            ),
            pytest.param(
                eks_module("~> 21.0") + 'module "b" {\n  source = "aws-ia/eks-blueprints-addons/aws"\n'
                "  eks_addons = { vpc-cni = {} }\n}\n",
                id="the blueprints' add-ons",
            ),
        ],
    )
    def test_fine(self, code: str) -> None:
        assert list(states(NETWORKING, code).values()) == [State.PASS]

    def test_unknown_add_ons(self) -> None:
        code = 'variable "a" {}\n' + eks_module("~> 21.0", "addons = var.a")
        assert states(NETWORKING, code) == {"module.eks": State.NOT_EVALUATED}

    def test_hybrid_nodes_bring_their_own(self) -> None:
        code = eks_module("~> 21.0", "remote_network_config = { remote_node_networks = {} }")
        assert states(NETWORKING, code) == {"module.eks": State.NOT_APPLICABLE}

    def test_the_add_ons_are_suggested(self) -> None:
        fixed = with_fixes(NETWORKING, eks_module("~> 21.0", 'name = "x"'))
        assert "  addons = {\n    coredns    = {}\n    kube-proxy = {}\n    vpc-cni = {\n" in fixed
