"""Which module a call uses, and which versions its constraint admits."""

from __future__ import annotations

import pytest

from reviewer.terraform.configuration import Configuration, Sources
from reviewer.views.module_source import ModuleSource, module_source
from tests.trees import tree


def source_of(source: str, version: str = "") -> ModuleSource | None:
    pin = f'  version = "{version}"\n' if version else ""
    code = f'module "m" {{\n  source = "{source}"\n{pin}}}\n'
    root = Configuration(tree({"main.tf": code}), Sources()).root("")
    return module_source(next(iter(root.calls())))


@pytest.mark.parametrize(
    ("source", "name", "submodule", "constraint"),
    [
        ("terraform-aws-modules/eks/aws", "terraform-aws-modules/eks/aws", "", ""),
        ("registry.terraform.io/terraform-aws-modules/eks/aws", "terraform-aws-modules/eks/aws", "", ""),
        (
            "terraform-aws-modules/eks/aws//modules/karpenter",
            "terraform-aws-modules/eks/aws",
            "modules/karpenter",
            "",
        ),
        (
            "git::https://github.com/terraform-aws-modules/terraform-aws-eks.git?ref=v20.8.4",
            "terraform-aws-modules/eks/aws",
            "",
            "20.8.4",
        ),
        (
            "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-eks//modules/karpenter?ref=v21.0.0&depth=1",
            "terraform-aws-modules/eks/aws",
            "modules/karpenter",
            "21.0.0",
        ),
        (
            "git@github.com:cloudposse/terraform-aws-eks-cluster.git?ref=4.6.0",
            "cloudposse/eks-cluster/aws",
            "",
            "4.6.0",
        ),
        (
            "github.com/terraform-aws-modules/terraform-aws-eks?ref=12ab34cd",
            "terraform-aws-modules/eks/aws",
            "",
            "",
        ),
        (
            "github.com/terraform-aws-modules/terraform-aws-eks?ref=main",
            "terraform-aws-modules/eks/aws",
            "",
            "",
        ),
    ],
)
def test_sources(source: str, name: str, submodule: str, constraint: str) -> None:
    assert source_of(source) == ModuleSource(name, submodule, constraint)


@pytest.mark.parametrize(
    "source", ["./modules/eks", "../eks", "s3::https://s3.amazonaws.com/b/eks.zip", "github.com/acme/eks"]
)
def test_other_sources(source: str) -> None:
    assert source_of(source) is None


@pytest.mark.parametrize(
    ("constraint", "majors"),
    [
        ("", (17, 18, 19, 20, 21)),
        ("20.8.4", (20,)),
        ("= 20.8.4", (20,)),
        ("~> 20.8", (20,)),
        ("~> 20.8.0", (20,)),
        ("~> 20", (20, 21)),
        (">= 19.0, < 21.0", (19, 20)),
        (">= 19.0, <= 20.37", (19, 20)),
        ("> 20.0", (20, 21)),
        ("< 18", (17,)),
        ("!= 20.1.0, >= 20", (20, 21)),
        ("~> 22.0", ()),
        ("v20.8.4", (20,)),
    ],
)
def test_majors(constraint: str, majors: tuple[int, ...]) -> None:
    assert ModuleSource("n", "", constraint).majors(17, 21) == majors


@pytest.mark.parametrize(
    ("constraint", "admitted"),
    [
        ("20.8.4", {8}),
        ("~> 20.8.0", {8}),
        ("~> 20.8", {8, 9, 10}),
        (">= 20.8, < 20.10", {8, 9}),
        (">= 20.8, < 20.10.1", {8, 9, 10}),
        ("<= 20.8", {7, 8}),
        ("~> 21.0", set()),
    ],
)
def test_minors(constraint: str, admitted: set[int]) -> None:
    source = ModuleSource("n", "", constraint)
    assert {minor for minor in range(7, 11) if source.admits(20, minor)} == admitted
