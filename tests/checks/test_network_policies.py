"""Issue 7.2: network policies."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from reviewer.engine.suggestion import apply_edits
from tests.checks.harness import outcomes, problems, reasons, states


def module(addons: str, version: str = "~> 21.0", argument: str = "addons") -> str:
    return f"""
module "eks" {{
  source  = "terraform-aws-modules/eks/aws"
  version = "{version}"
  {argument} = {addons}
}}
"""


RAW = """
resource "aws_eks_cluster" "main" {
  name = "prod"
}
"""
CNI = """
resource "aws_eks_addon" "cni" {
  cluster_name = aws_eks_cluster.main.name
  addon_name   = "vpc-cni"
  %s
}
"""


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (module("{ vpc-cni = {} }"), "addons = { vpc-cni = {} }"),
        (module("{ coredns = {} }"), 'module "eks" {'),
        (module("{ vpc-cni = {} }", "~> 20.0", "cluster_addons"), "cluster_addons = { vpc-cni = {} }"),
        (RAW, 'resource "aws_eks_cluster" "main" {'),
        (RAW + CNI % "", 'resource "aws_eks_addon" "cni" {'),
        (
            RAW + CNI % 'configuration_values = jsonencode({ env = { A = "b" } })',
            'configuration_values = jsonencode({ env = { A = "b" } })',
        ),
        (
            RAW + CNI % 'configuration_values = "{\\"enableNetworkPolicy\\": \\"false\\"}"',
            'configuration_values = "{\\"enableNetworkPolicy\\": \\"false\\"}"',
        ),
        (
            'resource "aws_eks_cluster" "main" {\n  compute_config {\n    enabled = true\n  }\n}',
            'resource "aws_eks_cluster" "main" {',
        ),
    ],
)
def test_engine_is_off(code: str, line: str) -> None:
    assert [each.text for each in problems("EKS-GOV-201", code)] == [line]


ON = 'jsonencode({ enableNetworkPolicy = "true" })'


@pytest.mark.parametrize(
    "code",
    [
        module(f"{{ vpc-cni = {{ configuration_values = {ON} }} }}"),
        module(f"{{ vpc-cni = {{ configuration_values = {ON} }} }}", "~> 19.0", "cluster_addons"),
        RAW + CNI % f"configuration_values = {ON}",
        RAW + CNI % "configuration_values = jsonencode({ enableNetworkPolicy = true })",
        RAW + CNI % 'configuration_values = "{\\"enableNetworkPolicy\\": \\"true\\"}"',
        RAW + CNI % 'configuration_values = yamlencode({ enableNetworkPolicy = "true" })',
        RAW + CNI % f"configuration_values = {ON}" + 'variable "x" {}',
        RAW
        + 'variable "x" {}\n'
        + CNI % 'configuration_values = jsonencode({ enableNetworkPolicy = "true", env = { A = var.x } })',
        RAW + 'resource "helm_release" "cilium" {\n  chart = "cilium"\n}',
        (
            'resource "aws_eks_cluster" "main" {\n  compute_config {\n    enabled = true\n  }\n}\n'
            'resource "kubernetes_config_map" "cni" {\n  metadata {\n    name = "amazon-vpc-cni"\n  }\n'
            '  data = { enable-network-policy-controller = "true" }\n}'
        ),
    ],
)
def test_engine_is_on(code: str) -> None:
    assert set(states("EKS-GOV-201", code).values()) == {State.PASS}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"main.tf": 'variable "c" {}\n' + RAW + CNI % "configuration_values = var.c"},
            "`var.c` has no value in the code",
        ),
        ({"main.tf": 'variable "a" {}\n' + module("var.a")}, "`var.a` has no value in the code"),
        (
            {"main.tf": RAW, "addons/cni.json": '{"enableNetworkPolicy": "true"}'},
            "`addons/cni.json` mentions `enableNetworkPolicy`, but no VPC CNI add-on is here",
        ),
        (
            {"main.tf": RAW + 'resource "helm_release" "argo" {\n  chart = "argo-cd"\n}'},
            "a GitOps controller is installed, and add-ons are managed in another repository",
        ),
    ],
)
def test_what_the_code_does_not_tell(files: dict[str, str], reason: str) -> None:
    assert reasons("EKS-GOV-201", files) == [reason]


def test_add_ons_belong_to_their_cluster() -> None:
    two = (
        RAW + RAW.replace('"main"', '"other"').replace("prod", "stage") + CNI % f"configuration_values = {ON}"
    )
    assert states("EKS-GOV-201", two) == {
        "aws_eks_cluster.main": State.PASS,
        "aws_eks_cluster.other": State.NOT_EVALUATED,
    }


@pytest.mark.parametrize(
    ("code", "fixed"),
    [
        (
            module("{ vpc-cni = {} }"),
            '{ vpc-cni = { configuration_values = jsonencode({ enableNetworkPolicy = "true" }) } }',
        ),
        (RAW + CNI % "", 'configuration_values = jsonencode({ enableNetworkPolicy = "true" })'),
    ],
)
def test_fix_switches_the_engine_on(code: str, fixed: str) -> None:
    problem = outcomes("EKS-GOV-201", code)[0].problems[0]
    assert problem.fix is not None
    after = apply_edits(code, problem.fix.edits)
    assert fixed in after
    assert problems("EKS-GOV-201", after) == []


def test_existing_configuration_is_not_overwritten() -> None:
    code = RAW + CNI % 'configuration_values = jsonencode({ env = { A = "b" } })'
    assert outcomes("EKS-GOV-201", code)[0].problems[0].fix is None
