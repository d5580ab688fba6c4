"""Issue 10.1, no upgrade strategy: how nodes are updated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import replace_expression, write
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.convert import convert
from reviewer.terraform.types import NUMBER
from reviewer.terraform.value import NULL
from reviewer.views.cluster.launch_template import template_reference
from reviewer.views.cluster.member import Member
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.fact import is_true
from reviewer.views.inputs import has_blocks
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Data, Value
    from reviewer.views.context import Context
    from reviewer.views.fact import Fact


FLOATING = ("$Latest", "$Default")
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
    share, most = _number(percentage.value), _size(group, "max_size")
    if most == 1:
        raise NotApplicableError("a single node cannot be updated but all at once")
    if share is not None and share > MAX_PERCENTAGE:
        what = code(f"{percentage.name} = {share}")
        message = f"{what} lets an update evict most of {code(group.label)} at once."
        yield _problem(percentage, message, SAFE_PERCENTAGE)
    nodes = _number(count.value)
    if nodes is None or nodes <= 1:
        return
    sizes = [each for each in (most, _size(group, "desired_size")) if each is not None]
    if any(nodes >= each for each in sizes):
        what = code(f"{count.name} = {nodes}")
        message = f"{what} lets an update evict all of {code(group.label)} at once."
        yield _problem(count, message, None)


def _size(group: NodeGroup, name: str) -> int | None:
    """Return a size that is written; None when it is unknown, which leaves the other sizes to judge by."""
    fact = group.fact(name)
    return _number(fact.value) if fact.written and not fact.value.is_unknown else None


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


@check(
    "EKS-UPG-104",
    severity=Severity.LOW,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=NodeGroup,
    resources=("aws_eks_node_group",),
    surface=Surface.SUMMARY,
)
def node_group_not_blue_green(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """Replacing a node group destroys it first.

    A change of instance types, AMI type, disk or subnets replaces the group. Terraform then removes all its
    nodes before the new ones exist, and every pod on them is down in between.

    Fix: Use `node_group_name_prefix` with `create_before_destroy = true`. Renaming replaces the group once.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" { # fails
      cluster_name    = "prod"
      node_group_name = "main"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name           = "prod"
      node_group_name_prefix = "main-"

      lifecycle {
        create_before_destroy = true
      }
    }
    ```

    References:
    - [Terraform: the lifecycle meta-argument](https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle)
    - [EKS user guide: update a managed node group](https://docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html)
    """
    if group.source != "aws_eks_node_group":
        raise NotApplicableError("the module makes the new group first")
    flags = [
        each.attributes.get("create_before_destroy") for each in group.instance.block.nested("lifecycle")
    ]
    is_first = any(flag is not None and flag.expression.text == "true" for flag in flags)
    name = group.instance.body.attr("node_group_name")
    if is_first and (name.is_null or name.is_unknown):
        return
    reason = "its fixed name is taken until then" if is_first else "before the new one exists"
    others = any(each.address != group.address for each in NodeGroup.find(context))
    rest = " The other node groups have to take its pods meanwhile." if others else ""
    yield Problem(
        message=f"Replacing {code(group.label)} destroys it first: {reason}.{rest}",
        at=group.header,
        attribute="lifecycle.create_before_destroy",
    )


@check(
    "EKS-UPG-105",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.RESOURCE,
    on=NodeGroup,
    resources=("aws_eks_node_group", "aws_autoscaling_group"),
    fix=FixKind.IF_REF,
)
def launch_template_floating_version(group: NodeGroup, context: Context) -> Iterator[Problem]:
    """Changes of a launch template do not reach the nodes reliably.

    EKS stores a number: with `$Latest` every plan shows a difference, or nothing is rolled out at all, and
    with a literal number a new version of the template is never used. Security fixes of the image then wait
    for ever.

    Fix: Use the `latest_version` of the template.

    Bad:

    ```hcl
    resource "aws_launch_template" "node" {
      name_prefix = "node-"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      launch_template {
        id      = aws_launch_template.node.id
        version = "$Latest" # fails
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_launch_template" "node" {
      name_prefix = "node-"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      launch_template {
        id      = aws_launch_template.node.id
        version = aws_launch_template.node.latest_version
      }
    }
    ```

    References:
    - [Terraform AWS provider: aws_eks_node_group](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group)
    - [EKS user guide: launch templates](https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html)
    """
    del context
    if group.source not in {"aws_eks_node_group", "aws_autoscaling_group"}:
        raise NotApplicableError("the module passes the version of its template")
    block = group.bodies[0].blocks("launch_template").first()
    version = block.attr("version") if block is not None else NULL
    if block is None or version.is_null or version.is_unknown:
        return
    reference = template_reference(group)
    floats = version.data in FLOATING
    if floats and has_blocks(group.instance.body, "instance_refresh"):
        return
    if not floats and (reference is None or len(version.origins) > 1):
        return
    at = version.supplier or group.header
    edit = (
        replace_expression(at, f"{reference}.latest_version")
        if reference and at.text.startswith('"')
        else None
    )
    yield Problem(
        message=f"Changes of the launch template do not roll {code(group.label)}: its version is "
        f"{code(version.data)}.",
        at=at,
        attribute="launch_template.version",
        related=version.origins,
        fix=Fix((edit,), "The next apply rolls the nodes to the newest template.") if edit else None,
    )
