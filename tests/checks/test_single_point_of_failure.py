"""Issue 3.1: single points of failure."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import Found, problems, reasons, states

CLUSTER = """
resource "aws_eks_cluster" "main" {
  name = "prod"
  vpc_config {
    subnet_ids = %s
  }
}
data "aws_availability_zones" "ok" {}
"""


def fired(found: list[Found]) -> list[str]:
    return [each.text for each in found]


def raw(subnet_ids: str, subnets: str) -> str:
    return CLUSTER % subnet_ids + subnets


COUNTED = """
locals {
  azs = slice(data.aws_availability_zones.ok.names, 0, %d)
}
resource "aws_subnet" "a" {
  count             = length(local.azs)
  availability_zone = local.azs[count.index]
}
"""


@pytest.mark.parametrize(
    ("subnet_ids", "subnets", "line"),
    [
        ("aws_subnet.a[*].id", COUNTED % 2, "subnet_ids = aws_subnet.a[*].id"),
        ("[for s in aws_subnet.a : s.id]", COUNTED % 1, "subnet_ids = [for s in aws_subnet.a : s.id]"),
        (
            "aws_subnet.a[*].id",
            (
                'resource "aws_subnet" "a" {\n count = 4\n availability_zone = '
                "data.aws_availability_zones.ok.names[count.index % 2]\n}"
            ),
            "subnet_ids = aws_subnet.a[*].id",
        ),
        (
            "[aws_subnet.a.id, aws_subnet.b.id]",
            (
                'resource "aws_subnet" "a" {\n availability_zone = "eu-west-1a"\n}\n'
                'resource "aws_subnet" "b" {\n availability_zone = "eu-west-1a"\n}'
            ),
            "subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]",
        ),
        (
            "[for s in aws_subnet.a : s.id]",
            (
                'resource "aws_subnet" "a" {\n for_each = toset(["eu-west-1a", "eu-west-1b"])\n'
                " availability_zone = each.key\n}"
            ),
            "subnet_ids = [for s in aws_subnet.a : s.id]",
        ),
    ],
)
def test_too_few_zones_of_resources(subnet_ids: str, subnets: str, line: str) -> None:
    assert fired(problems("EKS-REL-101", raw(subnet_ids, subnets))) == [line]


@pytest.mark.parametrize(
    ("subnet_ids", "subnets"),
    [
        ("aws_subnet.a[*].id", COUNTED % 3),
        (
            "values(aws_subnet.a)[*].id",
            (
                'resource "aws_subnet" "a" '
                '{\n for_each = toset(["a", "b", "c"])\n availability_zone = each.key\n}'
            ),
        ),
        ("concat(aws_subnet.a[*].id, var.more)", 'variable "more" {}\n' + COUNTED % 3),
    ],
)
def test_three_zones_pass(subnet_ids: str, subnets: str) -> None:
    assert states("EKS-REL-101", raw(subnet_ids, subnets)) == {"aws_eks_cluster.main": State.PASS}


@pytest.mark.parametrize(
    ("subnet_ids", "subnets"),
    [
        ("var.subnet_ids", 'variable "subnet_ids" {}'),
        ("data.aws_subnets.private.ids", 'data "aws_subnets" "private" {}'),
        ('["subnet-1", "subnet-2"]', ""),
        ("concat(aws_subnet.a[*].id, var.more)", 'variable "more" {}\n' + COUNTED % 2),
        (
            "aws_subnet.a[*].id",
            (
                'variable "n" {}\nresource "aws_subnet" "a" '
                '{\n count = var.n\n availability_zone = "eu-west-1a"\n}'
            ),
        ),
        (
            "[aws_subnet.a.id]",
            'variable "z" {}\nresource "aws_subnet" "a" {\n  cidr_block = "10.0.0.0/24"\n}',
        ),
    ],
)
def test_zones_that_the_code_does_not_tell_decide_nothing(subnet_ids: str, subnets: str) -> None:
    assert states("EKS-REL-101", raw(subnet_ids, subnets)) == {"aws_eks_cluster.main": State.NOT_EVALUATED}


def module_cluster(zones: str, subnets: str, subnet_ids: str = "module.vpc.private_subnets") -> str:
    return f"""
data "aws_availability_zones" "ok" {{}}
variable "more" {{}}
locals {{
  azs = {zones}
}}
module "vpc" {{
  source          = "terraform-aws-modules/vpc/aws"
  version         = "~> 5.0"
  azs             = local.azs
  private_subnets = {subnets}
  public_subnets  = {subnets}
}}
module "eks" {{
  source     = "terraform-aws-modules/eks/aws"
  version    = "~> 20.0"
  subnet_ids = {subnet_ids}
}}
"""


TWO = "slice(data.aws_availability_zones.ok.names, 0, 2)"
EACH = '[for k, v in local.azs : cidrsubnet("10.0.0.0/16", 8, k)]'


@pytest.mark.parametrize(
    ("zones", "subnets", "subnet_ids", "line"),
    [
        (TWO, EACH, "module.vpc.private_subnets", f"azs = {TWO}"),
        (
            '["eu-west-1a", "eu-west-1b"]',
            EACH,
            "module.vpc.private_subnets",
            'azs = ["eu-west-1a", "eu-west-1b"]',
        ),
        (
            '["a", "b", "c"]',
            '["10.0.1.0/24", "10.0.2.0/24"]',
            "module.vpc.private_subnets",
            'private_subnets = ["10.0.1.0/24", "10.0.2.0/24"]',
        ),
        (TWO, EACH, "concat(module.vpc.private_subnets, module.vpc.public_subnets)", None),
        ('["a", "b", "c"]', EACH, "[module.vpc.private_subnets[0], module.vpc.private_subnets[1]]", None),
        ('["a", "b", "c"]', EACH, "slice(module.vpc.private_subnets, 0, 1)", None),
    ],
)
def test_too_few_zones_of_the_vpc_module(zones: str, subnets: str, subnet_ids: str, line: str | None) -> None:
    found = problems("EKS-REL-101", module_cluster(zones, subnets, subnet_ids))
    assert fired(found) == [line or f"subnet_ids = {subnet_ids}"]


@pytest.mark.parametrize(
    ("zones", "subnet_ids"),
    [
        ("data.aws_availability_zones.ok.names", "module.vpc.private_subnets"),
        (TWO, "concat(module.vpc.private_subnets, var.more)"),
    ],
)
def test_unknown_zones_of_the_vpc_module(zones: str, subnet_ids: str) -> None:
    assert states("EKS-REL-101", module_cluster(zones, EACH, subnet_ids)) == {
        "module.eks": State.NOT_EVALUATED
    }


def test_message_says_what_is_lost() -> None:
    one = problems("EKS-REL-101", raw("aws_subnet.a[*].id", COUNTED % 1))
    assert one[0].message == (
        "The subnets of `prod` cover 1 availability zone: EKS does not make a cluster in one zone."
    )
    two = problems("EKS-REL-101", raw("aws_subnet.a[*].id", COUNTED % 2))
    assert two[0].message == (
        "The subnets of `prod` cover 2 availability zones: one zone's outage takes half of the capacity."
    )


def test_two_zones_are_enough_in_a_small_region_and_in_development() -> None:
    code = raw("aws_subnet.a[*].id", COUNTED % 2)
    small = 'provider "aws" {\n  region = "us-west-1"\n}\n' + code
    assert states("EKS-REL-101", small) == {"aws_eks_cluster.main": State.PASS}
    dev = {"envs/dev/main.tf": code}
    assert states("EKS-REL-101", dev, root="envs/dev") == {"aws_eks_cluster.main": State.NOT_APPLICABLE}


def test_zones_are_followed_through_a_local_module() -> None:
    files = {
        "main.tf": """
            module "network" {
              source = "./network"
              zones  = ["eu-west-1a", "eu-west-1b"]
            }
            resource "aws_eks_cluster" "main" {
              vpc_config {
                subnet_ids = module.network.ids
              }
            }
            """,
        "network/main.tf": """
            variable "zones" {}
            resource "aws_subnet" "private" {
              for_each          = toset(var.zones)
              availability_zone = each.value
            }
            output "ids" { value = [for each in aws_subnet.private : each.id] }
            """,
    }
    assert fired(problems("EKS-REL-101", files)) == ["subnet_ids = module.network.ids"]


def vpc_module(arguments: str, version: str = "~> 6.0") -> str:
    return f"""
variable "env" {{}}
module "vpc" {{
  source  = "terraform-aws-modules/vpc/aws"
  version = "{version}"
  azs     = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  {arguments}
}}
"""


@pytest.mark.parametrize("version", ["~> 3.0", "~> 4.0", "5.21.0", ">= 6.0"])
def test_single_gateway_of_every_version_of_the_module(version: str) -> None:
    found = problems(
        "EKS-REL-103", vpc_module("enable_nat_gateway = true\n  single_nat_gateway = true", version)
    )
    assert fired(found) == ["single_nat_gateway = true"]
    assert found[0].message.startswith("One NAT gateway serves 3 availability zones of `module.vpc`")


@pytest.mark.parametrize(
    ("arguments", "state"),
    [
        ("enable_nat_gateway = true", State.PASS),
        ("enable_nat_gateway = true\n  one_nat_gateway_per_az = true", State.PASS),
        ("enable_nat_gateway = true\n  single_nat_gateway = false", State.PASS),
        ('enable_nat_gateway = true\n  single_nat_gateway = var.env != "prod"', State.NOT_EVALUATED),
        ("enable_nat_gateway = false\n  single_nat_gateway = true", State.NOT_APPLICABLE),
        ("single_nat_gateway = true", State.NOT_APPLICABLE),
    ],
)
def test_gateways_of_the_module(arguments: str, state: State) -> None:
    assert states("EKS-REL-103", vpc_module(arguments)) == {"module.vpc": state}


def test_flag_from_tfvars_stands_on_its_line() -> None:
    files = {
        "main.tf": 'variable "one" {}\n'
        + vpc_module("enable_nat_gateway = true\n  single_nat_gateway = var.one"),
        "terraform.tfvars": 'env = "prod"\none = true\n',
    }
    assert [(each.path, each.text) for each in problems("EKS-REL-103", files)] == [
        ("terraform.tfvars", "one = true")
    ]


RAW = """
resource "aws_vpc" "main" {}
locals { azs = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
resource "aws_subnet" "private" {
  count             = 3
  vpc_id            = aws_vpc.main.id
  availability_zone = local.azs[count.index]
}
resource "aws_subnet" "public" {
  count                   = 3
  vpc_id                  = aws_vpc.main.id
  map_public_ip_on_launch = true
  availability_zone       = local.azs[count.index]
}
"""


def test_one_gateway_for_three_zones_of_resources() -> None:
    gateway = 'resource "aws_nat_gateway" "one" {\n  subnet_id = aws_subnet.public[0].id\n}'
    found = problems("EKS-REL-103", RAW + gateway)
    assert fired(found) == ['resource "aws_nat_gateway" "one" {']
    assert "in 3 availability zones of `aws_vpc.main`" in found[0].message


@pytest.mark.parametrize(
    ("gateway", "state"),
    [
        (
            (
                'resource "aws_nat_gateway" "each" '
                "{\n  count = 3\n  subnet_id = aws_subnet.public[count.index].id\n}"
            ),
            State.PASS,
        ),
        (
            (
                'resource "aws_nat_gateway" "r" '
                '{\n  vpc_id = aws_vpc.main.id\n  availability_mode = "regional"\n}'
            ),
            State.PASS,
        ),
        (
            (
                'variable "n" {}\nresource "aws_nat_gateway" "n" '
                "{\n  count = var.n\n  subnet_id = aws_subnet.public[0].id\n}"
            ),
            State.NOT_EVALUATED,
        ),
        ("", State.NOT_APPLICABLE),
    ],
)
def test_gateways_of_resources(gateway: str, state: State) -> None:
    assert states("EKS-REL-103", RAW + gateway) == {"aws_vpc.main": state}


def test_routes_that_all_lead_to_one_of_three_gateways() -> None:
    code = (
        RAW
        + """
resource "aws_nat_gateway" "each" {
  count     = 3
  subnet_id = aws_subnet.public[count.index].id
}
resource "aws_route" "out" {
  count                  = 3
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.each[0].id
}
"""
    )
    assert fired(problems("EKS-REL-103", code)) == ["nat_gateway_id         = aws_nat_gateway.each[0].id"]
    spread = code.replace("each[0].id", "each[count.index].id")
    assert states("EKS-REL-103", spread) == {"aws_vpc.main": State.PASS}


def test_zone_reason_names_what_is_unknown() -> None:
    assert reasons("EKS-REL-101", raw("var.ids", 'variable "ids" {}')) == [
        "`var.ids` has no value in the code"
    ]
