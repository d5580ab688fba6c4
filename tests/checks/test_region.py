"""Issue 1.1: regions."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import Found, problems, reasons, states

MAIN = """
provider "aws" {
  region = "us-east-1"
}
"""


def fired(found: list[Found]) -> list[tuple[str, str]]:
    return [(each.path, each.text) for each in found]


@pytest.mark.parametrize(
    "content",
    [
        "eu-west-1",
        "eu-west-1\n",
        "eu-west-1\r\n",
        "  eu-west-1\n\n",
        "\ufeffeu-west-1\n",
        "# ours\neu-west-1\n",
    ],
)
def test_region_file_is_read_as_it_occurs_in_the_wild(content: str) -> None:
    found = problems("EKS-CFG-101", {"AWS_REGION": content, "main.tf": MAIN})
    assert fired(found) == [("main.tf", 'region = "us-east-1"')]
    assert found[0].message == (
        "The provider's region resolves to `us-east-1` (from `main.tf`) but `AWS_REGION` says `eu-west-1`: "
        "the same code deploys to two regions depending on who runs it."
    )


@pytest.mark.parametrize(
    ("content", "state", "reason"),
    [
        ("", State.NOT_APPLICABLE, "there is no AWS_REGION file"),
        (" \n", State.NOT_APPLICABLE, "there is no AWS_REGION file"),
        ("staging\n", State.NOT_EVALUATED, "`AWS_REGION` names no AWS region"),
        ("eu-west-1 eu-west-2\n", State.NOT_EVALUATED, "`AWS_REGION` names several regions"),
        ("eu-west-1a\n", State.NOT_EVALUATED, "`AWS_REGION` names no AWS region"),
    ],
)
def test_region_file_that_names_no_single_region_decides_nothing(
    content: str, state: State, reason: str
) -> None:
    files = {"AWS_REGION": content, "main.tf": MAIN}
    assert states("EKS-CFG-101", files) == {"provider.aws": state}
    assert reasons("EKS-CFG-101", files) == [reason]


def test_nearest_region_file_wins() -> None:
    files = {
        "AWS_REGION": "eu-west-1\n",
        "live/AWS_REGION": "us-east-1\n",
        "live/prod/main.tf": MAIN,
        "other/main.tf": MAIN,
    }
    assert problems("EKS-CFG-101", files, root="live/prod") == []
    assert fired(problems("EKS-CFG-101", files, root="other")) == [("other/main.tf", 'region = "us-east-1"')]


@pytest.mark.parametrize(
    "expression",
    [
        'trimspace(file("${path.module}/AWS_REGION"))',
        'trimspace(file("AWS_REGION"))',
        'chomp(file("${path.root}/AWS_REGION"))',
        'file("AWS_REGION")',
    ],
)
def test_reading_the_file_agrees_by_construction(expression: str) -> None:
    files = {"AWS_REGION": "eu-west-1\n", "main.tf": f'provider "aws" {{\n  region = {expression}\n}}'}
    assert states("EKS-CFG-101", files) == {"provider.aws": State.PASS}


def test_tfvars_supply_the_region_and_win_over_the_default() -> None:
    files = {
        "AWS_REGION": "eu-west-1\n",
        "main.tf": """
            variable "aws_region" {
              default = "eu-west-1"
            }
            provider "aws" {
              region = var.aws_region
            }
            """,
        "terraform.tfvars": 'aws_region = "us-west-2"\n',
    }
    assert fired(problems("EKS-CFG-101", files)) == [("terraform.tfvars", 'aws_region = "us-west-2"')]


def test_named_var_files_are_not_loaded_and_not_compared() -> None:
    files = {
        "AWS_REGION": "eu-west-1\n",
        "main.tf": 'variable "region" {}\nprovider "aws" {\n  region = var.region\n}\n',
        "prod.tfvars": 'region = "us-west-2"\n',
    }
    assert states("EKS-CFG-101", files) == {"provider.aws": State.NOT_EVALUATED}
    assert reasons("EKS-CFG-101", files) == ["`var.region` has no value in the code"]


def test_aliased_providers_are_elsewhere_by_design() -> None:
    files = {
        "AWS_REGION": "eu-west-1",
        "main.tf": 'provider "aws" {\n  alias = "dr"\n  region = "us-east-1"\n}',
    }
    assert states("EKS-CFG-101", files) == {}


def test_provider_without_a_region_is_another_check() -> None:
    files = {"AWS_REGION": "eu-west-1", "main.tf": 'provider "aws" {}'}
    assert states("EKS-CFG-101", files) == {"provider.aws": State.NOT_APPLICABLE}


def test_locals_json_and_conditions_with_two_wrong_branches_are_seen() -> None:
    local = {
        "AWS_REGION": "eu-west-1",
        "main.tf": 'locals {\n  r = "us-east-1"\n}\nprovider "aws" {\n  region = local.r\n}',
    }
    assert fired(problems("EKS-CFG-101", local)) == [("main.tf", 'r = "us-east-1"')]
    json = {"AWS_REGION": "eu-west-1", "main.tf.json": '{"provider": {"aws": {"region": "us-east-1"}}}'}
    assert [each.path for each in problems("EKS-CFG-101", json)] == ["main.tf.json"]
    both = 'variable "x" {}\nprovider "aws" {\n  region = var.x ? "us-east-1" : "us-east-2"\n}'
    found = problems("EKS-CFG-101", {"AWS_REGION": "eu-west-1", "main.tf": both})
    assert "`us-east-1 or us-east-2`" in found[0].message
    one = 'variable "x" {}\nprovider "aws" {\n  region = var.x ? "us-east-1" : "eu-west-1"\n}'
    assert states("EKS-CFG-101", {"AWS_REGION": "eu-west-1", "main.tf": one}) == {
        "provider.aws": State.NOT_EVALUATED
    }
