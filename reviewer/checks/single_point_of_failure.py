"""Issue 3.1, single points of failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_after, is_json
from reviewer.checks.problem import Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.body import BlockBody
from reviewer.terraform.value import UndecidedError, Unknown
from reviewer.views.cluster import Cluster
from reviewer.views.region import region_in_force
from reviewer.views.subnets import zones_of
from reviewer.views.vpc import Vpc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.fact import Fact


@check(
    "EKS-REL-101",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("aws_eks_cluster", "aws_subnet", "module:eks", "module:vpc", "module:cloudposse-eks-cluster"),
    production_only=True,
)
def cluster_in_too_few_azs(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The cluster's subnets cover fewer than three availability zones.

    With two zones, losing one takes half of the capacity, and whatever keeps a quorum of three loses it.
    With one zone EKS refuses to make the cluster.

    Fix: Use subnets in three zones. This needs a plan for the address ranges; EKS accepts more subnets for
    an existing cluster as long as they are in zones it already uses, so decide before the cluster is made.

    Bad:

    ```hcl
    data "aws_availability_zones" "available" {}

    locals {
      azs = slice(data.aws_availability_zones.available.names, 0, 2) # fails
    }

    module "vpc" {
      source          = "terraform-aws-modules/vpc/aws"
      version         = "~> 6.0"
      azs             = local.azs
      private_subnets = [for index, zone in local.azs : cidrsubnet("10.0.0.0/16", 4, index)]
    }

    module "eks" {
      source     = "terraform-aws-modules/eks/aws"
      version    = "~> 21.0"
      name       = "prod"
      subnet_ids = module.vpc.private_subnets
    }
    ```

    Good:

    ```hcl
    data "aws_availability_zones" "available" {}

    locals {
      azs = slice(data.aws_availability_zones.available.names, 0, 3)
    }

    module "vpc" {
      source          = "terraform-aws-modules/vpc/aws"
      version         = "~> 6.0"
      azs             = local.azs
      private_subnets = [for index, zone in local.azs : cidrsubnet("10.0.0.0/16", 4, index)]
    }

    module "eks" {
      source     = "terraform-aws-modules/eks/aws"
      version    = "~> 21.0"
      name       = "prod"
      subnet_ids = module.vpc.private_subnets
    }
    ```

    References: - [EKS user guide: VPC and subnet
    requirements](https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html) - [EKS best practices:
    data plane reliability](https://docs.aws.amazon.com/eks/latest/best-practices/data-plane.html)
    """
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts is in one place by design")
    subnets = cluster.fact("subnets")
    if subnets.value.is_null or not _is_worth_counting(subnets.value.data):
        raise NotApplicableError("the cluster has no subnets of its own")
    zones = zones_of(subnets.value, context.root)
    count = len(zones.names)
    wanted = 2 if region_in_force(cluster.instance).data in context.config.small_regions else 3
    if count >= wanted or not count:
        return
    consequence = (
        "EKS does not make a cluster in one zone."
        if count == 1
        else "one zone's outage takes half of the capacity."
    )
    yield Problem(
        message=(
            f"The subnets of {code(cluster.label)} cover {count} availability "
            f"zone{'s' * (count != 1)}: {consequence}"
        ),
        at=zones.at or _argument(subnets),
        attribute=subnets.argument,
        related=subnets.value.origins,
    )


def _argument(fact: Fact) -> Range:
    """Return where the argument itself is written, whatever computes its value elsewhere."""
    attribute = fact.body.block.attributes.get(fact.name) if isinstance(fact.body, BlockBody) else None
    return attribute.expression if attribute is not None else fact.at


def _is_worth_counting(data: object) -> bool:
    return isinstance(data, Unknown) or bool(data)


@check(
    "EKS-REL-103",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Vpc,
    resources=("module:vpc", "aws_nat_gateway", "aws_route_table", "aws_route"),
    fix=FixKind.REPLACE,
    production_only=True,
)
def nat_gateway_not_per_az(vpc: Vpc, context: Context) -> Iterator[Problem]:
    """One NAT gateway serves several availability zones.

    A NAT gateway lives in one zone. When that zone fails, nodes in the healthy zones can no longer pull
    images or reach AWS APIs, so the whole cluster fails with it. Traffic that crosses zones on the way out
    is billed as well.

    Fix: Make one NAT gateway per zone (`one_nat_gateway_per_az = true`), or one regional NAT gateway. Each
    further gateway costs its hourly price.

    Bad:

    ```hcl
    module "vpc" {
      source             = "terraform-aws-modules/vpc/aws"
      version            = "~> 6.0"
      azs                = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
      enable_nat_gateway = true
      single_nat_gateway = true # fails
    }
    ```

    Good:

    ```hcl
    module "vpc" {
      source                 = "terraform-aws-modules/vpc/aws"
      version                = "~> 6.0"
      azs                    = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
      enable_nat_gateway     = true
      one_nat_gateway_per_az = true
    }
    ```

    References: - [NAT gateways:
    basics](https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html) - [EKS best practices:
    VPC and subnet considerations](https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html)
    """
    del context
    yield from _single_gateway_of_module(vpc) if vpc.is_module else _few_gateways(vpc)


def _single_gateway_of_module(vpc: Vpc) -> Iterator[Problem]:
    body = vpc.instance.body
    if not body.attr("enable_nat_gateway").test(lambda enabled: enabled is True):
        raise NotApplicableError("the VPC has no NAT gateway")
    single = body.attr("single_nat_gateway")
    if not single.test(lambda enabled: enabled is True):
        return
    count = _zone_count(vpc)
    if count == 1:
        return
    fix = None
    attribute = vpc.instance.block.attributes["single_nat_gateway"]
    block = vpc.instance.block
    if attribute.expression.text == "true" and block.range.line < block.range.end_line and not is_json(block):
        edits = insert_after(
            vpc.instance.block, "single_nat_gateway", "false", "one_nat_gateway_per_az", "true"
        )
        fix = Fix(edits, "Made in place. Each further NAT gateway costs its hourly price.")
    yield Problem(
        message=(
            f"One NAT gateway serves {count or 'all'} availability zones of {code(vpc.address)}: "
            "its zone is a single point of failure, and traffic from the others is billed twice."
        ),
        at=single.supplier or vpc.header,
        attribute="single_nat_gateway",
        related=single.origins,
        fix=fix,
    )


def _zone_count(vpc: Vpc) -> int | None:
    try:
        return len(vpc.private_zones().names) or None
    except UndecidedError:
        return None


def _few_gateways(vpc: Vpc) -> Iterator[Problem]:
    gateways = [each for each in vpc.gateways if each.body.attr("connectivity_type").data != "private"]
    if not gateways:
        raise NotApplicableError("the VPC has no NAT gateway")
    first = gateways[0]
    if any(each.body.attr("availability_mode").test(lambda mode: mode == "regional") for each in gateways):
        return
    if any(each.is_template for each in gateways):
        raise UndecidedError(f"how many of `{first.address}` there are is not known from the code")
    zones = len(vpc.private_zones().names)
    if len(gateways) < zones:
        yield Problem(
            message=(
                f"{len(gateways)} NAT gateway{'s serve' if len(gateways) > 1 else ' serves'} the subnets in "
                f"{zones} availability zones of {code(vpc.address)}: losing its zone cuts off the others."
            ),
            at=first.range,
            attribute="aws_nat_gateway",
            related=_count_origins(first),
        )
    elif zones > 1:
        yield from _shared_route(vpc)


def _count_origins(gateway: Instance) -> tuple[Range, ...]:
    count = gateway.block.attributes.get("count") or gateway.block.attributes.get("for_each")
    return gateway.module.value_of(count).origins if count else ()


def _shared_route(vpc: Vpc) -> Iterator[Problem]:
    """Report default routes that all lead to the same one of several gateways."""
    targets = [each.data.reference if isinstance(each.data, Unknown) else None for each in vpc.routes]
    if len(targets) < 2 or None in targets or len(set(targets)) > 1:  # noqa: PLR2004 - two routes can differ
        return
    at = vpc.routes[0].origins[-1] if vpc.routes[0].origins else vpc.header
    yield Problem(
        message=f"Every private route of {code(vpc.address)} leads to one NAT gateway; the rest is idle.",
        at=at,
        attribute="nat_gateway_id",
        related=vpc.routes[0].origins,
    )
