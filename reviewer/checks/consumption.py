"""Issue 5.1, over-provisioned resources: what runs, and nothing limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import Scope, Surface, check
from reviewer.checks.problem import Problem
from reviewer.checks.wording import listed
from reviewer.escape import code
from reviewer.finding import Pillar, Severity
from reviewer.terraform.value import NULL
from reviewer.views.cluster.fargate_profile import FargateProfile
from reviewer.views.cluster.node_group import NodeGroup
from reviewer.views.kubernetes.container import containers_of
from reviewer.views.kubernetes.namespace import MEMORY_LIMIT, Namespace, has_default_limits, missing_resources
from reviewer.views.kubernetes.repository_object import NodePool
from reviewer.views.kubernetes.workload import Workload
from reviewer.views.network.nat import has_nat, has_s3_endpoint
from reviewer.views.network.vpc import Vpc
from reviewer.views.root import require_bill
from reviewer.views.view import NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.terraform.value import Value
    from reviewer.views.context import Context
    from reviewer.views.kubernetes.kubernetes_object import Part


BROAD = ("*", "default")


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
    require_bill(context)
    if not has_nat(vpc):
        raise NotApplicableError("there is no NAT gateway")
    if not has_s3_endpoint(context):
        yield Problem(
            message="Image layers and other traffic to S3 go through NAT, billed per gigabyte: no gateway "
            f"endpoint for S3 among the {code('aws_vpc_endpoint')}s and modules of this repository.",
            at=vpc.header,
            attribute="s3-endpoint",
        )
