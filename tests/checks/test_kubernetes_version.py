"""Issue 1.2: versions that are absent, copied, wrong or behind."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, states
from tests.checks.suggested import with_fixes

NOT_SET, LITERAL = "EKS-CFG-201", "EKS-CFG-202"


class TestNotSet:
    @pytest.mark.parametrize(
        "code",
        [
            pytest.param('resource "aws_eks_cluster" "c" {\n  name = "x"\n}\n', id="resource"),
            pytest.param('module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n}\n', id="module"),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n}\n',
                id="module 20",
            ),
        ],
    )
    def test_found_on_the_header(self, code: str) -> None:
        [found] = problems(NOT_SET, code)
        assert found.text == code.splitlines()[0]
        assert "sets no Kubernetes version" in found.message

    def test_null_is_absent(self) -> None:
        [found] = problems(NOT_SET, 'resource "aws_eks_cluster" "c" {\n  version = null\n}\n')
        assert found.address == "aws_eks_cluster.c"

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param(
                'variable "v" {}\nresource "aws_eks_cluster" "c" {\n  version = var.v\n}\n',
                id="unknown",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  cluster_version = "1.35"\n}\n',
                id="module before 21",
            ),
            pytest.param(
                'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n'
                '  kubernetes_version = "1.35"\n}\n',
                id="module since 21",
            ),
            pytest.param(
                'module "eks" {\n  source = "cloudposse/eks-cluster/aws"\n  version = "4.6.0"\n}\n',
                id="cloudposse has a default, however old",
            ),
        ],
    )
    def test_set(self, code: str) -> None:
        assert list(states(NOT_SET, code).values()) == [State.PASS]

    def test_the_only_version_variable_is_used(self) -> None:
        code = """\
            variable "cluster_version" {}
            variable "node_version" {}

            module "eks" {
              source       = "terraform-aws-modules/eks/aws"
              version      = "~> 20.0"
              cluster_name = "x"
            }
            """
        assert "  cluster_version = var.cluster_version\n" in with_fixes(NOT_SET, code)

    @pytest.mark.parametrize(
        ("call", "fixed"),
        [
            (
                'source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0" # pinned\n\n  cluster_name = "x"',
                (
                    'source  = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0" # pinned\n\n'
                    '  cluster_version = var.cluster_version\n\n  cluster_name = "x"'
                ),
            ),
            (
                'source       = "terraform-aws-modules/eks/aws"\n  version      = "~> 20.0"\n  cluster_name = "x"',
                (
                    'source       = "terraform-aws-modules/eks/aws"\n  version      = "~> 20.0"\n\n'
                    '  cluster_version = var.cluster_version\n\n  cluster_name = "x"'
                ),
            ),
            (
                'cluster_name = "x"\n  source       = "terraform-aws-modules/eks/aws"\n  version      = "~> 20.0"',
                (
                    'cluster_version = var.cluster_version\n\n  cluster_name = "x"\n'
                    '  source       = "terraform-aws-modules/eks/aws"\n  version      = "~> 20.0"'
                ),
            ),
        ],
    )
    def test_in_a_module_call_it_goes_below_what_is_called(self, call: str, fixed: str) -> None:
        code = 'variable "cluster_version" {}\nmodule "eks" {\n  %s\n}\n'
        assert with_fixes(NOT_SET, code % call) == code % fixed
        crlf = (code % call).replace("\n", "\r\n")
        assert with_fixes(NOT_SET, crlf) == (code % fixed).replace("\n", "\r\n")

    @pytest.mark.parametrize(
        "variables",
        [
            pytest.param("", id="none"),
            pytest.param('variable "cluster_version" {}\nvariable "kubernetes_version" {}\n', id="two"),
            pytest.param('variable "eks_module_version" {}\n', id="of another thing"),
        ],
    )
    def test_nothing_is_suggested_without_exactly_one(self, variables: str) -> None:
        code = f'{variables}resource "aws_eks_cluster" "c" {{\n  name = "x"\n}}\n'
        assert [each.fix for outcome in outcomes(NOT_SET, code) for each in outcome.problems] == [None]


CLUSTER = 'resource "aws_eks_cluster" "c" {\n  version = "1.35"\n}\n'


class TestLiteral:
    def test_one_literal_for_one_environment_is_fine(self) -> None:
        assert problems(LITERAL, {"main.tf": CLUSTER, "terraform.tfvars": "", "x.auto.tfvars": ""}) == []

    def test_one_literal_for_two_environments(self) -> None:
        files = {"main.tf": CLUSTER, "env/dev.tfvars": "", "env/prod.tfvars": ""}
        [found] = problems(LITERAL, files)
        assert found.text == 'version = "1.35"'
        assert found.message == "One hard-coded Kubernetes version for 2 environments: none can go first."

    def test_copies(self) -> None:
        code = """\
            module "eks" {
              source             = "terraform-aws-modules/eks/aws"
              version            = "~> 21.0"
              kubernetes_version = "1.35"

              eks_managed_node_groups = {
                a = { kubernetes_version = "1.35" }
                b = { kubernetes_version = "1.34" }
              }
            }
            """
        found = problems(LITERAL, code)
        assert {(each.address, each.text) for each in found} == {
            ("module.eks", 'kubernetes_version = "1.35"'),
            ('module.eks.eks_managed_node_groups["a"]', 'a = { kubernetes_version = "1.35" }'),
        }
        assert {each.message for each in found} == {
            "The Kubernetes version is hard-coded in 2 places: an upgrade has to find them all."
        }

    @pytest.mark.parametrize(
        "version",
        [
            pytest.param("local.v", id="local"),
            pytest.param("var.v", id="variable"),
            pytest.param("aws_eks_cluster.c.version", id="the cluster's attribute"),
        ],
    )
    def test_references_are_no_copies(self, version: str) -> None:
        code = f"""\
            variable "v" {{
              default = "1.35"
            }}
            locals {{
              v = "1.35"
            }}
            resource "aws_eks_node_group" "n" {{
              version = {version}
            }}
            """
        assert problems(LITERAL, CLUSTER + code.replace("            ", "")) == []

    def test_a_variable_with_another_value_is_not_suggested(self) -> None:
        code = f'variable "kubernetes_version" {{\n  default = "1.36"\n}}\n{CLUSTER}'
        files = {"main.tf": code, "dev.tfvars": "", "prod.tfvars": ""}
        assert [each.fix for outcome in outcomes(LITERAL, files) for each in outcome.problems] == [None]
