"""Issue 2.1, overly permissive security groups."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.checks.check import FixKind, Scope, check
from reviewer.checks.context import Context
from reviewer.checks.edits import set_argument
from reviewer.checks.problem import Fix, Problem
from reviewer.finding import Pillar, Severity
from reviewer.terraform.body import BlockBody
from reviewer.views.cluster import Cluster


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

    Without private access, traffic from the nodes to the API leaves the VPC through NAT. Once public access is
    restricted to known networks, nodes may fail to join because their NAT addresses are not among them.

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
        fix = Fix((set_argument(access.body.block, access.name, "true"),), "An in-place update of the cluster.")
    yield Problem(
        message="Node-to-API traffic leaves the VPC through NAT: private access to the endpoint is off.",
        at=access.at,
        attribute=access.argument,
        related=access.value.origins,
        fix=fix,
    )
