"""Issue 2.1, overly permissive security groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.edits import set_argument
from reviewer.checks.problem import Fix, NotApplicableError, Problem
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster import Cluster
from reviewer.views.fact import is_false

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewer.checks.context import Context
    from reviewer.terraform.value import Value

WORLD = frozenset({"0.0.0.0/0", "::/0"})
HALVES = ("0.0.0.0/1", "128.0.0.0/1")


@check(
    "EKS-SEC-107",
    severity=Severity.CRITICAL,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    peers=(
        "CKV_AWS_38",
        "CKV_AWS_39",
        "AWS-0040",
        "AWS-0041",
        "KICS eks_cluster_has_public_access_cidrs",
        "hardeneks check_endpoint_public_access",
    ),
)
def api_endpoint_open_to_world(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The Kubernetes API endpoint answers the whole internet.

    Anyone can reach the API server: a leaked kubeconfig or token, or a flaw in authentication, is then
    enough to take over the cluster, and scanners find the endpoint within hours. IAM is left as the only
    line of defence.

    Fix: Set `endpoint_public_access = false` when there is a private way in (VPN, Direct Connect, runners
    inside the VPC), or list the networks of your offices and pipelines. Decide before applying: a wrong
    network locks the pipeline out.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
        endpoint_private_access = true
        public_access_cidrs     = ["0.0.0.0/0"] # fails
      }
    }

    module "eks" { # fails
      source  = "terraform-aws-modules/eks/aws"
      version = "~> 18.31"
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
        endpoint_private_access = true
        public_access_cidrs     = ["198.51.100.0/24"]
      }
    }
    ```

    References:
    - [EKS best practices: make the cluster endpoint private](https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html)
    - [EKS user guide: cluster API server endpoint](https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html)
    """
    del context
    if cluster.is_local:
        raise NotApplicableError("a local cluster on Outposts has no public endpoint")
    public, networks = cluster.fact("public_access"), cluster.fact("public_cidrs")
    open_to = _world_in(networks.value) if networks.written else None
    if networks.written and open_to is None:
        return
    if public.value.test(is_false):
        return
    shown = open_to.supplier if open_to is not None else None
    yield Problem(
        message="The Kubernetes API endpoint answers the whole internet.",
        at=shown or (networks if networks.written else public).at,
        attribute=networks.argument,
        related=(*networks.value.origins, *public.value.origins),
    )


def _world_in(networks: Value) -> Value | None:
    """Return the element that opens a list of CIDRs to the world, in one piece or in two halves.

    An empty list is open as a whole: the API then fills in 0.0.0.0/0.
    """
    if networks.test(lambda data: data == ()):
        return networks
    whole = networks.find(lambda each: each in WORLD)
    if whole is not None:
        return whole
    first, second = (networks.find(half.__eq__) for half in HALVES)
    return first if first is not None and second is not None else None


@check(
    "EKS-SEC-108",
    severity=Severity.MEDIUM,
    pillar=Pillar.SECURITY,
    scope=Scope.RESOURCE,
    on=Cluster,
    resources=("aws_eks_cluster", "module:eks", "module:cloudposse-eks-cluster"),
    fix=FixKind.INSERT,
)
def api_private_access_disabled(cluster: Cluster, context: Context) -> Iterator[Problem]:
    """The Kubernetes API has no private endpoint.

    Without private access, traffic from the nodes to the API leaves the VPC through NAT. Once public access
    is restricted to known networks, nodes may fail to join because their NAT addresses are not among them.

    Fix: Set `endpoint_private_access = true`. The change is made in place, without downtime.

    Bad:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config { # fails
        subnet_ids = ["subnet-1", "subnet-2", "subnet-3"]
      }
    }
    ```

    Good:

    ```hcl
    resource "aws_eks_cluster" "main" {
      name = "prod"

      vpc_config {
        subnet_ids              = ["subnet-1", "subnet-2", "subnet-3"]
        endpoint_private_access = true
      }
    }
    ```

    References:
    - [EKS user guide: cluster API server endpoint](https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html)
    """
    del context
    access = cluster.fact("private_access")
    if access.value.test(lambda enabled: enabled is True):
        return
    fix = None
    if isinstance(access.body, BlockBody):
        fix = Fix(
            (set_argument(access.body.block, access.name, "true"),), "An in-place update of the cluster."
        )
    yield Problem(
        message="Node-to-API traffic leaves the VPC through NAT: private access to the endpoint is off.",
        at=access.at,
        attribute=access.argument,
        related=access.value.origins,
        fix=fix,
    )
