"""Issue 5.1, over-provisioned resources: machines, and the disks they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import write
from reviewer.checks.problem import Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.views.cluster.capacity import (
    carries_sustained_load,
    has_auto_mode,
    has_fargate,
    has_mixed_capacity,
    has_other_baseline,
    is_spot,
    spot_pools,
)
from reviewer.views.cluster.machines import Machines
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.cluster.segments import Segments
from reviewer.views.component.component import find_component, find_in_root
from reviewer.views.fact import Fact
from reviewer.views.root import require_bill
from reviewer.views.storage.volume_type import VolumeType
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.views.context import Context


SEVERAL = 2
NODE_GROUPS = ("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group", "aws_launch_template")
GP2_SIZE = 1024
"""GiB up to which gp3 is at least as fast as gp2 without settings of its own."""


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
    mixed = group.fact("mixed_instances")
    types = mixed if mixed.written else group.types
    pools = spot_pools(group)
    if pools is not None and pools < context.config.min_spot_types:
        noun = "type" if pools == 1 else "types"
        yield Problem(
            message=f"Spot group {code(group.label)} draws from {pools} instance {noun}: "
            "one reclaim wave can empty it.",
            at=types.at,
            attribute=types.argument,
            related=types.value.origins,
        )
    capacity = group.fact("capacity_type")
    if not has_other_baseline(group, context):
        yield Problem(
            message=f"All node groups are spot, {code(group.label)} among them: "
            "there is no on-demand baseline.",
            at=capacity.at,
            attribute=capacity.argument,
            evidence="baseline",
            related=capacity.value.origins,
        )


@check(
    "EKS-COST-101",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=Machines,
    resources=NODE_GROUPS,
)
def oversized_node_type(machines: Machines, context: Context) -> Iterator[Problem]:
    """General nodes are very large.

    When one large node goes, many pods go with it, and the part of it that no pod fits into is paid for all
    the same. Several smaller types pack better and scale in smaller steps.

    Fix: Prefer types of up to 6xlarge for general work, and keep large ones for groups with a taint.
    Changing the type replaces the nodes.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name   = "prod"
      instance_types = ["m5.24xlarge"] # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name   = "prod"
      instance_types = ["m7i.2xlarge", "m7a.2xlarge"]
    }
    ```

    References:
    - [EKS best practices: cost optimization of compute](https://docs.aws.amazon.com/eks/latest/best-practices/cost-opt-compute.html)
    """
    if machines.is_for_large_work():
        raise NotApplicableError("the group is for work that needs large machines")
    for kind, value in machines.known():
        if kind.is_at_least(context.config.max_size) and not kind.is_special:
            yield Problem(
                message=f"{code(kind.name)} for general nodes: a large blast radius and stranded capacity.",
                at=value.supplier or machines.header,
                attribute=machines.attribute,
                evidence=kind.name,
                related=value.origins,
            )
    if not machines.is_complete():
        machines.types.strings()


@check(
    "EKS-COST-102",
    severity=Severity.LOW,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.RESOURCE,
    on=Machines,
    resources=NODE_GROUPS,
    peers=("tflint aws_instance_previous_type (aws_instance only)",),
)
def unsuitable_instance_family(machines: Machines, context: Context) -> Iterator[Problem]:
    """Nodes are of a family that does not suit them.

    Previous generations cost more for the same work. Burstable types slow down to a fraction of their speed
    when their CPU credits run out: under sustained load, when it matters, all nodes at once.

    Fix: Use the current generation of a general, compute or memory family. Changing the type replaces the
    nodes.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name   = "prod"
      instance_types = ["m4.large"] # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name   = "prod"
      instance_types = ["m7i.large", "m7a.large"]
    }
    ```

    References:
    - [EKS best practices: data plane scalability](https://docs.aws.amazon.com/eks/latest/best-practices/scale-data-plane.html)
    - [EC2 user guide: burstable performance instances](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html)
    """
    for kind, value in machines.known():
        if kind.is_previous:
            yield Problem(
                message=f"{code(kind.name)} is of a previous generation: older, and dearer for the same "
                "work.",
                at=value.supplier or machines.header,
                attribute=machines.attribute,
                evidence=kind.name,
                related=value.origins,
            )
    if not machines.is_complete():
        machines.types.strings()
    burstable = [
        (kind, value) for kind, value in machines.known() if kind.is_burstable and not kind.is_previous
    ]
    if not burstable or not context.is_production or not carries_sustained_load(machines, context):
        return
    kind, value = burstable[0]
    subject = f"The default {code(kind.name)}" if machines.is_default else code(kind.name)
    yield Problem(
        message=f"{subject} runs on CPU credits, which sustained load in production uses up.",
        at=value.supplier or machines.header,
        attribute=machines.attribute,
        evidence="burstable",
        related=value.origins,
    )


@check(
    "EKS-COST-104",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.MODULE,
    on=Segments,
    resources=("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group"),
    surface=Surface.SUMMARY,
)
def no_spot_capacity(segments: Segments, context: Context) -> Iterator[Problem]:
    """All capacity is bought on demand.

    Spot instances cost up to 90 % less. Stateless services, batch jobs and everything outside production
    bear the interruption, which is announced two minutes before.

    Fix: Add a group or NodePool with spot capacity and several types for work that can be interrupted.

    Bad:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        a = {} # fails
        b = {}
      }
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"

      eks_managed_node_groups = {
        a = {}
        b = {
          capacity_type  = "SPOT"
          instance_types = ["m5.large", "m5a.large", "m6i.large"]
        }
      }
    }
    ```

    References:
    - [EKS best practices: cost optimization of compute](https://docs.aws.amazon.com/eks/latest/best-practices/cost-opt-compute.html)
    """
    require_bill(context)
    groups = segments.groups
    if len(groups) < SEVERAL and context.is_production:
        raise NotApplicableError("one group in production is the on-demand baseline")
    if any(is_spot(each) or has_mixed_capacity(each) for each in groups):
        return
    if find_in_root(context, "spot") or has_fargate(context) or has_auto_mode(context):
        return
    if find_component(context, "karpenter") is not None:
        return
    yield Problem(
        message="All capacity is on-demand; pods that bear interruption could run on spot at a discount. "
        f"No group of {code(context.root.folder or '.')} is spot or mixed, and there is no Fargate profile, "
        "Auto Mode or Karpenter.",
        at=segments.header,
        attribute="capacity_type",
    )


@check(
    "EKS-COST-105",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=VolumeType,
    resources=(
        "aws_ebs_volume",
        "aws_launch_template",
        "aws_db_instance",
        "kubernetes_storage_class",
        "kubernetes_manifest",
        "module:eks",
    ),
    fix=FixKind.REPLACE,
)
def gp2_volume(volume: VolumeType, context: Context) -> Iterator[Problem]:
    """A volume is of type gp2.

    gp3 costs a fifth less (in RDS the same) and gives 3,000 operations a second whatever the size; a small
    gp2 volume has a few hundred and lives on burst credits.

    Fix: Use `gp3`. EBS volumes and launch templates change in place; a StorageClass must be made anew.
    Volumes over 1 TiB should also set `iops` and `throughput` to what they had.

    Bad:

    ```hcl
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 100
      type              = "gp2" # fails
    }
    ```

    Good:

    ```hcl
    resource "aws_ebs_volume" "data" {
      availability_zone = "eu-west-1a"
      size              = 100
      type              = "gp3"
    }
    ```

    References:
    - [EKS best practices: cost optimization of storage](https://docs.aws.amazon.com/eks/latest/best-practices/cost-opt-storage.html)
    - [EBS user guide: general purpose SSD volumes](https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html)
    """
    require_bill(context)
    is_default = volume.type.is_null and volume.instance.type == "aws_ebs_volume"
    if not is_default and not volume.type.test(lambda kind: kind == "gp2"):
        return
    fact = Fact(volume.attribute, volume.type, not is_default, volume.body, volume.header)
    size = volume.size.data
    is_small = size is None or (isinstance(size, int) and size <= GP2_SIZE)
    edit = write(fact, '"gp3"') if is_small else None
    is_class = volume.is_immutable
    costs = "costs about a quarter more than gp3 and couples"
    if volume.instance.type == "aws_db_instance":
        costs = "is no cheaper than gp3 in RDS, but couples"
    subject = f"Without {code(volume.attribute)} the volume is gp2, which" if is_default else "gp2"
    yield Problem(
        message=f"{subject} {costs} its speed to its size.",
        at=fact.at if not is_default else volume.header,
        attribute=volume.attribute,
        related=volume.type.origins,
        hint=_OF_CLASS if is_class else "",
        fix=Fix((edit,), "" if is_class else "The volume changes in place.", new_only=is_class)
        if edit
        else None,
    )


_OF_CLASS = (
    "Use `gp3`; the EBS CSI driver makes it. The parameters of a StorageClass cannot be changed: where the "
    "class exists, make another one. Volumes of the old one keep their type."
)
