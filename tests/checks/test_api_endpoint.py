"""EKS-SEC-107 and 108: what counts as open and as private, for every way to declare a cluster."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import outcomes, problems, reasons, states
from tests.checks.suggested import with_fixes

CHECK = "EKS-SEC-107"
PRIVATE = "EKS-SEC-108"
GIT = "git::https://github.com/terraform-aws-modules/terraform-aws-eks"


def raw(vpc_config: str) -> str:
    return f'variable "x" {{}}\nresource "aws_eks_cluster" "c" {{\n  vpc_config {{\n{vpc_config}\n  }}\n}}\n'


def module(version: str, *arguments: str) -> str:
    lines = "\n".join(f"  {each}" for each in arguments)
    pin = f'  version = "{version}"\n' if version else ""
    return f'module "eks" {{\n  source = "terraform-aws-modules/eks/aws"\n{pin}{lines}\n}}\n'


OPEN = [
    pytest.param('resource "aws_eks_cluster" "c" {\n  vpc_config {\n  }\n}\n', "vpc_config {", id="defaults"),
    pytest.param('resource "aws_eks_cluster" "c" {\n}\n', 'resource "aws_eks_cluster" "c" {', id="no block"),
    pytest.param(
        'resource "aws_eks_cluster" "c" {\n  vpc_config {\n    public_access_cidrs = []\n  }\n}\n',
        "public_access_cidrs = []",
        id="an empty list is filled by the API",
    ),
    pytest.param(
        'variable "more" {}\nresource "aws_eks_cluster" "c" {\n  vpc_config {\n'
        '    public_access_cidrs = ["::/0", var.more]\n  }\n}\n',
        'public_access_cidrs = ["::/0", var.more]',
        id="IPv6 beside something unknown",
    ),
    pytest.param(
        'resource "aws_eks_cluster" "c" {\n  vpc_config {\n    public_access_cidrs = [\n      "0.0.0.0/1",\n'
        '      "128.0.0.0/1",\n    ]\n  }\n}\n',
        '"0.0.0.0/1",',
        id="two halves",
    ),
    pytest.param(
        'resource "aws_eks_cluster" "c" {\n  dynamic "vpc_config" {\n    for_each = [1]\n    content {\n'
        "      endpoint_public_access = true\n    }\n  }\n}\n",
        "endpoint_public_access = true",
        id="dynamic block",
    ),
    pytest.param(module("17.24.0"), 'module "eks" {', id="module 17"),
    pytest.param(module("~> 18.0"), 'module "eks" {', id="module 18"),
    pytest.param(
        module("~> 20.8", "cluster_endpoint_public_access = true"),
        "cluster_endpoint_public_access = true",
        id="module 20",
    ),
    pytest.param(
        module(">= 21.0", "endpoint_public_access = true"), "endpoint_public_access = true", id="module 21"
    ),
    pytest.param(
        module("", "endpoint_public_access = true"),
        "endpoint_public_access = true",
        id="module without a version",
    ),
    pytest.param(
        module("~> 21.0", "endpoint_public_access = null"),
        "endpoint_public_access = null",
        id="null is handed on to the resource, whose default is public",
    ),
    pytest.param(
        f'module "eks" {{\n  source = "{GIT}.git?ref=v18.20.1"\n}}\n',
        'module "eks" {',
        id="module from git",
    ),
    pytest.param(
        'module "eks" {\n  source  = "cloudposse/eks-cluster/aws"\n  version = "4.6.0"\n}\n',
        'module "eks" {',
        id="cloudposse",
    ),
]


@pytest.mark.parametrize(("code", "text"), OPEN)
def test_open(code: str, text: str) -> None:
    [found] = problems(CHECK, code)
    assert found.text == text
    assert "answers everybody: public access is on" in found.message


CLOSED = [
    pytest.param(module("~> 19.0"), id="module 19 is private by default"),
    pytest.param(module("~> 20.0", 'cluster_name = "x"'), id="module 20 is private by default"),
    pytest.param(module("~> 21.0"), id="module 21 is private by default"),
    pytest.param(
        module(
            "~> 20.0",
            "cluster_endpoint_public_access = true",
            'cluster_endpoint_public_access_cidrs = ["10.0.0.0/8"]',
        ),
        id="restricted",
    ),
    pytest.param(
        raw('endpoint_public_access = var.x\npublic_access_cidrs = ["198.51.100.0/24"]'),
        id="restricted, whatever the flag is",
    ),
    pytest.param(
        raw("endpoint_public_access = false\npublic_access_cidrs = var.x"),
        id="off, whatever the networks are",
    ),
    pytest.param(
        'resource "aws_eks_cluster" "c" {\n  vpc_config {\n    endpoint_public_access = "false"\n  }\n}\n',
        id="a string",
    ),
]


@pytest.mark.parametrize("code", CLOSED)
def test_closed(code: str) -> None:
    assert list(states(CHECK, code).values()) == [State.PASS]


UNDECIDED = [
    pytest.param(module(""), "is not pinned", id="the default depends on the version"),
    pytest.param(
        module("~> 20.0", "cluster_endpoint_public_access = var.public"), "`var.public`", id="unknown flag"
    ),
    pytest.param(
        raw("public_access_cidrs = var.x"),
        "`var.x` has no value",
        id="unknown networks",
    ),
    pytest.param(
        'variable "vpc" {}\nresource "aws_eks_cluster" "c" {\n  dynamic "vpc_config" {\n'
        "    for_each = var.vpc\n"
        "    content {}\n  }\n}\n",
        "`var.vpc` has no value",
        id="unknown block",
    ),
    pytest.param(
        f'module "eks" {{\n  source = "{GIT}?ref=9f8e7d6"\n}}\n',
        "is not pinned",
        id="a commit says nothing about the version",
    ),
]


@pytest.mark.parametrize(("code", "reason"), UNDECIDED)
def test_not_evaluated(code: str, reason: str) -> None:
    assert list(states(CHECK, code).values()) == [State.NOT_EVALUATED]
    assert reason in reasons(CHECK, code)[0]


def test_a_local_cluster_on_outposts_has_no_public_endpoint() -> None:
    code = 'resource "aws_eks_cluster" "c" {\n  outpost_config {\n  }\n}\n'
    assert states(CHECK, code) == {"aws_eks_cluster.c": State.NOT_APPLICABLE}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(module("~> 18.0", "create = false"), id="create"),
        pytest.param(module("~> 17.0", "create_eks = false"), id="create_eks"),
        pytest.param(module("~> 18.0", "count = 0"), id="count"),
        pytest.param('data "aws_eks_cluster" "c" {\n  name = "x"\n}\n', id="a data source"),
        pytest.param('module "eks" {\n  source = "./eks"\n}\n', id="a module that is not there"),
    ],
)
def test_no_cluster(code: str) -> None:
    assert states(CHECK, code) == {}


def test_a_local_wrapper_is_entered_with_its_arguments() -> None:
    files = {
        "prod/main.tf": 'module "platform" {\n  source = "../modules/eks"\n  cidrs  = var.cidrs\n}\n'
        'variable "cidrs" {}\n',
        "prod/terraform.tfvars": 'cidrs = [\n  "10.0.0.0/8",\n  "0.0.0.0/0",\n]\n',
        "modules/eks/main.tf": 'variable "cidrs" {}\nresource "aws_eks_cluster" "this" {\n  vpc_config {\n'
        "    public_access_cidrs = var.cidrs\n  }\n}\n",
    }
    [found] = problems(CHECK, files, "prod")
    assert (found.address, found.path, found.text) == (
        "module.platform.aws_eks_cluster.this",
        "prod/terraform.tfvars",
        '"0.0.0.0/0",',
    )


def test_json_is_read_alike() -> None:
    code = '{"resource": {"aws_eks_cluster": {"c": {"vpc_config": {"public_access_cidrs": ["0.0.0.0/0"]}}}}}'
    [found] = problems(CHECK, {"main.tf.json": code})
    assert found.address == "aws_eks_cluster.c"


def test_endpoint_answers_only_the_networks_that_the_configuration_allows() -> None:
    code = """
    resource "aws_eks_cluster" "main" {
      name = "prod"
      vpc_config {
        endpoint_private_access = true
        public_access_cidrs     = ["203.0.113.0/24", "198.51.100.0/24"]
      }
    }
    """
    assert problems("EKS-SEC-107", code) == []
    assert problems("EKS-SEC-107", code, allowed_cidrs=("203.0.113.0/24", "198.51.100.0/24")) == []
    found = problems("EKS-SEC-107", code, allowed_cidrs=("203.0.113.0/24",))
    assert [each.message for each in found] == [
        (
            "The Kubernetes API of `prod` answers `198.51.100.0/24`, a public network that `allowed-cidrs` of the "
            "configuration does not list."
        )
    ]


CLOUDPOSSE = 'module "eks" {\n  source  = "cloudposse/eks-cluster/aws"\n  version = "4.6.0"\n}\n'


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param(raw("endpoint_private_access = false"), "endpoint_private_access = false", id="off"),
        pytest.param(
            raw('endpoint_private_access = "false"'), 'endpoint_private_access = "false"', id="as text"
        ),
        pytest.param(raw("subnet_ids = []"), "vpc_config {", id="the default"),
        pytest.param(module("17.24.0"), 'module "eks" {', id="module 17"),
        pytest.param(module("~> 18.0"), 'module "eks" {', id="module 18"),
        pytest.param(CLOUDPOSSE, 'module "eks" {', id="cloudposse"),
    ],
)
def test_not_private(code: str, text: str) -> None:
    [found] = problems(PRIVATE, code)
    assert found.text == text
    assert found.message == (
        "Node-to-API traffic leaves the VPC through NAT: private access to the endpoint is off."
    )


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(raw("endpoint_private_access = true"), id="on"),
        pytest.param(raw('endpoint_private_access = "true"'), id="as text"),
        pytest.param(module("~> 19.0"), id="module 19"),
        pytest.param(module("~> 21.0"), id="module 21"),
    ],
)
def test_private(code: str) -> None:
    assert list(states(PRIVATE, code).values()) == [State.PASS]


@pytest.mark.parametrize("code", [raw("endpoint_private_access = var.x"), module("")])
def test_private_access_that_is_unknown_is_not_evaluated(code: str) -> None:
    assert list(states(PRIVATE, code).values()) == [State.NOT_EVALUATED]


def test_private_access_is_switched_on_where_it_is_written_or_missing() -> None:
    assert "endpoint_private_access = true" in with_fixes(PRIVATE, raw("endpoint_private_access = false"))
    assert "  cluster_endpoint_private_access = true\n" in with_fixes(PRIVATE, module("~> 18.0"))
    json = '{"resource": {"aws_eks_cluster": {"c": {"vpc_config": {"subnet_ids": []}}}}}'
    assert [
        each.fix for outcome in outcomes(PRIVATE, {"main.tf.json": json}) for each in outcome.problems
    ] == [None]
