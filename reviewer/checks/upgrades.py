"""Issue 10.1, no upgrade strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import write
from reviewer.checks.problem import Fix, Problem
from reviewer.finding import Pillar, Severity
from reviewer.report.escape import code
from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.views.fact import is_true
from reviewer.views.member import Member
from reviewer.views.node_group import NodeGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.value import Data, Value
    from reviewer.views.fact import Fact

MAX_PERCENTAGE = 50
SAFE_PERCENTAGE = "33"


@check(
    "EKS-UPG-101",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=Member,
    resources=("aws_eks_node_group", "aws_eks_cluster", "module:eks", "module:cloudposse-*"),
    fix=FixKind.REPLACE,
)
def disruptive_node_update(member: Member, context: Context) -> Iterator[Problem]:
    """An update may take down most of the nodes at once.

    EKS drains as many nodes in parallel as `update_config` allows. With all of them, every pod moves at the
    same time; with `force_update_version` even disruption budgets, or for a cluster the findings of upgrade
    insights, are ignored.

    Fix: Let a third of the nodes be unavailable at most, and force an update only by hand, when a stuck
    budget is understood.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name         = "prod"
      force_update_version = true # fails

      update_config {
        max_unavailable_percentage = 100 # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      update_config {
        max_unavailable_percentage = 33
      }
    }
    ```

    References:
    - [EKS user guide: how managed node updates work](https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html)
    - [EKS user guide: cluster insights](https://docs.aws.amazon.com/eks/latest/userguide/cluster-insights.html)
    """
    del context
    part = member.part
    forced = part.fact("force_update")
    if forced.value.test(is_true):
        if isinstance(part, NodeGroup):
            message = f"`force_update_version` lets updates of {code(part.label)} ignore disruption budgets."
        else:
            message = f"`force_update_version` lets an upgrade of {code(part.label)} ignore insights."
        yield _problem(forced, message, "false")
    if isinstance(part, NodeGroup):
        yield from _parallel_updates(part)


def _parallel_updates(group: NodeGroup) -> Iterator[Problem]:
    percentage, count = group.fact("max_unavailable_percentage"), group.fact("max_unavailable")
    share = _number(percentage.value)
    if share is not None and share > MAX_PERCENTAGE:
        what = code(f"{percentage.name} = {share}")
        message = f"{what} lets an update evict most of {code(group.label)} at once."
        yield _problem(percentage, message, SAFE_PERCENTAGE)
    nodes = _number(count.value)
    if nodes is None or nodes <= 1:
        return
    size = _number(group.fact("max_size").value)
    if size is not None and nodes >= size:
        what = code(f"{count.name} = {nodes}")
        message = f"{what} lets an update evict all of {code(group.label)} at once."
        yield _problem(count, message, None)


def _number(value: Value) -> int | None:
    number: Data = convert(value, NUMBER).require()
    return number if isinstance(number, int) else None


def _problem(fact: Fact, message: str, expression: str | None) -> Problem:
    edit = write(fact, expression) if expression is not None else None
    return Problem(
        message=message,
        at=fact.at,
        attribute=fact.argument,
        related=fact.value.origins,
        fix=Fix((edit,), "Nothing is replaced; it changes how the next update runs.") if edit else None,
    )
