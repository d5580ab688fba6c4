"""Issue 3.1, single points of failure: zones, gateways, nodes and data stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import insert_after, is_json, set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody
from reviewer.terraform.value import NULL, UndecidedError, Unknown, Value
from reviewer.views.cluster.capacity import has_auto_mode, has_fargate, has_karpenter, is_placed, is_spot
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.group_set import GroupSet
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.component.component import find_in_root
from reviewer.views.fact import is_true
from reviewer.views.network.subnet_zone import ENOUGH
from reviewer.views.network.subnets import is_on_outpost, zones_of
from reviewer.views.network.vpc import Vpc
from reviewer.views.region import region_in_force
from reviewer.views.repeated import repeated
from reviewer.views.storage.data_store import DataStore, Standby
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from reviewer.terraform.instance import Instance
    from reviewer.terraform.text import Range
    from reviewer.views.context import Context
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

    References:
    - [EKS user guide: VPC and subnet requirements](https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html)
    - [EKS best practices: data plane reliability](https://docs.aws.amazon.com/eks/latest/best-practices/data-plane.html)
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
        related=(*zones.related, *subnets.value.origins),
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

    References:
    - [NAT gateways: basics](https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html)
    - [EKS best practices: VPC and subnet considerations](https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html)
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
            "its zone is a single point of failure, and traffic from the others costs extra."
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
    count = sum(map(_made, gateways))
    zones = len(vpc.private_zones().names)
    if count < zones:
        yield Problem(
            message=(
                f"{count} NAT gateway{'s serve' if count > 1 else ' serves'} the subnets in "
                f"{zones} availability zones of {code(vpc.address)}: losing its zone cuts off the others."
            ),
            at=first.range,
            attribute="aws_nat_gateway",
            related=_count_origins(first),
        )
    elif zones > 1:
        yield from _shared_route(vpc)


def _made(gateway: Instance) -> int:
    """Return how many gateways an instance stands for, or raise :class:`UndecidedError`."""
    if not gateway.is_template:
        return 1
    made = repeated(gateway)
    if made is None:
        raise UndecidedError(f"how many of `{gateway.address}` there are is not known from the code")
    return made.count


def _count_origins(gateway: Instance) -> tuple[Range, ...]:
    count = gateway.block.attributes.get("count") or gateway.block.attributes.get("for_each")
    return gateway.module.value_of(count).origins if count else ()


def _shared_route(vpc: Vpc) -> Iterator[Problem]:
    """Report default routes that all lead to the same one of several gateways."""
    targets = [each.reference for each in vpc.routes]
    if len(targets) < 2 or None in targets or len(set(targets)) > 1:  # noqa: PLR2004 - two routes can differ
        return
    at = vpc.routes[0].origins[-1] if vpc.routes[0].origins else vpc.header
    yield Problem(
        message=f"Every private route of {code(vpc.address)} leads to one NAT gateway; the rest is idle.",
        at=at,
        attribute="nat_gateway_id",
        related=vpc.routes[0].origins,
    )


@check(
    "EKS-REL-102",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=NodeGroup,
    resources=("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group"),
    production_only=True,
)
def node_group_single_az(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """A node group has nodes in one availability zone only.

    When the zone fails, all of the group's pods are gone, and there is no other zone in which it could start
    new nodes.

    Fix: Give the group all private subnets, or make one such group per zone, as workloads with EBS volumes
    need.

    Bad:

    ```hcl
    module "vpc" {
      source          = "terraform-aws-modules/vpc/aws"
      version         = "~> 6.0"
      azs             = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
      private_subnets = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
    }

    resource "aws_eks_node_group" "apps" {
      cluster_name = "prod"
      subnet_ids   = [module.vpc.private_subnets[0]] # fails
    }
    ```

    Good:

    ```hcl
    module "vpc" {
      source          = "terraform-aws-modules/vpc/aws"
      version         = "~> 6.0"
      azs             = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
      private_subnets = ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
    }

    resource "aws_eks_node_group" "apps" {
      cluster_name = "prod"
      subnet_ids   = module.vpc.private_subnets
    }
    ```

    References:
    - [EKS best practices: data plane reliability](https://docs.aws.amazon.com/eks/latest/best-practices/data-plane.html)
    """
    if is_placed(group):
        raise NotApplicableError("accelerated, reserved and placed capacity is where it is")
    subnets = group.fact("subnets")
    if not subnets.written:
        raise NotApplicableError("the group has no subnets of its own")
    if any(each.is_local for each in Cluster.find(context)) or is_on_outpost(subnets.value, context.root):
        raise NotApplicableError("an Outpost is in one place by design")
    own = zones_of(subnets.value, context.root).names
    if len(own) != 1 or _has_sibling_elsewhere(group, own, context):
        return
    yield Problem(
        message=(
            f"Node group {code(group.label)} lives in one availability zone: its outage takes all of its "
            "pods."
        ),
        at=_argument(subnets),
        attribute=subnets.argument,
        related=subnets.value.origins,
    )


def _has_sibling_elsewhere(group: NodeGroup, zones: frozenset[str], context: Context) -> bool:
    """Tell whether a similar group is in another zone, as in the design of one group per zone.

    Raises :class:`UndecidedError` when another group's zones are unknown.
    """
    for other in NodeGroup.find(context):
        if other.address == group.address or other.fact("instance_types").value.is_unknown:
            continue
        subnets = other.fact("subnets")
        if (
            subnets.written
            and not zones_of(subnets.value, context.root).names <= zones
            and _alike(group, other)
        ):
            return True
    return False


def _alike(one: NodeGroup, other: NodeGroup) -> bool:
    facts = ("capacity_type", "ami_type")
    return one.source == other.source and all(
        one.fact(name).value.data == other.fact(name).value.data for name in facts
    )


@check(
    "EKS-REL-104",
    severity=Severity.HIGH,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=GroupSet,
    resources=("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group"),
    production_only=True,
)
def single_node_cluster(nodes: GroupSet, context: Context) -> Iterator[Problem]:
    """The cluster can shrink to a single node.

    CoreDNS, the ingress and every controller then share one machine. When it is replaced, for an upgrade or a
    failure, nothing answers until another node has joined.

    Fix: Keep at least two nodes that are always on, three for one per zone.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = aws_eks_cluster.main.name

      scaling_config {
        min_size     = 1 # fails
        desired_size = 2
        max_size     = 6
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = aws_eks_cluster.main.name

      scaling_config {
        min_size     = 3
        desired_size = 3
        max_size     = 6
      }
    }
    ```

    References:
    - [EKS best practices: data plane reliability](https://docs.aws.amazon.com/eks/latest/best-practices/data-plane.html)
    """
    if not nodes.is_whole:
        raise UndecidedError("the cluster is not in this code, and may have other groups")
    groups = filter(_is_always_on, nodes.groups)
    first = next(groups, None)
    if first is None:
        raise NotApplicableError("no group is always on")
    if has_auto_mode(context) or has_fargate(context) or find_in_root(context, "karpenter") is not None:
        return
    total = sum(map(_minimum, (first, *groups)))
    if total < ENOUGH_NODES and not has_karpenter(context):
        size = first.fact("min_size")
        yield Problem(
            message=(
                f"The cluster can shrink to {total} node{'s' * (total != 1)}: CoreDNS and controllers "
                "have nowhere to "
                "fail over."
            ),
            at=size.at,
            attribute="min_size",
            related=size.value.origins,
        )


ENOUGH_NODES = 2
"""Nodes that must stay for one to be replaced without an outage."""


def _is_always_on(group: NodeGroup) -> bool:
    """Tell whether any pod may run on a group at all times: on demand, and without taints."""
    return not is_spot(group) and not group.taints()


def _minimum(group: NodeGroup) -> int:
    data = group.fact("min_size").value.require()
    return int(data) if isinstance(data, int | str) and str(data).isdigit() else 0


@check(
    "EKS-REL-108",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Standby,
    resources=(
        "aws_db_instance",
        "aws_rds_cluster_instance",
        "aws_elasticache_replication_group",
        "aws_opensearch_domain",
        "aws_msk_cluster",
        "aws_efs_file_system",
    ),
    peers=("CKV_AWS_157", "CKV2_AWS_50", "KICS elasticache_nodes_not_created_across_multi_az"),
    fix=FixKind.REPLACE,
    production_only=True,
)
def data_store_single_az(store: Standby, context: Context) -> Iterator[Problem]:
    """A data store has no standby in another availability zone.

    When its zone fails, the store is down until AWS repairs the zone or somebody restores a backup elsewhere.
    Three zones of nodes do not help without the data.

    Fix: Switch the standby on: `multi_az = true` for RDS, a second instance for Aurora,
    `automatic_failover_enabled` and `multi_az_enabled` for ElastiCache, `zone_awareness_enabled` for
    OpenSearch, three brokers for MSK.

    Bad:

    ```hcl
    resource "aws_db_instance" "app" {
      engine   = "postgres"
      multi_az = false # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_db_instance" "app" {
      engine   = "postgres"
      multi_az = true
    }
    ```

    References:
    - [RDS user guide: Multi-AZ deployments](https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html)
    """
    weakness = _WEAKNESSES[store.kind](store, context)
    if weakness is None:
        return
    argument, value, replacement = weakness
    block = store.instance.block
    fix = None
    if replacement is not None and not is_json(block):
        edit = set_argument(block, argument, replacement)
        fix = Fix((edit,), "Made in place; the standby costs as much as the instance.")
    yield Problem(
        message=f"{code(store.address)} has no standby in another availability zone.",
        at=value.supplier or store.header,
        attribute=argument,
        related=value.origins,
        fix=fix,
    )


Weakness = tuple[str, Value, str | None] | None
"""The argument to change, its value now, and what to write when that is all there is to do."""


def _database(store: DataStore, context: Context) -> Weakness:
    del context
    if not store.body.attr("replicate_source_db").is_null:
        raise NotApplicableError("a read replica follows its source")
    value = store.body.attr("multi_az")
    if value.test(is_true):
        return None
    attribute = store.instance.block.attributes.get("multi_az")
    is_plain = attribute is None or attribute.expression.text == "false"
    return ("multi_az", value, "true" if is_plain else None)


def _aurora(store: DataStore, context: Context) -> Weakness:
    cluster = store.body.attr("cluster_identifier")
    name = cluster.data.reference if isinstance(cluster.data, Unknown) else cluster.data
    if name is None:
        cluster.require()
    members = [each for each in DataStore.find(context) if each.kind == store.kind]
    if any(each.instance.is_template for each in members):
        raise UndecidedError(f"how many of `{members[0].address}` there are is not known from the code")
    same = [each for each in members if _same(each.body.attr("cluster_identifier"), name)]
    return ("cluster_identifier", NULL, None) if len(same) == 1 else None


def _same(value: Value, name: object) -> bool:
    return (value.data.reference if isinstance(value.data, Unknown) else value.data) == name


def _cache(store: DataStore, context: Context) -> Weakness:
    del context
    if not store.body.attr("global_replication_group_id").is_null:
        raise NotApplicableError("the global group decides")
    nodes = store.body.attr("num_cache_clusters")
    if nodes.test(lambda count: count is not None and int(str(count)) < ENOUGH_NODES):
        return ("num_cache_clusters", nodes, None)
    for name in ("automatic_failover_enabled", "multi_az_enabled"):
        value = store.body.attr(name)
        if not value.test(is_true):
            return (name, value, None)
    return None


def _search(store: DataStore, context: Context) -> Weakness:
    del context
    config = store.body.blocks("cluster_config").first()
    value = config.attr("zone_awareness_enabled") if config is not None else NULL
    return None if value.test(is_true) else ("cluster_config.zone_awareness_enabled", value, None)


def _brokers(store: DataStore, context: Context) -> Weakness:
    del context
    value = store.body.attr("number_of_broker_nodes")
    few = value.test(lambda count: count is not None and int(str(count)) < ENOUGH)
    return ("number_of_broker_nodes", value, None) if few else None


def _files(store: DataStore, context: Context) -> Weakness:
    del context
    value = store.body.attr("availability_zone_name")
    return None if value.is_null else ("availability_zone_name", value, None)


_WEAKNESSES: Mapping[str, Callable[[DataStore, Context], Weakness]] = {
    "aws_db_instance": _database,
    "aws_rds_cluster_instance": _aurora,
    "aws_elasticache_replication_group": _cache,
    "aws_opensearch_domain": _search,
    "aws_msk_cluster": _brokers,
    "aws_efs_file_system": _files,
}
