"""Issue 5.1, over-provisioned resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import write
from reviewer.checks.problem import Fix, Problem
from reviewer.checks.wording import listed
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import NULL
from reviewer.views.cluster.capacity import (
    carries_sustained_load,
    has_auto_mode,
    has_fargate,
    has_mixed_capacity,
    has_other_baseline,
    is_spot,
    spot_pools,
)
from reviewer.views.cluster.fargate_profile import FargateProfile
from reviewer.views.cluster.machines import Machines
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.cluster.segments import Segments
from reviewer.views.component.component import find_component, find_in_root
from reviewer.views.fact import Fact
from reviewer.views.kubernetes.container import containers_of
from reviewer.views.kubernetes.namespace import MEMORY_LIMIT, Namespace, has_default_limits, missing_resources
from reviewer.views.kubernetes.repository_object import NodePool
from reviewer.views.kubernetes.workload import Workload
from reviewer.views.network.nat import has_nat, has_s3_endpoint
from reviewer.views.network.vpc import Vpc
from reviewer.views.root import is_aside
from reviewer.views.storage.volume_type import VolumeType
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context
    from reviewer.views.kubernetes.kubernetes_object import Part

SEVERAL = 2
NODE_GROUPS = ("aws_eks_node_group", "module:eks", "module:cloudposse-eks-node-group", "aws_launch_template")
BROAD = ("*", "default")
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
    _require_bill(context)
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
    _require_bill(context)
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


def _require_bill(context: Context) -> None:
    """Leave examples and tests alone, as they cost little."""
    if is_aside(context.root.folder):
        raise NotApplicableError("an example is not billed for long")


_OF_CLASS = (
    "Use `gp3`; the EBS CSI driver makes it. The parameters of a StorageClass cannot be changed: where the "
    "class exists, make another one. Volumes of the old one keep their type."
)


@check(
    "EKS-COST-106",
    severity=Severity.MEDIUM,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.RESOURCE,
    on=Workload,
    resources=(
        "kubernetes_deployment",
        "kubernetes_stateful_set",
        "kubernetes_daemonset",
        "kubernetes_manifest",
        "kubectl_manifest",
    ),
    peers=(
        "CKV_K8S_10",
        "CKV_K8S_11",
        "CKV_K8S_12",
        "CKV_K8S_13",
        "KSV-0015",
        "KSV-0016",
        "KSV-0018",
        "hardeneks set_requests_limits_for_containers",
    ),
)
def container_resources_unset(workload: Workload, context: Context) -> Iterator[Problem]:
    """A container does not say what it needs.

    The scheduler and the autoscalers count requests: without them they pack nodes blindly, and a pod is the
    first to be evicted. Without a memory limit one leak takes down its neighbours. A CPU limit is not asked
    for: it only throttles.

    Fix: Set requests for CPU and memory and a limit for memory, from what the container uses.

    Bad:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name = "api"
      }
      spec {
        template {
          spec {
            container { # fails
              name  = "api"
              image = "api:1.4"
            }
          }
        }
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name = "api"
      }
      spec {
        template {
          spec {
            container {
              name  = "api"
              image = "api:1.4"
              resources {
                requests = { cpu = "100m", memory = "128Mi" }
                limits   = { memory = "256Mi" }
              }
            }
          }
        }
      }
    }
    ```

    References:
    - [EKS best practices: running highly available applications](https://docs.aws.amazon.com/eks/latest/best-practices/application.html)
    - [Kubernetes: resource management for pods and containers](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/)
    """
    if workload.kind in {"Job", "CronJob"}:
        raise NotApplicableError("jobs run for a short time")
    lacks_requests = False
    for container in containers_of(workload):
        missing = missing_resources(container)
        if not missing:
            continue
        if has_default_limits(context, workload):
            raise NotApplicableError("a LimitRange of the namespace sets defaults")
        lacks_requests = lacks_requests or missing != [MEMORY_LIMIT]
        yield _unset(workload, container, missing, "Container")
    for container in containers_of(workload, "init_container") if lacks_requests else ():
        requests = [each for each in missing_resources(container) if each != MEMORY_LIMIT]
        if requests:
            yield _unset(workload, container, requests, "Init container")


def _unset(workload: Workload, container: Part, missing: list[str], kind: str) -> Problem:
    """Return that a container does not set something."""
    name = container.attr("name").data
    consequence = "scheduling and autoscaling work blindly"
    if missing == [MEMORY_LIMIT]:
        consequence = "one leak takes the memory of its neighbours"
    return Problem(
        message=f"{kind} {code(name if isinstance(name, str) else workload.label)} sets "
        f"{listed([f'no {each}' for each in missing])}: {consequence}.",
        at=container.range or workload.header,
        attribute=f"{kind.lower().replace(' ', '_')}.resources",
        evidence=name if isinstance(name, str) else "",
    )


@check(
    "EKS-COST-107",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.MODULE,
    on=Namespace,
    resources=("kubernetes_namespace", "kubernetes_manifest", "file:**/*.yaml", "file:**/*.yml"),
    surface=Surface.SUMMARY,
    peers=("KSV-0039", "KSV-0040", "hardeneks ensure_namespace_quotas_exist"),
)
def namespace_without_quota(namespace: Namespace, context: Context) -> Iterator[Problem]:
    """A namespace has neither a quota nor default limits.

    One team's mistake, such as an autoscaler without an upper limit, takes the capacity of all others and
    grows the bill without end.

    Fix: Add a ResourceQuota and a LimitRange; the numbers are yours.

    Bad:

    ```hcl
    resource "kubernetes_namespace_v1" "team_a" { # fails
      metadata {
        name = "team-a"
      }
    }
    ```

    Good:

    ```hcl
    resource "kubernetes_namespace_v1" "team_a" {
      metadata {
        name = "team-a"
      }
    }

    resource "kubernetes_resource_quota_v1" "team_a" {
      metadata {
        name      = "quota"
        namespace = "team-a"
      }
    }
    ```

    References:
    - [EKS best practices: tenant isolation](https://docs.aws.amazon.com/eks/latest/best-practices/multi-tenancy.html)
    - [Kubernetes: resource quotas](https://kubernetes.io/docs/concepts/policy/resource-quotas/)
    """
    if namespace.is_system:
        raise NotApplicableError("the namespace belongs to the cluster or an add-on")
    if namespace.is_aside:
        raise NotApplicableError("an example has no tenants")
    if namespace.is_template:
        raise NotApplicableError("a template is a namespace only where it is filled in")
    if namespace.is_repeated(context):
        raise NotApplicableError("the namespace is reported where it is written first")
    if not namespace.has_limits(context):
        yield Problem(
            message=f"Namespace {code(namespace.label)} has no ResourceQuota and no LimitRange among the "
            "manifests of this repository.",
            at=namespace.header,
            attribute="quota",
        )


@check(
    "EKS-COST-108",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=FargateProfile,
    resources=("aws_eks_fargate_profile", "module:eks"),
)
def fargate_selector_too_broad(profile: FargateProfile, context: Context) -> Iterator[Problem]:
    """A Fargate profile takes pods that it should not.

    Each pod on Fargate is a machine of its own, without daemon sets, billed by what it requests. A selector
    for `default`, `*` or all of `kube-system` moves pods there that belong on the nodes.

    Fix: Select by namespace and label, such as those of batch jobs.

    Bad:

    ```hcl
    resource "aws_eks_fargate_profile" "main" {
      cluster_name         = "prod"
      fargate_profile_name = "main"

      selector {
        namespace = "*" # fails
      }
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_fargate_profile" "main" {
      cluster_name         = "prod"
      fargate_profile_name = "main"

      selector {
        namespace = "batch"
        labels    = { compute = "fargate" }
      }
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
    }
    ```

    References:
    - [EKS user guide: define which pods use Fargate](https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html)
    """
    if not list(NodeGroup.find(context)):
        raise NotApplicableError("there are no node groups that the pods could run on")
    for selector in profile.selectors():
        namespace = selector.attr("namespace")
        labels = selector.attr("labels")
        if namespace.test(lambda name: name in BROAD or name == "kube-system") and not labels.elements():
            yield Problem(
                message=f"Profile {code(profile.name)} pulls every pod of {code(namespace.data)} onto "
                "Fargate.",
                at=namespace.supplier or selector.range or profile.header,
                attribute="selector.namespace",
                evidence=str(namespace.data),
                related=namespace.origins,
            )


@check(
    "EKS-COST-109",
    severity=Severity.MEDIUM,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.RESOURCE,
    on=NodePool,
    resources=("kubernetes_manifest", "kubectl_manifest", "helm_release", "file:**/*nodepool*.y*ml"),
)
def karpenter_nodepool_unbounded(pool: NodePool, context: Context) -> Iterator[Problem]:
    """A NodePool can grow without limit.

    Karpenter makes nodes as long as pods are pending. A deployment with a wrong number of replicas, or a
    job that spawns jobs, then buys machines until the account's quota or somebody stops it.

    Fix: Set `spec.limits` to what the budget bears, and let Karpenter consolidate.

    Bad:

    ```yaml title="nodepool.yaml"
    apiVersion: karpenter.sh/v1
    kind: NodePool
    metadata:
      name: general
    spec:
      template: {} # fails
    ```

    ```hcl title="main.tf"
    provider "aws" {}
    ```

    Good:

    ```yaml title="nodepool.yaml"
    apiVersion: karpenter.sh/v1
    kind: NodePool
    metadata:
      name: general
    spec:
      limits:
        cpu: "200"
      template: {}
    ```

    ```hcl title="main.tf"
    provider "aws" {}
    ```

    References:
    - [EKS best practices: Karpenter](https://docs.aws.amazon.com/eks/latest/best-practices/karpenter.html)
    - [Karpenter: NodePools](https://karpenter.sh/docs/concepts/nodepools/)
    """
    del context
    spec = pool.root.part("spec")
    limits = spec.attr("limits") if spec is not None else None
    if limits is None or limits.test(lambda data: not data):
        yield Problem(
            message=f"NodePool {code(pool.label)} can grow without limit.",
            at=(spec.range if spec is not None else None) or pool.header,
            attribute="spec.limits",
        )
    disruption = spec.part("disruption") if spec is not None else None
    never = _what_keeps_nodes(disruption) if disruption is not None else None
    if spec is None or never is None:
        return
    template = spec.part("template", "spec")
    expiry = [each.attr("expire_after") for each in (template, disruption) if each is not None]
    written = next((each for each in expiry if not each.is_null), NULL)
    if written.is_null or written.test(lambda data: data == "Never"):
        when = "gives empty nodes back only when they expire, after 30 days" if written.is_null else ""
        yield Problem(
            message=f"NodePool {code(pool.label)} {when or 'never gives empty nodes back'}.",
            at=never.supplier or pool.header,
            attribute="spec.disruption",
            related=written.origins,
        )


def _what_keeps_nodes(disruption: Part) -> Value | None:
    """Return the setting that keeps empty nodes: no consolidation, or a budget of no node at any time."""
    after = disruption.attr("consolidate_after")
    if after.test(lambda data: data == "Never"):
        return after
    for budget in disruption.parts("budgets"):
        nodes = budget.attr("nodes")
        if budget.has("schedule") or budget.has("reasons"):
            continue
        if nodes.test(lambda data: str(data) in {"0", "0%"}):
            return nodes
    return None


@check(
    "EKS-COST-110",
    severity=Severity.LOW,
    pillar=Pillar.COST_OPTIMIZATION,
    scope=Scope.MODULE,
    on=Vpc,
    resources=("aws_vpc", "aws_nat_gateway", "module:vpc"),
    surface=Surface.SUMMARY,
)
def s3_gateway_endpoint_missing(vpc: Vpc, context: Context) -> Iterator[Problem]:
    """Traffic to S3 goes through NAT gateways.

    The layers of every container image come from S3, so each pull is billed per gigabyte at the NAT
    gateway. A gateway endpoint for S3 is free.

    Fix: Add a gateway endpoint for S3 to the route tables of the private subnets.

    Bad:

    ```hcl
    module "vpc" { # fails
      source             = "terraform-aws-modules/vpc/aws"
      version            = "~> 6.0"
      enable_nat_gateway = true
    }
    ```

    Good:

    ```hcl
    module "vpc" {
      source             = "terraform-aws-modules/vpc/aws"
      version            = "~> 6.0"
      enable_nat_gateway = true
    }

    resource "aws_vpc_endpoint" "s3" {
      vpc_id            = module.vpc.vpc_id
      service_name      = "com.amazonaws.eu-west-1.s3"
      vpc_endpoint_type = "Gateway"
      route_table_ids   = module.vpc.private_route_table_ids
    }
    ```

    References:
    - [EKS best practices: cost optimization of networking](https://docs.aws.amazon.com/eks/latest/best-practices/cost-opt-networking.html)
    - [VPC user guide: gateway endpoints](https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html)
    """
    _require_bill(context)
    if not has_nat(vpc):
        raise NotApplicableError("there is no NAT gateway")
    if not has_s3_endpoint(context):
        yield Problem(
            message="Image layers and other traffic to S3 go through NAT, billed per gigabyte: no gateway "
            f"endpoint for S3 among the {code('aws_vpc_endpoint')}s and modules of this repository.",
            at=vpc.header,
            attribute="s3-endpoint",
        )
