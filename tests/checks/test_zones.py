"""Issue 3.1: zones of subnets and gateways, however the list of zones is computed."""

from __future__ import annotations

import pytest

from reviewer.checks.runner import State
from tests.checks.harness import problems, reasons, states

ZONES, GROUP, NAT = "EKS-REL-101", "EKS-REL-102", "EKS-REL-103"
DATA = 'data "aws_availability_zones" "ok" {}\nresource "aws_vpc" "main" {}\n'
NAMES = "data.aws_availability_zones.ok.names"


def slice_of(count: int) -> str:
    return f"slice({NAMES}, 0, {count})"


def lists(count: int) -> str:
    bits = ", ".join(["4"] * count)
    return f'locals {{\n  azs = {slice_of(count)}\n  cidrs = cidrsubnets("10.0.0.0/16", {bits})\n}}\n'


def subnet(name: str, repeat: str, zone: str, extra: str = "") -> str:
    return (
        f'resource "aws_subnet" "{name}" {{\n  {repeat}\n  vpc_id = aws_vpc.main.id\n'
        f"  availability_zone = {zone}\n  {extra}\n}}\n"
    )


WAYS = [
    pytest.param("count = length({slice})", "{slice}[count.index]", id="count over a slice"),
    pytest.param("count = {n}", "{names}[count.index]", id="count over the names"),
    pytest.param("count = {n}", "element({names}, count.index)", id="element"),
    pytest.param("count = length(local.cidrs)", "local.azs[count.index]", id="count over computed ranges"),
    pytest.param("for_each = toset({slice})", "each.key", id="for_each over a slice"),
    pytest.param("for_each = toset(local.azs)", "each.value", id="for_each over a local"),
    pytest.param(
        "for_each = {{ for i, z in local.azs : z => i }}", "each.key", id="for_each over zones by name"
    ),
    pytest.param(
        "for_each = {{ for i, z in local.azs : i => z }}", "each.value", id="for_each over zones by number"
    ),
    pytest.param("for_each = zipmap(local.azs, local.cidrs)", "each.key", id="for_each over a zipmap"),
    pytest.param(
        "for_each = {{ for i in range({n}) : i => local.cidrs[i] }}", "local.azs[each.key]", id="by index"
    ),
]


def network(repeat: str, zone: str, count: int) -> str:
    words = {"n": count, "names": NAMES, "slice": slice_of(count)}
    repeat, zone = repeat.format(**words), zone.format(**words)
    public = subnet("public", repeat, zone, "map_public_ip_on_launch = true")
    return DATA + lists(count) + subnet("private", repeat, zone) + public


CLUSTER = 'resource "aws_eks_cluster" "c" {\n  vpc_config {\n    subnet_ids = %s\n  }\n}\n'


@pytest.mark.parametrize(("repeat", "zone"), WAYS)
class TestComputedZones:
    def test_of_the_cluster(self, repeat: str, zone: str) -> None:
        ids = "aws_subnet.private[*].id" if "count" in repeat else "values(aws_subnet.private)[*].id"
        for subnet_ids in (ids, "[for each in aws_subnet.private : each.id]"):
            few = network(repeat, zone, 2) + CLUSTER % subnet_ids
            assert [each.message for each in problems(ZONES, few)] == [
                (
                    "The subnets of `aws_eks_cluster.c` cover 2 availability zones: "
                    "one zone's outage takes half of the capacity."
                )
            ]
            enough = network(repeat, zone, 3) + CLUSTER % subnet_ids
            assert states(ZONES, enough) == {"aws_eks_cluster.c": State.PASS}

    @pytest.mark.parametrize(
        "repeated",
        ["count = 1", "for_each = toset(slice(local.azs, 0, 1))"],
    )
    def test_one_gateway_for_all(self, repeat: str, zone: str, repeated: str) -> None:
        gateway = (
            f'resource "aws_nat_gateway" "n" {{\n  {repeated}\n  subnet_id = aws_subnet.public[0].id\n}}\n'
        )
        found = problems(NAT, network(repeat, zone, 3) + gateway)
        assert [each.message for each in found] == [
            (
                "1 NAT gateway serves the subnets in 3 availability zones of `aws_vpc.main`: "
                "losing its zone cuts off the others."
            )
        ]

    @pytest.mark.parametrize(
        "repeated",
        [
            "count = 3",
            "count = length(local.azs)",
            "for_each = toset(local.azs)",
            "for_each = { for i, z in local.azs : z => i }",
        ],
    )
    def test_one_gateway_per_zone(self, repeat: str, zone: str, repeated: str) -> None:
        gateway = (
            f'resource "aws_nat_gateway" "n" {{\n  {repeated}\n  subnet_id = aws_subnet.public[0].id\n}}\n'
        )
        assert states(NAT, network(repeat, zone, 3) + gateway) == {"aws_vpc.main": State.PASS}

    def test_a_regional_gateway(self, repeat: str, zone: str) -> None:
        gateway = (
            'resource "aws_nat_gateway" "n" {\n  vpc_id = aws_vpc.main.id\n'
            '  availability_mode = "regional"\n}\n'
        )
        assert states(NAT, network(repeat, zone, 3) + gateway) == {"aws_vpc.main": State.PASS}


def test_gateways_for_each_public_subnet() -> None:
    repeat = "for_each = toset(local.azs)"
    gateway = (
        'resource "aws_nat_gateway" "n" {\n  for_each = aws_subnet.public\n  subnet_id = each.value.id\n}\n'
    )
    assert states(NAT, network(repeat, "each.key", 3) + gateway) == {"aws_vpc.main": State.PASS}


@pytest.mark.parametrize(
    ("repeat", "zone"),
    [
        pytest.param("for_each = toset(local.azs)", "var.zone", id="the zone is another value"),
        pytest.param("for_each = toset(var.zones)", "each.key", id="the zones are not in the code"),
        pytest.param(
            "for_each = { for i, z in local.azs : z => i if z != var.zone }",
            "each.key",
            id="some are left out",
        ),
        pytest.param("for_each = { for i, z in local.azs : z => i }", "each.value", id="the other half"),
    ],
)
def test_zones_that_nobody_can_count(repeat: str, zone: str) -> None:
    variables = 'variable "zone" {}\nvariable "zones" {}\n'
    code = variables + DATA + lists(2) + subnet("private", repeat, zone)
    code += CLUSTER % "values(aws_subnet.private)[*].id"
    assert states(ZONES, code) == {"aws_eks_cluster.c": State.NOT_EVALUATED}


@pytest.mark.parametrize("version", ["3.19.0", "~> 4.0", "~> 5.0", "~> 6.0"])
@pytest.mark.parametrize(
    ("azs", "count"), [("local.azs", 3), (slice_of(3), 3), (slice_of(2), 2), ('["a", "b", "c"]', 3)]
)
def test_every_version_of_the_vpc_module(version: str, azs: str, count: int) -> None:
    code = (
        DATA
        + lists(3)
        + 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n'
        + f'  version = "{version}"\n  azs = {azs}\n'
        + '  private_subnets = [for i, z in local.azs : cidrsubnet("10.0.0.0/16", 4, i)]\n'
        + "  enable_nat_gateway = true\n  single_nat_gateway = true\n}\n"
        + CLUSTER % "module.vpc.private_subnets"
    )
    assert states(ZONES, code) == {"aws_eks_cluster.c": State.PASS if count > 2 else State.FINDING}
    [nat] = problems(NAT, code)
    assert nat.message.startswith(f"One NAT gateway serves {count} availability zones of `module.vpc`")


@pytest.mark.parametrize(
    "private",
    [
        pytest.param(
            'resource "aws_route" "out" {\n  transit_gateway_id = "tgw-1"\n}\n', id="transit gateway"
        ),
        pytest.param('resource "aws_instance" "nat" {\n  source_dest_check = false\n}\n', id="NAT instance"),
        pytest.param('resource "aws_egress_only_internet_gateway" "v6" {\n}\n', id="IPv6 only"),
        pytest.param(
            'resource "aws_nat_gateway" "p" {\n  connectivity_type = "private"\n'
            "  subnet_id = aws_subnet.private[0].id\n}\n",
            id="private gateway",
        ),
        pytest.param("", id="private cluster"),
    ],
)
def test_networks_without_a_nat_gateway(private: str) -> None:
    code = network("count = 3", "local.azs[count.index]", 3) + private
    assert states(NAT, code) == {"aws_vpc.main": State.NOT_APPLICABLE}


def test_subnets_without_addresses_of_a_zone_are_not_guessed() -> None:
    assert reasons(ZONES, CLUSTER % '["subnet-1", "subnet-2"]') == [
        "the zone of the subnet `subnet-1` is not in the code"
    ]


VPC = (
    'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n  azs = ["a", "b", "c"]\n'
    '  private_subnets = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]\n}\n'
)
ONE = "[module.vpc.private_subnets[0]]"


def managed(*arguments: str) -> str:
    lines = "".join(f"      {each}\n" for each in (f"subnet_ids = {ONE}", *arguments))
    return (
        VPC + 'module "eks" {\n  source = "terraform-aws-modules/eks/aws"\n  version = "~> 21.0"\n'
        f"  eks_managed_node_groups = {{\n    a = {{\n{lines}    }}\n  }}\n}}\n"
    )


class TestGroupsThatAreWhereTheyAre:
    @pytest.mark.parametrize(
        "argument",
        [
            pytest.param("enable_efa_support = true", id="EFA"),
            pytest.param('placement = { group_name = "close" }', id="placement group"),
            pytest.param('capacity_reservation_specification = { x = "y" }', id="capacity reservation"),
            pytest.param('capacity_type = "CAPACITY_BLOCK"', id="capacity block"),
            pytest.param('instance_types = ["trn1.32xlarge"]', id="accelerators"),
        ],
    )
    def test_placed_or_reserved(self, argument: str) -> None:
        assert set(states(GROUP, managed()).values()) == {State.FINDING}
        assert set(states(GROUP, managed(argument)).values()) == {State.NOT_APPLICABLE}

    @pytest.mark.parametrize("block", ["placement", "capacity_reservation_specification"])
    def test_by_their_launch_template(self, block: str) -> None:
        template = f'resource "aws_launch_template" "t" {{\n  {block} {{\n  }}\n}}\n'
        group = (
            f'resource "aws_eks_node_group" "g" {{\n  subnet_ids = {ONE}\n  launch_template {{\n'
            "    id = aws_launch_template.t.id\n  }\n}\n"
        )
        assert states(GROUP, VPC + template + group) == {"aws_eks_node_group.g": State.NOT_APPLICABLE}

    def test_on_an_outpost(self) -> None:
        place = 'resource "aws_subnet" "o" {\n  availability_zone = "eu-west-1a"\n%s}\n'
        group = 'resource "aws_eks_node_group" "g" {\n  subnet_ids = [aws_subnet.o.id]\n}\n'
        assert states(GROUP, place % "" + group) == {"aws_eks_node_group.g": State.FINDING}
        outpost = place % '  outpost_arn = "arn"\n'
        assert states(GROUP, outpost + group) == {"aws_eks_node_group.g": State.NOT_APPLICABLE}
        local = 'resource "aws_eks_cluster" "c" {\n  outpost_config {\n  }\n}\n'
        assert states(GROUP, place % "" + group + local) == {"aws_eks_node_group.g": State.NOT_APPLICABLE}
