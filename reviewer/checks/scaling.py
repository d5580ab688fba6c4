"""Issue 3.2, missing auto-scaling configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, check
from reviewer.checks.problem import NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.views.node_group import NodeGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context


@check(
    "EKS-REL-201",
    severity=Severity.MEDIUM,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.RESOURCE,
    on=NodeGroup,
    resources=(
        "aws_eks_node_group",
        "module:eks",
        "module:cloudposse-eks-node-group",
        "aws_autoscaling_group",
    ),
)
def node_group_fixed_size(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """A node group cannot grow.

    With `min_size` equal to `max_size` neither a load spike nor the extra nodes of a rolling upgrade find
    room: pods stay pending, and an upgrade drains nodes with nowhere to go.

    Fix: Raise `max_size` above `min_size`; how far is a decision about capacity and budget.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      scaling_config {
        desired_size = 3
        min_size     = 3
        max_size     = 3 # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      scaling_config {
        desired_size = 3
        min_size     = 3
        max_size     = 9
      }
    }
    ```

    References:
    - [EKS best practices: Cluster Autoscaler](https://docs.aws.amazon.com/eks/latest/best-practices/cas.html)
    - [EKS user guide: managed node groups](https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html)
    """
    del context
    smallest, largest = group.fact("min_size"), group.fact("max_size")
    size = convert(largest.value, NUMBER).require()
    if convert(smallest.value, NUMBER).require() != size or size is None:
        return
    if size == 0:
        raise NotApplicableError("the group is switched off: its size is 0")
    if group.is_for_system() or group.is_accelerated():
        raise NotApplicableError("the group is for system pods, accelerators or reserved capacity")
    yield Problem(
        message=f"Node group {code(group.label)} is pinned to {code(size)}: no room for spikes or surge.",
        at=largest.at,
        attribute=largest.argument,
        related=(*largest.value.origins, *smallest.value.origins),
    )
