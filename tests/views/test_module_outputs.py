"""What public modules pass on, and where they might not."""

from __future__ import annotations

import pytest

from reviewer.terraform.configuration import Configuration, Sources
from reviewer.terraform.value import Unknown, Value
from reviewer.views.module_outputs import passed_on
from tests.trees import tree


def value_of(expression: str, call: str) -> Value:
    files = {
        "main.tf": f'module "m" {{\n{call}\n}}\nlocals {{\n  made = lower("A")\n}}\noutput "x" {{ value = {expression} }}\n'
    }
    value = Configuration(tree(files), Sources(), passed_on=passed_on).root("").output("x")
    assert value is not None
    return value


EKS = '  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
VPC = '  source = "terraform-aws-modules/vpc/aws"\n  version = "~> 6.0"\n'


@pytest.mark.parametrize(
    ("expression", "call", "expected"),
    [
        ("module.m.cluster_name", f'{EKS}  name = "prod-${{local.made}}"', "prod-a"),
        ("module.m.cluster_version", f'{EKS}  kubernetes_version = "1.34"', "1.34"),
        (
            "module.m.cluster_name",
            '  source = "terraform-aws-modules/eks/aws"\n  version = "~> 20.0"\n  cluster_name = "a"',
            "a",
        ),
        ('"${module.m.cluster_name}-x"', f'{EKS}  name = "a"', "a-x"),
        ("module.m.vpc_cidr_block", f'{VPC}  cidr = "10.1.0.0/16"', "10.1.0.0/16"),
        ("length(module.m.private_subnets_cidr_blocks)", f'{VPC}  private_subnets = ["a", "b"]', 2),
        ("module.m.private_subnets_cidr_blocks[1]", f'{VPC}  private_subnets = ["a", "b"]', "b"),
    ],
)
def test_an_input_that_a_module_passes_on_is_known(expression: str, call: str, expected: object) -> None:
    assert value_of(expression, call).require() == expected


def test_an_output_keeps_its_identity_and_its_lines() -> None:
    value = value_of("module.m.cluster_name", f'{EKS}  name = "a"')

    assert isinstance(value.data, Unknown)
    assert value.data.reference == "module.m.cluster_name"
    assert str(value.settled().supplier) == "main.tf:4"


@pytest.mark.parametrize(
    ("expression", "call"),
    [
        ("module.m.cluster_arn", f'{EKS}  name = "a"'),
        ("module.m.cluster_version", f'{EKS}  name = "a"'),
        ("module.m.cluster_version", f"{EKS}  kubernetes_version = null"),
        ("module.m.cluster_name", f'{EKS}  name = "a"\n  create = false'),
        ("module.m.cluster_name", f'{EKS}  name = "a"\n  create = var.there'),
        ("module.m.vpc_cidr_block", f'{VPC}  cidr = "10.1.0.0/16"\n  use_ipam_pool = true'),
        (
            "module.m.cluster_name",
            '  source = "terraform-aws-modules/eks/aws//modules/karpenter"\n  cluster_name = "a"',
        ),
        ("module.m.cluster_name", '  source = "someone/eks/aws"\n  name = "a"'),
    ],
    ids=[
        "another output",
        "absent",
        "null",
        "not created",
        "perhaps created",
        "unless",
        "submodule",
        "another module",
    ],
)
def test_nothing_is_guessed(expression: str, call: str) -> None:
    assert value_of(expression, call).settled().is_unknown
