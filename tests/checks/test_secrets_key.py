"""EKS-SEC-306: which clusters have a key of their own for secrets."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.blocks import eks_module
from tests.checks.harness import outcomes, problems, states
from tests.checks.suggested import with_fixes

CHECK = "EKS-SEC-306"


def cloudposse(argument: str) -> str:
    version = 'version = "4.6.0"\n  kubernetes_version = "1.35"'
    return f'module "eks" {{\n  source = "cloudposse/eks-cluster/aws"\n  {version}\n  {argument}\n}}\n'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param(eks_module("~> 17.0"), 'module "eks" {', id="module 17"),
        pytest.param(eks_module("~> 18.0"), 'module "eks" {', id="module 18"),
        pytest.param(
            eks_module("~> 20.0", "cluster_encryption_config = {}"),
            "cluster_encryption_config = {}",
            id="module 20 off",
        ),
        pytest.param(
            eks_module("~> 21.0", "encryption_config = null"), "encryption_config = null", id="module 21 off"
        ),
        pytest.param(
            cloudposse("cluster_encryption_config_enabled = false"),
            "cluster_encryption_config_enabled = false",
            id="cloudposse off",
        ),
    ],
)
def test_without_a_key(code: str, text: str) -> None:
    [found] = problems(CHECK, code)
    assert found.text == text
    assert "no customer-managed KMS key" in found.message


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(eks_module("~> 19.0"), id="module 19"),
        pytest.param(eks_module("~> 21.0"), id="module 21"),
        pytest.param(
            eks_module("~> 21.0", "encryption_config = {}"), id="module 21, an empty object is the default"
        ),
        pytest.param(
            eks_module(
                "~> 18.0", 'cluster_encryption_config = [{ provider_key_arn = "x", resources = ["secrets"] }]'
            ),
            id="module 18 with a list",
        ),
        pytest.param(
            eks_module(
                "~> 20.0", 'cluster_encryption_config = { resources = ["secrets"], provider_key_arn = var.k }'
            ),
            id="module 20 with an object",
        ),
        pytest.param(cloudposse("enabled = true"), id="cloudposse"),
    ],
)
def test_with_a_key(code: str) -> None:
    assert list(states(CHECK, code).values()) == [State.PASS]


def test_a_dynamic_block_that_depends_on_a_variable_is_not_evaluated() -> None:
    code = """\
        variable "key" {}
        resource "aws_eks_cluster" "c" {
          dynamic "encryption_config" {
            for_each = var.key == null ? [] : [1]
            content {
              resources = ["secrets"]
            }
          }
        }
        """
    assert states(CHECK, code) == {"aws_eks_cluster.c": State.NOT_EVALUATED}


def test_a_dynamic_block_that_is_empty_counts_as_absent() -> None:
    code = """\
        resource "aws_eks_cluster" "c" {
          dynamic "encryption_config" {
            for_each = []
            content {
              resources = ["secrets"]
            }
          }
        }
        """
    assert [each.address for each in problems(CHECK, code)] == ["aws_eks_cluster.c"]


def test_only_an_old_version_is_called_unencrypted() -> None:
    old, new = (f'resource "aws_eks_cluster" "c" {{\n  version = "{each}"\n}}\n' for each in ("1.27", "1.28"))
    assert "without envelope encryption" in problems(CHECK, old)[0].message
    assert "without envelope encryption" not in problems(CHECK, new)[0].message


def test_the_only_key_is_used() -> None:
    code = """\
        resource "aws_kms_key" "eks" {}

        resource "aws_eks_cluster" "c" {
          name = "x"
        }
        """
    expected = """\
resource "aws_eks_cluster" "c" {
  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.eks.arn
    }
  }

  name = "x"
}
"""
    assert with_fixes(CHECK, code).endswith(expected)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param('resource "aws_kms_key" "a" {}\nresource "aws_kms_key" "b" {}\n', id="two"),
        pytest.param('resource "aws_kms_key" "a" {\n  count = 1\n}\n', id="counted"),
        pytest.param("", id="none"),
    ],
)
def test_no_key_is_guessed(keys: str) -> None:
    code = f'{keys}resource "aws_eks_cluster" "c" {{\n  name = "x"\n}}\n'
    assert [each.fix for outcome in outcomes(CHECK, code) for each in outcome.problems] == [None]
