"""Issue 3.2, missing auto-scaling configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, Surface, check
from reviewer.checks.edits import insert_lines, is_json, set_argument
from reviewer.checks.problem import Edit, Fix, Problem
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.convert import convert
from reviewer.terraform.module import CONFIGURATION_SUFFIXES
from reviewer.terraform.types import NUMBER
from reviewer.terraform.value import UndecidedError
from reviewer.views.cluster.autoscaled import Autoscaled
from reviewer.views.cluster.capacity import has_auto_mode, has_karpenter, has_no_nodes
from reviewer.views.cluster.cluster import Cluster
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.cluster.node_subnet import NodeSubnet, has_pod_network
from reviewer.views.component.component import PLACES, find_component, require_no_other_owner
from reviewer.views.fact import is_true
from reviewer.views.kubernetes.container import has_request
from reviewer.views.kubernetes.kubernetes_object import require_readable
from reviewer.views.kubernetes.metrics_user import MetricsUser
from reviewer.views.kubernetes.namespace import has_default_limits
from reviewer.views.kubernetes.pod_scaler import PodScaler, Services
from reviewer.views.kubernetes.workload import SCALERS
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.syntax import Block
    from reviewer.views.context import Context

AUTOSCALER_TAGS = ("k8s.io/cluster-autoscaler/", "karpenter.sh/discovery")
MAX_NAMES = 5
RESERVED = 5
"""Addresses of every subnet that AWS keeps."""


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
    smallest, largest = group.fact("min_size"), group.fact("max_size")
    size = convert(largest.value, NUMBER).require()
    if convert(smallest.value, NUMBER).require() != size or size is None:
        return
    if size == 0:
        raise NotApplicableError("the group is switched off: its size is 0")
    if group.is_for_system() or group.is_accelerated():
        raise NotApplicableError("the group is for system pods, accelerators or reserved capacity")
    is_start = len(list(NodeGroup.find(context))) == 1 or group.is_named_for_system()
    if is_start and _makes_other_nodes(context):
        raise NotApplicableError("Karpenter or Auto Mode makes nodes besides this group, where it starts")
    yield Problem(
        message=f"Node group {code(group.label)} is pinned to {code(size)}: no room for spikes or surge.",
        at=largest.at,
        attribute=largest.argument,
        related=(*largest.value.origins, *smallest.value.origins),
    )


def _ignoring(block: Block, path: str) -> Edit | None:
    """Return the edit that makes Terraform ignore an argument; None where a list of others stands already."""
    lifecycle = next(iter(block.nested("lifecycle")), None)
    if is_json(block):
        return None
    if lifecycle is None:
        return insert_lines(block, ("lifecycle {", f"  ignore_changes = [{path}]", "}"))
    if "ignore_changes" in lifecycle.attributes:
        return None
    return set_argument(lifecycle, "ignore_changes", f"[{path}]")


def _makes_other_nodes(context: Context) -> bool:
    """Tell whether something makes nodes outside of groups, or raise :class:`UndecidedError`."""
    if has_auto_mode(context) or has_karpenter(context):
        return True
    require_no_other_owner(context)
    return False


@check(
    "EKS-REL-202",
    severity=Severity.MEDIUM,
    pillar=Pillar.RELIABILITY,
    scope=Scope.MODULE,
    on=Autoscaled,
    resources=(
        "aws_eks_node_group",
        "aws_autoscaling_group",
        "kubernetes_deployment",
        "kubernetes_horizontal_pod_autoscaler",
    ),
    fix=FixKind.INSERT,
)
def autoscaled_count_managed_by_terraform(subject: Autoscaled, context: Context) -> Iterator[Problem]:
    """Each apply undoes what the autoscaler did.

    Terraform sets the number of nodes or replicas back to what stands in the code. At peak load, that takes
    capacity away in one stroke, in the middle of an unrelated change.

    Fix: Ignore changes of the count in a `lifecycle` block. Nothing in the infrastructure changes.

    Bad:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      scaling_config {
        desired_size = 2 # fails
        min_size     = 2
        max_size     = 10
      }
    }

    resource "helm_release" "autoscaler" {
      name  = "cluster-autoscaler"
      chart = "cluster-autoscaler"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"

      scaling_config {
        desired_size = 2
        min_size     = 2
        max_size     = 10
      }

      lifecycle {
        ignore_changes = [scaling_config[0].desired_size]
      }
    }

    resource "helm_release" "autoscaler" {
      name  = "cluster-autoscaler"
      chart = "cluster-autoscaler"
    }
    ```

    References:
    - [Terraform AWS provider: ignoring changes to the desired size](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group)
    - [Terraform: the lifecycle meta-argument](https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle)
    """
    count = subject.count
    if count.value.is_null or subject.ignores_count:
        return
    scaler = subject.scaler(context)
    if scaler is None:
        return
    edit = _ignoring(subject.instance.block, subject.path)
    yield Problem(
        message=f"Each apply resets {code(count.name)} of {code(subject.label)}, which {scaler} chose.",
        at=count.at,
        attribute=count.argument,
        related=count.value.origins,
        fix=Fix((edit,), "Nothing in the infrastructure changes.") if edit else None,
    )


@check(
    "EKS-REL-203",
    severity=Severity.MEDIUM,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.MODULE,
    on=Cluster,
    resources=("aws_eks_cluster", "aws_eks_node_group", "module:eks"),
    surface=Surface.SUMMARY,
    peers=("hardeneks check_any_cluster_autoscaler_exists (runtime)",),
)
def no_node_autoscaler(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """Nothing adds nodes when pods are pending.

    The sizes of a node group are only limits: without an autoscaler nobody moves between them. Pods of a
    load spike stay pending, and idle nodes are paid for at night.

    Fix: Turn on EKS Auto Mode, or run Karpenter or the Cluster Autoscaler.

    Bad:

    ```hcl
    module "eks" { # fails
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
      name    = "prod"
    }

    module "addons" {
      source = "aws-ia/eks-blueprints-addons/aws"
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
      name    = "prod"
    }

    module "addons" {
      source           = "aws-ia/eks-blueprints-addons/aws"
      enable_karpenter = true
    }
    ```

    References:
    - [EKS best practices: cluster autoscaling](https://docs.aws.amazon.com/eks/latest/best-practices/cluster-autoscaling.html)
    - [EKS user guide: scale cluster compute](https://docs.aws.amazon.com/eks/latest/userguide/autoscaling.html)
    """
    if cluster.fact("auto_mode").value.test(is_true):
        return
    if has_no_nodes(context):
        raise NotApplicableError("the pods run on Fargate")
    if find_component(context, "node-autoscaler") is None:
        for path in context.tree.containing(AUTOSCALER_TAGS, (*CONFIGURATION_SUFFIXES, ".tfvars")):
            raise UndecidedError(f"`{path}` has tags for an autoscaler, so something else installs it")
        yield Problem(
            message=f"Nothing scales the nodes of {code(cluster.label)} when pods are pending: no "
            f"autoscaler among {PLACES}.",
            at=cluster.header,
            attribute="node-autoscaler",
        )


@check(
    "EKS-REL-204",
    severity=Severity.MEDIUM,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.MODULE,
    on=MetricsUser,
    resources=("aws_eks_cluster", "kubernetes_horizontal_pod_autoscaler", "module:eks"),
    surface=Surface.SUMMARY,
    peers=("hardeneks check_metrics_server_is_running (runtime)",),
)
def no_metrics_server(user: MetricsUser, context: Context) -> Iterator[Problem]:
    """metrics-server is not installed.

    EKS does not bring it. Without it autoscalers that look at CPU or memory never act, and `kubectl top`
    shows nothing in the middle of an incident.

    Fix: Add the EKS add-on `metrics-server`.

    Bad:

    ```hcl
    module "eks" { # fails
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
      addons  = { coredns = {} }
    }
    ```

    Good:

    ```hcl
    module "eks" {
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 21.0"
      addons  = { coredns = {}, metrics-server = {} }
    }
    ```

    References:
    - [EKS user guide: view resource usage with the metrics server](https://docs.aws.amazon.com/eks/latest/userguide/metrics-server.html)
    - [EKS best practices: running highly available applications](https://docs.aws.amazon.com/eks/latest/best-practices/application.html)
    """
    if has_auto_mode(context):
        raise NotApplicableError("a cluster in Auto Mode brings metrics-server")
    if user.has_other_metrics(context):
        raise NotApplicableError("the autoscalers go by metrics that an adapter serves")
    if find_component(context, "metrics-server") is None:
        user.require_cluster(context)
        yield Problem(
            message=f"metrics-server is not installed: {user.consequence}. Nothing among {PLACES} "
            "installs it.",
            at=user.header,
            attribute="metrics-server",
        )


@check(
    "EKS-REL-205",
    severity=Severity.LOW,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.MODULE,
    on=Services,
    resources=("kubernetes_deployment", "kubernetes_manifest"),
    surface=Surface.SUMMARY,
    peers=("hardeneks check_horizontal_pod_autoscaling_exists (runtime)",),
)
def workload_without_autoscaling(services: Services, context: Context) -> Iterator[Problem]:
    """Services keep a fixed number of replicas.

    A fixed number is too few at the peak or too many at night. For a small service that may be the right
    choice.

    Fix: Add a `kubernetes_horizontal_pod_autoscaler_v2`, or KEDA for queues, where load varies.

    Bad:

    ```hcl
    resource "kubernetes_deployment_v1" "api" { # fails
      metadata {
        name = "api"
      }
      spec {
        replicas = 3
        template {
          metadata {
            labels = { app = "api" }
          }
        }
      }
    }

    resource "kubernetes_service_v1" "api" {
      metadata {
        name = "api"
      }
      spec {
        selector = { app = "api" }
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
          metadata {
            labels = { app = "api" }
          }
        }
      }
    }

    resource "kubernetes_service_v1" "api" {
      metadata {
        name = "api"
      }
      spec {
        selector = { app = "api" }
      }
    }

    resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {
      metadata {
        name = "api"
      }
      spec {
        min_replicas = 2
        max_replicas = 10
        scale_target_ref {
          kind = "Deployment"
          name = "api"
        }
      }
    }
    ```

    References:
    - [EKS user guide: scale pods with the Horizontal Pod Autoscaler](https://docs.aws.amazon.com/eks/latest/userguide/horizontal-pod-autoscaler.html)
    """
    fixed = services.without_scaler(context)
    if fixed:
        require_readable(context, *SCALERS)
        names = ", ".join(code(each.label) for each in fixed[:MAX_NAMES])
        more = f" and {len(fixed) - MAX_NAMES} more" if len(fixed) > MAX_NAMES else ""
        number = f"{len(fixed)} services have" if len(fixed) > 1 else "1 service has"
        yield Problem(
            message=f"{number} no HPA, VPA or ScaledObject in the manifests of this repository: "
            f"{names}{more}.",
            at=fixed[0].header,
            attribute="autoscaler",
        )


@check(
    "EKS-REL-206",
    severity=Severity.MEDIUM,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.MODULE,
    on=PodScaler,
    resources=("kubernetes_horizontal_pod_autoscaler", "kubernetes_manifest"),
    peers=("KICS hpa_targets_invalid_object", "Polaris hpaMinAvailability"),
)
def hpa_cannot_scale(scaler: PodScaler, context: Context) -> Iterator[Problem]:
    """An autoscaler can never scale.

    It looks as if load were taken care of, but its limits are equal, its target does not exist, or the
    share of a request that nobody made cannot be computed. At the peak nothing happens.

    Fix: Raise `max_replicas`, set requests on the containers, or correct the name of the target.

    Bad:

    ```hcl
    resource "kubernetes_deployment_v1" "api" {
      metadata {
        name = "api"
      }
    }

    resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {
      metadata {
        name = "api"
      }
      spec {
        min_replicas = 3
        max_replicas = 3 # fails
        scale_target_ref {
          kind = "Deployment"
          name = "api"
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
    }

    resource "kubernetes_horizontal_pod_autoscaler_v2" "api" {
      metadata {
        name = "api"
      }
      spec {
        min_replicas = 3
        max_replicas = 12
        scale_target_ref {
          kind = "Deployment"
          name = "api"
        }
      }
    }
    ```

    References:
    - [Kubernetes: Horizontal Pod Autoscaling](https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/)
    """
    least, most = scaler.limits()
    if least is not None and least.data == most.data:
        yield Problem(
            message=f"Autoscaler {code(scaler.label)} can never scale: both limits are {code(most.data)}.",
            at=most.supplier or scaler.header,
            attribute="spec.max_replicas",
            related=most.origins,
        )
    target = scaler.target(context)
    if target is None:
        absent = scaler.absent_target(context)
        if absent is not None:
            yield Problem(
                message=f"Autoscaler {code(scaler.label)} can never scale: no workload is called "
                f"{code(absent.data)}.",
                at=absent.supplier or scaler.header,
                attribute="spec.scale_target_ref.name",
                related=absent.origins,
            )
        return
    for name in scaler.shares_of_requests():
        container = next((each for each in target.containers() if not has_request(each, name)), None)
        if container is not None:
            if has_default_limits(context, target):
                raise NotApplicableError("a LimitRange of the namespace sets requests")
            yield Problem(
                message=f"Autoscaler {code(scaler.label)} can never scale: a container of "
                f"{code(target.label)} requests no "
                f"{name}.",
                at=scaler.header,
                attribute="spec.metric",
                evidence=name,
            )


@check(
    "EKS-REL-207",
    severity=Severity.MEDIUM,
    pillar=Pillar.PERFORMANCE,
    scope=Scope.MODULE,
    on=NodeSubnet,
    resources=("aws_subnet", "module:vpc", "aws_eks_node_group"),
)
def node_subnet_too_small(subnet: NodeSubnet, context: Context) -> Iterator[Problem]:
    """A subnet of nodes has too few addresses.

    The VPC CNI gives every pod an address of the subnet and keeps some warm on each node. A small subnet
    runs out long before the nodes are full: new pods hang, and load balancers cannot be made.

    Fix: Plan /20 to /22 for nodes, or a secondary range for pods. It cannot be changed later without new
    subnets.

    Bad:

    ```hcl
    resource "aws_subnet" "private" {
      vpc_id     = "vpc-1"
      cidr_block = "10.0.1.0/26" # fails
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
      subnet_ids   = [aws_subnet.private.id]
    }
    ```

    Good:

    ```hcl
    resource "aws_subnet" "private" {
      vpc_id     = "vpc-1"
      cidr_block = "10.0.16.0/20"
    }

    resource "aws_eks_node_group" "main" {
      cluster_name = "prod"
      subnet_ids   = [aws_subnet.private.id]
    }
    ```

    References:
    - [EKS best practices: IP optimization strategies](https://docs.aws.amazon.com/eks/latest/best-practices/ip-opt.html)
    - [EKS user guide: VPC and subnet requirements](https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html)
    """
    network = subnet.network()
    if network is None or network.prefixlen <= context.config.max_prefix:
        return
    if has_pod_network(context):
        raise NotApplicableError("pods have addresses of another range")
    yield Problem(
        message=f"Node subnet {code(network)} offers {network.num_addresses - RESERVED} addresses; every "
        "pod takes one, "
        "so scaling out will stall.",
        at=subnet.cidr.supplier or subnet.header,
        attribute=subnet.attribute,
        evidence=str(network),
        related=subnet.cidr.origins,
    )
