"""Issue 5.1, over-provisioned resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, check
from reviewer.checks.problem import Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.views.capacity import has_other_baseline, is_spot, spot_pools
from reviewer.views.node_group import NodeGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context


@check(
    "EKS-COST-103",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=NodeGroup,
    resources=("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group"),
)
def fragile_spot_pool(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """Spot nodes come from too few pools.

    EC2 reclaims a whole pool (one instance type in one zone) at once when it needs the capacity. A group with
    one or two types loses most of its nodes in minutes, and a cluster with nothing but spot has no place left
    for its own add-ons, the autoscaler among them.

    Fix: List several types of similar size (different families and generations), and keep a small on-demand
    group for system pods.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "spot" {
      cluster_name   = "prod"
      capacity_type  = "SPOT"
      instance_types = ["m5.large"] # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "spot" {
      cluster_name   = "prod"
      capacity_type  = "SPOT"
      instance_types = ["m5.large", "m5a.large", "m6i.large", "m7i.large"]
    }
    ```

    References:
    - [EKS best practices: Cluster Autoscaler, spot instances](https://docs.aws.amazon.com/eks/latest/best-practices/cas.html)
    - [EC2 user guide: best practices for Spot](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html)
    """
    if not is_spot(group):
        return
    types = group.fact("instance_types")
    pools = spot_pools(group)
    if pools is not None and pools < context.config.min_spot_types:
        yield Problem(
            message=f"Spot group {code(group.label)} draws from {code(pools)} instance type(s): "
            "one reclaim wave empties it.",
            at=types.at,
            attribute=types.argument,
            related=types.value.origins,
        )
    capacity = group.fact("capacity_type")
    if not has_other_baseline(group, context):
        yield Problem(
            message=f"Every node group is spot, {code(group.label)} too: there is no on-demand baseline.",
            at=capacity.at,
            attribute=capacity.argument,
            evidence="baseline",
            related=capacity.value.origins,
        )
